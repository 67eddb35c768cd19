"""Dialects: how answers look below paths where another standard than the Admin API says so."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from orgward.kernel.errors import OrgwardError


@dataclass(frozen=True, slots=True)
class Dialect:
    """How answers look below `path`: their media type, which bodies may have too, and the status and body of errors.

    `failure` is given the error and the path of the request.
    """

    path: str
    media_type: str
    failure: Callable[[OrgwardError, str], tuple[int, Any]]


DIALECTS: Final[list[Dialect]] = []
"""Each face that has one adds it when it is imported."""


def dialect_of(path: str) -> Dialect | None:
    """Return the dialect that is spoken at `path`, None for that of the Admin API."""
    return next((found for found in DIALECTS if f"{path}/".startswith(f"{found.path}/")), None)

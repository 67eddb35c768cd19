"""Deltas: the row-level changes that a command returns, fully expanded."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Row = Mapping[str, Any]
Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Delta:
    """The row of `table` under `key` after the command; None when the command deletes it."""

    table: str
    key: Key
    row: Row | None

"""The one decorator: an operation with its privilege, its resource and its place on the wire."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any, Final

from orgward.app.execute import Call, Door
from orgward.app.operation import Inner, Operation, Requirement, Target, declare
from orgward.edge.bodies import decode

ATLAS: Final = "/api/atlas/v2"
OWN: Final = "/api/orgward/v1"


_instant: Final = cache(parsedate_to_datetime)


@dataclass(frozen=True, slots=True)
class Version:
    """A resource version of the Admin API; one that was replaced says in headers when it ends, and is gone then.

    Texts order as the versions do: dates among themselves, and the preview after them all.
    """

    date: str
    deprecation: str = ""
    sunset: str = ""

    @property
    def end(self) -> datetime | None:
        """Return when the version ends, None if it stays."""
        return _instant(self.sunset) if self.sunset else None

    def is_gone(self, now: int) -> bool:
        """Say whether the version has ended at `now`."""
        return self.end is not None and self.end.timestamp() * 1000 <= now


V2023_01: Final = Version("2023-01-01")
V2023_02: Final = Version("2023-02-01")
V2023_11: Final = Version("2023-11-15")
V2024_08: Final = Version("2024-08-05")
V2025_02: Final = Version("2025-02-19")
V2025_03: Final = Version("2025-03-12")
PREVIEW: Final = Version("preview")
"""Newer than every date, of which it is none: whoever asks for it gets the newest that there is."""

SUNSET: Final = "Thu, 1 Jul 2027 00:00:00 GMT"
V2023_01_BEFORE_2025: Final = Version("2023-01-01", "Wed, 19 Feb 2025 00:00:00 GMT", SUNSET)
V2023_01_BEFORE_OCTOBER: Final = Version("2023-01-01", "Wed, 4 Oct 2023 00:00:00 GMT", SUNSET)
V2023_02_BEFORE_2025: Final = Version("2023-02-01", "Wed, 19 Feb 2025 00:00:00 GMT", SUNSET)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A query parameter of one endpoint; `default` stands in the list's own link where it is shown there."""

    name: str
    kind: type = str
    many: bool = False
    default: str = ""
    in_link: bool = False


Decode = Callable[[bytes, Any], Any]
"""Makes a body of the given type from its bytes, or raises MalformedError."""

Prepare = Callable[[Door, Call], Any]
"""Works out, in a thread that may be slow, what the command needs: it stands in `Call.prepared` then.

It may put the principal whom the body's secret proved into the call; the command checks everything again.
"""

CallsOut = Callable[[Call], bool]
"""Says of a call, whose body is read, whether preparing it may wait for another server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where and how an operation is reached.

    `body_names_resource` is the one member of the body that names the resource where the path names none; it
    alone is looked at before the caller is authorized. `decode` makes the body from its bytes and `bodies`.
    `prepare` runs between the body and the command of a write, or before what reads; it `calls_out` if it may wait
    for another server meanwhile, in which calls if that differs. `other_statuses` are those of its other good ends.
    The body `is_form`; where `is_oauth` errors are told as RFC 6749 has them.
    A `brief` read looks at the snapshot and a few rows by their keys: it is done before a thread could be found.
    """

    operation: Operation
    method: str
    path: str
    versions: tuple[Version, ...]
    status: int
    bodies: Mapping[str, Any]
    parameters: tuple[Parameter, ...]
    paged: bool
    tag: str
    summary: str
    body_names_resource: str = ""
    decode: Decode = decode
    prepare: Prepare | None = None
    other_statuses: tuple[int, ...] = ()
    brief: bool = False
    is_form: bool = False
    is_oauth: bool = False
    calls_out: bool | CallsOut = False

    @property
    def is_atlas(self) -> bool:
        """Say whether this is an operation of the Admin API, with resource versions."""
        return bool(self.versions)


ENDPOINTS: Final[list[Endpoint]] = []


def endpoint(  # noqa: PLR0913 - one decorator with all facts as keyword arguments, instead of several
    method: str,
    path: str,
    *,
    id: str,
    requires: Requirement,
    on: Target,
    tag: str,
    versions: tuple[Version, ...] = (),
    status: int = 200,
    other_statuses: tuple[int, ...] = (),
    inner: Inner | None = None,
    body: Any = None,
    parameters: tuple[Parameter, ...] = (),
    paged: bool = False,
    body_names_resource: str = "",
    reads: bool = False,
    brief: bool = False,
    open_to_own_key: bool = False,
    needs_recent_proof: bool = False,
    decode: Decode = decode,
    prepare: Prepare | None = None,
    is_form: bool = False,
    is_oauth: bool = False,
    calls_out: bool | CallsOut = False,
) -> Callable[[Callable[[Any], Any]], Callable[[Any], Any]]:
    """Declare the decorated function as the operation `id` and serve it at `method` and `path`.

    `body` is the type of the request body, or a mapping from resource version to type. `reads` says that a
    method other than GET changes nothing.
    """
    writes = method != "GET" and not reads

    def declared(run: Callable[[Any], Any]) -> Callable[[Any], Any]:
        operation = Operation(
            id=id, requires=requires, on=on, inner=inner, writes=writes, run=run, open_to_own_key=open_to_own_key,
            needs_recent_proof=needs_recent_proof,
        )  # fmt: skip
        bodies = body if isinstance(body, dict) else dict.fromkeys([v.date for v in versions] or [""], body)
        served = Endpoint(
            operation=declare(operation), method=method, path=path, versions=versions, status=status,
            bodies={} if body is None else bodies, parameters=parameters, paged=paged, tag=tag,
            summary=_summary_of(run), body_names_resource=body_names_resource, decode=decode, prepare=prepare,
            other_statuses=other_statuses, brief=brief, is_form=is_form, is_oauth=is_oauth, calls_out=calls_out,
        )  # fmt: skip
        ENDPOINTS.append(served)
        return run

    return declared


def _summary_of(run: Callable[[Any], Any]) -> str:
    return (run.__doc__ or "").strip().split("\n")[0]

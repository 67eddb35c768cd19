"""The one decorator: an operation with its privilege, its resource and its place on the wire."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from orgward.app.operation import Inner, Operation, Requirement, Target, declare

ATLAS: Final = "/api/atlas/v2"


@dataclass(frozen=True, slots=True)
class Version:
    """A resource version of the Admin API; deprecated ones announce their end in headers (wire.md 2)."""

    date: str
    deprecation: str = ""
    sunset: str = ""


V2023_01: Final = Version("2023-01-01")
V2023_02: Final = Version("2023-02-01")
V2023_11: Final = Version("2023-11-15")
V2025_02: Final = Version("2025-02-19")

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where and how an operation is reached.

    `body_names_resource` is the one member of the body that names the resource where the path names none; it
    alone is looked at before the caller is authorized.
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

    @property
    def is_atlas(self) -> bool:
        """Say whether this is an operation of the Admin API, with resource versions."""
        return bool(self.versions)


ENDPOINTS: Final[list[Endpoint]] = []


def endpoint(
    method: str,
    path: str,
    *,
    id: str,  # noqa: A002 - operations are known by their id
    requires: Requirement,
    on: Target,
    tag: str,
    versions: tuple[Version, ...] = (),
    status: int = 200,
    inner: Inner | None = None,
    body: Any = None,
    parameters: tuple[Parameter, ...] = (),
    paged: bool = False,
    body_names_resource: str = "",
) -> Callable[[Callable[[Any], Any]], Callable[[Any], Any]]:
    """Declare the decorated function as the operation `id` and serve it at `method` and `path`.

    `body` is the type of the request body, or a mapping from resource version to type.
    """

    def declared(run: Callable[[Any], Any]) -> Callable[[Any], Any]:
        operation = Operation(id=id, requires=requires, on=on, inner=inner, writes=method != "GET", run=run)
        bodies = body if isinstance(body, dict) else dict.fromkeys([v.date for v in versions] or [""], body)
        summary = (run.__doc__ or "").strip().split("\n")[0]
        ENDPOINTS.append(
            Endpoint(
                operation=declare(operation), method=method, path=path, versions=versions, status=status,
                bodies={} if body is None else bodies, parameters=parameters, paged=paged, tag=tag, summary=summary,
                body_names_resource=body_names_resource,
            )  # fmt: skip
        )
        return run

    return declared

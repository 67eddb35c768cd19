"""From a raw path to an endpoint: segments are split before they are decoded, so `%2F` stays inside one."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Generic, NamedTuple, Protocol, TypeVar
from urllib.parse import unquote

from orgward.directory.addresses import block_of
from orgward.kernel.client_ids import account_of
from orgward.kernel.errors import NotFoundError, OrgwardError
from orgward.kernel.ids import is_id, is_legacy_id

_GONE: Final = {("api", "atlas", "v1.0"), ("api", "atlas", "v1.5"), ("api", "public", "v1.0")}
"""What paths of earlier versions of the API begin with; some clients still know no other."""

_FORMS: Final[Mapping[str, Callable[[str], bool]]] = {
    "clientId": lambda value: account_of(value) is not None,
    "identityProviderId": lambda value: is_id(value) or is_legacy_id(value),
}
"""What a value has to be that is named as an id, where it is not one as all others are."""

_SEGMENT: Final = re.compile(r"\{(\w+)\}(:\w+)?|(.+)")


class MethodNotAllowedError(OrgwardError):
    """The path exists, the method does not."""


class VersionGoneError(OrgwardError):
    """The path is one of an earlier version of the API."""


class _Segment(NamedTuple):
    literal: str
    name: str
    verb: str

    @property
    def rank(self) -> int:
        return 0 if self.literal else 1 if self.verb else 2


class Routed(Protocol):
    """What is reached by a method and a path."""

    @property
    def method(self) -> str:
        """Return the method."""
        ...

    @property
    def path(self) -> str:
        """Return the path, with the names of its values in braces."""
        ...


Route = TypeVar("Route", bound=Routed)


@dataclass(frozen=True, slots=True)
class Match(Generic[Route]):
    """An endpoint and the values in its path, decoded and not yet checked."""

    endpoint: Route
    values: Mapping[str, str]


class Router(Generic[Route]):
    """All endpoints, by method and number of segments."""

    def __init__(self, endpoints: Iterable[Route]) -> None:
        """Order the endpoints so that literals win over verbs, and verbs over plain values."""
        self._routes: dict[int, list[tuple[tuple[_Segment, ...], Route]]] = {}
        for endpoint in endpoints:
            segments = tuple(_parse(part) for part in endpoint.path.strip("/").split("/"))
            self._routes.setdefault(len(segments), []).append((segments, endpoint))
        for routes in self._routes.values():
            routes.sort(key=lambda route: [segment.rank for segment in route[0]])

    def match(self, method: str, raw_path: str) -> Match[Route]:
        """Return the endpoint for `raw_path`; a trailing slash does not matter, and versions that are gone say so.

        A path that one pattern fits is not tried on less specific ones: its method is right or wrong there.
        """
        parts = raw_path.strip("/").split("/")
        if tuple(parts[:3]) in _GONE:
            raise VersionGoneError("VERSION_GONE")
        allowed: set[str] = set()
        fitting: list[int] = []
        for segments, endpoint in self._routes.get(len(parts), ()):
            values = _match(segments, parts)
            ranks = [segment.rank for segment in segments]
            if values is None or (fitting and ranks != fitting):
                continue
            if endpoint.method == method:
                return Match(endpoint, values)
            fitting = ranks
            allowed |= {"GET", "HEAD"} if endpoint.method == "GET" else {endpoint.method}
        if allowed:
            raise MethodNotAllowedError("METHOD_NOT_ALLOWED", *sorted(allowed))
        raise NotFoundError("RESOURCE_NOT_FOUND", unquote(raw_path))


def _parse(part: str) -> _Segment:
    found = _SEGMENT.fullmatch(part)
    if found is None:
        message = f"`{part}` is not a segment of a path"
        raise ValueError(message)
    return _Segment(found[3] or "", found[1] or "", found[2] or "")


def _match(segments: tuple[_Segment, ...], parts: list[str]) -> dict[str, str] | None:
    values = {}
    for segment, part in zip(segments, parts, strict=True):
        if segment.literal:
            if part != segment.literal:
                return None
            continue
        value = unquote(part) if "%" in part else part
        if not value.endswith(segment.verb):
            return None
        values[segment.name] = value.removesuffix(segment.verb)
    return values


def names_an_id(name: str) -> bool:
    """Say whether a value in a path is an id, by its name."""
    return name == "id" or name.endswith("Id")


def check_values(values: Mapping[str, str]) -> None:
    """Raise if a value that is named as an id is none, or an address is none."""
    for name, value in values.items():
        if names_an_id(name) and not _FORMS.get(name, is_id)(value):
            raise PathValueError(name)
        if name == "ipAddress" and block_of(value) is None:
            raise PathValueError(name)
        if not value or len(value) > 320 or "\0" in value:
            raise PathValueError(name)


class PathValueError(OrgwardError):
    """A value in the path is not of its form."""

    def __init__(self, name: str) -> None:
        """Name the path parameter."""
        super().__init__("PATH_PARAM_PARSE_ERROR", name)

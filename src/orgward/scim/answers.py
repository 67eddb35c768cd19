"""What every answer of SCIM is made of: resources with their tag and place, and lists (RFC 7644, section 3.4.2)."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from orgward.app.execute import Context
from orgward.edge.endpoint import Parameter
from orgward.edge.replies import WithStatus
from orgward.kernel.errors import MalformedError
from orgward.kernel.instants import rfc3339
from orgward.scim.attributes import Resource, ResourceType
from orgward.scim.errors import ROOT
from orgward.scim.projection import Projection, projection_of
from orgward.scim.schemas import API

MOST_RESULTS: Final = 200
_DEEPEST: Final = 2**31 - 1

SHOWN: Final = (Parameter(name="attributes"), Parameter(name="excludedAttributes"))
LISTED: Final = (*SHOWN, Parameter(name="filter"), Parameter(name="startIndex"), Parameter(name="count"))


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of a list is asked for; it begins with 1."""

    start: int
    count: int

    @property
    def offset(self) -> int:
        """Return how many stand before it."""
        return self.start - 1

    def of(self, resources: Sequence[Resource]) -> Sequence[Resource]:
        """Return that part of `resources`."""
        return resources[self.offset : self.offset + self.count]


def base_of(context: Context) -> str:
    """Return the address below which this organization's resources are served."""
    return f"{context.call.base_url}{ROOT}/{context.resource.id}"


def window_of(context: Context) -> Window:
    """Return the part of a list that the query asks for; what is too small or too large becomes the nearest."""
    values = context.call.query.parsed.values
    start, count = _integer(values, "startIndex", 1), _integer(values, "count", MOST_RESULTS)
    return Window(max(1, start), min(max(0, count), MOST_RESULTS))


def _integer(values: dict[str, str], name: str, default: int) -> int:
    text = values[name]
    digits = text.removeprefix("-")
    if not text:
        return default
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 10:
        raise MalformedError("INVALID_QUERY_PARAMETER", name)
    return max(-1, min(int(text), _DEEPEST))


def projection_asked(context: Context, kind: ResourceType) -> Projection:
    """Return which attributes the query asks for."""
    values = context.call.query.parsed.values
    return projection_of(kind, values["attributes"], values["excludedAttributes"])


def completed(kind: ResourceType, resource: Resource, base: str, created: int, changed: int) -> Resource:
    """Return `resource` with its schemas and what is known of it; its version follows from what it says."""
    schemas = [kind.schema.urn]
    if kind.extension is not None and kind.extension.urn in resource:
        schemas.append(kind.extension.urn)
    told = {"schemas": schemas, **resource}
    digest = hashlib.sha256(msgspec.json.encode(told, order="sorted")).hexdigest()[:32]
    meta = {
        "resourceType": kind.name,
        "created": rfc3339(created),
        "lastModified": rfc3339(changed),
        "location": f"{base}{kind.place}/{resource['id']}",
        "version": f'W/"{digest}"',
    }
    return {**told, "meta": meta}


def answer(kind: ResourceType, resource: Resource, projection: Projection, *, status: int = 200) -> WithStatus:
    """Return the answer that is one resource, with its tag; a new one says where it is."""
    headers = {"ETag": resource["meta"]["version"]}
    if status == 201:
        headers["Location"] = resource["meta"]["location"]
    return WithStatus(status, projection.of(resource, kind), headers)


def list_of(resources: Iterable[Resource], total: int, start: int = 1) -> dict[str, Any]:
    """Return the answer that is a part of a list of `total` resources."""
    shown = list(resources)
    return {
        "schemas": [f"{API}:ListResponse"],
        "totalResults": total,
        "startIndex": start,
        "itemsPerPage": len(shown),
        "Resources": shown,
    }


Render = Callable[[Sequence[str]], list[Resource]]
"""Reads the resources with these ids, as far as there are such."""

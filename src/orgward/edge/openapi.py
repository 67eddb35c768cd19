"""`GET /openapi.json`: what is served, each operation with the privilege it requires and the least roles that hold it.

Everything is read from the declarations of the endpoints; nothing is typed a second time.
"""

import re
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from orgward import __version__
from orgward.app.execute import Context
from orgward.app.operation import Oneself, Public
from orgward.app.targets import Nowhere
from orgward.catalog import EDITIONS, PRIVILEGES, Edition
from orgward.edge.endpoint import ENDPOINTS, Endpoint, endpoint
from orgward.edge.paging import MAX_ITEMS

_PATH_NAME: Final = re.compile(r"\{(\w+)\}")
_ID: Final = {"type": "string", "pattern": "^[a-f0-9]{24}$"}
_ERROR: Final = {"$ref": "#/components/schemas/Error"}
_FLAGS: Final = ("envelope", "pretty")
_PAGING: Final[Sequence[dict[str, Any]]] = (
    {"name": "pageNum", "in": "query", "schema": {"type": "integer", "minimum": 1, "default": 1}},
    {
        "name": "itemsPerPage",
        "in": "query",
        "schema": {"type": "integer", "minimum": 1, "maximum": MAX_ITEMS, "default": 100},
    },
    {"name": "includeCount", "in": "query", "schema": {"type": "boolean", "default": True}},
)

ERROR_SCHEMA: Final = {
    "type": "object",
    "required": ["error", "errorCode", "reason", "detail"],
    "properties": {
        "error": {"type": "integer"},
        "errorCode": {"type": "string"},
        "detail": {"type": "string"},
        "reason": {"type": "string"},
        "parameters": {"type": "array", "items": {"type": "string"}},
        "requiredRoles": {"type": "array", "items": {"type": "string"}},
        "badRequestDetail": {"type": "object"},
    },
}


@endpoint(
    "GET", "/openapi.json", id="getOpenApi", on=Nowhere(), tag="Root",
    requires=Public("what is served is no secret, and tools ask for it before anybody signs in"),
)  # fmt: skip
def read_openapi(context: Context) -> dict[str, Any]:
    """Return the description of this API."""
    del context
    return describe(ENDPOINTS)


def describe(endpoints: Sequence[Endpoint]) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of `endpoints`."""
    kinds = [kind for e in endpoints for kind in e.bodies.values() if kind is not None]
    schemas, components = msgspec.json.schema_components(kinds, ref_template="#/components/schemas/{name}")
    bodies = {id(kind): schema for kind, schema in zip(kinds, schemas, strict=True)}
    paths: dict[str, dict[str, Any]] = {}
    for found in endpoints:
        paths.setdefault(found.path, {})[found.method.lower()] = _operation(found, bodies)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Orgward", "version": __version__},
        "paths": paths,
        "components": {
            "schemas": {**components, "Error": ERROR_SCHEMA},
            "securitySchemes": {
                "DigestAuth": {"type": "http", "scheme": "digest"},
                "Session": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def _operation(found: Endpoint, bodies: dict[int, Any]) -> dict[str, Any]:
    operation = found.operation
    described: dict[str, Any] = {
        "operationId": operation.id,
        "summary": found.summary,
        "tags": [found.tag],
        "parameters": _parameters(found),
        "responses": {
            **{str(status): _success(found, status) for status in (found.status, *found.other_statuses)},
            "default": {"description": "Refused.", "content": {"application/json": {"schema": _ERROR}}},
        },
        "security": [] if isinstance(operation.requires, Public) else [{"DigestAuth": []}, {"Session": []}],
        **_required(found),
    }
    content = {
        _media_type(date): {"schema": bodies[id(kind)]} for date, kind in found.bodies.items() if kind is not None
    }
    if content:
        described["requestBody"] = {"required": True, "content": content}
    return described


def _media_type(date: str) -> str:
    return f"application/vnd.atlas.{date}+json" if date else "application/json"


def _success(found: Endpoint, status: int) -> dict[str, Any]:
    reply: dict[str, Any] = {"description": found.summary}
    if status != 204:
        dates = [version.date for version in found.versions] or [""]
        reply["content"] = {_media_type(date): {"schema": {}} for date in dates}
    return reply


def _required(found: Endpoint) -> dict[str, Any]:
    requires = found.operation.requires
    if isinstance(requires, Public | Oneself):
        return {"x-open-because": requires.reason}
    privileges = found.operation.privileges
    roles = {name: least_roles(edition, privileges) for name, edition in EDITIONS.items()}
    return {"x-required-privileges": list(privileges), "x-least-roles": roles}


def least_roles(edition: Edition, privileges: Sequence[str]) -> list[str]:
    """Return the roles that hold one of `privileges` and of which no other such role is a part.

    Of a project role and an organization role that reach the same there, the project role is the lesser.
    """
    holders = list(dict.fromkeys(role for privilege in privileges for role in edition.roles_granting(privilege)))
    scope = PRIVILEGES[privileges[0]].resource
    reach = {role: _reach(edition, role, scope) for role in holders}
    return [role for role in holders if not any(_is_less(reach[other], reach[role]) for other in holders)]


def _reach(edition: Edition, role: str, scope: str) -> tuple[frozenset[str], bool]:
    """Return what `role` grants on a resource of kind `scope`, and whether it is a role of a wider one."""
    if edition.roles[role].scope == scope:
        return edition.privileges_of(role, added_by_owner=False), False
    return edition.in_projects_of(role), True


def _is_less(other: tuple[frozenset[str], bool], role: tuple[frozenset[str], bool]) -> bool:
    return other[0] < role[0] or (other[0] == role[0] and other[1] < role[1])


def _parameters(found: Endpoint) -> list[dict[str, Any]]:
    parameters = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": _ID if name.endswith("Id") else {"type": "string", "minLength": 1},
        }
        for name in _PATH_NAME.findall(found.path)
    ]
    for parameter in found.parameters:
        schema: dict[str, Any] = {"type": "boolean" if parameter.kind is bool else "string"}
        if parameter.many:
            schema = {"type": "array", "items": schema}
        parameters.append({"name": parameter.name, "in": "query", "schema": schema})
    if found.paged:
        declared = {parameter.name for parameter in found.parameters}
        parameters += [each for each in _PAGING if each["name"] not in declared]
    return parameters + [{"name": name, "in": "query", "schema": {"type": "boolean"}} for name in _FLAGS]

"""`GET /openapi.json`: what is served, each operation with the privilege it requires and the least roles that hold it.

Everything is read from the declarations of the endpoints; nothing is typed a second time.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from orgward import __version__
from orgward.app.execute import Context
from orgward.app.operation import Oneself, Public
from orgward.app.targets import Nowhere
from orgward.catalog import EDITIONS, PRIVILEGES, Edition
from orgward.edge.dialects import dialect_of
from orgward.edge.endpoint import ENDPOINTS, Endpoint, Version, endpoint
from orgward.edge.forms import FORM
from orgward.edge.paging import MAX_ITEMS
from orgward.edge.router import names_an_id
from orgward.kernel.principal import CLIENT_ID_PREFIX

_PATH_NAME: Final = re.compile(r"\{(\w+)\}")
_ID: Final = {"type": "string", "pattern": "^[a-f0-9]{24}$"}
_OTHER_IDS: Final[Mapping[str, dict[str, Any]]] = {
    "clientId": {"type": "string", "pattern": f"^{CLIENT_ID_PREFIX}[a-fA-F0-9]{{24}}$"},
    "identityProviderId": {"type": "string", "pattern": "^([a-f0-9]{20}|[a-f0-9]{24})$"},
}
"""What a value is that is named as an id, where it is not one as all others are."""
_ERROR: Final = {"$ref": "#/components/schemas/Error"}
_OAUTH_ERROR: Final = {
    "type": "object",
    "properties": {"error": {"type": "string"}, "error_description": {"type": "string"}},
    "required": ["error"],
}
_FLAGS: Final = ("envelope", "pretty")
_SECURITY: Final[Sequence[dict[str, list[str]]]] = [{"ServiceAccounts": []}, {"DigestAuth": []}, {"Session": []}]
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
    return describe(ENDPOINTS, context.call.base_url)


def describe(endpoints: Sequence[Endpoint], base_url: str) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of `endpoints`, which are served at `base_url`."""
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
                "ServiceAccounts": {
                    "type": "oauth2",
                    "flows": {"clientCredentials": {"tokenUrl": f"{base_url}/api/oauth/token", "scopes": {}}},
                },
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
            "default": {"description": "Refused.", "content": _refusal(found)},
        },
        "security": [] if isinstance(operation.requires, Public) else _SECURITY,
        **_required(found),
    }
    content = {
        FORM if found.is_form else _media_type(found, date): {"schema": bodies[id(kind)]}
        for date, kind in found.bodies.items()
        if kind is not None
    }
    if content:
        described["requestBody"] = {"required": True, "content": content}
    return described


def _media_type(found: Endpoint, date: str) -> str:
    dialect = dialect_of(found.path)
    if dialect is not None:
        return dialect.media_type
    return f"application/vnd.atlas.{date}+json" if date else "application/json"


def _refusal(found: Endpoint) -> dict[str, Any]:
    dialect = dialect_of(found.path)
    if dialect is not None:
        return {dialect.media_type: {"schema": {}}}
    return {"application/json": {"schema": _OAUTH_ERROR if found.is_oauth else _ERROR}}


def _success(found: Endpoint, status: int) -> dict[str, Any]:
    reply: dict[str, Any] = {"description": found.summary}
    if status != 204:
        versions = found.versions or (Version(""),)
        reply["content"] = {_media_type(found, version.date): _schema_until(version) for version in versions}
    return reply


def _schema_until(version: Version) -> dict[str, Any]:
    """Return the schema of a version, with the day from which on it is gone if there is one."""
    return {"schema": {}, **({"x-sunset": f"{version.end:%Y-%m-%d}"} if version.end else {})}


def _required(found: Endpoint) -> dict[str, Any]:
    requires = found.operation.requires
    if isinstance(requires, Public | Oneself):
        return {"x-open-because": requires.reason}
    privileges = found.operation.privileges
    roles = {name: least_roles(edition, privileges) for name, edition in EDITIONS.items()}
    return {"x-required-privileges": list(privileges), "x-least-roles": roles}


def least_roles(edition: Edition, privileges: Sequence[str]) -> list[str]:
    """Return the roles that hold one of `privileges` and of which no other such role is a part.

    Of a project role and an organization role that reach the same there, the project role is the lesser; of two
    organization roles that are alike there, the one that reaches less in the projects.
    """
    holders = list(dict.fromkeys(role for privilege in privileges for role in edition.roles_granting(privilege)))
    scope = PRIVILEGES[privileges[0]].resource
    reach = {role: _reach(edition, role, scope) for role in holders}
    return [role for role in holders if not any(_is_less(reach[other], reach[role]) for other in holders)]


class _Reach(NamedTuple):
    """What a role grants on a resource, whether it is a role of a wider one, and what it grants in projects below."""

    here: frozenset[str]
    is_wider: bool
    below: frozenset[str]


def _reach(edition: Edition, role: str, scope: str) -> _Reach:
    if edition.roles[role].scope != scope:
        return _Reach(edition.in_projects_of(role), is_wider=True, below=frozenset())
    here, below = edition.privileges_of(role, added_by_owner=False), edition.in_projects_of(role)
    return _Reach(here, is_wider=False, below=below)


def _is_less(other: _Reach, role: _Reach) -> bool:
    if other.here != role.here:
        return other.here < role.here
    return other.is_wider < role.is_wider or (other.is_wider == role.is_wider and other.below < role.below)


def _schema_of(name: str) -> dict[str, Any]:
    if name in _OTHER_IDS:
        return _OTHER_IDS[name]
    return _ID if names_an_id(name) else {"type": "string", "minLength": 1}


def _parameters(found: Endpoint) -> list[dict[str, Any]]:
    parameters = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": _schema_of(name),
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

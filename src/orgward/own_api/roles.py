"""Roles on the wire: what each is, grants, and may hand out; read from the catalogue."""

from typing import Any, Final

from orgward.app.execute import Context
from orgward.app.operation import Public
from orgward.app.targets import Nowhere
from orgward.catalog import EDITIONS, Edition
from orgward.catalog.role import Role
from orgward.edge.endpoint import OWN, Parameter, endpoint
from orgward.edge.paging import Page
from orgward.kernel.errors import MalformedError, NotFoundError

TAG: Final = "Roles"
_PUBLIC: Final = Public("the catalogue is documentation")
_EDITION: Final = (Parameter(name="edition"),)


def role_object(edition: Edition, role: Role) -> dict[str, Any]:
    """Return a role of `edition`; an organization role's reach into projects stands by itself."""
    held = edition.privileges_of(role.name, added_by_owner=False)
    all_held = edition.privileges_of(role.name, added_by_owner=True)
    return {
        "description": role.description,
        "edition": edition.name,
        "grants": sorted(name for name, other in edition.roles.items() if role.hands_out.covers(other)),
        "includes": sorted(role.includes),
        "name": role.name,
        "privileges": sorted(held),
        "privilegesIfAddedByOwner": sorted(all_held - held),
        "privilegesInProjects": sorted(edition.in_projects_of(role.name)),
        "scope": role.scope,
        "title": role.title,
    }


def _editions(context: Context) -> list[Edition]:
    name = context.call.query.parsed.values["edition"]
    if name and name not in EDITIONS:
        raise MalformedError("INVALID_QUERY_PARAMETER", "edition")
    return [edition for edition in EDITIONS.values() if name in {"", edition.name}]


@endpoint(
    "GET",
    f"{OWN}/roles",
    id="listRoles",
    requires=_PUBLIC,
    on=Nowhere(),
    tag=TAG,
    paged=True,
    parameters=_EDITION,
)
def list_roles(context: Context) -> Page:
    """List the roles of one edition, or of both."""
    query = context.call.query.parsed
    roles = [role_object(edition, role) for edition in _editions(context) for role in edition.roles.values()]
    return Page(roles[query.offset : query.offset + query.per_page], len(roles))


@endpoint(
    "GET",
    f"{OWN}/roles/{{roleName}}",
    id="getRole",
    requires=_PUBLIC,
    on=Nowhere(),
    tag=TAG,
    parameters=_EDITION,
)
def read_role(context: Context) -> dict[str, Any]:
    """Return the role that has this API or UI name: of the named edition, else of the first that has it."""
    name = context.call.values["roleName"]
    for edition in _editions(context):
        role = edition.role_named(name)
        if role is not None:
            return role_object(edition, role)
    raise NotFoundError("ROLE_NOT_FOUND", name)

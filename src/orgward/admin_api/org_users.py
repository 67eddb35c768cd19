"""Users of an organization on the wire: list, invite, read, give roles, remove."""

from collections.abc import Callable
from typing import Any

import msgspec

from orgward.admin_api.user_bodies import (
    LIST_PARAMETERS,
    STATUSES,
    OrgRoleBody,
    OrgRolesBody,
    OrgUserBody,
    OrgUserUpdateBody,
    memberships_asked,
    projects_of,
    statuses_asked,
)
from orgward.admin_api.user_shapes import Json, older_user, organization_user, showing
from orgward.app.acting import ground_of, outcome_of
from orgward.app.execute import Context
from orgward.app.targets import InOrganization
from orgward.directory import members
from orgward.directory.ground import Change
from orgward.edge.endpoint import ATLAS, V2023_01, V2023_01_BEFORE_2025, V2025_02, endpoint
from orgward.edge.inner import member
from orgward.edge.paging import Page
from orgward.kernel.errors import NotFoundError
from orgward.store.reads.memberships import of_organization
from orgward.store.view import SqlView
from orgward.store.writer import Outcome

TAG = "MongoDB Cloud Users"
_USERS = f"{ATLAS}/orgs/{{orgId}}/users"
_USER = f"{_USERS}/{{userId}}"
_BOTH = (V2023_01_BEFORE_2025, V2025_02)


def _single(context: Context, view: SqlView, user: str) -> Json:
    org = context.resource.id
    row = of_organization(org).of_user(view, user)
    if row is None:
        raise NotFoundError("USER_NOT_FOUND", user)
    return organization_user(row, showing(context, view, org, [row]))


@endpoint(
    "GET", _USERS, id="listOrgUsers", requires=("org.users.read",), on=InOrganization(), versions=_BOTH, tag=TAG,
    paged=True, parameters=LIST_PARAMETERS,
)  # fmt: skip
def list_users(context: Context) -> Page:
    """List the members of an organization, invited ones included in the newer version."""
    rows, total = memberships_asked(context, of_organization(context.resource.id))
    shown = showing(context, context.view, context.resource.id, rows)
    shape: Callable[..., Json] = older_user if context.call.version == V2023_01.date else organization_user
    return Page([shape(row, shown) for row in rows], total)


@endpoint(
    "GET", _USER, id="getOrgUser", requires=("org.users.read",), on=InOrganization(), inner=member,
    versions=(V2025_02,), tag=TAG, parameters=(STATUSES,), brief=True,
)  # fmt: skip
def read_user(context: Context) -> Json:
    """Return one member of an organization."""
    found = _single(context, context.view, context.call.values["userId"])
    asked = context.call.query.parsed.values["orgMembershipStatuses"]
    if asked and found["orgMembershipStatus"] not in statuses_asked(context):
        raise NotFoundError("USER_NOT_FOUND", found["id"])
    return found


@endpoint(
    "POST", _USERS, id="createOrgUser", requires=("org.invitations.create", "org.users.add"), on=InOrganization(),
    versions=(V2025_02,), tag=TAG, status=201, body=OrgUserBody,
)  # fmt: skip
def create_user(context: Context) -> Outcome:
    """Invite somebody to an organization; one of its federation's own is a member at once (rule 58)."""
    body: OrgUserBody = context.call.body
    projects = projects_of(body.roles.group_role_assignments) or {}
    change = members.add(ground_of(context), body.username, body.roles.org_roles, projects, body.team_ids)
    return _replying(context, change)


def _replying(context: Context, change: Change) -> Outcome:
    return outcome_of(change, lambda view: _single(context, view, str(change.target)))


@endpoint(
    "PATCH", _USER, id="updateOrgUser", requires=("org.users.update_roles",), on=InOrganization(), inner=member,
    versions=(V2025_02,), tag=TAG, body=OrgUserUpdateBody,
)  # fmt: skip
def update_user(context: Context) -> Outcome:
    """Replace the roles of a member, and projects and teams where they are named."""
    body: OrgUserUpdateBody = context.call.body
    ground, user = ground_of(context), context.call.values["userId"]
    teams = None if isinstance(body.team_ids, msgspec.UnsetType) else body.team_ids
    if isinstance(body.roles, msgspec.UnsetType):
        change = members.change_roles(ground, user, None, teams=teams)
    else:
        projects = projects_of(body.roles.group_role_assignments)
        change = members.change_roles(ground, user, body.roles.org_roles, projects, teams)
    return _replying(context, change)


@endpoint(
    "DELETE", _USER, id="removeOrgUser", requires=("org.users.remove",), on=InOrganization(), inner=member,
    versions=_BOTH, tag=TAG, status=204,
)  # fmt: skip
def remove_user(context: Context) -> Outcome:
    """Remove a member from an organization and everything in it, or withdraw an invitation."""
    return outcome_of(members.remove(ground_of(context), context.call.values["userId"]))


@endpoint(
    "POST", f"{_USER}:addRole", id="addOrgUserRole", requires=("org.users.update_roles",), on=InOrganization(),
    inner=member, versions=(V2025_02,), tag=TAG, body=OrgRoleBody,
)  # fmt: skip
def add_role(context: Context) -> Outcome:
    """Give a member one organization role."""
    body: OrgRoleBody = context.call.body
    return _replying(context, members.add_role(ground_of(context), context.call.values["userId"], body.org_role))


@endpoint(
    "POST", f"{_USER}:removeRole", id="removeOrgUserRole", requires=("org.users.update_roles",), on=InOrganization(),
    inner=member, versions=(V2025_02,), tag=TAG, body=OrgRoleBody,
)  # fmt: skip
def remove_role(context: Context) -> Outcome:
    """Take one organization role from a member."""
    body: OrgRoleBody = context.call.body
    return _replying(context, members.remove_role(ground_of(context), context.call.values["userId"], body.org_role))


@endpoint(
    "PUT", f"{_USER}/roles", id="updateOrgUserRoles", requires=("org.users.update_roles",), on=InOrganization(),
    inner=member, versions=(V2023_01_BEFORE_2025,), tag="Organizations", body=OrgRolesBody,
)  # fmt: skip
def replace_roles(context: Context) -> Outcome:
    """Replace the organization roles of a member, in the older generation."""
    body: OrgRolesBody = context.call.body
    change = members.change_roles(ground_of(context), context.call.values["userId"], body.org_roles)
    return outcome_of(change, lambda view: _older_roles(context, view, str(change.target)))


def _older_roles(context: Context, view: SqlView, user: str) -> dict[str, Any]:
    return {"links": [], "orgRoles": _single(context, view, user)["roles"]["orgRoles"]}

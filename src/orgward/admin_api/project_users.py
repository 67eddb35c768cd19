"""People of a project on the wire: list, add, read, give roles, remove."""

from typing import Any

from orgward.admin_api.invitation_shapes import organization_invitation
from orgward.admin_api.user_bodies import (
    LIST_PARAMETERS,
    STATUSES,
    GroupInvitationBody,
    GroupRoleBody,
    GroupRolesBody,
    GroupUserBody,
    memberships_asked,
    statuses_asked,
    statuses_listed,
)
from orgward.admin_api.user_shapes import Json, older_user, project_user, showing
from orgward.app.acting import ground_of, outcome_of
from orgward.app.execute import Context
from orgward.app.targets import InProject
from orgward.directory import project_members
from orgward.directory.ground import Change
from orgward.edge.endpoint import (
    ATLAS,
    V2023_01,
    V2023_01_BEFORE_2025,
    V2023_02_BEFORE_2025,
    V2025_02,
    Parameter,
    endpoint,
)
from orgward.edge.inner import project_member
from orgward.edge.paging import Page
from orgward.edge.replies import WithStatus
from orgward.kernel.errors import NotFoundError
from orgward.store.reads.memberships import of_project
from orgward.store.reads.project_people import ProjectPeople
from orgward.store.view import Row, SqlView
from orgward.store.writer import Outcome

TAG = "MongoDB Cloud Users"
_USERS = f"{ATLAS}/groups/{{groupId}}/users"
_USER = f"{_USERS}/{{userId}}"
_BOTH = (V2023_01_BEFORE_2025, V2025_02)
_FLAGS = (
    Parameter(name="flattenTeams", kind=bool, in_link=True),
    Parameter(name="includeOrgUsers", kind=bool, in_link=True),
)


def _single(context: Context, view: SqlView, user: str) -> Json:
    row = of_project(context.resource.id).of_user(view, user)
    if row is None:
        raise NotFoundError("USER_NOT_FOUND", user)
    return project_user(row, showing(context, view, context.resource.org or "", [row]))


def _rows(context: Context) -> tuple[list[Row], int | None]:
    query, org = context.call.query.parsed, context.resource.org or ""
    asked = query.values
    if not (asked["flattenTeams"] or asked["includeOrgUsers"]):
        return memberships_asked(context, of_project(context.resource.id))
    people = ProjectPeople(
        project=context.resource.id, org=org, teams=asked["flattenTeams"],
        readers=_readers(context, org) if asked["includeOrgUsers"] else (), statuses=statuses_listed(context),
        now=context.now, counted=query.include_count,
    )  # fmt: skip
    return memberships_asked(context, people)


def _readers(context: Context, org: str) -> set[str]:
    """Return whoever holds an organization role that reaches into every project (rule 15)."""
    holdings = context.facts.holdings(org, context.now)
    return {holder for found in holdings if found.access.reach for holder in found.split[0]}


@endpoint(
    "GET", _USERS, id="listGroupUsers", requires=("project.users.read",), on=InProject(), versions=_BOTH, tag=TAG,
    paged=True, parameters=(*LIST_PARAMETERS, *_FLAGS),
)  # fmt: skip
def list_users(context: Context) -> Page:
    """List the people who were added to a project, invited ones included in the newer version.

    `flattenTeams` adds those in teams on it, `includeOrgUsers` those whose organization role reaches it (rule 15).
    """
    rows, total = _rows(context)
    shown = showing(context, context.view, context.resource.org or "", rows)
    if context.call.version == V2023_01.date:
        return Page([_older(row, shown, context.resource.id) for row in rows], total)
    return Page([project_user(row, shown) for row in rows], total)


def _older(row: Row, shown: Any, project: str) -> Json:
    found = older_user(row, shown)
    return {**found, "roles": [role for role in found["roles"] if role.get("groupId", project) == project]}


@endpoint(
    "GET", _USER, id="getGroupUser", requires=("project.users.read",), on=InProject(), inner=project_member,
    versions=(V2025_02,), tag=TAG, parameters=(STATUSES,), brief=True,
)  # fmt: skip
def read_user(context: Context) -> Json:
    """Return somebody in a project."""
    found = _single(context, context.view, context.call.values["userId"])
    asked = context.call.query.parsed.values["orgMembershipStatuses"]
    if asked and found["orgMembershipStatus"] not in statuses_asked(context):
        raise NotFoundError("USER_NOT_FOUND", found["id"])
    return found


@endpoint(
    "POST", _USERS, id="addGroupUsers", requires=("project.users.add_existing", "project.users.invite"),
    on=InProject(), versions=(V2025_02,), tag=TAG, status=201, body=GroupUserBody,
)  # fmt: skip
def add_user(context: Context) -> Outcome:
    """Bring somebody into a project: members of the organization at once, others by invitation."""
    body: GroupUserBody = context.call.body
    return _replying(context, project_members.add(ground_of(context), body.username, body.roles))


def _replying(context: Context, change: Change) -> Outcome:
    return outcome_of(change, lambda view: _single(context, view, str(change.target)))


@endpoint(
    "POST", f"{ATLAS}/groups/{{groupId}}/access", id="addGroupAccessUser", requires=("project.invitations.create",),
    on=InProject(), versions=(V2023_02_BEFORE_2025,), tag="Projects", body=GroupInvitationBody, other_statuses=(204,),
)  # fmt: skip
def add_access(context: Context) -> Outcome:
    """Bring somebody into a project, in the older generation: 204 if at once, else the invitation."""
    body: GroupInvitationBody = context.call.body
    change = project_members.add(ground_of(context), body.username, body.roles)
    invitation = change.body["invitation"]
    return outcome_of(change, lambda view: _invited(context, view, invitation))


def _invited(context: Context, view: SqlView, invitation: str | None) -> Any:
    if invitation is None:
        return WithStatus(204, None)
    return organization_invitation(context, view, view.get("invitations", invitation) or {})


@endpoint(
    "DELETE", _USER, id="removeGroupUser", requires=("project.users.remove",), on=InProject(), inner=project_member,
    versions=_BOTH, tag=TAG, status=204,
)  # fmt: skip
def remove_user(context: Context) -> Outcome:
    """Remove somebody from a project; a pending person's invitation loses it."""
    return outcome_of(project_members.remove(ground_of(context), context.call.values["userId"]))


@endpoint(
    "POST", f"{_USER}:addRole", id="addGroupUserRole", requires=("project.users.update_roles",), on=InProject(),
    inner=project_member, versions=(V2025_02,), tag=TAG, body=GroupRoleBody,
)  # fmt: skip
def add_role(context: Context) -> Outcome:
    """Give somebody one role in a project."""
    body: GroupRoleBody = context.call.body
    return _replying(
        context, project_members.add_role(ground_of(context), context.call.values["userId"], body.group_role)
    )


@endpoint(
    "POST", f"{_USER}:removeRole", id="removeGroupUserRole", requires=("project.users.update_roles",), on=InProject(),
    inner=project_member, versions=(V2025_02,), tag=TAG, body=GroupRoleBody,
)  # fmt: skip
def remove_role(context: Context) -> Outcome:
    """Take one role in a project from somebody."""
    body: GroupRoleBody = context.call.body
    change = project_members.remove_role(ground_of(context), context.call.values["userId"], body.group_role)
    return _replying(context, change)


@endpoint(
    "PUT", f"{_USER}/roles", id="updateGroupUserRoles", requires=("project.users.update_roles",), on=InProject(),
    inner=project_member, versions=(V2023_01_BEFORE_2025,), tag="Projects", body=GroupRolesBody,
)  # fmt: skip
def replace_roles(context: Context) -> Outcome:
    """Replace the roles of somebody in a project, in the older generation."""
    body: GroupRolesBody = context.call.body
    change = project_members.change_roles(ground_of(context), context.call.values["userId"], body.group_roles)
    return outcome_of(
        change, lambda view: {"groupRoles": _single(context, view, str(change.target))["roles"], "links": []}
    )

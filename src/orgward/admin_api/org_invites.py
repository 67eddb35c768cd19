"""Invitations to an organization on the wire, in the older generation."""

from typing import Any

import msgspec

from orgward.admin_api.invitation_shapes import Json, organization_invitation
from orgward.admin_api.user_bodies import USERNAME, OrgInvitationBody, OrgInvitationChangeBody, projects_of
from orgward.app.acting import ground_of, outcome_of
from orgward.app.execute import Context
from orgward.app.targets import InOrganization
from orgward.directory import invitations, members
from orgward.directory.ground import Change
from orgward.directory.people import user_of
from orgward.edge import inner
from orgward.edge.endpoint import ATLAS, V2023_01_BEFORE_2025, endpoint
from orgward.kernel.errors import FieldFault, MalformedError, NotFoundError
from orgward.kernel.instants import rfc3339
from orgward.store.reads.people import display_name, open_invitations
from orgward.store.view import Row, SqlView
from orgward.store.writer import Outcome

TAG = "Organizations"
_INVITES = f"{ATLAS}/orgs/{{orgId}}/invites"
_INVITE = f"{_INVITES}/{{invitationId}}"
_VERSIONS = (V2023_01_BEFORE_2025,)


def _single(context: Context, view: SqlView, invitation: str) -> Json:
    return organization_invitation(context, view, view.get("invitations", invitation) or {})


@endpoint(
    "GET", _INVITES, id="listOrgInvites", requires=("org.invitations.read",), on=InOrganization(), versions=_VERSIONS,
    tag=TAG, parameters=(USERNAME,),
)  # fmt: skip
def list_invitations(context: Context) -> list[Json]:
    """List the open invitations to an organization, all at once: no more than it may have people (rule 142)."""
    username = context.call.query.parsed.values["username"]
    user = user_of(context.view, username) if username else None
    if username and user is None:
        return []
    rows = open_invitations(context.view, context.resource.id, context.now, user=user)
    return [organization_invitation(context, context.view, row) for row in rows]


@endpoint(
    "POST", _INVITES, id="createOrgInvite", requires=("org.invitations.create",), on=InOrganization(),
    versions=_VERSIONS, tag=TAG, body=OrgInvitationBody,
)  # fmt: skip
def create_invitation(context: Context) -> Outcome:
    """Invite somebody to an organization; one of its federation's own is a member at once (rule 58)."""
    body: OrgInvitationBody = context.call.body
    projects = projects_of(body.group_role_assignments) or {}
    change = members.add(ground_of(context), body.username, body.roles, projects, body.team_ids)
    return outcome_of(change, lambda view: _invited(context, view, change))


def _invited(context: Context, view: SqlView, change: Change) -> Json:
    """Return the invitation; of whoever needed none, and is a member already, what one would have said."""
    body, by = change.body, context.principal
    if body["invitation"] is not None:
        return _single(context, view, body["invitation"])
    return {
        "createdAt": rfc3339(context.now),
        "groupRoleAssignments": [
            {"groupId": project, "groupRole": role} for project, names in body["projects"].items() for role in names
        ],
        "inviterUsername": display_name(view, by.kind, by.id),
        "orgId": context.resource.id,
        "orgName": (view.get("organizations", context.resource.id) or {}).get("name", ""),
        "roles": body["roles"],
        "teamIds": body["teams"],
        "username": display_name(view, "user", str(change.target)),
    }


@endpoint(
    "PATCH", _INVITES, id="updateOrgInvites", requires=("org.invitations.update",), on=InOrganization(),
    versions=_VERSIONS, tag=TAG, body=OrgInvitationChangeBody,
)  # fmt: skip
def update_by_username(context: Context) -> Outcome:
    """Change the open invitation of the username that the body names."""
    body: OrgInvitationChangeBody = context.call.body
    if body.username is None:
        raise MalformedError("MISSING_ATTRIBUTE", "username", fields=[FieldFault("username", "is required")])
    user = user_of(context.view, body.username)
    row = None if user is None else invitations.open_invitation(ground_of(context), user)
    if row is None:
        raise NotFoundError("USERNAME_NOT_FOUND", body.username)
    return _amended(context, row, body)


def _amended(context: Context, row: Row, body: OrgInvitationChangeBody) -> Outcome:
    roles = None if isinstance(body.roles, msgspec.UnsetType) else body.roles
    projects = projects_of(body.group_role_assignments)
    teams = None if isinstance(body.team_ids, msgspec.UnsetType) else body.team_ids
    change: Change = members.amend_invitation(ground_of(context), row, roles, projects, teams)
    return outcome_of(change, lambda view: _single(context, view, row["id"]))


@endpoint(
    "GET", _INVITE, id="getOrgInvite", requires=("org.invitations.read",), on=InOrganization(),
    inner=inner.organization_invitation, versions=_VERSIONS, tag=TAG,
)  # fmt: skip
def read_invitation(context: Context) -> Json:
    """Return one invitation to an organization."""
    return _single(context, context.view, context.call.values["invitationId"])


@endpoint(
    "PATCH", _INVITE, id="updateOrgInviteById", requires=("org.invitations.update",), on=InOrganization(),
    inner=inner.organization_invitation, versions=_VERSIONS, tag=TAG, body=OrgInvitationChangeBody,
)  # fmt: skip
def update_by_id(context: Context) -> Outcome:
    """Change an open invitation to an organization."""
    return _amended(context, _row(context), context.call.body)


def _row(context: Context) -> Any:
    return context.view.get("invitations", context.call.values["invitationId"])


@endpoint(
    "DELETE", _INVITE, id="deleteOrgInvite", requires=("org.invitations.cancel",), on=InOrganization(),
    inner=inner.organization_invitation, versions=_VERSIONS, tag=TAG, status=204,
)  # fmt: skip
def delete_invitation(context: Context) -> Outcome:
    """Withdraw an invitation to an organization."""
    return outcome_of(invitations.cancel(ground_of(context), _row(context), "CANNOT_DELETE_ORG_INVITATION"))

"""Invitations to a project on the wire, in the older generation.

In `atlas` they are views of the one invitation to the organization, with the same id (contract.md).
"""

from typing import Any

from orgward.admin_api.invitation_shapes import Json, project_invitation
from orgward.admin_api.user_bodies import USERNAME, GroupInvitationBody, GroupInvitationChangeBody
from orgward.app.acting import ground_of, outcome_of
from orgward.app.execute import Context
from orgward.app.targets import InProject
from orgward.directory import project_members
from orgward.directory.ground import Change
from orgward.directory.invitations import DECLINED, PENDING
from orgward.directory.people import user_of
from orgward.edge import inner
from orgward.edge.endpoint import ATLAS, V2023_01_BEFORE_OCTOBER, endpoint
from orgward.kernel.errors import FieldFault, MalformedError, NotFoundError, RefusedError
from orgward.kernel.instants import rfc3339
from orgward.store.reads.people import display_name, invitations_to_project
from orgward.store.view import SqlView
from orgward.store.writer import Outcome

TAG = "Projects"
_INVITES = f"{ATLAS}/groups/{{groupId}}/invites"
_INVITE = f"{_INVITES}/{{invitationId}}"
_VERSIONS = (V2023_01_BEFORE_OCTOBER,)


def _single(context: Context, view: SqlView, invitation: str) -> Json:
    return project_invitation(view, view.get("invitations", invitation) or {}, context.resource.id)


@endpoint(
    "GET", _INVITES, id="listGroupInvites", requires=("project.invitations.read",), on=InProject(),
    versions=_VERSIONS, tag=TAG, parameters=(USERNAME,),
)  # fmt: skip
def list_invitations(context: Context) -> list[Json]:
    """List the open invitations to a project, all at once: no more than it may have people (rule 142)."""
    username = context.call.query.parsed.values["username"]
    user = user_of(context.view, username) if username else None
    if username and user is None:
        return []
    ids = invitations_to_project(context.view, context.resource.id, context.now, user=user)
    return [_single(context, context.view, invitation) for invitation in ids]


@endpoint(
    "POST", _INVITES, id="createGroupInvite", requires=("project.invitations.create",), on=InProject(),
    versions=_VERSIONS, tag=TAG, body=GroupInvitationBody,
)  # fmt: skip
def create_invitation(context: Context) -> Outcome:
    """Invite somebody to a project; a member of the organization is in it at once."""
    body: GroupInvitationBody = context.call.body
    change = project_members.add(ground_of(context), body.username, body.roles)
    return outcome_of(change, lambda view: _invited(context, view, change))


def _invited(context: Context, view: SqlView, change: Change) -> Json:
    if change.body["invitation"] is not None:
        return _single(context, view, change.body["invitation"])
    principal = context.principal
    return {
        "createdAt": rfc3339(context.now),
        "groupId": context.resource.id,
        "groupName": (view.get("projects", context.resource.id) or {}).get("name", ""),
        "inviterUsername": display_name(view, principal.kind, principal.id),
        "roles": change.body["roles"],
        "username": display_name(view, "user", str(change.target)),
    }


@endpoint(
    "PATCH", _INVITES, id="updateGroupInvites", requires=("project.invitations.update",), on=InProject(),
    versions=_VERSIONS, tag=TAG, body=GroupInvitationChangeBody,
)  # fmt: skip
def update_by_username(context: Context) -> Outcome:
    """Change the open invitation of the username that the body names, in this project."""
    body: GroupInvitationChangeBody = context.call.body
    if body.username is None:
        raise MalformedError("MISSING_ATTRIBUTE", "username", fields=[FieldFault("username", "is required")])
    user = user_of(context.view, body.username)
    row = None if user is None else context.view.get("project_members", context.resource.id, user)
    if user is None or row is None or row["state"] != "pending":
        raise NotFoundError("USERNAME_NOT_FOUND", body.username)
    return _changed(context, user, body)


def _changed(context: Context, user: str, body: GroupInvitationChangeBody) -> Outcome:
    row = context.view.get("project_members", context.resource.id, user)
    if row is None or row["state"] != "pending":
        raise RefusedError("INVITATION_NOT_PENDING")
    change = project_members.change_roles(ground_of(context), user, body.roles)
    return outcome_of(change, lambda view: _single(context, view, row["invitation_id"]))


@endpoint(
    "GET", _INVITE, id="getGroupInvite", requires=("project.invitations.read",), on=InProject(),
    inner=inner.project_invitation, versions=_VERSIONS, tag=TAG,
)  # fmt: skip
def read_invitation(context: Context) -> Json:
    """Return one invitation to a project."""
    return _single(context, context.view, context.call.values["invitationId"])


@endpoint(
    "PATCH", _INVITE, id="updateGroupInviteById", requires=("project.invitations.update",), on=InProject(),
    inner=inner.project_invitation, versions=_VERSIONS, tag=TAG, body=GroupInvitationChangeBody,
)  # fmt: skip
def update_by_id(context: Context) -> Outcome:
    """Change what an open invitation gives in this project."""
    return _changed(context, _row(context)["user_id"], context.call.body)


def _row(context: Context) -> Any:
    return context.view.get("invitations", context.call.values["invitationId"])


@endpoint(
    "DELETE", _INVITE, id="deleteGroupInvite", requires=("project.invitations.cancel",), on=InProject(),
    inner=inner.project_invitation, versions=_VERSIONS, tag=TAG, status=204,
)  # fmt: skip
def delete_invitation(context: Context) -> Outcome:
    """Take this project out of an invitation, open or declined; one to this project alone is withdrawn."""
    row = _row(context)
    if row["state"] not in {PENDING, DECLINED}:
        raise RefusedError("CANNOT_DELETE_GROUP_INVITATION")
    deltas = project_members.withdraw(ground_of(context), row)
    return outcome_of(Change(deltas, {"invitation": row["id"]}, target=row["id"]))

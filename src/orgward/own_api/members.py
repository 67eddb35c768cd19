"""Members beyond Atlas' API: suspension, bounds of roles, and invitations sent again (contract.md)."""

from typing import Any

import msgspec

from orgward.app.acting import ground_of, outcome_of
from orgward.app.execute import Context
from orgward.app.targets import InOrganization, InProject
from orgward.directory import invitations, members
from orgward.directory.ground import Change
from orgward.edge import inner
from orgward.edge.endpoint import OWN, endpoint
from orgward.kernel.client_ids import client_id_of
from orgward.kernel.errors import NotFoundError
from orgward.kernel.instants import rfc3339
from orgward.own_api.instants import instant, shown_end, shown_start
from orgward.store.view import SqlView
from orgward.store.writer import Outcome

TAG = "Members"
_ORGS = f"{OWN}/orgs/{{orgId}}"
_GROUPS = f"{OWN}/groups/{{groupId}}"


class BoundsBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """When a role begins and ends; what is left out has no bound."""

    starts_at: str | None = None
    ends_at: str | None = None


def _set_bounds(context: Context, holder: str, scope: str) -> Outcome:
    body: BoundsBody = context.call.body
    role = context.call.values["role"]
    starts, ends = instant("startsAt", body.starts_at), instant("endsAt", body.ends_at)
    change = members.set_bounds(ground_of(context), holder, role, starts, ends)
    return outcome_of(change, lambda view: _bounds(view, holder, scope, role))


def _bounds(view: SqlView, holder: str, scope: str, role: str) -> dict[str, Any]:
    row = view.get("assignments", holder, scope, role) or {}
    return {"role": role, "startsAt": shown_start(row["starts"]), "endsAt": shown_end(row["ends"])}


@endpoint(
    "PUT", f"{_ORGS}/users/{{userId}}/roles/{{role}}", id="setOrgUserRoleBounds", requires=("org.users.update_roles",),
    on=InOrganization(), inner=inner.member, tag=TAG, body=BoundsBody,
)  # fmt: skip
def bound_organization_role(context: Context) -> Outcome:
    """Set when an organization role of a member begins and ends."""
    return _set_bounds(context, context.call.values["userId"], context.resource.scope_id)


@endpoint(
    "PUT", f"{_GROUPS}/users/{{userId}}/roles/{{role}}", id="setGroupUserRoleBounds",
    requires=("project.users.update_roles",), on=InProject(), inner=inner.project_member, tag=TAG, body=BoundsBody,
)  # fmt: skip
def bound_project_role(context: Context) -> Outcome:
    """Set when somebody's role in a project begins and ends."""
    return _set_bounds(context, context.call.values["userId"], context.resource.scope_id)


@endpoint(
    "PUT", f"{_ORGS}/apiKeys/{{apiUserId}}/roles/{{role}}", id="setOrgApiKeyRoleBounds",
    requires=("org.api_keys.update",), on=InOrganization(), inner=inner.key_of_organization, tag=TAG, body=BoundsBody,
)  # fmt: skip
def bound_organization_key_role(context: Context) -> Outcome:
    """Set when an organization role of an API key begins and ends."""
    return _set_bounds(context, context.call.values["apiUserId"], context.resource.scope_id)


@endpoint(
    "PUT", f"{_GROUPS}/apiKeys/{{apiUserId}}/roles/{{role}}", id="setGroupApiKeyRoleBounds",
    requires=("project.api_keys.update_roles",), on=InProject(), inner=inner.key_on_project, tag=TAG, body=BoundsBody,
)  # fmt: skip
def bound_project_key_role(context: Context) -> Outcome:
    """Set when an API key's role in a project begins and ends."""
    return _set_bounds(context, context.call.values["apiUserId"], context.resource.scope_id)


@endpoint(
    "PUT", f"{_ORGS}/serviceAccounts/{{clientId}}/roles/{{role}}", id="setOrgServiceAccountRoleBounds",
    requires=("org.service_accounts.update",), on=InOrganization(), inner=inner.account_of_organization, tag=TAG,
    body=BoundsBody,
)  # fmt: skip
def bound_organization_account_role(context: Context) -> Outcome:
    """Set when an organization role of a service account begins and ends."""
    return _set_bounds(context, inner.account_in(context.call.values), context.resource.scope_id)


@endpoint(
    "PUT", f"{_GROUPS}/serviceAccounts/{{clientId}}/roles/{{role}}", id="setGroupServiceAccountRoleBounds",
    requires=("project.service_accounts.update",), on=InProject(), inner=inner.account_on_project, tag=TAG,
    body=BoundsBody,
)  # fmt: skip
def bound_project_account_role(context: Context) -> Outcome:
    """Set when a service account's role in a project begins and ends."""
    return _set_bounds(context, inner.account_in(context.call.values), context.resource.scope_id)


@endpoint(
    "PUT", f"{_GROUPS}/teams/{{teamId}}/roles/{{role}}", id="setGroupTeamRoleBounds",
    requires=("project.teams.update_roles",), on=InProject(), inner=inner.team_on_project, tag=TAG, body=BoundsBody,
)  # fmt: skip
def bound_team_role(context: Context) -> Outcome:
    """Set when a team's role in a project begins and ends."""
    return _set_bounds(context, context.call.values["teamId"], context.resource.scope_id)


@endpoint(
    "POST", f"{_ORGS}/users/{{userId}}:suspend", id="suspendOrgUser", requires=("org.users.remove",),
    on=InOrganization(), inner=inner.member, tag=TAG,
)  # fmt: skip
def suspend(context: Context) -> Outcome:
    """Suspend a member in this organization; the answer lists the keys and accounts that they made, which go on."""
    return _suspended(context, suspended=True)


@endpoint(
    "POST", f"{_ORGS}/users/{{userId}}:reactivate", id="reactivateOrgUser", requires=("org.users.remove",),
    on=InOrganization(), inner=inner.member, tag=TAG,
)  # fmt: skip
def reactivate(context: Context) -> Outcome:
    """End the suspension of a member."""
    return _suspended(context, suspended=False)


def _suspended(context: Context, *, suspended: bool) -> Outcome:
    user = context.call.values["userId"]
    change = members.set_suspended(ground_of(context), user, suspended=suspended)
    return outcome_of(change, lambda view: _suspension(view, context.resource.id, user, suspended=suspended))


def _suspension(view: SqlView, org: str, user: str, *, suspended: bool) -> dict[str, Any]:
    keys = [row for row in view.find("api_keys", maker_id=user) if row["org_id"] == org]
    accounts = [row for row in view.find("service_accounts", maker_id=user) if row["org_id"] == org]
    return {
        "userId": user,
        "suspended": suspended,
        "apiKeys": [{"id": row["id"], "publicKey": row["public_key"], "desc": row["description"]} for row in keys],
        "serviceAccounts": [{"clientId": client_id_of(row["id"]), "name": row["name"]} for row in accounts],
    }


@endpoint(
    "POST", f"{_ORGS}/invitations/{{invitationId}}:resend", id="resendOrgInvitation",
    requires=("org.invitations.update",), on=InOrganization(), inner=inner.organization_invitation, tag=TAG,
)  # fmt: skip
def resend_organization_invitation(context: Context) -> Outcome:
    """Send an invitation to an organization again; the old link is worthless at once."""
    return _resent(context)


@endpoint(
    "POST", f"{_GROUPS}/invitations/{{invitationId}}:resend", id="resendGroupInvitation",
    requires=("project.invitations.update",), on=InProject(), inner=inner.project_invitation, tag=TAG,
)  # fmt: skip
def resend_project_invitation(context: Context) -> Outcome:
    """Send an invitation that gives roles in a project again; the old link is worthless at once."""
    return _resent(context)


def _resent(context: Context) -> Outcome:
    row = context.view.get("invitations", context.call.values["invitationId"])
    if row is None:
        raise NotFoundError("INVITATION_NOT_FOUND", context.call.values["invitationId"])
    change: Change = invitations.resend(ground_of(context), row)
    return outcome_of(change, lambda view: _invitation(view, row["id"]))


def _invitation(view: SqlView, invitation: str) -> dict[str, Any]:
    row = view.get("invitations", invitation) or {}
    return {"id": row["id"], "expiresAt": rfc3339(row["expires_at"]), "state": row["state"].upper()}

"""Leaving an organization or project, and removing a member with an answer that lists what they leave behind."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from orgward.app import targets
from orgward.app.acting import ground_of, outcome_of
from orgward.app.execute import Context
from orgward.app.operation import Oneself
from orgward.app.targets import InOrganization, Nowhere
from orgward.directory import members, project_members
from orgward.directory.ground import Change, Ground
from orgward.edge.endpoint import OWN, endpoint
from orgward.edge.inner import member
from orgward.kernel.client_ids import client_id_of
from orgward.kernel.errors import NotFoundError
from orgward.kernel.resource import ResourceRef
from orgward.own_api.sessions import PEOPLE_ONLY
from orgward.store.view import SqlView
from orgward.store.writer import Outcome

TAG: Final = "Leaving"
_LEAVING: Final = Oneself("takes the caller out of what they are in", keys_refused=PEOPLE_ONLY)


@endpoint(
    "POST", f"{OWN}/me/organizations/{{organizationId}}:leave", id="leaveOrg", requires=_LEAVING, on=Nowhere(),
    tag=TAG,
)  # fmt: skip
def leave_organization(context: Context) -> Outcome:
    """Leave an organization with every project and team in it (rules 35, 39)."""
    org = context.call.values["organizationId"]
    return _left(context, "members", targets.organization(context.facts, org), members.remove)


@endpoint(
    "POST", f"{OWN}/me/projects/{{projectId}}:leave", id="leaveGroup", requires=_LEAVING, on=Nowhere(), tag=TAG,
)  # fmt: skip
def leave_project(context: Context) -> Outcome:
    """Leave a project that one was added to (rule 36)."""
    project = context.call.values["projectId"]
    return _left(context, "project_members", targets.project(context.facts, project), project_members.remove)


def _left(context: Context, table: str, resource: ResourceRef, remove: Callable[[Ground, str], Change]) -> Outcome:
    """Return the caller's own removal; what they are not in looks unknown, whatever gates it has."""
    user = context.principal.id
    row = context.view.get(table, resource.id, user)
    if row is None or row["state"] != "active":
        raise NotFoundError("GROUP_NOT_FOUND" if resource.project else "ORG_NOT_FOUND", resource.id)
    there = context.authorized_on((), resource)  # raises if a gate is closed: nobody leaves to shake a suspension off
    return _listing(remove(replace(ground_of(context), authorized=there), user))


def _listing(change: Change) -> Outcome:
    return outcome_of(change, lambda view: _left_behind(view, change))


def _left_behind(view: SqlView, change: Change) -> dict[str, Any]:
    keys = [view.get("api_keys", key) or {} for key in change.body["keysLeftBehind"]]
    accounts = [view.get("service_accounts", account) or {} for account in change.body["serviceAccountsLeftBehind"]]
    projects = [view.get("projects", project) or {} for project in change.body["ownerless"]]
    return {
        "apiKeys": [{"id": k["id"], "publicKey": k["public_key"], "desc": k["description"]} for k in keys],
        "serviceAccounts": [{"clientId": client_id_of(a["id"]), "name": a["name"]} for a in accounts],
        "ownerless": [{"id": project["id"], "name": project["name"]} for project in projects],
    }


@endpoint(
    "POST", f"{OWN}/orgs/{{orgId}}/users/{{userId}}:remove", id="removeOrgMember", requires=("org.users.remove",),
    on=InOrganization(), inner=member, tag=TAG,
)  # fmt: skip
def remove_member(context: Context) -> Outcome:
    """Remove a member from an organization and everything in it; the answer lists what they leave behind."""
    return _listing(members.remove(ground_of(context), context.call.values["userId"]))

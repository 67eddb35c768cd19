"""The caller: who they are, where they belong, and their own invitations (rule 46; contract.md, People)."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from orgward.app.acting import ground_of, outcome_of
from orgward.app.execute import Context
from orgward.app.operation import Oneself
from orgward.app.targets import Nowhere
from orgward.directory import invitations
from orgward.directory.ground import Change, Ground
from orgward.directory.invitation_parts import Part, parts_of
from orgward.edge.endpoint import OWN, Parameter, endpoint
from orgward.edge.paging import Page
from orgward.kernel.errors import MalformedError
from orgward.kernel.instants import rfc3339
from orgward.own_api.sessions import PEOPLE_ONLY, TAG
from orgward.store.reads.people import display_name
from orgward.store.view import Row, SqlView
from orgward.store.writer import Outcome

_STATES: Final = ("PENDING", "ACCEPTED", "DECLINED", "EXPIRED", "CANCELLED")


def _self(reason: str) -> Oneself:
    return Oneself(reason, keys_refused=PEOPLE_ONLY)


@endpoint("GET", f"{OWN}/me", id="getMe", requires=_self("shows the caller to themself"), on=Nowhere(), tag=TAG)
def read_me(context: Context) -> dict[str, Any]:
    """Return the caller with the organizations and projects that they are in."""
    return person_object(context, context.view)


def person_object(context: Context, view: SqlView) -> dict[str, Any]:
    """Return the caller, by the rows of `view`, with the organizations and projects that they are in."""
    user = context.principal.id
    person, row = view.get("person_data", user) or {}, view.get("users", user) or {}
    last = row["last_auth_at"]
    return {
        "createdAt": rfc3339(row["created_at"]),
        "firstName": person["first_name"],
        "lastAuth": None if last is None else rfc3339(last),
        "lastName": person["last_name"],
        "organizations": [_organization(context, m) for m in view.find("members", user_id=user, state="active")],
        "projects": [_project(context, m) for m in view.find("project_members", user_id=user, state="active")],
        "userId": user,
        "username": person["username"],
    }


def _organization(context: Context, member: Row) -> dict[str, Any]:
    org = member["org_id"]
    return {
        "organizationId": org,
        "organizationName": _name(context.view, "organizations", org),
        "roles": _roles(context, org),
        "state": "SUSPENDED" if member["suspended"] else "ACTIVE",
    }


def _project(context: Context, member: Row) -> dict[str, Any]:
    project = member["project_id"]
    return {
        "organizationId": member["org_id"],
        "projectId": project,
        "projectName": _name(context.view, "projects", project),
        "roles": _roles(context, project),
    }


def _roles(context: Context, scope: str) -> list[str]:
    rows = context.view.find("assignments", holder_id=context.principal.id, scope_id=scope)
    return [row["role"] for row in rows if row["starts"] <= context.now < row["ends"]]


def _name(view: SqlView, table: str, scope: str) -> str | None:
    row = view.get(table, scope)
    return None if row is None else row["name"]


@endpoint(
    "GET",
    f"{OWN}/me/invitations",
    id="listMyInvitations",
    requires=_self("lists the caller's own invitations"),
    on=Nowhere(),
    tag=TAG,
    paged=True,
    parameters=(Parameter(name="state", default="PENDING"),),
)
def list_my_invitations(context: Context) -> Page:
    """List the caller's own invitations in one state, the pending ones unless another is asked for."""
    query = context.call.query.parsed
    wanted = query.values["state"].upper() or "PENDING"
    if wanted not in _STATES:
        raise MalformedError("INVALID_QUERY_PARAMETER", "state")
    rows = context.view.find("invitations", user_id=context.principal.id)
    shown = [row for row in rows if wanted != "CANCELLED" and _state(row, context.now) == wanted]
    page = shown[query.offset : query.offset + query.per_page]
    return Page([_invitation(context.view, row, context.now) for row in page], len(shown))


@endpoint(
    "POST",
    f"{OWN}/me/invitations/{{invitationId}}:accept",
    id="acceptInvitation",
    requires=_self("answers the caller's own invitation"),
    on=Nowhere(),
    tag=TAG,
)
def accept_invitation(context: Context) -> Outcome:
    """Join what the caller's own invitation names."""
    return _answered(context, invitations.accept)


@endpoint(
    "POST",
    f"{OWN}/me/invitations/{{invitationId}}:decline",
    id="declineInvitation",
    requires=_self("answers the caller's own invitation"),
    on=Nowhere(),
    tag=TAG,
)
def decline_invitation(context: Context) -> Outcome:
    """Turn the caller's own invitation down."""
    return _answered(context, invitations.decline)


def _answered(context: Context, rule: Callable[[Ground, str], Change]) -> Outcome:
    invitation = context.call.values["invitationId"]
    change = rule(ground_of(context), invitation)
    return outcome_of(change, lambda view: _invitation(view, view.get("invitations", invitation) or {}, context.now))


def _state(row: Row, now: int) -> str:
    if row["state"] == invitations.PENDING and not invitations.is_open(row, now):
        return "EXPIRED"
    return str(row["state"]).upper()


def _invitation(view: SqlView, row: Row, now: int) -> dict[str, Any]:
    parts = parts_of(row)
    projects = _roles_by_scope(found for found in parts if found.scope == "project")
    organization = _roles_by_scope(found for found in parts if found.scope == "organization")
    return {
        "createdAt": rfc3339(row["created_at"]),
        "expiresAt": rfc3339(row["expires_at"]),
        "id": row["id"],
        "invitedBy": _inviter(view, row),
        "organizationId": row["org_id"],
        "organizationName": _name(view, "organizations", row["org_id"]),
        "projects": [
            {"projectId": project, "projectName": _name(view, "projects", project), "roles": roles}
            for project, roles in projects.items()
        ],
        "roles": organization.get(row["org_id"], []),
        "state": _state(row, now),
    }


def _roles_by_scope(parts: Iterable[Part]) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for part in parts:
        found[part.id] = sorted({*found.get(part.id, ()), *part.roles})
    return found


def _inviter(view: SqlView, row: Row) -> str | None:
    """Return the inviter's username, public key or client id, None for the operator and for whoever is gone."""
    return display_name(view, row["inviter_kind"], row["inviter_id"]) or None

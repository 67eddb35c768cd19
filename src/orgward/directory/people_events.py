"""What happened to people: invited, joined, removed, given other roles, put into teams (rules 49-56, 64, 141)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from orgward.directory.ground import Row
from orgward.directory.invitation_parts import parts_of
from orgward.directory.row_changes import Event, RowChange, RowChanges, differ, placed

_ACTIVE: Final = "active"
_PENDING: Final = "pending"
_OUT: Final = "out"


@dataclass(frozen=True, slots=True)
class _Steps:
    """The names of the four steps into a scope and out of it."""

    invited: str
    uninvited: str
    joined: str
    left: str


_OF_ORGANIZATION: Final = _Steps("INVITED_TO_ORG", "ORG_INVITATION_DELETED", "JOINED_ORG", "REMOVED_FROM_ORG")
_OF_PROJECT: Final = _Steps("INVITED_TO_GROUP", "GROUP_INVITATION_DELETED", "JOINED_GROUP", "REMOVED_FROM_GROUP")
_ROLES_CHANGED: Final = "USER_ROLES_CHANGED_AUDIT"


def membership_events(changes: RowChanges) -> Iterator[Event]:
    """Yield who was invited, came and went, once for each scope; what an invitation gives is told as roles are."""
    found: dict[tuple[str, ...], Event] = {}
    for event in (*_members(changes), *_project_members(changes), *_invitations(changes)):
        found.setdefault((event["type"], event.get("groupId", event["orgId"]), event["targetUserId"]), event)
    yield from found.values()


def _members(changes: RowChanges) -> Iterator[Event]:
    for changed in changes.of("members"):
        org, user = changed.key
        step = _step(_OF_ORGANIZATION, changed)
        if step is not None:
            yield {"type": step, "orgId": org, "targetUserId": user}
        elif _is_suspended(changed.before) != _is_suspended(changed.after):
            # The names of the Admin API know no suspension: it ends what all roles give.
            yield {"type": _ROLES_CHANGED, "orgId": org, "targetUserId": user, "suspended": changed.row["suspended"]}


def address_events(changes: RowChanges) -> Iterator[Event]:
    """Yield whose account has another address, to each organization that knows them; no event says which one."""
    for changed in changes.of("person_data"):
        if changed.before is not None and changed.after is not None and differ(changed, "username_key"):
            (user,) = changed.key
            for member in changes.view.find("members", user_id=user):
                if _standing(changes.after("members", member["org_id"], user)) != _OUT:
                    # The names of the Admin API know no such change: it alters who signs in with all those roles.
                    yield {"type": _ROLES_CHANGED, "orgId": member["org_id"], "targetUserId": user, "readdressed": True}


def _project_members(changes: RowChanges) -> Iterator[Event]:
    for changed in changes.of("project_members"):
        project, user = changed.key
        step = _step(_OF_PROJECT, changed)
        if step is None and _is_invited_anew(changed):
            step = _OF_PROJECT.invited
        if step is not None:
            yield {"type": step, "orgId": changed.row["org_id"], "groupId": project, "targetUserId": user}


def _step(steps: _Steps, changed: RowChange) -> str | None:
    before, after = _standing(changed.before), _standing(changed.after)
    if before == after:
        return None
    if _ACTIVE in {before, after}:
        return steps.joined if after == _ACTIVE else steps.left
    return steps.invited if after == _PENDING else steps.uninvited


def _standing(row: Row | None) -> str:
    return str(row["state"]) if row is not None and row["state"] in {_ACTIVE, _PENDING} else _OUT


def _is_suspended(row: Row | None) -> bool:
    return row is not None and bool(row["suspended"])


def _is_invited_anew(changed: RowChange) -> bool:
    before, after = changed.before or {}, changed.after or {}
    return _standing(changed.after) == _PENDING and before.get("invitation_id") != after.get("invitation_id")


def _invitations(changes: RowChanges) -> Iterator[Event]:
    """Yield what memberships do not show: a second invitation, its end, one that is sent again, and other roles."""
    for changed in changes.of("invitations"):
        row, was, waits = changed.row, _standing(changed.before), _standing(changed.after)
        steps = _OF_PROJECT if row["project_id"] else _OF_ORGANIZATION
        about = {**placed(row["org_id"], row["project_id"] or row["org_id"]), "targetUserId": row["user_id"]}
        if waits == _PENDING and (was != _PENDING or _is_sent_again(changed)):
            yield {"type": steps.invited, **about}
        elif was == _PENDING and waits != _PENDING and row["state"] != "accepted":
            yield {"type": steps.uninvited, **about}
        elif was == waits == _PENDING:
            yield from _amended(changed)


def _is_sent_again(changed: RowChange) -> bool:
    return bool((changed.after or {})["expires_at"] > (changed.before or {})["expires_at"])


def _amended(changed: RowChange) -> Iterator[Event]:
    before, after = _given(changed.before), _given(changed.after)
    org, user = changed.row["org_id"], changed.row["user_id"]
    for scope, roles in after.items():
        if before.get(scope, roles) != roles:
            yield {"type": _ROLES_CHANGED, **placed(org, scope), "targetUserId": user, "roles": sorted(roles)}


def _given(invitation: Row | None) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for part in parts_of(invitation or {"parts": "[]"}):
        if part.scope != "team":
            found.setdefault(part.id, set()).update(part.roles)
    return found


def role_events(changes: RowChanges) -> Iterator[Event]:
    """Yield whose roles are others than before, once for each scope; who comes or goes is told by that alone."""
    for (user, scope), found in changes.grants.items():
        if found.row["holder_kind"] == "user":
            org = found.row["org_id"]
            membership = ("members", org, user) if scope == org else ("project_members", scope, user)
            if _is_active(changes.before(*membership)) == _is_active(changes.after(*membership)):
                here = placed(org, scope)
                yield {"type": _ROLES_CHANGED, **here, "targetUserId": user, "roles": sorted(found.after)}


def _is_active(row: Row | None) -> bool:
    return _standing(row) == _ACTIVE


def team_member_events(changes: RowChanges) -> Iterator[Event]:
    """Yield who was put into a team, or taken out of it; somebody invited is in it once they accept (rule 53)."""
    for changed in changes.of("team_members"):
        user, team = changed.key
        org = changed.row["org_id"]
        step = _team_step(changed, changes.before("members", org, user), changes.after("members", org, user))
        if step is not None:
            yield {"type": step, "orgId": org, "teamId": team, "targetUserId": user}
    for changed in changes.of("members"):
        org, user = changed.key
        if _is_active(changed.after) and not _is_active(changed.before):
            for row in changes.view.find("team_members", org_id=org, user_id=user):
                if changes.after("team_members", user, row["team_id"]) is not None:
                    yield {"type": "JOINED_TEAM", "orgId": org, "teamId": row["team_id"], "targetUserId": user}


def _team_step(changed: RowChange, member_before: Row | None, member_after: Row | None) -> str | None:
    if changed.after is not None:
        return "JOINED_TEAM" if _is_active(member_after) else "INVITED_TO_TEAM"
    # Whoever waited for a team, and now for nothing, was never in it.
    was_in, still_waits = _is_active(member_before), _standing(member_after) == _PENDING
    return "REMOVED_FROM_TEAM" if was_in or still_waits else None


def join_request_events(changes: RowChanges) -> Iterator[Event]:
    """Yield who asked to join which project, and what became of it; one for what is no project is told nowhere."""
    for changed in changes.of("join_requests"):
        project = changes.before("projects", changed.row["project_id"])
        step = _REQUEST_STEPS.get((changed.before or {}).get("state"), {}).get((changed.after or {}).get("state"))
        if project is not None and step is not None:
            about = {"orgId": project["org_id"], "groupId": project["id"]}
            yield {"type": step, **about, "targetUserId": changed.row["user_id"]}


_REQUEST_STEPS: Final[dict[str | None, dict[str | None, str]]] = {
    None: {"open": "REQUESTED_TO_JOIN_GROUP"},
    "open": {"approved": "JOIN_GROUP_REQUEST_APPROVED_AUDIT", "denied": "JOIN_GROUP_REQUEST_DENIED_AUDIT"},
}

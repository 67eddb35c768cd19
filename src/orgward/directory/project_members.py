"""People of a project: added, invited, given roles, removed (rules 7, 8, 32, 36-38, 50-53; contract.md)."""

from collections.abc import Collection, Iterable, Sequence

from orgward.directory.domains import require_allowed
from orgward.directory.federated_people import joins_at_once
from orgward.directory.ground import Change, Ground, Row, drop, put
from orgward.directory.guards import guarded, owns
from orgward.directory.invitation_parts import implied_part, part, parts_of, with_roles
from orgward.directory.invitations import (
    PENDING,
    amend,
    check_memberships,
    check_room,
    check_room_in_project,
    open_invitation,
    send,
    without_projects,
)
from orgward.directory.leaving import left_behind
from orgward.directory.people import find_or_make, has_account, username_of, vouch
from orgward.directory.projects import check_room_for_project, membership
from orgward.directory.provisioned import require_not_held_back
from orgward.directory.roles import MEMBER_ROLE, assign, is_last, project_roles, replace_roles, unassign
from orgward.directory.team_members import waiting
from orgward.kernel.delta import Delta
from orgward.kernel.errors import NotFoundError, RefusedError
from orgward.kernel.instants import FOREVER


def membership_of(ground: Ground, project: str, user: str) -> Row | None:
    """Return the active membership of `user` in `project`, None if there is none."""
    row = ground.view.get("project_members", project, user)
    return row if row is not None and row["state"] == "active" else None


def add(ground: Ground, address: str, roles: Sequence[str]) -> Change:
    """Bring `address` into the project: a member of the organization at once, others as the edition has it.

    The audit body's `invitation` is the id of the invitation that was sent or amended, None if none was needed.
    """
    names = project_roles(ground.edition_of(ground.org), roles, ground.project)
    user, deltas = find_or_make(ground, address)
    require_not_held_back(ground.view, ground.org, user)
    if _is_there(ground, user):
        raise RefusedError("USER_ALREADY_EXISTS", address)
    if not _is_at_home(ground, user):
        require_allowed(ground, address)
    body = {"user": user, "roles": names, "invitation": None}
    stand_alone = ground.edition_of(ground.org).name == "cloud_manager"
    if _is_at_home(ground, user) or (stand_alone and has_account(ground.view, user)):
        return Change(bring_in(ground, user, names), body, target=user)
    if joins_at_once(ground, address):
        user, made = vouch(ground, address)
        return Change(made + _join_and_enter(ground, user, names, FOREVER), {**body, "user": user}, target=user)
    invitation, sent = _invite(ground, user, names, stand_alone=stand_alone)
    return Change(deltas + sent, {**body, "invitation": invitation}, target=user)


def bring_in(ground: Ground, user: str, roles: Sequence[str], *, ends: int = FOREVER) -> list[Delta]:
    """Return the deltas by which somebody with an account holds `roles` in the project from now on until `ends`.

    Who is not in the organization joins it (rule 37); what somebody holds already is not cut short.
    """
    member = membership_of(ground, ground.project, user)
    if member is not None:
        return guarded(ground, _lengthened(ground, member, roles, ends))
    if _is_at_home(ground, user):
        return guarded(ground, enter_anew(ground, ground.project, user, roles, ends=ends))
    require_allowed(ground, username_of(ground.view, user))
    return _join_and_enter(ground, user, roles, ends)


def _is_at_home(ground: Ground, user: str) -> bool:
    member = ground.view.get("members", ground.org, user)
    return member is not None and member["state"] == "active"


def _lengthened(ground: Ground, member: Row, roles: Sequence[str], ends: int) -> list[Delta]:
    user, project, by_owner = member["user_id"], ground.project, member["added_by_owner"]
    held = {row["role"]: row for row in ground.view.find("assignments", holder_id=user, scope_id=project)}
    lasting = {role for role, row in held.items() if row["starts"] <= ground.now and row["ends"] >= ends}
    last = {role: max(ends, held[role]["ends"]) if role in held else ends for role in roles}
    return [
        assign(ground, "user", user, project, role, by_owner=by_owner, ends=last[role])
        for role in roles
        if role not in lasting
    ]


def enter_anew(ground: Ground, project: str, user: str, roles: Sequence[str], *, ends: int = FOREVER) -> list[Delta]:
    """Return the deltas that make `user` one of `project`, whatever became of an earlier invitation to it."""
    stale = ground.view.get("project_members", project, user)
    left = [] if stale is None else leave(ground, [project], user)
    return [*left, *enter(ground, project, user, roles, ends=ends)]


def _is_there(ground: Ground, user: str) -> bool:
    row = ground.view.get("project_members", ground.project, user)
    if row is None:
        return False
    return bool(row["state"] == "active" or (row["state"] == "pending" and row["expires_at"] > ground.now))


def _invite(ground: Ground, user: str, roles: Sequence[str], *, stand_alone: bool) -> tuple[str, list[Delta]]:
    """Send an invitation, or in `atlas` amend the open one of the organization (rules 50, 51)."""
    here = part(ground, "project", ground.project, roles)
    joining = implied_part(ground, ground.org)
    if stand_alone:
        return send(ground, user, [joining, here], project=ground.project)
    invitation = open_invitation(ground, user)
    if invitation is None:
        return send(ground, user, [joining, here])
    others = [found for found in parts_of(invitation) if found.id != ground.project]
    return str(invitation["id"]), amend(ground, invitation, [*others, here])


def enter(ground: Ground, project: str, user: str, roles: Sequence[str], *, ends: int = FOREVER) -> list[Delta]:
    """Return the deltas that make a member of the organization one of `project` with `roles` until `ends`."""
    check_room_in_project(ground, project)
    check_room_for_project(ground, user)
    by_owner = not ground.principal.is_operator and owns(ground.facts, ground.principal.id, project, ground.now)
    given = [assign(ground, "user", user, project, role, by_owner=by_owner, ends=ends) for role in roles]
    return [membership(ground, project, user, by_owner=by_owner), *given]


def _join_and_enter(ground: Ground, user: str, roles: Sequence[str], ends: int) -> list[Delta]:
    """Return the deltas by which somebody with an account joins organization and project at once (rule 37)."""
    check_memberships(ground, user, ground.org, active=False)
    check_room(ground, user, ())
    member = assign(ground, "user", user, ground.org, MEMBER_ROLE, by_owner=False)
    deltas = [joined(ground, user), member, *enter_anew(ground, ground.project, user, roles, ends=ends)]
    # What waits gives nothing, so that nobody's right to hand it out is asked for.
    return [*waiting(ground.view, ground.org, user), *guarded(ground, deltas, implied={member.key})]


def joined(ground: Ground, user: str) -> Delta:
    """Return the delta that makes `user` a member of the organization by the caller's own act."""
    return put(
        "members", ground.org, user, org_id=ground.org, user_id=user, state="active", suspended=False,
        created_at=ground.now, invitation_id=None, expires_at=None, added_by=ground.principal.id[:24],
    )  # fmt: skip


def leave(ground: Ground, projects: Iterable[str], user: str) -> list[Delta]:
    """Return the deltas that take `user` out of `projects` with every direct role there."""
    deltas: list[Delta] = []
    waiting: dict[str, tuple[Row, list[str]]] = {}
    for project in projects:
        row = ground.view.get("project_members", project, user) or {"invitation_id": None}
        invitation = ground.view.get("invitations", row["invitation_id"]) if row["invitation_id"] else None
        if invitation is not None and invitation["state"] == PENDING:
            waiting.setdefault(invitation["id"], (invitation, []))[1].append(project)
        deltas.append(drop("project_members", project, user))
        deltas += [unassign(held) for held in ground.view.find("assignments", holder_id=user, scope_id=project)]
    # Each invitation is written once, without all of them: the last of several writings would undo the others.
    ended = [delta for invitation, gone in waiting.values() for delta in without_projects(ground, invitation, gone)]
    return [*ended, *deltas]


def roles_of(ground: Ground, user: str) -> list[str]:
    """Return the direct roles of `user` in the project, or those that a pending one's invitation gives."""
    invitation = _pending(ground, user)
    if invitation is not None:
        return [role for found in parts_of(invitation) if found.id == ground.project for role in found.roles]
    return [row["role"] for row in ground.view.find("assignments", holder_id=user, scope_id=ground.project)]


def _pending(ground: Ground, user: str) -> Row | None:
    row = ground.view.get("project_members", ground.project, user)
    if row is None or (row["state"] != "active" and not _is_there(ground, user)):
        raise NotFoundError("USER_NOT_FOUND", user)
    return None if row["state"] == "active" else ground.view.get("invitations", row["invitation_id"])


def change_roles(ground: Ground, user: str, roles: Sequence[str], *, ended: Collection[str] = ()) -> Change:
    """Give `user` exactly `roles` in the project; a pending one's invitation is amended (rule 53).

    Of roles that have ended, `ended` stay so.
    """
    names = project_roles(ground.edition_of(ground.org), roles, ground.project)
    body = {"user": user, "roles": names}
    invitation = _pending(ground, user)
    if invitation is not None:
        parts = with_roles(ground, parts_of(invitation), "project", ground.project, names)
        return Change(amend(ground, invitation, parts), body, target=user)
    row = ground.view.get("project_members", ground.project, user) or {}
    by_owner = row["added_by_owner"]
    deltas = replace_roles(ground, "user", user, ground.project, names, by_owner=by_owner, ended=ended)
    return Change(guarded(ground, deltas), body, target=user)


def add_role(ground: Ground, user: str, role: str) -> Change:
    """Give `user` one more role in the project; one that is held already stays, one that has ended begins anew."""
    held = roles_of(ground, user)
    return change_roles(ground, user, [*held, role], ended={*held} - {role})


def remove_role(ground: Ground, user: str, role: str) -> Change:
    """Take one role in the project from `user`, but never the only one, nor the only one in force (rule 6)."""
    project_roles(ground.edition_of(ground.org), [role], ground.project)
    held = roles_of(ground, user)
    if role not in held:
        raise NotFoundError("ROLE_NOT_HELD", role)
    if len(held) == 1 or is_last(ground, user, ground.project, role):
        raise RefusedError("CANNOT_REMOVE_ALL_USER_ROLES")
    return change_roles(ground, user, [name for name in held if name != role], ended=held)


def remove(ground: Ground, user: str) -> Change:
    """Remove `user` from the project; a pending one's invitation loses this project."""
    row = ground.view.get("project_members", ground.project, user)
    if row is None:
        raise NotFoundError("USER_NOT_FOUND", user)
    if row["state"] == "active":
        left = leave(ground, [ground.project], user)
        body = {"user": user, **left_behind(ground, user, left)}
        leaving = user == ground.principal.id
        return Change(guarded(ground, left, leaving=leaving), body, target=user, org_id=ground.org)
    deltas = [drop("project_members", ground.project, user)]
    invitation = ground.view.get("invitations", row["invitation_id"]) if row["invitation_id"] else None
    if invitation is not None and invitation["state"] == "pending":
        deltas += withdraw(ground, invitation)
    return Change(deltas, {"user": user}, target=user)


def withdraw(ground: Ground, invitation: Row) -> list[Delta]:
    """Return the deltas that take this project out of `invitation`, if the caller may take its roles."""
    for found in parts_of(invitation):
        if found.id == ground.project:
            part(ground, "project", ground.project, found.roles)
    dropped = drop("project_members", ground.project, invitation["user_id"])
    return [*without_projects(ground, invitation, [ground.project]), dropped]

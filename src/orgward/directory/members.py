"""Members of an organization: invited, given roles, suspended, removed (rules 5-8, 30-39, 52-53, 142)."""

from collections.abc import Collection, Sequence
from typing import Any

from orgward.directory.domains import require_allowed
from orgward.directory.federated_people import joins_at_once
from orgward.directory.ground import Change, Ground, Row, drop, put
from orgward.directory.guards import guarded
from orgward.directory.invitation_parts import (
    Part,
    ProjectRoles,
    may_take,
    part,
    parts_of,
    project_parts,
    team_parts,
    teams_in,
    with_roles,
    with_teams,
)
from orgward.directory.invitations import (
    PENDING,
    amend,
    check_memberships,
    check_projects,
    check_room,
    end,
    is_open,
    open_invitation,
    pending_invitation,
    replaced,
    send,
)
from orgward.directory.leaving import left_behind
from orgward.directory.people import find_or_make, user_of, vouch
from orgward.directory.project_members import enter, enter_anew, joined, leave, membership_of
from orgward.directory.provisioned import forgotten, require_not_held_back
from orgward.directory.roles import assign, is_last, organization_roles, project_roles, replace_roles, unassign
from orgward.directory.team_members import entered, is_active, teams_of, waiting
from orgward.directory.teams import leave_teams, replace_teams
from orgward.kernel.delta import Delta
from orgward.kernel.errors import NotFoundError, RefusedError
from orgward.kernel.instants import FOREVER


def invite(ground: Ground, address: str, roles: Sequence[str], projects: ProjectRoles, teams: Sequence[str]) -> Change:
    """Invite `address` to the organization with organization and project roles (rules 46, 52, 55, 56)."""
    parts = [*_parts(ground, roles, projects), *team_parts(ground, teams)]
    require_allowed(ground, address)
    user, deltas = find_or_make(ground, address)
    _require_outside(ground, user, address)
    invitation, sent = send(ground, user, parts)
    return Change(deltas + sent, _told(user, roles, projects, parts, invitation=invitation), target=user)


def _require_outside(ground: Ground, user: str, address: str) -> None:
    if is_active(ground.view.get("members", ground.org, user)) or open_invitation(ground, user):
        raise RefusedError("USER_ALREADY_EXISTS", address)


def _told(
    user: str, roles: Sequence[str], projects: ProjectRoles, parts: Sequence[Part], *, invitation: str | None
) -> dict[str, Any]:
    given = {p: list(r) for p, r in projects.items()}
    teams = teams_in(parts)
    return {"invitation": invitation, "user": user, "roles": list(roles), "projects": given, "teams": teams}


def add(ground: Ground, address: str, roles: Sequence[str], projects: ProjectRoles, teams: Sequence[str]) -> Change:
    """Bring `address` in by hand: one of the federation's own at once (rule 58), everybody else by an invitation.

    The audit body's `invitation` is the id of the invitation, None if none was needed.
    """
    require_not_held_back(ground.view, ground.org, user_of(ground.view, address))
    if not _may_add(ground) or not joins_at_once(ground, address):
        return invite(ground, address, roles, projects, teams)
    parts = [*_parts(ground, roles, projects), *team_parts(ground, teams)]
    user, made = vouch(ground, address)
    _require_outside(ground, user, address)
    check_memberships(ground, user, ground.org, active=False)
    check_projects(ground, user, projects)
    check_room(ground, user, parts)
    deltas = [*made, *replaced(ground, user, None), *waiting(ground.view, ground.org, user)]
    deltas += guarded(ground, _entered_by(ground, user, parts))
    return Change(deltas, _told(user, roles, projects, parts, invitation=None), target=user)


def _may_add(ground: Ground) -> bool:
    by = ground.principal
    return by.is_operator or ground.facts.check(by.id, "org.users.add", ground.org, ground.now)


def _entered_by(ground: Ground, user: str, parts: Sequence[Part]) -> list[Delta]:
    """Return the deltas that make `user` a member now, with what the `parts` of an invitation would give."""
    deltas = [joined(ground, user)]
    for found in parts:
        if found.scope == "organization":
            deltas += [assign(ground, "user", user, found.id, role, by_owner=False) for role in found.roles]
        elif found.scope == "project":
            deltas += enter_anew(ground, found.id, user, found.roles)
        else:
            deltas.append(entered(ground.org, found.id, user))
    return deltas


def _parts(ground: Ground, roles: Sequence[str], projects: ProjectRoles) -> list[Part]:
    edition, org = ground.edition_of(ground.org), ground.org
    return [
        part(ground, "organization", org, organization_roles(edition, roles, org)),
        *project_parts(ground, projects),
    ]


def amend_invitation(
    ground: Ground,
    invitation: Row,
    roles: Sequence[str] | None,
    projects: ProjectRoles | None,
    teams: Sequence[str] | None,
) -> Change:
    """Change what an open invitation gives; None leaves its organization roles, projects or teams as they are."""
    if not is_open(invitation, ground.now):
        raise RefusedError("INVITATION_NOT_PENDING")
    parts = parts_of(invitation)
    if roles is not None:
        names = organization_roles(ground.edition_of(ground.org), roles, ground.org)
        parts = with_roles(ground, parts, "organization", ground.org, names)
    if projects is not None:
        kept = [found for found in parts if found.scope != "project"]
        parts = kept + _projects_of(ground, parts, projects)
    if teams is not None:
        parts = with_teams(ground, parts, teams)
    body = {"invitation": invitation["id"], "parts": [[p.id, list(p.roles)] for p in parts]}
    return Change(amend(ground, invitation, parts), body, target=invitation["user_id"])


def _projects_of(ground: Ground, parts: Sequence[Part], projects: ProjectRoles) -> list[Part]:
    gone = [found for found in parts if found.scope == "project" and found.id not in projects]
    may_take(ground, gone)
    new = project_parts(ground, projects)
    kept: list[Part] = []
    for wanted in new:
        before = [found for found in parts if found.id == wanted.id]
        kept += [p for p in with_roles(ground, before, "project", wanted.id, wanted.roles) if p.id == wanted.id]
    return kept


def change_roles(
    ground: Ground,
    user: str,
    roles: Sequence[str] | None,
    projects: ProjectRoles | None = None,
    teams: Sequence[str] | None = None,
    *,
    ended: Collection[str] = (),
) -> Change:
    """Give the member exactly what is named of roles, projects and teams; a pending one's invitation is amended.

    Of roles that have ended, `ended` stay so.
    """
    pending = pending_invitation(ground, user)
    if pending is not None:
        change = amend_invitation(ground, pending, roles, projects, teams)
        if teams is not None:
            gone = [team for team in teams_of(ground.view, ground.org, user) if team not in teams]
            change.deltas += guarded(ground, leave_teams(ground, user, gone, kept=pending["id"]))
        return change
    deltas: list[Delta] = []
    if roles is not None:
        names = organization_roles(ground.edition_of(ground.org), roles, ground.org)
        deltas += replace_roles(ground, "user", user, ground.org, names, by_owner=False, ended=ended)
    if projects is not None:
        deltas += _replace_projects(ground, user, projects)
    if teams is not None:
        deltas += replace_teams(ground, user, teams)
    body = {"user": user, "roles": _listed(roles), "teams": _listed(teams)}
    return Change(guarded(ground, deltas), body, target=user)


def _listed(names: Sequence[str] | None) -> list[str] | None:
    return None if names is None else list(names)


def _replace_projects(ground: Ground, user: str, projects: ProjectRoles) -> list[Delta]:
    edition = ground.edition_of(ground.org)
    check_projects(ground, user, projects)
    rows = ground.view.find("project_members", org_id=ground.org, user_id=user)
    gone = [row["project_id"] for row in rows if row["project_id"] not in projects or row["state"] != "active"]
    deltas = leave(ground, gone, user)
    for project, roles in projects.items():
        if ground.facts.attribute("projects", project) != ground.org:
            raise NotFoundError("GROUP_NOT_FOUND", project)
        names = project_roles(edition, roles, project)
        found = membership_of(ground, project, user)
        if found is None:
            deltas += enter(ground, project, user, names)
        else:
            deltas += replace_roles(ground, "user", user, project, names, by_owner=found["added_by_owner"])
    return deltas


def organization_roles_of(ground: Ground, user: str) -> list[str]:
    """Return the organization roles that the member holds, or that a pending one's invitation gives."""
    pending = pending_invitation(ground, user)
    if pending is not None:
        return [role for found in parts_of(pending) if found.id == ground.org for role in found.roles]
    return [row["role"] for row in ground.view.find("assignments", holder_id=user, scope_id=ground.org)]


def add_role(ground: Ground, user: str, role: str) -> Change:
    """Give the member one more organization role; one that is held already stays, one that has ended begins anew."""
    organization_roles(ground.edition_of(ground.org), [role], ground.org)
    held = {*organization_roles_of(ground, user)}
    return change_roles(ground, user, sorted({*held, role}), ended=held - {role})


def remove_role(ground: Ground, user: str, role: str) -> Change:
    """Take one organization role from the member, but never the only one, nor the only one in force (rule 6)."""
    organization_roles(ground.edition_of(ground.org), [role], ground.org)
    held = organization_roles_of(ground, user)
    if role not in held:
        raise NotFoundError("ROLE_NOT_HELD", role)
    if len(held) == 1 or is_last(ground, user, ground.org, role):
        raise RefusedError("CANNOT_REMOVE_ALL_USER_ROLES")
    return change_roles(ground, user, [name for name in held if name != role], ended=held)


def remove(ground: Ground, user: str) -> Change:
    """Remove the member from the organization with every role in it; a pending one's invitation ends (rule 39)."""
    org = ground.org
    if ground.view.get("members", org, user) is None:
        raise NotFoundError("USER_NOT_FOUND", user)
    deltas = departed(ground, org, user)
    body = {"user": user, **left_behind(ground, user, deltas)}
    leaving = user == ground.principal.id
    return Change(guarded(ground, deltas, leaving=leaving), body, target=user, org_id=org)


def departed(ground: Ground, org: str, user: str) -> list[Delta]:
    """Return the deltas after which `user` is in nothing of `org`, is invited to nothing, and holds no role there."""
    find = ground.view.find
    deltas = [drop("members", org, user), *forgotten(ground.view, org, user)]
    for row in find("invitations", org_id=org, user_id=user):
        if row["state"] == PENDING:
            deltas += [d for d in end(ground, row, "cancelled") if d.table not in {"members", "provisioned"}]
    deltas += [
        drop("project_members", r["project_id"], user) for r in find("project_members", org_id=org, user_id=user)
    ]
    deltas += [drop("team_members", user, row["team_id"]) for row in find("team_members", org_id=org, user_id=user)]
    return deltas + [unassign(row) for row in find("assignments", org_id=org, holder_id=user)]


def set_suspended(ground: Ground, user: str, *, suspended: bool) -> Change:
    """Suspend or reactivate the member in this organization only; keys that they made go on."""
    row = ground.view.get("members", ground.org, user)
    if row is None or row["state"] != "active":
        raise NotFoundError("USER_NOT_FOUND", user)
    if not suspended:
        require_not_held_back(ground.view, ground.org, user)
    deltas = guarded(ground, [put("members", ground.org, user, **{**row, "suspended": suspended})])
    return Change(deltas, {"user": user, "suspended": suspended}, target=user)


def set_bounds(ground: Ground, holder: str, role: str, starts: int | None, ends: int | None) -> Change:
    """Set when a role that is held begins and ends; None removes the bound (contract.md)."""
    scope = ground.authorized.resource.scope_id
    row = ground.view.get("assignments", holder, scope, role)
    if row is None:
        raise NotFoundError("ROLE_NOT_HELD", role)
    begin, end_at = starts or 0, FOREVER if ends is None else ends
    if end_at <= begin:
        raise RefusedError("INVALID_DATE_RANGE")
    deltas = [put("assignments", holder, scope, role, **{**row, "starts": begin, "ends": end_at})]
    return Change(
        guarded(ground, deltas),
        {"holder": holder, "role": role, "starts": starts, "ends": ends},
        target=holder,
    )

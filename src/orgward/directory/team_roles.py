"""Teams on projects: assigned with roles, given others, taken off (rules 66-69, 144)."""

from collections.abc import Mapping, Sequence

from orgward.directory.ground import Change, Ground, Row
from orgward.directory.guards import guarded, owns
from orgward.directory.invitation_parts import require_team
from orgward.directory.roles import assign, project_roles, replace_roles, unassign
from orgward.kernel.delta import Delta
from orgward.kernel.errors import RefusedError


def add(ground: Ground, teams: Mapping[str, Sequence[str]]) -> Change:
    """Put teams of the organization on the project, each with its roles; all of them, or none."""
    edition, project = ground.edition_of(ground.org), ground.project
    by_owner = not ground.principal.is_operator and owns(ground.facts, ground.principal.id, project, ground.now)
    deltas: list[Delta] = []
    for team, roles in teams.items():
        if roles_of(ground, require_team(ground, team)):
            raise RefusedError("TEAM_EXISTS_IN_GROUP", team, project)
        names = project_roles(edition, roles, project)
        deltas += [assign(ground, "team", team, project, role, by_owner=by_owner) for role in names]
    _check_room(ground, len(teams))
    body = {"teams": {team: list(roles) for team, roles in teams.items()}}
    return Change(guarded(ground, deltas), body, target=project)


def roles_of(ground: Ground, team: str) -> Sequence[Row]:
    """Return the assignments of `team` on the project, none if it is not on it."""
    return ground.view.find("assignments", holder_id=team, scope_id=ground.project)


def _check_room(ground: Ground, new: int) -> None:
    most = ground.limits.teams_per_project
    rows = ground.view.find("assignments", scope_id=ground.project, holder_kind="team")
    if len({row["holder_id"] for row in rows}) + new > most:
        raise RefusedError("MAX_TEAMS_PER_GROUP_EXCEEDED", str(most), ground.project)


def change(ground: Ground, team: str, roles: Sequence[str]) -> Change:
    """Give the team exactly `roles` on the project; a role that stays keeps its bounds."""
    names = project_roles(ground.edition_of(ground.org), roles, ground.project)
    # Whether an owner added them is a fact about the day the team came, not about who changes its roles.
    by_owner = roles_of(ground, team)[0]["added_by_owner"]
    deltas = replace_roles(ground, "team", team, ground.project, names, by_owner=by_owner)
    return Change(guarded(ground, deltas), {"team": team, "roles": names}, target=team)


def remove(ground: Ground, team: str) -> Change:
    """Take the team off the project; its members lose there what they have by it alone."""
    deltas = [unassign(row) for row in roles_of(ground, team)]
    return Change(guarded(ground, deltas), {"team": team}, target=team)

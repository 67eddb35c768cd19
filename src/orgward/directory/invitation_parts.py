"""The parts of an invitation: what it gives at each scope, and by whom.

Each part keeps its inviter, so that acceptance can ask whether they could still send it.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from orgward.directory.ground import Ground, Row
from orgward.directory.guards import may_hand_out, owns, require_fills, ungrantable
from orgward.directory.roles import MEMBER_ROLE, project_roles
from orgward.engine.authorized import is_in
from orgward.kernel.errors import NotFoundError, RefusedError
from orgward.kernel.principal import Principal, PrincipalKind

ProjectRoles = Mapping[str, Sequence[str]]

_SENDING: Final = {
    "organization": ("org.invitations.create", "org.users.add", "org.users.update_roles"),
    "project": ("project.users.invite", "project.invitations.create", "project.users.update_roles"),
    "team": ("org.teams.members.add",),
}


@dataclass(frozen=True, slots=True)
class Part:
    """Roles at one scope, or a place in a team, and who put it into the invitation."""

    scope: str
    id: str
    roles: tuple[str, ...]
    by_kind: PrincipalKind
    by_id: str
    by_owner: bool


def parts_of(invitation: Row) -> list[Part]:
    """Return the parts of the row `invitation`."""
    return [Part(**{**part, "roles": tuple(part["roles"])}) for part in json.loads(invitation["parts"])]


def part(ground: Ground, scope: str, scope_id: str, roles: Sequence[str]) -> Part:
    """Return a part that the caller puts into an invitation, if they may hand out its roles."""
    by = ground.principal
    if not by.is_operator:
        for role in roles:
            if not may_hand_out(ground, by.id, role, scope_id):
                raise RefusedError("ROLE_NOT_GRANTABLE", role)
    is_owner = not by.is_operator and owns(ground.facts, by.id, scope_id, ground.now)
    return Part(scope, scope_id, tuple(sorted(set(roles))), by.kind, by.id, is_owner)


def team_parts(ground: Ground, teams: Iterable[str]) -> list[Part]:
    """Return the parts by which the caller puts somebody into `teams`, all of which are of the organization."""
    return [team_part(ground, require_team(ground, team)) for team in dict.fromkeys(teams)]


def require_team(ground: Ground, team: str) -> str:
    """Return `team`, which a body names, if it is one of the organization."""
    if ground.facts.attribute("teams", team) != ground.org:
        raise NotFoundError("TEAM_NOT_IN_ORG", team, ground.org)
    return team


def team_part(ground: Ground, team: str) -> Part:
    """Return the part by which the caller puts somebody into `team`, if they may hand out its roles."""
    require_fills(ground, team)
    return Part("team", team, (), ground.principal.kind, ground.principal.id, by_owner=False)


def with_teams(ground: Ground, parts: Sequence[Part], teams: Iterable[str]) -> list[Part]:
    """Return `parts` after which exactly `teams` are given; a team that stays keeps its inviter."""
    wanted, given = set(teams), set(teams_in(parts))
    for team in given - wanted:
        require_fills(ground, team)
    kept = [found for found in parts if found.scope != "team" or found.id in wanted]
    return kept + team_parts(ground, [team for team in teams if team not in given])


def teams_in(parts: Iterable[Part]) -> list[str]:
    """Return the teams that `parts` put somebody into."""
    return [found.id for found in parts if found.scope == "team"]


def implied_part(ground: Ground, org: str) -> Part:
    """Return the part by which somebody invited to a project joins its organization (rule 37)."""
    return Part("organization", org, (MEMBER_ROLE,), "operator", "", by_owner=False)


def encoded(parts: Sequence[Part]) -> str:
    """Return `parts` as a row of `invitations` keeps them."""
    # Not `asdict`, which copies each role: an organization has room for millions of them in open invitations.
    return json.dumps([{name: getattr(part, name) for name in Part.__slots__} for part in parts])


def project_parts(ground: Ground, projects: ProjectRoles) -> list[Part]:
    """Return the parts of an invitation for `projects`, all of which lie in the organization."""
    edition = ground.edition_of(ground.org)
    for project in projects:
        if ground.facts.attribute("projects", project) != ground.org:
            raise NotFoundError("GROUP_NOT_FOUND", project)
    return [part(ground, "project", p, project_roles(edition, roles, p)) for p, roles in projects.items()]


def with_roles(ground: Ground, parts: Sequence[Part], scope: str, scope_id: str, roles: Sequence[str]) -> list[Part]:
    """Return `parts` after which exactly `roles` are given at `scope_id`; a role that stays keeps its inviter."""
    others = [found for found in parts if found.id != scope_id]
    here = [found for found in parts if found.id == scope_id]
    may_take(ground, [_less(found, roles) for found in here])
    kept = [_only(found, roles) for found in here if set(found.roles) & set(roles)]
    new = sorted(set(roles) - {role for found in here for role in found.roles})
    added = [part(ground, scope, scope_id, new)] if new else []
    return [
        *(o for o in others if o.scope == "organization"),
        *kept,
        *added,
        *(o for o in others if o.scope != "organization"),
    ]


def _only(found: Part, roles: Sequence[str]) -> Part:
    return Part(
        found.scope,
        found.id,
        tuple(r for r in found.roles if r in roles),
        found.by_kind,
        found.by_id,
        found.by_owner,
    )


def _less(found: Part, roles: Sequence[str]) -> Part:
    gone = tuple(r for r in found.roles if r not in roles)
    return Part(found.scope, found.id, gone, found.by_kind, found.by_id, found.by_owner)


def may_take(ground: Ground, parts: Sequence[Part]) -> None:
    """Raise unless the caller may hand out, and so take, every role of `parts` (attack row 25)."""
    for found in parts:
        part(ground, found.scope, found.id, found.roles)


def could_send(ground: Ground, found: Part, org: str) -> bool:
    """Say whether the inviter of a part could send it now: still there, still privileged, still handing out."""
    if found.by_kind == "operator":
        return True
    inviter = Principal(found.by_kind, found.by_id)
    if not is_in(ground.facts, inviter, org):
        return False
    place = org if found.scope == "team" else found.id
    if not any(ground.facts.check(inviter.id, p, place, ground.now) for p in _SENDING[found.scope]):
        return False
    if found.scope == "team":
        return ungrantable(ground, inviter.id, found.id) is None
    return all(may_hand_out(ground, inviter.id, role, found.id) for role in found.roles)

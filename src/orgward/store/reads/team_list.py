"""Teams of an organization as the console lists them, the people of a team, and where its roles are."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, NamedTuple

from orgward.store.folding import folded
from orgward.store.reads.counts import counted
from orgward.store.reads.keyset import Page, Place, cut
from orgward.store.reads.member_filters import MemberQuery
from orgward.store.reads.member_list import member_page
from orgward.store.reads.member_rows import Member
from orgward.store.reads.origins import Origin, origins_of
from orgward.store.reads.roles_there import RolesThere, roles_there
from orgward.store.view import SqlView

TeamSort = Literal["name", "-name", "people", "-people"]

_TEAMS: Final = "SELECT id, name, created_at FROM teams WHERE org_id = :org ORDER BY name"
_ROLES: Final = (
    "SELECT a.holder_id, a.scope_id, p.name, a.role, a.starts, a.ends FROM json_each(:ids) AS v"
    " CROSS JOIN assignments AS a ON a.holder_id = v.value AND +a.holder_kind = 'team'"
    " JOIN projects AS p ON p.id = a.scope_id WHERE a.ends > :now ORDER BY p.name, a.role"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamQuery:
    """Which teams are asked for; `projects` are alternatives, and `visible` those that the caller may hear of."""

    q: str = ""
    projects: Collection[str] = ()
    empty: bool = False
    visible: Collection[str] | None = None
    sort: TeamSort = "name"


@dataclass(frozen=True, slots=True)
class TeamProject(RolesThere):
    """A project on which a team has roles, and when and by whom it was put there."""

    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class ListedTeam:
    """A team, how many people are in it or invited to it, and the visible ones of its projects."""

    id: str
    name: str
    created_at: int
    people: int
    projects: tuple[RolesThere, ...]


@dataclass(frozen=True, slots=True)
class TeamPerson:
    """Somebody in a team, or invited to it, and when and by whom they were put there."""

    member: Member
    origin: Origin | None


class _Team(NamedTuple):
    id: str
    name: str
    created_at: int
    people: int


def team_page(view: SqlView, org: str, query: TeamQuery, place: Place, *, size: int, now: int) -> Page[ListedTeam]:
    """Return the page at `place` of the teams of `org` that `query` asks for."""
    rows = [row for row in view.rows(_TEAMS, {"org": org}) if folded(query.q) in folded(row[1])]
    people = counted(view, "team_members", ("team_id",), [(row[0],) for row in rows])
    found = {row[0]: _Team(row[0], row[1], row[2], number) for row, number in zip(rows, people, strict=True)}
    if query.empty:
        found = {id_: team for id_, team in found.items() if not team.people}
    if query.projects:
        on = projects_of_teams(view, found, now, visible=query.projects)
        found = {id_: team for id_, team in found.items() if id_ in on}
    ordered = sorted(found.values(), key=lambda team: _key(team, query), reverse=query.sort.startswith("-"))
    page = cut([team.id for team in ordered], place, size)
    projects = projects_of_teams(view, page.rows, now, visible=query.visible)
    return page.of([ListedTeam(*found[id_], projects.get(id_, ())) for id_ in page.rows])


def _key(team: _Team, query: TeamQuery) -> tuple[int, str, str]:
    return team.people if query.sort.endswith("people") else 0, folded(team.name), team.id


def projects_of_teams(
    view: SqlView, teams: Iterable[str], now: int, *, visible: Collection[str] | None = None
) -> Mapping[str, tuple[RolesThere, ...]]:
    """Return the projects on which each of `teams` has roles that have not ended, of the `visible` ones, by name."""
    rows = view.rows(_ROLES, {"ids": json.dumps(list(teams)), "now": now})
    return roles_there(row for row in rows if visible is None or row[1] in visible)


def team_projects(
    view: SqlView, team: str, now: int, *, visible: Collection[str] | None = None
) -> Sequence[TeamProject]:
    """Return the projects on which `team` has roles, of the `visible` ones, each since when and by whom."""
    found = projects_of_teams(view, [team], now, visible=visible).get(team, ())
    origins = origins_of(view, "assignments", [(team, p.id, held.role) for p in found for held in p.roles])
    return [TeamProject(each.id, each.name, each.roles, _first(origins, team, each)) for each in found]


def _first(origins: Mapping[tuple[str, ...], Origin], team: str, project: RolesThere) -> Origin | None:
    known = [origins[team, project.id, h.role] for h in project.roles if (team, project.id, h.role) in origins]
    return min(known, key=lambda origin: origin.revision, default=None)


def team_people_page(
    view: SqlView, org: str, team: str, query: MemberQuery, *, place: Place, size: int, now: int
) -> Page[TeamPerson]:
    """Return the page at `place` of the people of `team` that `query` asks for, invited ones among them."""
    page = member_page(view, org, replace(query, teams=(team,)), place, size=size, now=now)
    origins = origins_of(view, "team_members", [(member.user_id, team) for member in page.rows])
    return page.of([TeamPerson(member, origins.get((member.user_id, team))) for member in page.rows])

"""From grants to privileges: the row of one principal, ready to be asked."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, NamedTuple

from orgward.catalog import EDITIONS, Scope
from orgward.engine.facts import ACTIVE, Facts, Grant, Grants
from orgward.kernel.instants import FOREVER

NOTHING: Final[frozenset[str]] = frozenset()


class Access(NamedTuple):
    """What some grants allow on their target, and in every project if the target is an organization."""

    own: frozenset[str]
    reach: frozenset[str]


@lru_cache(maxsize=65_536)
def access_of(edition: str, scope: Scope, roles: tuple[tuple[str, bool], ...]) -> Access:
    """Return what `roles` (name, added by an owner) grant together: the union, never less (rule 5).

    Roles of another edition or of the other kind of scope grant nothing.
    """
    catalogue = EDITIONS[edition]
    fitting = {role.name for role in catalogue.roles.values() if role.scope == scope}
    known = [(role, by_owner) for role, by_owner in roles if role in fitting]
    own = frozenset[str]().union(*(catalogue.privileges_of(r, added_by_owner=o) for r, o in known))
    reach = frozenset[str]().union(*(catalogue.in_projects_of(r, added_by_owner=o) for r, o in known))
    return Access(own, reach)


@lru_cache(maxsize=65_536)
def union(sets: frozenset[frozenset[str]]) -> frozenset[str]:
    """Return the union of `sets`; equal unions are one object, so that rows stay small."""
    return NOTHING.union(*sets)


def in_force(grants: Grants, now: int) -> tuple[tuple[str, bool], ...]:
    """Return the roles of `grants` that hold at `now`: `starts <= now < ends`."""
    return tuple((g.role, g.added_by_owner) for g in grants if g.starts <= now < g.ends)


class Path(NamedTuple):
    """One way by which access is held: an organization role, a direct role, a team's role, or one by a mapping."""

    via: str
    role: str
    org: str
    project: str | None
    team: str | None
    ends: int | None


Allowing = tuple[frozenset[str], Path]
"""A path, and the privileges that it allows on the resource it was asked for."""


@dataclass(slots=True)
class Row:
    """What one principal may do, valid for `since <= now < until`.

    `allowed` holds every resource that the principal has a role on; every other project of an organization
    is answered by `reach`, so that an owner is never expanded to a row a project. `paths` remembers the explanations
    that were asked for.
    """

    since: int
    until: int
    allowed: dict[str, frozenset[str]] = field(default_factory=dict)
    reach: dict[str, frozenset[str]] = field(default_factory=dict)
    edges: tuple["Edge", ...] | None = None
    paths: dict[str, tuple[Allowing, ...]] = field(default_factory=dict)


def usable(facts: Facts, holder: str, org: str) -> bool:
    """Say whether assignments of `holder` in `org` count: its own organization, and not suspended or pending there."""
    home = facts.attribute("api_keys", holder) or facts.attribute("teams", holder)
    if home is not None:
        return home == org
    return facts.attribute("service_accounts", holder) in {None, org} and facts.state(org, holder) == ACTIVE


class Edge(NamedTuple):
    """Grants of a principal on an organization or project, its own or those of a team it is in."""

    org: str
    project: str | None
    team: str | None
    edition: str
    grants: Grants

    @property
    def scope(self) -> Scope:
        """Return which kind of scope the grants are on."""
        return "organization" if self.project is None else "project"


def effective_edges(facts: Facts, principal: str) -> Iterator[Edge]:
    """Yield every edge whose grants count for `principal`, teams' included; bounds are not looked at yet."""
    for target, grants in facts.edges(principal).items():
        team_org = facts.attribute("teams", target)
        if team_org is None:
            yield from _edge(facts, principal, target, None, grants)
        elif usable(facts, principal, team_org):
            for project, shared in facts.edges(target).items():
                if facts.attribute("projects", project) == team_org:
                    yield from _edge(facts, principal, project, target, shared)


def edges_reaching(facts: Facts, principal: str, scope: str) -> Iterator[Edge]:
    """Yield those of the effective edges of `principal` that lead to `scope` or to its organization."""
    mine, org = facts.edges(principal), facts.attribute("projects", scope)
    for target in (scope, org or ""):
        if target in mine:
            yield from _edge(facts, principal, target, None, mine[target])
    if org is None or not usable(facts, principal, org):
        return
    for team in mine:
        shared = facts.edges(team).get(scope) if facts.attribute("teams", team) == org else None
        if shared is not None:
            yield from _edge(facts, principal, scope, team, shared)


def _edge(facts: Facts, principal: str, target: str, team: str | None, grants: Grants) -> Iterator[Edge]:
    edition = facts.attribute("organizations", target)
    project = None
    org: str | None = target
    if edition is None:
        project, org = target, facts.attribute("projects", target)
        edition = facts.attribute("organizations", org) if org else None
    elif facts.attribute("teams", principal) is not None:
        return  # teams hold roles on projects only
    if edition is not None and org is not None and usable(facts, principal, org):
        yield Edge(org, project, team, edition, grants)


def compile_row(facts: Facts, principal: str, now: int) -> Row:
    """Return the row of `principal` at `now`, with the span of time for which it holds."""
    row = Row(0, FOREVER)
    own: dict[str, set[frozenset[str]]] = {}
    home: dict[str, str] = {}
    for edge in effective_edges(facts, principal):
        _narrow(row, edge.grants, now)
        access = access_of(edge.edition, edge.scope, in_force(edge.grants, now))
        own.setdefault(edge.project or edge.org, set()).add(access.own)
        if edge.project:
            home[edge.project] = edge.org
        elif access.reach:
            row.reach[edge.org] = access.reach
    for target, sets in own.items():
        reach = row.reach.get(home.get(target, ""))
        row.allowed[target] = union(frozenset(sets | {reach} if reach else sets))
    return row


def _narrow(row: Row, grants: Grants, now: int) -> None:
    for grant in grants:
        for bound in (grant.starts, grant.ends):
            if bound <= now:
                row.since = max(row.since, bound)
            else:
                row.until = min(row.until, bound)


def paths_to(edges: Iterable[Edge], resource: str, org: str | None, now: int) -> tuple[Allowing, ...]:
    """Return every path by which one of `edges` gives access to `resource`, a project of `org` or an organization."""
    found: list[Allowing] = []
    for edge in edges:
        carried = edge.project is None and edge.org == org
        if carried or (edge.project or edge.org) == resource:
            project = resource if carried else edge.project
            found += [_allowing(edge, g, project) for g in edge.grants if g.starts <= now < g.ends]
    return tuple(found)


def _allowing(edge: Edge, grant: Grant, project: str | None) -> Allowing:
    access = access_of(edge.edition, edge.scope, ((grant.role, grant.added_by_owner),))
    via = "mapping" if grant.mapped else "team" if edge.team else "direct" if edge.project else "organization_role"
    ends = None if grant.ends == FOREVER else grant.ends
    carried = edge.project is None and project is not None
    return access.reach if carried else access.own, Path(via, grant.role, edge.org, project, edge.team, ends)

"""The paths of an access graph: by which organization role, team or direct role each person reaches which project.

Only projects count on which the viewer may ask about others; of the organization itself only roles that say more than
that somebody is in it.
"""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from orgward.catalog import Edition, Role
from orgward.console.explaining.matrix import BASE
from orgward.console.explaining.sight import sees_others
from orgward.console.frame.page import Page
from orgward.console.listing.chips import edition_of
from orgward.engine.arrays import united
from orgward.engine.compile import effective_edges
from orgward.engine.facts import Grant
from orgward.engine.sources import Source, one_of, people_by_teams, people_holding
from orgward.kernel.instants import FOREVER
from orgward.kernel.resource import ResourceRef
from orgward.store.reads import keyset
from orgward.store.reads.member_filters import MemberQuery, State
from orgward.store.reads.member_list import MemberListing

EVERY: Final = "every"
"""The project of a path that reaches each project, those to come included."""

SOURCES: Final[tuple[Source, ...]] = ("direct", "team", "organization_role", "mapping")
MOST: Final = 60
"""How many people, and how many nodes of each other column, a graph shows."""

_BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class Reach:
    """One way of one person: `project` is EVERY for a role that reaches each, empty for one that reaches none.

    `source` says on what the role stands; of what a mapping gave, `way` is that mapping.
    """

    person: str
    project: str
    role: str
    source: Source
    via: str = ""
    ends: int | None = None
    mapped: bool = False

    @property
    def way(self) -> Source:
        """Return the kind of way, as filters and lines tell them apart."""
        return "mapping" if self.mapped else self.source


@dataclass(frozen=True, slots=True)
class Asked:
    """What a graph is asked for; values of one filter are alternatives, filters narrow together."""

    q: str = ""
    teams: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()


class Paths:
    """The people whom a graph is about, in the order of their names, and their paths."""

    def __init__(self, page: Page, asked: Asked) -> None:
        """Look at the organization of `page`."""
        self._page = page
        self._asked = asked
        self._org = page.resource.id
        self._edition: Edition = edition_of(page)

    @cached_property
    def projects(self) -> Sequence[str]:
        """Return the projects on which the viewer may ask about others."""
        refs = (ResourceRef("project", p, org=self._org, project=p) for p in self._page.facts.projects_in(self._org))
        return [ref.id for ref in refs if sees_others(self._page, ref)]

    @cached_property
    def shown_projects(self) -> frozenset[str]:
        """Return those of the projects that are asked for."""
        return frozenset(p for p in self.projects if not self._asked.projects or p in self._asked.projects)

    def people(self) -> keyset.Page[str]:
        """Return the first people who are asked for."""
        return self._listing.page(keyset.START, MOST)

    def batches(self, after: str | None) -> keyset.Page[str]:
        """Return the people after a place."""
        return self._listing.page(keyset.place_of(after or "") or keyset.START, _BATCH)

    @cached_property
    def _listing(self) -> MemberListing:
        asked = self._asked
        active: tuple[State, ...] = ("active",)
        query = MemberQuery(q=asked.q, teams=asked.teams, states=active, among=self._among())
        return MemberListing(self._page.view, self._org, query, self._page.now)

    def _among(self) -> AbstractSet[str] | None:
        """Return who has a way that the filters by role, project and source ask for, None if nobody asked for any."""
        asked = self._asked
        if not (asked.roles or asked.projects or asked.sources):
            return None
        return united(self._people_by(source) for source in asked.sources or SOURCES)

    def _people_by(self, source: Source) -> frozenset[str]:
        """Return who has a way of that kind that the filters by role and project ask for."""
        facts, now, mapped = self._page.facts, self._page.now, source == "mapping"
        above = [role.name for role in self._edition.roles.values() if self._is_wanted(role)]
        found = list[frozenset[str]]()
        if source in {"organization_role", "mapping"}:
            found.append(people_holding(facts, [self._org], now, one_of(above, now, mapped=mapped)))
        if source != "organization_role":
            people = people_by_teams if source == "team" else people_holding
            wanted = one_of(self._asked.roles or None, now, mapped=mapped)
            found.append(people(facts, self.shown_projects, now, wanted))
        return united(found)

    def _is_wanted(self, role: Role) -> bool:
        """Say whether an organization role may be the way that is asked for: what reaches no project is one of none."""
        asked = self._asked
        fits = role.scope == "organization" and (
            not asked.roles or bool({role.name, role.in_projects} & {*asked.roles})
        )
        return fits and (role.in_projects is not None or not asked.projects) and role.name != BASE["organization"]

    def of(self, people: Iterable[str]) -> Iterator[Reach]:
        """Yield the paths of `people` that are asked for."""
        for person in people:
            yield from (path for path in self._paths(person) if self._is_asked(path))

    def _is_asked(self, path: Reach) -> bool:
        asked = self._asked
        fits = (not asked.sources or path.way in asked.sources) and (
            not asked.roles or path.role in asked.roles or path.via in asked.roles
        )
        by_team = not asked.teams or path.via in asked.teams
        return fits and by_team and (not asked.projects or path.project in {*asked.projects, EVERY})

    def _paths(self, person: str) -> Iterator[Reach]:
        now = self._page.now
        for edge in effective_edges(self._page.facts, person):
            if edge.org != self._org or (edge.project is not None and edge.project not in self.shown_projects):
                continue
            for grant in edge.grants:
                if not grant.starts <= now < grant.ends:
                    continue
                ends = None if grant.ends == FOREVER else grant.ends
                if edge.project is None:
                    yield from self._inherited(person, grant, ends)
                else:
                    source: Source = "team" if edge.team else "direct"
                    yield Reach(person, edge.project, grant.role, source, edge.team or "", ends, grant.mapped)

    def _inherited(self, person: str, grant: Grant, ends: int | None) -> Iterator[Reach]:
        name, role = grant.role, self._edition.roles.get(grant.role)
        if role is not None and role.in_projects:
            yield Reach(person, EVERY, role.in_projects, "organization_role", name, ends, grant.mapped)
        elif role is not None and name != BASE["organization"]:
            yield Reach(person, "", name, "organization_role", name, ends, grant.mapped)

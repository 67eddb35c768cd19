"""People with access to a project, with every role and where it comes from, and whoever is invited to it.

Who they are comes from the engine's facts, which know what a project inherits; names and order come from the facets.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final, Literal

from orgward.catalog import EDITIONS, Edition
from orgward.directory.invitation_parts import parts_of
from orgward.engine.arrays import NOBODY, Holding, united
from orgward.engine.layer import Layer
from orgward.engine.sources import one_of, people_by_teams, people_holding
from orgward.kernel.instants import FOREVER
from orgward.store.reads.keyset import Page, Place
from orgward.store.reads.member_filters import STATES, MemberQuery, Sort, State
from orgward.store.reads.member_list import MemberListing
from orgward.store.reads.member_rows import Held, Member, member_rows, roles_held
from orgward.store.view import SqlView

Source = Literal["direct", "by_team", "inherited"]

_STOPPED: Final = "SELECT user_id FROM member_facets WHERE org_id = :org AND facet = 'state' AND value = 'suspended'"
_INVITED: Final = (
    "SELECT user_id FROM project_members WHERE project_id = :project AND state = 'pending' AND expires_at > :now"
)
_TEAMS: Final = (
    "SELECT t.user_id, n.id, n.name, a.role, a.starts, a.ends FROM json_each(:ids) AS v"
    " CROSS JOIN team_members AS t ON t.user_id = v.value AND t.org_id = :org"
    " CROSS JOIN assignments AS a ON a.holder_id = t.team_id AND a.scope_id = :project AND a.ends > :now"
    " CROSS JOIN teams AS n ON n.id = t.team_id ORDER BY n.name, n.id, a.role"
)
_ADDED: Final = (
    "SELECT j.user_id, j.state, j.created_at, j.expires_at, j.invitation_id, i.parts FROM json_each(:ids) AS v"
    " CROSS JOIN project_members AS j ON j.project_id = :project AND j.user_id = v.value"
    " LEFT JOIN invitations AS i ON i.id = j.invitation_id"
)


@dataclass(frozen=True)
class Sources:
    """Who has access to a project by which way; suspended people are among them, for their roles only rest."""

    direct: frozenset[str]
    by_team: frozenset[str]
    inherited: frozenset[str]

    @cached_property
    def everybody(self) -> frozenset[str]:
        """Return all of them, each once."""
        return united([self.direct, self.by_team, self.inherited])

    def __contains__(self, user: object) -> bool:
        """Say whether `user` has access by any way."""
        return user in self.direct or user in self.by_team or user in self.inherited

    def by(self, chosen: Collection[Source]) -> frozenset[str]:
        """Return those with access by one of the `chosen` ways; without a choice all of them."""
        if not chosen:
            return self.everybody
        return united(getattr(self, source) for source in chosen)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessQuery:
    """Which people are asked for: by way of access, by name or address, by their state in the project."""

    sources: Sources
    chosen: Collection[Source] = ()
    q: str = ""
    states: Collection[State] = ()
    sort: Sort = "name"


@dataclass(frozen=True, slots=True)
class ByTeam:
    """A team that brings somebody to a project, and its roles there."""

    id: str
    name: str
    roles: tuple[Held, ...]


@dataclass(frozen=True, slots=True)
class ProjectPerson:
    """Somebody with access to a project; `direct` of somebody invited is what the invitation gives there.

    `inherited` are the organization roles that reach into projects. `added_at` is when they were added themselves.
    """

    member: Member
    state: State
    direct: tuple[Held, ...]
    teams: tuple[ByTeam, ...]
    inherited: tuple[Held, ...]
    added_at: int | None
    invitation_id: str | None
    expires_at: int | None


def sources(facts: Layer, project: str, now: int, *, role: str = "") -> Sources:
    """Return who is on `project` or reaches it, or has the role called `role` there, at `now`; keys are no people.

    Whoever was added stands there without a role in force, too: how else could they get one again, or be removed?
    """
    org = facts.attribute("projects", project) or ""
    held = one_of([role] if role else None, now)
    reaching = one_of(_carrying(facts, org, role), now) if role else _reaches
    direct = people_holding(facts, [project], now, held if role else _is_there)
    by_team = people_by_teams(facts, [project], now, held)
    inherited = people_holding(facts, [org], now, reaching)
    found, stopped = (direct, by_team, inherited), facts.stopped(org)
    gone = {user for each in found for user in each & stopped if facts.state(org, user) != "suspended"}
    return Sources(*(each - gone for each in found) if gone else found)


def _is_there(_: Holding) -> bool:
    return True


def _reaches(holding: Holding) -> bool:
    return bool(holding.access.reach)


def _carrying(facts: Layer, org: str, role: str) -> list[str]:
    """Return the roles in an organization that amount to `role` on its projects."""
    edition = EDITIONS[facts.attribute("organizations", org) or ""]
    return [each.name for each in edition.roles.values() if each.in_projects == role]


def reaches(edition: Edition, role: str) -> bool:
    """Say whether the organization role `role` amounts to anything in projects."""
    return role in edition.roles and bool(edition.in_projects_of(role))


def invited_people(view: SqlView, project: str, now: int) -> frozenset[str]:
    """Return the ids of those who can still accept an invitation to `project`."""
    return frozenset(user for (user,) in view.rows(_INVITED, {"project": project, "now": now}))


def access_page(
    view: SqlView, org: str, project: str, query: AccessQuery, *, place: Place, size: int, now: int
) -> Page[ProjectPerson]:
    """Return the page at `place` of the people of `project`, of the organization `org`, that `query` asks for."""
    listing = AccessListing(view, org, project, query, now=now)
    page = listing.page(place, size)
    return page.of(listing.rows(page.rows))


class AccessListing:
    """The people of a project whom a query asks for, in its order."""

    def __init__(self, view: SqlView, org: str, project: str, query: AccessQuery, *, now: int) -> None:
        """Read through `view`."""
        self._view = view
        self._query = query
        self._given: dict[str, Any] = {"org": org, "project": project, "now": now}

    def page(self, place: Place, size: int) -> Page[str]:
        """Return the ids of the page at `place`."""
        page = self._listing.page(place, size)
        return page if self._query.q else replace(page, total=len(self._asked))

    def chunks(self) -> Iterator[Sequence[ProjectPerson]]:
        """Yield all of them, some at a time."""
        for ids in self._listing.chunks():
            yield self.rows(ids)

    def rows(self, ids: Sequence[str]) -> list[ProjectPerson]:
        """Return the people `ids` with their roles, in this order."""
        org, project, now = self._given["org"], self._given["project"], self._given["now"]
        given = {**self._given, "ids": json.dumps(list(ids))}
        added = {row[0]: row[1:] for row in self._view.rows(_ADDED, given)}
        direct, teams = roles_held(self._view, project, ids, now), self._teams(given)
        return [
            self._person(member, direct.get(member.user_id, ()), teams.get(member.user_id, ()), added)
            for member in member_rows(self._view, org, ids, now)
        ]

    @cached_property
    def _asked(self) -> frozenset[str]:
        """Return everybody with access, and whoever is invited, in the states that are asked for."""
        query = self._query
        found, states = query.sources.by(query.chosen), query.states or STATES
        if not ("active" in states and "suspended" in states):
            suspended = frozenset(user for (user,) in self._view.rows(_STOPPED, self._given))
            found = found - suspended if "active" in states else found & suspended if "suspended" in states else NOBODY
        if "pending" in states and (not query.chosen or "direct" in query.chosen):
            invited = invited_people(self._view, self._given["project"], self._given["now"])
            found = united([found, invited - query.sources.everybody])
        return found

    @cached_property
    def _listing(self) -> MemberListing:
        query = MemberQuery(q=self._query.q, among=self._asked, sort=self._query.sort)
        return MemberListing(self._view, self._given["org"], query, self._given["now"])

    @cached_property
    def _edition(self) -> Edition:
        row = self._view.get("organizations", self._given["org"])
        return EDITIONS[row["edition"] if row else "atlas"]

    def _teams(self, given: Mapping[str, Any]) -> Mapping[str, tuple[ByTeam, ...]]:
        found: dict[str, dict[str, ByTeam]] = {}
        for user, team, name, role, starts, ends in self._view.rows(_TEAMS, given):
            here = found.setdefault(user, {})
            held = Held(role, starts, None if ends == FOREVER else ends)
            here[team] = ByTeam(team, name, (*(here[team].roles if team in here else ()), held))
        return {user: tuple(teams.values()) for user, teams in found.items()}

    def _person(
        self, member: Member, direct: tuple[Held, ...], teams: tuple[ByTeam, ...], added: Mapping[str, Any]
    ) -> ProjectPerson:
        state, since, ends, invitation, parts = added.get(member.user_id, (None,) * 5)
        inherited = tuple(held for held in member.roles if reaches(self._edition, held.role))
        is_invited = state == "pending" and member.user_id not in self._query.sources
        if is_invited:
            here = (part for part in parts_of({"parts": parts}) if part.id == self._given["project"])
            direct, inherited = tuple(Held(role) for part in here for role in part.roles), ()
        shown: State = "suspended" if member.state == "suspended" else "pending" if is_invited else "active"
        return ProjectPerson(member, shown, direct, teams, inherited, since, invitation, ends)

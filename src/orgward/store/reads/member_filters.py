"""What a list of members is narrowed by; each filter names whom it finds, and tells whether it finds somebody."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple

from orgward.store.facets import seen
from orgward.store.folding import AFTER_ALL, folded

State = Literal["active", "pending", "suspended"]
Factor = Literal["none", "totp", "passkey"]
Sort = Literal["name", "-name", "seen", "-seen"]

STATES: Final[tuple[State, ...]] = ("active", "pending", "suspended")
FEWEST_LETTERS: Final = 2
"""How many letters a search has to have; one with fewer is none."""

FIRST: Final = ""
NEVER: Final = seen(0)

_HELD: Final[Mapping[State, str]] = {
    "active": "m.state = 'active' AND NOT m.suspended",
    "pending": "m.state = 'pending' AND m.expires_at > :now",
    "suspended": "m.suspended",
}
_FOUND: Final[Mapping[State, str]] = {
    "active": "SELECT user_id FROM members WHERE org_id = :org AND state = 'active'",
    "pending": "SELECT user_id FROM members WHERE org_id = :org AND state = 'pending' AND expires_at > :now",
    "suspended": "SELECT user_id FROM member_facets WHERE org_id = :org AND facet = 'state' AND value = 'suspended'",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberQuery:
    """Which members are asked for, and in which order.

    Values of one filter are alternatives, filters narrow together. `roles` are organization roles that have not ended,
    `idle_since` finds members who have not signed in since that time, `among` limits to people whom the caller may see.
    """

    q: str = ""
    roles: Collection[str] = ()
    states: Collection[State] = ()
    teams: Collection[str] = ()
    factors: Collection[Factor] = ()
    idle_since: int | None = None
    among: Collection[str] | None = field(default=None, repr=False)
    sort: Sort = "name"

    @property
    def facet(self) -> str:
        """Return the facet that the list is sorted by."""
        return self.sort.removeprefix("-")

    @property
    def bounds(self) -> tuple[str, str]:
        """Return between which values of that facet those who are asked for lie: from the first up to the second."""
        if self.facet != "seen":
            return FIRST, AFTER_ALL
        joined = "pending" not in self.asked_states or any(found.joined for found in filters_of(self))
        idle = AFTER_ALL if self.idle_since is None else seen(self.idle_since)
        return (NEVER if joined else FIRST), (NEVER if self.asked_states == ("pending",) else idle)

    @property
    def asked_states(self) -> tuple[State, ...]:
        """Return the states that are asked for; without a filter all of them."""
        return tuple(state for state in STATES if not self.states or state in self.states)


class Filter(NamedTuple):
    """Who is found: a query of their ids, the condition that tells of the member `m`, and values for both.

    What finds nobody who is only invited finds those who `joined`; if it finds each once, too, it is `exact`, and can
    be counted by itself.
    """

    found: str
    holds: str
    values: Mapping[str, Any]
    joined: bool = False
    exact: bool = False


def by_state(states: Collection[State]) -> Filter:
    """Return the filter by the state of the membership."""
    found = {_FOUND[state] for state in states}
    return Filter(" UNION ALL ".join(sorted(found)), " OR ".join(f"({_HELD[s]})" for s in states), {})


def filters_of(query: MemberQuery) -> Iterator[Filter]:
    """Yield the filters of `query` but the one by state, which every list has."""
    if len(folded(query.q)) >= FEWEST_LETTERS:
        yield _by_text(folded(query.q))
    if query.roles:
        yield _by_role(query.roles)
    if query.teams:
        yield _by_team(query.teams)
    if query.factors:
        yield _by_factor(query.factors)
    if query.idle_since is not None:
        yield _by_idleness(query.idle_since)


def _by_text(prefix: str) -> Filter:
    within = "facet IN ('name', 'last', 'address') AND value >= :q AND value < :q_end"
    return Filter(
        f"SELECT user_id FROM member_facets WHERE org_id = :org AND {within}",
        f"EXISTS (SELECT 1 FROM member_facets WHERE user_id = m.user_id AND org_id = :org AND {within})",
        {"q": prefix, "q_end": prefix + AFTER_ALL},
    )


def _by_role(roles: Collection[str]) -> Filter:
    names, values = _given("role", roles)
    # One look by the whole key for each role: for several at once SQLite would go along the index by role.
    held = (
        "EXISTS (SELECT 1 FROM assignments WHERE holder_id = m.user_id AND scope_id = :org"
        f" AND role = :{name} AND ends > :now)"
        for name in values
    )
    return Filter(
        "SELECT holder_id AS user_id FROM assignments"
        f" WHERE scope_id = :org AND role IN ({names}) AND holder_kind = 'user' AND ends > :now",
        f"({' OR '.join(held)})",
        values,
        joined=True,
        exact=len(values) == 1,
    )


def _by_team(teams: Collection[str]) -> Filter:
    names, values = _given("team", teams)
    within = f"team_id IN ({names}) AND +org_id = :org"
    return Filter(
        f"SELECT user_id FROM team_members WHERE {within}",
        f"EXISTS (SELECT 1 FROM team_members WHERE user_id = m.user_id AND {within})",
        values,
    )


def _by_factor(kinds: Collection[Factor]) -> Filter:
    names, values = _given("factor", kinds)
    within = f"org_id = :org AND facet = 'factor' AND value IN ({names})"
    return Filter(
        f"SELECT user_id FROM member_facets WHERE {within}",
        f"EXISTS (SELECT 1 FROM member_facets WHERE {within} AND user_id = m.user_id)",
        values,
        joined=True,
        exact=len(values) == 1,
    )


def _by_idleness(since: int) -> Filter:
    within = "org_id = :org AND facet = 'seen' AND value >= :never AND value < :idle"
    return Filter(
        f"SELECT user_id FROM member_facets WHERE {within}",
        f"EXISTS (SELECT 1 FROM member_facets WHERE user_id = m.user_id AND {within})",
        {"never": NEVER, "idle": seen(since)},
        joined=True,
        exact=True,
    )


def _given(name: str, given: Collection[str]) -> tuple[str, dict[str, str]]:
    """Return parameters for the values of a filter: of a subquery in their place SQLite would expect many rows."""
    values = {f"{name}{number}": value for number, value in enumerate(sorted({*given}))}
    return ", ".join(f":{parameter}" for parameter in values), values

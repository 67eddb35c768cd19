"""Which people of a project a list, a file or a selection is of: read from the address, or from a form."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, cast

from orgward.catalog import EDITIONS
from orgward.console.explaining.sight import Looking
from orgward.console.frame.page import Values
from orgward.engine.arrays import united
from orgward.kernel.resource import ResourceRef
from orgward.store.reads.member_filters import STATES, Sort, State
from orgward.store.reads.project_access import AccessQuery, Source, Sources, invited_people, sources

SOURCES: Final[tuple[Source, ...]] = ("direct", "by_team", "inherited")
FILTERS: Final = ("q", "source", "role", "state")
"""The parameters that narrow the list."""

_SORTS: Final[tuple[Sort, ...]] = ("name", "-name", "seen", "-seen")


@dataclass(frozen=True, slots=True)
class Asking:
    """A query of people, and the parameters whose values could not be used."""

    query: AccessQuery
    wrong: Sequence[str]


def asking(looking: Looking, values: Values, project: ResourceRef) -> Asking:
    """Return the query of people of `project` that `values` make; a bad value is left out and named."""
    known = {"source": SOURCES, "role": _roles(looking, project), "state": STATES, "sort": _SORTS}
    given = {name: _given(values, name) for name in known}
    good = {name: [value for value in given[name] if value in fitting] for name, fitting in known.items()}
    query = AccessQuery(
        sources=_sources(looking, project.scope_id, good["role"]),
        chosen=cast("list[Source]", good["source"]),
        q="".join(_given(values, "q")[-1:]),
        states=_states(cast("list[State]", good["state"]), has_role=bool(good["role"])),
        sort=cast("Sort", good["sort"][-1]) if good["sort"] else "name",
    )
    return Asking(query, [name for name in known if good[name] != given[name]])


def _states(asked: Sequence[State], *, has_role: bool) -> Sequence[State]:
    """Return the states asked for; somebody invited has no role yet, so that none finds them unless they are named."""
    return asked or [state for state in STATES if not (has_role and state == "pending")]


def counts_of(looking: Looking, query: AccessQuery, project: str) -> dict[str, int]:
    """Return how many people are found by way of each source, and in all, if no other source is chosen."""
    found, invited = query.sources, 0
    if "pending" in query.states:
        invited = len(invited_people(looking.view, project, looking.now) - found.everybody)
    return {
        "all": len(found.everybody) + invited, "direct": len(found.direct) + invited, "by_team": len(found.by_team),
        "inherited": len(found.inherited),
    }  # fmt: skip


def _roles(looking: Looking, project: ResourceRef) -> list[str]:
    edition = EDITIONS[looking.facts.attribute("organizations", project.org or "") or ""]
    return [role.name for role in edition.roles.values() if role.scope == "project"]


def _sources(looking: Looking, project: str, roles: Sequence[str]) -> Sources:
    """Return who reaches the project from where; of several roles those who hold any of them."""
    found = [sources(looking.facts, project, looking.now, role=role) for role in roles or [""]]
    return Sources(*(united(getattr(each, source) for each in found) for source in SOURCES))


def _given(values: Values, name: str) -> list[str]:
    return [value.strip() for value in values.get(name, ()) if value.strip()]


def filters_given(values: Values) -> dict[str, list[str]]:
    """Return those of `values` that narrow the list, as a form or an address carries them on."""
    return {name: found for name in FILTERS if (found := _given(values, name))}

"""Which members a list, a file or a selection is of: read from the address, or from a form that carries the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, cast

from orgward.catalog import Edition
from orgward.console.frame.page import Values
from orgward.store.reads.member_filters import STATES, Factor, MemberQuery, Sort, State

IDLE_DAYS: Final = ("30", "90", "180", "365")
FACTORS: Final[tuple[Factor, ...]] = ("none", "totp", "passkey")
SORTS: Final[tuple[Sort, ...]] = ("name", "-name", "seen", "-seen")
SIZES: Final = ("25", "50", "100")
FILTERS: Final = ("q", "role", "state", "team", "factor", "idle")
"""The parameters that narrow the list."""

_DAY: Final = 86_400_000


@dataclass(frozen=True, slots=True)
class Asking:
    """A query of members, and the parameters whose values could not be used."""

    query: MemberQuery
    wrong: Sequence[str]


def asking(values: Values, edition: Edition, now: int) -> Asking:
    """Return the query that `values` make; a bad value is left out and named."""
    known = {
        "role": [role.name for role in edition.roles.values() if role.scope == "organization"],
        "state": STATES,
        "factor": FACTORS,
        "idle": IDLE_DAYS,
        "sort": SORTS,
    }
    given = {name: _given(values, name) for name in (*known, "team", "q")}
    good = {name: [each for each in given[name] if each in fitting] for name, fitting in known.items()}
    idle, sort = good["idle"], good["sort"]
    query = MemberQuery(
        q="".join(given["q"][-1:]),
        roles=good["role"],
        states=cast("list[State]", good["state"]),
        teams=given["team"],
        factors=cast("list[Factor]", good["factor"]),
        idle_since=now - int(idle[-1]) * _DAY if idle else None,
        sort=cast("Sort", sort[-1]) if sort else "name",
    )
    return Asking(query, [name for name in known if good[name] != given[name]])


def _given(values: Values, name: str) -> list[str]:
    return [value.strip() for value in values.get(name, ()) if value.strip()]


def filters_given(values: Values) -> dict[str, list[str]]:
    """Return those of `values` that narrow the list, as a form or an address carries them on."""
    return {name: found for name in FILTERS if (found := _given(values, name))}

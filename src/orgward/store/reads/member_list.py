"""Members of an organization as the console lists them: searched, filtered, sorted, page by page.

What is asked for is reached in one of two ways. Where a filter finds few, all that it finds are read and sorted, and
the list has a total. Where none does, those asked for lie dense along the facet that the list is sorted by, and it is
walked until the page is full. So a page costs as much in an organization of any size.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from operator import itemgetter
from typing import Any, Final

from orgward.store.reads.keyset import START, Entry, Page, Place, chunked, cut, walked
from orgward.store.reads.member_filters import Filter, MemberQuery, State, by_state, filters_of
from orgward.store.reads.member_rows import Member, member_rows
from orgward.store.reads.waiting import still_waiting
from orgward.store.view import SqlView

FEW: Final = 3_000
"""How many are still sorted; a list that is filtered and has more is one without a total, as a rule."""

_SPARSE: Final = 200
_STEP: Final = 4
_LONGEST: Final = 4_000
_AMONG: Final = Filter("SELECT value AS user_id FROM json_each(:among)", "", {})


def member_page(view: SqlView, org: str, query: MemberQuery, place: Place, *, size: int, now: int) -> Page[Member]:
    """Return the page at `place` of the members of `org` that `query` asks for."""
    page = MemberListing(view, org, query, now).page(place, size)
    return page.of(member_rows(view, org, page.rows, now))


def state_counts(view: SqlView, org: str, now: int) -> dict[State, int]:
    """Return how many members of `org` are in each state."""
    suspended = _counted(view, by_state(["suspended"]), {"org": org})
    active = view.count("members", org_id=org, state="active") - suspended
    return {"active": active, "pending": still_waiting(view, "members", org, now), "suspended": suspended}


class MemberListing:
    """The ids of the members of an organization whom a query asks for, in its order."""

    def __init__(self, view: SqlView, org: str, query: MemberQuery, now: int) -> None:
        """Read through `view`."""
        self._view = view
        self._query = query
        self._state = by_state(query.asked_states)
        self._filters = list(filters_of(query))
        self._values: dict[str, Any] = {"org": org, "now": now, "facet": query.facet}
        for found in self._filters:
            self._values |= found.values

    def page(self, place: Place, size: int) -> Page[str]:
        """Return the page at `place`."""
        if self._collected is not None:
            return cut(self._collected, place, size)
        return walked(self._walk, self._located(place), size, self._total)

    def chunks(self) -> Iterator[Sequence[str]]:
        """Return all of them, some at a time."""
        return chunked(self.page)

    # -- few: collected and sorted

    @cached_property
    def _collected(self) -> list[str] | None:
        """Return all who are asked for, in order, None if they are too many for that."""
        size, best = min(self._sizes, key=itemgetter(0))
        is_sparse = size * _SPARSE < self._population
        if size > FEW or (best is self._state and not self._narrowed and not is_sparse):
            return None
        conditions = [f"({self._state.holds})", *(found.holds for found in self._filters if found is not best)]
        sql = (
            f"WITH h AS MATERIALIZED (SELECT DISTINCT user_id FROM ({best.found}))"
            " SELECT s.value, s.user_id FROM h CROSS JOIN members AS m ON m.org_id = :org AND m.user_id = h.user_id"
            " CROSS JOIN member_facets AS s ON s.user_id = h.user_id AND s.org_id = :org AND s.facet = :facet"
            f" WHERE {' AND '.join(conditions)}"
        )
        among = self._query.among
        values = self._values if best is not _AMONG else {**self._values, "among": json.dumps(list(among or ()))}
        found = sorted(self._view.rows(sql, values), reverse=self._falls)
        return [user for _, user in found if among is None or user in among]

    @cached_property
    def _sizes(self) -> list[tuple[int, Filter]]:
        """Return how many each filter finds, as far as that matters."""
        sizes = [(sum(self._states[state] for state in self._query.asked_states), self._state)]
        if self._query.among is not None:
            sizes.append((len(self._query.among), _AMONG))
        if self._filters:
            counts = (f"(SELECT COUNT(*) FROM ({found.found} LIMIT {FEW + 1}) AS h)" for found in self._filters)
            (row,) = self._view.rows(f"SELECT {', '.join(counts)}", self._values)
            sizes += zip(row, self._filters, strict=True)
        return sizes

    @cached_property
    def _states(self) -> dict[State, int]:
        return state_counts(self._view, self._values["org"], self._values["now"])

    @cached_property
    def _population(self) -> int:
        counts = (self._view.count("members", org_id=self._values["org"], state=s) for s in ("active", "pending"))
        return sum(counts)

    @property
    def _narrowed(self) -> bool:
        return bool(self._filters) or self._query.among is not None

    @property
    def _falls(self) -> bool:
        return self._query.sort.startswith("-")

    # -- many: walked along the facet

    @property
    def _total(self) -> int | None:
        if self._query.among is not None:
            return None
        if not self._filters:
            return self._sizes[0][0]
        alone = len(self._filters) == 1 and {"active", "suspended"} <= {*self._query.asked_states}
        return _counted(self._view, self._filters[0], self._values) if alone and self._filters[0].exact else None

    def _located(self, place: Place) -> Place:
        if place.key is not None or not place.id:
            return place
        sql = "SELECT value FROM member_facets WHERE user_id = :user AND org_id = :org AND facet = :facet"
        found = self._view.rows(sql, {**self._values, "user": place.id})
        return replace(place, key=found[0][0]) if found else START

    def _walk(self, beyond: Entry | None, *, backwards: bool, limit: int) -> list[Entry]:
        found: list[Entry] = []
        among, step = self._query.among, limit
        while True:
            rows = self._step(beyond, falls=backwards != self._falls, limit=step)
            found += [(key, user) for key, user in rows if among is None or user in among]
            if len(found) >= limit or len(rows) < step:
                return found[:limit]
            beyond, step = rows[-1], min(step * _STEP, _LONGEST)

    def _step(self, beyond: Entry | None, *, falls: bool, limit: int) -> list[Entry]:
        low, high = self._query.bounds
        key, user = beyond or (high if falls else low, "")
        order, further, ahead = ("DESC", "<", "s.value >= :ahead") if falls else ("ASC", ">", "s.value < :ahead")
        conditions = [ahead, f"({self._state.holds})", *(found.holds for found in self._filters)]
        sql = (
            "SELECT s.value, s.user_id FROM member_facets AS s"
            " CROSS JOIN members AS m ON m.org_id = :org AND m.user_id = s.user_id WHERE s.org_id = :org"
            f" AND s.facet = :facet AND (s.value, s.user_id) {further} (:key, :user) AND {' AND '.join(conditions)}"
            f" ORDER BY s.value {order}, s.user_id {order} LIMIT :limit"
        )
        given = {"key": key, "user": user, "ahead": low if falls else high, "limit": limit}
        return [(value, id_) for value, id_ in self._view.rows(sql, {**self._values, **given})]


def _counted(view: SqlView, found: Filter, values: dict[str, Any]) -> int:
    return int(view.rows(f"SELECT COUNT(*) FROM ({found.found}) AS h", {**values, **found.values})[0][0])

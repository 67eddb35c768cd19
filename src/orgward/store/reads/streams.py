"""Streams of events: each lies along an index and has a counter; a feed is some of them, merged by time.

A page is merged from the nearer end of the feed and only as far as it goes, however many events there are and
however few of them lie in the streams that are wanted.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from orgward.store.view import SqlView, counter_name

Column = Literal["org_id", "project_id", "type"]
Key = tuple[str | None, ...]

_FOREVER: Final = 2**63 - 1
_SHOWN: Final = "revision, ordinal, type, at"
_WITHIN: Final = "revision >= :first AND revision < :end"
_COUNTS: Final = "SELECT c.name, c.value FROM json_each(:names) AS v CROSS JOIN counters AS c ON c.name = v.value"


@dataclass(frozen=True, slots=True)
class Span:
    """The revisions from `first` to the one before `end`."""

    first: int = 0
    end: int = _FOREVER


@dataclass(frozen=True, slots=True)
class Streams:
    """The events whose columns `by`, with which an index begins, have the values of one of `keys`."""

    by: Sequence[Column]
    keys: Sequence[Key]

    def kept(self, view: SqlView) -> "tuple[Streams, int]":
        """Return those in which there is anything, and how many events there are in them all."""
        names = {counter_name("events", self.by, key): key for key in self.keys}
        found = view.rows(_COUNTS, {"names": json.dumps(list(names))})
        return Streams(self.by, [names[name] for name, _ in found]), sum(value for _, value in found)

    def count(self, view: SqlView, span: Span) -> int:
        """Return how many events there are in `span`, by counting them."""
        one = f"SELECT COUNT(*) FROM events WHERE {self._of_key()} AND {_WITHIN}"
        sql = f"SELECT COALESCE(SUM(({one})), 0) FROM json_each(:keys) AS v"
        return int(view.rows(sql, self._values(span))[0][0])

    def page(self, view: SqlView, span: Span, *, total: int | None, limit: int, offset: int) -> list[tuple[Any, ...]]:
        """Return revision, ordinal, type and time of `limit` events in `span`, newest first, without `offset`.

        `total` tells which end is the nearer one; where it is not known that is the newest event.
        """
        wanted = limit if total is None else min(limit, total - offset)
        if wanted <= 0:
            return []
        if total is None or offset <= total // 2:
            return self.first(view, span, limit=wanted, offset=offset)
        return self.first(view, span, falls=False, limit=wanted, offset=total - offset - wanted)[::-1]

    def first(
        self, view: SqlView, span: Span, *, falls: bool = True, limit: int, offset: int = 0
    ) -> list[tuple[Any, ...]]:
        """Return revision, ordinal, type and time of the newest events in `span`, the oldest unless it `falls`."""
        if not self.keys:
            return []
        cut = self._of_one if len(self.keys) == 1 else self._merged
        return view.rows(cut("DESC" if falls else "ASC"), self._values(span, limit=limit, offset=offset))

    def _values(self, span: Span, **bounds: int) -> dict[str, Any]:
        return {"keys": json.dumps(self.keys), "first": span.first, "end": span.end, **bounds}

    def _of_one(self, order: str) -> str:
        """Return the query for a page of the only stream, of which to skip an event costs next to nothing."""
        key = (f"json_extract(:keys, '$[0][{place}]')" for place in range(len(self.by)))
        where = f"{self._equal(key)} AND {_WITHIN}"
        return f"SELECT {_SHOWN} FROM events WHERE {where} ORDER BY {_by_time(order)} LIMIT :limit OFFSET :offset"

    def _merged(self, order: str) -> str:
        """Return the query for a page of several streams.

        It begins with the first event of each. With each event that is taken the next one of its stream comes in
        question, and of those that do SQLite takes them in the order asked for, until there are enough.
        """
        # Only the bound that lies ahead: by two on one side SQLite would search for the wrong one. A plus takes the
        # affinity away, without which it would search by the revision alone.
        further, ahead = ("<", "revision >= :first") if order == "DESC" else (">", "revision < :end")
        rest = f"{ahead} AND (revision, ordinal) {further} (+h.revision, +h.ordinal)"
        columns = ("org_id", "project_id", *_SHOWN.split(", "))
        read = f"SELECT {', '.join(f'e.{column}' for column in columns)}"
        first, following = (
            f"SELECT rowid FROM events WHERE {where} ORDER BY {_by_time(order)} LIMIT 1"
            for where in (f"{self._of_key()} AND {_WITHIN}", f"{self._equal(f'h.{c}' for c in self.by)} AND {rest}")
        )
        return (
            f"WITH RECURSIVE h({', '.join(columns)}) AS ("
            f"{read} FROM json_each(:keys) AS v CROSS JOIN events AS e ON e.rowid = ({first})"
            f" UNION ALL {read} FROM h CROSS JOIN events AS e ON e.rowid = ({following})"
            f" ORDER BY {_by_time(order)} LIMIT :limit OFFSET :offset) SELECT {_SHOWN} FROM h"
        )

    def _of_key(self) -> str:
        return self._equal(f"json_extract(v.value, '$[{place}]')" for place in range(len(self.by)))

    def _equal(self, values: Iterable[str]) -> str:
        return " AND ".join(f"{column} IS {value}" for column, value in zip(self.by, values, strict=True))


def _by_time(order: str) -> str:
    return f"revision {order}, ordinal {order}"

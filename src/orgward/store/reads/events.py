"""Events of an organization or project, newest first, from the index of events and the rows of the log.

An event's id is made of its time and its place in the log, so that an id finds its row by key. Times never run
backwards in the log, so that a bound in time is one in revisions.
"""

import json
from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import msgspec

from orgward.catalog.event_types import EVENT_TYPES
from orgward.store.view import SqlView

_COLUMNS: Final = "revision, ordinal, type, at"
_LOST: Final = json.dumps([name for name, found in EVENT_TYPES.items() if found.names_lost_project])
_ENDS: Final = ("SELECT MIN(revision) FROM log", "SELECT MAX(revision) FROM log")
"""Two queries, for one that asked for both would scan the log."""
_TIME: Final = "SELECT at FROM log WHERE revision >= :revision ORDER BY revision LIMIT 1"
_LOGGED: Final = (
    "SELECT l.revision, l.actor_kind, l.actor_id, l.credential, l.body"
    " FROM json_each(:revisions) AS v JOIN log AS l ON l.revision = v.value"
)


@dataclass(frozen=True, slots=True)
class Told:
    """One event: its id, time and type, what the log's body says of it, and who did it."""

    id: str
    at: int
    type: str
    body: Mapping[str, Any]
    actor_kind: str
    actor_id: str
    credential: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """The events of one organization or project that somebody asks for and has a need to know.

    `types` are the only ones wanted, None all; `since` and `until` are the first and the last millisecond. Of events
    about a project only those about `projects` are shown; None shows them all.
    """

    column: Literal["org_id", "project_id"]
    scope: str
    types: Collection[str] | None = None
    excluded: Collection[str] = ()
    since: int | None = None
    until: int | None = None
    projects: Collection[str] | None = None

    def page(self, view: SqlView, *, limit: int, offset: int, counted: bool) -> tuple[list[Told], int | None]:
        """Return a page of the feed, and how many events it has; None where nobody asked to count what is filtered."""
        where, values = self._filter(view)
        total = self._total(view, where, values, counted=counted)
        wanted = limit if total is None else max(0, min(limit, total - offset))
        backwards = total is not None and offset > total // 2
        order = "ASC" if backwards else "DESC"
        # One branch a type, each in the order of its index, so that merging them never sorts what is not shown.
        branches = [f"SELECT {_COLUMNS} FROM events WHERE {where}{term}" for term in self._branches(values)]
        sql = f"{' UNION ALL '.join(branches)} ORDER BY revision {order}, ordinal {order} LIMIT :limit OFFSET :offset"
        skipped = total - offset - wanted if backwards and total is not None else offset
        rows = view.rows(sql, {**values, "limit": wanted, "offset": skipped}) if wanted else []
        return _told(view, rows[::-1] if backwards else rows), total

    def find(self, view: SqlView, event: str) -> Told | None:
        """Return the event of this id, None if the feed does not show it."""
        where, values = self._filter(view)
        sql = f"SELECT {_COLUMNS} FROM events WHERE {where} AND revision = :revision AND ordinal = :ordinal"
        place = {"revision": int(event[8:20], 16), "ordinal": int(event[20:], 16)}
        return next((found for found in _told(view, view.rows(sql, {**values, **place})) if found.id == event), None)

    def _total(self, view: SqlView, where: str, values: Mapping[str, Any], *, counted: bool) -> int | None:
        if self.types is None and len(values) == 1:
            return view.count("events", **{self.column: self.scope})
        if not counted:
            return None
        wanted = "" if self.types is None else " AND type IN (SELECT value FROM json_each(:types))"
        types = {} if self.types is None else {"types": json.dumps(sorted(self.types))}
        return int(view.rows(f"SELECT COUNT(*) FROM events WHERE {where}{wanted}", {**values, **types})[0][0])

    def _branches(self, values: dict[str, Any]) -> list[str]:
        if self.types is None:
            return [""]
        # What nobody raises needs no branch; where nothing else is asked for, one that is empty.
        names = sorted(EVENT_TYPES.keys() & set(self.types)) or [""]
        values.update({f"type{number}": name for number, name in enumerate(names)})
        return [f" AND type = :type{number}" for number in range(len(names))]

    def _filter(self, view: SqlView) -> tuple[str, dict[str, Any]]:
        """Return the condition for all types and its values; the scope alone where nothing is filtered."""
        given: dict[str, Any] = {"scope": self.scope}
        terms = [f"{self.column} = :scope"]
        if self.since is not None:
            given["first"] = _revision_at(view, self.since)
            terms.append("revision >= :first")
        if self.until is not None:
            given["end"] = _revision_at(view, self.until + 1)
            terms.append("revision < :end")
        if self.excluded:
            given["excluded"] = json.dumps(sorted(self.excluded))
            terms.append("type NOT IN (SELECT value FROM json_each(:excluded))")
        if self.projects is not None:
            given |= {"projects": json.dumps(sorted(self.projects)), "lost": _LOST}
            about_none = "project_id IS NULL AND type NOT IN (SELECT value FROM json_each(:lost))"
            terms.append(f"({about_none} OR project_id IN (SELECT value FROM json_each(:projects)))")
        return " AND ".join(terms), given


def _revision_at(view: SqlView, at: int) -> int:
    """Return the first revision of the log that is not before the time `at`."""
    low, high = (view.rows(end, {})[0][0] for end in _ENDS)
    revisions = range(low or 1, (high or 0) + 1)
    place = bisect_left(revisions, at, key=lambda revision: view.rows(_TIME, {"revision": revision})[0][0])
    return revisions.start + place


def _told(view: SqlView, rows: Sequence[tuple[Any, ...]]) -> list[Told]:
    """Return the events of the index's `rows` with what the log says of them."""
    revisions = json.dumps(sorted({row[0] for row in rows}))
    logged = {found[0]: found[1:] for found in view.rows(_LOGGED, {"revisions": revisions})} if rows else {}
    bodies = {revision: msgspec.json.decode(found[-1])["events"] for revision, found in logged.items()}
    return [
        Told(_id_of(revision, ordinal, at), at, kind, bodies[revision][ordinal], *logged[revision][:-1])
        for revision, ordinal, kind, at in rows
    ]


def _id_of(revision: int, ordinal: int, at: int) -> str:
    # INVARIANT: a command raises fewer events than 16 bits can number, for it touches at most 10,000 rows.
    return f"{at // 1000 & 0xFFFFFFFF:08x}{revision:012x}{ordinal:04x}"

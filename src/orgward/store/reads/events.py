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

from orgward.catalog.event_types import EVENT_TYPES, EventType
from orgward.store.reads.streams import Span, Streams
from orgward.store.view import SqlView

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
        """Return a page of the feed, and how many events it has.

        Events between two times have to be counted: how many they are is None where nobody asked.
        """
        streams, everything = self.streams().kept(view)
        span, total = self._span(view), None
        if span == Span():
            total = everything
        elif counted:
            total = streams.count(view, span)
        return _told(view, streams.page(view, span, total=total, limit=limit, offset=offset)), total

    def find(self, view: SqlView, event: str) -> Told | None:
        """Return the event of this id, None if the feed does not show it."""
        sql = (
            "SELECT revision, ordinal, type, at, project_id FROM events"
            f" WHERE {self.column} = :scope AND revision = :revision AND ordinal = :ordinal"
        )
        place = {"scope": self.scope, "revision": int(event[8:20], 16), "ordinal": int(event[20:], 16)}
        rows = [row[:-1] for row in view.rows(sql, place) if self.shows(row[-1], EVENT_TYPES[row[2]])]
        return next((found for found in _told(view, rows) if found.id == event), None)

    def shows(self, project: str | None, kind: EventType) -> bool:
        """Say whether there is a need to know of what is of this kind and about this project."""
        if self.projects is None:
            return True
        return not kind.names_lost_project if project is None else project in self.projects

    def streams(self) -> Streams:
        """Return the streams of which the feed is made: few of one kind, each with a counter and along an index."""
        if self.types is None and not self.excluded and self.projects is None:
            return Streams((self.column,), [(self.scope,)])
        kinds = [kind for kind in EVENT_TYPES.values() if self._wants(kind.name)]
        if self.projects is None:
            return Streams((self.column, "type"), [(self.scope, kind.name) for kind in kinds])
        about_none = [(self.scope, None, kind.name) for kind in kinds if self.shows(None, kind)]
        about = [(self.scope, project, kind.name) for kind in kinds if len(kind.feeds) > 1 for project in self.projects]
        return Streams((self.column, "project_id", "type"), [*about_none, *about])

    def _wants(self, name: str) -> bool:
        return name not in self.excluded and (self.types is None or name in self.types)

    def _span(self, view: SqlView) -> Span:
        first = {} if self.since is None else {"first": revision_at(view, self.since)}
        end = {} if self.until is None else {"end": revision_at(view, self.until + 1)}
        return Span(**first, **end)


def revision_at(view: SqlView, at: int) -> int:
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

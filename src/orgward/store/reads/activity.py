"""The activity of an organization or project: every change and every refusal, the newest first, page by page.

Rows are reached along an index of the log, or of events where only a part of the organization is shown; what has no
index is looked at row by row. A page that had to look at too many ends where it gave up; the next one goes on there.
"""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

from orgward.catalog.event_types import EVENT_TYPES
from orgward.store.reads.events import revision_at
from orgward.store.reads.keyset import START, Entry, Page, Place, chunked, walked
from orgward.store.reads.logged import Logged, Shown, logged_rows
from orgward.store.reads.streams import Span, Streams
from orgward.store.view import SqlView

FEW: Final = 10_000
"""Up to how many rows are counted."""

_TOLD: Final = json.dumps([name for name, kind in EVENT_TYPES.items() if "organization" in kind.feeds])
"""The types of events that feeds of organizations show."""

_LOOKED_AT: Final = 1_000
_STEP: Final = 4
_LONGEST: Final = 400
_LONGEST_REVISION: Final = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityQuery:
    """Which activity is asked for: in a period, of types of events, by an actor or kinds of actors, refusals only.

    Refusals raise no events: whoever asks for types of these sees none.
    """

    since: int | None = None
    until: int | None = None
    types: Collection[str] = ()
    actor: str = ""
    kinds: Collection[str] = ()
    refused: bool = False


def activity_page(view: SqlView, shown: Shown, query: ActivityQuery, place: Place, *, size: int) -> Page[Logged]:
    """Return the page at `place` of the activity that `query` asks for; fewer rows where few of many fit."""
    return ActivityListing(view, shown, query).page(place, size)


class ActivityListing:
    """The rows of the log that a query asks for, the newest first."""

    def __init__(self, view: SqlView, shown: Shown, query: ActivityQuery) -> None:
        """Read through `view`."""
        self._view = view
        self._shown = shown
        self._query = query
        self._found: dict[int, Logged] = {}
        self._gave_up: int | None = None

    def page(self, place: Place, size: int) -> Page[Logged]:
        """Return the page at `place`."""
        self._gave_up = None
        page = walked(self._read, _known(place), size, self._total)
        if page.after is None and self._gave_up is not None:
            after = Place(str(self._gave_up), place.passed + len(page.rows))
            page = replace(page, total=self._total, after=after)
        return page.of([self._found[int(id_)] for id_ in page.rows])

    def chunks(self) -> Iterator[Sequence[Logged]]:
        """Return all of them, some at a time."""
        return chunked(self.page)

    def _read(self, beyond: Entry | None, *, backwards: bool, limit: int) -> list[Entry]:
        found: list[int] = []
        at = int(beyond[1]) if beyond else None
        looked_at, step = 0, limit
        while len(found) < limit:
            revisions, is_all = self._next(at, falls=not backwards, limit=step)
            rows = [row for row in logged_rows(self._view, self._shown, revisions) if self._fits(row)]
            self._found |= {row.revision: row for row in rows}
            found += sorted((row.revision for row in rows), reverse=not backwards)
            if is_all:
                break
            at, step = revisions[-1], min(step * _STEP, max(limit, _LONGEST))
            looked_at += len(revisions)
            if looked_at >= _LOOKED_AT:
                self._gave_up = at
                break
        return [(str(revision), str(revision)) for revision in found[:limit]]

    def _fits(self, row: Logged) -> bool:
        query = self._query
        return (
            query.actor in {"", row.actor_id}
            and (not query.kinds or row.actor_kind in query.kinds)
            and (not query.refused or row.outcome == "refused")
            and (not query.types or any(event["type"] in query.types for event in row.events))
        )

    # -- where rows are reached

    def _next(self, at: int | None, *, falls: bool, limit: int) -> tuple[list[int], bool]:
        """Return revisions beyond `at` that may be asked for, and whether these are all."""
        span = self._span
        if at is not None:
            span = replace(span, end=min(span.end, at)) if falls else replace(span, first=max(span.first, at + 1))
        found = [read(span, falls=falls, limit=limit) for read in self._sources]
        ends = [revisions[-1] for revisions in found if len(revisions) == limit]
        merged = sorted({revision for revisions in found for revision in revisions}, reverse=falls)
        if not ends:
            return merged, True
        # Beyond where one of them ends there may be more of it.
        end = max(ends) if falls else min(ends)
        return [revision for revision in merged if (revision >= end if falls else revision <= end)], False

    @cached_property
    def _sources(self) -> list[Any]:
        query, shown = self._query, self._shown
        if query.refused:
            return [self._refusals]
        if shown.everything and query.actor and not query.types:
            return [self._rows]
        if shown.everything and not query.types:
            return [self._rows, self._events]  # what is in no chain of one organization raised events here, too
        return [self._events] if query.types else [self._events, self._refusals]

    def _rows(self, span: Span, *, falls: bool, limit: int) -> list[int]:
        return self._logged("actor_id = :actor" if self._query.actor else "TRUE", span, falls=falls, limit=limit)

    def _refusals(self, span: Span, *, falls: bool, limit: int) -> list[int]:
        return self._logged("outcome = 'refused'", span, falls=falls, limit=limit)

    def _logged(self, where: str, span: Span, *, falls: bool, limit: int) -> list[int]:
        sql = (
            f"SELECT revision FROM log WHERE org_id = :org AND {where} AND revision >= :first AND revision < :end"
            f" ORDER BY revision {'DESC' if falls else 'ASC'} LIMIT :limit"
        )
        given = {"org": self._shown.org, "actor": self._query.actor, "first": span.first, "end": span.end}
        return [revision for (revision,) in self._view.rows(sql, {**given, "limit": limit})]

    def _events(self, span: Span, *, falls: bool, limit: int) -> list[int]:
        """Return the revisions of events; of one that raised several only the last may be cut off."""
        rows = self._streams.first(self._view, span, falls=falls, limit=limit)
        return [row[0] for row in rows]

    @cached_property
    def _streams(self) -> Streams:
        feed = replace(self._shown.feed, types=tuple(self._query.types) or None)
        return feed.streams().kept(self._view)[0]

    @cached_property
    def _span(self) -> Span:
        since, until = self._query.since, self._query.until
        first = {} if since is None else {"first": revision_at(self._view, since)}
        end = {} if until is None else {"end": revision_at(self._view, until + 1)}
        return Span(**first, **end)

    @cached_property
    def _total(self) -> int | None:
        """Return how many rows there are, where an index tells and they are not very many."""
        query = self._query
        if query.kinds or query.types or not self._shown.everything or (query.refused and query.actor):
            return None
        where = "outcome = 'refused'" if query.refused else "actor_id = :actor" if query.actor else "TRUE"
        within = "revision >= :first AND revision < :end"
        own = f"SELECT revision FROM log WHERE org_id = :org AND {where} AND {within}"
        total = self._counted(own)
        if total <= FEW and self._events in self._sources:
            told = f"type IN (SELECT value FROM json_each(:types)) AND {within}"
            total = self._counted(f"{own} UNION SELECT revision FROM events WHERE org_id = :org AND {told}")
        return total if total <= FEW else None

    def _counted(self, revisions: str) -> int:
        """Return how many rows a query finds, one more than `FEW` at most."""
        given = {
            "org": self._shown.org, "actor": self._query.actor, "first": self._span.first, "end": self._span.end,
            "types": _TOLD,
        }  # fmt: skip
        return int(self._view.rows(f"SELECT COUNT(*) FROM ({revisions} LIMIT {FEW + 1}) AS h", given)[0][0])


def _known(place: Place) -> Place:
    """Return the place, or the start if it names no revision."""
    is_revision = place.id.isascii() and place.id.isdecimal() and len(place.id) <= _LONGEST_REVISION
    return replace(place, key=place.id) if is_revision else START

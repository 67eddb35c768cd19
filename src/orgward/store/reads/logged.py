"""Rows of the log as somebody may see them: who did what, what became of whose roles, and where it stands in the chain.

Of a row that tells of several projects whoever knows only some of them sees the part about those; of a row that is in
no organization's chain alone, such as a sign-in that changed roles in several, each sees the part about itself.
"""

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, NamedTuple

import msgspec

from orgward.catalog.event_types import EVENT_TYPES
from orgward.store.log import decode_deltas
from orgward.store.reads.events import Feed
from orgward.store.view import SqlView

_MOST: Final = 100
"""Of how many roles a row tells that they were given, and as many that they were taken."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Of which organization, or which `project` of it, activity is shown to somebody who may know of `projects`.

    None of those means that they may know of everything in the organization.
    """

    org: str
    project: str = ""
    projects: Collection[str] | None = None

    @property
    def everything(self) -> bool:
        """Say whether every row of the organization is shown."""
        return self.projects is None and not self.project

    @property
    def feed(self) -> Feed:
        """Return the feed of events that tells of the same."""
        if self.project:
            return Feed(column="project_id", scope=self.project)
        return Feed(column="org_id", scope=self.org, projects=self.projects)

    def knows(self, scope: str) -> bool:
        """Say whether what happens at the organization or project `scope` is shown."""
        if self.project:
            return scope == self.project
        return self.projects is None or scope == self.org or scope in self.projects


class RoleOf(NamedTuple):
    """A role that somebody was given at `scope`, or that was taken from them."""

    holder: str
    scope: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entered:
    """What a row of the log says alike in the store and to whoever may see it."""

    revision: int
    at: int
    actor_kind: str
    actor_id: str
    credential: str
    action: str
    target: str
    request_id: str
    outcome: str
    previous: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged(_Entered):
    """A row of the log: what was done or refused (`code` with its `parameters`), by whom, and the events it raised.

    `given` and `taken` are roles, as far as they are shown and not too many. `body` is what the row says of itself; it
    is empty unless the whole row is shown.
    """

    code: str
    parameters: tuple[str, ...]
    events: tuple[Mapping[str, Any], ...]
    body: Mapping[str, Any]
    given: tuple[RoleOf, ...]
    taken: tuple[RoleOf, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row(_Entered):
    org_id: str | None
    body: bytes
    deltas: bytes


_ENTERED: Final = tuple(field.name for field in fields(_Entered))
_COLUMNS: Final = tuple(field.name for field in fields(_Row))
_ROWS: Final = (
    f"SELECT {', '.join(f'l.{column}' for column in _COLUMNS)} FROM json_each(:revisions) AS v"
    " CROSS JOIN log AS l ON l.revision = v.value"
)


def logged_rows(view: SqlView, shown: Shown, revisions: Iterable[int]) -> list[Logged]:
    """Return those of `revisions` that are shown, the newest first."""
    rows = sorted(view.rows(_ROWS, {"revisions": json.dumps(sorted({*revisions}))}), reverse=True)
    found = (_logged(_Row(**dict(zip(_COLUMNS, row, strict=True))), shown) for row in rows)
    return [row for row in found if row is not None]


def logged_row(view: SqlView, shown: Shown, revision: int) -> Logged | None:
    """Return one row of the log, None if there is none that is shown."""
    return next(iter(logged_rows(view, shown, [revision])), None)


def _logged(row: _Row, shown: Shown) -> Logged | None:
    body, is_whole = msgspec.json.decode(row.body), shown.everything and row.org_id == shown.org
    events = tuple(event for event in body.get("events", ()) if is_whole or _tells(event, shown))
    if not is_whole and not _is_shown(row, shown, has_events=bool(events)):
        return None
    knows = shown.knows if is_whole or not shown.everything else _told_of(shown, events)
    given, taken = _roles(row, knows)
    rest = {name: value for name, value in body.items() if name not in {"events", "code", "parameters"}}
    named = {value for event in events for value in event.values() if isinstance(value, str)}
    target = row.target if knows(row.target) or row.target in named else ""
    entered = {name: getattr(row, name) for name in _ENTERED}
    return Logged(
        **{**entered, "target": target}, code=body.get("code", ""), parameters=tuple(body.get("parameters", ())),
        events=events, body=rest if is_whole else {}, given=given, taken=taken,
    )  # fmt: skip


def _told_of(shown: Shown, events: Iterable[Mapping[str, Any]]) -> Callable[[str], bool]:
    """Return what says whether `events` of the organization tell of a scope; nothing else of their row is known."""
    scopes = {shown.org, *(event.get("groupId") for event in events)}
    return lambda scope: scope in scopes


def _tells(event: Mapping[str, Any], shown: Shown) -> bool:
    kind = EVENT_TYPES.get(event["type"])
    if kind is None:
        return False
    if shown.project:
        return "project" in kind.feeds and event.get("groupId") == shown.project
    about = event.get("groupId") if "project" in kind.feeds else None
    return "organization" in kind.feeds and event.get("orgId") == shown.org and shown.feed.shows(about, kind)


def _is_shown(row: _Row, shown: Shown, *, has_events: bool) -> bool:
    if row.outcome != "refused":
        return has_events
    # What was refused in the organization itself is told to whoever may know of everything in it.
    return row.org_id == shown.org and row.target != shown.org and shown.knows(row.target)


def _roles(row: _Row, knows: Callable[[str], bool]) -> tuple[tuple[RoleOf, ...], tuple[RoleOf, ...]]:
    given, taken = list[RoleOf](), list[RoleOf]()
    for delta in decode_deltas(row.deltas):
        if delta.table == "assignments" and knows(delta.key[1]):
            (taken if delta.row is None else given).append(RoleOf(*delta.key))
    return tuple(given[:_MOST]), tuple(taken[:_MOST])

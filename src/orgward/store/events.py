"""The index of events: which rows of the log an organization's or project's feed shows."""

import sqlite3
from collections.abc import Mapping
from typing import Any

from orgward.catalog.event_types import EVENT_TYPES, Feed
from orgward.kernel.delta import Delta
from orgward.store.apply import apply_deltas


def index_events(connection: sqlite3.Connection, revision: int, at: int, body: Mapping[str, Any]) -> None:
    """Enter each event of a log row's body that belongs to a feed, and count it there."""
    rows = (_row(revision, ordinal, at, event) for ordinal, event in enumerate(body.get("events", ())))
    # Written as if they were deltas, for the counters' sake; the log has the events themselves, in the body.
    shown = [row for row in rows if row["org_id"] or row["project_id"]]
    apply_deltas(connection, [Delta("events", (str(r["revision"]), str(r["ordinal"])), r) for r in shown])


def _row(revision: int, ordinal: int, at: int, event: Mapping[str, Any]) -> dict[str, Any]:
    found = EVENT_TYPES.get(event["type"])
    feeds: frozenset[Feed] = frozenset() if found is None else found.feeds
    return {
        "revision": revision,
        "ordinal": ordinal,
        "org_id": event.get("orgId") if "organization" in feeds else None,
        "project_id": event.get("groupId") if "project" in feeds else None,
        "type": event["type"],
        "at": at,
    }

"""The index of events: which rows of the log an organization's or project's feed shows."""

import sqlite3
from collections.abc import Mapping
from typing import Any

from orgward.catalog.event_types import EVENT_TYPES, Feed
from orgward.store.apply import insert
from orgward.store.schema import events


def index_events(connection: sqlite3.Connection, revision: int, at: int, body: Mapping[str, Any]) -> None:
    """Enter each event of a log row's body that belongs to a feed, and count it there."""
    rows = (_row(revision, ordinal, at, event) for ordinal, event in enumerate(body.get("events", ())))
    insert(connection, events, [row for row in rows if row["org_id"] or row["project_id"]])


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

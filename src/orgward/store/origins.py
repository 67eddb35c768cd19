"""Origins: when each row of some tables began to exist, by whom, and with which revision."""

import sqlite3
from collections.abc import Iterable
from typing import Final

from orgward.kernel.delta import Delta
from orgward.store.log import Entry

ORIGINATED: Final = frozenset(
    {
        "api_keys", "assignments", "invitations", "members", "organizations", "project_members", "projects",
        "service_accounts", "team_members", "teams",
    }
)  # fmt: skip
"""The tables whose rows have an origin; a row that only changes keeps the one it has."""

_INSERT: Final = "INSERT OR IGNORE INTO origins (of, key, revision, at, actor_kind, actor_id) VALUES (?, ?, ?, ?, ?, ?)"
_DELETE: Final = "DELETE FROM origins WHERE of = ? AND key = ?"


def joined(key: Iterable[str]) -> str:
    """Return a primary key as origins know it."""
    return "/".join(key)


def keep_origins(
    connection: sqlite3.Connection, deltas: Iterable[Delta], entry: Entry, *, revision: int, at: int
) -> None:
    """Enter which rows begin to exist with `deltas`, and forget those that end."""
    gone: dict[tuple[str, str], None] = {}
    there: dict[tuple[str, str], None] = {}
    for delta in deltas:
        if delta.table in ORIGINATED:
            place = delta.table, joined(delta.key)
            if delta.row is None:
                gone[place] = None
                there.pop(place, None)
            else:
                there[place] = None
    if gone:
        connection.executemany(_DELETE, gone)
    if there:
        told = (revision, at, entry.actor_kind, entry.actor_id)
        connection.executemany(_INSERT, [(*place, *told) for place in there])

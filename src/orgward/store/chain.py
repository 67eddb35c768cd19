"""The end of the log: reading the head, appending a row, following the rows of other processes."""

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from orgward.kernel.delta import Delta
from orgward.store.log import COLUMNS, GENESIS, Entry, Head, canonical, decode_deltas, encode_deltas, hash_of

_INSERT: Final = f"INSERT INTO log ({', '.join(COLUMNS)}) VALUES ({', '.join('?' for _ in COLUMNS)})"
_META: Final = "INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)"


def read_head(connection: sqlite3.Connection) -> Head:
    """Return the end of the store's chain; the genesis if nothing was written yet."""
    rows = connection.execute("SELECT name, value FROM meta WHERE name IN ('revision', 'hash', 'at')")
    found = dict(rows.fetchall())
    return Head(int(found.get("revision", 0)), found.get("hash", GENESIS), int(found.get("at", 0)))


def write_head(connection: sqlite3.Connection, head: Head) -> None:
    """Record the end of the store's chain, once a batch."""
    values = [("revision", str(head.revision)), ("hash", head.hash), ("at", str(head.at))]
    connection.executemany(_META, values)


@dataclass(frozen=True, slots=True)
class Record:
    """What one command leaves in the log beside its place in the chains."""

    entry: Entry
    deltas: list[Delta]
    body: Mapping[str, Any]
    outcome: str = "done"
    org_id: str | None = None
    target: str | None = None


def append(connection: sqlite3.Connection, head: Head, record: Record, *, at: int, key: bytes) -> None:
    """Add `record` after `head` and move `head` to it."""
    entry = record.entry
    org = record.org_id or entry.org_id
    previous = None if org is None else _org_head(connection, org)
    values = (
        head.revision + 1,
        org,
        at,
        entry.actor_kind,
        entry.actor_id,
        entry.credential,
        entry.action,
        record.target or entry.target,
        entry.request_id,
        record.outcome,
        canonical(dict(record.body)),
        encode_deltas(record.deltas),
        head.hash,
        previous or GENESIS,
    )
    head.hash = hash_of(values, key)
    head.revision, head.at = head.revision + 1, at
    connection.execute(_INSERT, (*values, head.hash))
    if org is not None:
        connection.execute(
            "INSERT OR REPLACE INTO chains (org_id, revision, hash) VALUES (?, ?, ?)", (org, head.revision, head.hash)
        )


def _org_head(connection: sqlite3.Connection, org: str) -> str | None:
    found = connection.execute("SELECT hash FROM chains WHERE org_id = ?", (org,)).fetchone()
    return None if found is None else str(found[0])


def rows_after(connection: sqlite3.Connection, revision: int) -> Iterator[tuple[int, list[Delta]]]:
    """Yield the revision and deltas of every log row after `revision`."""
    rows = connection.execute("SELECT revision, deltas FROM log WHERE revision > ? ORDER BY revision", (revision,))
    for number, raw in rows.fetchall():
        yield number, decode_deltas(raw)

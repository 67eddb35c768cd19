"""The log held against itself, its anchors and the tables: what was changed behind Orgward's back shows.

Everything is read page by page, each a short transaction, so that a served store goes on meanwhile.
"""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import msgspec

from orgward.store.chain import read_head
from orgward.store.log import COLUMNS, GENESIS, commitment, hash_of
from orgward.store.opening import Store
from orgward.store.schema import UNLOGGED, is_sealed, metadata
from orgward.store.sqlite import connect
from orgward.store.view import SqlView, row_of

ANCHORS: Final = "anchors"
_PAGE: Final = 1_000
_SELECT: Final = f"SELECT {', '.join(COLUMNS)} FROM log WHERE revision > ? ORDER BY revision LIMIT {_PAGE}"

_DELTAS: Final = "SELECT deltas FROM log WHERE revision > ? ORDER BY revision"

_Place = tuple[str, ...]
_Logged = list[tuple[str, tuple[str, ...], dict[str, Any] | None]]


@dataclass(slots=True)
class Report:
    """What verification found: every problem, how far the log goes, and how far it is anchored."""

    revision: int
    hash: str
    anchored: int | None
    problems: list[str] = field(default_factory=list)

    @property
    def undetectable(self) -> str:
        """Say what this verification can't see."""
        after = "" if self.anchored is None else f" after revision {self.anchored}, the newest anchor,"
        return (
            f"rows cut from the end of the log{after} together with the store's head and everything that they"
            f" changed; a log rewritten with the store's key, unless a copy of `{ANCHORS}` is kept elsewhere"
        )


@dataclass(slots=True)
class _Heads:
    """The ends of the chains, and how many rows there are, read in one transaction."""

    revision: int
    hash: str
    chains: dict[str, tuple[int, str]]
    last: int


@dataclass(slots=True)
class _Walk:
    """Where the walk over the log has come to."""

    key: bytes
    anchors: dict[int, list[str]]
    problems: list[str]
    revision: int = 0
    hash: str = GENESIS
    at: int = 0
    chains: dict[str, tuple[int, str]] = field(default_factory=dict)
    rows: dict[_Place, str] = field(default_factory=dict)


def verify(store: Store) -> Report:
    """Return what does not fit: in the log, between it and its anchors, between it and the tables."""
    connection = connect(store.path)
    try:
        heads = _read_heads(connection)
        anchors, problems = _read_anchors(store.path)
        walk = _Walk(store.keyring.log_key, anchors, problems)
        _walk_to(connection, walk, heads.last)
        _compare_heads(walk, heads)
        _compare_anchors(walk)
        _compare_tables(connection, walk)
        return Report(heads.revision, heads.hash, max(anchors, default=None), problems)
    finally:
        connection.close()


def _read_heads(connection: sqlite3.Connection) -> _Heads:
    connection.execute("BEGIN")
    try:
        head = read_head(connection)
        chains = {org: (revision, hash_) for org, revision, hash_ in connection.execute("SELECT * FROM chains")}
        last = connection.execute("SELECT COALESCE(MAX(revision), 0) FROM log").fetchone()[0]
    finally:
        connection.execute("COMMIT")
    return _Heads(head.revision, head.hash, chains, int(last))


def _read_anchors(path: Path) -> tuple[dict[int, list[str]], list[str]]:
    """Return the anchors beside the store by revision, and a problem for each line that is none."""
    file = path.parent / ANCHORS
    anchors: dict[int, list[str]] = {}
    problems = []
    lines = file.read_text().splitlines() if file.exists() else []
    for number, line in enumerate(lines, 1):
        revision, _, hash_ = line.partition(" ")
        if revision.isascii() and revision.isdigit() and hash_:
            anchors.setdefault(int(revision), []).append(hash_)
        else:
            problems.append(f"line {number} of `{ANCHORS}` is no anchor")
    return anchors, problems


def _walk_to(connection: sqlite3.Connection, walk: _Walk, last: int) -> None:
    _check_anchor(walk)
    while walk.revision < last:
        page = connection.execute(_SELECT, (walk.revision,)).fetchall()
        if not page:
            return
        for row in page:
            if row[0] > last:
                return
            _check_row(walk, row)


def _check_row(walk: _Walk, values: Sequence[Any]) -> None:
    row = dict(zip(COLUMNS, values, strict=True))
    revision, org, problems = row["revision"], row["org_id"], walk.problems
    if revision != walk.revision + 1:
        problems.append(f"revisions {walk.revision + 1} to {revision - 1} are missing")
    if row["hash"] != hash_of(values[:-1], walk.key):
        problems.append(f"revision {revision} was changed: its hash does not fit its columns")
    if row["previous"] != walk.hash:
        problems.append(f"revision {revision} does not follow the row before it")
    if org is not None:
        if row["org_previous"] != walk.chains.get(org, (0, GENESIS))[1]:
            problems.append(f"revision {revision} does not follow the row before it in organization {org}")
        walk.chains[org] = (revision, row["hash"])
    if row["at"] < walk.at:
        problems.append(f"revision {revision} is older than the row before it")
    walk.revision, walk.hash, walk.at = revision, row["hash"], row["at"]
    _check_anchor(walk)
    _take_in(walk, row["deltas"])


def _check_anchor(walk: _Walk) -> None:
    walk.problems += [
        f"revision {walk.revision} is not what its anchor says"
        for hash_ in walk.anchors.get(walk.revision, ())
        if hash_ != walk.hash
    ]


def _take_in(walk: _Walk, raw: bytes) -> None:
    """Remember what the deltas of one row leave of each row of a table: a commitment."""
    try:
        deltas = msgspec.json.decode(raw, type=_Logged)
    except msgspec.MsgspecError:
        walk.problems.append(f"the deltas of revision {walk.revision} can't be read")
        return
    for table, key, row in deltas:
        place = (table, *key)
        if row is None:
            walk.rows.pop(place, None)
        else:
            walk.rows[place] = row["commitment"] if is_sealed(metadata.tables[table]) else commitment(row)


def _compare_heads(walk: _Walk, heads: _Heads) -> None:
    if (heads.revision, heads.hash) != (walk.revision, walk.hash):
        walk.problems.append(f"the store's head is revision {heads.revision}, the log's end {walk.revision} is not it")
    for org in sorted(walk.chains.keys() | heads.chains.keys()):
        if walk.chains.get(org) != heads.chains.get(org):
            walk.problems.append(f"the chain of organization {org} does not end where the store says")


def _compare_anchors(walk: _Walk) -> None:
    walk.problems += [
        f"revision {revision} is anchored, the log ends at revision {walk.revision}"
        for revision in sorted(walk.anchors)
        if revision > walk.revision
    ]


def _compare_tables(connection: sqlite3.Connection, walk: _Walk) -> None:
    """Hold every row of every table against the newest delta for it."""
    unseen = dict(walk.rows)
    doubtful = []
    for place, found in _table_rows(connection):
        if unseen.pop(place, None) != found:
            doubtful.append(place)
    doubtful += unseen
    if doubtful:
        _compare_again(connection, walk, doubtful)


def _compare_again(connection: sqlite3.Connection, walk: _Walk, doubtful: Sequence[_Place]) -> None:
    """Look once more, with what was committed since; what still differs was changed unlogged."""
    connection.execute("BEGIN")
    try:
        for (raw,) in connection.execute(_DELTAS, (walk.revision,)):
            _take_in(walk, raw)
        view = SqlView(connection)
        for table, *key in doubtful:
            row = view.get(table, *key)
            found = None if row is None else commitment(row)
            logged = walk.rows.get((table, *key))
            if found != logged:
                walk.problems.append(f"the row {'/'.join(key)} of `{table}` {_difference(found, logged)}")
    finally:
        connection.execute("COMMIT")


def _difference(found: str | None, logged: str | None) -> str:
    if found is None:
        return "is missing"
    return "stands in no log row" if logged is None else "was changed"


def _table_rows(connection: sqlite3.Connection) -> Iterator[tuple[_Place, str]]:
    """Yield every row of every logged table by its key, as a commitment."""
    for table in metadata.sorted_tables:
        if table.name in UNLOGGED:
            continue
        names = ", ".join(column.name for column in table.columns)
        key = [column.name for column in table.primary_key]
        page: list[Any] = []
        after = ("",) * len(key)
        sql = (
            f"SELECT {names} FROM {table.name} WHERE ({', '.join(key)}) > ({', '.join('?' for _ in key)})"
            f" ORDER BY {', '.join(key)} LIMIT {_PAGE}"
        )
        while page := connection.execute(sql, after).fetchall():
            for values in page:
                row = row_of(table, values)
                after = tuple(row[name] for name in key)
                yield (table.name, *after), commitment(row)


def write_anchor(store: Store) -> str:
    """Append the head of the log to the `anchors` file beside the store and return the line."""
    connection = connect(store.path)
    try:
        head = read_head(connection)
    finally:
        connection.close()
    line = f"{head.revision} {head.hash}"
    handle = os.open(store.path.parent / ANCHORS, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(handle, f"{line}\n".encode())
        os.fsync(handle)
    finally:
        os.close(handle)
    return line


def export(store: Store) -> Iterator[bytes]:
    """Yield every row of the log as a line of JSON, page by page."""
    connection = connect(store.path)
    try:
        after = 0
        while page := connection.execute(_SELECT, (after,)).fetchall():
            for values in page:
                row = dict(zip(COLUMNS, values, strict=True))
                row |= {name: msgspec.Raw(row[name]) for name in ("body", "deltas")}
                yield msgspec.json.encode(row)
            after = page[-1][0]
    finally:
        connection.close()

"""SQLite: how connections are opened, and what differs from other back ends."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy import ClauseElement, Table
from sqlalchemy.dialects.sqlite.base import SQLiteDialect

_BUSY_MILLIS: Final = 30_000
DIALECT: Final = SQLiteDialect(paramstyle="named")


def path_of(url: str) -> Path:
    """Return the file that a store URL such as `sqlite:///orgward-data/orgward.db` names."""
    parts = urlsplit(url)
    if parts.scheme != "sqlite" or not parts.path.strip("/"):
        message = f"the store `{url}` is not of the form sqlite:///path/to/file.db"
        raise ValueError(message)
    return Path(parts.path[1:])


def connect(path: Path) -> sqlite3.Connection:
    """Return a connection in autocommit: WAL, every commit synced, deleted rows overwritten."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=_BUSY_MILLIS / 1000)
    for pragma in (
        f"busy_timeout = {_BUSY_MILLIS}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "secure_delete = ON",
        "wal_autocheckpoint = 0",
    ):
        connection.execute(f"PRAGMA {pragma}").fetchall()
    return connection


@contextmanager
def write_lock(connection: sqlite3.Connection) -> Iterator[None]:
    """Hold the store's lock over one transaction; commit at the end, roll back on any error."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def sql_of(statement: ClauseElement) -> str:
    """Return the SQL text of `statement` with named parameters."""
    return str(statement.compile(dialect=DIALECT))


@cache
def upsert(table: Table) -> str:
    """Return the statement that writes a whole row of `table`."""
    names = [column.name for column in table.columns]
    return f"INSERT OR REPLACE INTO {table.name} ({', '.join(names)}) VALUES ({', '.join(':' + n for n in names)})"


@cache
def remove(table: Table) -> str:
    """Return the statement that deletes the row of `table` under a key."""
    return f"DELETE FROM {table.name} WHERE {' AND '.join(f'{c.name} = ?' for c in table.primary_key)}"

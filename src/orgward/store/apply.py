"""Deltas into tables: one generic function, and the counters that follow from it."""

import sqlite3
from collections import Counter
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Table

from orgward.kernel.delta import Delta
from orgward.store.schema import metadata
from orgward.store.sqlite import remove, upsert
from orgward.store.view import Row, SqlView, counter_name

_COUNT = (
    "INSERT INTO counters (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = value + excluded.value"
)


def apply_deltas(connection: sqlite3.Connection, deltas: Iterable[Delta]) -> None:
    """Write every delta to its table and keep the counters right."""
    view = SqlView(connection)
    changes: Counter[str] = Counter()
    for delta in deltas:
        table = metadata.tables[delta.table]
        if counted_columns(table):
            _count(changes, table, view.get(delta.table, *delta.key), -1)
            _count(changes, table, delta.row, 1)
        if delta.row is None:
            connection.execute(remove(table), delta.key)
        else:
            connection.execute(upsert(table), dict(delta.row))
    connection.executemany(_COUNT, [(name, by) for name, by in changes.items() if by])


def counted_columns(table: Table) -> tuple[tuple[str, ...], ...]:
    """Return the groups of columns by which rows of `table` are counted."""
    groups: tuple[tuple[str, ...], ...] = table.info.get("counters", ())
    return groups


def _count(changes: Counter[str], table: Table, row: Row | dict[str, Any] | None, by: int) -> None:
    if row is not None:
        for columns in counted_columns(table):
            changes[counter_name(table.name, columns, [row[column] for column in columns])] += by

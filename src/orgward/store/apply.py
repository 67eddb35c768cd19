"""Deltas into tables: one generic function, and the counters and facets that follow from it."""

import sqlite3
from collections import Counter
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Table

from orgward.kernel.delta import Delta
from orgward.store.facets import FACETED, Touched, refresh, touched_by
from orgward.store.schema import metadata
from orgward.store.sqlite import remove, upsert
from orgward.store.view import Row, SqlView, counter_name

_COUNT = (
    "INSERT INTO counters (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = value + excluded.value"
)


def apply_deltas(connection: sqlite3.Connection, deltas: Iterable[Delta]) -> None:
    """Write every delta to its table and keep the counters and facets right."""
    view = SqlView(connection)
    changes: Counter[str] = Counter()
    touched: set[Touched] = set()
    for delta in deltas:
        table = metadata.tables[delta.table]
        if delta.table in FACETED:
            touched.add(touched_by(view, delta))
        if counted_columns(table):
            _count(changes, table, view.get(delta.table, *delta.key), -1)
            _count(changes, table, delta.row, 1)
        if delta.row is None:
            connection.execute(remove(table), delta.key)
        else:
            connection.execute(upsert(table), dict(delta.row))
    _keep(connection, changes)
    if touched:
        refresh(connection, touched)


def insert(connection: sqlite3.Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Write rows that were never there before, and count them."""
    if rows:
        changes: Counter[str] = Counter()
        for row in rows:
            _count(changes, table, row, 1)
        connection.executemany(upsert(table), rows)
        _keep(connection, changes)


def _keep(connection: sqlite3.Connection, changes: Counter[str]) -> None:
    connection.executemany(_COUNT, [(name, by) for name, by in changes.items() if by])


def counted_columns(table: Table) -> tuple[tuple[str, ...], ...]:
    """Return the groups of columns by which rows of `table` are counted."""
    groups: tuple[tuple[str, ...], ...] = table.info.get("counters", ())
    return groups


def _count(changes: Counter[str], table: Table, row: Row | dict[str, Any] | None, by: int) -> None:
    if row is None:
        return
    for columns in counted_columns(table):
        values = [row[column] for column in columns]
        if values[0] is not None:  # what belongs to nothing is counted nowhere
            changes[counter_name(table.name, columns, values)] += by

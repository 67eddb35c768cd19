"""Rows by key and by equality, as the rules of the directory read them inside the open transaction."""

import sqlite3
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Boolean, Table

from orgward.store.schema import counters, metadata

Row = Mapping[str, Any]


class SqlView:
    """A view of one connection; every look-up goes by the primary key or a declared index."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Read through `connection`, inside whatever transaction it has open."""
        self._connection = connection

    def get(self, table: str, *key: str) -> Row | None:
        """Return the row of `table` under `key`, None if there is none."""
        schema = metadata.tables[table]
        found = self._connection.execute(_select_by_key(schema), key).fetchone()
        return None if found is None else row_of(schema, found)

    def find(self, table: str, **equal: Any) -> list[Row]:
        """Return every row of `table` whose columns equal the given values, in the order of its key."""
        schema = metadata.tables[table]
        found = self._connection.execute(_select(schema, tuple(equal)), tuple(equal.values()))
        return [row_of(schema, row) for row in found]

    def keys(self, table: str, **equal: Any) -> list[tuple[str, ...]]:
        """Return the key of every such row, in order: what the rows hold may be long."""
        schema = metadata.tables[table]
        return self._connection.execute(_select_keys(schema, tuple(equal)), tuple(equal.values())).fetchall()

    def rows(self, sql: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Return the rows of a query; for the pages in `store.reads` alone."""
        return self._connection.execute(sql, parameters).fetchall()

    def count(self, table: str, **equal: str) -> int:
        """Return how many rows of `table` have these values, from the counter that the writer keeps for them."""
        return read_counter(self._connection, counter_name(table, tuple(equal), tuple(equal.values())))


class CommandView(SqlView):
    """The view of one command: no row changes before its deltas are applied, so that none has to be read twice."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Read through `connection`, and remember."""
        super().__init__(connection)
        self._read: dict[object, Any] = {}

    def get(self, table: str, *key: str) -> Row | None:
        """Return the row of `table` under `key`, None if there is none."""
        place = (table, key)
        if place not in self._read:
            self._read[place] = super().get(table, *key)
        found: Row | None = self._read[place]
        return found

    def find(self, table: str, **equal: Any) -> list[Row]:
        """Return every row of `table` whose columns equal the given values, in the order of its key."""
        place = (table, tuple(equal.items()))
        if place not in self._read:
            self._read[place] = super().find(table, **equal)
        return list(self._read[place])


@cache
def _select(table: Table, columns: tuple[str, ...]) -> str:
    return _select_columns(table, [column.name for column in table.columns], columns)


@cache
def _select_keys(table: Table, columns: tuple[str, ...]) -> str:
    return _select_columns(table, [column.name for column in table.primary_key], columns)


def _select_columns(table: Table, names: Sequence[str], columns: Sequence[str]) -> str:
    order = ", ".join(column.name for column in table.primary_key)
    where = " AND ".join(f"{table.columns[name].name} = ?" for name in columns)
    return f"SELECT {', '.join(names)} FROM {table.name} WHERE {where} ORDER BY {order}"


@cache
def _select_by_key(table: Table) -> str:
    return _select(table, tuple(column.name for column in table.primary_key))


@cache
def _names(table: Table) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names of all columns, and those of the booleans: asking the schema again costs more than a row."""
    columns = list(table.columns)
    return tuple(c.name for c in columns), tuple(c.name for c in columns if isinstance(c.type, Boolean))


def row_of(table: Table, values: Sequence[Any]) -> dict[str, Any]:
    """Return `values`, in the order of the columns of `table`, as a row with real booleans."""
    names, booleans = _names(table)
    row = dict(zip(names, values, strict=True))
    for name in booleans:
        row[name] = bool(row[name])
    return row


def counter_name(table: str, columns: Sequence[str], values: Sequence[Any]) -> str:
    """Return the name of the counter of rows of `table` with these values."""
    return "|".join((table, ",".join(columns), *map(str, values)))


def read_counter(connection: sqlite3.Connection, name: str) -> int:
    """Return the value of the counter `name`, zero if nothing was ever counted."""
    found = connection.execute(f"SELECT value FROM {counters.name} WHERE name = ?", (name,)).fetchone()
    return 0 if found is None else int(found[0])

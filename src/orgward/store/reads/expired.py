"""Rows whose time is over."""

from functools import cache

from orgward.store.schema import metadata
from orgward.store.view import Row, SqlView, row_of


def expired(view: SqlView, table: str, now: int, limit: int) -> list[Row]:
    """Return up to `limit` rows of `table` that are over at `now`, those first that have been for longest."""
    rows = view.rows(_query(table), {"now": now, "limit": limit})
    return [row_of(metadata.tables[table], row) for row in rows]


@cache
def _query(table: str) -> str:
    names = ", ".join(column.name for column in metadata.tables[table].columns)
    return f"SELECT {names} FROM {table} WHERE expires_at <= :now ORDER BY expires_at LIMIT :limit"

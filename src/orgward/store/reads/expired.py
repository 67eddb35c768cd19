"""Rows whose time is over."""

from functools import cache

from orgward.store.schema import metadata
from orgward.store.view import Row, SqlView, row_of


def expired(view: SqlView, table: str, now: int, limit: int) -> list[Row]:
    """Return up to `limit` rows of `table` that are over at `now`; of invitations those that were cancelled alone."""
    rows = view.rows(_query(table), {"now": now, "limit": limit})
    return [row_of(metadata.tables[table], row) for row in rows]


@cache
def _query(table: str) -> str:
    names = ", ".join(f"t.{column.name}" for column in metadata.tables[table].columns)
    if table == "invitations":  # those that were answered, or wait, are shown; and the index begins with organizations
        return (
            f"SELECT {names} FROM organizations AS o CROSS JOIN invitations AS t"
            " ON t.org_id = o.id AND t.state = 'cancelled' AND t.expires_at <= :now LIMIT :limit"
        )
    return f"SELECT {names} FROM {table} AS t WHERE t.expires_at <= :now ORDER BY t.expires_at LIMIT :limit"

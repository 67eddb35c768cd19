"""Kept answers whose day is over."""

from typing import Final

from orgward.store.schema import replies
from orgward.store.view import Row, SqlView, row_of

_NAMES: Final = ", ".join(column.name for column in replies.columns)


def expired_replies(view: SqlView, now: int, limit: int) -> list[Row]:
    """Return up to `limit` kept answers that nobody can ask for again at `now`."""
    rows = view.rows(
        f"SELECT {_NAMES} FROM replies WHERE expires_at <= :now ORDER BY expires_at LIMIT :limit",
        {"now": now, "limit": limit},
    )
    return [row_of(replies, row) for row in rows]

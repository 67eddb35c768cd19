"""The keys that tokens are signed with."""

from functools import cache

from orgward.store.schema import signing_keys
from orgward.store.view import Row, SqlView, row_of


def kept_signing_keys(view: SqlView) -> list[Row]:
    """Return every signing key that is kept, the newest first."""
    return [row_of(signing_keys, row) for row in view.rows(_query(), {})]


@cache
def _query() -> str:
    names = ", ".join(column.name for column in signing_keys.columns)
    return f"SELECT {names} FROM {signing_keys.name} ORDER BY created_at DESC, id DESC"

"""Messages that wait to be sent."""

from typing import Final

from orgward.store.schema import outbox
from orgward.store.view import Row, SqlView, row_of

_NAMES: Final = ", ".join(column.name for column in outbox.columns)
_WAITING: Final = f"SELECT {_NAMES} FROM outbox ORDER BY created_at, id"


def waiting(view: SqlView) -> list[Row]:
    """Return every message of the outbox, the oldest first."""
    return [row_of(outbox, row) for row in view.rows(_WAITING, {})]

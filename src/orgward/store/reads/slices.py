"""Pages of long lists, cut along an index from its nearer end: the last page costs what the first one costs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table

from orgward.store.view import Row, SqlView, row_of


@dataclass(frozen=True, slots=True)
class Listed:
    """Rows of `table` that fit `where`, in the order of an index that begins with the columns of `where`."""

    table: Table
    where: str
    order: Sequence[str]
    values: Mapping[str, Any]

    def cut(self, view: SqlView, *, total: int, limit: int, offset: int) -> list[Row]:
        """Return at most `limit` of the `total` rows, without the first `offset`."""
        wanted = min(limit, total - offset)
        if wanted <= 0:
            return []
        backwards = offset > total // 2
        names = ", ".join(column.name for column in self.table.columns)
        order = ", ".join(f"{column} {'DESC' if backwards else 'ASC'}" for column in self.order)
        sql = f"SELECT {names} FROM {self.table.name} WHERE {self.where} ORDER BY {order} LIMIT :limit OFFSET :offset"
        skipped = total - offset - wanted if backwards else offset
        rows = view.rows(sql, {**self.values, "limit": wanted, "offset": skipped})
        found: list[Row] = [row_of(self.table, row) for row in rows]
        return found[::-1] if backwards else found

"""What every table is made with: the one collection of them, the form of ids, and what a table is to the log."""

from typing import Final

from sqlalchemy import MetaData, String, Table

ID: Final = String(24)
KIND: Final = String(16)
"""The kind of a principal."""

metadata = MetaData()

SEALED: Final = {"sealed": True}
"""Rows of a sealed table appear in the log as salted commitments only; each carries its salt."""


def is_sealed(table: Table) -> bool:
    """Say whether the log may show rows of `table` as commitments only."""
    return bool(table.info.get("sealed"))

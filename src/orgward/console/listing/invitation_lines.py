"""Invitations as somebody's spreadsheet lists them: which columns there are, and what each line says."""

import csv
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from orgward.store.folding import folded

MOST_LINES: Final = 500
"""How many invitations one file may hold."""

COLUMNS: Final = ("address", "roles", "teams", "projects")

_NAMED: Final[Mapping[str, str]] = {
    "address": "address", "email": "address", "e-mail": "address", "username": "address", "adresse": "address",
    "role": "roles", "roles": "roles", "rolle": "roles", "rollen": "roles",
    "team": "teams", "teams": "teams",
    "project": "projects", "projects": "projects", "projekt": "projects", "projekte": "projects",
}  # fmt: skip
"""What the head of a column may be called."""

_BETWEEN: Final = re.compile(r"[;|,\n]")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the file: its number there, and its cells by column."""

    number: int
    cells: Mapping[str, str]

    @property
    def address(self) -> str:
        """Return who is to be invited, cut where it is too long to be an address."""
        return self.cells.get("address", "").strip()[:300]

    def names(self, column: str, known: Collection[str] = ()) -> list[str]:
        """Return what stands in a cell, several names apart; a name of `known` may hold what else keeps them apart."""
        cell = self.cells.get(column, "").strip()
        return [cell] if cell in known else [part.strip() for part in _BETWEEN.split(cell) if part.strip()]


class UnreadableError(Exception):
    """The file is none, or holds too much; `key` names the words that say so."""

    def __init__(self, key: str) -> None:
        """Keep the key of the words."""
        super().__init__(key)
        self.key = key


def text_of(raw: bytes) -> str:
    """Return a file as text: UTF-8, or else what spreadsheets on Windows write."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def lines_of(text: str) -> list[Line]:
    """Return the lines of a file of comma-, semicolon- or tab-separated values; its head may name the columns."""
    head = text.split("\n", 1)[0]
    between = max(",;\t", key=head.count)
    try:
        rows = list(enumerate(csv.reader(text.splitlines(keepends=True), delimiter=between), start=1))
    except csv.Error:
        raise UnreadableError("unreadable") from None
    filled = [(number, row) for number, row in rows if any(cell.strip() for cell in row)]
    columns: Sequence[str] = COLUMNS
    if filled and folded(filled[0][1][0]) in _NAMED:
        columns = [_NAMED.get(folded(cell), "") for cell in filled.pop(0)[1]]
    if len(filled) > MOST_LINES:
        raise UnreadableError("too_many")
    if not filled:
        raise UnreadableError("empty")
    return [Line(number, dict(zip(columns, row, strict=False))) for number, row in filled]

"""Pages of the console's lists: each begins at a row, so that a deep page costs what the first one costs.

A place names that row by its id alone, for what a list is sorted by may be somebody's name, and addresses of pages
are kept by browsers and proxies.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeVar

import msgspec

R = TypeVar("R")
S = TypeVar("S")
_STREAMED: Final = 500


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: after the row `id`, or before it if `backwards`; `passed` rows lie before the page.

    `key` is what that row is sorted by, where it is still known; the address of a page leaves it out.
    """

    id: str = ""
    passed: int = 0
    backwards: bool = False
    key: str | None = None

    @property
    def text(self) -> str:
        """Return the place as it stands in an address."""
        return urlsafe_b64encode(msgspec.json.encode([self.id, self.passed, self.backwards])).decode().rstrip("=")


START: Final = Place()


def place_of(text: str) -> Place | None:
    """Return the place that `text` names, None if it names none; the empty text names the start."""
    if not text:
        return START
    try:
        raw = urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4))
        id_, passed, backwards = msgspec.json.decode(raw, type=tuple[str, int, bool])
    except (ValueError, msgspec.MsgspecError):
        return None
    return Place(id_, max(passed, 0), backwards)


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    """Rows of a list, the number of the first of them, and where the pages around begin.

    `total` is None where to count would take longer than the page may: there is more than its `last` row then.
    """

    rows: Sequence[R]
    first: int
    total: int | None
    after: Place | None = None
    before: Place | None = None

    @property
    def last(self) -> int:
        """Return the number of the last row."""
        return self.first + len(self.rows) - 1

    def of(self, rows: Sequence[S]) -> "Page[S]":
        """Return the page with `rows` in place of its own."""
        return Page(rows, self.first, self.total, self.after, self.before)


def chunked(read: Callable[[Place, int], Page[R]]) -> Iterator[Sequence[R]]:
    """Yield all rows of the list whose pages `read` returns, some at a time."""
    place: Place | None = START
    while place is not None:
        page = read(place, _STREAMED)
        yield page.rows
        place = page.after


Entry = tuple[str, str]
"""What a row is sorted by, and its id."""


class Read(Protocol):
    """Reads entries of a list along an index."""

    def __call__(self, beyond: Entry | None, *, backwards: bool, limit: int) -> Sequence[Entry]:
        """Return up to `limit` entries beyond one, or from the start."""
        ...


def walked(read: Read, place: Place, size: int, total: int | None) -> Page[str]:
    """Return the ids of the page at `place` of a list that `read` reads along an index.

    A place whose row has gone is the start.
    """
    if place.key is None:
        place = START
    beyond = None if place.key is None else (place.key, place.id)
    found = read(beyond, backwards=place.backwards, limit=size + 1)
    more, shown = len(found) > size, list(found[:size])
    if not place.backwards:
        passed = place.passed
        after = _at(shown[-1], passed + size) if more else None
        before = _at(shown[0], passed, backwards=True) if passed and shown else None
        known = passed + len(shown) if total is None and not more else total
        return Page([id_ for _, id_ in shown], passed + 1 if shown else 0, known, after, before)
    if not more:
        return walked(read, START, size, total)
    shown.reverse()
    passed = max(place.passed - size, 1)
    return Page(
        [id_ for _, id_ in shown], passed + 1, total, _at(shown[-1], passed + size),
        _at(shown[0], passed, backwards=True),
    )  # fmt: skip


def _at(entry: Entry, passed: int, *, backwards: bool = False) -> Place:
    return Place(entry[1], passed, backwards, entry[0])


def cut(ids: Sequence[str], place: Place, size: int) -> Page[str]:
    """Return the page at `place` of a list that is there as a whole; a row that has gone leaves its number."""
    known = ids.index(place.id) if place.id in ids else None
    if place.backwards:
        end = place.passed if known is None else known
        start = max(end - size, 0)
    else:
        start = place.passed if known is None else known + 1
    start = min(start, len(ids)) if place.id else 0
    shown = ids[start : start + size]
    after = Place(shown[-1], start + len(shown)) if start + len(shown) < len(ids) and shown else None
    before = Place(shown[0], start, backwards=True) if start and shown else None
    return Page(shown, start + 1 if shown else 0, len(ids), after, before)

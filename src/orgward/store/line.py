"""The line of commands that wait for the writer: bounded as a whole, and for each of those who stand in it."""

import threading
from collections import Counter, deque
from typing import Final, Generic, TypeVar

from orgward.kernel.errors import UnavailableError

MOST: Final = 4_096
MOST_OF_ONE: Final = MOST // 4
"""How many may wait of one principal, so that nobody fills the line alone."""

_Item = TypeVar("_Item")


class Line(Generic[_Item]):
    """Items in the order in which they came, each with whose it is; what is nobody's counts for the whole alone."""

    def __init__(self, *, most: int = MOST, most_of_one: int = MOST_OF_ONE) -> None:
        """Hold at most so many, and of one principal at most so many of them."""
        self.most = most
        self.most_of_one = most_of_one
        self._items: deque[tuple[_Item, str]] = deque()
        self._of: Counter[str] = Counter()
        self._changed = threading.Condition()
        self._is_closed = False

    def put(self, item: _Item, whose: str) -> None:
        """Take `item` in at the end; UnavailableError at once where there is no room for it."""
        with self._changed:
            is_full = len(self._items) >= self.most or (whose and self._of[whose] >= self.most_of_one)
            if is_full or self._is_closed:
                raise UnavailableError("UNAVAILABLE")
            self._items.append((item, whose))
            self._of[whose] += 1
            self._changed.notify()

    def close(self) -> None:
        """Take nothing in any more."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()

    def taken(self, most: int) -> list[_Item]:
        """Return up to `most` items as soon as there is one, those first that came first; none once it is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._items or self._is_closed)
            found = [self._items.popleft() for _ in range(min(most, len(self._items)))]
            self._of -= Counter(whose for _, whose in found)
        return [item for item, _ in found]

"""Whose turn it is to call out: nobody has so many calls waiting at once that others don't get to theirs."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from orgward.kernel.errors import UnavailableError

_MOST_AT_ONCE: Final = {"federation": 2, "principal": 2, "address": 8, "attempt": 1}
"""How many calls each may have waiting; an address, behind which a whole company may be, half of what there are."""


@dataclass(frozen=True, slots=True)
class Behalf:
    """On whose behalf others are asked, as far as that is known; an `attempt` is one sign-in that was begun."""

    federation: str = ""
    principal: str = ""
    address: str = ""
    attempt: str = ""

    def turns(self) -> Mapping[str, int]:
        """Return how many turns there are at once, by the name of whose they are."""
        named = {kind: getattr(self, kind) for kind in _MOST_AT_ONCE}
        return {f"{kind} {name}": _MOST_AT_ONCE[kind] for kind, name in named.items() if name}


class Turns:
    """The turns that are taken just now; whoever finds none left does not wait for one."""

    def __init__(self, refusal: str) -> None:
        """Refuse by the code `refusal`."""
        self._refusal = refusal
        self._taken: dict[str, int] = {}
        self._lock = threading.Lock()

    @contextmanager
    def taken(self, most: Mapping[str, int]) -> Iterator[None]:
        """Take a turn of each name in `most`, which says how many it has; UnavailableError if one has none left."""
        with self._lock:
            if any(self._taken.get(name, 0) >= number for name, number in most.items()):
                raise UnavailableError(self._refusal)
            for name in most:
                self._taken[name] = self._taken.get(name, 0) + 1
        try:
            yield
        finally:
            self._give_back(most)

    def _give_back(self, names: Mapping[str, int]) -> None:
        with self._lock:
            for name in names:
                left = self._taken.pop(name) - 1
                if left:
                    self._taken[name] = left

"""Chance that comes out the same every time: ids, keys and codes in pictures must not change from run to run."""

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager


class Chance:
    """A source of bytes that can be wound back."""

    def __init__(self) -> None:
        """Begin at the beginning."""
        self._random = random.Random(0)

    def __call__(self, number: int) -> bytes:
        """Return the next bytes."""
        return self._random.randbytes(number)

    def wind(self, place: str) -> None:
        """Go on from a place of this name: what is drawn there does not depend on what was drawn before."""
        self._random.seed(place)


@contextmanager
def settled() -> Iterator[Chance]:
    """Let everything that asks the system for random bytes get settled ones, for the length of a block."""
    chance = Chance()
    before = os.urandom, random._urandom  # noqa: SLF001 - `secrets` and `random.SystemRandom` draw from here
    os.urandom = random._urandom = chance  # noqa: SLF001
    try:
        yield chance
    finally:
        os.urandom, random._urandom = before  # noqa: SLF001

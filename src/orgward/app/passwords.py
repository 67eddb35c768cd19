"""Passwords: long instead of intricate, hashed with argon2id in threads of their own, compared at the same cost.

What guessers try first is refused: the passwords that leaked most often, and what is known of the account anyway
(ASVS 6.2.1, 6.2.4, 6.2.11). Nothing else is asked of a password: no digits, no capitals, no change now and then.

Neither the event loop nor the writer's thread ever hashes: a hash takes tens of milliseconds and 19 MiB.
"""

import gzip
import threading
import unicodedata
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from importlib.resources import files
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from orgward.kernel.errors import RefusedError, UnavailableError

SHORTEST: Final = 8
ADVISED: Final = 15
"""How long a password had better be; only said, never asked for."""
LONGEST: Final = 128

_OURS: Final = "orgward"
_SHORTEST_WORD: Final = 4
"""A word of fewer letters stands in too many passwords to say anything about one."""

_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, hash_len=32, salt_len=16)
_NOBODYS: Final = "$argon2id$v=19$m=19456,t=2,p=1$bm8tb25lLWhhcy10aGlzIQ$5eB5cyrWE+jkKvQNOEeTnly5yzs6fyzi20X4eb+CZuw"
"""The hash of no password that anybody has; verifying against it takes as long as against a real one."""


def hash_password(password: str, *, username: str) -> str:
    """Return the hash of a new password of `username`; RefusedError if it is too short, too long, or easily guessed."""
    normal = _normal(password)
    if not SHORTEST <= len(normal) <= LONGEST:
        raise RefusedError("INVALID_PASSWORD", str(SHORTEST), str(LONGEST))
    if _is_known(_folded(normal), _folded(username)):
        raise RefusedError("PASSWORD_IS_KNOWN")
    return _HASHER.hash(normal)


def _is_known(password: str, username: str) -> bool:
    words = (username.rpartition("@")[0], _OURS)
    return password in _known() or any(word in password for word in words if len(word) >= _SHORTEST_WORD)


def _folded(text: str) -> str:
    return _normal(_normal(text).casefold())


@cache
def _known() -> frozenset[str]:
    """Return the passwords that leaked most often, as their file beside this one keeps them."""
    packed = files("orgward.app").joinpath("known_passwords.txt.gz").read_bytes()
    return frozenset(gzip.decompress(packed).decode().split())


def matches(password: str, stored: str | None) -> bool:
    """Say whether `stored` is the hash of `password`; without a hash the same work is done in vain."""
    normal = _normal(password)
    if len(normal) > LONGEST:
        normal = ""  # no stored password is that long, and hashing it would be work for whoever sends it
    try:
        found = _HASHER.verify(stored or _NOBODYS, normal)
    except (VerificationError, InvalidHashError):
        return False
    return found and stored is not None


def _normal(password: str) -> str:
    """Return `password` in NFKC: two keyboards may send one password in different code points."""
    return unicodedata.normalize("NFKC", password)


_Result = TypeVar("_Result")


class HashingPool:
    """A few threads for what hashes passwords, or otherwise takes long, and a bounded queue before them."""

    def __init__(self, *, threads: int = 2, waiting: int = 256, name: str = "passwords") -> None:
        """Allow `threads` hashes at once and `waiting` more in the queue."""
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._room = threading.BoundedSemaphore(threads + waiting)

    def submit(self, function: Callable[[], _Result]) -> "Future[_Result]":
        """Run `function` when a thread is free; UnavailableError at once when the queue is full."""
        if not self._room.acquire(blocking=False):
            raise UnavailableError("UNAVAILABLE")
        future = self._pool.submit(function)
        future.add_done_callback(lambda _: self._room.release())
        return future

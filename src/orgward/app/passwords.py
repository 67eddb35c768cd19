"""Passwords: hashed with argon2id, in threads of their own, and compared at the same cost for everybody.

Neither the event loop nor the writer's thread ever hashes: a hash takes tens of milliseconds and 19 MiB.
"""

import threading
import unicodedata
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from orgward.kernel.errors import RefusedError, UnavailableError

SHORTEST: Final = 8
LONGEST: Final = 128

_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, hash_len=32, salt_len=16)
_NOBODYS: Final = "$argon2id$v=19$m=19456,t=2,p=1$bm8tb25lLWhhcy10aGlzIQ$5eB5cyrWE+jkKvQNOEeTnly5yzs6fyzi20X4eb+CZuw"
"""The hash of no password that anybody has; verifying against it takes as long as against a real one."""


def hash_password(password: str) -> str:
    """Return the hash of a new password; RefusedError unless it has from 8 to 128 characters."""
    normal = _normal(password)
    if not SHORTEST <= len(normal) <= LONGEST:
        raise RefusedError("INVALID_PASSWORD", str(SHORTEST), str(LONGEST))
    return _HASHER.hash(normal)


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
    """A few threads for what hashes passwords, and a bounded queue before them."""

    def __init__(self, *, threads: int = 2, waiting: int = 256) -> None:
        """Allow `threads` hashes at once and `waiting` more in the queue."""
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="passwords")
        self._room = threading.BoundedSemaphore(threads + waiting)

    def submit(self, function: Callable[[], _Result]) -> "Future[_Result]":
        """Run `function` when a thread is free; UnavailableError at once when the queue is full."""
        if not self._room.acquire(blocking=False):
            raise UnavailableError("UNAVAILABLE")
        future = self._pool.submit(function)
        future.add_done_callback(lambda _: self._room.release())
        return future

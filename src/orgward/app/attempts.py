"""Failed sign-ins of a while, so that nobody can go through a list of passwords or codes."""

import ipaddress
import threading
from collections import deque
from collections.abc import Callable
from typing import Final

from orgward.kernel.errors import OrgwardError

MINUTE: Final = 60_000
HOUR: Final = 60 * MINUTE
_MOST: Final = 10
_KEPT: Final = 10_000


def address_bucket(address: str) -> str:
    """Return whose bucket an address is: in IPv6 one customer has at least a whole /64 (RFC 6177)."""
    if ":" not in address:
        return address
    try:
        return str(ipaddress.ip_network(f"{address.partition('%')[0]}/64", strict=False))
    except ValueError:
        return address


class TooManyAttemptsError(OrgwardError):
    """There were too many requests or failures just now; `retry_after` is how many seconds to wait."""

    def __init__(self, what: str, most: int, retry_after: int, *, minutes: int = 1) -> None:
        """Say that there may be `most` of `what` within `minutes`, and how long to wait."""
        super().__init__("RATE_LIMITED", what, str(most), str(minutes))
        self.retry_after = retry_after


class FailedAttempts:
    """Failures by username and address, in this process: at most so many within `window` milliseconds.

    `what` names what else is counted like failures, whatever comes of it.
    """

    def __init__(
        self, clock: Callable[[], int], *, window: int = MINUTE, most: int = _MOST, what: str = "failed attempts"
    ) -> None:
        """Begin with none, at the time that `clock` tells."""
        self._clock = clock
        self._window = window
        self._most = most
        self._what = what
        self._failures: dict[tuple[str, str], deque[int]] = {}
        self._lock = threading.Lock()

    def check(self, who: tuple[str, str]) -> None:
        """Raise if `who` has failed too often in the last while."""
        with self._lock:
            self._check(who)

    def count(self, who: tuple[str, str]) -> None:
        """Remember one failure of `who`; the oldest names are forgotten where there are too many."""
        with self._lock:
            self._count(who)

    def begin(self, who: tuple[str, str]) -> int:
        """Count an attempt of `who` as failed until `end` is told otherwise, so that many at once are no way around."""
        with self._lock:
            self._check(who)
            return self._count(who)

    def end(self, who: tuple[str, str], begun: int) -> None:
        """Take the attempt back that was `begun`: it went well. Others of the same user stay counted."""
        with self._lock:
            times = self._failures.get(who)
            if times and begun in times:
                times.remove(begun)

    def forget(self, who: tuple[str, str]) -> None:
        """Forget the failures of `who`, who has signed in."""
        with self._lock:
            self._failures.pop(who, None)

    def _check(self, who: tuple[str, str]) -> None:
        now = self._clock()
        times = self._failures.get(who)
        while times and times[0] <= now - self._window:
            times.popleft()
        if times and len(times) >= self._most:
            wait = max(1, -(-(times[0] + self._window - now) // 1000))
            raise TooManyAttemptsError(self._what, self._most, wait, minutes=self._window // MINUTE)

    def _count(self, who: tuple[str, str]) -> int:
        now = self._clock()
        times = self._failures.pop(who, None) or deque(maxlen=self._most)
        times.append(now)
        self._failures[who] = times
        while len(self._failures) > _KEPT:
            del self._failures[next(iter(self._failures))]
        return now

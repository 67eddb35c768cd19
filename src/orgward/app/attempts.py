"""Failed sign-ins of the last minute, so that nobody can go through a list of passwords."""

import threading
from collections import deque
from collections.abc import Callable
from typing import Final

from orgward.kernel.errors import OrgwardError

_WINDOW: Final = 60_000
_MOST: Final = 10
_KEPT: Final = 10_000


class TooManyAttemptsError(OrgwardError):
    """There were too many requests or failures just now; `retry_after` is how many seconds to wait."""

    def __init__(self, what: str, most: int, retry_after: int) -> None:
        """Say that there may be `most` of `what` within a minute, and how long to wait."""
        super().__init__("RATE_LIMITED", what, str(most), "1")
        self.retry_after = retry_after


class FailedAttempts:
    """Failures by username and address, in this process."""

    def __init__(self, clock: Callable[[], int]) -> None:
        """Begin with none, at the time that `clock` tells."""
        self._clock = clock
        self._failures: dict[tuple[str, str], deque[int]] = {}
        self._lock = threading.Lock()

    def check(self, who: tuple[str, str]) -> None:
        """Raise if `who` has failed too often in the last minute."""
        now = self._clock()
        with self._lock:
            times = self._failures.get(who)
            while times and times[0] <= now - _WINDOW:
                times.popleft()
            if times and len(times) >= _MOST:
                wait = max(1, -(-(times[0] + _WINDOW - now) // 1000))
                raise TooManyAttemptsError("failed attempts", _MOST, wait)

    def count(self, who: tuple[str, str]) -> None:
        """Remember one failure of `who`; the oldest names are forgotten where there are too many."""
        with self._lock:
            times = self._failures.pop(who, None) or deque(maxlen=_MOST)
            times.append(self._clock())
            self._failures[who] = times
            while len(self._failures) > _KEPT:
                del self._failures[next(iter(self._failures))]

    def forget(self, who: tuple[str, str]) -> None:
        """Forget the failures of `who`, who has signed in."""
        with self._lock:
            self._failures.pop(who, None)

"""When each session was used last: kept in memory, written down now and then (rule 90).

A request would be dear if it wrote a row; so uses are noted, and the server flushes them once a minute, which is a
fifth of the shortest idle limit, and when it ends. Other processes see what was flushed. What a killed server had
noted and not flushed is lost: a session seems idle for longer than it was, never for less.

A session without an idle limit needs its last use only to be shown: it is noted once what is written is ten minutes
old, so that a busy session costs a row every ten minutes, and every other request a comparison.
"""

from collections.abc import Mapping
from concurrent.futures import Future
from threading import Lock
from typing import Any, Final

from orgward.app.acting import ground_of, outcome_of
from orgward.app.execute import Call, Context, Door
from orgward.app.key_use import SERVER
from orgward.app.operation import Operation, OperatorOnly, declare
from orgward.app.targets import Nowhere
from orgward.directory.sessions import NOTED_EVERY, is_idle, record_session_uses, use_to_write
from orgward.kernel.errors import UnavailableError
from orgward.store.writer import Done, Outcome

_SESSIONS: Final = 10_000


def _record(context: Context) -> Outcome:
    return outcome_of(record_session_uses(ground_of(context), context.call.body))


RECORD_SESSION_USE: Final = declare(
    Operation(id="recordSessionUse", requires=OperatorOnly(), on=Nowhere(), inner=None, writes=True, run=_record)
)
"""The job that writes down when sessions were used last."""


class SessionUse:
    """The last use of sessions since the last flush, by the hash under which they are stored."""

    def __init__(self, door: Door) -> None:
        """Flush through `door`."""
        self._door = door
        self._noted: dict[str, int] = {}
        self._lock = Lock()

    def goes_on(self, session: str, limit: Mapping[str, Any] | None, used_at: int, now: int) -> bool:
        """Say whether the session may still be used, and if so note that it is.

        `limit` is the row of its idle limit, if it has one; `used_at` is its last use as it is written down.
        """
        if limit is None and now < used_at + NOTED_EVERY:
            return True
        with self._lock:
            if is_idle(limit, now, noted=self._noted.get(session, 0)):
                return False
            # Memory is bounded; the uses of more sessions than this count after the next flush.
            if session in self._noted or len(self._noted) < _SESSIONS:
                self._noted[session] = max(now, self._noted.get(session, 0))
        return True

    def flush(self) -> "Future[Done] | None":
        """Submit what was noted; None if there is nothing to write."""
        with self._lock:
            noted = dict(self._noted)
        view = self._door.store.view
        later = {session: at for session, at in noted.items() if use_to_write(view, session, at)}
        self._forget({session: at for session, at in noted.items() if session not in later})
        if not later:
            return None
        try:
            submitted = self._door.write(Call(RECORD_SESSION_USE, SERVER, body=later))
        except UnavailableError:
            return None
        # Not before it is written: a request must not find a session idle that was just used.
        submitted.add_done_callback(lambda done: self._forget({} if done.exception() else later))
        return submitted

    def _forget(self, settled: Mapping[str, int]) -> None:
        with self._lock:
            for session, at in settled.items():
                if self._noted.get(session) == at:
                    del self._noted[session]

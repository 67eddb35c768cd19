"""How often each entry of an access list let a machine in: counted in memory, written down now and then.

A request would be dear if it wrote a row; so uses are noted, and the server flushes them once a minute and
when it ends. What a killed server had noted and not flushed is lost.
"""

from concurrent.futures import Future
from threading import Lock
from typing import Final

from orgward.app.acting import ground_of, outcome_of
from orgward.app.execute import Call, Context, Door
from orgward.app.operation import Operation, OperatorOnly, declare
from orgward.app.targets import Nowhere
from orgward.directory.access_lists import Use, record_uses
from orgward.kernel.errors import UnavailableError
from orgward.kernel.principal import Principal
from orgward.store.writer import Done, Outcome

SERVER: Final = Principal("operator", "server")
"""Who runs the server's own jobs."""

_PAIRS: Final = 10_000


def _record(context: Context) -> Outcome:
    return outcome_of(record_uses(ground_of(context), context.call.body))


RECORD_KEY_USE: Final = declare(
    Operation(id="recordKeyUse", requires=OperatorOnly(), on=Nowhere(), inner=None, writes=True, run=_record)
)
"""The job that writes noted uses down."""


class KeyUse:
    """Uses of machines since the last flush, by machine and address."""

    def __init__(self, door: Door) -> None:
        """Flush through `door`."""
        self._door = door
        self._noted: dict[tuple[str, str], tuple[int, int]] = {}
        self._lock = Lock()

    def note(self, principal: Principal) -> None:
        """Count one request of `principal`, if it is a machine whose address is known."""
        if principal.is_machine and principal.address:
            self._add(principal.id, principal.address, 1, self._door.store.clock())

    def _add(self, machine: str, address: str, count: int, last: int) -> None:
        with self._lock:
            noted = self._noted.get((machine, address))
            if noted is None and len(self._noted) >= _PAIRS:
                return  # memory is bounded; from more addresses than this is counted after the next flush
            before, at = noted or (0, 0)
            self._noted[machine, address] = (before + count, max(at, last))

    def flush(self) -> "Future[Done] | None":
        """Submit what was noted of machines that have an access list; None if there is nothing to write."""
        with self._lock:
            noted, self._noted = self._noted, {}
        view = self._door.store.view
        listed = {machine for machine in {each for each, _ in noted} if view.find("api_key_access", key_id=machine)}
        uses = [Use(*place, *counted) for place, counted in noted.items() if place[0] in listed]
        if not uses:
            return None
        try:
            return self._door.write(Call(RECORD_KEY_USE, SERVER, body=uses))
        except UnavailableError:
            for use in uses:
                self._add(use.machine, use.address, use.count, use.last)
            return None

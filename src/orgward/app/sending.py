"""How many invitations are sent: to one person, and by one principal, within an hour (rule 59)."""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from orgward.catalog import Limits
from orgward.kernel.delta import Delta
from orgward.kernel.errors import RefusedError
from orgward.kernel.principal import Principal

_HOUR: Final = 3_600_000
_MINUTES: Final = "60"


class Sending:
    """Invitations of the running hour, in this process; only the writer's thread asks."""

    def __init__(self, limits: Limits) -> None:
        """Start with nothing sent."""
        self._limits = limits
        self._hour = 0
        self._to: Counter[str] = Counter()
        self._by: Counter[str] = Counter()

    def count(self, principal: Principal, deltas: Iterable[Delta], now: int, *, is_trial: bool) -> None:
        """Count the invitations among `deltas`, or raise if a mailbox or a sender had its share; a trial sends none."""
        to = [d.row["user_id"] for d in deltas if d.table == "outbox" and d.row and d.row["kind"] == "invitation"]
        if not to or principal.is_operator:
            return
        if now // _HOUR != self._hour:
            self._hour, self._to, self._by = now // _HOUR, Counter(), Counter()
        self._require(self._by[principal.id] + len(to), self._limits.invitations_by_sender_an_hour)
        for user in to:
            self._require(self._to[user] + 1, self._limits.invitations_to_person_an_hour)
        if is_trial:
            return
        self._by[principal.id] += len(to)
        self._to.update(to)

    @staticmethod
    def _require(number: int, most: int) -> None:
        if number > most:
            raise RefusedError("RATE_LIMITED_IP", str(most), _MINUTES)

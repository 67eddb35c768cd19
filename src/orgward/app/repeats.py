"""Repeated creates: the answer to an Idempotency-Key is kept, sealed, for a day (contract.md).

A key belongs to the principal that sent it. The kept answer may hold a secret that is shown once; whoever repeats
the very same request is whom it was shown to.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from orgward.directory.ground import put
from orgward.kernel.delta import Delta
from orgward.kernel.errors import RefusedError
from orgward.store.keyring import Keyring
from orgward.store.view import SqlView

_LIFE: Final = 24 * 3_600_000


@dataclass(frozen=True, slots=True)
class Repeat:
    """The key of a create, a digest of all that it asks for, and how the face writes an answer down."""

    key: str
    fingerprint: str
    freeze: Callable[[Any], str]
    thaw: Callable[[str], Any]

    @property
    def row_key(self) -> str:
        """Return under what the answer is kept: the key itself may be anything."""
        return hashlib.sha256(self.key.encode()).hexdigest()


class Replies:
    """The kept answers of a store."""

    def __init__(self, keyring: Keyring) -> None:
        """Seal and open with `keyring`."""
        self._keyring = keyring

    def find(self, view: SqlView, principal: str, repeat: Repeat, now: int) -> Callable[[SqlView], Any] | None:
        """Return how to give the kept answer again, None if there is none; another request under the key is refused."""
        row = view.get("replies", principal, repeat.row_key)
        if row is None or row["expires_at"] <= now:
            return None
        if row["fingerprint"] != repeat.fingerprint:
            raise RefusedError("IDEMPOTENCY_KEY_REUSED")
        kept = self._keyring.open(row["sealed_reply"], _context(principal, repeat))
        return lambda _: repeat.thaw(kept)

    def keep(self, principal: str, repeat: Repeat, salt: str, now: int) -> Callable[[Any], list[Delta]]:
        """Return how to keep an answer; what is over is forgotten by the hourly job, for it can be a great deal."""

        def deltas(result: Any) -> list[Delta]:
            sealed = self._keyring.seal(repeat.freeze(result), _context(principal, repeat))
            kept = put(
                "replies", principal, repeat.row_key, principal_id=principal, key=repeat.row_key,
                fingerprint=repeat.fingerprint, sealed_reply=sealed, expires_at=now + _LIFE, salt=salt,
            )  # fmt: skip
            return [kept]

        return deltas


def _context(principal: str, repeat: Repeat) -> str:
    return f"reply {principal} {repeat.row_key}"

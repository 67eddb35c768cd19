"""The keys that access tokens are signed with: made when the first one is needed, another one every 30 days.

Their private halves are sealed by the keyring; nothing is believed of a key but what opens from there. Every process
signs with the newest, and checks with any that is kept; one that was followed by another is kept until all that it
signed is over, so that a token outlives the change.
"""

import json
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Final, NamedTuple
from weakref import WeakKeyDictionary

from joserfc.jwk import ECKey

from orgward.app.execute import Call, Context, Door
from orgward.app.key_use import SERVER
from orgward.app.operation import Operation, OperatorOnly, declare
from orgward.app.targets import Nowhere
from orgward.directory.ground import Row, drop, put
from orgward.kernel.errors import UnavailableError
from orgward.store.opening import Store
from orgward.store.reads.signing_keys import kept_signing_keys
from orgward.store.writer import Outcome

ALGORITHM: Final = "ES256"
"""The one algorithm of our signatures; whatever a token says of itself, no other is tried."""

_HOUR: Final = 3_600_000
SIGNS_FOR: Final = 30 * 24 * _HOUR
"""For how long a key signs, in milliseconds."""

KEPT_AFTER: Final = 2 * _HOUR
"""For how long a key is kept once another signs: longer than any token lives, and than what caches keep."""


class _Held(NamedTuple):
    """The keys as they stood at a revision of the store, the newest first."""

    revision: int
    keys: tuple[ECKey, ...]


class SigningKeys:
    """The keys of one store, opened; read again once the store has changed."""

    def __init__(self) -> None:
        """Begin with none read; the store is no part of it, or it would never be let go."""
        self._held = _Held(-1, ())
        self._opened: dict[str, ECKey] = {}

    def newest(self, store: Store) -> ECKey:
        """Return the key to sign with."""
        keys = self._current(store)
        if not keys:
            raise UnavailableError("UNAVAILABLE")
        return keys[0]

    def find(self, store: Store, name: str) -> ECKey | None:
        """Return the key of this name, None if none is kept."""
        return next((key for key in self._current(store) if key.kid == name), None)

    def public(self, store: Store) -> list[Mapping[str, Any]]:
        """Return the public halves, as a JWK Set has them (RFC 7517)."""
        return [key.as_dict(private=False, alg=ALGORITHM, use="sig") for key in self._current(store)]

    def _current(self, store: Store) -> tuple[ECKey, ...]:
        revision = store.snapshot.revision
        if self._held.revision != revision:
            rows = kept_signing_keys(store.view)
            self._opened = {row["id"]: self._opened.get(row["id"]) or _opened(store, row) for row in rows}
            self._held = _Held(revision, tuple(self._opened[row["id"]] for row in rows))
        return self._held.keys


_KEYS: Final[WeakKeyDictionary[Store, SigningKeys]] = WeakKeyDictionary()


def keys_of(store: Store) -> SigningKeys:
    """Return the keys of `store`, one object as long as it is open."""
    return _KEYS.setdefault(store, SigningKeys())


def _opened(store: Store, row: Row) -> ECKey:
    found = json.loads(store.keyring.open(row["sealed_key"], _context(row["id"])))
    return ECKey.import_key(found, {"kid": row["id"]})


def _context(key: str) -> str:
    return f"signing key {key}"


def _renew(context: Context) -> Outcome:
    """Make a key if one is due, and drop those whose tokens are all over."""
    rows, now, mint = kept_signing_keys(context.view), context.now, context.mint
    deltas = [drop("signing_keys", row["id"]) for row in _over(rows, now)]
    if not _is_due(rows, now):
        return Outcome(deltas)
    name = mint.id()
    made = json.dumps(ECKey.generate_key("P-256").as_dict(private=True))
    sealed = mint.keyring.seal(made, _context(name))
    row = put("signing_keys", name, id=name, sealed_key=sealed, created_at=now, salt=mint.salt())
    return Outcome([*deltas, row], {"signingKey": name})


RENEW: Final = declare(
    Operation(id="renewSigningKeys", requires=OperatorOnly(), on=Nowhere(), inner=None, writes=True, run=_renew)
)
"""The job that makes a signing key when one is due; it answers nothing."""


def renew_signing_keys(door: Door) -> None:
    """Make a signing key if there is none, or the newest has signed for long enough; forget those that are over."""
    rows, now = kept_signing_keys(door.store.view), door.store.clock()
    if _is_due(rows, now) or _over(rows, now):
        door.write(Call(RENEW, SERVER)).result()


def _is_due(rows: Sequence[Row], now: int) -> bool:
    return not rows or bool(rows[0]["created_at"] + SIGNS_FOR <= now)


def _over(rows: Sequence[Row], now: int) -> list[Row]:
    """Return the keys, of these from the newest on, whose follower has signed for long enough."""
    return [row for follower, row in pairwise(rows) if follower["created_at"] + KEPT_AFTER <= now]

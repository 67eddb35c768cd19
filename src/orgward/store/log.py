"""The log: audit trail and change feed in one, chained so that tampering shows.

Each row carries two links: to the row before it in the store, and to the row before it in its organization. The
hash is an HMAC over every column, under a key outside the database.
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from orgward.kernel.delta import Delta
from orgward.store.schema import is_sealed, log, metadata

GENESIS: Final = "0" * 64
COLUMNS: Final = tuple(column.name for column in log.columns)


@dataclass(frozen=True, slots=True)
class Entry:
    """Who did what to which target, as the audit row says it; `body` holds no personal data."""

    action: str
    target: str
    org_id: str | None
    actor_kind: str
    actor_id: str
    credential: str = ""
    request_id: str = ""


@dataclass(slots=True)
class Head:
    """The end of the store's chain."""

    revision: int
    hash: str
    at: int


def canonical(value: object) -> bytes:
    """Return the one byte form of `value`: JSON with sorted keys."""
    return msgspec.json.encode(value, order="sorted")


def commitment(row: Mapping[str, Any]) -> str:
    """Return the salted commitment that stands in the log for a row of a sealed table."""
    return hashlib.sha256(canonical(dict(row))).hexdigest()


def encode_deltas(deltas: Iterable[Delta]) -> bytes:
    """Return the bytes of `deltas` as the log keeps them, sealed rows as commitments."""
    return canonical([[d.table, list(d.key), _logged(d)] for d in deltas])


def _logged(delta: Delta) -> Mapping[str, Any] | None:
    if delta.row is None or not is_sealed(metadata.tables[delta.table]):
        return delta.row
    return {"commitment": commitment(delta.row)}


def decode_deltas(raw: bytes) -> list[Delta]:
    """Return the deltas of one log row; sealed tables are left out, for nobody folds them."""
    decoded = msgspec.json.decode(raw, type=list[tuple[str, tuple[str, ...], dict[str, Any] | None]])
    return [Delta(t, key, row) for t, key, row in decoded if not is_sealed(metadata.tables[t])]


def hash_of(row: Sequence[object], key: bytes) -> str:
    """Return the hash of a log row from all its other columns, in the order of COLUMNS."""
    parts = [value.hex() if isinstance(value, bytes) else value for value in row]
    return hmac.digest(key, canonical(parts), "sha256").hex()

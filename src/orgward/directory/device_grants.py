"""Grants of devices: a program asks for one, its person approves it in a browser, and it becomes a session once.

Codes are kept as hashes. Whoever sees the short one can look at the grant and approve it for themselves, never use it;
that takes the long one, which only the program has (RFC 8628).
"""

from dataclasses import dataclass
from typing import Final

from orgward.directory import second_factors
from orgward.directory.delegation import client_of
from orgward.directory.federated_identities import FEDERATION
from orgward.directory.ground import Change, Ground, Row, View, put
from orgward.kernel.errors import GateError, NotFoundError, RefusedError

LIFE: Final = 600_000
"""How long a code counts, in milliseconds."""

PENDING: Final = "pending"
APPROVED: Final = "approved"
DENIED: Final = "denied"

EXPIRED: Final = "DEVICE_AUTHORIZATION_EXPIRED"
"""The code for a grant that is over, was used, or never was: they look alike."""

_LONGEST_DEVICE: Final = 400


@dataclass(frozen=True, slots=True)
class Asking:
    """What asks for a grant: the hashes of its two codes, its client id, and from where."""

    code_hash: str
    user_code_hash: str
    client: str
    address: str
    device: str


def begin(ground: Ground, asking: Asking) -> Change:
    """Make a grant that waits for its person."""
    grant = put(
        "device_grants", asking.code_hash, hash=asking.code_hash, user_code_hash=asking.user_code_hash,
        client=asking.client, state=PENDING, user_id=None, factor="", proven_at=None, identity_provider_id=None,
        address=asking.address, device=asking.device[:_LONGEST_DEVICE], created_at=ground.now,
        expires_at=ground.now + LIFE, salt=ground.mint.salt(),
    )  # fmt: skip
    return Change([grant], {"client": asking.client})


def waiting(view: View, user_code_hash: str, now: int) -> Row | None:
    """Return the grant that waits under a short code, None if there is none."""
    rows = view.find("device_grants", user_code_hash=user_code_hash)
    return next((row for row in rows if row["state"] == PENDING and now < row["expires_at"]), None)


def approve(ground: Ground, user_code_hash: str) -> Change:
    """Let the grant be the caller's, as well proven as their session is, and by the identity provider that began it.

    A session that was begun for a program approves nothing, or one approval would last forever.
    """
    view, caller = ground.view, ground.principal
    if client_of(view, caller.credential):
        raise GateError("DEVICE_SESSION_REFUSED")
    if caller.factor in {"", FEDERATION} and second_factors.has_active(view, caller.id):
        raise GateError("SECOND_FACTOR_REQUIRED")
    by = view.get("federated_sessions", caller.proof)
    shown = {
        "user_id": caller.id,
        "factor": caller.factor,
        "proven_at": caller.proven_at,
        "identity_provider_id": by and by["identity_provider_id"],
    }
    return _decided(ground, user_code_hash, {"state": APPROVED, **shown})


def deny(ground: Ground, user_code_hash: str) -> Change:
    """Let the grant come to nothing."""
    return _decided(ground, user_code_hash, {"state": DENIED})


def _decided(ground: Ground, user_code_hash: str, decision: Row) -> Change:
    row = waiting(ground.view, user_code_hash, ground.now)
    if row is None:
        raise NotFoundError("DEVICE_CODE_NOT_FOUND")
    body = {"client": row["client"], "state": decision["state"]}
    return Change([put("device_grants", row["hash"], **{**row, **decision})], body, target=ground.principal.id)


def approved(view: View, code_hash: str, client: str, now: int) -> Row:
    """Return the grant of a long code that its person has approved; RefusedError says how it stands else."""
    row = view.get("device_grants", code_hash)
    if row is None or row["client"] != client or row["expires_at"] <= now:
        raise RefusedError(EXPIRED)
    if row["state"] == PENDING:
        raise RefusedError("DEVICE_AUTHORIZATION_PENDING")
    if row["state"] == DENIED:
        raise RefusedError("DEVICE_AUTHORIZATION_DENIED")
    return row

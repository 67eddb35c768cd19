"""Tickets: what a client carries from one request to the next for us, sealed so that it can't be read or changed."""

import secrets
from typing import Any, TypeVar

import msgspec

from orgward.directory.second_factors import Once
from orgward.store.keyring import Keyring, KeyringError


class Ticket(msgspec.Struct, frozen=True, kw_only=True):
    """What every ticket says: until when it counts, and a word of chance that no other ticket has."""

    expires_at: int
    nonce: str = msgspec.field(default_factory=lambda: secrets.token_urlsafe(32))

    def sealed(self, keyring: Keyring) -> str:
        """Return what the client gets; it opens as a ticket of this kind alone."""
        return keyring.seal(msgspec.json.encode(self).decode(), _context(type(self)))

    def once(self, keyring: Keyring) -> Once:
        """Return the mark that a ticket leaves which counts a single time."""
        return Once(keyring.hash_token(self.nonce), self.expires_at)


class PendingSignIn(Ticket, frozen=True, kw_only=True):
    """Whose password was right, and a hash of what it was held against: a new password ends it."""

    user: str
    proven_against: str


class Challenge(Ticket, frozen=True, kw_only=True):
    """What a passkey is asked to sign: the nonce, at this host, for this purpose.

    `user` and `holder`, a session or a pending sign-in, are those who may answer; both are empty where nobody has
    said yet who they are.
    """

    purpose: str
    host: str
    user: str = ""
    holder: str = ""


Kind = TypeVar("Kind", bound=Ticket)


def opened(kind: type[Kind], keyring: Keyring, sealed: str, now: int) -> Kind | None:
    """Return the ticket, None if it is over, of another kind, or not ours."""
    try:
        found: Kind = msgspec.json.decode(keyring.open(sealed, _context(kind)), type=kind)
    except (KeyringError, ValueError, msgspec.MsgspecError):
        return None
    return found if found.expires_at > now else None


def _context(kind: type[Any]) -> str:
    return f"ticket {kind.__name__}"

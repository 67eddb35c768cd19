"""The codes of devices, and the tokens that a program gets for its person (RFC 8628; wire.md 4)."""

import secrets
from dataclasses import dataclass
from typing import Any, Final

from orgward.app.access_tokens import LIFE, Claims, issue, issue_identity
from orgward.app.execute import Call, Door
from orgward.directory.device_grants import waiting
from orgward.directory.ground import Row
from orgward.directory.people import username_of
from orgward.kernel.errors import NotFoundError
from orgward.store.keyring import Keyring
from orgward.store.opening import Store
from orgward.store.view import SqlView

_LETTERS: Final = "BCDFGHJKLMNPQRSTVWXZ"
"""Of short codes: none that looks like another one, and none that makes words (RFC 8628, 6.1)."""

_LENGTH: Final = 8

SCOPE: Final = "openid profile offline_access"
"""What a program gets, whatever it asks for: its person's identity, and a session that can be kept up."""


@dataclass(frozen=True, slots=True)
class DeviceCodes:
    """The long code that the program keeps, and the short one that its person types."""

    device: str
    user: str

    @classmethod
    def fresh(cls) -> "DeviceCodes":
        """Return fresh ones, of 256 and some 34 random bits."""
        return cls(secrets.token_urlsafe(32), "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH)))


def device_code_hash(keyring: Keyring, code: str) -> str:
    """Return under what a long code is kept."""
    return keyring.hash_token(f"device {code}")


def user_code_hash(keyring: Keyring, text: str) -> str:
    """Return under what a short code is kept, however it was typed."""
    return keyring.hash_token(f"user code {plain_code(text)}")


def plain_code(text: str) -> str:
    """Return the letters of a short code: people type blanks, hyphens and small letters."""
    return "".join(letter for letter in text.upper() if letter in _LETTERS)


def grouped(text: str) -> str:
    """Return a short code as people read it: two groups of four letters."""
    code = plain_code(text)
    return f"{code[:4]}-{code[4:]}"


def found_grant(door: Door, call: Call, text: str) -> Row:
    """Return the grant that waits under a short code; whoever guesses may do so ten times a minute."""
    who = ("device code", call.principal.id)
    door.failures.check(who)
    row = waiting(door.store.view, user_code_hash(door.store.keyring, text), door.store.clock())
    if row is None:
        door.failures.count(who)
        raise NotFoundError("DEVICE_CODE_NOT_FOUND")
    return row


def device_tokens(store: Store, view: SqlView, refreshing: str, now: int) -> dict[str, Any]:
    """Return the reply that gives a program its tokens; `refreshing` is the one that keeps its session up."""
    row = view.get("refresh_tokens", store.keyring.hash_token(refreshing)) or {}
    sessions = view.find("sessions", user_id=row["user_id"])
    session = next(each for each in sessions if each["id"] == row["session_id"])
    claims = Claims(
        kind="user", id=row["user_id"], sid=row["session_id"], jti=secrets.token_hex(16), issued_at=now,
        expires_at=min(now + LIFE, session["expires_at"]), sub=username_of(view, row["user_id"]),
    )  # fmt: skip
    return {
        "access_token": issue(store, claims),
        "expires_in": claims.expires_at // 1000 - now // 1000,
        "id_token": issue_identity(store, claims, row["client"]),
        "refresh_token": refreshing,
        "scope": SCOPE,
        "token_type": "Bearer",
    }

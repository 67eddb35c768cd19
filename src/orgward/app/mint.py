"""Fresh ids and secrets, handed to the rules so that the rules stay pure."""

import hashlib
import secrets
import string
import uuid
from dataclasses import dataclass
from typing import Final

from orgward.kernel.ids import object_id
from orgward.store.keyring import Keyring

REALM: Final = "MMS Public API"
"""The realm of HTTP Digest; constant, because what is stored for a key depends on it (wire.md 3)."""

SECRET_PREFIX: Final = "mdb_sa_sk_"  # noqa: S105 - the beginning of every one, and a secret of none
"""What secrets of service accounts begin with, so that whoever finds one knows what it is (wire.md 4)."""

MAILED: Final = "token"
"""The context in which is sealed what only the reader of a message may know."""


@dataclass(frozen=True, slots=True)
class MintedToken:
    """A link or session token: what is shown once, what is stored, and what waits sealed for the mail."""

    token: str
    hash: str
    sealed: str


@dataclass(frozen=True, slots=True)
class MintedKey:
    """An API key's halves, the masked form shown afterwards, and the sealed Digest secret."""

    public: str
    private: str
    masked: str
    sealed: str


@dataclass(frozen=True, slots=True)
class MintedSecret:
    """A service account's secret: what is shown once, what is stored, and the masked form shown afterwards."""

    secret: str
    hash: str
    masked: str


class Mint:
    """Makes ids and secrets; every secret leaves it sealed or hashed beside the form that is shown once."""

    def __init__(self, keyring: Keyring, now: int) -> None:
        """Mint with `keyring`; ids carry the time `now`."""
        self.keyring = keyring
        self._seconds = now // 1000

    def id(self) -> str:
        """Return a fresh id."""
        return object_id(self._seconds, secrets.token_bytes(8))

    def salt(self) -> str:
        """Return a salt for a sealed row."""
        return secrets.token_hex(16)

    def token(self) -> MintedToken:
        """Return a fresh token of 256 random bits."""
        token = secrets.token_urlsafe(32)
        return MintedToken(token, self.keyring.hash_token(token), self.sealed(token))

    def sealed(self, text: str) -> str:
        """Return `text` as it waits in the outbox."""
        return self.keyring.seal(text, MAILED)

    def stand_in(self, text: str) -> str:
        """Return what stands for `text` in the key of a sealed row, from which nobody learns the text."""
        return self.keyring.hash_token(text)

    def api_key(self) -> MintedKey:
        """Return a fresh API key: eight lowercase letters and a lowercase UUID (wire.md 3)."""
        public = "".join(secrets.choice(string.ascii_lowercase) for _ in range(8))
        private = str(uuid.UUID(bytes=secrets.token_bytes(16), version=4))
        masked = f"********-****-****-{private[-12:]}"
        return MintedKey(public, private, masked, self.keyring.seal(digest_of(public, private), f"digest {public}"))

    def service_account_secret(self) -> MintedSecret:
        """Return a fresh secret of a service account: its prefix and 240 random bits (wire.md 4)."""
        secret = SECRET_PREFIX + secrets.token_urlsafe(30)
        return MintedSecret(secret, self.keyring.hash_token(secret), f"{SECRET_PREFIX}********{secret[-4:]}")


def digest_of(public: str, private: str) -> str:
    """Return what is stored for a key, sealed: HA1 of RFC 7616, which Digest needs and which is as good as the key."""
    return hashlib.md5(f"{public}:{REALM}:{private}".encode(), usedforsecurity=False).hexdigest()

"""The key outside the database: it seals secrets, hashes tokens and authenticates the log.

It lies in `orgward.key` (mode 0600) beside the SQLite file, or in ORGWARD_KEY; losing it makes every sealed
secret useless, which is what a stolen copy of the database should be.
"""

import hashlib
import hmac
import os
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_VARIABLE: Final = "ORGWARD_KEY"
KEY_FILE: Final = "orgward.key"
_NONCE: Final = 12


class KeyringError(Exception):
    """The key is missing, malformed, or not the one that sealed the store."""


class Keyring:
    """Derived keys for each use, so that no two uses share one."""

    def __init__(self, root: bytes) -> None:
        """Derive the keys from `root`, at least 32 random bytes."""
        if len(root) < 32:
            message = "the key must hold at least 32 bytes"
            raise KeyringError(message)
        self._seal = AESGCM(_derive(root, b"seal"))
        self._tokens = _derive(root, b"tokens")
        self.log_key = _derive(root, b"log")
        self.fingerprint = hashlib.sha256(_derive(root, b"fingerprint")).hexdigest()

    def seal(self, plain: str, context: str) -> str:
        """Return `plain` encrypted; it opens only with the same `context`."""
        nonce = secrets.token_bytes(_NONCE)
        return urlsafe_b64encode(nonce + self._seal.encrypt(nonce, plain.encode(), context.encode())).decode()

    def open(self, sealed: str, context: str) -> str:
        """Return what `sealed` hides; KeyringError if it was sealed by another key or for another context."""
        raw = urlsafe_b64decode(sealed)
        try:
            return self._seal.decrypt(raw[:_NONCE], raw[_NONCE:], context.encode()).decode()
        except InvalidTag as error:
            message = "a secret does not open with this key"
            raise KeyringError(message) from error

    def hash_token(self, token: str) -> str:
        """Return the hash under which a session or link token is stored."""
        return hmac.digest(self._tokens, token.encode(), "sha256").hex()


def _derive(root: bytes, use: bytes) -> bytes:
    return HKDF(SHA256(), 32, None, b"orgward " + use).derive(root)


def load_keyring(folder: Path, *, create: bool) -> Keyring:
    """Return the keyring of the store in `folder`; a store that is new gets a fresh key."""
    given = os.environ.get(KEY_VARIABLE)
    if given:
        return Keyring(_decoded(given))
    path = folder / KEY_FILE
    if not path.exists():
        if not create:
            message = f"the store has secrets and its key `{KEY_FILE}` is missing; restore it or set {KEY_VARIABLE}"
            raise KeyringError(message)
        _write_new(path)
    return Keyring(_decoded(path.read_text()))


def _decoded(text: str) -> bytes:
    try:
        return urlsafe_b64decode(text.strip())
    except ValueError as error:
        message = "the key is not base64"
        raise KeyringError(message) from error


def _write_new(path: Path) -> None:
    staged = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    handle = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(urlsafe_b64encode(secrets.token_bytes(32)).decode() + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(staged, path)
    except FileExistsError:
        pass
    finally:
        staged.unlink()

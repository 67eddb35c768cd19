"""HTTP Digest as the Admin API's clients speak it: MD5, `qop="auth"`, nonces that may be used again (wire.md 3)."""

import hashlib
import hmac
import re
import secrets
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Final

from orgward.app.mint import REALM

_LIFETIME_SECONDS: Final = 300
_NONCES: Final = 50_000
_DIRECTIVE: Final = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]+))')
_COUNT: Final = re.compile(r"[0-9a-fA-F]{8}")


@dataclass(frozen=True, slots=True)
class DigestCredentials:
    """What a client sent: every directive it may send, and nothing else."""

    username: str
    realm: str
    nonce: str
    uri: str
    response: str
    nc: str
    cnonce: str
    qop: str
    algorithm: str


def parse_digest(header: str) -> DigestCredentials | None:
    """Return the credentials of an Authorization header, None if it is not well-formed Digest."""
    scheme, _, rest = header.partition(" ")
    if scheme.lower() != "digest":
        return None
    found = {name.lower(): quoted or bare for name, quoted, bare in _DIRECTIVE.findall(rest)}
    names = DigestCredentials.__slots__
    return DigestCredentials(**{name: found.get(name, "") for name in names})


def response_of(secret: str, method: str, credentials: DigestCredentials) -> str:
    """Return the response that the holder of `secret` (HA1, RFC 7616) would send."""
    second = _md5(f"{method}:{credentials.uri}")
    c = credentials
    if c.qop:
        return _md5(f"{secret}:{c.nonce}:{c.nc}:{c.cnonce}:{c.qop}:{second}")
    return _md5(f"{secret}:{c.nonce}:{second}")


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


class Nonces:
    """Nonces that prove their own age; each count of a nonce is good for one request."""

    def __init__(self) -> None:
        """Start with a fresh key: a restart makes older nonces stale, and clients ask again."""
        self._key = secrets.token_bytes(32)
        self._used: dict[str, set[str]] = {}

    def challenge(self, *, stale: bool = False) -> str:
        """Return the one WWW-Authenticate header; clients break on any directive more than these."""
        return (
            f'Digest realm="{REALM}", domain="", nonce="{self._fresh()}", algorithm=MD5, qop="auth",'
            f" stale={str(stale).lower()}"
        )

    def _fresh(self) -> str:
        raw = int(time.time()).to_bytes(8) + secrets.token_bytes(4)
        return urlsafe_b64encode(raw + self._mark(raw)).decode()

    def _mark(self, raw: bytes) -> bytes:
        return hmac.digest(self._key, raw, "sha256")[:12]

    def is_fresh(self, nonce: str) -> bool:
        """Say whether this server made `nonce`, not long ago."""
        try:
            raw = urlsafe_b64decode(nonce)
        except ValueError:
            return False
        body, mark = raw[:12], raw[12:]
        if len(raw) != 24 or not hmac.compare_digest(mark, self._mark(body)):
            return False
        return 0 <= time.time() - int.from_bytes(body[:8]) <= _LIFETIME_SECONDS

    def use(self, credentials: DigestCredentials) -> bool:
        """Say whether this count of the nonce is used for the first time, and remember it."""
        if credentials.qop and not _COUNT.fullmatch(credentials.nc):
            return False
        if len(self._used) >= _NONCES:
            self._used = {nonce: counts for nonce, counts in self._used.items() if self.is_fresh(nonce)}
        counts = self._used.setdefault(credentials.nonce, set())
        if credentials.nc in counts:
            return False
        counts.add(credentials.nc)
        return True

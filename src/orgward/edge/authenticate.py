"""From credentials to a principal: HTTP Digest for API keys, a bearer token for people's sessions."""

import hmac
from dataclasses import dataclass
from typing import Any, Final

from orgward.app.mint import REALM
from orgward.edge.digest import DigestCredentials, Nonces, parse_digest, response_of
from orgward.kernel.errors import UnauthenticatedError
from orgward.kernel.principal import Principal
from orgward.store.opening import Store

_CACHED: Final = 10_000


class StaleNonceError(UnauthenticatedError):
    """The response is right, the nonce is not: the client may try again with a new one, without asking anybody."""


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """What a request shows of itself: method, target with query, Authorization header, address of the client."""

    method: str
    target: str
    authorization: str
    address: str


class Authenticator:
    """Decides the kind of credential once, and who showed it."""

    def __init__(self, store: Store) -> None:
        """Authenticate against `store`."""
        self.nonces = Nonces()
        self._store = store
        self._keys: dict[str, tuple[str, str]] = {}
        self._sessions: dict[str, tuple[int, str, str, int]] = {}

    def cached(self, request: RequestFacts) -> Principal | None:
        """Return the principal if nothing has to be read to know it, else None; raise if it is nobody."""
        digest = parse_digest(request.authorization)
        if digest is not None:
            known = self._keys.get(digest.username)
            return None if known is None else self._by_digest(request, digest, known)
        proof = self._proof_of(request.authorization)
        found = self._sessions.get(proof)
        if found is None or found[0] != self._store.snapshot.revision:
            return None
        return self._by_session(request, proof, found)

    def look_up(self, request: RequestFacts) -> Principal:
        """Return the principal, reading what `cached` misses; blocks on the disk."""
        digest = parse_digest(request.authorization)
        if digest is not None:
            return self._by_digest(request, digest, self._read_key(digest.username))
        proof = self._proof_of(request.authorization)
        revision = self._store.snapshot.revision
        row = self._store.view.get("sessions", proof)
        if row is None:
            raise UnauthenticatedError
        found = (revision, row["user_id"], row["id"], row["expires_at"])
        _remember(self._sessions, proof, found)
        return self._by_session(request, proof, found)

    def _proof_of(self, authorization: str) -> str:
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise UnauthenticatedError
        return self._store.keyring.hash_token(token.strip())

    def _by_session(self, request: RequestFacts, proof: str, found: tuple[int, str, str, int]) -> Principal:
        _, user, session, expires = found
        if expires <= self._store.clock():
            raise UnauthenticatedError
        return Principal("user", user, session, request.address, proof)

    def _read_key(self, public_key: str) -> tuple[str, str]:
        rows = self._store.view.find("api_keys", public_key=public_key)
        secret = self._store.view.get("credentials", rows[0]["id"], "digest") if rows else None
        if secret is None:
            raise UnauthenticatedError
        known = (str(rows[0]["id"]), self._store.keyring.open(secret["secret"], f"digest {public_key}"))
        _remember(self._keys, public_key, known)
        return known

    def _by_digest(self, request: RequestFacts, digest: DigestCredentials, known: tuple[str, str]) -> Principal:
        key, secret = known
        wanted = response_of(secret, request.method, digest)
        proven = (
            hmac.compare_digest(wanted.encode(), digest.response.lower().encode())
            and digest.realm == REALM
            and _is_target(digest.uri, request.target)
            and digest.qop in {"", "auth"}
            and digest.algorithm.upper() in {"", "MD5"}
        )
        if not proven or self._store.snapshot.attribute("api_keys", key) is None:
            raise UnauthenticatedError
        if not self.nonces.is_fresh(digest.nonce) or not self.nonces.use(digest):
            raise StaleNonceError
        return Principal("api_key", key, digest.username, request.address)


def _is_target(uri: str, target: str) -> bool:
    # ASGI doesn't tell `/orgs?` from `/orgs`, and clients sign what they sent.
    return uri == target or ("?" not in target and uri == f"{target}?")


def _remember(cache: dict[str, Any], key: str, value: Any) -> None:
    if len(cache) >= _CACHED:
        cache.clear()
    cache[key] = value

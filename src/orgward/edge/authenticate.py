"""From credentials to a principal: HTTP Digest for API keys, a bearer token for sessions and service accounts."""

import hmac
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

from orgward.app.key_proof import stored_digest
from orgward.app.mint import REALM
from orgward.app.session_use import SessionUse
from orgward.directory.sessions import facts_of
from orgward.edge.bearer_tokens import BearerTokens, Shown, is_token
from orgward.edge.digest import DigestCredentials, Nonces, parse_digest, response_of
from orgward.kernel.errors import UnauthenticatedError
from orgward.kernel.principal import Principal
from orgward.store.opening import Store
from orgward.store.view import Row

_CACHED: Final = 10_000

TAKES_SECRETS: Final = "/scim/"
"""Below here a service account may show its secret itself: provisioning clients keep one token for a year."""


class StaleNonceError(UnauthenticatedError):
    """The response is right, the nonce is not: the client may try again with a new one, without asking anybody."""


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """What a request shows of itself: method, target with query, Authorization header, address of the client."""

    method: str
    target: str
    authorization: str
    address: str


class _Session(NamedTuple):
    """A session as it stood at a revision; `limit` is the row of its idle limit."""

    revision: int
    user: str
    id: str
    expires_at: int
    limit: Row | None
    factor: str
    proven_at: int
    used_at: int


class Authenticator:
    """Decides the kind of credential once, and who showed it."""

    def __init__(self, store: Store, session_use: SessionUse) -> None:
        """Authenticate against `store`, and note in `session_use` which sessions are used."""
        self.nonces = Nonces()
        self._store = store
        self._session_use = session_use
        self._keys: dict[str, tuple[str, str]] = {}
        self._sessions: dict[str, _Session] = {}
        self._tokens = BearerTokens(store)

    def cached(self, request: RequestFacts) -> Principal | None:
        """Return the principal if nothing has to be read to know it, else None; raise if it is nobody."""
        digest = parse_digest(request.authorization)
        if digest is not None:
            known = self._keys.get(digest.username)
            return None if known is None else self._by_digest(request, digest, known)
        token = _bearer_of(request.authorization)
        if not is_token(token):
            return self._known(self._store.keyring.hash_token(token), request.address)
        shown = self._tokens.cached(token)
        return None if shown is None else self._known(shown.session, request.address, shown)

    def _known(self, proof: str, address: str, shown: Shown | None = None) -> Principal | None:
        if shown is not None and shown.account is not None:
            return replace(shown.account, address=address)
        found = self._known_session(proof)
        return None if found is None else self._by_session(address, proof, found)

    def look_up(self, request: RequestFacts) -> Principal:
        """Return the principal, reading what `cached` misses; blocks on the disk."""
        digest = parse_digest(request.authorization)
        if digest is not None:
            return self._by_digest(request, digest, self._read_key(digest.username))
        token, proof = _bearer_of(request.authorization), ""
        if is_token(token):
            shown = self._tokens.look_up(token, takes_secrets=request.target.startswith(TAKES_SECRETS))
            if shown.account is not None:
                return replace(shown.account, address=request.address)
            proof = shown.session
        proof = proof or self._store.keyring.hash_token(token)
        return self._by_session(request.address, proof, self._read_session(proof))

    def session(self, token: str, address: str) -> Principal:
        """Return the person whose session has this token, or raise; blocks on the disk where it is not known yet."""
        proof = self._store.keyring.hash_token(token)
        found = self._known_session(proof)
        return self._by_session(address, proof, found or self._read_session(proof))

    def _known_session(self, proof: str) -> _Session | None:
        found = self._sessions.get(proof)
        return found if found is not None and found.revision == self._store.snapshot.revision else None

    def _read_session(self, proof: str) -> _Session:
        revision = self._store.snapshot.revision
        view = self._store.view
        row = view.get("sessions", proof)
        if row is None:
            raise UnauthenticatedError
        facts = facts_of(view, row)
        found = _Session(
            revision, row["user_id"], row["id"], row["expires_at"], view.get("idle_limits", proof),
            facts["factor"], facts["proven_at"], facts["used_at"],
        )  # fmt: skip
        _remember(self._sessions, proof, found)
        return found

    def _by_session(self, address: str, proof: str, found: _Session) -> Principal:
        now = self._store.clock()
        if found.expires_at <= now or not self._session_use.goes_on(proof, found.limit, found.used_at, now):
            raise UnauthenticatedError
        return Principal("user", found.user, found.id, address, proof, found.factor, found.proven_at)

    def _read_key(self, public_key: str) -> tuple[str, str]:
        known = stored_digest(self._store, public_key)
        if known is None:
            raise UnauthenticatedError
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


def _bearer_of(authorization: str) -> str:
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise UnauthenticatedError
    return token.strip()


def _is_target(uri: str, target: str) -> bool:
    # ASGI doesn't tell `/orgs?` from `/orgs`, and clients sign what they sent.
    return uri == target or ("?" not in target and uri == f"{target}?")


def _remember(cache: dict[str, Any], key: str, value: Any) -> None:
    if len(cache) >= _CACHED:
        cache.clear()
    cache[key] = value

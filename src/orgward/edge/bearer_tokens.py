"""Tokens of service accounts, and of people's programs: what they stand for, and whether that is still there.

A token says what it was issued for. That the secret, the account or the session of it still stands, and that nobody
revoked it, is read again whenever the store has changed; a change is effective with the next request.
"""

from dataclasses import dataclass, replace
from typing import Final

from orgward.app.access_tokens import Claims, looks_like_token, verify
from orgward.app.machine_proof import has_live_credential, revoked_key
from orgward.app.mint import SECRET_PREFIX
from orgward.kernel.errors import UnauthenticatedError
from orgward.kernel.principal import Principal
from orgward.store.opening import Store

_CACHED: Final = 10_000


@dataclass(frozen=True, slots=True)
class Shown:
    """What a token stands for: the service account, or the hash of the session of somebody's program."""

    expires_at: int
    account: Principal | None = None
    session: str = ""


def is_token(text: str) -> bool:
    """Say whether `text` is no session token: a signed access token, or a service account's secret."""
    return looks_like_token(text) or text.startswith(SECRET_PREFIX)


class BearerTokens:
    """What tokens stand for, as far as it is known at the newest revision."""

    def __init__(self, store: Store) -> None:
        """Look tokens up in `store`."""
        self._store = store
        self._known: dict[str, tuple[int, Shown]] = {}

    def cached(self, token: str) -> Shown | None:
        """Return what `token` stands for if nothing has to be read to know it, else None; raise if it has ended."""
        revision, shown = self._known.get(self._key(token), (-1, None))
        if shown is None or revision != self._store.snapshot.revision:
            return None
        if shown.expires_at <= self._store.clock():
            raise UnauthenticatedError
        return shown

    def look_up(self, token: str, *, takes_secrets: bool) -> Shown:
        """Return what `token` stands for, or raise; a bare secret counts only where `takes_secrets`."""
        if token.startswith(SECRET_PREFIX):
            return self._by_secret(token) if takes_secrets else _refuse()
        revision = self._store.snapshot.revision
        claims = verify(self._store, token, self._store.clock())
        shown = self._session(claims) if claims.kind == "user" else self._account(claims)
        if len(self._known) >= _CACHED:
            self._known.clear()
        self._known[self._key(token)] = revision, shown
        return shown

    def _key(self, token: str) -> str:
        return self._store.keyring.hash_token(token)

    def _by_secret(self, secret: str) -> Shown:
        row = self._store.view.get("client_secrets", self._key(secret))
        return _refuse() if row is None else self._live(row["account_id"], row["secret_id"], row["secret_id"])

    def _account(self, claims: Claims) -> Shown:
        if claims.kind != "service_account":
            raise UnauthenticatedError
        return replace(self._live(claims.id, claims.jti, claims.sid), expires_at=claims.expires_at)

    def _live(self, account: str, credential: str, proof: str) -> Shown:
        found = Principal("service_account", account, credential, proof=proof)
        view, now = self._store.view, self._store.clock()
        if view.get("service_accounts", account) is None or not has_live_credential(view, found, now):
            raise UnauthenticatedError
        return Shown(now, found)

    def _session(self, claims: Claims) -> Shown:
        view = self._store.view
        if view.get("used_once", revoked_key(claims.jti)) is not None:
            raise UnauthenticatedError
        hashes = [row["hash"] for row in view.find("sessions", user_id=claims.id) if row["id"] == claims.sid]
        return Shown(claims.expires_at, session=hashes[0]) if hashes else _refuse()


def _refuse() -> Shown:
    raise UnauthenticatedError

"""Access tokens: short-lived, signed, and good at this store's API alone (RFC 9068).

A token says what it was issued for; whether that is still there (the secret, the account, the session), and whether
the token was revoked, is for whoever authenticates to look up.
"""

import hashlib
from dataclasses import dataclass
from typing import Any, Final
from weakref import WeakKeyDictionary

import msgspec
from joserfc import jws, jwt
from joserfc.errors import JoseError

from orgward.app.signing_keys import ALGORITHM, keys_of
from orgward.kernel.errors import UnauthenticatedError
from orgward.store.opening import Store

LIFE: Final = 3_600_000
"""How long a token lives at most, in milliseconds (wire.md 4)."""

TYPE: Final = "at+jwt"
"""What sets an access token apart from every other signed token, such as one that says who somebody is."""

_CACHED: Final = 10_000
_LONGEST: Final = 4_096


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says: whose it is, what it was issued for, its own id, and from when until when it holds.

    `kind` is "service_account" or "user", `id` that of the account or person. `sid` names the secret, or the
    session, whose end ends the token. `sub` is how the account or person is called outside. Times are milliseconds.
    """

    kind: str
    id: str
    sid: str
    jti: str
    issued_at: int
    expires_at: int
    sub: str


class _Payload(msgspec.Struct, frozen=True):
    """The claims as they stand in a token."""

    iss: str
    aud: str
    sub: str
    iat: int
    exp: int
    jti: str
    kind: str
    uid: str
    sid: str
    nbf: int = 0


def issuer_of(store: Store) -> str:
    """Return who issues the tokens of `store`: no other store has this name."""
    return f"orgward:{store.id}"


def audience_of(store: Store) -> str:
    """Return for what the tokens of `store` are."""
    return f"{issuer_of(store)}/api"


def issue(store: Store, claims: Claims) -> str:
    """Return a token that says `claims`, signed with the newest key."""
    payload = _Payload(
        iss=issuer_of(store), aud=audience_of(store), sub=claims.sub, iat=claims.issued_at // 1000,
        exp=claims.expires_at // 1000, jti=claims.jti, kind=claims.kind, uid=claims.id, sid=claims.sid,
        nbf=claims.issued_at // 1000,
    )  # fmt: skip
    return _signed(store, TYPE, msgspec.to_builtins(payload))


def issue_identity(store: Store, claims: Claims, client: str) -> str:
    """Return a token that tells the program `client` whose session it has; it opens nothing (OpenID Connect 1.0, 2)."""
    said = {
        "iss": issuer_of(store), "aud": client, "sub": claims.sub, "iat": claims.issued_at // 1000,
        "exp": claims.expires_at // 1000,
    }  # fmt: skip
    return _signed(store, "JWT", said)


def _signed(store: Store, kind: str, said: dict[str, Any]) -> str:
    key = keys_of(store).newest(store)
    return jwt.encode({"alg": ALGORITHM, "typ": kind, "kid": key.kid}, said, key, [ALGORITHM], default_type=None)


def verify(store: Store, token: str, now: int) -> Claims:
    """Return what `token` says, if this store has signed it as an access token, and it holds at `now`; or raise."""
    if len(token) > _LONGEST or not token.isascii():
        raise UnauthenticatedError
    known = _VERIFIED.setdefault(store, {})
    digest = hashlib.sha256(token.encode()).digest()
    name, claims = known.get(digest) or _checked(store, token)
    if keys_of(store).find(store, name) is None or not claims.issued_at <= now < claims.expires_at:
        raise UnauthenticatedError
    if len(known) >= _CACHED:
        known.clear()
    known[digest] = (name, claims)
    return claims


_VERIFIED: Final[WeakKeyDictionary[Store, dict[bytes, tuple[str, Claims]]]] = WeakKeyDictionary()
"""What was verified lately: a signature costs more than all the rest of a request."""


def _checked(store: Store, token: str) -> tuple[str, Claims]:
    """Return the name of the key that signed `token`, and what it says, whenever that holds."""
    try:
        name = _key_named(token)
        key = keys_of(store).find(store, name)
        if key is None:
            raise UnauthenticatedError
        payload = msgspec.convert(jwt.decode(token, key, [ALGORITHM]).claims, _Payload)
    except (JoseError, ValueError):  # what msgspec finds is a ValueError, too
        raise UnauthenticatedError from None
    if payload.iss != issuer_of(store) or payload.aud != audience_of(store):
        raise UnauthenticatedError
    return name, _claims(payload)


def _key_named(token: str) -> str:
    header = jws.extract_compact(token.encode()).headers()
    if header.get("typ") != TYPE:
        raise UnauthenticatedError
    return str(header.get("kid"))


def _claims(payload: _Payload) -> Claims:
    begins, ends = max(payload.iat, payload.nbf) * 1000, payload.exp * 1000
    return Claims(payload.kind, payload.uid, payload.sid, payload.jti, begins, ends, payload.sub)


def looks_like_token(text: str) -> bool:
    """Say whether `text` has the three parts of a signed token: no other secret of ours has a dot."""
    return text.count(".") == 2

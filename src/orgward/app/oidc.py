"""Identity providers by OpenID Connect: where they are, their keys, and signing in there (code, PKCE, state, nonce).

All of it asks other servers, so it runs in threads; what they say is remembered for a while, and bounded.
"""

import base64
import hashlib
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from typing import Any, Final, Self, TypeVar
from urllib.parse import urlencode

import msgspec
from joserfc import jwk

from orgward.app.connecting import OutboundError
from orgward.app.id_tokens import (
    Claims,
    Expected,
    Header,
    NonsenseError,
    claims_of,
    header_of,
    key_of,
    nonsense,
    refused,
)
from orgward.app.outbound import Answer, Outbound
from orgward.app.turns import Behalf, Turns
from orgward.kernel.errors import UnavailableError

NOT_THERE: Final = "IDENTITY_PROVIDER_UNAVAILABLE"
"""The code for a provider that can't be reached or answers nonsense; which of both is for the log."""

_FRESH: Final = 3_600_000
_AGAIN: Final = 5_000
"""How soon keys are asked for again for the sake of one that is not among them, in milliseconds."""
_RESTING: Final = 10_000
"""For how long a provider that failed is left alone, in milliseconds."""
_MOST_PROVIDERS: Final = 256
_MOST_AT_ONCE: Final = 4
"""How many threads may wait for one provider: a slow one is not to keep the others from being asked."""
_LONGEST_TOKEN: Final = 64 * 1024


class Described(msgspec.Struct, frozen=True):
    """What a provider says of itself (OpenID Connect Discovery)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    authorization_response_iss_parameter_supported: bool = False


class _KeySet(msgspec.Struct, frozen=True):
    keys: list[Any]


class _Exchanged(msgspec.Struct, frozen=True):
    id_token: str


@dataclass(frozen=True, slots=True)
class Client:
    """As whom we come to a provider; one without a `secret` is public, and proves itself by PKCE alone."""

    issuer: str
    client_id: str
    secret: str = ""
    keys_after: int = 0


@dataclass(frozen=True, slots=True)
class Attempt:
    """What one sign-in is known by: the state in the browser, the nonce in the token, the verifier of PKCE."""

    state: str
    nonce: str
    verifier: str
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class Asking:
    """What a provider is asked for: scopes, whom it may expect, and to have them sign in anew if `again`."""

    scopes: Sequence[str] = ()
    hint: str = ""
    again: bool = False


_Kept = TypeVar("_Kept")


@dataclass(frozen=True, slots=True)
class _Known:
    document: Any
    at: int


class Providers:
    """Every provider that this process has asked."""

    def __init__(self, outbound: Outbound, clock: Callable[[], int]) -> None:
        """Ask by `outbound`; what was learnt is old by `clock`, in milliseconds."""
        self.outbound = outbound
        self._clock = clock
        self._known: dict[tuple[str, str], _Known] = {}
        self._failed: dict[tuple[str, str], int] = {}
        self._turns = Turns(NOT_THERE)
        self._behalf = Behalf()
        self._lock = threading.Lock()

    def on_behalf(self, behalf: Behalf) -> Self:
        """Return the same, all of it shared, asking on that `behalf`: one has so many calls waiting at once."""
        found = copy(self)
        found._behalf = behalf  # noqa: SLF001 - our own
        return found

    # ------------------------------------------------------------ what they say of themselves

    def described(self, issuer: str) -> Described:
        """Return what the provider says of itself, if it says so under the very name that it is known by."""
        found: Described = self._remembered("description", issuer, _FRESH) or self._describe(issuer)
        return found

    def _describe(self, issuer: str) -> Described:
        def ask() -> Described:
            answer = self.outbound.get(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
            found = _converted(answer, Described)
            # Whoever describes another issuer would have its people sign in somewhere else (mix-up).
            if found.issuer != issuer:
                raise OutboundError("wrong_answer", "issuer")
            for url in (found.authorization_endpoint, found.token_endpoint, found.jwks_uri):
                self.outbound.checked(url)
            return found

        return self._learnt("description", issuer, ask)

    def key(self, issuer: str, header: Header, after: int = 0) -> jwk.Key:
        """Return the key that signed a token with this `header`, among those that were fetched `after` that moment.

        One that is not known may be new: it is asked for, every few seconds at most: people of a provider that has just
        changed its keys sign in, and nobody makes us ask on and on.
        """
        keys = self._remembered("keys", issuer, _FRESH, after)
        found = None if keys is None else key_of(header, keys)
        if found is None and self._remembered("keys", issuer, _AGAIN, after) is None:
            found = key_of(header, self._fetch_keys(issuer))
        if found is None:
            raise nonsense("unknown key")
        return found

    def _fetch_keys(self, issuer: str) -> list[Any]:
        uri = self.described(issuer).jwks_uri
        return self._learnt("keys", issuer, lambda: _converted(self.outbound.get(uri), _KeySet).keys)

    # ------------------------------------------------------------ signing in there

    def authorization_url(self, client: Client, attempt: Attempt, asking: Asking) -> str:
        """Return where the browser goes to sign in (RFC 6749, RFC 7636)."""
        endpoint = self.described(client.issuer).authorization_endpoint
        digest = hashlib.sha256(attempt.verifier.encode()).digest()
        query = {
            "response_type": "code",
            "client_id": client.client_id,
            "redirect_uri": attempt.redirect_uri,
            "scope": " ".join(dict.fromkeys(["openid", "email", "profile", *asking.scopes])),
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            **({"login_hint": asking.hint} if asking.hint else {}),
            **({"prompt": "login", "max_age": "0"} if asking.again else {}),
        }
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"

    def require_answered_by(self, issuer: str, said: str) -> None:
        """Raise unless the answer in the browser comes from `issuer`, where it says from whom it is (RFC 9207)."""
        is_told = self.described(issuer).authorization_response_iss_parameter_supported
        if (is_told or said) and said != issuer:
            raise refused("issuer of the answer")

    def signed_in(self, client: Client, attempt: Attempt, code: str, now: int) -> Claims:
        """Return the verified claims that the provider gives for `code`; one that gives nonsense rests."""
        token = self._exchanged(client, attempt, code)
        expected = Expected(client.issuer, client.client_id, attempt.nonce, client.keys_after)
        try:
            return self.verified(token, expected, now)
        except NonsenseError:
            self._fail((client.issuer, client.client_id))
            raise

    def _exchanged(self, client: Client, attempt: Attempt, code: str) -> str:
        endpoint = self.described(client.issuer).token_endpoint
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": attempt.redirect_uri,
            "code_verifier": attempt.verifier,
            **({} if client.secret else {"client_id": client.client_id}),
        }
        pair = (client.client_id, client.secret) if client.secret else None
        with self._turn(client.issuer, client.client_id):
            answer = self.outbound.post_form(endpoint, fields, client=pair)
            if 400 <= answer.status < 500:
                raise refused("code")
            return _converted(answer, _Exchanged).id_token

    def verified(self, token: str, expected: Expected, now: int) -> Claims:
        """Return what `token` claims, or raise unless its issuer signed it and it is as `expected`."""
        if len(token) > _LONGEST_TOKEN:
            raise nonsense("size")
        header = header_of(token, takes_access_tokens=expected.nonce is None)
        return claims_of(token, self.key(expected.issuer, header, expected.keys_after), expected, now)

    # ------------------------------------------------------------ what is remembered

    def _remembered(self, what: str, issuer: str, life: int, after: int = 0) -> Any:
        found = self._known.get((what, issuer))
        is_fresh = found is not None and after <= found.at and self._clock() < found.at + life
        return found.document if found is not None and is_fresh else None

    def _learnt(self, what: str, issuer: str, ask: Callable[[], _Kept]) -> _Kept:
        with self._turn(issuer):
            found = ask()
        with self._lock:
            if len(self._known) >= 2 * _MOST_PROVIDERS:
                self._known.clear()
            self._known[what, issuer] = _Known(found, self._clock())
        return found

    @contextmanager
    def _turn(self, issuer: str, client: str = "") -> Iterator[None]:
        """Ask a provider; one that just failed, or is asked by many already, is not waited for.

        As what happens to one `client` may be of that client's own making, its failures are not those of others.
        """
        if self._rests((issuer, "")) or self._rests((issuer, client)):
            raise UnavailableError(NOT_THERE)
        with self._turns.taken({f"issuer {issuer}": _MOST_AT_ONCE, **self._behalf.turns()}):
            try:
                yield
            except OutboundError as error:
                self._fail((issuer, client))
                raise UnavailableError(NOT_THERE) from error

    def _rests(self, failing: tuple[str, str]) -> bool:
        failed = self._failed.get(failing)
        return failed is not None and self._clock() < failed + _RESTING

    def _fail(self, failing: tuple[str, str]) -> None:
        with self._lock:
            if len(self._failed) >= _MOST_PROVIDERS:
                self._failed.clear()
            self._failed[failing] = self._clock()


def _converted(answer: Answer, kind: type[_Kept]) -> _Kept:
    if answer.status != 200:
        raise OutboundError("wrong_answer", f"status {answer.status}")
    try:
        return msgspec.convert(answer.json(), kind)
    except msgspec.ValidationError:
        raise OutboundError("wrong_answer", "shape") from None

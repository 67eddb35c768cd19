"""Tokens that identity providers sign: which count, and what they say of a person (OpenID Connect Core 3.1.3.7)."""

import hmac
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from joserfc import jwk, jws
from joserfc.errors import JoseError, SecurityWarning, UnsupportedAlgorithmError
from joserfc.jws import JWSRegistry

from orgward.kernel.errors import GateError

NOT_PROVEN: Final = "IDENTITY_NOT_PROVEN"
"""The code for every token and every answer of a provider that proves nothing, for whichever reason."""

_LEEWAY: Final = 60
"""How far clocks may be apart, in seconds."""
_OLDEST: Final = 10 * 60
"""How old a token may be that was made for a sign-in, in seconds."""
_NEVER: Final = 1e11
"""A time that no clock shows, in seconds."""
_MOST_KEYS: Final = 100
_LEAST_RSA_BITS: Final = 2_048
_LONGEST_SUBJECT: Final = 255
_LONGEST_NAME: Final = 90
_MOST_NAMES: Final = 200
"""Of how many groups somebody is told to be, at most; a name has as many characters (rule 96)."""
_LONGEST: Final = 200
_SECOND_FACTORS: Final = frozenset({"mfa", "otp", "hwk"})
"""Methods of RFC 8176 that are, or include, a second factor."""

_ALGORITHMS: Final = {
    "RS256": ("RSA", ""), "PS256": ("RSA", ""), "ES256": ("EC", "P-256"), "EdDSA": ("OKP", "Ed25519"),
}  # fmt: skip
"""Which signatures count, and by which kind of key: a key says what it is, and the token has no say in it."""

Claims = Mapping[str, Any]
Header = Mapping[str, Any]


class _Registry(JWSRegistry):
    """What signatures are verified by: the list above, and headers as long as certificates make them."""

    max_header_length = 16_384

    def __init__(self) -> None:
        super().__init__(strict_check_header=False)

    def get_alg(self, name: str) -> Any:
        if name not in _ALGORITHMS:
            raise UnsupportedAlgorithmError(name)
        return self.algorithms[name]  # without a word on the new name of EdDSA, by which no provider calls it yet


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token has to say to count here: who made it, for whom, and for which sign-in if for one at all.

    Keys that were fetched before `keys_after` are not to be used: somebody has revoked them.
    """

    issuer: str
    audience: str
    nonce: str | None = None
    keys_after: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Asserted:
    """What a provider says of a person; `proven_at` is when they signed in there, None if it does not say.

    `external` are their groups, None if it does not say; none at all is something else.
    """

    sub: str
    address: str
    is_proven: bool
    first_name: str
    last_name: str
    external: tuple[str, ...] | None
    has_second_factor: bool
    proven_at: int | None


class NonsenseError(GateError):
    """What was shown is no token of its issuer at all, whoever it is about."""


def nonsense(cause: str) -> NonsenseError:
    """Return the error for what is no token of its issuer; it looks like every other that does not count."""
    error = NonsenseError(NOT_PROVEN)
    error.add_note(cause)
    return error


def refused(cause: str) -> GateError:
    """Return the error for a token that does not count; `cause` is for whoever debugs, and in no answer."""
    error = GateError(NOT_PROVEN)
    error.add_note(cause)
    return error


def header_of(token: str, *, takes_access_tokens: bool = False) -> Header:
    """Return the header of `token`, or raise unless it names an algorithm of the list and is an identity's.

    A program shows an access token that is for us alone; nobody signs in by one.
    """
    try:
        header = jws.extract_compact(token.encode(), registry=_Registry()).headers()
    except (JoseError, ValueError, TypeError, UnicodeError, RecursionError) as error:
        raise nonsense(f"unreadable: {error}") from None
    if _text(header.get("alg")) not in _ALGORITHMS:
        raise nonsense("algorithm")
    # A logout token, among others, is signed by the same keys, and is nobody's proof (RFC 8725, section 3.11).
    kind = str(header.get("typ", "JWT")).lower()
    if kind.endswith("+jwt") and not (takes_access_tokens and kind == "at+jwt"):
        raise nonsense("type")
    return header


def claimed_issuer(token: str) -> str:
    """Return who says to have signed `token`; unverified, it tells no more than whom to hold it against."""
    try:
        found = jws.extract_compact(token.encode(), registry=_Registry())
        claims = msgspec.json.decode(found.payload)
    except (JoseError, ValueError, TypeError, msgspec.MsgspecError, RecursionError):
        return ""
    return _text(claims.get("iss")) if isinstance(claims, dict) else ""


def key_of(header: Header, published: Sequence[Any]) -> jwk.Key | None:
    """Return the published key that `header` names, or the only one that fits if it names none."""
    kid = header.get("kid")
    fitting = [key for key in published[:_MOST_KEYS] if isinstance(key, Mapping) and _fits(key, str(header["alg"]))]
    named = [key for key in fitting if kid is None or key.get("kid") == kid]
    return _imported(named[0]) if len(named) == 1 else None


def _fits(key: Mapping[str, Any], algorithm: str) -> bool:
    kind, curve = _ALGORITHMS[algorithm]
    return (
        key.get("kty") == kind
        and (not curve or key.get("crv") == curve)
        and key.get("alg", algorithm) == algorithm
        and key.get("use", "sig") == "sig"
    )


def _imported(key: Mapping[str, Any]) -> jwk.Key | None:
    try:
        found = jwk.import_key({name: value for name, value in key.items() if isinstance(value, str)})
    except (JoseError, SecurityWarning, ValueError, TypeError):
        return None
    weak = isinstance(found, jwk.RSAKey) and found.public_key.key_size < _LEAST_RSA_BITS
    return None if weak else found


def claims_of(token: str, key: jwk.Key, expected: Expected, now: int) -> Claims:
    """Return what `token` claims if `key` signed it and it is as `expected`, at `now` in milliseconds."""
    try:
        found = jws.deserialize_compact(token.encode(), key, registry=_Registry())
        claims = msgspec.json.decode(found.payload)
    except (JoseError, ValueError, TypeError, msgspec.MsgspecError, RecursionError) as error:
        raise nonsense(f"signature: {error}") from None
    if not isinstance(claims, dict):
        raise nonsense("claims")
    _require_parties(claims, expected)
    _require_times(claims, now // 1000, is_sign_in=expected.nonce is not None)
    if expected.nonce is not None and not _same(_text(claims.get("nonce")), expected.nonce):
        raise refused("nonce")
    return claims


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def _require_parties(claims: Claims, expected: Expected) -> None:
    if claims.get("iss") != expected.issuer:
        raise refused("issuer")
    said = claims.get("aud")
    audiences = said if isinstance(said, list) else [said]
    if expected.audience not in audiences:
        raise refused("audience")
    # Who else may use the token could have it from there, unless it says that it was made for us.
    if claims.get("azp", expected.audience if len(audiences) == 1 else None) != expected.audience:
        raise refused("authorized party")


def _require_times(claims: Claims, now: int, *, is_sign_in: bool) -> None:
    ends, made, begins = (_seconds(claims.get(name)) for name in ("exp", "iat", "nbf"))
    if ends is None or ends <= now - _LEEWAY:
        raise refused("expired")
    if made is None or made > now + _LEEWAY or (begins is not None and begins > now + _LEEWAY):
        raise refused("not yet valid")
    if is_sign_in and made < now - _OLDEST:
        raise refused("old")


def _seconds(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if is_number and abs(value) < _NEVER else None


def person_of(claims: Claims, person_claim: str = "sub") -> str:
    """Return whom the claims are about, by the name that they have there."""
    found = _text(claims.get(person_claim))
    if not found or len(found) > _LONGEST_SUBJECT:
        raise refused("subject")
    return found


@dataclass(frozen=True, slots=True)
class ClaimNames:
    """In which claims a provider names the person and their groups; without one for these they are in none."""

    person: str = "sub"
    external: str = "groups"


def asserted(claims: Claims, names: ClaimNames, now: int) -> Asserted:
    """Return what the verified `claims` say of a person, at `now` in milliseconds."""
    first, last = _names(claims)
    methods = claims.get("amr")
    signed_in = _seconds(claims.get("auth_time"))
    return Asserted(
        sub=person_of(claims, names.person),
        address=_text(claims.get("email")),
        is_proven=_is_true(claims.get("email_verified")),
        first_name=first,
        last_name=last,
        external=_external(claims.get(names.external)) if names.external else (),
        has_second_factor=isinstance(methods, list) and any(m in _SECOND_FACTORS for m in methods if _text(m)),
        proven_at=None if signed_in is None else max(0, min(now, int(signed_in * 1000))),
    )


def _is_true(said: Any) -> bool:
    return said is True or said == "true"  # AWS Cognito, among others, writes a text


def _names(claims: Claims) -> tuple[str, str]:
    first, last = (_text(claims.get(name)) for name in ("given_name", "family_name"))
    if not first and not last:
        first, _, last = _text(claims.get("name")).partition(" ")
    return first[:_LONGEST_NAME].strip(), last[:_LONGEST_NAME].strip()


def _external(said: Any) -> tuple[str, ...] | None:
    """Return the names of groups; None if there are too many to be told, or if what is there is no list of names.

    Providers leave out what is too long for a token: only an empty list says that somebody is in no group.
    """
    listed = said if isinstance(said, list) else [said]
    names = dict.fromkeys(name for name in map(_text, listed) if 0 < len(name) <= _LONGEST)
    is_told = said == [] or 0 < len(names) <= _MOST_NAMES
    return tuple(names) if is_told else None


def _text(value: Any) -> str:
    """Return `value` if it is a text without control characters or halves of pairs, which nothing can keep; else ''."""
    is_plain = isinstance(value, str) and not any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in value)
    return value if is_plain else ""

"""Passkeys (WebAuthn level 3): what a browser is asked, and whether what it answers is true (rule 87).

A passkey belongs to the host that it was made at; the browser says in what it signs from where it was asked.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
import structlog
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, options_to_json_dict
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from orgward.app.tickets import Challenge

LIFE: Final = 5 * 60_000
"""How long a browser may take to answer, in milliseconds."""

_NAME: Final = "Orgward"
_LONGEST_ID: Final = 1_023
_TRANSPORTS: Final = tuple(transport.value for transport in AuthenticatorTransport)

_log = structlog.get_logger(__name__)

Credential = dict[str, Any]
"""What a browser answered, as its `toJSON` writes it."""


class Passkey(msgspec.Struct, frozen=True):
    """What is kept of a passkey: its id and public key in base64url, how to reach it, and the host that it is for."""

    id: str
    public_key: str
    transports: tuple[str, ...]
    host: str


@dataclass(frozen=True, slots=True)
class Made:
    """A passkey that was made just now: what is kept of it, under which key, and its counter."""

    document: str
    credential_key: str
    counter: int


@dataclass(frozen=True, slots=True)
class Signed:
    """A challenge that a passkey has signed: its counter now, and whether it had its owner verified."""

    counter: int
    is_verified: bool


def host_of(base_url: str) -> str:
    """Return the host that passkeys of the server at `base_url` are for."""
    return urlsplit(base_url).hostname or ""


def _origins_of(base_url: str) -> list[str]:
    # A proxy that ends TLS asks us in the clear, while the browser knows the origin by https.
    url = urlsplit(base_url.lower())
    return [f"{url.scheme}://{url.netloc}", f"https://{url.netloc}"]


def creation_options(challenge: Challenge, username: str, documents: Iterable[str]) -> dict[str, Any]:
    """Return what a browser is asked to make a passkey with, another one than those that there are."""
    options = generate_registration_options(
        rp_id=challenge.host,
        rp_name=_NAME,
        user_id=challenge.user.encode(),
        user_name=username,
        challenge=base64url_to_bytes(challenge.nonce),
        timeout=LIFE,
        exclude_credentials=_described(documents, challenge.host),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED,
            user_verification=UserVerificationRequirement.PREFERRED,
        ),
    )
    return options_to_json_dict(options)


def request_options(challenge: Challenge, documents: Iterable[str]) -> dict[str, Any]:
    """Return what a browser is asked to sign: by one of these passkeys, or by any where nobody has said who they are.

    Whoever signs in with a passkey alone has to be verified by it.
    """
    alone = not challenge.user
    options = generate_authentication_options(
        rp_id=challenge.host,
        challenge=base64url_to_bytes(challenge.nonce),
        timeout=LIFE,
        allow_credentials=None if alone else _described(documents, challenge.host),
        user_verification=UserVerificationRequirement.REQUIRED if alone else UserVerificationRequirement.PREFERRED,
    )
    return options_to_json_dict(options)


def usable_at(documents: Iterable[str], host: str) -> list[Passkey]:
    """Return those of the kept passkeys that work at `host`."""
    found = [msgspec.json.decode(document, type=Passkey) for document in documents]
    return [passkey for passkey in found if passkey.host == host]


def _described(documents: Iterable[str], host: str) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(
            id=base64url_to_bytes(passkey.id),
            transports=[AuthenticatorTransport(name) for name in passkey.transports] or None,
        )
        for passkey in usable_at(documents, host)
    ]


def key_of(credential: Credential) -> str:
    """Return under what a passkey is looked up, empty where the browser's answer names none."""
    try:
        return _key(base64url_to_bytes(credential["rawId"]))
    except (KeyError, TypeError, ValueError, AttributeError):
        return ""


def _key(raw_id: bytes) -> str:
    return hashlib.sha256(raw_id).hexdigest()


def made(credential: Credential, challenge: Challenge, base_url: str) -> Made | None:
    """Return the passkey that `credential` proves to have been made for `challenge`, None if it proves nothing."""
    try:
        found = verify_registration_response(
            credential=credential,
            expected_challenge=base64url_to_bytes(challenge.nonce),
            expected_rp_id=challenge.host,
            expected_origin=_origins_of(base_url),
        )
    except Exception as error:  # noqa: BLE001 - the library fails in many ways on what no browser would answer
        _log.info("passkey_refused", error=repr(error))
        return None
    if len(found.credential_id) > _LONGEST_ID:
        return None
    kept = Passkey(
        bytes_to_base64url(found.credential_id),
        bytes_to_base64url(found.credential_public_key),
        _transports(credential),
        challenge.host,
    )
    return Made(msgspec.json.encode(kept).decode(), _key(found.credential_id), found.sign_count)


def _transports(credential: Credential) -> tuple[str, ...]:
    told = credential["response"].get("transports")
    return tuple(name for name in _TRANSPORTS if isinstance(told, list) and name in told)


def signed(
    credential: Credential, challenge: Challenge, base_url: str, *, document: str, counter: int
) -> Signed | None:
    """Return that the passkey `document`, last seen with `counter`, has signed `challenge`; None if it has not."""
    passkey = msgspec.json.decode(document, type=Passkey)
    if passkey.host != challenge.host:
        return None
    try:
        found = verify_authentication_response(
            credential=credential,
            expected_challenge=base64url_to_bytes(challenge.nonce),
            expected_rp_id=challenge.host,
            expected_origin=_origins_of(base_url),
            credential_public_key=base64url_to_bytes(passkey.public_key),
            credential_current_sign_count=counter,
        )
    except Exception as error:  # noqa: BLE001 - as above
        _log.info("passkey_refused", error=repr(error))
        return None
    if bytes_to_base64url(found.credential_id) != passkey.id:
        return None
    return Signed(found.new_sign_count, found.user_verified)


def owner_told(credential: Credential) -> str:
    """Return the user whom a discovered passkey says that it belongs to, empty if it says none."""
    try:
        return base64url_to_bytes(credential["response"]["userHandle"]).decode()
    except (KeyError, TypeError, ValueError, AttributeError):
        return ""

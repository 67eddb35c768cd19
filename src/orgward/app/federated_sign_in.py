"""Signing in by an identity provider, from the way there to what it has proven when the browser comes back.

What has to be known in between is sealed in a ticket that the browser keeps: who has it began, so a state or a code
that somebody else brings is worth nothing. It counts once.
"""

import hmac
import json
import secrets
from dataclasses import dataclass
from typing import Any, Final

import structlog

from orgward.app.attempts import address_bucket
from orgward.app.execute import Call, Door
from orgward.app.id_tokens import Asserted, ClaimNames, asserted, refused
from orgward.app.oidc import Asking, Attempt, Client
from orgward.app.tickets import Ticket, opened
from orgward.app.turns import Behalf
from orgward.directory import federated_identities as identities
from orgward.directory.credentials import secret_of
from orgward.directory.federated_identities import FEDERATION, Assertion
from orgward.directory.federated_people import for_people
from orgward.directory.ground import Row
from orgward.directory.identity_providers import (
    CLIENT_SECRET,
    KEYS_REVOKED_AT,
    Document,
    authorization_type,
    secret_context,
)
from orgward.directory.people import username_of
from orgward.directory.sessions import Begun
from orgward.kernel.errors import GateError, NotFoundError
from orgward.kernel.instants import rfc3339
from orgward.store.keyring import Keyring
from orgward.store.opening import Store

SIGN_IN: Final = "sign in"
LINK: Final = "link"
PROOF: Final = "proof"

CALLBACK: Final = "/signin/callback"
"""Where providers send browsers back to; who runs one has to know it."""

_LIFE: Final = 10 * 60_000
_APART: Final = 60_000
"""How far the provider's clock may be from ours, in milliseconds."""

_log = structlog.get_logger(__name__)


class FederatedAttempt(Ticket, frozen=True, kw_only=True):
    """An attempt that was begun: for what, at which provider, and where to go on afterwards.

    `holder` is the session in which somebody signed in already has begun it.
    """

    purpose: str
    provider: str
    issuer: str
    state: str
    said_once: str
    verifier: str
    redirect_uri: str
    begun_at: int
    next: str = ""
    holder: str = ""


@dataclass(frozen=True, slots=True)
class Returned:
    """What the browser came back with."""

    pending: str
    code: str
    state: str
    issuer: str = ""


@dataclass(frozen=True, slots=True)
class Proven:
    """What was proven, and how the session stands on it."""

    assertion: Assertion
    begun: Begun


def attempt_of(keyring: Keyring, sealed: str, now: int) -> FederatedAttempt | None:
    """Return the attempt that `sealed` is, None if it is over, or none."""
    return opened(FederatedAttempt, keyring, sealed, now)


def known_as(keyring: Keyring, issuer: str, name: str) -> str:
    """Return what is kept of whom `issuer` calls `name`; who is called so elsewhere is somebody else."""
    return keyring.hash_token(f"identity {issuer} {name}")


# ---------------------------------------------------------------- the way there


def begin_sign_in(door: Door, call: Call, address: str, then: str) -> dict[str, Any]:
    """Return where whoever has `address` goes to sign in; its domain alone decides, so nobody learns who is here."""
    row = identities.for_address(door.store.view, address)
    if row is None:
        raise NotFoundError("NO_IDENTITY_PROVIDER")
    return _begun(door, call, row, Asking(hint=address), purpose=SIGN_IN, then=then)


def begin_link(door: Door, call: Call, provider: str, then: str) -> dict[str, Any]:
    """Return where the caller goes to show that they are known to `provider`, one that they may link."""
    offered = {row["id"]: row for row in identities.offered_to(door.store.view, call.principal.id)}
    if provider not in offered:
        raise NotFoundError("IDENTITY_PROVIDER_DOES_NOT_EXIST", provider)
    return _begun(door, call, offered[provider], Asking(), purpose=LINK, then=then)


def begin_proof(door: Door, call: Call, then: str) -> dict[str, Any]:
    """Return where the caller goes to prove once more who they are, by signing in there anew."""
    row = identities.signs_in(door.store.view, call.principal.id)
    if row is None:
        raise NotFoundError("NO_IDENTITY_PROVIDER")
    hint = username_of(door.store.view, call.principal.id)
    return _begun(door, call, row, Asking(hint=hint, again=True), purpose=PROOF, then=then)


def _begun(door: Door, call: Call, row: Row, asking: Asking, *, purpose: str, then: str) -> dict[str, Any]:
    now, document = door.store.clock(), json.loads(row["document"])
    ticket = FederatedAttempt(
        expires_at=now + _LIFE, purpose=purpose, provider=row["id"], issuer=row["issuer"], begun_at=now, next=then,
        state=secrets.token_urlsafe(32), said_once=secrets.token_urlsafe(32), verifier=secrets.token_urlsafe(48),
        redirect_uri=f"{call.base_url}{CALLBACK}", holder=_holder(call, purpose),
    )  # fmt: skip
    asked = Asking(document.get("requestedScopes") or (), asking.hint, asking.again)
    providers = door.providers.on_behalf(_behalf(call, row))
    location = providers.authorization_url(_client(door.store, row), _known_by(ticket), asked)
    return {
        "expiresAt": rfc3339(ticket.expires_at),
        "identityProvider": {"displayName": row["display_name"], "id": row["id"]},
        "location": location,
        "pending": ticket.sealed(door.store.keyring),
    }


def _behalf(call: Call, row: Row, attempt: str = "") -> Behalf:
    return Behalf(row["federation_id"], call.principal.id, address_bucket(call.address), attempt)


def _holder(call: Call, purpose: str) -> str:
    return "" if purpose == SIGN_IN else call.principal.credential


def _client(store: Store, row: Row) -> Client:
    document, sealed = json.loads(row["document"]), secret_of(store.view, row["id"], CLIENT_SECRET)
    secret = store.keyring.open(sealed, secret_context(row["id"])) if sealed else ""
    return Client(row["issuer"], document["clientId"], secret, document.get(KEYS_REVOKED_AT, 0))


def _known_by(ticket: FederatedAttempt) -> Attempt:
    return Attempt(ticket.state, ticket.said_once, ticket.verifier, ticket.redirect_uri)


# ---------------------------------------------------------------- and back


def proven(door: Door, call: Call, purpose: str, returned: Returned) -> Proven:
    """Return what the provider has proven to whoever began with this `purpose`, or raise; asks the provider."""
    try:
        return _proven(door, call, purpose, returned)
    except GateError as error:
        causes = getattr(error, "__notes__", [])
        _log.warning("identity_not_proven", causes=causes, address=call.address, request_id=call.request_id)
        raise


def _proven(door: Door, call: Call, purpose: str, returned: Returned) -> Proven:
    store, now = door.store, door.store.clock()
    ticket = attempt_of(store.keyring, returned.pending, now)
    if ticket is None or (ticket.purpose, ticket.holder) != (purpose, _holder(call, purpose)):
        raise refused("attempt")
    if not hmac.compare_digest(ticket.state.encode(), returned.state.encode()):
        raise refused("state")
    if store.view.get("used_once", ticket.once(store.keyring).hash) is not None:
        raise refused("used")
    row = for_people(store.view, ticket.provider)
    if row is None or row["issuer"] != ticket.issuer:
        raise refused("provider")
    # A ticket is good for one call at a time: nobody sends it again and again while the provider takes its time.
    providers = door.providers.on_behalf(_behalf(call, row, ticket.once(store.keyring).hash))
    providers.require_answered_by(ticket.issuer, returned.issuer)
    claims = providers.signed_in(_client(store, row), _known_by(ticket), returned.code, now)
    return _found(door, call, ticket, asserted(claims, _names_in(json.loads(row["document"])), now))


def _names_in(document: Document) -> ClaimNames:
    by_groups = authorization_type(document) == "GROUP"
    external = document.get("groupsClaim") or "groups" if by_groups else ""
    return ClaimNames(document.get("userClaim") or "sub", external)


def _found(door: Door, call: Call, ticket: FederatedAttempt, said: Asserted) -> Proven:
    if ticket.purpose == PROOF and (said.proven_at or 0) < ticket.begun_at - _APART:
        raise refused("not anew")
    keyring = door.store.keyring
    assertion = Assertion(
        provider=ticket.provider, issuer=ticket.issuer, address=said.address, is_proven=said.is_proven,
        subject_hash=known_as(keyring, ticket.issuer, said.sub), first_name=said.first_name,
        last_name=said.last_name, external=said.external, once=ticket.once(keyring),
    )  # fmt: skip
    factor = FEDERATION if said.has_second_factor else ""
    return Proven(
        assertion, Begun(call.address, call.device, factor, proven_at=said.proven_at, provider=ticket.provider)
    )

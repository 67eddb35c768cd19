"""Signing in by an identity provider, and proving there once more who one is (rules 58, 97; attack row 28)."""

from typing import Annotated, Any, Final

import msgspec
import structlog

from orgward.app import federated_sign_in
from orgward.app.acting import ground_of, outcome_of
from orgward.app.execute import Call, Context, Door
from orgward.app.federated_sign_in import PROOF, SIGN_IN, Proven, Returned
from orgward.app.operation import Oneself, Public
from orgward.app.targets import Nowhere
from orgward.directory import federated_identities as identities
from orgward.edge.bodies import Body
from orgward.edge.endpoint import OWN, endpoint
from orgward.own_api.sessions import PEOPLE_ONLY, TAG, proven_object, session_object
from orgward.store.writer import Outcome

_SESSIONS: Final = f"{OWN}/sessions"
_CURRENT: Final = f"{OWN}/me/sessions/current"
_SIGNING_IN: Final = Public("whoever signs in has no session yet")
_PROVING: Final = Oneself("proves who the caller is", keys_refused=PEOPLE_ONLY)

Text = Annotated[str, msgspec.Meta(max_length=8_192)]

_log = structlog.get_logger(__name__)


class ThenBody(Body, frozen=True, kw_only=True):
    """Where the console goes on afterwards; programs have no need of it."""

    next: Annotated[str, msgspec.Meta(max_length=2_048)] = ""


class BeginBody(ThenBody, frozen=True, kw_only=True):
    """The address of whoever signs in: its domain leads to the provider."""

    username: Annotated[str, msgspec.Meta(max_length=320)]


class ReturnedBody(Body, frozen=True, kw_only=True):
    """What was given at the beginning, and what the provider sent the browser back with."""

    pending: Text
    code: Text
    state: Text
    iss: Text = ""

    def returned(self) -> Returned:
        """Return it as one thing."""
        return Returned(self.pending, self.code, self.state, self.iss)


def _begin(door: Door, call: Call) -> dict[str, Any]:
    return federated_sign_in.begin_sign_in(door, call, call.body.username, call.body.next)


@endpoint(
    "POST", f"{_SESSIONS}/federated:begin", id="beginFederatedSession", requires=_SIGNING_IN, on=Nowhere(), tag=TAG,
    reads=True, body=BeginBody, prepare=_begin, calls_out=True,
)  # fmt: skip
def begin_federated_session(context: Context) -> Any:
    """Return where somebody goes to sign in by the identity provider of their address's domain."""
    return context.call.prepared


def _signed_in(door: Door, call: Call) -> Proven:
    return federated_sign_in.proven(door, call, SIGN_IN, call.body.returned())


@endpoint(
    "POST", f"{_SESSIONS}/federated", id="createFederatedSession", requires=_SIGNING_IN, on=Nowhere(), tag=TAG,
    status=201, body=ReturnedBody, prepare=_signed_in, calls_out=True,
)  # fmt: skip
def create_federated_session(context: Context) -> Outcome:
    """Begin a session of whom an identity provider has signed in; their roles by its groups are what it says now."""
    found: Proven = context.call.prepared
    signed_in = identities.sign_in(ground_of(context), found.assertion, found.begun)
    for warning in signed_in.warnings:
        _log.warning("roles_not_mapped", user=signed_in.change.target, org=warning.org, code=warning.code)
    return outcome_of(signed_in.change, lambda view: session_object(view, signed_in.change))


def _begin_proof(door: Door, call: Call) -> dict[str, Any]:
    return federated_sign_in.begin_proof(door, call, call.body.next)


@endpoint(
    "POST", f"{_CURRENT}:beginFederatedProof", id="beginFederatedProof", requires=_PROVING, on=Nowhere(), tag=TAG,
    reads=True, body=ThenBody, prepare=_begin_proof, calls_out=True,
)  # fmt: skip
def begin_federated_proof(context: Context) -> Any:
    """Return where the caller goes to prove once more who they are, by signing in there anew."""
    return context.call.prepared


def _proven(door: Door, call: Call) -> Proven:
    return federated_sign_in.proven(door, call, PROOF, call.body.returned())


@endpoint(
    "POST", f"{_CURRENT}:proveByIdentityProvider", id="proveByIdentityProvider", requires=_PROVING, on=Nowhere(),
    tag=TAG, body=ReturnedBody, prepare=_proven, calls_out=True,
)  # fmt: skip
def prove_by_identity_provider(context: Context) -> Outcome:
    """Prove once more who one is, by the identity provider; the session goes on under a new token."""
    found: Proven = context.call.prepared
    change = identities.prove(ground_of(context), found.assertion, found.begun.factor)
    return outcome_of(change, lambda view: proven_object(view, change))

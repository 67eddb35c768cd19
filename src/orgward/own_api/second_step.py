"""Showing a second factor: the second step of signing in, a passkey alone, and once more in a session (86, 87, 90)."""

from dataclasses import dataclass, replace
from typing import Annotated, Any, Final

import msgspec

from orgward.app import second_step
from orgward.app.acting import ground_of, outcome_of
from orgward.app.execute import Call, Context, Door
from orgward.app.operation import Oneself, Public
from orgward.app.second_step import PROOF, SECOND_STEP, SIGN_IN, Answer, Asked
from orgward.app.targets import Nowhere
from orgward.directory import second_factors
from orgward.directory.ground import Change
from orgward.directory.second_factors import Shown
from orgward.directory.sessions import Begun
from orgward.edge.bodies import Body
from orgward.edge.endpoint import OWN, endpoint
from orgward.kernel.errors import FieldFault, MalformedError
from orgward.kernel.principal import Principal
from orgward.own_api.sessions import PEOPLE_ONLY, TAG, proven_object, session_object
from orgward.store.writer import Outcome

_SESSIONS: Final = f"{OWN}/sessions"
_CURRENT: Final = f"{OWN}/me/sessions/current"
_SIGNING_IN: Final = Public("whoever signs in has no session yet")
_PROVING: Final = Oneself("proves who the caller is", keys_refused=PEOPLE_ONLY)

_Code = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class PendingBody(Body, frozen=True, kw_only=True):
    """The token that a right password gave."""

    pending: str


class ShownBody(Body, frozen=True, kw_only=True):
    """A code of an authenticator app or a recovery code; or what a passkey answered, and the state of the question."""

    code: _Code | None = None
    state: str | None = None
    credential: dict[str, Any] | None = None


class VerifyBody(ShownBody, frozen=True, kw_only=True):
    """The same, and the token that a right password gave."""

    pending: str


class SignedBody(Body, frozen=True, kw_only=True):
    """What a passkey answered, and the state of the question."""

    state: str
    credential: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Verified:
    user: str
    proven_against: str
    shown: Shown


def _answer(body: ShownBody) -> Answer:
    """Return what was shown; MalformedError unless it is one thing, and whole."""
    if (body.code is None) == (body.credential is None) or (body.credential is None) != (body.state is None):
        what = "is a code, or a credential with its state"
        raise MalformedError("VALIDATION_ERROR", f"the body {what}", fields=[FieldFault("code", what)])
    return Answer(body.code or "", body.state or "", body.credential)


def _begun(context: Context, shown: Shown) -> Begun:
    return Begun(context.call.address, context.call.device, shown.kind)


@endpoint(
    "POST", f"{_SESSIONS}/verify:begin", id="beginSecondStep", requires=_SIGNING_IN, on=Nowhere(), tag=TAG,
    reads=True, body=PendingBody,
)  # fmt: skip
def begin_second_step(context: Context) -> dict[str, Any]:
    """Return what a passkey has to sign as the second step of signing in."""
    found = second_step.living(context.view, context.mint.keyring, context.call.body.pending, context.now).ticket
    return second_step.question(context, Asked(SECOND_STEP, found.user, found.nonce))


def _verify(door: Door, call: Call) -> _Verified:
    body: VerifyBody = call.body
    answer, keyring = _answer(body), door.store.keyring
    found = second_step.living(door.store.view, keyring, body.pending, door.store.clock())
    ticket = found.ticket
    call.principal = Principal("user", ticket.user, address=call.address)
    shown = second_step.shown(door, call, Asked(SECOND_STEP, ticket.user, ticket.nonce), answer)
    return _Verified(ticket.user, found.secret, replace(shown, once=(*shown.once, ticket.once(keyring))))


@endpoint(
    "POST", f"{_SESSIONS}:verify", id="verifySession", requires=_SIGNING_IN, on=Nowhere(), tag=TAG, status=201,
    body=VerifyBody, prepare=_verify,
)  # fmt: skip
def verify_session(context: Context) -> Outcome:
    """Begin a session with the second step after a password: a code, a recovery code, or a passkey."""
    found: _Verified = context.call.prepared
    ground, begun = ground_of(context), _begun(context, found.shown)
    change = second_factors.finish_sign_in(ground, found.user, found.proven_against, found.shown, begun)
    return _session(change)


def _session(change: Change) -> Outcome:
    return outcome_of(change, lambda view: session_object(view, change))


@endpoint(
    "POST", f"{_SESSIONS}/passkey:begin", id="beginPasskeySession", requires=_SIGNING_IN, on=Nowhere(), tag=TAG,
    reads=True,
)  # fmt: skip
def begin_passkey_session(context: Context) -> dict[str, Any]:
    """Return what any passkey of this server has to sign to begin a session."""
    return second_step.question(context, Asked(SIGN_IN))


def _verify_alone(door: Door, call: Call) -> tuple[str, Shown]:
    return second_step.shown_alone(door, call, Answer(state=call.body.state, credential=call.body.credential))


@endpoint(
    "POST", f"{_SESSIONS}/passkey", id="createPasskeySession", requires=_SIGNING_IN, on=Nowhere(), tag=TAG,
    status=201, body=SignedBody, prepare=_verify_alone,
)  # fmt: skip
def create_passkey_session(context: Context) -> Outcome:
    """Begin a session with a passkey alone that has verified its owner."""
    user, shown = context.call.prepared
    return _session(second_factors.sign_in(ground_of(context), user, shown, _begun(context, shown)))


def _proving(user: str, session: str) -> Asked:
    return Asked(PROOF, user, session)


@endpoint(
    "POST", f"{_CURRENT}:beginProof", id="beginProof", requires=_PROVING, on=Nowhere(), tag=TAG, reads=True,
)  # fmt: skip
def begin_proof(context: Context) -> dict[str, Any]:
    """Return what one of the caller's passkeys has to sign to prove once more who they are."""
    return second_step.question(context, _proving(context.principal.id, context.principal.credential))


def _prove(door: Door, call: Call) -> Shown:
    answer = _answer(call.body)
    return second_step.shown(door, call, _proving(call.principal.id, call.principal.credential), answer)


@endpoint(
    "POST", f"{_CURRENT}:proveBySecondFactor", id="proveBySecondFactor", requires=_PROVING, on=Nowhere(), tag=TAG,
    body=ShownBody, prepare=_prove,
)  # fmt: skip
def prove_by_second_factor(context: Context) -> Outcome:
    """Prove once more who one is, by a second factor; the session goes on under a new token."""
    change = second_factors.prove(ground_of(context), context.call.prepared)
    return outcome_of(change, lambda view: proven_object(view, change))

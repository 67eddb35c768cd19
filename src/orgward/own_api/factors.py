"""The caller's own second factors: enrolled, named, removed, and the recovery codes (rule 87)."""

from dataclasses import dataclass
from typing import Annotated, Any, Final

import msgspec

from orgward.app import passkeys, totp
from orgward.app.acting import ground_of, outcome_of
from orgward.app.execute import Call, Context, Door
from orgward.app.operation import Oneself
from orgward.app.second_step import (
    ENROLMENT,
    Asked,
    RecoveryCodes,
    challenge,
    challenge_of,
    new_recovery_codes,
    seed_context,
    shown_by_app,
)
from orgward.app.targets import Nowhere
from orgward.directory import second_factors
from orgward.directory.ground import Change, Row
from orgward.directory.second_factors import PASSKEY, REFUSED, NewPasskey, Shown
from orgward.edge.bodies import Body
from orgward.edge.endpoint import OWN, endpoint
from orgward.kernel.errors import GateError, RefusedError
from orgward.kernel.instants import rfc3339
from orgward.own_api.sessions import PEOPLE_ONLY, TAG
from orgward.store.view import SqlView
from orgward.store.writer import Outcome

_FACTORS: Final = f"{OWN}/me/factors"
_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")]
_Code = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class TotpBody(Body, frozen=True, kw_only=True):
    """What an authenticator app is to be called."""

    name: _Name = "Authenticator app"


class CodeBody(Body, frozen=True, kw_only=True):
    """The code that an authenticator app shows now."""

    code: _Code


class PasskeyBody(Body, frozen=True, kw_only=True):
    """What a browser answered to the options that came with `state`, and what the passkey is to be called."""

    state: str
    credential: dict[str, Any]
    name: _Name = "Passkey"


class NameBody(Body, frozen=True, kw_only=True):
    """Another name for a factor."""

    name: _Name


@dataclass(frozen=True, slots=True)
class _Activation:
    shown: Shown
    codes: RecoveryCodes


@dataclass(frozen=True, slots=True)
class _Enrolment:
    new: NewPasskey
    codes: RecoveryCodes


def _self(reason: str) -> Oneself:
    return Oneself(reason, keys_refused=PEOPLE_ONLY)


def _factor(row: Row) -> dict[str, Any]:
    used = row["used_at"]
    return {
        "active": row["is_active"],
        "createdAt": rfc3339(row["created_at"]),
        "id": row["id"],
        "kind": row["kind"],
        "lastUsedAt": None if used is None else rfc3339(used),
        "name": row["name"],
    }


def _shown_factor(view: SqlView, change: Change, codes: RecoveryCodes) -> dict[str, Any]:
    """Return the factor that `change` made, the session's new token, and the recovery codes that begin with it."""
    found = second_factors.recovery_row(view, change.target or "")
    began = found is not None and found["secret"].split() == list(codes.hashes)
    factor = second_factors.one_of(view, change.target or "", change.body["factor"])
    return {**_factor(factor), "recoveryCodes": list(codes.shown) if began else [], "token": change.secret}


@endpoint(
    "GET", _FACTORS, id="listMyFactors", requires=_self("lists the caller's own factors"), on=Nowhere(), tag=TAG,
)  # fmt: skip
def list_factors(context: Context) -> dict[str, Any]:
    """List the caller's own second factors, and say how many recovery codes are left."""
    view, user = context.view, context.principal.id
    codes = second_factors.recovery_row(view, user)
    left = 0 if codes is None else codes["counter"]
    return {"recoveryCodesLeft": left, "results": [_factor(row) for row in second_factors.of(view, user)]}


@endpoint(
    "POST", f"{_FACTORS}/totp", id="createTotpFactor", requires=_self("enrols the caller's own factor"), on=Nowhere(),
    tag=TAG, status=201, body=TotpBody, needs_recent_proof=True,
)  # fmt: skip
def create_totp_factor(context: Context) -> Outcome:
    """Begin with an authenticator app; its seed is shown this once, and it counts once it has shown a code."""
    user, seed = context.principal.id, totp.new_seed()
    sealed = context.mint.keyring.seal(seed, seed_context(user))
    change = second_factors.enrol_totp(ground_of(context), context.call.body.name, sealed)
    username = (context.view.get("person_data", user) or {"username": user})["username"]
    answer = {"id": change.body["factor"], "secret": seed, "uri": totp.uri_of(seed, username)}
    return outcome_of(change, lambda _: answer)


def _prepare_activation(door: Door, call: Call) -> _Activation:
    view, user = door.store.view, call.principal.id
    row = second_factors.one_of(view, user, call.values["factorId"])
    shown = None if row["kind"] == PASSKEY else shown_by_app(door, row, call.body.code)
    if shown is None:
        raise GateError(REFUSED)
    return _Activation(shown, new_recovery_codes(door.store.keyring, user))


@endpoint(
    "POST", f"{_FACTORS}/{{factorId}}:activate", id="activateTotpFactor",
    requires=_self("enrols the caller's own factor"), on=Nowhere(), tag=TAG, body=CodeBody,
    prepare=_prepare_activation, needs_recent_proof=True,
)  # fmt: skip
def activate_totp_factor(context: Context) -> Outcome:
    """Let an authenticator app count that shows the right code; with the first factor come recovery codes."""
    found: _Activation = context.call.prepared
    change = second_factors.activate(ground_of(context), found.shown, found.codes.hashes)
    return outcome_of(change, lambda view: _shown_factor(view, change, found.codes))


def _enrolling(user: str, session: str) -> Asked:
    return Asked(ENROLMENT, user, session)


@endpoint(
    "POST", f"{_FACTORS}/passkeys:begin", id="beginPasskey", requires=_self("enrols the caller's own factor"),
    on=Nowhere(), tag=TAG, reads=True, needs_recent_proof=True,
)  # fmt: skip
def begin_passkey(context: Context) -> dict[str, Any]:
    """Return what a browser needs to make a passkey with, and the state that has to come back with its answer."""
    view, user = context.view, context.principal.id
    found = challenge(context, _enrolling(user, context.principal.credential))
    documents = [row["secret"] for row in second_factors.of(view, user) if row["kind"] == PASSKEY]
    username = (view.get("person_data", user) or {"username": user})["username"]
    options = passkeys.creation_options(found, username, documents)
    return {"options": options, "state": found.sealed(context.mint.keyring)}


def _prepare_passkey(door: Door, call: Call) -> _Enrolment:
    body, user, keyring = call.body, call.principal.id, door.store.keyring
    found = challenge_of(door, call, body.state, _enrolling(user, call.principal.credential))
    made = None if found is None else passkeys.made(body.credential, found, call.base_url)
    if found is None or made is None:
        raise RefusedError("PASSKEY_REFUSED")
    codes = new_recovery_codes(keyring, user)
    new = NewPasskey(
        name=body.name, document=made.document, credential_key=made.credential_key, counter=made.counter,
        once=found.once(keyring), code_hashes=codes.hashes,
    )  # fmt: skip
    return _Enrolment(new, codes)


@endpoint(
    "POST", f"{_FACTORS}/passkeys", id="createPasskey", requires=_self("enrols the caller's own factor"),
    on=Nowhere(), tag=TAG, status=201, body=PasskeyBody, prepare=_prepare_passkey, needs_recent_proof=True,
)  # fmt: skip
def create_passkey(context: Context) -> Outcome:
    """Let a passkey count that was made just now; with the first factor come recovery codes."""
    found: _Enrolment = context.call.prepared
    change = second_factors.enrol_passkey(ground_of(context), found.new)
    return outcome_of(change, lambda view: _shown_factor(view, change, found.codes))


@endpoint(
    "POST", f"{_FACTORS}/recoveryCodes", id="renewRecoveryCodes",
    requires=_self("gives the caller recovery codes of their own"), on=Nowhere(), tag=TAG, status=201,
    needs_recent_proof=True,
)  # fmt: skip
def renew_recovery_codes(context: Context) -> Outcome:
    """Give the caller new recovery codes, which are shown this once, in place of those that were left."""
    codes = new_recovery_codes(context.mint.keyring, context.principal.id)
    change = second_factors.renew_recovery_codes(ground_of(context), codes.hashes)
    return outcome_of(change, lambda _: {"recoveryCodes": list(codes.shown)})


@endpoint(
    "PATCH", f"{_FACTORS}/{{factorId}}", id="renameFactor", requires=_self("names the caller's own factor"),
    on=Nowhere(), tag=TAG, body=NameBody,
)  # fmt: skip
def rename_factor(context: Context) -> Outcome:
    """Give one of the caller's own factors another name."""
    user, factor = context.principal.id, context.call.values["factorId"]
    change = second_factors.rename(ground_of(context), factor, context.call.body.name)
    return outcome_of(change, lambda view: _factor(second_factors.one_of(view, user, factor)))


@endpoint(
    "DELETE", f"{_FACTORS}/{{factorId}}", id="deleteFactor", requires=_self("removes the caller's own factor"),
    on=Nowhere(), tag=TAG, status=204, needs_recent_proof=True,
)  # fmt: skip
def delete_factor(context: Context) -> Outcome:
    """Remove one of the caller's own factors; with the last one go the recovery codes."""
    return outcome_of(second_factors.remove(ground_of(context), context.call.values["factorId"]))

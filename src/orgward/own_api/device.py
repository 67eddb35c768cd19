"""Signing in on a device without a browser, as the Atlas CLI does: codes, tokens, and their end (wire.md 4)."""

from dataclasses import dataclass
from typing import Annotated, Final

import msgspec

from orgward.app.access_tokens import verify
from orgward.app.acting import ground_of, outcome_of
from orgward.app.attempts import TooManyAttemptsError, address_bucket
from orgward.app.device_flow import (
    DeviceCodes,
    device_code_hash,
    device_tokens,
    user_code_hash,
)
from orgward.app.execute import Call, Context, Door
from orgward.app.operation import Public
from orgward.app.signing_keys import renew_signing_keys
from orgward.app.targets import Nowhere
from orgward.directory import device_grants, device_sessions
from orgward.directory.device_grants import Asking
from orgward.edge.endpoint import endpoint
from orgward.edge.forms import Form
from orgward.kernel.errors import GateError, MalformedError, UnauthenticatedError
from orgward.kernel.principal import Principal
from orgward.store.opening import Store
from orgward.store.writer import Outcome

TAG: Final = "Devices"
_DEVICE: Final = "/api/private/unauth/account/device"
_BY_CODE: Final = "urn:ietf:params:oauth:grant-type:device_code"
_INTERVAL: Final = 5

ClientId = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9._:-]{1,64}\Z")]
Text = Annotated[str, msgspec.Meta(max_length=4_096)]


class AuthorizeForm(Form, frozen=True, kw_only=True):
    """Which program asks; whatever scope it names, it gets the one there is."""

    client_id: ClientId


class DeviceTokenForm(Form, frozen=True, kw_only=True):
    """Which program asks, and with which code or token."""

    client_id: ClientId
    grant_type: Text
    device_code: Text = ""
    refresh_token: Text = ""


class DeviceRevocationForm(Form, frozen=True, kw_only=True):
    """The token whose session is to end; what kind it is, is seen."""

    token: Text


@dataclass(frozen=True, slots=True)
class _Shown:
    """What a program has shown, as it is kept, and the store whose keys sign its tokens."""

    store: Store
    hash: str
    is_code: bool


def _new_codes(door: Door, call: Call) -> DeviceCodes:
    door.token_limits.device_codes.begin(("device", address_bucket(call.address)))
    return DeviceCodes.fresh()


@endpoint(
    "POST", f"{_DEVICE}/authorize", id="authorizeDevice", on=Nowhere(), tag=TAG, body=AuthorizeForm, prepare=_new_codes,
    requires=Public("a device has no session yet; its person approves it in a browser"), is_form=True,
)  # fmt: skip
def authorize_device(context: Context) -> Outcome:
    """Begin to sign a device in: it shows the short code, and asks with the long one until it was approved."""
    codes: DeviceCodes = context.call.prepared
    form: AuthorizeForm = context.call.body
    call, keyring = context.call, context.mint.keyring
    hashes = device_code_hash(keyring, codes.device), user_code_hash(keyring, codes.user)
    asking = Asking(*hashes, form.client_id, call.address, call.device)
    reply = {
        "device_code": codes.device,
        "expires_in": device_grants.LIFE // 1000,
        "interval": _INTERVAL,
        "user_code": codes.user,
        "verification_uri": f"{call.base_url}/device",
    }
    return outcome_of(device_grants.begin(ground_of(context), asking), lambda _: reply)


def _shown(door: Door, call: Call) -> _Shown:
    form: DeviceTokenForm = call.body
    if call.is_trial:
        # What a trial answers would be good, and nothing that it changes would stay: a token would count twice.
        raise MalformedError("INVALID_QUERY_PARAMETER", "dryRun")
    if form.grant_type not in {_BY_CODE, "refresh_token"}:
        raise MalformedError("UNSUPPORTED_GRANT_TYPE", form.grant_type[:64])
    found = _by_code(door, call, form) if form.grant_type == _BY_CODE else _by_token(door, call, form.refresh_token)
    renew_signing_keys(door)
    return found


def _by_code(door: Door, call: Call, form: DeviceTokenForm) -> _Shown:
    """Return the code if it was approved; asking is cheap, and is to be done every five seconds."""
    kept = device_code_hash(door.store.keyring, form.device_code)
    try:
        door.token_limits.device_polls.begin(("device", kept))
    except TooManyAttemptsError:
        raise MalformedError("SLOW_DOWN") from None
    row = device_grants.approved(door.store.view, kept, form.client_id, door.store.clock())
    call.principal = Principal("user", row["user_id"], address=call.address)
    return _Shown(door.store, kept, is_code=True)


def _by_token(door: Door, call: Call, token: str) -> _Shown:
    kept = door.store.keyring.hash_token(token)
    row = door.store.view.get("refresh_tokens", kept)
    if row is None:
        raise GateError(device_sessions.REFUSED)
    call.principal = Principal("user", row["user_id"], row["session_id"], call.address)
    return _Shown(door.store, kept, is_code=False)


@endpoint(
    "POST", f"{_DEVICE}/token", id="createDeviceToken", on=Nowhere(), tag=TAG, body=DeviceTokenForm, prepare=_shown,
    requires=Public("the device's code, or its refresh token, is the proof"), is_form=True,
)  # fmt: skip
def create_device_token(context: Context) -> Outcome:
    """Begin the session of a device that was approved, or keep it up; each code and token counts once."""
    shown: _Shown = context.call.prepared
    ground, client = ground_of(context), context.call.body.client_id
    if shown.is_code:
        change = device_sessions.redeem(ground, shown.hash, client)
    else:
        kept = device_sessions.refresh(ground, shown.hash, client)
        change = kept.change
        if kept.is_replayed:
            return outcome_of(change, lambda _: GateError(device_sessions.REFUSED))
    return outcome_of(change, lambda view: device_tokens(shown.store, view, str(change.secret), context.now))


def _session_of(door: Door, call: Call) -> tuple[str, str] | None:
    """Return whose session, and which, the token is of; None if there is nothing to end."""
    store, token = door.store, call.body.token
    row = store.view.get("refresh_tokens", store.keyring.hash_token(token))
    if row is not None:
        found = row["user_id"], row["session_id"]
    else:
        try:
            claims = verify(store, token, store.clock())
        except UnauthenticatedError:
            return None
        if claims.kind != "user":
            return None
        found = claims.id, claims.sid
    call.principal = Principal("user", found[0], found[1], call.address)
    return found


@endpoint(
    "POST", f"{_DEVICE}/revoke", id="revokeDeviceToken", on=Nowhere(), tag=TAG, body=DeviceRevocationForm,
    prepare=_session_of, requires=Public("the token is the proof"), is_form=True,
)  # fmt: skip
def revoke_device_token(context: Context) -> Outcome:
    """End the session of a device by either of its tokens; what is no such token is as good as revoked."""
    found: tuple[str, str] | None = context.call.prepared
    if found is None:
        return Outcome([], reply=lambda _: {}, kept=False)
    return outcome_of(device_sessions.end(ground_of(context), *found), lambda _: {})

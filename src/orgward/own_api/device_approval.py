"""Devices that wait to be approved: seen and decided by the person who typed the short code (RFC 8628, 3.3)."""

from typing import Any, Final

from orgward.app.acting import ground_of, outcome_of
from orgward.app.device_flow import found_grant, grouped, user_code_hash
from orgward.app.execute import Call, Context, Door
from orgward.app.operation import Oneself
from orgward.app.targets import Nowhere
from orgward.directory import device_grants
from orgward.directory.delegation import OWN_CLIENTS
from orgward.directory.ground import Row
from orgward.edge.endpoint import OWN, endpoint
from orgward.kernel.instants import rfc3339
from orgward.own_api.device import TAG
from orgward.own_api.sessions import PEOPLE_ONLY
from orgward.store.writer import Outcome

_GRANT: Final = f"{OWN}/device/{{userCode}}"
_DECIDING: Final = Oneself("decides on a device of the caller's own", keys_refused=PEOPLE_ONLY)


def _found(door: Door, call: Call) -> dict[str, Any]:
    code = call.values["userCode"]
    return grant_object(code, found_grant(door, call, code))


def grant_object(code: str, row: Row) -> dict[str, Any]:
    """Return what waits under a short code: which program, from where, since when."""
    return {
        "address": row["address"],
        "clientId": row["client"],
        "createdAt": rfc3339(row["created_at"]),
        "device": row["device"],
        "expiresAt": rfc3339(row["expires_at"]),
        "isAtlasCli": row["client"] in OWN_CLIENTS,
        "userCode": grouped(code),
    }


@endpoint("GET", _GRANT, id="getDevice", on=Nowhere(), tag=TAG, requires=_DECIDING, prepare=_found)
def read_device(context: Context) -> Any:
    """Return the device that waits under a short code."""
    return context.call.prepared


@endpoint("POST", f"{_GRANT}:approve", id="approveDevice", on=Nowhere(), tag=TAG, requires=_DECIDING, prepare=_found)
def approve_device(context: Context) -> Outcome:
    """Let a device sign in as the caller, once, with what the caller's session has shown."""
    return outcome_of(device_grants.approve(ground_of(context), _kept(context)), lambda _: {"state": "approved"})


@endpoint("POST", f"{_GRANT}:deny", id="denyDevice", on=Nowhere(), tag=TAG, requires=_DECIDING, prepare=_found)
def deny_device(context: Context) -> Outcome:
    """Let a device not sign in."""
    return outcome_of(device_grants.deny(ground_of(context), _kept(context)), lambda _: {"state": "denied"})


def _kept(context: Context) -> str:
    return user_code_hash(context.mint.keyring, context.call.values["userCode"])

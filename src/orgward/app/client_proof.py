"""Which service account a client is, by the secret that it shows; and the token that it gets (wire.md 4, rule 81).

Tokens are issued to whoever has the secret, from wherever: the access list is about their use (rule 83).
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import structlog

from orgward.app.access_tokens import LIFE, Claims, issue
from orgward.app.acting import ground_of, outcome_of
from orgward.app.attempts import address_bucket
from orgward.app.execute import Call, Context, Door
from orgward.app.key_use import SERVER
from orgward.app.machine_proof import has_live_credential
from orgward.app.operation import Operation, OperatorOnly, declare
from orgward.app.signing_keys import renew_signing_keys
from orgward.app.targets import Nowhere
from orgward.directory import client_secrets
from orgward.kernel.errors import UnauthenticatedError
from orgward.kernel.principal import CLIENT_ID_PREFIX, Principal
from orgward.store.writer import Outcome

_LONGEST: Final = 64

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Issued:
    """For what a service account gets a token: what it has shown, and until when that holds."""

    account: str
    shown: str
    until: int


def proven_client(door: Door, call: Call, client: str, secret: str) -> Issued:
    """Return which service account proves with `secret` to be `client`, or raise; failures count by address."""
    return proven_by(door, call, client, lambda: _found(door, client, secret), refused="client_refused")


def proven_by(door: Door, call: Call, client: str, find: Callable[[], Issued | None], *, refused: str) -> Issued:
    """Return what `find` finds to be proven of `client`, and let the call be that account's; or raise.

    Failures count by address, whatever was shown, and stand in the log as `refused`.
    """
    who = (f"client {client[:_LONGEST]}", address_bucket(call.address))
    door.failures.check(who)
    found = find()
    if found is None:
        door.failures.count(who)
        _log.warning(refused, client=client[:_LONGEST], address=call.address, request_id=call.request_id)
        raise UnauthenticatedError
    call.principal = Principal("service_account", found.account, found.shown, call.address, found.shown)
    return found


def _found(door: Door, client: str, secret: str) -> Issued | None:
    view, now = door.store.view, door.store.clock()
    known = view.get("client_secrets", door.store.keyring.hash_token(secret))
    if known is None or client != f"{CLIENT_ID_PREFIX}{known['account_id']}":
        return None
    account = view.get("service_accounts", known["account_id"])
    shown = Principal("service_account", known["account_id"], proof=known["secret_id"])
    if account is None or account["suspended"] or not has_live_credential(view, shown, now):
        return None
    row = view.get("service_account_secrets", known["secret_id"]) or {}
    return Issued(known["account_id"], known["secret_id"], row["expires_at"])


def account_token(door: Door, issued: Issued) -> dict[str, Any]:
    """Return the reply that gives a service account its token, for an hour at most; there are so many an hour."""
    store, account = door.store, issued.account
    now = store.clock()
    ends = min(now + LIFE, issued.until)
    seconds = ends // 1000 - now // 1000
    if seconds < 1:
        raise UnauthenticatedError
    door.token_limits.tokens.begin(("account", account))
    renew_signing_keys(door)
    claims = Claims(
        kind="service_account", id=account, sid=issued.shown, jti=secrets.token_hex(16), issued_at=now,
        expires_at=ends, sub=f"{CLIENT_ID_PREFIX}{account}",
    )  # fmt: skip
    return {"access_token": issue(store, claims), "expires_in": seconds, "token_type": "Bearer"}


def note_use(door: Door, secret: str) -> None:
    """Write down that a secret was used now, if what is written is some time ago."""
    if client_secrets.use_to_write(door.store.view, secret, door.store.clock()) is not None:
        door.write(Call(RECORD_SECRET_USE, SERVER, body=secret)).result()


def _record(context: Context) -> Outcome:
    return outcome_of(client_secrets.record_use(ground_of(context), context.call.body))


RECORD_SECRET_USE: Final = declare(
    Operation(id="recordSecretUse", requires=OperatorOnly(), on=Nowhere(), inner=None, writes=True, run=_record)
)
"""The job that writes down when a service account's secret was used last; the body is its id."""

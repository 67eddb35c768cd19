"""Sessions of people: begun with a password, ended by their owner (rule 90; contract.md, People)."""

from dataclasses import dataclass
from typing import Any, Final

import structlog

from orgward.app.acting import ground_of, outcome_of
from orgward.app.execute import Call, Context, Door
from orgward.app.operation import Oneself, Public
from orgward.app.passwords import matches
from orgward.app.targets import Nowhere
from orgward.directory import accounts, people
from orgward.directory.ground import Change
from orgward.directory.names import username_key
from orgward.edge.bodies import Body
from orgward.edge.endpoint import OWN, endpoint
from orgward.kernel.errors import UnauthenticatedError
from orgward.kernel.instants import rfc3339
from orgward.kernel.principal import Principal
from orgward.store.view import SqlView
from orgward.store.writer import Outcome

TAG: Final = "People"
PEOPLE_ONLY: Final = "SESSION_REQUIRED"
"""The code for API keys where only a person's session will do."""

_log = structlog.get_logger(__name__)


class SessionBody(Body, frozen=True, kw_only=True):
    """Who signs in, and the password that proves it."""

    username: str
    password: str


@dataclass(frozen=True, slots=True)
class _Verified:
    user: str
    secret: str


def session_object(view: SqlView, change: Change) -> dict[str, Any]:
    """Return the session that `change` began, with its token, which is shown this once."""
    begun = next(row for row in view.find("sessions", user_id=change.target) if row["id"] == change.body["session"])
    return {"expiresAt": rfc3339(begun["expires_at"]), "token": change.secret, "userId": begun["user_id"]}


def begun(context: Context) -> accounts.Begun:
    """Return from where the session of this call begins."""
    return accounts.Begun(context.call.address, context.call.device)


def _verify(door: Door, call: Call) -> _Verified:
    body: SessionBody = call.body
    who = (username_key(body.username[:320]), call.address)
    door.failures.check(who)
    view = door.store.view
    user = people.user_of(view, body.username)
    row = view.get("credentials", user, accounts.PASSWORD) if user else None
    secret = row["secret"] if row else None
    if not matches(body.password, secret) or user is None or secret is None:
        door.failures.count(who)
        _log.warning("sign_in_failed", username=who[0], address=call.address, request_id=call.request_id)
        raise UnauthenticatedError
    door.failures.forget(who)
    call.principal = Principal("user", user, address=call.address)
    return _Verified(user, secret)


@endpoint(
    "POST",
    f"{OWN}/sessions",
    id="createSession",
    requires=Public("whoever signs in has no session yet"),
    on=Nowhere(),
    tag=TAG,
    status=201,
    body=SessionBody,
    prepare=_verify,
)
def create_session(context: Context) -> Outcome:
    """Begin a session with a username and a password."""
    verified: _Verified = context.call.prepared
    change = accounts.start_session(ground_of(context), verified.user, verified.secret, begun(context))
    return outcome_of(change, lambda view: session_object(view, change))


@endpoint(
    "DELETE",
    f"{OWN}/sessions/current",
    id="deleteCurrentSession",
    requires=Oneself("ends the caller's own session", keys_refused=PEOPLE_ONLY),
    on=Nowhere(),
    tag=TAG,
    status=204,
)
def delete_current_session(context: Context) -> Outcome:
    """End the session that the request was made with."""
    return outcome_of(accounts.end_session(ground_of(context)))

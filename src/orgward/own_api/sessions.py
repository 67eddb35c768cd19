"""Sessions of people: begun with a password, ended by their owner (rule 90; contract.md, People)."""

from typing import Any, Final

from orgward.app.acting import ground_of, outcome_of
from orgward.app.execute import Call, Context, Door
from orgward.app.operation import Oneself, Public
from orgward.app.password_proof import Proven, proven_by_password
from orgward.app.second_step import pending_sign_in
from orgward.app.targets import Nowhere
from orgward.directory import second_factors, sessions
from orgward.directory.ground import Change, Row
from orgward.directory.sessions import Begun
from orgward.edge.bodies import Body
from orgward.edge.endpoint import OWN, endpoint
from orgward.edge.replies import WithStatus
from orgward.kernel.errors import UnauthenticatedError
from orgward.kernel.instants import rfc3339
from orgward.kernel.principal import Principal
from orgward.store.view import SqlView
from orgward.store.writer import Outcome

TAG: Final = "People"
PEOPLE_ONLY: Final = "SESSION_REQUIRED"
"""The code for API keys where only a person's session will do."""


class SessionBody(Body, frozen=True, kw_only=True):
    """Who signs in, and the password that proves it."""

    username: str
    password: str


def session_object(view: SqlView, change: Change) -> dict[str, Any]:
    """Return the session that `change` began, with its token, which is shown this once."""
    begun = _session_of(view, change)
    return {"expiresAt": rfc3339(begun["expires_at"]), "token": change.secret, "userId": begun["user_id"]}


def proven_object(view: SqlView, change: Change) -> dict[str, Any]:
    """Return what the session has shown once its person proved who they are, and the token that it has from now on."""
    facts = sessions.facts_of(view, _session_of(view, change))
    return {"factor": facts["factor"] or None, "provenAt": rfc3339(facts["proven_at"]), "token": change.secret}


def _session_of(view: SqlView, change: Change) -> Row:
    return next(row for row in view.find("sessions", user_id=change.target) if row["id"] == change.body["session"])


def _verify(door: Door, call: Call) -> Proven:
    body: SessionBody = call.body
    found = proven_by_password(door, call, body.username, body.password)
    if found is None:
        raise UnauthenticatedError
    call.principal = Principal("user", found.user, address=call.address)
    return found


@endpoint(
    "POST",
    f"{OWN}/sessions",
    id="createSession",
    requires=Public("whoever signs in has no session yet"),
    on=Nowhere(),
    tag=TAG,
    status=201,
    other_statuses=(202,),
    body=SessionBody,
    prepare=_verify,
)
def create_session(context: Context) -> Outcome:
    """Begin a session with a username and a password; who has a second factor is asked for it first."""
    proven: Proven = context.call.prepared
    if second_factors.has_active(context.view, proven.user):
        return _half_way(context, proven)
    begun = Begun(context.call.address, context.call.device)
    change = sessions.start_session(ground_of(context), proven.user, proven.secret, begun)
    return outcome_of(change, lambda view: session_object(view, change))


def _half_way(context: Context, proven: Proven) -> Outcome:
    sessions.require_password(context.view, proven.user, proven.secret)
    pending = pending_sign_in(context, proven.user, proven.secret)
    return outcome_of(Change([], target=proven.user), lambda _: WithStatus(202, pending))


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
    return outcome_of(sessions.end_session(ground_of(context)))

"""The caller's own sessions: where they are signed in, ended one by one or all but this one, and proven once more."""

from typing import Any, Final

from orgward.app.acting import ground_of, outcome_of
from orgward.app.execute import Call, Context, Door
from orgward.app.operation import Oneself
from orgward.app.password_proof import Proven, proven_by_password
from orgward.app.targets import Nowhere
from orgward.directory import sessions
from orgward.directory.people import username_of
from orgward.directory.second_factors import REFUSED
from orgward.directory.sessions import Live
from orgward.edge.bodies import Body
from orgward.edge.endpoint import OWN, endpoint
from orgward.edge.paging import Page
from orgward.kernel.errors import GateError
from orgward.kernel.instants import rfc3339
from orgward.own_api.sessions import PEOPLE_ONLY, TAG, proven_object
from orgward.store.writer import Outcome

_SESSIONS: Final = f"{OWN}/me/sessions"


class PasswordBody(Body, frozen=True, kw_only=True):
    """The caller's own password."""

    password: str


@endpoint(
    "GET", _SESSIONS, id="listMySessions", requires=Oneself("lists the caller's sessions", keys_refused=PEOPLE_ONLY),
    on=Nowhere(), tag=TAG, paged=True,
)  # fmt: skip
def list_my_sessions(context: Context) -> Page:
    """List the caller's sessions that can be used, the one begun last first."""
    query = context.call.query.parsed
    found = sessions.live_sessions(context.view, context.principal.id, context.now)
    page = found[query.offset : query.offset + query.per_page]
    return Page([_session(context, live) for live in page], len(found))


def _session(context: Context, live: Live) -> dict[str, Any]:
    is_current = live.row["hash"] == context.principal.proof
    return {
        "address": live.facts["address"],
        "current": is_current,
        "device": live.facts["device"],
        "endsAt": rfc3339(live.ends_at),
        "factor": live.facts["factor"] or None,
        "id": live.row["id"],
        "lastUsedAt": rfc3339(context.now if is_current else live.used_at),
        "startedAt": rfc3339(live.row["created_at"]),
    }


@endpoint(
    "DELETE", f"{_SESSIONS}/{{sessionId}}", id="endMySession",
    requires=Oneself("ends a session of the caller", keys_refused=PEOPLE_ONLY), on=Nowhere(), tag=TAG, status=204,
)  # fmt: skip
def end_my_session(context: Context) -> Outcome:
    """End one of the caller's sessions; it reaches nothing from the next request on."""
    return outcome_of(sessions.end_one(ground_of(context), context.call.values["sessionId"]))


@endpoint(
    "POST", f"{_SESSIONS}:endOthers", id="endMyOtherSessions",
    requires=Oneself("ends sessions of the caller", keys_refused=PEOPLE_ONLY), on=Nowhere(), tag=TAG,
)  # fmt: skip
def end_my_other_sessions(context: Context) -> Outcome:
    """End every session of the caller but the one that asks, and say how many those were."""
    change = sessions.end_others(ground_of(context))
    return outcome_of(change, lambda _: {"ended": len(change.body["sessions"])})


def verify_own_password(door: Door, call: Call, password: str) -> Proven:
    """Return that the caller knows their own password, or raise; the session goes on either way."""
    username = username_of(door.store.view, call.principal.id)
    found = proven_by_password(door, call, username, password)
    if found is None:
        raise GateError(REFUSED)
    return found


def _verify(door: Door, call: Call) -> Proven:
    return verify_own_password(door, call, call.body.password)


@endpoint(
    "POST", f"{_SESSIONS}/current:prove", id="proveIdentity",
    requires=Oneself("proves who the caller is", keys_refused=PEOPLE_ONLY), on=Nowhere(), tag=TAG,
    body=PasswordBody, prepare=_verify,
)  # fmt: skip
def prove_identity(context: Context) -> Outcome:
    """Prove once more who one is, by the password; the session goes on under a new token."""
    proven: Proven = context.call.prepared
    change = sessions.prove(ground_of(context), proven.secret)
    return outcome_of(change, lambda view: proven_object(view, change))

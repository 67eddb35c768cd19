"""Sessions of people: begun with a proof of who they are, proven again, used, ended (rule 90; contract.md, People).

What ends a session drops all that hangs on it; it reaches nothing from the next request on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from orgward.directory import settings
from orgward.directory.credentials import password_of
from orgward.directory.delegation import client_of
from orgward.directory.ground import Change, Ground, Row, View, drop, put
from orgward.kernel.delta import Delta
from orgward.kernel.errors import GateError, NotFoundError, UnauthenticatedError

NOTED_EVERY: Final = 10 * 60_000
"""How often at most the last use of a session without an idle limit is written down, in milliseconds."""

_LONGEST_DEVICE: Final = 400

_BESIDE: Final = ("federated_sessions", "idle_limits", "session_facts")
"""Tables with a row more of a session, under its hash."""


@dataclass(frozen=True, slots=True)
class Begun:
    """From where, and after which second factor, a session begins.

    `proven_at` is when its person proved who they are, if that was not now; `longest` bounds it, in seconds.
    `provider` is the identity provider that signed its person in, if one did.
    """

    address: str = ""
    device: str = ""
    factor: str = ""
    proven_at: int | None = None
    longest: int | None = None
    provider: str = ""


class Started(NamedTuple):
    """A session that begins with `deltas`; its token is shown this once."""

    deltas: list[Delta]
    id: str
    token: str


class Live(NamedTuple):
    """A session that can be used now: its row, its facts, when it was used last, and when it ends if left alone."""

    row: Row
    facts: Row
    used_at: int
    ends_at: int


def start_session(ground: Ground, user: str, proven_against: str, begun: Begun) -> Change:
    """Begin a session of `user`, whose password was verified against the hash `proven_against` (rule 90)."""
    require_password(ground.view, user, proven_against)
    return begin(ground, user, begun)


def require_password(view: View, user: str, proven_against: str) -> None:
    """Raise if `user` has another password by now than the one whose hash is `proven_against`."""
    if password_of(view, user) != proven_against:
        raise UnauthenticatedError


def begin(ground: Ground, user: str, begun: Begun, *, before: Sequence[Delta] = ()) -> Change:
    """Begin a session of `user`, who has proven who they are; those of theirs that are over are cleared away.

    `before` is what the same command changes first: an account that it makes, organizations that are joined by it.
    """
    made = next((delta.row for delta in reversed(before) if delta.table == "users"), None)
    row = made or ground.view.get("users", user) or {"account_at": None}
    if row["account_at"] is None:
        raise UnauthenticatedError
    joined = [delta.key[0] for delta in before if delta.table == "members" and delta.row is not None]
    started = new_session(ground, user, begun, joined)
    signed_in = put("users", user, **{**row, "last_auth_at": ground.now})
    deltas = [*before, *_cleared(ground, user), signed_in, *started.deltas]
    return Change(deltas, {"session": started.id}, target=user, secret=started.token)


def _cleared(ground: Ground, user: str) -> list[Delta]:
    view, now = ground.view, ground.now
    over = [row for row in view.find("sessions", user_id=user) if _is_over(view, row, now)]
    return [delta for row in over for delta in ended(view, row)]


def _is_over(view: View, row: Row, now: int) -> bool:
    return bool(row["expires_at"] <= now) or is_idle(view.get("idle_limits", row["hash"]), now)


def new_session(ground: Ground, user: str, begun: Begun, joined: Sequence[str] = ()) -> Started:
    """Return a new session of `user`, who is about to be in the organizations `joined`, too.

    It lasts as long as every organization of theirs lets it; what they change later is for the next one (rule 90).
    """
    token, session = ground.mint.token(), ground.mint.id()
    orgs = [row["org_id"] for row in ground.view.find("members", user_id=user, state="active")]
    absolute, idle = settings.session_limits(ground.view, [*orgs, *joined])
    seconds = absolute if begun.longest is None else min(absolute, begun.longest)
    proven = ground.now if begun.proven_at is None else begun.proven_at
    started = [
        put(
            "sessions", token.hash, hash=token.hash, id=session, user_id=user, created_at=ground.now,
            expires_at=ground.now + seconds * 1000, salt=ground.mint.salt(),
        ),
        put(
            "session_facts", token.hash, session_hash=token.hash, factor=begun.factor, proven_at=proven,
            used_at=ground.now, address=begun.address, device=begun.device[:_LONGEST_DEVICE], salt=ground.mint.salt(),
        ),
    ]  # fmt: skip
    if idle is not None:
        row = {"session_hash": token.hash, "idle_seconds": idle, "used_at": ground.now, "salt": ground.mint.salt()}
        started.append(put("idle_limits", token.hash, **row))
    if begun.provider:
        by = {"identity_provider_id": begun.provider, "user_id": user, "salt": ground.mint.salt()}
        started.append(put("federated_sessions", token.hash, session_hash=token.hash, **by))
    return Started(started, session, token.token)


def live_sessions(view: View, user: str, now: int) -> list[Live]:
    """Return the sessions of `user` that can be used at `now`, the one begun last first."""
    rows = [row for row in view.find("sessions", user_id=user) if not _is_over(view, row, now)]
    rows.sort(key=lambda row: (row["created_at"], row["id"]), reverse=True)
    return [_live(view, row) for row in rows]


def _live(view: View, row: Row) -> Live:
    limit, facts = view.get("idle_limits", row["hash"]), facts_of(view, row)
    if limit is None:
        return Live(row, facts, facts["used_at"], row["expires_at"])
    used_at = max(limit["used_at"], facts["used_at"])
    return Live(row, facts, used_at, min(row["expires_at"], used_at + limit["idle_seconds"] * 1000))


def facts_of(view: View, session: Row) -> Row:
    """Return the facts of a session; one that began before any were kept has the least that is true of it."""
    began = session["created_at"]
    unknown = {"factor": "", "proven_at": began, "used_at": began, "address": "", "device": ""}
    return view.get("session_facts", session["hash"]) or {"session_hash": session["hash"], **unknown}


def confirm(ground: Ground, factor: str) -> Change:
    """Let the caller's session have shown a second factor of the kind `factor` now."""
    return _proven(ground, {"factor": factor})


def prove(ground: Ground, proven_against: str) -> Change:
    """Note that the caller has just proven who they are, with the password whose hash is `proven_against`."""
    require_password(ground.view, ground.principal.id, proven_against)
    return _proven(ground, {})


def _proven(ground: Ground, shown: Mapping[str, str]) -> Change:
    """Let the caller's session go on under a new token: whoever else had the one before reaches nothing (ASVS 7.2.4).

    Its id and its end stay what they are; drafts and questions hang on the id.
    """
    view, old = ground.view, ground.principal.proof
    session = view.get("sessions", old)
    if session is None:
        raise UnauthenticatedError
    if client_of(view, session["id"]):
        raise GateError("DEVICE_SESSION_REFUSED")  # it would leave the program with a session that is no program's
    token = ground.mint.token()
    limit, provider = view.get("idle_limits", old), view.get("federated_sessions", old)
    fresh = {"session_hash": token.hash, "used_at": ground.now, "salt": ground.mint.salt()}
    deltas = [
        *_dropped(view, old),
        put("sessions", token.hash, **{**session, "hash": token.hash, "salt": ground.mint.salt()}),
        put("session_facts", token.hash, **{**facts_of(view, session), **shown, **fresh, "proven_at": ground.now}),
    ]
    if limit is not None:
        deltas.append(put("idle_limits", token.hash, **{**limit, **fresh}))
    if provider is not None:
        deltas.append(put("federated_sessions", token.hash, **{**provider, "session_hash": token.hash}))
    return Change(deltas, {"session": session["id"], **shown}, target=session["user_id"], secret=token.token)


def is_idle(limit: Row | None, now: int, *, noted: int = 0) -> bool:
    """Say whether a session has been idle for as long as its `limit` allows; `noted` is a use not yet in the row."""
    return limit is not None and bool(max(limit["used_at"], noted) + limit["idle_seconds"] * 1000 <= now)


def use_to_write(view: View, session: str, at: int) -> Delta | None:
    """Return the delta that writes down that `session` was used at `at`, None if that is not to be written.

    A session with an idle limit lives by it, so every later use is news; of others a use now and then is enough. One
    that has ended has no row of either kind, and stays ended.
    """
    limit = view.get("idle_limits", session)
    if limit is not None:
        return put("idle_limits", session, **{**limit, "used_at": at}) if limit["used_at"] < at else None
    facts = view.get("session_facts", session)
    if facts is None or at < facts["used_at"] + NOTED_EVERY:
        return None
    return put("session_facts", session, **{**facts, "used_at": at})


def record_session_uses(ground: Ground, uses: Mapping[str, int]) -> Change:
    """Write down when each session of `uses` was used last; one that has ended meanwhile stays ended (rule 90)."""
    written = (use_to_write(ground.view, session, at) for session, at in uses.items())
    deltas = [delta for delta in written if delta is not None]
    return Change(deltas, {"sessions": len(deltas)})


def ended(view: View, session: Row) -> list[Delta]:
    """Return the deltas that end a session, with all that hangs on it."""
    drafts = view.keys("drafts", user_id=session["user_id"], session_id=session["id"])
    refreshing = view.keys("refresh_tokens", session_id=session["id"])
    gone = [*(drop("drafts", *key) for key in drafts), *(drop("refresh_tokens", *key) for key in refreshing)]
    return [*_dropped(view, session["hash"]), *gone]


def _dropped(view: View, key: str) -> list[Delta]:
    beside = [drop(table, key) for table in _BESIDE if view.get(table, key)]
    return [drop("sessions", key), *beside]


def all_ended(view: View, user: str, *, but: str = "") -> list[Delta]:
    """Return the deltas that end every session of `user`, but the one that is stored under the hash `but`.

    What they have approved for a device, and it has not begun yet, ends like one.
    """
    rows = [row for row in view.find("sessions", user_id=user) if row["hash"] != but]
    granted = [drop("device_grants", *key) for key in view.keys("device_grants", user_id=user)]
    return [*granted, *(delta for row in rows for delta in ended(view, row))]


def ended_by_provider(view: View, provider: str, **of: str) -> list[Delta]:
    """Return the deltas that end every session that the identity provider began, or those of one `user_id`."""
    granted = [drop("device_grants", *key) for key in view.keys("device_grants", identity_provider_id=provider, **of)]
    hashes = view.keys("federated_sessions", identity_provider_id=provider, **of)
    rows = [row for (key,) in hashes if (row := view.get("sessions", key))]
    return [*granted, *(delta for row in rows for delta in ended(view, row))]


def end_session(ground: Ground) -> Change:
    """End the caller's own session; it reaches nothing from now on."""
    return _end(ground, ground.principal.credential)


def end_one(ground: Ground, session_id: str) -> Change:
    """End one of the caller's sessions; somebody else's looks like an unknown one."""
    return _end(ground, session_id)


def _end(ground: Ground, session_id: str) -> Change:
    user = ground.principal.id
    for row in ground.view.find("sessions", user_id=user):
        if row["id"] == session_id:
            return Change(ended(ground.view, row), {"session": session_id}, target=user)
    raise NotFoundError("SESSION_NOT_FOUND", session_id)


def end_others(ground: Ground) -> Change:
    """End every session of the caller but the one that asks."""
    user, mine = ground.principal.id, ground.principal.proof
    others = [row["id"] for row in ground.view.find("sessions", user_id=user) if row["hash"] != mine]
    return Change(all_ended(ground.view, user, but=mine), {"sessions": others}, target=user)

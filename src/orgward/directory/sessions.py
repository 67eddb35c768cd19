"""Sessions of people: begun with a proof of who they are, proven again, used, ended (rule 90; contract.md, People).

What ends a session drops all that hangs on it; it reaches nothing from the next request on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from orgward.directory import settings
from orgward.directory.credentials import password_of
from orgward.directory.ground import Change, Ground, Row, View, drop, put
from orgward.directory.people import has_account
from orgward.kernel.delta import Delta
from orgward.kernel.errors import NotFoundError, UnauthenticatedError

NOTED_EVERY: Final = 10 * 60_000
"""How often at most the last use of a session without an idle limit is written down, in milliseconds."""

_LONGEST_DEVICE: Final = 400


@dataclass(frozen=True, slots=True)
class Begun:
    """From where, and after which second factor, a session begins."""

    address: str = ""
    device: str = ""
    factor: str = ""


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


def begin(ground: Ground, user: str, begun: Begun) -> Change:
    """Begin a session of `user`, who has proven who they are; those of theirs that are over are cleared away."""
    if not has_account(ground.view, user):
        raise UnauthenticatedError
    started = new_session(ground, user, begun)
    row = ground.view.get("users", user) or {}
    deltas = [*_cleared(ground, user), put("users", user, **{**row, "last_auth_at": ground.now}), *started.deltas]
    return Change(deltas, {"session": started.id}, target=user, secret=started.token)


def _cleared(ground: Ground, user: str) -> list[Delta]:
    view, now = ground.view, ground.now
    over = [row for row in view.find("sessions", user_id=user) if _is_over(view, row, now)]
    return [delta for row in over for delta in ended(view, row)]


def _is_over(view: View, row: Row, now: int) -> bool:
    return bool(row["expires_at"] <= now) or is_idle(view.get("idle_limits", row["hash"]), now)


def new_session(ground: Ground, user: str, begun: Begun) -> Started:
    """Return a new session of `user`.

    It lasts as long as every organization of theirs lets it; what they change later is for the next one (rule 90).
    """
    token, session = ground.mint.token(), ground.mint.id()
    orgs = [row["org_id"] for row in ground.view.find("members", user_id=user, state="active")]
    absolute, idle = settings.session_limits(ground.view, orgs)
    started = [
        put(
            "sessions", token.hash, hash=token.hash, id=session, user_id=user, created_at=ground.now,
            expires_at=ground.now + absolute * 1000, salt=ground.mint.salt(),
        ),
        put(
            "session_facts", token.hash, session_hash=token.hash, factor=begun.factor, proven_at=ground.now,
            used_at=ground.now, address=begun.address, device=begun.device[:_LONGEST_DEVICE], salt=ground.mint.salt(),
        ),
    ]  # fmt: skip
    if idle is not None:
        row = {"session_hash": token.hash, "idle_seconds": idle, "used_at": ground.now, "salt": ground.mint.salt()}
        started.append(put("idle_limits", token.hash, **row))
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


def confirm(ground: Ground, session_hash: str, factor: str) -> Change:
    """Let a session have shown a second factor of the kind `factor` now."""
    return _proven(ground, session_hash, {"factor": factor})


def prove(ground: Ground, proven_against: str) -> Change:
    """Note that the caller has just proven who they are, with the password whose hash is `proven_against`."""
    require_password(ground.view, ground.principal.id, proven_against)
    return _proven(ground, ground.principal.proof, {})


def _proven(ground: Ground, session_hash: str, shown: Mapping[str, str]) -> Change:
    row = ground.view.get("sessions", session_hash)
    if row is None:
        raise UnauthenticatedError
    return Change([proven_now(ground, row, shown)], {"session": row["id"], **shown}, target=row["user_id"])


def proven_now(ground: Ground, session: Row, shown: Mapping[str, str]) -> Delta:
    """Return the delta after which the person of `session` has proven who they are now, by what was `shown`."""
    facts = {"salt": ground.mint.salt(), **facts_of(ground.view, session)}
    return put("session_facts", session["hash"], **{**facts, **shown, "proven_at": ground.now})


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
    key = session["hash"]
    beside = [drop(table, key) for table in ("idle_limits", "session_facts") if view.get(table, key)]
    drafts = view.find("drafts", user_id=session["user_id"], session_id=session["id"])
    return [drop("sessions", key), *beside, *(drop("drafts", row["id"]) for row in drafts)]


def all_ended(view: View, user: str, *, but: str = "") -> list[Delta]:
    """Return the deltas that end every session of `user`, but the one that is stored under the hash `but`."""
    rows = [row for row in view.find("sessions", user_id=user) if row["hash"] != but]
    return [delta for row in rows for delta in ended(view, row)]


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

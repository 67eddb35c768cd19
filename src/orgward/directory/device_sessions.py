"""Sessions of programs: begun with a grant, kept up by tokens each of which counts once (RFC 8628, RFC 9700).

A session of a program is a session like any other: listed, ended, and bounded by rule 90. What keeps it up is bounded
further by what the person's organizations allow.
"""

from dataclasses import dataclass
from typing import Final

from orgward.directory import delegation, second_factors, sessions
from orgward.directory.device_grants import EXPIRED, approved
from orgward.directory.federated_identities import FEDERATION, knows
from orgward.directory.ground import Change, Ground, Row, Token, View, drop, put
from orgward.directory.people import has_account
from orgward.directory.sessions import Begun
from orgward.kernel.delta import Delta
from orgward.kernel.errors import GateError, RefusedError

_KEPT: Final = 50
"""How many used tokens of a session are remembered: whoever shows one of them has stolen it, or was stolen from."""

REFUSED: Final = "INVALID_REFRESH_TOKEN"


@dataclass(frozen=True, slots=True)
class Kept:
    """What becomes of a refresh token: the change, and whether it was shown before, so that its session has ended."""

    change: Change
    is_replayed: bool = False


def redeem(ground: Ground, code_hash: str, client: str) -> Change:
    """Begin the session of a grant that its person has approved, once; `secret` of the change refreshes it."""
    grant = approved(ground.view, code_hash, client, ground.now)
    user, provider = str(grant["user_id"]), str(grant["identity_provider_id"] or "")
    if not has_account(ground.view, user) or (provider and not knows(ground.view, provider, user)):
        raise RefusedError(EXPIRED)
    _, longest = delegation.lifetimes(ground.view, _organizations(ground.view, user))
    # Whoever has taken their last factor away meanwhile has shown none.
    lasts = grant["factor"] == FEDERATION or second_factors.has_active(ground.view, user)
    factor = grant["factor"] if lasts else ""
    begun = Begun(grant["address"], grant["device"], factor, grant["proven_at"], longest, provider)
    started = sessions.new_session(ground, user, begun)
    session = next(delta.row for delta in started.deltas if delta.table == "sessions" and delta.row is not None)
    token, refreshing = _token(ground, session, client)
    deltas = [drop("device_grants", code_hash), *started.deltas, refreshing]
    return Change(deltas, {"session": started.id, "client": client}, target=user, secret=token.token)


def refresh(ground: Ground, token_hash: str, client: str) -> Kept:
    """Keep a session up with a token, which counts no more after it; shown a second time it ends the session."""
    row = ground.view.get("refresh_tokens", token_hash)
    session = None if row is None else _session_of(ground, row)
    if row is None or session is None or row["client"] != client:
        raise GateError(REFUSED)
    if row["used_at"] is not None:
        body = {"session": session["id"], "replayed": True}
        return Kept(Change(sessions.ended(ground.view, session), body, target=row["user_id"]), is_replayed=True)
    if min(row["expires_at"], _end(ground, session, since=row["created_at"])) <= ground.now:
        raise GateError(REFUSED)
    token, refreshing = _token(ground, session, client)
    used = put("refresh_tokens", token_hash, **{**row, "used_at": ground.now, "expires_at": session["expires_at"]})
    noted = sessions.use_to_write(ground.view, session["hash"], ground.now)
    deltas = [*_without_oldest(ground.view, session), used, refreshing, *([noted] if noted else [])]
    return Kept(Change(deltas, {"session": session["id"]}, target=row["user_id"], secret=token.token))


def end(ground: Ground, user: str, session: str) -> Change:
    """End the session of a program whose token is revoked."""
    rows = [row for row in ground.view.find("sessions", user_id=user) if row["id"] == session]
    deltas = [delta for row in rows for delta in sessions.ended(ground.view, row)]
    return Change(deltas, {"session": session}, target=user)


def _organizations(view: View, user: str) -> list[str]:
    return [row["org_id"] for row in view.find("members", user_id=user, state="active")]


def _session_of(ground: Ground, token: Row) -> Row | None:
    live = sessions.live_sessions(ground.view, token["user_id"], ground.now)
    return next((each.row for each in live if each.row["id"] == token["session_id"]), None)


def _end(ground: Ground, session: Row, *, since: int) -> int:
    """Return when what keeps `session` up ends, if it was used last at `since`: what organizations say now counts."""
    idle, longest = delegation.lifetimes(ground.view, _organizations(ground.view, session["user_id"]))
    bounds = [session["expires_at"]]
    bounds += [] if idle is None else [since + idle * 1000]
    bounds += [] if longest is None else [session["created_at"] + longest * 1000]
    return int(min(bounds))


def _token(ground: Ground, session: Row, client: str) -> tuple[Token, Delta]:
    token = ground.mint.token()
    row = put(
        "refresh_tokens", token.hash, hash=token.hash, user_id=session["user_id"], session_id=session["id"],
        client=client, created_at=ground.now, used_at=None, expires_at=_end(ground, session, since=ground.now),
        salt=ground.mint.salt(),
    )  # fmt: skip
    return token, row


def _without_oldest(view: View, session: Row) -> list[Delta]:
    rows = sorted(view.find("refresh_tokens", session_id=session["id"]), key=lambda row: row["created_at"])
    return [drop("refresh_tokens", row["hash"]) for row in rows[: max(0, len(rows) - _KEPT)]]

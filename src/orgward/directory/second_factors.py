"""Second factors of people: codes of an authenticator app, passkeys, recovery codes (rules 86, 87).

What a person showed was verified before the command; here it counts only if nobody has shown it before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from orgward.directory import sessions
from orgward.directory.ground import Change, Ground, Row, View, drop, put
from orgward.directory.outbox import FACTOR_ADDED, FACTOR_REMOVED, FACTORS_RESET, notice
from orgward.directory.people import user_of
from orgward.kernel.delta import Delta
from orgward.kernel.errors import GateError, NotFoundError, RefusedError

TOTP: Final = "totp"
PASSKEY: Final = "passkey"
RECOVERY: Final = "recovery"

REFUSED: Final = "PROOF_REFUSED"
"""The code for whatever was shown and does not count, for whichever reason."""

MOST: Final = 20
"""How many second factors anybody has."""


@dataclass(frozen=True, slots=True)
class Once:
    """The mark of something that counts a single time, kept until it would be over anyway."""

    hash: str
    expires_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What was shown of the factor with the id `factor`: its counter then, or the hash of a recovery code."""

    factor: str
    kind: str
    counter: int = 0
    code_hash: str = ""
    once: tuple[Once, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPasskey:
    """A passkey that was made for a challenge, and the codes that begin with it if it is the first factor."""

    name: str
    document: str
    credential_key: str
    counter: int
    once: Once
    code_hashes: Sequence[str]


def of(view: View, user: str) -> list[Row]:
    """Return the factors of `user` but the recovery codes, the oldest first; some may not be active yet."""
    return [row for row in view.find("second_factors", user_id=user) if row["kind"] != RECOVERY]


def has_active(view: View, user: str) -> bool:
    """Say whether `user` signs in with a second factor."""
    return any(row["is_active"] for row in of(view, user))


def recovery_row(view: View, user: str) -> Row | None:
    """Return the row of the recovery codes that are left to `user`, None if there are none."""
    return next(iter(view.find("second_factors", user_id=user, kind=RECOVERY)), None)


def one_of(view: View, user: str, factor: str) -> Row:
    """Return a factor of `user`; everybody else's, and recovery codes, look unknown."""
    row = view.get("second_factors", factor)
    if row is None or row["user_id"] != user or row["kind"] == RECOVERY:
        raise NotFoundError("SECOND_FACTOR_NOT_FOUND", factor)
    return row


def enrol_totp(ground: Ground, name: str, sealed_seed: str) -> Change:
    """Begin with an authenticator app; it counts once it is activated, and only the last one begun can be."""
    user = ground.principal.id
    _require_room(ground, user)
    begun = [row for row in of(ground.view, user) if not row["is_active"]]
    row = _row(ground, TOTP, name, secret=sealed_seed)
    deltas = [*(drop("second_factors", old["id"]) for old in begun), put("second_factors", row["id"], **row)]
    return Change(deltas, {"factor": row["id"], "kind": TOTP}, target=user)


def activate(ground: Ground, shown: Shown, code_hashes: Sequence[str]) -> Change:
    """Let an authenticator app count that has shown a code; the session has shown a second factor by it."""
    user = ground.principal.id
    row = one_of(ground.view, user, shown.factor)
    if row["is_active"] or row["counter"] >= shown.counter:
        raise GateError(REFUSED)
    _require_room(ground, user)
    active = {**row, "is_active": True, "counter": shown.counter, "used_at": ground.now}
    return _added(ground, active, [], code_hashes)


def enrol_passkey(ground: Ground, new: NewPasskey) -> Change:
    """Let a passkey count; the session has shown a second factor by it."""
    user = ground.principal.id
    _require_room(ground, user)
    if ground.view.find("second_factors", credential_key=new.credential_key):
        raise RefusedError("PASSKEY_ALREADY_ENROLLED")
    row = {
        **_row(ground, PASSKEY, new.name, secret=new.document),
        "is_active": True, "credential_key": new.credential_key, "counter": new.counter, "used_at": ground.now,
    }  # fmt: skip
    return _added(ground, row, [used_up(ground, new.once)], new.code_hashes)


def renew_recovery_codes(ground: Ground, code_hashes: Sequence[str]) -> Change:
    """Give the caller new recovery codes in place of those that are left."""
    if not has_active(ground.view, ground.principal.id):
        raise GateError("SECOND_FACTOR_REQUIRED")
    return Change(_recovery(ground, code_hashes), {"codes": len(code_hashes)}, target=ground.principal.id)


def rename(ground: Ground, factor: str, name: str) -> Change:
    """Give a factor of the caller another name."""
    row = one_of(ground.view, ground.principal.id, factor)
    return Change([put("second_factors", factor, **{**row, "name": name})], {"factor": factor}, target=row["user_id"])


def remove(ground: Ground, factor: str) -> Change:
    """End a factor of the caller; with the last one go the recovery codes, and no session has shown one any more."""
    user = ground.principal.id
    row = one_of(ground.view, user, factor)
    deltas = [drop("second_factors", factor)]
    if row["is_active"]:
        deltas.append(notice(ground, user, FACTOR_REMOVED))
    if row["is_active"] and not any(other["is_active"] for other in of(ground.view, user) if other["id"] != factor):
        deltas += [*_without_recovery(ground.view, user), *_unconfirmed(ground.view, user)]
    return Change(deltas, {"factor": factor, "kind": row["kind"]}, target=user)


def reset(ground: Ground, address: str) -> Change:
    """Take every factor and the recovery codes from somebody who has lost them all, and end their sessions (rule 87).

    What they sign in with next is their password; an organization that asks for a second factor asks for a new one.
    """
    user = user_of(ground.view, address)
    if user is None:
        raise NotFoundError("USERNAME_NOT_FOUND", address)
    kinds = sorted(row["kind"] for row in ground.view.find("second_factors", user_id=user))
    told = [notice(ground, user, FACTORS_RESET)] if kinds else []
    deltas = [*forgotten(ground.view, user), *sessions.all_ended(ground.view, user), *told]
    return Change(deltas, {"factors": kinds}, target=user)


def accepted(ground: Ground, user: str, shown: Shown) -> list[Delta]:
    """Return the deltas of a factor of `user` that is shown now; GateError if that was shown before, or has ended."""
    row = ground.view.get("second_factors", shown.factor)
    if row is None or row["user_id"] != user or row["kind"] != shown.kind or not row["is_active"]:
        raise GateError(REFUSED)
    marks = [used_up(ground, once) for once in shown.once]
    if shown.kind == RECOVERY:
        return [*marks, _without_code(ground, row, shown.code_hash)]
    # Passkeys that live in several devices don't count: they always say zero.
    counts = shown.kind == TOTP or bool(shown.counter or row["counter"])
    if counts and shown.counter <= row["counter"]:
        raise GateError(REFUSED)
    return [*marks, put("second_factors", row["id"], **{**row, "counter": shown.counter, "used_at": ground.now})]


def sign_in(ground: Ground, user: str, shown: Shown, begun: sessions.Begun) -> Change:
    """Begin a session of `user`, who has shown a second factor, or a passkey by which they were verified."""
    change = sessions.begin(ground, user, begun)
    change.deltas += accepted(ground, user, shown)
    change.body |= {"factor": shown.factor, "kind": shown.kind}
    return change


def finish_sign_in(ground: Ground, user: str, proven_against: str, shown: Shown, begun: sessions.Begun) -> Change:
    """Begin a session of `user`, who knew the password with the hash `proven_against` and has shown a second factor."""
    sessions.require_password(ground.view, user, proven_against)
    return sign_in(ground, user, shown, begun)


def prove(ground: Ground, shown: Shown) -> Change:
    """Let the caller's session have shown a second factor just now."""
    change = sessions.confirm(ground, shown.kind)
    change.deltas += accepted(ground, ground.principal.id, shown)
    change.body |= {"factor": shown.factor, "kind": shown.kind}
    return change


def forgotten(view: View, user: str) -> list[Delta]:
    """Return the deltas that drop every factor of somebody who is erased."""
    return [drop("second_factors", row["id"]) for row in view.find("second_factors", user_id=user)]


def used_up(ground: Ground, once: Once) -> Delta:
    """Return the delta that keeps the mark of what counts a single time; GateError if it counted before."""
    if ground.view.get("used_once", once.hash) is not None:
        raise GateError(REFUSED)
    return put("used_once", once.hash, hash=once.hash, expires_at=once.expires_at, salt=ground.mint.salt())


def _unconfirmed(view: View, user: str) -> list[Delta]:
    facts = [view.get("session_facts", row["hash"]) for row in view.find("sessions", user_id=user)]
    return [
        put("session_facts", row["session_hash"], **{**row, "factor": ""}) for row in facts if row and row["factor"]
    ]


def _require_room(ground: Ground, user: str) -> None:
    if sum(row["is_active"] for row in of(ground.view, user)) >= MOST:
        raise RefusedError("MAX_SECOND_FACTORS_EXCEEDED", str(MOST))


def _row(ground: Ground, kind: str, name: str, *, secret: str) -> dict[str, Any]:
    return {
        "id": ground.mint.id(), "user_id": ground.principal.id, "kind": kind, "name": name, "is_active": False,
        "secret": secret, "credential_key": None, "counter": 0, "created_at": ground.now, "used_at": None,
        "salt": ground.mint.salt(),
    }  # fmt: skip


def _added(ground: Ground, factor: Row, marks: Sequence[Delta], code_hashes: Sequence[str]) -> Change:
    """Let `factor` count from now on, which the session has shown by it; with the first come recovery codes."""
    user = ground.principal.id
    codes = [] if has_active(ground.view, user) else _recovery(ground, code_hashes)
    change = sessions.confirm(ground, factor["kind"])
    change.deltas += [put("second_factors", factor["id"], **factor), *marks, *codes, notice(ground, user, FACTOR_ADDED)]
    change.body |= {"factor": factor["id"], "kind": factor["kind"]}
    return change


def _recovery(ground: Ground, code_hashes: Sequence[str]) -> list[Delta]:
    row = _row(ground, RECOVERY, "", secret=" ".join(code_hashes)) | {"is_active": True, "counter": len(code_hashes)}
    return [*_without_recovery(ground.view, ground.principal.id), put("second_factors", row["id"], **row)]


def _without_recovery(view: View, user: str) -> list[Delta]:
    row = recovery_row(view, user)
    return [] if row is None else [drop("second_factors", row["id"])]


def _without_code(ground: Ground, row: Row, code_hash: str) -> Delta:
    left = row["secret"].split()
    if code_hash not in left:
        raise GateError(REFUSED)
    left.remove(code_hash)
    changed = {"secret": " ".join(left), "counter": len(left), "used_at": ground.now}
    return put("second_factors", row["id"], **{**row, **changed})

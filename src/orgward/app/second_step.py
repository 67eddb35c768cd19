"""The second step of signing in, and every other time that somebody shows a second factor (rules 86, 87).

What is shown is held against what is kept of it here, in a thread; whether it counts is for the command to say.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import structlog

from orgward.app import passkeys, totp
from orgward.app.attempts import address_bucket
from orgward.app.execute import Call, Context, Door
from orgward.app.passkeys import Credential
from orgward.app.tickets import Challenge, PendingSignIn, opened
from orgward.directory import second_factors
from orgward.directory.credentials import password_of
from orgward.directory.ground import Row
from orgward.directory.second_factors import PASSKEY, RECOVERY, REFUSED, TOTP, Shown
from orgward.kernel.errors import GateError, NotFoundError, UnauthenticatedError
from orgward.kernel.instants import rfc3339
from orgward.kernel.principal import Principal
from orgward.store.keyring import Keyring
from orgward.store.view import SqlView

PENDING_LIFE: Final = 10 * 60_000
"""How long somebody may take between the password and the second factor, in milliseconds."""

SIGN_IN: Final = "sign in"
SECOND_STEP: Final = "second step"
PROOF: Final = "proof"
ENROLMENT: Final = "enrolment"

_CODES: Final = 10
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Of recovery codes: none that looks like another one."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """Who is asked to show a factor, for what, and on behalf of which session or pending sign-in."""

    purpose: str
    user: str = ""
    holder: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was shown: a code, or what a passkey signed and the state of the question."""

    code: str = ""
    state: str = ""
    credential: Credential | None = None


@dataclass(frozen=True, slots=True)
class RecoveryCodes:
    """Codes that are shown once, and the hashes that are kept."""

    shown: tuple[str, ...]
    hashes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Living:
    """A pending sign-in that can still be finished, and the password that it was begun with, as it is kept."""

    ticket: PendingSignIn
    secret: str


def pending_sign_in(context: Context, user: str, secret: str) -> dict[str, Any]:
    """Return what somebody gets whose password was right, by the hash `secret`, and who has a second factor."""
    keyring = context.mint.keyring
    against = _mark(keyring, user, secret)
    ticket = PendingSignIn(expires_at=context.now + PENDING_LIFE, user=user, proven_against=against)
    kinds = {row["kind"] for row in context.view.find("second_factors", user_id=user) if row["is_active"]}
    return {"expiresAt": rfc3339(ticket.expires_at), "factors": sorted(kinds), "pending": ticket.sealed(keyring)}


def living(view: SqlView, keyring: Keyring, sealed: str, now: int) -> Living:
    """Return the pending sign-in; one that is over, was finished, or whose password is another now is none."""
    ticket = opened(PendingSignIn, keyring, sealed, now)
    secret = None if ticket is None else password_of(view, ticket.user)
    if ticket is None or secret is None or view.get("used_once", ticket.once(keyring).hash) is not None:
        raise UnauthenticatedError
    if ticket.proven_against != _mark(keyring, ticket.user, secret):
        raise UnauthenticatedError
    return Living(ticket, secret)


def _mark(keyring: Keyring, user: str, secret: str) -> str:
    return keyring.hash_token(f"pending {user} {secret}")


def challenge(context: Context, asked: Asked) -> Challenge:
    """Return a fresh challenge for whoever is asked, at the host that the request came to."""
    return Challenge(
        expires_at=context.now + passkeys.LIFE,
        purpose=asked.purpose,
        host=passkeys.host_of(context.call.base_url),
        user=asked.user,
        holder=asked.holder,
    )


def question(context: Context, asked: Asked) -> dict[str, Any]:
    """Return what a browser has to have signed by a passkey, and the state that comes back with the answer.

    Somebody without a passkey for this host has nothing to be asked.
    """
    found = challenge(context, asked)
    documents = [row["secret"] for row in second_factors.of(context.view, asked.user) if row["kind"] == PASSKEY]
    if asked.user and not passkeys.usable_at(documents, found.host):
        raise NotFoundError("SECOND_FACTOR_NOT_FOUND", PASSKEY)
    return {"options": passkeys.request_options(found, documents), "state": found.sealed(context.mint.keyring)}


def challenge_of(door: Door, call: Call, state: str, asked: Asked) -> Challenge | None:
    """Return the challenge that `state` seals if it was given to whoever is asked now, at this host."""
    found = opened(Challenge, door.store.keyring, state, door.store.clock())
    if found is None or found.host != passkeys.host_of(call.base_url):
        return None
    return found if (found.purpose, found.user, found.holder) == (asked.purpose, asked.user, asked.holder) else None


def shown(door: Door, call: Call, asked: Asked, answer: Answer) -> Shown:
    """Return the factor that `answer` shows; whoever guesses may do so ten times an hour, from wherever (rule 87)."""
    return _limited(door, call, asked.user, lambda: _found(door, call, asked, answer))


def shown_alone(door: Door, call: Call, answer: Answer) -> tuple[str, Shown]:
    """Return who signs in with a passkey alone, by which they were verified, and what it shows."""
    row = _row_of(door.store.view, answer.credential or {})
    user = "" if row is None else row["user_id"]
    call.principal = Principal("user", user, address=call.address)
    return user, _limited(door, call, user, lambda: _alone(door, call, row, answer))


def _limited(door: Door, call: Call, user: str, find: Callable[[], Shown | None]) -> Shown:
    """Return what `find` finds; what it does not find counts as a failure of the address, and of `user` if known."""
    by_address, by_user = ("second factor", address_bucket(call.address)), ("user", user)
    at_address = door.failures.begin(by_address)
    of_user = door.refused_proofs.begin(by_user) if user else 0
    found = find()
    if found is None:
        _log.warning("second_factor_refused", user=user, address=call.address, request_id=call.request_id)
        raise GateError(REFUSED)
    door.failures.end(by_address, at_address)
    door.refused_proofs.end(by_user, of_user)
    return found


def _found(door: Door, call: Call, asked: Asked, answer: Answer) -> Shown | None:
    if answer.credential is None:
        return _by_code(door, asked.user, answer.code)
    row = _row_of(door.store.view, answer.credential)
    if row is None or row["user_id"] != asked.user or passkeys.owner_told(answer.credential) not in {"", asked.user}:
        return None
    return _signed(door, call, asked, answer, row)


def _alone(door: Door, call: Call, row: Row | None, answer: Answer) -> Shown | None:
    if row is None or answer.credential is None or passkeys.owner_told(answer.credential) != row["user_id"]:
        return None
    return _signed(door, call, Asked(SIGN_IN), answer, row)


def _signed(door: Door, call: Call, asked: Asked, answer: Answer, row: Row) -> Shown | None:
    found = challenge_of(door, call, answer.state, asked)
    if found is None or answer.credential is None:
        return None
    proof = passkeys.signed(
        answer.credential, found, call.base_url, document=row["secret"], counter=row["counter"]
    )  # fmt: skip
    if proof is None or (asked.purpose == SIGN_IN and not proof.is_verified):
        return None
    once = found.once(door.store.keyring)
    return Shown(factor=row["id"], kind=PASSKEY, counter=proof.counter, once=(once,))


def _row_of(view: SqlView, credential: Credential) -> Row | None:
    key = passkeys.key_of(credential)
    return next(iter(view.find("second_factors", credential_key=key)), None) if key else None


def _by_code(door: Door, user: str, code: str) -> Shown | None:
    view = door.store.view
    if not totp.is_code(code):
        codes, code_hash = second_factors.recovery_row(view, user), _code_hash(door.store.keyring, user, code)
        is_left = codes is not None and code_hash in codes["secret"].split()
        return Shown(factor=codes["id"], kind=RECOVERY, code_hash=code_hash) if codes and is_left else None
    apps = [row for row in second_factors.of(view, user) if row["kind"] == TOTP and row["is_active"]]
    return next((found for row in apps if (found := shown_by_app(door, row, code)) is not None), None)


def shown_by_app(door: Door, row: Row, code: str) -> Shown | None:
    """Return the step that `code` shows of the authenticator app of `row`, None if it is wrong or was shown before."""
    seed = door.store.keyring.open(row["secret"], seed_context(row["user_id"]))
    step = totp.step_of(seed, code, door.store.clock())
    return None if step is None or step <= row["counter"] else Shown(factor=row["id"], kind=TOTP, counter=step)


def seed_context(user: str) -> str:
    """Return for what the seed of an authenticator app is sealed."""
    return f"totp {user}"


def new_recovery_codes(keyring: Keyring, user: str) -> RecoveryCodes:
    """Return ten fresh recovery codes of `user`, of some 50 random bits each."""
    codes = ["".join(secrets.choice(_LETTERS) for _ in range(10)) for _ in range(_CODES)]
    hashes = tuple(_code_hash(keyring, user, code) for code in codes)
    return RecoveryCodes(tuple(f"{code[:5]}-{code[5:]}" for code in codes), hashes)


def _code_hash(keyring: Keyring, user: str, code: str) -> str:
    plain = "".join(letter for letter in code.casefold() if letter.isalnum())
    return keyring.hash_token(f"recovery {user} {plain}")

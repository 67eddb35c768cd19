"""Accounts: set up by a mailed link, or vouched for; sessions; erasure (rules 46, 90; contract.md, People).

A link proves the address that it was mailed to. Whoever has an account already gets no password by way of an
invitation, however many are sent.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from orgward.directory import settings
from orgward.directory.ground import Change, Ground, Row, Token, View, drop, put
from orgward.directory.guards import guarded
from orgward.directory.invitations import PENDING, end, mail
from orgward.directory.leaving import left_behind
from orgward.directory.people import find_or_make, has_account, user_of
from orgward.directory.roles import unassign
from orgward.kernel.delta import Delta
from orgward.kernel.errors import NotFoundError, UnauthenticatedError

PASSWORD: Final = "password"  # noqa: S105 - the kind of a credential
SETUP: Final = "setup"
"""The kind of the message that carries a set-up link."""

_LONGEST_DEVICE: Final = 400

_SETUP_LIFE: Final = 7 * 24 * 3_600_000


@dataclass(frozen=True, slots=True)
class Begun:
    """From where, and after which second factor, a session begins."""

    address: str = ""
    device: str = ""
    factor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """What somebody chose who sets an account up; the password comes hashed."""

    token_hash: str
    password_hash: str
    first_name: str
    last_name: str
    begun: Begun = Begun()


def vouch(ground: Ground, address: str) -> tuple[str, list[Delta]]:
    """Return the user of `address` and the deltas after which they have an account with a proven address."""
    user, deltas = find_or_make(ground, address)
    row = _row_of(ground.view, user) or next(d.row for d in deltas if d.table == "users") or {}
    if row["account_at"] is None:
        deltas.append(put("users", user, **_with_account(row, ground.now)))
    return user, deltas


def _row_of(view: View, user: str) -> Row | None:
    return view.get("users", user)


def _with_account(row: Row, now: int) -> Row:
    return {**row, "account_at": row["account_at"] or now, "proven_at": row["proven_at"] or now}


def has_password(view: View, user: str) -> bool:
    """Say whether `user` can sign in with a password."""
    return view.get("credentials", user, PASSWORD) is not None


def setup_link(ground: Ground, user: str) -> tuple[Token, Delta]:
    """Return a set-up link for an account that has no password, and the delta that makes it good."""
    token = ground.mint.token()
    return token, put(
        "tokens", token.hash, hash=token.hash, user_id=user, invitation_id=None, salt=ground.mint.salt(),
        expires_at=ground.now + _SETUP_LIFE,
    )  # fmt: skip


def mail_setup_link(ground: Ground, user: str) -> list[Delta]:
    """Return the deltas that mail `user` a set-up link; none if they need none or have a good one already."""
    links = [row for row in ground.view.find("tokens", user_id=user) if row["invitation_id"] is None]
    if has_password(ground.view, user) or any(link["expires_at"] > ground.now for link in links):
        return []
    token, made = setup_link(ground, user)
    return [made, mail(ground, user, SETUP, token.sealed, subject=None)]


def link_of(view: View, token_hash: str, now: int) -> Row:
    """Return the row of a link that still sets an account up; every other link looks like a made-up one."""
    row = view.get("tokens", token_hash)
    if row is None or not _sets_up(view, row, now):
        raise NotFoundError("TOKEN_NOT_FOUND")
    return row


def _sets_up(view: View, link: Row, now: int) -> bool:
    user = link["user_id"]
    if link["expires_at"] <= now or has_password(view, user):
        return False
    return link["invitation_id"] is None or not has_account(view, user)


def set_up(ground: Ground, chosen: NewAccount) -> Change:
    """Make the account of whoever holds the link, prove its address, and begin a session."""
    link = link_of(ground.view, chosen.token_hash, ground.now)
    user = str(link["user_id"])
    person = ground.view.get("person_data", user) or {}
    started, secret = _session(ground, user, chosen.begun)
    row = _with_account(_row_of(ground.view, user) or {}, ground.now)
    names = {"first_name": chosen.first_name, "last_name": chosen.last_name}
    deltas = [
        put("users", user, **{**row, "last_auth_at": ground.now}),
        put("person_data", user, **{**person, **names}),
        put(
            "credentials", user, PASSWORD, owner_id=user, kind=PASSWORD, secret=chosen.password_hash,
            salt=ground.mint.salt(),
        ),
        *_forget_links(ground, user, link),
        *started,
    ]  # fmt: skip
    return Change(deltas, {"session": _id_of(started)}, target=user, secret=secret)


def _forget_links(ground: Ground, user: str, used: Row) -> list[Delta]:
    tokens = [
        drop("tokens", row["hash"])
        for row in ground.view.find("tokens", user_id=user)
        if row["invitation_id"] is None or row["hash"] == used["hash"]
    ]
    return tokens + [
        drop("outbox", row["id"]) for row in ground.view.find("outbox", user_id=user) if row["kind"] == SETUP
    ]


def start_session(ground: Ground, user: str, proven_against: str, begun: Begun) -> Change:
    """Begin a session of `user`, whose password was verified against the hash `proven_against` (rule 90)."""
    credential = ground.view.get("credentials", user, PASSWORD)
    row = _row_of(ground.view, user)
    if row is None or row["account_at"] is None or credential is None or credential["secret"] != proven_against:
        raise UnauthenticatedError
    started, secret = _session(ground, user, begun)
    deltas = [
        delta
        for old in ground.view.find("sessions", user_id=user)
        if old["expires_at"] <= ground.now or is_idle(ground.view.get("idle_limits", old["hash"]), ground.now)
        for delta in _ended(ground.view, old["hash"])
    ]
    deltas += [put("users", user, **{**row, "last_auth_at": ground.now}), *started]
    return Change(deltas, {"session": _id_of(started)}, target=user, secret=secret)


def _session(ground: Ground, user: str, begun: Begun) -> tuple[list[Delta], str]:
    """Return the deltas that begin a session of `user`, and its token.

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
    return started, token.token


def _id_of(started: list[Delta]) -> str:
    return str((started[0].row or {})["id"])


def is_idle(limit: Row | None, now: int, *, noted: int = 0) -> bool:
    """Say whether a session has been idle for as long as its `limit` allows; `noted` is a use not yet in the row."""
    return limit is not None and bool(max(limit["used_at"], noted) + limit["idle_seconds"] * 1000 <= now)


def is_news(view: View, session: str, at: int) -> bool:
    """Say whether a use of `session` at `at` is to be written down: it has an idle limit, and was used before that."""
    limit = view.get("idle_limits", session)
    return limit is not None and bool(limit["used_at"] < at)


def record_session_uses(ground: Ground, uses: Mapping[str, int]) -> Change:
    """Write down when each session of `uses` was used last; one that has ended meanwhile stays ended (rule 90)."""
    news = {session: at for session, at in uses.items() if is_news(ground.view, session, at)}
    deltas = [
        put("idle_limits", session, **{**(ground.view.get("idle_limits", session) or {}), "used_at": at})
        for session, at in news.items()
    ]
    return Change(deltas, {"sessions": len(deltas)})


def _ended(view: View, session_hash: str) -> list[Delta]:
    beside = [drop(table, session_hash) for table in ("idle_limits", "session_facts") if view.get(table, session_hash)]
    return [drop("sessions", session_hash), *beside]


def end_session(ground: Ground) -> Change:
    """End the caller's own session; it reaches nothing from now on."""
    user, session = ground.principal.id, ground.principal.credential
    return Change(_ended(ground.view, ground.principal.proof), {"session": session}, target=user)


def erase(ground: Ground, address: str) -> Change:
    """Forget the person: only an empty id stays; a last owner is refused (rules 34-36; contract.md, CLI).

    Where the address is a contact of an organization it goes, too, whether or not it is somebody's username.
    """
    user = user_of(ground.view, address)
    contacts = settings.without_contact(ground.view, address)
    if user is None and contacts:
        return Change(contacts)
    if user is None:
        raise NotFoundError("USERNAME_NOT_FOUND", address)
    row = _row_of(ground.view, user) or {}
    deltas = [*_without_invitations(ground, user), *_without_roles(ground, user)]
    nobody = {**row, "account_at": None, "proven_at": None, "last_auth_at": None}
    forgotten = [*_without_secrets(ground, user), *contacts, drop("person_data", user), put("users", user, **nobody)]
    body = {"user": user, **left_behind(ground, user, deltas)}
    return Change(guarded(ground, deltas) + forgotten, body, target=user)


def _without_invitations(ground: Ground, user: str) -> list[Delta]:
    rows = ground.view.find("invitations", user_id=user, state=PENDING)
    return [delta for row in rows for delta in end(ground, row, "cancelled")]


def _without_roles(ground: Ground, user: str) -> list[Delta]:
    find = ground.view.find
    deltas = [drop("members", row["org_id"], user) for row in find("members", user_id=user)]
    deltas += [drop("project_members", row["project_id"], user) for row in find("project_members", user_id=user)]
    deltas += [drop("team_members", user, row["team_id"]) for row in find("team_members", user_id=user)]
    return deltas + [unassign(row) for row in find("assignments", holder_id=user)]


def _without_secrets(ground: Ground, user: str) -> list[Delta]:
    find = ground.view.find
    deltas = [delta for row in find("sessions", user_id=user) for delta in _ended(ground.view, row["hash"])]
    deltas += [drop("credentials", user, row["kind"]) for row in find("credentials", owner_id=user)]
    deltas += [drop("tokens", row["hash"]) for row in find("tokens", user_id=user)]
    deltas += [drop("join_requests", row["id"]) for row in find("join_requests", user_id=user)]
    deltas += [drop("replies", user, row["key"]) for row in find("replies", principal_id=user)]
    return deltas + [drop("outbox", row["id"]) for row in find("outbox", user_id=user)]

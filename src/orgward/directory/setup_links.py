"""Set-up links: whoever holds one chooses the password of an account that has none (contract.md, People).

A link proves the address that it was mailed to. Whoever has an account already gets no password by way of an
invitation, however many are sent.
"""

from typing import Final

from orgward.directory.credentials import has_password
from orgward.directory.ground import Ground, Row, Token, View, drop, put
from orgward.directory.links import HOUR, MOST
from orgward.directory.outbox import SETUP, mail
from orgward.directory.people import has_account
from orgward.kernel.delta import Delta
from orgward.kernel.errors import NotFoundError

_LIFE: Final = 7 * 24 * HOUR


def setup_link(ground: Ground, user: str) -> tuple[Token, Delta]:
    """Return a set-up link for an account that has no password, and the delta that makes it good."""
    token = ground.mint.token()
    return token, put(
        "tokens", token.hash, hash=token.hash, user_id=user, invitation_id=None, salt=ground.mint.salt(),
        expires_at=ground.now + _LIFE,
    )  # fmt: skip


def mail_setup_link(ground: Ground, user: str) -> list[Delta]:
    """Return the deltas that mail `user` a set-up link; none if they need none or have a good one already."""
    if has_password(ground.view, user) or any(link["expires_at"] > ground.now for link in _links(ground, user)):
        return []
    return _mailed(ground, user)


def mail_setup_link_again(ground: Ground, user: str) -> list[Delta]:
    """Return the deltas that mail `user` one more set-up link; none where there were enough within the hour."""
    of_the_hour = [link for link in _links(ground, user) if link["expires_at"] > ground.now + _LIFE - HOUR]
    return [] if len(of_the_hour) >= MOST else _mailed(ground, user)


def _links(ground: Ground, user: str) -> list[Row]:
    return [row for row in ground.view.find("tokens", user_id=user) if row["invitation_id"] is None]


def _mailed(ground: Ground, user: str) -> list[Delta]:
    token, made = setup_link(ground, user)
    return [made, mail(ground, user, SETUP, token.sealed)]


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


def used(ground: Ground, link: Row) -> list[Delta]:
    """Return the deltas after which neither `link` nor any other set-up link of its account works, sent or not."""
    user = link["user_id"]
    links = {link["hash"], *(row["hash"] for row in _links(ground, user))}
    waiting = [row["id"] for row in ground.view.find("outbox", user_id=user) if row["kind"] == SETUP]
    return [*(drop("tokens", key) for key in sorted(links)), *(drop("outbox", message) for message in waiting)]

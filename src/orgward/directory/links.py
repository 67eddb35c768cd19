"""Links that somebody with an account is mailed: to choose another password, to prove another address.

A link works once, and for an hour. Only so many to one address are good at once, so that nobody's mailbox can be
filled in their name.
"""

from collections.abc import Sequence
from typing import Final

from orgward.directory.ground import Ground, Row, View, drop, put
from orgward.directory.names import username_key
from orgward.directory.outbox import RESET, VERIFY, mail
from orgward.kernel.delta import Delta
from orgward.kernel.errors import NotFoundError

_KINDS: Final = frozenset({RESET, VERIFY})

MOST: Final = 3
"""How many links of one kind to one address are good at once, which is how many are mailed within an hour."""

HOUR: Final = 3_600_000
"""How long a link works, in milliseconds."""


def mail_link(ground: Ground, user: str, kind: str, address: str) -> list[Delta]:
    """Return the deltas that mail a link to `address`; none where there were enough within the hour."""
    key = username_key(address)
    if is_enough(ground.view.find("links", address_key=key), kind, ground.now):
        return []
    token = ground.mint.token()
    made = put(
        "links", token.hash, hash=token.hash, user_id=user, kind=kind, address=address, address_key=key,
        expires_at=ground.now + HOUR, salt=ground.mint.salt(),
    )  # fmt: skip
    return [made, mail(ground, user, kind, ground.mint.sealed(f"{token.token} {address}"))]


def is_enough(links: Sequence[Row], kind: str, now: int) -> bool:
    """Say whether as many of `links` as may be are of this kind and still work."""
    return len([row for row in links if row["kind"] == kind and row["expires_at"] > now]) >= MOST


def link_of(view: View, kind: str, token_hash: str, now: int) -> Row:
    """Return the row of a link of this kind that still works; every other one looks like a made-up one."""
    row = view.get("links", token_hash)
    if row is None or row["kind"] != kind or row["expires_at"] <= now:
        raise NotFoundError("TOKEN_NOT_FOUND")
    return row


def forgotten(view: View, user: str) -> list[Delta]:
    """Return the deltas that make every link of `user` worthless, sent or not."""
    links = [drop("links", row["hash"]) for row in view.find("links", user_id=user)]
    return links + [drop("outbox", row["id"]) for row in view.find("outbox", user_id=user) if row["kind"] in _KINDS]


def without_address(view: View, address: str, *, but: str | None = None) -> list[Delta]:
    """Return the deltas after which no link of anybody `but` one person names `address`, which is to be forgotten."""
    users = {row["user_id"] for row in view.find("links", address_key=username_key(address))}
    return [delta for user in sorted(users - {but}) for delta in forgotten(view, user)]

"""Another address for an account: asked for, and proven by a link that was mailed to it (ASVS 6.3.7, 6.3.8).

Whoever asks can't tell whether somebody has the address already: only who reads its mail finds that out.
"""

from orgward.directory import links
from orgward.directory.accounts import without_memberships, without_person
from orgward.directory.ground import Change, Ground, Row, put
from orgward.directory.invitation_parts import parts_of
from orgward.directory.invitations import PENDING, announce, end, is_open
from orgward.directory.names import username, username_key
from orgward.directory.outbox import ADDRESS_ASKED, ADDRESS_CHANGED, VERIFY, mail_to_nobody, notice
from orgward.directory.people import has_account, user_of
from orgward.kernel.delta import Delta
from orgward.kernel.errors import RefusedError


def ask(ground: Ground, address: str) -> Change:
    """Mail a link to the address that the caller wants, and tell the one that they have."""
    user, wanted = ground.principal.id, username(address)
    if links.is_enough(ground.view.find("links", user_id=user, kind=VERIFY), VERIFY, ground.now):
        raise RefusedError("RATE_LIMITED", "changes of address", str(links.MOST), "60")
    mailed = links.mail_link(ground, user, VERIFY, wanted) or [mail_to_nobody(ground)]
    return Change([*mailed, notice(ground, user, ADDRESS_ASKED)], target=user)


def verify(ground: Ground, token_hash: str) -> Change:
    """Give the account that asked for it the address that the link was mailed to, if no other account has it."""
    link = links.link_of(ground.view, VERIFY, token_hash, ground.now)
    user, address = str(link["user_id"]), str(link["address"])
    holder = user_of(ground.view, address)
    if holder not in {None, user} and has_account(ground.view, holder or ""):
        raise RefusedError("ADDRESS_IN_USE")
    person, row = ground.view.get("person_data", user) or {}, ground.view.get("users", user) or {}
    deltas = [] if holder in {None, user} else _taken_over(ground, holder or "", user)
    deltas += [
        put("person_data", user, **{**person, "username": address, "username_key": username_key(address)}),
        put("users", user, **{**row, "proven_at": ground.now}),
        *links.forgotten(ground.view, user),
        notice(ground, user, ADDRESS_CHANGED, address=person["username"]),
    ]
    return Change(deltas, target=user)


def _taken_over(ground: Ground, invited: str, user: str) -> list[Delta]:
    """Return the deltas that hand `user` the open invitations of somebody who was known by the address alone.

    Whoever reads the mail of the address could have accepted them with an account of its own; nothing else was ever
    known of that somebody.
    """
    rows = ground.view.find("invitations", user_id=invited, state=PENDING)
    deltas = [*without_memberships(ground, invited), *without_person(ground, invited)]
    for row in rows:
        if is_open(row, ground.now):
            deltas += _handed_over(ground, row, user)
    return deltas


def _handed_over(ground: Ground, invitation: Row, user: str) -> list[Delta]:
    """Return the deltas that make `invitation` one of `user`; where they have an open one like it, that one stands."""
    same = [
        row for row in ground.view.find("invitations", org_id=invitation["org_id"], user_id=user)
        if row["project_id"] == invitation["project_id"] and row["state"] == PENDING
    ]  # fmt: skip
    if any(is_open(row, ground.now) for row in same):
        return []
    given = {**invitation, "user_id": user}
    over = [delta for row in same for delta in end(ground, row, "cancelled")]
    return [*over, put("invitations", given["id"], **given), *announce(ground, given, parts_of(given))]

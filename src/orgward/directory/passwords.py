"""Passwords: chosen anew by a mailed link, or changed by whoever knows the one before (ASVS 6.3.7, 6.3.8, 7.4.3)."""

from orgward.directory import links, sessions
from orgward.directory.credentials import has_password, with_password
from orgward.directory.ground import Change, Ground, View
from orgward.directory.outbox import PASSWORD_CHANGED, RESET, mail_to_nobody, notice
from orgward.directory.people import user_of, username_of
from orgward.directory.setup_links import mail_setup_link_again
from orgward.kernel.delta import Delta


def request_reset(ground: Ground, address: str) -> Change:
    """Mail a link to `address` if it is that of an account, and seem to do so if it is not.

    Whoever asks can't tell the two apart: each leaves one row in the log and one message in the outbox.
    """
    user = user_of(ground.view, address)
    mailed = [] if user is None or not _is_proven(ground.view, user) else _mailed(ground, user)
    return Change(mailed or [mail_to_nobody(ground)], target=user if mailed else None)


def _is_proven(view: View, user: str) -> bool:
    row = view.get("users", user)
    return row is not None and row["account_at"] is not None and row["proven_at"] is not None


def _mailed(ground: Ground, user: str) -> list[Delta]:
    if not has_password(ground.view, user):
        return mail_setup_link_again(ground, user)
    return links.mail_link(ground, user, RESET, username_of(ground.view, user))


def reset(ground: Ground, token_hash: str, password_hash: str) -> Change:
    """Give the account whose link it is another password; every session ends, and none begins.

    A second factor stays as it is: whoever reads somebody's mail does not get past it.
    """
    user = str(links.link_of(ground.view, RESET, token_hash, ground.now)["user_id"])
    return Change([*_changed(ground, user, password_hash), *sessions.all_ended(ground.view, user)], target=user)


def change(ground: Ground, proven_against: str, password_hash: str) -> Change:
    """Give the caller another password in place of the one with the hash `proven_against`; other sessions end."""
    user, mine = ground.principal.id, ground.principal.proof
    proven = sessions.prove(ground, proven_against)
    others = sessions.all_ended(ground.view, user, but=mine)
    deltas = [*_changed(ground, user, password_hash), *others, *proven.deltas]
    return Change(deltas, proven.body, target=user, secret=proven.secret)


def _changed(ground: Ground, user: str, password_hash: str) -> list[Delta]:
    """Return the deltas of another password: whatever was mailed before is worthless, and the owner is told."""
    return [
        with_password(ground, user, password_hash),
        *links.forgotten(ground.view, user),
        notice(ground, user, PASSWORD_CHANGED),
    ]

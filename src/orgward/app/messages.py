"""The words of every message that is mailed: plain text, in English."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTPUTF8
from typing import Final

from orgward.directory.invitation_parts import parts_of
from orgward.directory.invitations import is_open
from orgward.directory.outbox import (
    ADDRESS_ASKED,
    ADDRESS_CHANGED,
    FACTOR_ADDED,
    FACTOR_REMOVED,
    FACTORS_RESET,
    IDENTITY_LINKED,
    IDENTITY_UNLINKED,
    INVITATION,
    PASSWORD_CHANGED,
    RESET,
    SETUP,
    VERIFY,
)
from orgward.directory.people import has_account
from orgward.store.view import Row, SqlView

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

_SETUP: Final = """\
An account was made for you on Orgward, where organizations keep who may do what.

Choose a password:

  {link}

The link works once. If you did not expect this message, you can ignore it.
"""
_INVITATION: Final = """\
{inviter} invites you to the organization {organization} on Orgward.

You would get:
{roles}

{how}

  {link}

The invitation is open until {until}. If you did not expect it, you can ignore it.
"""
_RESET: Final = """\
Somebody asked for a new password for your account on Orgward.

Choose one:

  {link}

The link works once, within an hour. Every session of yours ends with the new password.

If it was not you, you can ignore this message: your password stays as it is.
"""
_VERIFY: Final = """\
Whoever is signed in to Orgward as {username} wants to use this address instead.

If that is you, confirm it:

  {link}

The link works once, within an hour. If it is not you, don't open it, and ignore this message: the account of
somebody else would have your address.
"""
_ANOTHER: Final = """\
The password of your account on Orgward was changed, and your other sessions have ended.

If it was not you, choose another one at once:

  {link}
"""
_ADDRESS_ASKED: Final = """\
Somebody who is signed in with your account on Orgward asked for another address. It counts once it is confirmed by a
link that was mailed there.

If it was not you, choose another password at once, which makes that link worthless:

  {link}
"""
_ADDRESS_CHANGED: Final = """\
Your account on Orgward has another address now, and this one is not used any more.

If it was not you, tell an owner of your organization or whoever runs this server: you can't sign in with this address.
"""
_FACTOR_ADDED: Final = """\
A second factor was added to your account on Orgward. From now on you are asked for one when you sign in.

If it was not you, choose another password at once, and then remove it:

  {link}
"""
_FACTOR_REMOVED: Final = """\
A second factor was removed from your account on Orgward.

If it was not you, choose another password at once:

  {link}
"""
_FACTORS_RESET: Final = """\
Whoever runs this server has taken every second factor from your account on Orgward: authenticator apps, passkeys and
recovery codes. All your sessions have ended. Sign in with your password and enrol a second factor again.

If you did not ask for this, choose another password at once, and tell whoever runs this server:

  {link}
"""
_IDENTITY_LINKED: Final = """\
An identity provider was linked to your account on Orgward. Whoever signs in there as you is signed in to your account.

If it was not you, choose another password at once, and then unlink it:

  {link}
"""
_IDENTITY_UNLINKED: Final = """\
An identity provider was unlinked from your account on Orgward. Signing in there does not lead to it any more, and
roles that followed from groups there have ended.

If it was not you, choose another password at once:

  {link}
"""
_OF_ACCOUNTS: Final = {
    SETUP: ("Your account on Orgward", _SETUP),
    RESET: ("A new password for Orgward", _RESET),
    VERIFY: ("Confirm your address for Orgward", _VERIFY),
    PASSWORD_CHANGED: ("Your password was changed", _ANOTHER),
    ADDRESS_ASKED: ("Another address was asked for", _ADDRESS_ASKED),
    ADDRESS_CHANGED: ("Your address was changed", _ADDRESS_CHANGED),
    FACTOR_ADDED: ("A second factor was added", _FACTOR_ADDED),
    FACTOR_REMOVED: ("A second factor was removed", _FACTOR_REMOVED),
    IDENTITY_LINKED: ("An identity provider was linked", _IDENTITY_LINKED),
    IDENTITY_UNLINKED: ("An identity provider was unlinked", _IDENTITY_UNLINKED),
    FACTORS_RESET: ("Your second factors were taken away", _FACTORS_RESET),
}
"""Subject and words by the kind of the message."""

_NEW: Final = "Set up your account, then accept the invitation there. The link works once:"
_KNOWN: Final = "You have an account: sign in and accept the invitation there:"


def at(millis: int) -> datetime:
    """Return the instant `millis` in UTC."""
    return _EPOCH + timedelta(milliseconds=millis)


@dataclass(frozen=True, slots=True)
class Letter:
    """What somebody is to read: at which address, about what, in which words."""

    to: str
    subject: str
    text: str


def letter_of(view: SqlView, row: Row, link: str, now: int) -> Letter | None:
    """Return the letter of the outbox's `row`; None if nobody is to get it any more."""
    person = view.get("person_data", row["user_id"])
    if person is None:
        return None
    username = str(person["username"])
    if row["kind"] == INVITATION:
        return _invitation(view, row, username, link, now)
    subject, text = _OF_ACCOUNTS[row["kind"]]
    return Letter(username, subject, text.format(link=link, username=username))


def _invitation(view: SqlView, row: Row, to: str, link: str, now: int) -> Letter | None:
    invitation = view.get("invitations", row["subject_id"])
    organization = view.get("organizations", invitation["org_id"]) if invitation is not None else None
    if invitation is None or organization is None or not is_open(invitation, now):
        return None
    text = _INVITATION.format(
        inviter=_inviter(view, invitation),
        organization=organization["name"],
        roles=_roles(view, invitation),
        how=_KNOWN if has_account(view, row["user_id"]) else _NEW,
        link=link,
        until=f"{at(invitation['expires_at']):%Y-%m-%d %H:%M} UTC",
    )
    return Letter(to, f"Invitation to {organization['name']}", text)


def _inviter(view: SqlView, invitation: Row) -> str:
    person = view.get("person_data", invitation["inviter_id"])
    return "Somebody" if person is None else str(person["username"])


def _roles(view: SqlView, invitation: Row) -> str:
    lines = []
    for part in (part for part in parts_of(invitation) if part.roles):
        project = view.get("projects", part.id) if part.scope == "project" else None
        place = "in the organization" if project is None else f"in the project {project['name']}"
        lines.append(f"- {', '.join(part.roles)} {place}")
    return "\n".join(lines)


def message_of(row: Row, letter: Letter, sender: Address) -> EmailMessage:
    """Return the message; ValueError if what would be sent has other headers than were given."""
    local, _, domain = letter.to.rpartition("@")
    message = EmailMessage(policy=SMTPUTF8)
    message["From"] = sender
    message["To"] = Address(username=local, domain=domain)
    message["Subject"] = letter.subject
    message["Date"] = at(row["created_at"])
    message["Message-ID"] = f"<{row['id']}@{sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text, cte="8bit")  # no soft line breaks: a link stays in one piece
    if message_from_bytes(message.as_bytes()).keys() != message.keys():
        fault = "a line break came into a header"
        raise ValueError(fault)
    return message

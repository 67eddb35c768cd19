"""The words of every message that is mailed: plain text, in English."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTPUTF8
from typing import Final

from orgward.directory.accounts import SETUP
from orgward.directory.invitation_parts import parts_of
from orgward.directory.invitations import is_open
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
_NEW: Final = "Set up your account, then accept the invitation there. The link works once:"
_KNOWN: Final = "You have an account: sign in and accept the invitation there:"


def at(millis: int) -> datetime:
    """Return the instant `millis` in UTC."""
    return _EPOCH + timedelta(milliseconds=millis)


def compose(view: SqlView, row: Row, link: str, sender: Address, now: int) -> EmailMessage | None:
    """Return the message of the outbox's `row`; None if nobody is to get it any more."""
    person = view.get("person_data", row["user_id"])
    if person is None:
        return None
    if row["kind"] == SETUP:
        return message_to(row, person, sender, "Your account on Orgward", _SETUP.format(link=link))
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
    return message_to(row, person, sender, f"Invitation to {organization['name']}", text)


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


def message_to(row: Row, person: Row, sender: Address, subject: str, text: str) -> EmailMessage:
    """Return the message; ValueError if what would be sent has other headers than were given."""
    local, _, domain = person["username"].rpartition("@")
    message = EmailMessage(policy=SMTPUTF8)
    message["From"] = sender
    message["To"] = Address(username=local, domain=domain)
    message["Subject"] = subject
    message["Date"] = at(row["created_at"])
    message["Message-ID"] = f"<{row['id']}@{sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text, cte="8bit")  # no soft line breaks: a link stays in one piece
    if message_from_bytes(message.as_bytes()).keys() != message.keys():
        fault = "a line break came into a header"
        raise ValueError(fault)
    return message

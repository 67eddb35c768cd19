"""What a world has mailed, read from the files that it is written to."""

import re
from email import message_from_string
from email.policy import SMTPUTF8

from orgward.app.mail import Dispatcher, MailSettings

URL = "https://orgward.test"
_LINK = re.compile(r"https://orgward\.test/(setup|reset|verify)/(\S+)")


def deliver(world):
    """Send what waits and return every message written so far, the oldest first."""
    folder = world.store.path.parent
    Dispatcher(world.door, MailSettings.of({}, folder, URL)).send_waiting()
    return [
        message_from_string(path.read_text("utf-8"), policy=SMTPUTF8)
        for path in sorted((folder / "mail").glob("*.eml"))
    ]


def mailed_to(world, address):
    """Return the messages that were mailed to `address`, the oldest first."""
    return [message for message in deliver(world) if message["To"].addresses[0].addr_spec == address]


def links_to(world, address, page="setup"):
    """Return the tokens of the links to `page` that were mailed to `address`, the oldest first."""
    found = [_LINK.search(message.get_content()) for message in mailed_to(world, address)]
    return [match[2] for match in found if match and match[1] == page]

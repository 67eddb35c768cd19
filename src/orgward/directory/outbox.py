"""The outbox: what waits to be mailed to whom; the words stand elsewhere.

What only the reader of a message may know waits sealed: the token of its link, and where it goes if not to the
address of the account.
"""

from typing import Final

from orgward.directory.ground import Ground, put
from orgward.kernel.delta import Delta

INVITATION: Final = "invitation"
SETUP: Final = "setup"
"""The kind of the message that carries a set-up link."""
RESET: Final = "reset"
VERIFY: Final = "verify"
PASSWORD_CHANGED: Final = "password_changed"  # noqa: S105 - the kind of a message
ADDRESS_ASKED: Final = "address_asked"
ADDRESS_CHANGED: Final = "address_changed"
FACTOR_ADDED: Final = "factor_added"
FACTOR_REMOVED: Final = "factor_removed"
FACTORS_RESET: Final = "factors_reset"
IDENTITY_LINKED: Final = "identity_linked"
IDENTITY_UNLINKED: Final = "identity_unlinked"
NOTHING: Final = "nothing"
"""The kind of what is taken out of the outbox without being sent."""


def mail(ground: Ground, user: str, kind: str, sealed: str, *, subject: str | None = None) -> Delta:
    """Return the delta that puts a message to `user` into the outbox."""
    message_id = ground.mint.id()
    return put(
        "outbox", message_id, id=message_id, user_id=user, kind=kind, subject_id=subject, sealed_token=sealed,
        created_at=ground.now, salt=ground.mint.salt(),
    )  # fmt: skip


def notice(ground: Ground, user: str, kind: str, *, address: str = "") -> Delta:
    """Return the delta that tells `user` what happened to their account, at another `address` if one is given."""
    return mail(ground, user, kind, ground.mint.sealed(f" {address}") if address else "")


def mail_to_nobody(ground: Ground) -> Delta:
    """Return the delta of a message that leaves the outbox unsent: as much work as one that is, and as visible."""
    return mail(ground, ground.mint.id(), NOTHING, ground.mint.token().sealed)

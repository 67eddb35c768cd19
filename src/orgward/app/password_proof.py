"""What proves that somebody knows the password of an account, and how often it may be tried."""

from dataclasses import dataclass

import structlog

from orgward.app.attempts import address_bucket
from orgward.app.execute import Call, Door
from orgward.app.passwords import matches
from orgward.directory.credentials import password_of
from orgward.directory.names import username_key
from orgward.directory.people import user_of

_LONGEST: int = 320

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Proven:
    """Whose password was shown, and the hash that it fits: the command sees to it that it still is the one."""

    user: str
    secret: str


def proven_by_password(door: Door, call: Call, username: str, password: str) -> Proven | None:
    """Return who proves with `password` to be `username`, None if nobody does.

    An unknown address costs as much as a wrong password, and counts as a failure like one.
    """
    who = (username_key(username[:_LONGEST]), address_bucket(call.address))
    door.failures.check(who)
    view = door.store.view
    user = user_of(view, username)
    secret = None if user is None else password_of(view, user)
    if not matches(password, secret) or user is None or secret is None:
        door.failures.count(who)
        # Not what was typed: where an address belongs people type passwords, too.
        _log.warning("password_refused", user=user or "", address=call.address, request_id=call.request_id)
        return None
    door.failures.forget(who)
    return Proven(user, secret)

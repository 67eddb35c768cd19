"""The hourly job that forgets what is over: answers, links, marks, drafts and sessions that count no more.

A cancelled invitation, which looks unknown to everybody, is over when it would have been: the log keeps what it was.

Nothing that is over works any longer, whether or not it is still there; it is forgotten so that the store does not
grow, a thousand rows a command, so that no other command waits for long.
"""

from collections.abc import Callable, Mapping
from typing import Final

from orgward.app.execute import Call, Context, Door
from orgward.app.key_use import SERVER
from orgward.app.operation import Operation, OperatorOnly, declare
from orgward.app.targets import Nowhere
from orgward.directory.ground import Row, View, drop
from orgward.directory.sessions import ended
from orgward.kernel.delta import Delta
from orgward.store.reads.expired import expired
from orgward.store.writer import Outcome

_AT_ONCE: Final = 1_000

Forget = Callable[[View, Row], list[Delta]]


def _by(table: str, *key: str) -> Forget:
    return lambda _, row: [drop(table, *(row[column] for column in key))]


_FORGOTTEN: Final[Mapping[str, Forget]] = {
    "replies": _by("replies", "principal_id", "key"),
    "links": _by("links", "hash"),
    "used_once": _by("used_once", "hash"),
    "drafts": _by("drafts", "id"),
    "sessions": ended,
    "device_grants": _by("device_grants", "hash"),
    "invitations": _by("invitations", "id"),
}
"""How a row is forgotten whose `expires_at` is past, by its table."""


def _forget(context: Context) -> Outcome:
    table: str = context.call.body
    rows = expired(context.view, table, context.now, _AT_ONCE)
    return Outcome([delta for row in rows for delta in _FORGOTTEN[table](context.view, row)], {table: len(rows)})


FORGET: Final = declare(
    Operation(id="forgetExpired", requires=OperatorOnly(), on=Nowhere(), inner=None, writes=True, run=_forget)
)
"""The job that forgets what is over in the table that the body names."""


def forget_expired(door: Door) -> int:
    """Forget whatever is over, and return how many rows that were."""
    return sum(_forget_all(door, table) for table in _FORGOTTEN)


def _forget_all(door: Door, table: str) -> int:
    forgotten = 0
    while rows := len(expired(door.store.view, table, door.store.clock(), _AT_ONCE)):
        door.write(Call(FORGET, SERVER, body=table)).result()
        forgotten += rows
    return forgotten

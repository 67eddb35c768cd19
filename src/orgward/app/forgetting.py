"""Jobs that forget what is over: kept answers after their day (contract.md, Idempotency-Key)."""

from typing import Final

from orgward.app.execute import Call, Context, Door
from orgward.app.key_use import SERVER
from orgward.app.operation import Operation, OperatorOnly, declare
from orgward.app.targets import Nowhere
from orgward.directory.ground import drop
from orgward.store.reads.replies import expired_replies
from orgward.store.writer import Outcome

_AT_ONCE: Final = 1_000


def _forget(context: Context) -> Outcome:
    rows = expired_replies(context.view, context.now, _AT_ONCE)
    return Outcome([drop("replies", row["principal_id"], row["key"]) for row in rows], {"replies": len(rows)})


FORGET_REPLIES: Final = declare(
    Operation(id="forgetReplies", requires=OperatorOnly(), on=Nowhere(), inner=None, writes=True, run=_forget)
)
"""The job that forgets kept answers."""


def forget_replies(door: Door) -> int:
    """Forget every kept answer that is over, and return how many there were."""
    forgotten = 0
    while rows := len(expired_replies(door.store.view, door.store.clock(), _AT_ONCE)):
        door.write(Call(FORGET_REPLIES, SERVER)).result()
        forgotten += rows
    return forgotten

"""Actions of rows and selections: they lead to their check, which says in place what would be refused."""

from collections.abc import Sequence

from orgward.console.changing.calls import ApiCall
from orgward.console.changing.summary import Summary
from orgward.console.frame.declaration import Goto, Plan
from orgward.console.frame.page import Posted
from orgward.kernel.errors import DeniedError, GateError, NotFoundError


def offered(posted: Posted, calls: Sequence[ApiCall], summary: Summary) -> Plan:
    """Return the plan that leads to the check of `calls`, also of such as are refused there.

    Where the right to all of them is missing, that is raised: what they are about is told to nobody who lacks it.
    """
    if not calls:
        return Plan(then=Goto(url=summary.back))
    errors = posted.rehearse(calls).errors
    missing = [error for error in errors if isinstance(error, DeniedError | GateError | NotFoundError)]
    if len(missing) == len(calls):
        raise missing[0]
    return Plan(calls=calls, summary=summary, then=Goto(url=summary.then))

"""What every caller of a rule shares: the ground it stands on, and its change as the writer's outcome."""

from collections.abc import Callable
from typing import Any

from orgward.app.execute import Context
from orgward.directory.ground import Change, Ground
from orgward.store.view import SqlView
from orgward.store.writer import Outcome


def ground_of(context: Context) -> Ground:
    """Return what a rule stands on in this call."""
    return Ground(context.authorized, context.view, context.facts, context.now, context.mint, context.limits)


def outcome_of(change: Change, reply: Callable[[SqlView], Any] | None = None) -> Outcome:
    """Return the writer's outcome of `change`; `reply` reads the answer from the rows that it leaves."""
    return Outcome(change.deltas, change.body, reply, change.org_id, change.target)

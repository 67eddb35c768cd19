"""Faults that an engine like this one could have, planted one at a time.

Each is a context manager under which the engine is wrong in one way; the comparison with the reference model
has to notice every one of them.
"""
# ruff: noqa: SLF001 - a fault sits where the engine keeps what it knows

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from unittest.mock import patch

from orgward.catalog import Scope
from orgward.engine import compile as compiling
from orgward.engine import decide, layer, packing
from orgward.engine.compile import NOTHING, Access, Edge, Row
from orgward.engine.facts import ACTIVE, Facts, Grants
from orgward.engine.layer import Layer
from orgward.engine.snapshot import Snapshot
from orgward.kernel.delta import Delta

Fault = Callable[[], AbstractContextManager[object]]


@contextmanager
def replaced(name: str, wrong: object, *places: Any) -> Iterator[None]:
    """Put `wrong` in the place of `name` in every one of `places`."""
    patches = [patch.object(place, name, wrong) for place in places]
    for each in patches:
        each.start()
    try:
        yield
    finally:
        for each in patches:
            each.stop()


def forgotten_teams() -> AbstractContextManager[object]:
    """Roles of teams do not reach their members."""
    right = compiling.effective_edges

    def wrong(facts: Facts, principal: str) -> Iterator[Edge]:
        return (edge for edge in right(facts, principal) if edge.team is None)

    return replaced("effective_edges", wrong, compiling, decide)


def forgotten_reach() -> AbstractContextManager[object]:
    """Organization roles do not reach into projects."""
    right = compiling.access_of

    def wrong(edition: str, scope: Scope, roles: tuple[tuple[str, bool], ...]) -> Access:
        return right(edition, scope, roles)._replace(reach=NOTHING)

    return replaced("access_of", wrong, compiling, packing, layer)


def lesser_role_wins() -> AbstractContextManager[object]:
    """An owner who is also on a project with a lesser role has that role only there."""
    right = compiling.compile_row

    def wrong(facts: Facts, principal: str, now: int) -> Row:
        row = right(facts, principal, now)
        with forgotten_reach():
            row.allowed = right(facts, principal, now).allowed
        return row

    return replaced("compile_row", wrong, layer)


def forgotten_end() -> AbstractContextManager[object]:
    """Assignments go on after their end."""

    def wrong(grants: Grants, now: int) -> tuple[tuple[str, bool], ...]:
        return tuple((grant.role, grant.added_by_owner) for grant in grants if grant.starts <= now)

    return replaced("in_force", wrong, compiling, layer)


def forgotten_start() -> AbstractContextManager[object]:
    """Assignments hold before their start."""

    def wrong(grants: Grants, now: int) -> tuple[tuple[str, bool], ...]:
        return tuple((grant.role, grant.added_by_owner) for grant in grants if now < grant.ends)

    return replaced("in_force", wrong, compiling, layer)


def _ignored_state(state: str) -> AbstractContextManager[object]:
    right = Layer.state

    def wrong(facts: Layer, org: str, user: str) -> str:
        found = right(facts, org, user)
        return ACTIVE if found == state else found

    return replaced("state", wrong, Layer)


def suspended_counts() -> AbstractContextManager[object]:
    """A suspended member goes on as before."""
    return _ignored_state("suspended")


def pending_counts() -> AbstractContextManager[object]:
    """Whoever is invited is in already."""
    return _ignored_state("pending")


def other_organizations() -> AbstractContextManager[object]:
    """Keys and teams count in every organization."""

    def wrong(facts: Facts, holder: str, org: str) -> bool:
        return facts.state(org, holder) == ACTIVE

    return replaced("usable", wrong, compiling, decide)


def last_role_wins() -> AbstractContextManager[object]:
    """Of several roles on one scope only the last counts."""
    right = compiling.access_of

    def wrong(edition: str, scope: Scope, roles: tuple[tuple[str, bool], ...]) -> Access:
        return right(edition, scope, roles[-1:])

    return replaced("access_of", wrong, compiling, packing, layer)


def stale_reverse_index() -> AbstractContextManager[object]:
    """What changes is not entered where holders are looked up."""
    right = Layer._fold_one

    def wrong(facts: Layer, delta: Delta) -> None:
        before = {reached: dict(holders) for reached, holders in facts._holders.items()}
        right(facts, delta)
        facts._holders = before

    return replaced("_fold_one", wrong, Layer)


def stale_rows() -> AbstractContextManager[object]:
    """What is remembered of a principal outlives a change of its roles."""
    return replaced("_forget", lambda *_: None, Layer)


def stale_arrays() -> AbstractContextManager[object]:
    """The arrays go on answering for principals that a change concerns."""
    return replaced("fold", Layer.fold, Snapshot)


def ignored_condition() -> AbstractContextManager[object]:
    """What only those have whom an owner added, everybody with the role has."""
    right = compiling.access_of

    def wrong(edition: str, scope: Scope, roles: tuple[tuple[str, bool], ...]) -> Access:
        return right(edition, scope, tuple((role, True) for role, _ in roles))

    return replaced("access_of", wrong, compiling, packing, layer)


def _ignored_removals(table: str) -> AbstractContextManager[object]:
    right = Layer._fold_one

    def wrong(facts: Layer, delta: Delta) -> None:
        if delta.table != table or delta.row is not None:
            right(facts, delta)

    return replaced("_fold_one", wrong, Layer)


def kept_team() -> AbstractContextManager[object]:
    """Whoever is taken out of a team keeps its roles."""
    return _ignored_removals("team_members")


def kept_role() -> AbstractContextManager[object]:
    """A role that is taken away stays."""
    return _ignored_removals("assignments")


FAULTS: Mapping[str, Fault] = {
    fault.__name__: fault
    for fault in (
        forgotten_teams,
        forgotten_reach,
        lesser_role_wins,
        forgotten_end,
        forgotten_start,
        suspended_counts,
        pending_counts,
        other_organizations,
        last_role_wins,
        stale_reverse_index,
        kept_team,
        kept_role,
        stale_rows,
        stale_arrays,
        ignored_condition,
    )
}

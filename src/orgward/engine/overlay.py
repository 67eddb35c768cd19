"""What-if: the difference that some deltas make to who may do what."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from orgward.engine.compile import effective_edges
from orgward.engine.layer import Layer
from orgward.kernel.instants import FOREVER


class Change(NamedTuple):
    """A privilege that `principal` has on `resource` on one side of a change only."""

    principal: str
    resource: str
    privilege: str


def gained(before: Layer, after: Layer, principals: Iterable[str], now: int) -> Iterator[Change]:
    """Yield what `principals` hold in `after` and not in `before`; with the sides swapped, what they lose."""
    for principal in principals:
        for resource, allowed in everything(after, principal, now):
            for privilege in sorted(allowed):
                if not before.check(principal, privilege, resource, now):
                    yield Change(principal, resource, privilege)


def everything(facts: Layer, principal: str, now: int) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield each resource that `principal` has privileges on, reach into projects expanded."""
    row = facts.row(principal, now)
    yield from row.allowed.items()
    for org, reach in row.reach.items():
        for project in facts.projects_in(org):
            if project not in row.allowed:
                yield project, reach


def gains_anything(before: Layer, after: Layer, principal: str, now: int) -> bool:
    """Say whether `principal` would hold a privilege anywhere, now or later, that it does not hold before.

    Looking at every bound ahead keeps a role that starts tomorrow from slipping through (contract.md, Self-change).
    """
    instants = {now} | {i for facts in (before, after) for i in bounds_ahead(facts, principal, now)}
    return any(next(gained(before, after, [principal], instant), None) for instant in sorted(instants))


def bounds_ahead(facts: Layer, principal: str, now: int) -> Iterator[int]:
    """Yield every start and end after `now` among the grants that reach `principal`."""
    for edge in effective_edges(facts, principal):
        for grant in edge.grants:
            yield from (bound for bound in (grant.starts, grant.ends) if now < bound < FOREVER)

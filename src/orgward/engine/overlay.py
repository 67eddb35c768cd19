"""What-if: the difference that some deltas make to who may do what."""

from collections.abc import Iterable, Iterator
from operator import attrgetter
from typing import NamedTuple

from orgward.engine.compile import NOTHING, Row, access_of, effective_edges
from orgward.engine.facts import ATTRIBUTES
from orgward.engine.layer import Layer
from orgward.kernel.delta import Delta


class Change(NamedTuple):
    """A privilege that `principal` has on `resource` on one side of a change only."""

    principal: str
    resource: str
    privilege: str


class Span(NamedTuple):
    """What one grant allows on a resource, from when until when."""

    starts: int
    ends: int
    allowed: frozenset[str]


def gained(before: Layer, after: Layer, principals: Iterable[str], now: int) -> Iterator[Change]:
    """Yield what `principals` hold in `after` and not in `before`; with the sides swapped, what they lose."""
    for principal in principals:
        row = before.row(principal, now)
        for resource, allowed in everything(after, principal, now):
            # As sets: an owner has a hundred privileges on each of many projects, and all but a few are held before.
            for privilege in sorted(allowed - held(before, row, resource)):
                yield Change(principal, resource, privilege)


def held(facts: Layer, row: Row, resource: str) -> frozenset[str]:
    """Return what the principal of `row` may do on `resource`."""
    allowed = row.allowed.get(resource)
    if allowed is not None:
        return allowed
    return row.reach.get(facts.attribute("projects", resource) or "", NOTHING)


def everything(facts: Layer, principal: str, now: int) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield each resource that `principal` has privileges on, reach into projects expanded."""
    row = facts.row(principal, now)
    yield from row.allowed.items()
    for org, reach in row.reach.items():
        for project in facts.projects_in(org):
            if project not in row.allowed:
                yield project, reach


def affected(before: Layer, after: Layer, deltas: Iterable[Delta]) -> list[str]:
    """Return the users and keys whose privileges `deltas` may change, sorted; nobody else's are other `after`."""
    found: set[str] = set()
    for delta in deltas:
        for facts in (before, after):
            found.update(_touched(facts, delta, moves=_moves(before, after, delta)))
    return sorted(p for p in found if not any(f.attribute("teams", p) is not None for f in (before, after)))


def _moves(before: Layer, after: Layer, delta: Delta) -> bool:
    """Say whether what the delta is about appears, disappears, or belongs somewhere else."""
    return delta.table in ATTRIBUTES and before.attribute(delta.table, delta.key[0]) != after.attribute(
        delta.table, delta.key[0]
    )


def _touched(facts: Layer, delta: Delta, *, moves: bool) -> Iterator[str]:
    if delta.table in {"assignments", "team_members"}:
        yield from _themselves(facts, delta.key[0])
    elif delta.table == "members":
        yield delta.key[1]
    elif delta.table == "service_accounts" or (delta.table in {"api_keys", "teams"} and moves):
        yield from _themselves(facts, delta.key[0])
    elif delta.table in {"projects", "organizations"} and moves:
        for scope in (delta.key[0], facts.attribute("projects", delta.key[0])):
            for _, holders in facts.runs(scope or ""):
                for holder in holders:
                    yield from _themselves(facts, holder)


def _themselves(facts: Layer, holder: str) -> Iterator[str]:
    """Yield `holder`, and who is in it if it is a team."""
    yield holder
    if facts.attribute("teams", holder) is not None:
        for _, members in facts.runs(holder):
            yield from members


def gains_anything(before: Layer, after: Layer, principal: str, now: int) -> bool:
    """Say whether `principal` would hold a privilege anywhere, now or later, that it does not hold before.

    Looking at whole spans of time keeps a role that starts tomorrow from slipping through (contract.md, Self-change).
    Looking at each bound in turn would cost the square of how many there are, and anybody can set thousands.
    """
    had, has = _spans(before, principal), _spans(after, principal)
    return any(
        not _is_covered(span, held, now)
        for resource, spans in has.items()
        for held in [had.get(resource, set())]
        for span in spans - held
    )


def _spans(facts: Layer, principal: str) -> dict[str, set[Span]]:
    """Return by resource what each grant allows there from when until when, reach into projects expanded."""
    found: dict[str, set[Span]] = {}
    for edge in effective_edges(facts, principal):
        reached = facts.projects_in(edge.org) if edge.project is None else ()
        for grant in edge.grants:
            access = access_of(edge.edition, edge.scope, ((grant.role, grant.added_by_owner),))
            found.setdefault(edge.project or edge.org, set()).add(Span(grant.starts, grant.ends, access.own))
            for project in reached if access.reach else ():
                found.setdefault(project, set()).add(Span(grant.starts, grant.ends, access.reach))
    return found


def _is_covered(span: Span, held: Iterable[Span], now: int) -> bool:
    """Say whether all that `span` allows is allowed by `held` without a gap, from now on."""
    begin = max(now, span.starts)
    until = dict.fromkeys(span.allowed, begin)
    for other in sorted(held, key=attrgetter("starts")):
        for privilege in other.allowed & span.allowed:
            if other.starts <= until[privilege] < other.ends:
                until[privilege] = other.ends
    return begin >= span.ends or all(end >= span.ends for end in until.values())

"""What somebody should know before a change is made, though no rule refuses it (rule 40; contract.md, dryRun)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from orgward.catalog import ORGANIZATION_OWNER, PROJECT_OWNER
from orgward.directory.ground import View
from orgward.directory.guards import lasting_holders
from orgward.engine.decide import holders_of
from orgward.engine.facts import MACHINE_TABLES, home_of
from orgward.engine.layer import Layer
from orgward.engine.overlay import affected, held
from orgward.kernel.delta import Delta

_FEWEST_OWNERS: Final = 2
_OF_ROLES: Final = frozenset({"assignments", "members", "team_members"})


@dataclass(frozen=True, slots=True)
class Warned:
    """A warning: its code, a sentence, and the ids of what it is about."""

    code: str
    message: str
    ids: Sequence[str]


def warnings_of(before: Layer, after: Layer, view: View, deltas: Sequence[Delta], now: int) -> list[Warned]:
    """Return what the change from `before` to `after` by `deltas` should be warned of; `view` is that of before."""
    found = (
        Warned("LAST_OWNER", "Fewer than two owners would be left.", _with_last_owner(before, after, deltas, now)),
        Warned(
            "NO_OWNER_OUTSIDE_FEDERATION",
            "Every owner would hold the role by mapping.",
            _owned_by_mapping(before, after, deltas, now),
        ),
        Warned("PROJECT_WITHOUT_OWNER", "Nobody on the project would own it.", _ownerless(before, after, deltas, now)),
        Warned(
            "KEY_OUTLIVES_MAKER",
            "Keys or accounts go on without who made them.",
            _outliving(before, after, view, deltas, now),
        ),
        Warned("TEAM_LEFT_EMPTY", "Nobody would be left in the team.", _emptied(after, deltas)),
    )
    return [warned for warned in found if warned.ids]


def _with_last_owner(before: Layer, after: Layer, deltas: Sequence[Delta], now: int) -> list[str]:
    return sorted(org for org in _owned(deltas) if _loses_to_too_few(before, after, org, now))


def _owned(deltas: Sequence[Delta]) -> set[str]:
    """Return the organizations in which `deltas` may change who owns them."""
    left = {delta.key[0] for delta in deltas if delta.table == "members"}
    return left | {d.key[1] for d in deltas if d.table == "assignments" and d.key[2] == ORGANIZATION_OWNER}


def _owned_by_mapping(before: Layer, after: Layer, deltas: Sequence[Delta], now: int) -> list[str]:
    """Return the organizations of which nobody would be owner by hand any more, for the day without the provider."""
    return sorted(
        org
        for org in _owned(deltas)
        if any(lasting_holders(before, org, ORGANIZATION_OWNER, now, by_hand=True))
        and any(lasting_holders(after, org, ORGANIZATION_OWNER, now))
        and not any(lasting_holders(after, org, ORGANIZATION_OWNER, now, by_hand=True))
    )


def _loses_to_too_few(before: Layer, after: Layer, org: str, now: int) -> bool:
    if after.attribute("organizations", org) is None:
        return False
    left = len(set(lasting_holders(after, org, ORGANIZATION_OWNER, now)))
    return left < _FEWEST_OWNERS and left < len(set(lasting_holders(before, org, ORGANIZATION_OWNER, now)))


def _ownerless(before: Layer, after: Layer, deltas: Iterable[Delta], now: int) -> list[str]:
    return sorted(
        project
        for project in set(_owned_projects(before, deltas))
        if after.attribute("projects", project) is not None
        and _has_owner(before, project, now)
        and not _has_owner(after, project, now)
    )


def _has_owner(facts: Layer, project: str, now: int) -> bool:
    """Say whether a person owns the project who is not suspended: a key is nobody to ask."""
    return any(home_of(facts, holder) is None for holder in holders_of(facts, {PROJECT_OWNER}, project, now))


def _owned_projects(facts: Layer, deltas: Iterable[Delta]) -> Iterator[str]:
    """Yield each project from which `deltas` may take an owner, direct or by a team."""
    for delta in deltas:
        if delta.table == "assignments" and delta.key[2] == PROJECT_OWNER:
            yield delta.key[1]
        elif delta.table in {"members", "team_members"}:
            user = delta.key[1] if delta.table == "members" else delta.key[0]
            for target in facts.edges(user):
                yield from (target, *facts.edges(target))


def _outliving(before: Layer, after: Layer, view: View, deltas: Sequence[Delta], now: int) -> list[str]:
    gone = {d.key for d in deltas if d.table == "members" and (d.row is None or d.row["suspended"])}
    makers = affected(before, after, [delta for delta in deltas if delta.table in _OF_ROLES])
    return sorted(
        str(machine["id"])
        for maker in makers
        for table in MACHINE_TABLES
        for machine in view.find(table, maker_id=maker)
        if (machine["org_id"], maker) in gone or _keeps_more(before, after, machine["id"], maker, now)
    )


def _keeps_more(before: Layer, after: Layer, key: str, maker: str, now: int) -> bool:
    """Say whether `key` would keep something, on what it has roles of its own, that `maker` would lose there."""
    had, has = before.row(maker, now), after.row(maker, now)
    kept = after.row(key, now).allowed.items()
    return any(allowed & held(before, had, scope) - held(after, has, scope) for scope, allowed in kept)


def _emptied(after: Layer, deltas: Iterable[Delta]) -> list[str]:
    teams = {d.key[1] for d in deltas if d.table == "team_members" and d.row is None}
    return sorted(t for t in teams if after.attribute("teams", t) is not None and not _has_members(after, t))


def _has_members(facts: Layer, team: str) -> bool:
    return any(holder for _, holders in facts.runs(team) for holder in holders)

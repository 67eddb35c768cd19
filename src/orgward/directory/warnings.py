"""What somebody should know before a change is made, though no rule refuses it (rule 40; contract.md, dryRun)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from orgward.catalog import ORGANIZATION_OWNER, PROJECT_OWNER
from orgward.directory.ground import View
from orgward.directory.guards import lasting_holders
from orgward.engine.decide import holders_of
from orgward.engine.layer import Layer
from orgward.kernel.delta import Delta

_FEWEST_OWNERS: Final = 2


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
        Warned("PROJECT_WITHOUT_OWNER", "Nobody on the project would own it.", _ownerless(before, after, deltas, now)),
        Warned("KEY_OUTLIVES_MAKER", "API keys go on without who made them.", _outliving(view, deltas)),
        Warned("TEAM_LEFT_EMPTY", "Nobody would be left in the team.", _emptied(after, deltas)),
    )
    return [warned for warned in found if warned.ids]


def _with_last_owner(before: Layer, after: Layer, deltas: Iterable[Delta], now: int) -> list[str]:
    orgs = {d.key[0] for d in deltas if d.table == "members"}
    orgs |= {d.key[1] for d in deltas if d.table == "assignments" and d.key[2] == ORGANIZATION_OWNER}
    return sorted(org for org in orgs if _loses_to_too_few(before, after, org, now))


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
        and any(holders_of(before, {PROJECT_OWNER}, project, now))
        and not any(holders_of(after, {PROJECT_OWNER}, project, now))
    )


def _owned_projects(facts: Layer, deltas: Iterable[Delta]) -> Iterator[str]:
    """Yield each project from which `deltas` may take an owner, direct or by a team."""
    for delta in deltas:
        if delta.table == "assignments" and delta.key[2] == PROJECT_OWNER:
            yield delta.key[1]
        elif delta.table in {"members", "team_members"}:
            user = delta.key[1] if delta.table == "members" else delta.key[0]
            for target in facts.edges(user):
                yield from (target, *facts.edges(target))


def _outliving(view: View, deltas: Iterable[Delta]) -> list[str]:
    return sorted(
        str(key["id"])
        for delta in deltas
        if delta.table == "members" and (delta.row is None or delta.row["suspended"])
        for key in view.find("api_keys", maker_id=delta.key[1])
        if key["org_id"] == delta.key[0]
    )


def _emptied(after: Layer, deltas: Iterable[Delta]) -> list[str]:
    teams = {d.key[1] for d in deltas if d.table == "team_members" and d.row is None}
    return sorted(t for t in teams if after.attribute("teams", t) is not None and not _has_members(after, t))


def _has_members(facts: Layer, team: str) -> bool:
    return any(holder for _, holders in facts.runs(team) for holder in holders)

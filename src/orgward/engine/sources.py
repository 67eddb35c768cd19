"""Who may do something, and who holds which roles, by the kinds of ways: whole crowds, united and never walked."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Literal

from orgward.catalog import Scope
from orgward.engine.arrays import NOBODY, Holding, united
from orgward.engine.compile import Access, access_of, in_force
from orgward.engine.decide import organization_of
from orgward.engine.facts import Grants
from orgward.engine.layer import Layer

Source = Literal["direct", "team", "organization_role", "mapping"]
"""As in a path: a role on the resource itself, a team's role on it, one in the organization that reaches it, or any
of these by a role mapping."""

Wanted = Callable[[Holding], bool]
"""Says whether holders with these grants are asked for."""


def holders_by_source(facts: Layer, action: str, resource: str, now: int) -> Mapping[Source, frozenset[str]]:
    """Return by source everybody and every machine that holds `action` on `resource` at `now`.

    They come to the same as `search.holders`. On an organization itself every role is one of the organization.
    """
    org = organization_of(facts, resource)
    found: dict[Source, list[frozenset[str]]] = {"direct": [], "team": [], "organization_role": [], "mapping": []}
    if org is None:
        return dict.fromkeys(found, NOBODY)
    own: Source = "direct" if org != resource else "organization_role"
    here, above = _worth_on(facts, resource, now), _worth_on(facts, org, now)
    for holding in facts.holdings(resource, now):
        if action in holding.access.own:
            for source in _by_mapping_or(own, holding, lambda grants: action in here(grants).own):
                found[source] += [holding.split.people, holding.split.machines]
            found["team"] += [facts.members(team) for team in holding.split.teams if resource != org]
    for holding in facts.holdings(org, now) if org != resource else ():
        if action in holding.access.reach:
            reaching: Source = "organization_role"
            for source in _by_mapping_or(reaching, holding, lambda grants: action in above(grants).reach):
                found[source] += [holding.split.people, holding.split.machines]
    stopped = facts.stopped(org)
    return {source: united(sets) - stopped for source, sets in found.items()}


def _worth_on(facts: Layer, target: str, now: int) -> Callable[[Grants], Access]:
    """Return what says what grants on `target` allow at `now`."""
    org = facts.attribute("projects", target)
    edition = facts.attribute("organizations", org or target) or ""
    scope: Scope = "project" if org else "organization"
    return lambda grants: access_of(edition, scope, in_force(grants, now))


def _by_mapping_or(own: Source, holding: Holding, allows: Callable[[Grants], bool]) -> Iterator[Source]:
    """Yield how the holders of `holding` are allowed: by a role of their own, by a mapping, or by both."""
    if not any(grant.mapped for grant in holding.grants):
        yield own
        return
    sources: tuple[tuple[Source, bool], ...] = ((own, False), ("mapping", True))
    for source, mapped in sources:
        if allows(tuple(grant for grant in holding.grants if grant.mapped is mapped)):
            yield source


def people_holding(facts: Layer, scopes: Iterable[str], now: int, wanted: Wanted) -> frozenset[str]:
    """Return the people with a role of their own at one of `scopes` that is `wanted`; members' states aside."""
    return united(each.split.people for scope in scopes for each in facts.holdings(scope, now) if wanted(each))


def people_by_teams(facts: Layer, scopes: Iterable[str], now: int, wanted: Wanted) -> frozenset[str]:
    """Return the people in a team whose role at one of `scopes` is `wanted`; members' states aside."""
    teams = united(each.split.teams for scope in scopes for each in facts.holdings(scope, now) if wanted(each))
    return united(facts.members(team) for team in teams)


def one_of(roles: Collection[str] | None, now: int, *, mapped: bool | None = None) -> Wanted:
    """Return what says whether one of `roles` is in force at `now`; None are all roles.

    With `mapped` only those count that are held by a mapping, or only those that are not.
    """
    return lambda holding: any(
        (roles is None or grant.role in roles) and mapped in {None, grant.mapped}
        for grant in holding.grants
        if grant.starts <= now < grant.ends
    )

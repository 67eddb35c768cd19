"""What access means, written as plainly as it can be: loops over sets, nothing kept, nothing clever.

The engine is compared with this. They share the catalogue and no other code.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from orgward.catalog import EDITIONS


class Assignment(NamedTuple):
    """A role of a user, machine or team on an organization or project; `ends` None is never."""

    holder: str
    scope: str
    role: str
    starts: int = 0
    ends: int | None = None
    added_by_owner: bool = False
    mapped: bool = False


@dataclass
class World:
    """Everything that decides who may do what; ids are any text, unique over all kinds."""

    organizations: dict[str, str] = field(default_factory=dict)  # id: edition
    projects: dict[str, str] = field(default_factory=dict)  # id: organization
    users: set[str] = field(default_factory=set)
    api_keys: dict[str, str] = field(default_factory=dict)  # id: organization
    service_accounts: dict[str, str] = field(default_factory=dict)  # id: organization
    suspended_accounts: set[str] = field(default_factory=set)
    teams: dict[str, str] = field(default_factory=dict)  # id: organization
    team_members: set[tuple[str, str]] = field(default_factory=set)  # (user, team)
    states: dict[tuple[str, str], str] = field(default_factory=dict)  # (organization, user): state
    assignments: list[Assignment] = field(default_factory=list)


class Way(NamedTuple):
    """One way by which something is held; `ends` None is never."""

    via: str
    role: str
    org: str
    project: str | None
    team: str | None
    ends: int | None


def organization_of(world: World, scope: str) -> str | None:
    """Return the organization that `scope` is or lies in, None if there is none."""
    org = scope if scope in world.organizations else world.projects.get(scope)
    return org if org in world.organizations else None


def belongs(world: World, holder: str, org: str) -> bool:
    """Say whether what `holder` holds in `org` counts: an active member there, or a machine or team of it."""
    if holder in world.users:
        return world.states.get((org, holder)) == "active"
    if holder in world.service_accounts:
        return world.service_accounts[holder] == org and holder not in world.suspended_accounts
    return org in {world.api_keys.get(holder), world.teams.get(holder)}


def counts(world: World, assignment: Assignment, now: int) -> bool:
    """Say whether `assignment` is worth anything at `now`, to whoever it reaches."""
    holder, scope, role, starts, ends, *_ = assignment
    org = organization_of(world, scope)
    if org is None or not belongs(world, holder, org):
        return False
    kind = "organization" if scope == org else "project"
    if holder in world.teams and kind == "organization":
        return False  # teams hold roles on projects only
    known = EDITIONS[world.organizations[org]].roles
    return role in known and known[role].scope == kind and starts <= now and (ends is None or now < ends)


def gives(world: World, assignment: Assignment, resource: str) -> frozenset[str]:
    """Return what `assignment` gives on `resource`: its own scope, or a project of its organization."""
    _, scope, role, _, _, by_owner, _ = assignment
    org = organization_of(world, scope)
    if org is None or org != organization_of(world, resource):
        return frozenset()
    edition = EDITIONS[world.organizations[org]]
    if scope == resource:
        return edition.privileges_of(role, added_by_owner=by_owner)
    return edition.in_projects_of(role, added_by_owner=by_owner) if scope == org else frozenset()


def reaching(world: World, principal: str, now: int) -> Iterator[tuple[Assignment, str | None]]:
    """Yield each assignment that `principal` has at `now`, with the team that it comes through if any."""
    for assignment in world.assignments:
        holder = assignment.holder
        if holder == principal and counts(world, assignment, now):
            yield assignment, None
        through_team = (principal, holder) in world.team_members and counts(world, assignment, now)
        if through_team and belongs(world, principal, organization_of(world, assignment.scope) or ""):
            yield assignment, holder


def paths(world: World, principal: str, action: str, resource: str, now: int) -> set[Way]:
    """Return every way by which `principal` may do `action` on `resource` at `now`."""
    found = set()
    for assignment, team in reaching(world, principal, now):
        if action in gives(world, assignment, resource):
            org = organization_of(world, resource) or ""
            project = resource if resource != org else None
            via = "organization_role" if assignment.scope == org else "team" if team else "direct"
            via = "mapping" if assignment.mapped else via
            found.add(Way(via, assignment.role, org, project, team, assignment.ends))
    return found


def held(world: World, principal: str, resource: str, now: int) -> frozenset[str]:
    """Return everything that `principal` may do on `resource` at `now`."""
    found = [gives(world, assignment, resource) for assignment, _ in reaching(world, principal, now)]
    return frozenset[str]().union(*found)


def check(world: World, principal: str, action: str, resource: str, now: int) -> bool:
    """Say whether `principal` may do `action` on `resource` at `now`."""
    return action in held(world, principal, resource, now)


def visible(world: World, principal: str, action: str, now: int) -> set[str]:
    """Return every organization and project on which `principal` may do `action` at `now`."""
    resources = [*world.organizations, *world.projects]
    return {resource for resource in resources if check(world, principal, action, resource, now)}


def holders(world: World, action: str, resource: str, now: int) -> set[str]:
    """Return every user and machine that may do `action` on `resource` at `now`."""
    everybody = [*world.users, *world.api_keys, *world.service_accounts]
    return {p for p in everybody if check(world, p, action, resource, now)}

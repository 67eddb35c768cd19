"""Decisions: what allows, or what is missing and who could grant it."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

from orgward.catalog import EDITIONS, PRIVILEGES, Role
from orgward.engine.compile import Path, access_of, effective_edges, usable
from orgward.engine.facts import Grants, home_of
from orgward.engine.layer import Layer

Reason = Literal["missing_privilege", "not_found", "pending", "suspended", "expired", "not_in_edition"]


@dataclass(frozen=True, slots=True)
class Denial:
    """Why access is not held, and which roles would give it."""

    reason: Reason
    missing: str
    roles: tuple[str, ...] = ()


def explain(facts: Layer, principal: str, action: str, resource: str, now: int) -> list[Path]:
    """Return every path that allows `action` on `resource`; empty means denied.

    Each path alone re-derives the decision.
    """
    found = []  # in a loop, for before Python 3.12 a comprehension is a call of its own
    for allowed, path in facts.paths(principal, resource, now):
        if action in allowed:
            found.append(path)
    return found


def organization_of(facts: Layer, resource: str) -> str | None:
    """Return the organization that `resource` is or lies in, None if there is no such resource."""
    if facts.attribute("organizations", resource) is not None:
        return resource
    org = facts.attribute("projects", resource)
    return org if org is None or facts.attribute("organizations", org) is not None else None


def deny(facts: Layer, principal: str, action: str, resource: str, now: int) -> Denial:
    """Return why `principal` does not hold `action` on `resource`; call it only when it does not."""
    org = organization_of(facts, resource)
    if org is None or action not in PRIVILEGES:
        return Denial("not_found", action)
    edition = EDITIONS[facts.attribute("organizations", org) or ""]
    if action not in edition.all_privileges:
        return Denial("not_in_edition", action)
    roles = _fitting_roles(facts, principal, action, resource, org)
    state = facts.state(org, principal)
    if state in {"pending", "suspended"}:
        return Denial("pending" if state == "pending" else "suspended", action, roles)
    if _would_hold(facts, principal, action, resource, org=org, now=now):
        return Denial("expired", action, roles)
    return Denial("missing_privilege", action, roles)


def _fitting_roles(facts: Layer, principal: str, action: str, resource: str, org: str) -> tuple[str, ...]:
    """Return the roles of which each would give `action` on `resource` if `principal` were given it."""
    kind = "organization" if org == resource else "project"
    if PRIVILEGES[action].resource != kind or home_of(facts, principal) not in {None, org}:
        return ()
    edition = EDITIONS[facts.attribute("organizations", org) or ""]
    granting = edition.roles_granting(action)
    if facts.attribute("teams", principal) is None:
        return granting
    return tuple(role for role in granting if edition.roles[role].scope == "project")


def _would_hold(facts: Layer, principal: str, action: str, resource: str, *, org: str, now: int) -> bool:
    """Say whether a grant that has ended would allow it."""
    if not facts.row(principal, now).since:
        return False  # no bound has passed, so nothing has ended
    for edge in effective_edges(facts, principal):
        target = edge.project or edge.org
        for grant in edge.grants:
            if grant.ends <= now and target in {resource, org}:
                access = access_of(edge.edition, edge.scope, ((grant.role, grant.added_by_owner),))
                if action in (access.own if target == resource else access.reach):
                    return True
    return False


def roles_in_force(facts: Layer, principal: str, target: str, now: int) -> list[str]:
    """Return the roles that `principal` itself holds on `target` at `now`, sorted; teams' roles left out."""
    grants = facts.edges(principal).get(target, ())
    return sorted(grant.role for grant in grants if grant.starts <= now < grant.ends)


def holders_of(facts: Layer, roles: Collection[str], target: str, now: int) -> Iterator[str]:
    """Yield who holds one of `roles` on `target` at `now`, members of teams included."""
    org = organization_of(facts, target)
    if org is None:
        return
    known = EDITIONS[facts.attribute("organizations", org) or ""].roles
    scope = "organization" if org == target else "project"
    fitting = {role for role in roles if role in known and known[role].scope == scope}
    for holder in assigned(facts, fitting, target, now):
        yield from _people(facts, holder, org, teams=org != target)


def assigned(facts: Layer, roles: Collection[str], target: str, now: int) -> Iterator[str]:
    """Yield every user, key and team with one of `roles` of its own on `target` at `now`, whatever its state."""
    for grants, holders in facts.runs(target):
        if _any_in_force(grants, roles, now):
            yield from holders


def _any_in_force(grants: Grants, roles: Collection[str], now: int) -> bool:
    return any(grant.role in roles and grant.starts <= now < grant.ends for grant in grants)


def _people(facts: Layer, holder: str, org: str, *, teams: bool) -> Iterator[str]:
    if facts.attribute("teams", holder) is None:
        if usable(facts, holder, org):
            yield holder
    elif teams and usable(facts, holder, org):
        for _, members in facts.runs(holder):
            yield from (member for member in members if usable(facts, member, org))


def grantors(facts: Layer, denial: Denial, resource: str, now: int) -> list[str]:
    """Return who could hand out a role that would give what `denial` misses, owners of the organization first."""
    org = organization_of(facts, resource)
    if org is None or not denial.roles:
        return []
    edition = EDITIONS[facts.attribute("organizations", org) or ""]
    wanted = [edition.roles[name] for name in denial.roles]
    able = {name for name, role in edition.roles.items() if any(hands_out(role, given) for given in wanted)}
    found = dict.fromkeys(holders_of(facts, able, org, now))
    if resource != org:
        found.update(dict.fromkeys(holders_of(facts, able, resource, now)))
    return list(found)


def hands_out(holder: Role, given: Role) -> bool:
    """Say whether somebody with the role `holder` may give and take the role `given` (contract.md)."""
    return holder.hands_out.covers(given)

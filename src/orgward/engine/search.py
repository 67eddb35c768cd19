"""Lists in both directions: what somebody may do something on, and who may do it here."""

from collections.abc import Iterable

from orgward.catalog import Scope
from orgward.engine.compile import access_of, in_force, usable
from orgward.engine.decide import organization_of
from orgward.engine.layer import Layer


def visible(facts: Layer, principal: str, action: str, now: int) -> set[str]:
    """Return every organization and project on which `principal` holds `action` at `now`."""
    row = facts.row(principal, now)
    found = {resource for resource, allowed in row.allowed.items() if action in allowed}
    for org, reach in row.reach.items():
        if action in reach:
            found.update(facts.projects_in(org))
    return found


def holders(facts: Layer, action: str, resource: str, now: int) -> set[str]:
    """Return every user and API key that holds `action` on `resource` at `now`."""
    org = organization_of(facts, resource)
    edition = facts.attribute("organizations", org) if org else None
    if org is None or edition is None:
        return set()
    scope: Scope = "organization" if org == resource else "project"
    found: set[str] = set()
    for grants, principals in facts.runs(resource):
        if action in access_of(edition, scope, in_force(grants, now)).own:
            _add(facts, found, principals, org, teams=resource != org)
    if org != resource:
        for grants, principals in facts.runs(org):
            if action in access_of(edition, "organization", in_force(grants, now)).reach:
                _add(facts, found, principals, org, teams=False)
    return found


def _add(facts: Layer, found: set[str], principals: Iterable[str], org: str, *, teams: bool) -> None:
    for principal in principals:
        if facts.attribute("teams", principal) is None:
            if usable(facts, principal, org):
                found.add(principal)
        elif teams and usable(facts, principal, org):
            for _, members in facts.runs(principal):
                found.update(member for member in members if usable(facts, member, org))

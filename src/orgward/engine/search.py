"""Lists in both directions: what somebody may do something on, and who may do it here."""

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


def reaches_every_project(facts: Layer, principal: str, action: str, org: str, now: int) -> bool:
    """Say whether `principal` holds `action` on every project of `org`, those to come included (rules 12, 19)."""
    return action in facts.row(principal, now).reach.get(org, ())


def holders(facts: Layer, action: str, resource: str, now: int) -> set[str]:
    """Return every user and API key that holds `action` on `resource` at `now`."""
    org = organization_of(facts, resource)
    if org is None:
        return set()
    found: set[str] = set()
    for holding in facts.holdings(resource, now):
        if action in holding.access.own:
            people, machines, teams = holding.split
            found.update(people, machines)
            for team in teams if resource != org else ():
                found.update(facts.members(team))
    if org != resource:
        for holding in facts.holdings(org, now):
            if action in holding.access.reach:
                found.update(holding.split.people, holding.split.machines)
    found.difference_update(facts.stopped(org))
    return found

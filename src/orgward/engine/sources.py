"""Who may do something, by the kinds of ways in which they may: like `search.holders`, and they come to the same."""

from typing import Literal

from orgward.engine.decide import organization_of
from orgward.engine.layer import Layer

Source = Literal["direct", "team", "organization_role"]
"""As in a path: a role on the resource itself, a team's role on it, a role in the organization that reaches it."""


def holders_by_source(facts: Layer, action: str, resource: str, now: int) -> dict[Source, set[str]]:
    """Return by source every user and API key that holds `action` on `resource` at `now`.

    On an organization itself every role is one of the organization.
    """
    org = organization_of(facts, resource)
    found: dict[Source, set[str]] = {"direct": set(), "team": set(), "organization_role": set()}
    if org is None:
        return found
    own: Source = "direct" if org != resource else "organization_role"
    for holding in facts.holdings(resource, now):
        if action in holding.access.own:
            principals, teams = holding.split
            found[own].update(principals)
            for team in teams if resource != org else ():
                found["team"].update(facts.members(team))
    if org != resource:
        for holding in facts.holdings(org, now):
            if action in holding.access.reach:
                found["organization_role"].update(holding.split[0])
    stopped = facts.stopped(org)
    return {source: holders - stopped for source, holders in found.items()}

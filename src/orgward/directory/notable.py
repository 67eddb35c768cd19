"""Events of our own: what happened in a command that somebody should hear of, and that no feed has a name for."""

from collections.abc import Iterable
from typing import Any, Final

from orgward.catalog import ORGANIZATION_OWNER, PROJECT_OWNER
from orgward.directory.guards import owns
from orgward.engine.layer import Layer
from orgward.kernel.delta import Delta
from orgward.kernel.principal import Principal

OWNER_ROLE_GIVEN: Final = "OWNER_ROLE_GIVEN_BY_NON_OWNER"


def gifts_of_ownership(facts: Layer, principal: Principal, deltas: Iterable[Delta], now: int) -> list[dict[str, Any]]:
    """Return an event for each owner role that somebody who is not owner gave (contract.md, Who may hand out what).

    Founding an organization or project is no such gift. Who accepts an invitation gives nothing to themself: what
    counts then is whether the sender was owner, which the assignment keeps.
    """
    events = []
    for delta in deltas:
        if (
            delta.table == "assignments"
            and delta.row is not None
            and delta.key[2] in {ORGANIZATION_OWNER, PROJECT_OWNER}
        ):
            holder, scope, role = delta.key
            held = any(grant.role == role for grant in facts.edges(holder).get(scope, ()))
            if not held and _exists(facts, scope) and not _given_by_owner(facts, principal, delta, now):
                events.append({"type": OWNER_ROLE_GIVEN, "holder": holder, "scope": scope, "role": role})
    return events


def _exists(facts: Layer, scope: str) -> bool:
    return facts.attribute("projects", scope) is not None or facts.attribute("organizations", scope) is not None


def _given_by_owner(facts: Layer, principal: Principal, delta: Delta, now: int) -> bool:
    holder, scope, role = delta.key
    if holder == principal.id and delta.row is not None:
        # Nobody but an owner can send an invitation that makes an owner of the organization.
        return role == ORGANIZATION_OWNER or bool(delta.row["added_by_owner"])
    return principal.is_operator or owns(facts, principal.id, scope, now)

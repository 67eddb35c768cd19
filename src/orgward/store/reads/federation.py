"""Who of an organization has an address that its federation does not speak for, and by which mapping a role is held."""

import json
from collections.abc import Collection
from typing import Final

from orgward.store.view import SqlView

MOST_CONFLICTS: Final = 500
"""How many people are named at once: an organization may have 100,000, and none in the domains that were listed."""

_CONFLICTS: Final = (
    "SELECT p.id, p.username, p.first_name, p.last_name FROM members AS m JOIN person_data AS p ON p.id = m.user_id"
    " WHERE m.org_id = :org AND m.state = 'active'"
    " AND substr(p.username_key, instr(p.username_key, '@') + 1) NOT IN (SELECT value FROM json_each(:domains))"
    " ORDER BY m.user_id LIMIT :limit"
)

_MAPPINGS: Final = (
    "SELECT r.external_group, r.assignments FROM connected_organizations AS c"
    " JOIN identity_groups AS g ON g.user_id = :user AND g.identity_provider_id = c.identity_provider_id"
    " JOIN role_mappings AS r ON r.org_id = c.org_id AND r.external_group = g.external_group"
    " WHERE c.org_id = :org ORDER BY r.external_group"
)


def external_names(view: SqlView, org: str, user: str, given: tuple[str, str]) -> list[str]:
    """Return what the provider calls those, `user` among them, to whom `org` maps what is `given`: scope and role."""
    rows = view.rows(_MAPPINGS, {"org": org, "user": user})
    return [name for name, assignments in rows if list(given) in json.loads(assignments)]


def conflicts(view: SqlView, org: str, domains: Collection[str]) -> list[tuple[str, str, str, str]]:
    """Return id, address and names of members of `org` with an address outside `domains`."""
    given = {"org": org, "domains": json.dumps(sorted(domains)), "limit": MOST_CONFLICTS}
    return [(user, address, first, last) for user, address, first, last in view.rows(_CONFLICTS, given)]

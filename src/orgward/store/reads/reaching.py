"""Whose roles reach projects of an organization, and by which kinds of ways; members' states are not looked at."""

import json
from collections.abc import Collection
from typing import Final

from orgward.store.view import SqlView

_IN_FORCE: Final = (
    "a.starts <= :now AND :now < a.ends AND (:any_role OR a.role IN (SELECT value FROM json_each(:roles)))"
)
_AT: Final = "json_each(:scopes) AS v CROSS JOIN assignments AS a ON a.scope_id = v.value AND a.holder_kind"
_BY_USER: Final = f"SELECT DISTINCT a.holder_id FROM {_AT} = 'user' WHERE {_IN_FORCE}"
_BY_TEAM: Final = (
    f"SELECT DISTINCT t.user_id FROM {_AT} = 'team' CROSS JOIN team_members AS t ON t.team_id = a.holder_id"
    f" WHERE {_IN_FORCE}"
)


def people_with_roles(view: SqlView, scopes: Collection[str], now: int, *, roles: Collection[str] = ()) -> set[str]:
    """Return the users who have a role of their own at one of `scopes`: one of `roles`, any where none is named."""
    return _read(view, _BY_USER, scopes, now, roles)


def people_by_teams(view: SqlView, scopes: Collection[str], now: int, *, roles: Collection[str] = ()) -> set[str]:
    """Return the users who are in a team that has a role at one of `scopes`."""
    return _read(view, _BY_TEAM, scopes, now, roles)


def _read(view: SqlView, sql: str, scopes: Collection[str], now: int, roles: Collection[str]) -> set[str]:
    given = {"scopes": json.dumps(list(scopes)), "now": now, "any_role": not roles, "roles": json.dumps(list(roles))}
    return {user for (user,) in view.rows(sql, given)}

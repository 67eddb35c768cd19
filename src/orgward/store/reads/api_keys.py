"""API keys of an organization or project, page by page, their roles in force, and their access lists."""

import json
from collections.abc import Iterable
from typing import Final

from orgward.store.schema import api_key_access, api_keys
from orgward.store.view import Row, SqlView, row_of

_KEY: Final = ", ".join(f"k.{column.name}" for column in api_keys.columns)
_ENTRY: Final = ", ".join(column.name for column in api_key_access.columns)
_ON_PROJECT: Final = "FROM assignments WHERE scope_id = :project AND holder_kind = 'api_key'"

RolesByKey = dict[str, list[tuple[str, str]]]
"""Of each key the ids of organization and projects, each with a role there."""


def keys_page(view: SqlView, org: str, limit: int, offset: int) -> tuple[list[Row], int]:
    """Return a page of the keys of `org`, oldest first, and how many there are."""
    rows = view.rows(
        f"SELECT {_KEY} FROM api_keys AS k WHERE k.org_id = :org ORDER BY k.id LIMIT :limit OFFSET :offset",
        {"org": org, "limit": limit, "offset": offset},
    )
    return [row_of(api_keys, row) for row in rows], view.count("api_keys", org_id=org)


def project_keys_page(view: SqlView, project: str, limit: int, offset: int) -> tuple[list[Row], int]:
    """Return a page of the keys on `project`, oldest first, and how many there are."""
    ids = f"SELECT DISTINCT holder_id {_ON_PROJECT} ORDER BY holder_id LIMIT :limit OFFSET :offset"
    rows = view.rows(
        f"SELECT {_KEY} FROM ({ids}) AS h JOIN api_keys AS k ON k.id = h.holder_id ORDER BY k.id",
        {"project": project, "limit": limit, "offset": offset},
    )
    total = view.rows(f"SELECT COUNT(DISTINCT holder_id) {_ON_PROJECT}", {"project": project})[0][0]
    return [row_of(api_keys, row) for row in rows], int(total)


def roles_in_force(view: SqlView, org: str, keys: Iterable[str], now: int) -> RolesByKey:
    """Return the roles in force of each of `keys`: the organization's first, then project by project."""
    sql = (
        "SELECT a.holder_id, a.scope_id, a.role FROM json_each(:keys) AS v JOIN assignments AS a"
        " ON a.org_id = :org AND a.holder_id = v.value WHERE a.starts <= :now AND :now < a.ends"
        " ORDER BY a.holder_id, a.scope_id <> :org, a.scope_id, a.role"
    )
    found: RolesByKey = {}
    for key, scope, role in view.rows(sql, {"keys": json.dumps(list(keys)), "org": org, "now": now}):
        found.setdefault(key, []).append((scope, role))
    return found


def access_page(view: SqlView, key: str, limit: int, offset: int) -> tuple[list[Row], int]:
    """Return a page of the access list of `key`, in the order of its blocks, and how many entries it has."""
    rows = view.rows(
        f"SELECT {_ENTRY} FROM api_key_access WHERE key_id = :key ORDER BY cidr LIMIT :limit OFFSET :offset",
        {"key": key, "limit": limit, "offset": offset},
    )
    total = view.rows("SELECT COUNT(*) FROM api_key_access WHERE key_id = :key", {"key": key})[0][0]
    return [row_of(api_key_access, row) for row in rows], int(total)

"""How many of those who were invited can still accept: counted are these, or the others where these are many."""

from collections.abc import Mapping
from typing import Final, Literal

from orgward.store.view import SqlView

Invited = Literal["members", "project_members", "invitations"]

_FEW: Final = 1_000
_SCOPES: Final[Mapping[Invited, str]] = {
    "members": "org_id",
    "project_members": "project_id",
    "invitations": "org_id",
}


def still_waiting(view: SqlView, table: Invited, scope: str, now: int) -> int:
    """Return how many of the pending rows of `table` in `scope` end after `now`."""
    column = _SCOPES[table]
    invited = view.count(table, **{column: scope, "state": "pending"})
    if not invited:
        return 0
    pending = f"SELECT COUNT(*) FROM (SELECT 1 FROM {table} WHERE {column} = :scope AND state = 'pending'"
    values = {"scope": scope, "now": now}
    few = view.rows(f"{pending} AND expires_at > :now LIMIT {_FEW + 1}) AS h", values)[0][0]
    if few <= _FEW:
        return int(few)
    return invited - int(view.rows(f"{pending} AND expires_at <= :now) AS h", values)[0][0])

"""API keys as the Admin API shows them: the private half masked, and what roles the caller may know of."""

from collections.abc import Callable, Sequence
from typing import Any

from orgward.admin_api.links import self_link
from orgward.app.execute import Context
from orgward.store.reads.machines import roles_in_force
from orgward.store.view import Row, SqlView

Json = dict[str, Any]
Sees = Callable[[str, str], bool]
"""Says of a key and the id of an organization or project whether the key's roles there are shown."""


def everything_visible(context: Context) -> Sees:
    """Show roles in the organization, in projects whose keys the caller can read, and all of its own."""
    visible, org, me = context.visible("project.api_keys.read"), context.resource.org, context.principal.id
    return lambda key, scope: visible.everything or scope == org or key == me or scope in visible.resources


def only_here(context: Context) -> Sees:
    """Show roles in the organization and in this project, for the caller need know of no other."""
    shown = {context.resource.org, context.resource.project}
    return lambda _, scope: scope in shown


def everything(_key: str, _scope: str) -> bool:
    """Show every role, to whoever has just founded the organization of the key."""
    return True


def key_objects(context: Context, view: SqlView, rows: Sequence[Row], sees: Sees) -> list[Json]:
    """Return the keys `rows` as they stand in a list; the shape of a single one is the same."""
    org = rows[0]["org_id"] if rows else ""
    roles = roles_in_force(view, org, [row["id"] for row in rows], context.now)
    return [
        {
            "desc": row["description"],
            "id": row["id"],
            "links": self_link(context.call.base_url, f"/orgs/{org}/apiKeys/{row['id']}"),
            "privateKey": row["masked"],
            "publicKey": row["public_key"],
            "roles": [_role(org, scope, role) for scope, role in roles.get(row["id"], []) if sees(row["id"], scope)],
        }
        for row in rows
    ]


def _role(org: str, scope: str, role: str) -> Json:
    return {"orgId" if scope == org else "groupId": scope, "roleName": role}


def key_roles(view: SqlView, row: Row, now: int) -> list[Json]:
    """Return every role in force of the key `row`, for the key itself."""
    found = roles_in_force(view, row["org_id"], [row["id"]], now)
    return [_role(row["org_id"], scope, role) for scope, role in found.get(row["id"], [])]


def key_object(context: Context, view: SqlView, key: str, sees: Sees, private: str | None = None) -> Json:
    """Return one key; `private` is its private half, in the one answer that shows it (rule 80)."""
    row = view.get("api_keys", key)
    (shown,) = key_objects(context, view, [] if row is None else [row], sees)
    return shown if private is None else {**shown, "privateKey": private}

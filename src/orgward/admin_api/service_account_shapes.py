"""Service accounts as the Admin API shows them: a secret once, and of their roles those of one place."""

from collections.abc import Sequence
from typing import Any

from orgward.app.execute import Context
from orgward.kernel.client_ids import client_id_of
from orgward.kernel.instants import rfc3339
from orgward.store.reads.api_keys import roles_in_force
from orgward.store.reads.service_accounts import secrets_of
from orgward.store.view import Row, SqlView

Json = dict[str, Any]


def account_objects(context: Context, view: SqlView, rows: Sequence[Row]) -> list[Json]:
    """Return the accounts `rows` with their roles in the organization or project that the call is about."""
    resource, ids = context.resource, [row["id"] for row in rows]
    roles, secrets = roles_in_force(view, resource.org or "", ids, context.now), secrets_of(view, ids)
    return [
        {
            "clientId": client_id_of(row["id"]),
            "createdAt": rfc3339(row["created_at"]),
            "description": row["description"],
            "name": row["name"],
            "roles": [role for scope, role in roles.get(row["id"], []) if scope == resource.scope_id],
            "secrets": [secret_object(secret) for secret in secrets.get(row["id"], [])],
        }
        for row in rows
    ]


def account_object(context: Context, view: SqlView, account: str, secret: str | None = None) -> Json:
    """Return one account; `secret` is its first one, in the one answer that shows it (rule 80)."""
    row = view.get("service_accounts", account)
    (shown,) = account_objects(context, view, [] if row is None else [row])
    if secret is not None:
        shown["secrets"] = [with_secret(each, secret) for each in shown["secrets"]]
    return shown


def secret_object(row: Row) -> Json:
    """Return what is shown of a secret once its answer has been given."""
    shown = {
        "createdAt": rfc3339(row["created_at"]),
        "expiresAt": rfc3339(row["expires_at"]),
        "id": row["id"],
        "maskedSecretValue": row["masked"],
    }
    return shown if row["last_used_at"] is None else {**shown, "lastUsedAt": rfc3339(row["last_used_at"])}


def with_secret(shown: Json, secret: str) -> Json:
    """Return a secret as its maker sees it, this once: in full, in place of the mask."""
    return {**{name: value for name, value in shown.items() if name != "maskedSecretValue"}, "secret": secret}


def project_objects(context: Context, account: str) -> list[Json]:
    """Return the projects that the account is on, with its roles there; whoever reads it here reads it on each."""
    org, found = context.resource.id, dict[str, list[str]]()
    for scope, role in roles_in_force(context.view, org, [account], context.now).get(account, []):
        if scope != org:
            found.setdefault(scope, []).append(role)
    return [{"groupId": project, "roles": roles} for project, roles in found.items()]

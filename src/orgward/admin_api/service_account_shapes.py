"""Service accounts as the Admin API shows them: a secret once, and of their roles those of one place."""

from collections.abc import Callable, Sequence
from typing import Any

from orgward.app.acting import outcome_of
from orgward.app.execute import Context
from orgward.directory.ground import Change
from orgward.directory.service_accounts import KIND
from orgward.edge.paging import Page
from orgward.kernel.client_ids import client_id_of
from orgward.kernel.instants import rfc3339
from orgward.kernel.resource import ResourceRef
from orgward.store.reads.machines import roles_in_force
from orgward.store.reads.service_accounts import secrets_of
from orgward.store.view import Row, SqlView
from orgward.store.writer import Outcome

Json = dict[str, Any]
Read = Callable[[SqlView, str, str, int, int], tuple[list[Row], int]]
"""Returns a page of the machines of a kind in an organization or project, and how many there are."""


def account_page(context: Context, read: Read) -> Page:
    """Return the page of accounts that the call asks for, as `read` finds them in its organization or project."""
    query = context.call.query.parsed
    rows, total = read(context.view, KIND, context.resource.id, query.per_page, query.offset)
    return Page(account_objects(context, context.view, rows), total)


def account_objects(
    context: Context, view: SqlView, rows: Sequence[Row], *, place: ResourceRef | None = None
) -> list[Json]:
    """Return the accounts `rows` with their roles at `place`, else where the call is about."""
    resource, ids = place or context.resource, [row["id"] for row in rows]
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


def account_object(
    context: Context, view: SqlView, account: str, secret: str | None = None, *, place: ResourceRef | None = None
) -> Json:
    """Return one account; `secret` is its first one, in the one answer that shows it (rule 80)."""
    row = view.get("service_accounts", account)
    (shown,) = account_objects(context, view, [] if row is None else [row], place=place)
    if secret is not None:
        shown["secrets"] = [with_secret(each, secret) for each in shown["secrets"]]
    return shown


def account_outcome(context: Context, change: Change) -> Outcome:
    """Return the outcome of `change`, answered with the account that it leaves; its secret if it has just got one."""
    return outcome_of(change, lambda view: account_object(context, view, str(change.target), change.secret))


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

"""Service accounts of an organization or project, page by page, and their secrets."""

import json
from collections.abc import Iterable
from typing import Final

from orgward.store.schema import service_account_secrets, service_accounts
from orgward.store.view import Row, SqlView, row_of

_ACCOUNT: Final = ", ".join(f"s.{column.name}" for column in service_accounts.columns)
_SECRET: Final = ", ".join(f"s.{column.name}" for column in service_account_secrets.columns)
_ON_PROJECT: Final = "FROM assignments WHERE scope_id = :project AND holder_kind = 'service_account'"


def accounts_page(view: SqlView, org: str, limit: int, offset: int) -> tuple[list[Row], int]:
    """Return a page of the service accounts of `org`, oldest first, and how many there are."""
    rows = view.rows(
        f"SELECT {_ACCOUNT} FROM service_accounts AS s WHERE s.org_id = :org ORDER BY s.id LIMIT :limit OFFSET :offset",
        {"org": org, "limit": limit, "offset": offset},
    )
    return [row_of(service_accounts, row) for row in rows], view.count("service_accounts", org_id=org)


def project_accounts_page(view: SqlView, project: str, limit: int, offset: int) -> tuple[list[Row], int]:
    """Return a page of the service accounts on `project`, oldest first, and how many there are."""
    ids = f"SELECT DISTINCT holder_id {_ON_PROJECT} ORDER BY holder_id LIMIT :limit OFFSET :offset"
    rows = view.rows(
        f"SELECT {_ACCOUNT} FROM ({ids}) AS h JOIN service_accounts AS s ON s.id = h.holder_id ORDER BY s.id",
        {"project": project, "limit": limit, "offset": offset},
    )
    total = view.rows(f"SELECT COUNT(DISTINCT holder_id) {_ON_PROJECT}", {"project": project})[0][0]
    return [row_of(service_accounts, row) for row in rows], int(total)


def secrets_of(view: SqlView, accounts: Iterable[str]) -> dict[str, list[Row]]:
    """Return by account what is kept of its secrets, oldest first."""
    rows = view.rows(
        f"SELECT {_SECRET} FROM json_each(:accounts) AS v JOIN service_account_secrets AS s"
        " ON s.account_id = v.value ORDER BY s.account_id, s.id",
        {"accounts": json.dumps(list(accounts))},
    )
    found: dict[str, list[Row]] = {}
    for row in rows:
        secret = row_of(service_account_secrets, row)
        found.setdefault(secret["account_id"], []).append(secret)
    return found

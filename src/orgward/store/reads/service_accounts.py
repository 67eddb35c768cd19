"""Secrets of service accounts."""

import json
from collections.abc import Iterable
from typing import Final

from orgward.store.schema import service_account_secrets
from orgward.store.view import Row, SqlView, row_of

_SECRET: Final = ", ".join(f"s.{column.name}" for column in service_account_secrets.columns)


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

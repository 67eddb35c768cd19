"""The API keys and service accounts that somebody made."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from orgward.kernel.client_ids import client_id_of
from orgward.store.folding import folded
from orgward.store.view import Row, SqlView

KINDS: Final = ("key", "service")


@dataclass(frozen=True, slots=True)
class Made:
    """A key or service account; `mark` is its public key or client id, `path` its page in its organization `org`."""

    id: str
    kind: str
    org: str
    name: str
    mark: str
    created: int
    path: str


def machines_made(view: SqlView, maker: str, *, kinds: Collection[str] = KINDS) -> list[Made]:
    """Return the machines of `kinds` that `maker` made, by name."""
    keys = view.find("api_keys", maker_id=maker) if "key" in kinds else ()
    accounts = view.find("service_accounts", maker_id=maker) if "service" in kinds else ()
    found = [*map(_key, keys), *map(_account, accounts)]
    return sorted(found, key=lambda made: (folded(made.name), made.id))


def _key(row: Row) -> Made:
    id_, org = row["id"], row["org_id"]
    return Made(id_, "key", org, row["description"], row["public_key"], row["created_at"], f"/o/{org}/keys/{id_}")


def _account(row: Row) -> Made:
    id_, org, client = row["id"], row["org_id"], client_id_of(row["id"])
    return Made(id_, "service", org, row["name"], client, row["created_at"], f"/o/{org}/accounts/{client}")

"""Who stands behind a name, and the names of whom is known by id, for many at once."""

import json
from collections.abc import Iterable

from orgward.directory.names import username_key
from orgward.kernel.client_ids import account_of
from orgward.store.view import SqlView

_USERS = "SELECT p.username_key, p.id FROM json_each(:names) AS v JOIN person_data AS p ON p.username_key = v.value"
_KEYS = "SELECT k.public_key, k.id FROM json_each(:names) AS v JOIN api_keys AS k ON k.public_key = v.value"
_ACCOUNTS = "SELECT a.id FROM json_each(:ids) AS v JOIN service_accounts AS a ON a.id = v.value"
_USERNAMES = "SELECT p.id, p.username FROM json_each(:names) AS v JOIN person_data AS p ON p.id = v.value"
_PUBLIC_KEYS = "SELECT k.id, k.public_key FROM json_each(:names) AS v JOIN api_keys AS k ON k.id = v.value"


def users_named(view: SqlView, names: Iterable[str]) -> dict[str, str]:
    """Return the id of the user behind each username that is known."""
    by_key: dict[str, list[str]] = {}
    for name in names:
        by_key.setdefault(username_key(name), []).append(name)
    return {name: user for key, user in _pairs(view, _USERS, by_key) for name in by_key[key]}


def keys_named(view: SqlView, names: Iterable[str]) -> dict[str, str]:
    """Return the id of the API key behind each public key that is known."""
    return dict(_pairs(view, _KEYS, names))


def accounts_named(view: SqlView, names: Iterable[str]) -> dict[str, str]:
    """Return the id of the service account behind each client id that is known."""
    given = {name: account for name in names if (account := account_of(name)) is not None}
    known = {id_ for (id_,) in view.rows(_ACCOUNTS, {"ids": json.dumps(sorted(given.values()))})} if given else set()
    return {name: id_ for name, id_ in given.items() if id_ in known}


def usernames(view: SqlView, ids: Iterable[str]) -> dict[str, str]:
    """Return the username of each of the users; whoever was erased has none."""
    return dict(_pairs(view, _USERNAMES, ids))


def public_keys(view: SqlView, ids: Iterable[str]) -> dict[str, str]:
    """Return the public key of each of the API keys."""
    return dict(_pairs(view, _PUBLIC_KEYS, ids))


def _pairs(view: SqlView, sql: str, names: Iterable[str]) -> list[tuple[str, str]]:
    given = sorted(names)
    return [(a, b) for a, b in view.rows(sql, {"names": json.dumps(given)})] if given else []

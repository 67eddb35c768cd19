"""Who stands behind the ids of people and keys that rows and the log name, for a whole page at once."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from orgward.kernel.client_ids import client_id_of
from orgward.store.view import SqlView

_PEOPLE: Final = (
    "SELECT p.id, p.username, p.first_name, p.last_name FROM json_each(:ids) AS v"
    " CROSS JOIN person_data AS p ON p.id = v.value"
)
_KEYS: Final = (
    "SELECT k.id, k.description, k.public_key FROM json_each(:ids) AS v CROSS JOIN api_keys AS k ON k.id = v.value"
)
_ACCOUNTS: Final = "SELECT a.id, a.name FROM json_each(:ids) AS v CROSS JOIN service_accounts AS a ON a.id = v.value"


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, a machine or the operator; whoever was erased or deleted has no name.

    `name` is a person's name, a key's description, a service account's name or the operator's account, `mark` the
    address, public key or client id.
    """

    kind: str
    id: str
    name: str = ""
    mark: str = ""

    @property
    def label(self) -> str:
        """Return the name, or the mark of whoever has none."""
        return self.name or self.mark


def actors(view: SqlView, asked: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Actor]:
    """Return whoever stands behind each kind and id."""
    found = {(kind, id_): Actor(kind, id_, id_ if kind == "operator" else "") for kind, id_ in asked}
    people = [id_ for kind, id_ in found if kind == "user"]
    keys = [id_ for kind, id_ in found if kind == "api_key"]
    for id_, username, first, last in view.rows(_PEOPLE, {"ids": json.dumps(people)}) if people else ():
        found["user", id_] = Actor("user", id_, f"{first} {last}".strip(), username)
    for id_, description, public in view.rows(_KEYS, {"ids": json.dumps(keys)}) if keys else ():
        found["api_key", id_] = Actor("api_key", id_, description, public)
    accounts = [id_ for kind, id_ in found if kind == "service_account"]
    for id_, name in view.rows(_ACCOUNTS, {"ids": json.dumps(accounts)}) if accounts else ():
        found["service_account", id_] = Actor("service_account", id_, name, client_id_of(id_))
    return found

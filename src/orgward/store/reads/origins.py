"""When and by whom rows began to exist, for a whole page at once."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from orgward.kernel.delta import Key
from orgward.store.origins import joined
from orgward.store.view import SqlView

_SQL: Final = (
    "SELECT o.key, o.revision, o.at, o.actor_kind, o.actor_id FROM json_each(:keys) AS v"
    " CROSS JOIN origins AS o ON o.of = :table AND o.key = v.value"
)


@dataclass(frozen=True, slots=True)
class Origin:
    """The command by which a row began to exist: its revision, when it was done, and by whom."""

    revision: int
    at: int
    actor_kind: str
    actor_id: str


def origins_of(view: SqlView, table: str, keys: Iterable[Key]) -> dict[Key, Origin]:
    """Return the origins of the rows of `table` under `keys`; what no command made has none."""
    given = {joined(key): key for key in keys}
    if not given:
        return {}
    rows = view.rows(_SQL, {"table": table, "keys": json.dumps(list(given))})
    return {given[key]: Origin(*told) for key, *told in rows}

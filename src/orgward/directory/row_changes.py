"""The rows that a command changes, each as it was and as it will be."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from orgward.directory.ground import Row, View
from orgward.kernel.delta import Delta, Key

TOLD: Final = frozenset(
    {
        "api_key_access", "api_keys", "assignments", "connected_organizations", "contacts", "federation_domains",
        "federations", "identity_providers", "invitations", "join_requests", "members", "organizations",
        "person_data", "project_limits", "project_members", "projects", "role_mappings", "service_account_secrets",
        "service_accounts", "settings", "team_members", "teams",
    }
)  # fmt: skip
"""Tables of which a change can be an event; the others hold secrets, mail and accounts. No event holds an address."""

Event = dict[str, Any]

Grants = Mapping[str, tuple[int, int, bool]]
"""Of each role that a holder has somewhere its bounds, and whether it was given by an owner."""


@dataclass(frozen=True, slots=True)
class RowChange:
    """The row under `key` before and after a command; None where there is none."""

    key: Key
    before: Row | None
    after: Row | None

    @property
    def row(self) -> Row:
        """Return the row as it will be, or as it was if there will be none."""
        return self.after or self.before or {}


class RowChanges:
    """Everything that `deltas` change of what stands in `view`, which they have not reached yet."""

    def __init__(self, view: View, deltas: Iterable[Delta]) -> None:
        """Look up how each row was; the last delta of a row counts, and what changes nothing is passed over."""
        self.view = view
        self._found: dict[str, dict[Key, RowChange]] = {}
        for (table, key), row in {(d.table, d.key): d.row for d in deltas if d.table in TOLD}.items():
            before = view.get(table, *key)
            if before != (None if row is None else dict(row)):
                self._found.setdefault(table, {})[key] = RowChange(key, before, row)

    def of(self, table: str) -> Sequence[RowChange]:
        """Return the changed rows of `table`."""
        return list(self._found.get(table, {}).values())

    def before(self, table: str, *key: str) -> Row | None:
        """Return the row of `table` under `key` as it was."""
        return self.view.get(table, *key)

    def after(self, table: str, *key: str) -> Row | None:
        """Return the row of `table` under `key` as it will be."""
        changed = self._found.get(table, {}).get(key)
        return self.view.get(table, *key) if changed is None else changed.after

    def begins(self, table: str, *key: str) -> bool:
        """Say whether the row of `table` under `key` is made by the command."""
        changed = self._found.get(table, {}).get(key)
        return changed is not None and changed.before is None

    def ends(self, table: str, *key: str) -> bool:
        """Say whether the row of `table` under `key` is dropped by the command."""
        changed = self._found.get(table, {}).get(key)
        return changed is not None and changed.after is None

    @cached_property
    def grants(self) -> Mapping[tuple[str, str], "GrantsChange"]:
        """Return by holder and scope the grants that are others than before."""
        touched: dict[tuple[str, str], list[RowChange]] = {}
        for changed in self.of("assignments"):
            touched.setdefault((changed.key[0], changed.key[1]), []).append(changed)
        found = {pair: self._grants_change(*pair, rows) for pair, rows in touched.items()}
        return {pair: change for pair, change in found.items() if change.before != change.after}

    def _grants_change(self, holder: str, scope: str, changed: Sequence[RowChange]) -> "GrantsChange":
        held = self.view.find("assignments", holder_id=holder, scope_id=scope)
        before = {row["role"]: _grant(row) for row in held}
        gone = {each.key[2] for each in changed}
        after = {role: grant for role, grant in before.items() if role not in gone}
        after |= {each.key[2]: _grant(each.after) for each in changed if each.after is not None}
        return GrantsChange(before, after, next((each.after for each in changed if each.after), changed[0].row))


@dataclass(frozen=True, slots=True)
class GrantsChange:
    """What a holder has at a scope before and after, and one of the rows that say so."""

    before: Grants
    after: Grants
    row: Row


def _grant(row: Row) -> tuple[int, int, bool]:
    return row["starts"], row["ends"], row["added_by_owner"]


def placed(org: str, scope: str) -> Event:
    """Return where an event happened: in the organization, or in a project of it."""
    return {"orgId": org} if scope == org else {"orgId": org, "groupId": scope}


def differ(changed: RowChange, *columns: str) -> bool:
    """Say whether one of `columns` is other than before."""
    before, after = changed.before or {}, changed.after or {}
    return any(before.get(column) != after.get(column) for column in columns)

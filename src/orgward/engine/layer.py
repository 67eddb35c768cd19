"""Changed facts above facts that stay as they are: what snapshots and overlays have in common.

Every change replaces a whole row, so folding the same delta twice does no harm, and a reader on another
thread sees a row before or after a change, never in between.
"""

from collections.abc import Iterable, Iterator, Mapping
from threading import Lock
from typing import Final

from orgward.engine.compile import NOTHING, Row, compile_row, sources_of
from orgward.engine.facts import ACTIVE, ATTRIBUTES, MEMBER_OF_TEAM, Facts, Grant, Grants
from orgward.kernel.delta import Delta
from orgward.kernel.delta import Row as TableRow

REMOVED: Final = "removed"
_MEMO_ROWS: Final = 16_384


class Layer:
    """Facts with a fold; `below` answers for everything that no delta has touched."""

    def __init__(self, below: Facts) -> None:
        """Start without any change."""
        self.below = below
        self.revision = 0
        self._attributes: dict[str, dict[str, str | None]] = {table: {} for table in ATTRIBUTES}
        self._states: dict[tuple[str, str], str] = {}
        self._rows: dict[str, dict[str, Grants]] = {}
        self._holders: dict[str, dict[str, None]] = {}
        self._added_projects: dict[str, dict[str, None]] = {}
        self._memo: dict[str, Row] = {}
        self._memo_lock = Lock()
        self._folds = 0

    # -- facts

    def attribute(self, table: str, key: str) -> str | None:
        """Return the attribute of the row `key` of `table`."""
        changed = self._attributes[table]
        return changed[key] if key in changed else self.below.attribute(table, key)

    def state(self, org: str, user: str) -> str:
        """Return the state of the membership of `user` in `org`."""
        return self._states.get((org, user)) or self.below.state(org, user)

    def edges(self, holder: str) -> Mapping[str, Grants]:
        """Return every target of `holder` with its grants there."""
        row = self._rows.get(holder)
        return self.below.edges(holder) if row is None else row

    def runs(self, target: str) -> Iterator[tuple[Grants, Iterable[str]]]:
        """Yield the holders on `target`, in runs of holders that have the same grants."""
        changed = self._rows
        for grants, holders in self.below.runs(target):
            yield grants, [holder for holder in holders if holder not in changed] if changed else holders
        for holder in list(self._holders.get(target, ())):
            row = changed.get(holder)  # another thread may have entered the holder and not yet its row
            found = None if row is None else row.get(target)
            if found is not None:
                yield found, (holder,)

    def projects_in(self, org: str) -> list[str]:
        """Return the projects of `org`."""
        added = self._added_projects.get(org, {})
        known = [*(p for p in self.below.projects_in(org) if p not in added), *list(added)]
        if not self._attributes["projects"]:
            return known
        return [project for project in known if self.attribute("projects", project) == org]

    # -- fold

    def fold(self, deltas: Iterable[Delta]) -> None:
        """Take the changes of a command in; tables that decide nothing are passed over."""
        with self._memo_lock:
            for delta in deltas:
                self._fold_one(delta)
            self._folds += 1  # at the end: a row compiled from half of the deltas is not kept either

    def _fold_one(self, delta: Delta) -> None:
        if delta.table in ATTRIBUTES:
            self._fold_attribute(delta)
        elif delta.table == "members":
            self._fold_state(delta)
        elif delta.table == "assignments":
            self._fold_assignment(delta)
        elif delta.table == "team_members":
            user, team = delta.key
            self._put(user, team, None if delta.row is None else MEMBER_OF_TEAM)
            self._forget(user)

    def _fold_attribute(self, delta: Delta) -> None:
        (key,) = delta.key
        before = self.attribute(delta.table, key)
        after = None if delta.row is None else delta.row[ATTRIBUTES[delta.table]]
        self._attributes[delta.table][key] = after
        if delta.table == "projects" and after is not None:
            self._added_projects.setdefault(after, {})[key] = None
        if before is not None and before != after:
            self._forget_all()

    def _fold_state(self, delta: Delta) -> None:
        org, user = delta.key
        self._states[org, user] = state_of(delta.row)
        self._forget(user)

    def _fold_assignment(self, delta: Delta) -> None:
        holder, target, role = delta.key
        kept = [grant for grant in self.edges(holder).get(target, ()) if grant.role != role]
        if delta.row is not None:
            kept.append(grant_of(role, delta.row))
        self._put(holder, target, tuple(sorted(kept)) or None)
        self._forget(holder)

    def _put(self, holder: str, target: str, grants: Grants | None) -> None:
        row = dict(self.edges(holder))
        if grants is None:
            row.pop(target, None)
        else:
            row[target] = grants
        for reached in row:
            self._holders.setdefault(reached, {})[holder] = None
        self._rows[holder] = row

    def _forget(self, holder: str) -> None:
        self._memo.pop(holder, None)
        if self.attribute("teams", holder) is not None:
            for _, members in self.runs(holder):
                for member in members:
                    self._memo.pop(member, None)

    def _forget_all(self) -> None:
        self._memo.clear()

    # -- decisions

    def row(self, principal: str, now: int) -> Row:
        """Return what `principal` may do at `now`."""
        row = self._memo.get(principal)
        if row is None or not row.since <= now < row.until:
            row = self._compiled(principal, now)
        return row

    def _compiled(self, principal: str, now: int) -> Row:
        folds = self._folds
        row = compile_row(self, principal, now)
        with self._memo_lock:
            # A row read while another thread folded may be of the past: it answers this once and is not kept.
            if folds == self._folds:
                if len(self._memo) >= _MEMO_ROWS:
                    self._memo.clear()
                self._memo[principal] = row
        return row

    def check(self, principal: str, action: str, resource: str, now: int) -> bool:
        """Say whether `principal` holds the privilege `action` on `resource` at `now`."""
        row = self.row(principal, now)
        allowed = row.allowed.get(resource)
        if allowed is None:
            org = self.attribute("projects", resource)
            allowed = row.reach.get(org, NOTHING) if org is not None else NOTHING
        return action in allowed

    def fill_sources(self, row: Row, principal: str, now: int) -> None:
        """Keep with `row` the sources that explain it."""
        row.sources = sources_of(self, principal, now)


def state_of(row: TableRow | None) -> str:
    """Return the engine's state of a row of `members`: suspension stops an active member, absence everything."""
    if row is None:
        return REMOVED
    return "suspended" if row["suspended"] and row["state"] == ACTIVE else str(row["state"])


def grant_of(role: str, row: TableRow) -> Grant:
    """Return the grant that a row of `assignments` records."""
    return Grant(role, bool(row["added_by_owner"]), row["starts"], row["ends"])


class Overlay(Layer):
    """What would be if some commands had happened: authorized against inside a batch, kept or dropped whole."""

    def __init__(self, below: "Layer") -> None:
        """Start equal to `below`."""
        super().__init__(below)
        self.revision = below.revision
        self.deltas: list[Delta] = []

    def fold(self, deltas: Iterable[Delta]) -> None:
        """Take changes in and remember them, so that they can be handed to what lies below."""
        taken = list(deltas)
        self.deltas.extend(taken)
        super().fold(taken)

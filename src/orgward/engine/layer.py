"""Changed facts above facts that stay as they are: what snapshots and overlays have in common.

Every change replaces a whole row, so folding the same delta twice does no harm, and a reader on another
thread sees a row before or after a change, never in between.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import partial
from threading import Lock
from typing import Final

from orgward.engine.arrays import Arrays, Holding, Split
from orgward.engine.compile import (
    NOTHING,
    Allowing,
    Row,
    access_of,
    compile_row,
    effective_edges,
    in_force,
    paths_to,
)
from orgward.engine.facts import ACTIVE, ATTRIBUTES, MEMBER_OF_TEAM, Grant, Grants, home_of, machine_home
from orgward.kernel.delta import Delta
from orgward.kernel.delta import Row as TableRow

REMOVED: Final = "removed"
_MEMO_ROWS: Final = 16_384


class Layer:
    """Facts with a fold; `below` answers for everything that no delta has touched."""

    def __init__(self, below: "Arrays | Layer") -> None:
        """Start without any change."""
        self.below = below
        self.revision = 0
        self._attributes: dict[str, dict[str, str | None]] = {table: {} for table in ATTRIBUTES}
        self._states: dict[tuple[str, str], str] = {}
        self._states_by_org: dict[str, dict[str, str]] = {}
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

    def holdings(self, target: str, now: int) -> Iterator[Holding]:
        """Yield the holders on `target` whose assignments count there, members' states aside, by equal grants."""
        changed = self._rows
        org = self.attribute("projects", target) or target
        edition = self.attribute("organizations", org)
        if edition is None:
            return
        for holding in self._holdings_below(target, now):
            yield _without(holding, changed) if changed else holding
        for grants, holders in self._changed(target, org).items():
            access = access_of(edition, "organization" if org == target else "project", in_force(grants, now))
            yield Holding(grants, access, partial(self._split, holders))

    def members(self, team: str) -> frozenset[str]:
        """Return who is in `team` and of its organization, members' states aside."""
        found = self.below.members(team)
        if self._rows:
            found = found.difference(self._rows)
        entered = self._changed(team, self.attribute("teams", team) or "")
        return found.union(*entered.values()) if entered else found

    def _changed(self, target: str, org: str) -> dict[Grants, list[str]]:
        """Return by their grants the holders on `target`, of the organization `org`, whose rows are kept here."""
        found: dict[Grants, list[str]] = {}
        for holder in list(self._holders.get(target, ())):
            row = self._rows.get(holder)  # another thread may have entered the holder and not yet its row
            grants = None if row is None else row.get(target)
            if grants is not None and self._is_home(holder, org):
                found.setdefault(grants, []).append(holder)
        return found

    def _split(self, holders: Collection[str]) -> Split:
        teams = frozenset(holder for holder in holders if self.attribute("teams", holder) is not None)
        machines = frozenset(holder for holder in holders if machine_home(self, holder) is not None)
        return Split(frozenset(holders) - teams - machines, machines - teams, teams)

    def _holdings_below(self, target: str, now: int) -> Iterable[Holding]:
        below = self.below
        return below.holdings(target, now) if isinstance(below, Layer) else below.holdings(target)

    def _is_home(self, holder: str, org: str) -> bool:
        return home_of(self, holder) in {None, org}

    def stopped(self, org: str) -> set[str]:
        """Return the users whose membership of `org` is recorded as anything but active; keys have none."""
        found = set(self.below.stopped(org))
        for user in (*self._states_by_org.get(org, ()), *self._attributes["api_keys"]):
            is_stopped = self.state(org, user) != ACTIVE and self.attribute("api_keys", user) is None
            (found.add if is_stopped else found.discard)(user)
        return found

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
            if delta.table == "service_accounts" and delta.row is not None:
                suspended = delta.row["suspended"]
                self._fold_state(delta.row["org_id"], delta.key[0], "suspended" if suspended else ACTIVE)
        elif delta.table == "members":
            org, user = delta.key
            self._fold_state(org, user, state_of(delta.row))
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
        if before != after:
            self._keep_around(key)
        self._attributes[delta.table][key] = after
        if delta.table == "projects" and after is not None:
            self._added_projects.setdefault(after, {})[key] = None
        if before != after:
            self._forget_all()

    def _keep_around(self, key: str) -> list[str]:
        """Keep here the rows of all whose edges start at `key` or lead to it, for below they count as they did."""
        found = [key]
        for target in (key, *self.projects_in(key)):
            found += [holder for _, holders in self.runs(target) for holder in holders]
        for holder in found:
            self._keep_row(holder, dict(self.edges(holder)))
        return found

    def _fold_state(self, org: str, principal: str, state: str) -> None:
        self._states[org, principal] = self._states_by_org.setdefault(org, {})[principal] = state
        self._forget(principal)

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
        self._keep_row(holder, row)

    def _keep_row(self, holder: str, row: dict[str, Grants]) -> None:
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
        row = self._compile(principal, now)
        with self._memo_lock:
            # A row read while another thread folded may be of the past: it answers this once and is not kept.
            if folds == self._folds:
                if len(self._memo) >= _MEMO_ROWS:
                    del self._memo[next(iter(self._memo))]
                self._memo[principal] = row
        return row

    def _compile(self, principal: str, now: int) -> Row:
        return compile_row(self, principal, now)

    def check(self, principal: str, action: str, resource: str, now: int) -> bool:
        """Say whether `principal` holds the privilege `action` on `resource` at `now`."""
        row = self.row(principal, now)
        allowed = row.allowed.get(resource)
        if allowed is None:
            org = self.attribute("projects", resource)
            allowed = row.reach.get(org, NOTHING) if org is not None else NOTHING
        return action in allowed

    def paths(self, principal: str, resource: str, now: int) -> tuple[Allowing, ...]:
        """Return every path by which `principal` has any access to `resource`, with what each allows there."""
        row = self._memo.get(principal)  # as in `row`, without the call
        if row is None or not row.since <= now < row.until:
            row = self._compiled(principal, now)
        found = row.paths.get(resource)
        if found is None:
            if row.edges is None:
                row.edges = tuple(effective_edges(self, principal))
            found = paths_to(row.edges, resource, self.attribute("projects", resource), now)
            row.paths[resource] = found
        return found


def _without(holding: Holding, changed: Mapping[str, object]) -> Holding:
    return Holding(holding.grants, holding.access, partial(_unchanged, holding, changed))


def _unchanged(holding: Holding, changed: Mapping[str, object]) -> Split:
    return Split(*(holders.difference(changed) if holders else holders for holders in holding.split))


def state_of(row: TableRow | None) -> str:
    """Return the engine's state of a row of `members`: suspension stops an active member, absence everything."""
    if row is None:
        return REMOVED
    return "suspended" if row["suspended"] and row["state"] == ACTIVE else str(row["state"])


def grant_of(role: str, row: TableRow) -> Grant:
    """Return the grant that a row of `assignments` records."""
    return Grant(role, bool(row["added_by_owner"]), row["starts"], row["ends"], bool(row.get("mapped")))


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

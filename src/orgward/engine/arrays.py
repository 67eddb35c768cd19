"""The grants of a whole store in arrays: some 13 bytes a grant for both directions, ids apart.

Nothing here changes and nothing here looks at time, state or home: whatever needs such a look is left to the layer
above. A team shows by its number: as a target after organizations and projects, as a holder before everybody else.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Final, NamedTuple

from orgward.engine.compile import Access, Row, union
from orgward.engine.facts import ACTIVE, ATTRIBUTES, Grants
from orgward.engine.packing import Loaded, Packed
from orgward.kernel.instants import FOREVER

_NOWHERE: Final = (1 << 32) - 1
_HOLDINGS_KEPT: Final = 4_096

NOBODY: Final[frozenset[str]] = frozenset()


class Split(NamedTuple):
    """Holders by their kinds; sets, for whole crowds are united and counted at once."""

    people: frozenset[str]
    machines: frozenset[str] = NOBODY
    teams: frozenset[str] = NOBODY


def united(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    """Return the union of `sets`: the largest one itself if the others are empty, or a copy of it with the others."""
    largest, *others = sorted(filter(None, sets), key=len, reverse=True) or [NOBODY]
    return largest.union(*others) if others else largest


class Holding:
    """Holders on one target who have the same grants there; who they are is looked up when first asked."""

    __slots__ = ("_find", "_split", "access", "grants")

    def __init__(self, grants: Grants, access: Access, find: Callable[[], Split]) -> None:
        """Keep the grants, what they amount to at the moment asked for, and the way to find the holders."""
        self.grants = grants
        self.access = access
        self._find = find
        self._split: Split | None = None

    @property
    def split(self) -> Split:
        """Return the holders."""
        if self._split is None:
            self._split = self._find()
        return self._split


class Arrays:
    """Facts that never change, loaded from a store; assignments with bounds are left to the layer above."""

    def __init__(self, loaded: Loaded, packed: Packed) -> None:
        """Keep the attributes and exceptional states of `loaded`, and the edges that were `packed`."""
        self.attributes = {table: loaded.attributes.get(table, {}) for table in ATTRIBUTES}
        self.states = dict(loaded.states)
        self.projects_by_org: dict[str, list[str]] = {}
        for project, org in self.attributes["projects"].items():
            self.projects_by_org.setdefault(org, []).append(project)
        self.stopped_by_org: dict[str, set[str]] = {}
        for org, user in self.states:
            if user not in self.attributes["api_keys"]:
                self.stopped_by_org.setdefault(org, set()).add(user)
        self.holders, self.targets, self.first_team = packed.holders, packed.targets, packed.first_team
        self.forward, self.backward = packed.forward, packed.backward
        self.grants, self.access = packed.grants, packed.access
        self._own = [access.own for access in self.access]
        self._reach = [access.reach for access in self.access]
        self._first_machine, self._first_person = len(self.attributes["teams"]), packed.first_person
        self._holdings: dict[int, tuple[Holding, ...]] = {}
        orgs, projects = self.targets.numbers, self.attributes["projects"]
        self._org_of = array("I", [orgs.get(projects.get(target, ""), _NOWHERE) for target in self.targets.ids])

    def attribute(self, table: str, key: str) -> str | None:
        """Return the attribute of the row `key` of `table`."""
        return self.attributes[table].get(key)

    def state(self, org: str, user: str) -> str:
        """Return the state of the membership of `user` in `org`."""
        return self.states.get((org, user), ACTIVE)

    def stopped(self, org: str) -> set[str]:
        """Return the users whose membership of `org` is recorded as anything but active; keys have none."""
        return self.stopped_by_org.get(org, set())

    def edges(self, holder: str) -> dict[str, Grants]:
        """Return every target of `holder` with its grants there."""
        number = self.holders.numbers.get(holder)
        if number is None:
            return {}
        low, high = self.forward.bounds(number)
        columns, shapes = self.forward.columns, self.forward.shapes
        return {self.targets.ids[columns[i]]: self.grants[shapes[i]] for i in range(low, high)}

    def runs(self, target: str) -> Iterator[tuple[Grants, list[str]]]:
        """Yield the holders on `target`, in runs of holders that have the same grants."""
        number = self.targets.numbers.get(target)
        if number is None:
            return
        low, high = self.backward.bounds(number)
        shapes, columns, ids = self.backward.shapes, self.backward.columns, self.holders.ids
        while low < high:
            shape = shapes[low]
            end = bisect_right(shapes, shape, low, high)
            yield self.grants[shape], [ids[holder] for holder in columns[low:end]]
            low = end

    def projects_in(self, org: str) -> list[str]:
        """Return the projects of `org`."""
        return self.projects_by_org.get(org, [])

    def members(self, team: str) -> frozenset[str]:
        """Return who is in `team`."""
        return united(holding.split.people for holding in self.holdings(team))

    def holdings(self, target: str) -> tuple[Holding, ...]:
        """Return the holders on `target` by equal grants; targets that were asked for last are kept decoded."""
        number = self.targets.numbers.get(target)
        if number is None:
            return ()
        found = self._holdings.get(number)
        if found is None:
            found = tuple(self._decode_holdings(number))
            if len(self._holdings) >= _HOLDINGS_KEPT:
                self._holdings.clear()
            self._holdings[number] = found
        return found

    def _decode_holdings(self, number: int) -> Iterator[Holding]:
        low, high = self.backward.bounds(number)
        shapes, grants, access, split = self.backward.shapes, self.grants, self.access, self._split
        while low < high:
            shape, end = shapes[low], low + 1
            if end < high and shapes[end] == shape:
                end = bisect_right(shapes, shape, end, high)
            yield Holding(grants[shape], access[shape], partial(split, low, end))
            low = end

    def _split(self, low: int, end: int) -> Split:
        columns = self.backward.columns
        machines = bisect_left(columns, self._first_machine, low, end)
        people = bisect_left(columns, self._first_person, machines, end)
        return Split(self._named(people, end), self._named(machines, people), self._named(low, machines))

    def _named(self, low: int, end: int) -> frozenset[str]:
        ids = self.holders.ids
        return frozenset([ids[holder] for holder in self.backward.columns[low:end]]) if end > low else NOBODY

    def check(self, principal: str, action: str, resource: str) -> bool:
        """Decide straight from the arrays; the caller knows that nothing above them concerns `principal`."""
        number = self.holders.numbers.get(principal)
        wanted = self.targets.numbers.get(resource)
        if number is None or wanted is None:
            return False
        offsets, columns, shapes = self.forward.offsets, self.forward.columns, self.forward.shapes
        org, first_team, low = self._org_of[wanted], self.first_team, offsets[number]
        for at, target in enumerate(columns[low : offsets[number + 1]], low):
            if target == wanted:
                if action in self._own[shapes[at]]:
                    return True
            elif target == org:
                if action in self._reach[shapes[at]]:
                    return True
            elif target >= first_team and self._gives(target - first_team, action, wanted):
                return True
        return False

    def _gives(self, team: int, action: str, wanted: int) -> bool:
        low, high = self.forward.bounds(team)
        at = bisect_left(self.forward.columns, wanted, low, high)
        return at < high and self.forward.columns[at] == wanted and action in self._own[self.forward.shapes[at]]

    def row(self, principal: str) -> Row:
        """Return what `principal` may do; the caller knows that nothing above the arrays concerns it."""
        row = Row(0, FOREVER)
        number = self.holders.numbers.get(principal)
        if number is None:
            return row
        own: dict[int, frozenset[str]] = {}
        reach: dict[int, frozenset[str]] = {}
        for target, shape in self._effective(number):
            allowed = self._own[shape]
            before = own.setdefault(target, allowed)
            if before is not allowed:
                own[target] = union(frozenset((before, allowed)))
            if self._reach[shape]:
                reach[target] = self._reach[shape]
        ids = self.targets.ids
        row.reach = {ids[org]: found for org, found in reach.items()}
        for target, allowed in own.items():
            carried = reach.get(self._org_of[target]) if reach else None
            row.allowed[ids[target]] = union(frozenset((allowed, carried))) if carried else allowed
        return row

    def _effective(self, number: int) -> Iterator[tuple[int, int]]:
        """Yield the numbers of targets and shapes of a holder's grants, its teams' included."""
        low, high = self.forward.bounds(number)
        columns, shapes = self.forward.columns, self.forward.shapes
        users = bisect_left(columns, self.first_team, low, high)
        yield from zip(columns[low:users], shapes[low:users], strict=True)
        for team in columns[users:high]:
            low, high = self.forward.bounds(team - self.first_team)
            yield from zip(columns[low:high], shapes[low:high], strict=True)

"""The grants of a whole store in arrays: some 13 bytes a grant for both directions, ids apart.

Nothing here changes and nothing here looks at time, state or home: whatever needs such a look is left to the layer
above. Numbers of teams come after those of organizations and projects, so that a team shows by its number.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import accumulate
from typing import Final

from orgward.catalog import Scope
from orgward.engine.compile import NOTHING, Access, Row, access_of, union
from orgward.engine.facts import ACTIVE, ATTRIBUTES, MEMBER_OF_TEAM, Grants
from orgward.kernel.instants import FOREVER

_TARGET_BITS: Final = 32
_SHAPE_BITS: Final = 16
_TARGET_MASK: Final = (1 << _TARGET_BITS) - 1
_SHAPE_MASK: Final = (1 << _SHAPE_BITS) - 1
_NOWHERE: Final = _TARGET_MASK
_NO_ACCESS: Final = Access(NOTHING, NOTHING)
_HOLDINGS_KEPT: Final = 4_096

PackedEdge = tuple[str, str, Grants]


Split = tuple[tuple[str, ...], tuple[str, ...]]


class Holding:
    """Holders on one target who have the same access there; who they are is looked up when first asked."""

    __slots__ = ("_find", "_split", "access")

    def __init__(self, access: Access, find: Callable[[], Split]) -> None:
        """Keep the access, and the way to find the principals and the teams."""
        self.access = access
        self._find = find
        self._split: Split | None = None

    @property
    def split(self) -> Split:
        """Return the principals, and the teams."""
        if self._split is None:
            self._split = self._find()
        return self._split


class Index:
    """Small integers for ids, in the order of their first appearance."""

    __slots__ = ("ids", "numbers")

    def __init__(self) -> None:
        """Start empty."""
        self.numbers: dict[str, int] = {}
        self.ids: list[str] = []

    def number(self, text: str) -> int:
        """Return the number of `text`, a new one if it has none yet."""
        found = self.numbers.setdefault(text, len(self.ids))
        if found == len(self.ids):
            self.ids.append(text)
        return found


class Direction:
    """One direction of the edges: for each row a slice of (column, shape), sorted."""

    __slots__ = ("columns", "offsets", "shapes")

    def __init__(self, rows: int, keys: list[int], columns: Iterable[int], shapes: Iterable[int]) -> None:
        """Take sorted `keys` whose bits from 48 on are the row, and their columns and shapes in that order."""
        counts = [0] * (rows + 1)
        for key in keys:
            counts[(key >> 48) + 1] += 1
        self.offsets = array("I", accumulate(counts))
        self.columns = array("I", columns)
        self.shapes = array("H", shapes)

    def bounds(self, row: int) -> tuple[int, int]:
        """Return where the slice of `row` begins and ends."""
        return self.offsets[row], self.offsets[row + 1]


class Arrays:
    """Facts that never change, loaded from a store; assignments with bounds are left to the layer above."""

    def __init__(
        self,
        attributes: Mapping[str, dict[str, str]],
        states: Mapping[tuple[str, str], str],
        edges: Iterable[PackedEdge],
    ) -> None:
        """Build both directions from `attributes` by table, exceptional `states` and unbounded `edges`."""
        self.attributes = {table: attributes.get(table, {}) for table in ATTRIBUTES}
        self.states = dict(states)
        self.projects_by_org: dict[str, list[str]] = {}
        for project, org in self.attributes["projects"].items():
            self.projects_by_org.setdefault(org, []).append(project)
        self.stopped_by_org: dict[str, set[str]] = {}
        for org, user in self.states:
            self.stopped_by_org.setdefault(org, set()).add(user)
        self.grants: list[Grants] = [MEMBER_OF_TEAM]
        self.access: list[Access] = [_NO_ACCESS]
        self._shape_numbers: dict[tuple[str, Scope, Grants], int] = {}
        self._holdings: dict[int, tuple[Holding, ...]] = {}
        self.holders, self.targets = Index(), self._number_targets()
        self._load(edges)

    def _number_targets(self) -> Index:
        targets = Index()
        for table in ("organizations", "projects"):
            for key in self.attributes[table]:
                targets.number(key)
        self.first_team = len(targets.ids)
        for key in self.attributes["teams"]:
            targets.number(key)
        return targets

    def _load(self, edges: Iterable[PackedEdge]) -> None:
        holder_number, target_number = self.holders.number, self.targets.number
        keys = [
            holder_number(holder) << 48 | target_number(target) << 16 | self._shape(target, grants)
            for holder, target, grants in edges
        ]
        keys.sort()
        self.forward = Direction(
            len(self.holders.ids),
            keys,
            [key >> _SHAPE_BITS & _TARGET_MASK for key in keys],
            [key & _SHAPE_MASK for key in keys],
        )
        keys = [(key >> 16 & _TARGET_MASK) << 48 | (key & _SHAPE_MASK) << 32 | key >> 48 for key in keys]
        keys.sort()
        self.backward = Direction(
            len(self.targets.ids),
            keys,
            [key & _TARGET_MASK for key in keys],
            [key >> _TARGET_BITS & _SHAPE_MASK for key in keys],
        )
        self._place_targets()

    def _place_targets(self) -> None:
        orgs, projects = self.targets.numbers, self.attributes["projects"]
        ids = self.targets.ids
        self._org_of = array("I", [orgs.get(projects.get(target, ""), _NOWHERE) for target in ids])
        teams = ids[self.first_team :]
        self._holder_of_team = array("I", [self.holders.numbers.get(team, _NOWHERE) for team in teams])

    def _shape(self, target: str, grants: Grants) -> int:
        if grants == MEMBER_OF_TEAM:
            return 0
        org = self.attributes["projects"].get(target, target)
        edition = self.attributes["organizations"].get(org, "")
        scope: Scope = "organization" if org == target else "project"
        number = self._shape_numbers.setdefault((edition, scope, grants), len(self.grants))
        if number == len(self.grants):
            self.grants.append(grants)
            roles = tuple((grant.role, grant.added_by_owner) for grant in grants)
            self.access.append(access_of(edition, scope, roles) if edition else Access(NOTHING, NOTHING))
        return number

    def attribute(self, table: str, key: str) -> str | None:
        """Return the attribute of the row `key` of `table`."""
        return self.attributes[table].get(key)

    def state(self, org: str, user: str) -> str:
        """Return the state of the membership of `user` in `org`."""
        return self.states.get((org, user), ACTIVE)

    def stopped(self, org: str) -> set[str]:
        """Return the users whose membership of `org` is recorded as anything but active."""
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

    def holdings(self, target: str) -> tuple[Holding, ...]:
        """Return the holders on `target` by equal access; the busiest targets are kept decoded."""
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
        shapes = self.backward.shapes
        while low < high:
            end = bisect_right(shapes, shapes[low], low, high)
            yield Holding(self.access[shapes[low]], partial(self._split, low, end))
            low = end

    def _split(self, low: int, end: int) -> Split:
        ids, teams = self.holders.ids, self.attributes["teams"]
        found = [ids[holder] for holder in self.backward.columns[low:end]]
        inside = tuple(holder for holder in found if holder in teams) if teams else ()
        return tuple(holder for holder in found if holder not in teams) if inside else tuple(found), inside

    def check(self, principal: str, action: str, resource: str) -> bool:
        """Decide straight from the arrays; the caller knows that nothing above them concerns `principal`."""
        number = self.holders.numbers.get(principal)
        wanted = self.targets.numbers.get(resource)
        if number is None or wanted is None:
            return False
        columns, shapes, access = self.forward.columns, self.forward.shapes, self.access
        low, high = self.forward.offsets[number], self.forward.offsets[number + 1]
        at = bisect_left(columns, wanted, low, high)
        if at < high and columns[at] == wanted and action in access[shapes[at]].own:
            return True
        org = self._org_of[wanted]
        if org == _NOWHERE:
            return False
        at = bisect_left(columns, org, low, high)
        if at < high and columns[at] == org and action in access[shapes[at]].reach:
            return True
        return columns[high - 1] >= self.first_team and self._by_team(action, wanted, low, high)

    def _by_team(self, action: str, wanted: int, low: int, high: int) -> bool:
        columns, shapes = self.forward.columns, self.forward.shapes
        for i in range(bisect_left(columns, self.first_team, low, high), high):
            team = self._holder_of_team[columns[i] - self.first_team]
            if team != _NOWHERE:
                start, end = self.forward.bounds(team)
                at = bisect_left(columns, wanted, start, end)
                if at < end and columns[at] == wanted and action in self.access[shapes[at]].own:
                    return True
        return False

    def row(self, principal: str) -> Row:
        """Return what `principal` may do; the caller knows that nothing above the arrays concerns it."""
        row = Row(0, FOREVER)
        number = self.holders.numbers.get(principal)
        if number is None:
            return row
        own: dict[int, set[frozenset[str]]] = {}
        reach: dict[int, frozenset[str]] = {}
        for target, access in self._effective(number):
            own.setdefault(target, set()).add(access.own)
            if access.reach:
                reach[target] = access.reach
        ids = self.targets.ids
        row.reach = {ids[org]: found for org, found in reach.items()}
        for target, sets in own.items():
            carried = reach.get(self._org_of[target])
            if carried is not None:
                sets.add(carried)
            row.allowed[ids[target]] = next(iter(sets)) if len(sets) == 1 else union(frozenset(sets))
        return row

    def _effective(self, number: int) -> Iterator[tuple[int, Access]]:
        columns, shapes, access = self.forward.columns, self.forward.shapes, self.access
        for i in range(*self.forward.bounds(number)):
            if columns[i] < self.first_team:
                yield columns[i], access[shapes[i]]
            else:
                team = self._holder_of_team[columns[i] - self.first_team]
                if team != _NOWHERE:
                    for j in range(*self.forward.bounds(team)):
                        yield columns[j], access[shapes[j]]


def unbounded(grants: Grants) -> bool:
    """Say whether no grant has a start or an end, so that arrays may hold them."""
    return all(grant.starts == 0 and grant.ends == FOREVER for grant in grants)

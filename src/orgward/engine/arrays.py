"""The grants of a whole store in arrays: some 11 bytes a grant for both directions, ids apart."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate
from typing import Final

from orgward.catalog import Scope
from orgward.engine.compile import NOTHING, Access, access_of
from orgward.engine.facts import ACTIVE, ATTRIBUTES, MEMBER_OF_TEAM, Grants
from orgward.kernel.instants import FOREVER

_TARGET_BITS: Final = 32
_SHAPE_BITS: Final = 16
_TARGET_MASK: Final = (1 << _TARGET_BITS) - 1
_SHAPE_MASK: Final = (1 << _SHAPE_BITS) - 1

PackedEdge = tuple[str, str, Grants]


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

    def __init__(self, rows: int, keys: list[int]) -> None:
        """Take `keys`, each row << 48 | two 16 or 32 bit parts as packed by the subclass, sorted."""
        counts = array("I", bytes(4 * (rows + 1)))
        for key in keys:
            counts[(key >> 48) + 1] += 1
        self.offsets = array("I", accumulate(counts))
        self.columns = array("I")
        self.shapes = array("H")

    def bounds(self, row: int) -> tuple[int, int]:
        """Return where the slice of `row` begins and ends."""
        return self.offsets[row], self.offsets[row + 1]


class Arrays:
    """Facts that never change, loaded from a store; assignments with bounds are left to the layer above."""

    def __init__(
        self, attributes: Mapping[str, dict[str, str]], states: Mapping[tuple[str, str], str], edges: Iterable[PackedEdge]
    ) -> None:
        """Build both directions from `attributes` by table, exceptional `states` and unbounded `edges`."""
        self.attributes = {table: attributes.get(table, {}) for table in ATTRIBUTES}
        self.states = dict(states)
        self.projects_by_org: dict[str, list[str]] = {}
        for project, org in self.attributes["projects"].items():
            self.projects_by_org.setdefault(org, []).append(project)
        self.holders, self.targets = Index(), Index()
        self.grants: list[Grants] = [MEMBER_OF_TEAM]
        self.access: list[Access] = [Access(NOTHING, NOTHING)]
        self._shape_numbers: dict[tuple[str, Scope, Grants], int] = {}
        self._load(edges)

    def _load(self, edges: Iterable[PackedEdge]) -> None:
        holder_number, target_number = self.holders.number, self.targets.number
        keys = [
            holder_number(holder) << 48 | target_number(target) << 16 | self._shape(target, grants)
            for holder, target, grants in edges
        ]
        keys.sort()
        self.forward = Direction(len(self.holders.ids), keys)
        self.forward.columns = array("I", [key >> _SHAPE_BITS & _TARGET_MASK for key in keys])
        self.forward.shapes = array("H", [key & _SHAPE_MASK for key in keys])
        keys = [(key >> 16 & _TARGET_MASK) << 48 | (key & _SHAPE_MASK) << 32 | key >> 48 for key in keys]
        keys.sort()
        self.backward = Direction(len(self.targets.ids), keys)
        self.backward.columns = array("I", [key & _TARGET_MASK for key in keys])
        self.backward.shapes = array("H", [key >> _TARGET_BITS & _SHAPE_MASK for key in keys])

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

    def check(self, principal: str, action: str, resource: str, org: str | None) -> bool:
        """Decide straight from the arrays; the caller knows that nothing above them concerns `principal`.

        `org` is the organization of `resource` if that is a project.
        """
        number = self.holders.numbers.get(principal)
        if number is None:
            return False
        low, high = self.forward.bounds(number)
        wanted = self.targets.numbers.get(resource, -1)
        if action in self._at(wanted, low, high).own:
            return True
        if org is None:
            return False
        if action in self._at(self.targets.numbers.get(org, -1), low, high).reach:
            return True
        return self._by_team(action, wanted, low, high)

    def _at(self, target: int, low: int, high: int) -> Access:
        columns = self.forward.columns
        if target >= 0:
            low = bisect_left(columns, target, low, high)
            if low < high and columns[low] == target:
                return self.access[self.forward.shapes[low]]
        return self.access[0]

    def _by_team(self, action: str, wanted: int, low: int, high: int) -> bool:
        columns, shapes = self.forward.columns, self.forward.shapes
        for i in range(low, high):
            if shapes[i] == 0:
                team = self.holders.numbers.get(self.targets.ids[columns[i]])
                if team is not None and action in self._at(wanted, *self.forward.bounds(team)).own:
                    return True
        return False


def unbounded(grants: Grants) -> bool:
    """Say whether no grant has a start or an end, so that arrays may hold them."""
    return all(grant.starts == 0 and grant.ends == FOREVER for grant in grants)

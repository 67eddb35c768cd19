"""Facts on their way into arrays: every edge one number, sorted twice, once for each direction.

A million edges pass here whenever a server starts, so what is done once for each of them is written out in loops.
"""

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate, compress, count, islice
from operator import eq
from typing import Final, NamedTuple

from orgward.catalog import Scope
from orgward.engine.compile import NOTHING, Access, access_of
from orgward.engine.facts import MACHINE_TABLES, MEMBER_OF_TEAM, Grant, Grants
from orgward.kernel.instants import FOREVER

_SHAPE_BITS: Final = 14
_SHAPE_MASK: Final = (1 << _SHAPE_BITS) - 1
_NO_ACCESS: Final = Access(NOTHING, NOTHING)
_PLACES: Final = ("organizations", "projects", "teams")

AssignmentRow = tuple[str, str, str, int, int, int, int]
Edge = tuple[str, str, Grants]


class Loaded(NamedTuple):
    """What a store hands over at start: attributes by table, exceptional states, memberships, assignments.

    `assignments` are (holder, scope, role, starts, ends, added by owner, mapped), in any order; those of one holder in
    a row are sorted soonest.
    """

    attributes: Mapping[str, dict[str, str]]
    states: Mapping[tuple[str, str], str]
    team_members: Iterable[tuple[str, str]]
    assignments: Iterable[AssignmentRow]


class Index:
    """Small integers for ids, in the order of their first appearance."""

    __slots__ = ("ids", "numbers")

    def __init__(self, ids: Iterable[str] = ()) -> None:
        """Number `ids`, which are all different."""
        self.ids: list[str] = list(ids)
        self.numbers: dict[str, int] = {text: number for number, text in enumerate(self.ids)}

    def number(self, text: str) -> int:
        """Return the number of `text`, a new one if it has none yet."""
        found = self.numbers.setdefault(text, len(self.ids))
        if found == len(self.ids):
            self.ids.append(text)
        return found


class Direction:
    """One direction of the edges: for each row a slice of (column, shape), sorted."""

    __slots__ = ("columns", "offsets", "shapes")

    def __init__(self, lengths: Iterable[int], columns: Iterable[int], shapes: Iterable[int]) -> None:
        """Take how many edges each row has, and all of them row by row."""
        self.offsets = array("I", accumulate(lengths, initial=0))
        self.columns = array("I", columns)
        self.shapes = array("H", shapes)

    def bounds(self, row: int) -> tuple[int, int]:
        """Return where the slice of `row` begins and ends."""
        return self.offsets[row], self.offsets[row + 1]


class _Place(NamedTuple):
    """Where roles are held: the number of the target above the bits of a shape, and what fits there."""

    shifted: int
    edition: str
    scope: Scope
    known: dict[tuple[str, int, int], int | None]


@dataclass(slots=True)
class Packed:
    """Edges in both directions, and those that are `left`, for they need a look at time, state or home.

    Teams are numbered alike on both sides: those of targets from `first_team` on, those of holders from zero.
    Machines follow them among the holders, and people from `first_person` on.
    """

    holders: Index
    targets: Index
    first_team: int
    first_person: int
    grants: list[Grants] = field(default_factory=lambda: [MEMBER_OF_TEAM])
    access: list[Access] = field(default_factory=lambda: [_NO_ACCESS])
    left: list[Edge] = field(default_factory=list)
    forward: Direction = field(init=False)
    backward: Direction = field(init=False)


def pack(loaded: Loaded, *, most: int) -> Packed:
    """Return the edges of `loaded`; only so many sets of grants are numbered, edges with others are left."""
    return _Packing(loaded, most).packed()


class _Packing:
    def __init__(self, loaded: Loaded, most: int) -> None:
        self._loaded = loaded
        self._most = most
        attributes = {table: loaded.attributes.get(table, {}) for table in (*_PLACES, *MACHINE_TABLES)}
        self._projects, self._teams = attributes["projects"], attributes["teams"]
        self._keys = {**attributes["api_keys"], **attributes["service_accounts"]}
        self._editions = attributes["organizations"]
        targets = Index(key for table in _PLACES for key in attributes[table])
        holders = Index({**self._teams, **self._keys})
        self._out = Packed(holders, targets, len(targets.ids) - len(self._teams), len(holders.ids))
        self._width = _SHAPE_BITS + len(targets.ids).bit_length()
        self._shapes: dict[tuple[str, Scope, Grants], int] = {}

    def packed(self) -> Packed:
        edges = self._assigned()
        edges += self._memberships()
        edges.sort()
        self._merge(edges)
        self._point_both_ways(edges)
        return self._out

    def _places(self) -> Iterator[tuple[str, _Place]]:
        known: dict[tuple[str, Scope], dict[tuple[str, int, int], int | None]] = {}
        for number, key in enumerate(self._out.targets.ids[: self._out.first_team]):
            edition, scope = self._kind(key)
            found = known.setdefault((edition, scope), {})
            yield key, _Place(number << _SHAPE_BITS, edition, scope, found)

    def _kind(self, target: str) -> tuple[str, Scope]:
        org = self._projects.get(target, target)
        return self._editions.get(org, ""), "organization" if org == target else "project"

    def _assigned(self) -> list[int]:
        places, homes = dict(self._places()), {**self._keys, **self._teams}
        numbers, new = self._out.holders.numbers, self._out.holders.number
        width, left, found = self._width, self._out.left, []
        for holder, scope, role, starts, ends, by_owner, mapped in self._loaded.assignments:
            place = places.get(scope)
            unbounded = not starts and ends == FOREVER
            if unbounded and place and (holder not in homes or self._is_home(holder, scope, homes)):
                shifted, edition, kind, known = place
                shape = known.get((role, by_owner, mapped))
                if shape is None:
                    grants = (Grant(role, bool(by_owner), mapped=bool(mapped)),)
                    shape = known[role, by_owner, mapped] = self._shape(edition, kind, grants)
                if shape is not None:
                    number = numbers.get(holder)
                    found.append((new(holder) if number is None else number) << width | shifted | shape)
                    continue
            left.append((holder, scope, (Grant(role, bool(by_owner), starts, ends, bool(mapped)),)))
        return found

    def _is_home(self, holder: str, scope: str, homes: Mapping[str, str]) -> bool:
        """Say whether a key or team holds this in its own organization, a team on a project."""
        return homes[holder] == self._projects.get(scope, None if holder in self._teams else scope)

    def _memberships(self) -> list[int]:
        teams = {team: self._out.first_team + number << _SHAPE_BITS for number, team in enumerate(self._teams)}
        number, width, keys, left, found = self._out.holders.number, self._width, self._keys, self._out.left, []
        for member, team in self._loaded.team_members:
            if team in teams and member not in keys:
                found.append(number(member) << width | teams[team])
            else:
                left.append((member, team, MEMBER_OF_TEAM))
        return found

    def _shape(self, edition: str, scope: Scope, grants: Grants) -> int | None:
        known = (edition, scope, grants)
        found = self._shapes.get(known)
        if found is None and len(self._shapes) < self._most:
            found = self._shapes[known] = len(self._out.grants)
            roles = tuple((grant.role, grant.added_by_owner) for grant in grants)
            self._out.grants.append(grants)
            self._out.access.append(access_of(edition, scope, roles) if edition else _NO_ACCESS)
        return found

    def _merge(self, edges: list[int]) -> None:
        """Make one edge of several grants of one holder on one target."""
        pairs = [edge >> _SHAPE_BITS for edge in edges]
        again = list(compress(count(1), map(eq, pairs, islice(pairs, 1, None))))
        if not again:
            return
        several: dict[int, list[int]] = {}
        for at in again:
            several.setdefault(pairs[at], [edges[at - 1] & _SHAPE_MASK]).append(edges[at] & _SHAPE_MASK)
        single = [edge for edge in edges if edge >> _SHAPE_BITS not in several]
        edges[:] = sorted(single + [pair << _SHAPE_BITS | self._united(pair, own) for pair, own in several.items()])

    def _united(self, pair: int, shapes: list[int]) -> int:
        """Return the shape of all of `shapes`; if there is no number left for it, the layer is told instead."""
        target = self._out.targets.ids[pair & (1 << self._width - _SHAPE_BITS) - 1]
        grants = tuple(sorted({grant for shape in shapes for grant in self._out.grants[shape]}))
        found = self._shape(*self._kind(target), grants)
        if found is None:
            self._out.left.append((self._out.holders.ids[pair >> self._width - _SHAPE_BITS], target, grants))
            return shapes[0]
        return found

    def _point_both_ways(self, edges: list[int]) -> None:
        width, out = self._width, self._out
        mask = (1 << width - _SHAPE_BITS) - 1
        lengths = Counter(edge >> width for edge in edges)
        out.forward = Direction(
            map(lengths.__getitem__, range(len(out.holders.ids))),
            [edge >> _SHAPE_BITS & mask for edge in edges],
            [edge & _SHAPE_MASK for edge in edges],
        )
        bits = len(out.holders.ids).bit_length()
        rows: list[list[int]] = [[] for _ in out.targets.ids]
        for edge in edges:
            rows[edge >> _SHAPE_BITS & mask].append((edge & _SHAPE_MASK) << bits | edge >> width)
        for row in rows:
            row.sort()
        mask = (1 << bits) - 1
        out.backward = Direction(
            map(len, rows),
            [each & mask for row in rows for each in row],
            [each >> bits for row in rows for each in row],
        )

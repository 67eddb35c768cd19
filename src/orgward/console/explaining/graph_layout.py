"""Where the nodes of an access graph stand and how its lines run: three columns, each spread over the whole height."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

WIDTH: Final = 1000
_TOP: Final = 38
_HEIGHT: Final = 38
_PITCH: Final = 56
_TIGHT: Final = 46
_MANY: Final = 12
_SPREAD: Final = 6.0
_ROOM: Final = 28.0
"""The end of a node along which its lines begin."""


class Column(NamedTuple):
    """Where a column begins, how wide its nodes are, and how round."""

    x: int
    width: int
    radius: int


COLUMNS: Final = (Column(16, 210, 6), Column(380, 216, 19), Column(738, 246, 6))


@dataclass(frozen=True, slots=True)
class Node:
    """A node; `label` is as much of its `name` as fits, `state` is `on`, `dim` or empty where nothing is selected."""

    key: str
    label: str
    name: str = ""
    note: str = ""
    href: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class Edge:
    """A line between the nodes `start` and `end`, with the source that gives its style."""

    start: str
    end: str
    source: str
    state: str = ""


class Placed(NamedTuple):
    """A node where it stands."""

    node: Node
    column: Column
    y: float


class Line(NamedTuple):
    """A line as a path of SVG."""

    edge: Edge
    path: str


@dataclass(frozen=True, slots=True)
class Layout:
    """A drawing: its height, its nodes and lines; selected lines come last, so that none lies over them."""

    height: int
    nodes: Sequence[Placed]
    lines: Sequence[Line]


def layout_of(columns: Sequence[Sequence[Node]], edges: Iterable[Edge]) -> Layout:
    """Return the drawing of three columns of nodes and the lines between them."""
    most = max((len(nodes) for nodes in columns), default=0)
    height = _TOP + max(most, 1) * (_PITCH if most <= _MANY else _TIGHT) + 10
    placed = [
        Placed(node, COLUMNS[number], y)
        for number, nodes in enumerate(columns)
        for node, y in zip(nodes, _spread(len(nodes), height), strict=True)
    ]
    drawn = list(_lines({each.node.key: each for each in placed}, list(edges)))
    return Layout(height, placed, sorted(drawn, key=lambda line: line.edge.state == "on"))


def _spread(count: int, height: int) -> list[float]:
    """Return the middle of each of `count` nodes."""
    step = (height - _TOP - 10) / count if count else 0
    return [_TOP + step * (number + 0.5) for number in range(count)]


def _lines(places: Mapping[str, Placed], edges: Sequence[Edge]) -> Iterable[Line]:
    known = [edge for edge in edges if edge.start in places and edge.end in places]
    out = _offsets([(edge.start, places[edge.end].y) for edge in known])
    into = _offsets([(edge.end, places[edge.start].y) for edge in known])
    for number, edge in enumerate(known):
        start, end = places[edge.start], places[edge.end]
        x1, x2 = start.column.x + start.column.width, end.column.x
        y1, y2, middle = start.y + out[number], end.y + into[number], (x1 + x2) / 2
        yield Line(edge, f"M{x1} {y1:.1f}C{middle:g} {y1:.1f} {middle:g} {y2:.1f} {x2} {y2:.1f}")


def _offsets(ends: Sequence[tuple[str, float]]) -> list[float]:
    """Return how far from the middle of its node each line ends: those that lead up are above those that lead down."""
    by_node: dict[str, list[int]] = {}
    for number in sorted(range(len(ends)), key=lambda number: ends[number][1]):
        by_node.setdefault(ends[number][0], []).append(number)
    found = [0.0] * len(ends)
    for numbers in by_node.values():
        step = min(_SPREAD, _ROOM / len(numbers))
        for place, number in enumerate(numbers):
            found[number] = (place - (len(numbers) - 1) / 2) * step
    return found

"""The engine: decisions, explanations and lists on both workloads, and what a grant costs in memory."""

import gc
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random
from statistics import median
from sys import getsizeof
from typing import Any, Final

from bench.rivals import rivals
from bench.table import Row, busy, by_turns, micros, rate
from bench.worlds import NOW, SMALL_W2, W2, Question, Size, W, World, build, model_of, questions
from orgward.engine.decide import explain
from orgward.engine.search import holders, visible
from orgward.engine.snapshot import Snapshot
from tests.reference_model import model

_RING: Final = 1 << 12
_TURNS: Final = 7
_SAMPLE: Final = 200
_ORGANIZATIONS_SAMPLED: Final = 5


@dataclass(frozen=True, slots=True)
class Subject:
    """A workload, loaded, and what it is asked."""

    name: str
    world: World
    facts: Snapshot
    asked: list[Question]


@cache
def subject(name: str, size: Size, count: int) -> Subject:
    """Return the workload of this size with `count` questions, loaded as a server loads it."""
    world = build(size)
    gc.disable()
    facts = Snapshot(world.loaded())
    gc.enable()
    asked = questions(world, facts, count)
    gc.collect()
    gc.freeze()
    return Subject(name, world, facts, asked)


def small(*, quick: bool) -> Subject:
    """Return W."""
    return subject("W", W, 4_000 if quick else 20_000)


def large(*, quick: bool) -> Subject:
    """Return W2; its questions are so many that most find nothing decoded."""
    return subject("W2", SMALL_W2 if quick else W2, 20_000 if quick else 200_000)


# -- answers


def verify(on: Subject, *, quick: bool) -> int:
    """Compare a sample of every kind of answer with the reference model; return how many were compared."""
    rng = Random(3)
    compared = 0
    for org in rng.sample(on.world.organizations, min(_ORGANIZATIONS_SAMPLED, len(on.world.organizations))):
        plain = model_of(on.world, org)
        here = [q for q in on.asked if q.resource == org or q.resource in plain.projects]
        for asked in rng.sample(here, min(_SAMPLE // 8 if quick else _SAMPLE, len(here))):
            expected = {tuple(way) for way in model.paths(plain, *asked, NOW)}
            assert on.facts.check(*asked, NOW) == bool(expected), asked
            assert {tuple(path) for path in explain(on.facts, *asked, NOW)} == expected, asked
            compared += 2
        for who, what, where in here[:3]:
            assert holders(on.facts, what, where, NOW) == model.holders(plain, what, where, NOW)
            inside = {org, *plain.projects}
            assert visible(on.facts, who, what, NOW) & inside == model.visible(plain, who, what, NOW)
            compared += 2
    return compared


# -- timing


def checking(on: Subject) -> Callable[[], None]:
    """Return a pass over the questions with every guard on and an audit tuple for each into a ring."""
    check, asked, mask = on.facts.check, on.asked, _RING - 1
    ring: list[Any] = [None] * _RING

    def work() -> None:
        now = NOW
        for i, (principal, action, resource) in enumerate(asked):
            allowed = check(principal, action, resource, now)
            ring[i & mask] = (principal, action, resource, now, allowed)

    return work


def explaining(on: Subject) -> Callable[[], None]:
    """Return the same pass with an explanation for each question."""
    facts, asked, mask = on.facts, on.asked, _RING - 1
    ring: list[Any] = [None] * _RING

    def work() -> None:
        now = NOW
        for i, (principal, action, resource) in enumerate(asked):
            found = explain(facts, principal, action, resource, now)
            ring[i & mask] = (principal, action, resource, now, found)

    return work


def looking_up(on: Subject) -> Callable[[], None]:
    """Return the yardstick: a dict by principal, of dicts by resource, of what is allowed there."""
    table: dict[str, dict[str, frozenset[str]]] = {}
    for principal, _, resource in on.asked:
        row = on.facts.row(principal, NOW)
        org = on.world.projects.get(resource, resource)
        allowed = row.allowed.get(resource, row.reach.get(org, frozenset()))
        table.setdefault(principal, {})[resource] = allowed
    asked = on.asked
    assert all((a in table[p][r]) == on.facts.check(p, a, r, NOW) for p, a, r in asked)

    def work() -> None:
        for principal, action, resource in asked:
            _ = action in table[principal][resource]

    return work


def per_second(work: Callable[[], None], count: int) -> Callable[[], float]:
    """Return what measures how many of `count` things `work` does in a second of processor time."""
    work()
    return lambda: count / busy(work)


def check_rows(*, quick: bool) -> Iterator[Row]:
    """Measure a check on W against the bare look-up and against other engines."""
    on = small(quick=quick)
    compared = verify(on, quick=quick)
    turns = 3 if quick else _TURNS
    count = len(on.asked)
    figure = per_second(checking(on), count)
    pair = by_turns(figure, per_second(looking_up(on), count), turns)
    yield Row(f"check on W ({on.world.grants:,} grants; {compared:,} answers)", rate(pair.figure),
              f"two-level dict {rate(pair.yardstick)}", f"{pair.ratio:.2f}", "≥ 0.25 ×",
              pair.ratio >= 0.25)  # fmt: skip
    yield Row("check on W, alone", rate(pair.figure), target="≥ 1 M/s seen here", met=pair.figure >= 1e6)
    for name, decide in rivals(on.world):
        yield _against(name, decide, on, figure, quick=quick)


def _against(
    name: str, decide: Callable[[Question], bool], on: Subject, figure: Callable[[], float], *, quick: bool
) -> Row:
    asked = on.asked[: 40 if quick else 300]
    for question in asked:
        assert decide(question) == on.facts.check(*question, NOW), (name, question)

    def work() -> None:
        for question in asked:
            decide(question)

    pair = by_turns(figure, per_second(work, len(asked)), 1 if quick else 3)
    return Row(f"check on W against {name}", rate(pair.figure), rate(pair.yardstick), f"{pair.ratio:,.0f}",
               "≥ 100 ×", pair.ratio >= 100)  # fmt: skip


def explain_rows(*, quick: bool) -> Iterator[Row]:
    """Measure an explanation against a check, on W."""
    on = small(quick=quick)
    verify(on, quick=quick)
    count = len(on.asked)
    pair = by_turns(per_second(explaining(on), count), per_second(checking(on), count), 3 if quick else _TURNS)
    yield Row("explain on W", rate(pair.figure), f"check {rate(pair.yardstick)}", f"{1 / pair.ratio:.2f}",
              "≤ 2 × a check", pair.ratio >= 0.5)  # fmt: skip


def list_rows(*, quick: bool) -> Iterator[Row]:
    """Measure the lists of both directions, on W and on W2."""
    for on, most in ((small(quick=quick), 10e-6), (large(quick=quick), 20e-6)):
        compared = verify(on, quick=quick)
        projects = [q for q in on.asked if q.resource in on.world.projects][:20_000]
        for name, work in (("visible", _listing_visible(on, projects)), ("holders", _listing_holders(on, projects))):
            work()
            taken = median(busy(work) / len(projects) for _ in range(3 if quick else _TURNS))
            yield Row(f"{name}, {on.name}", micros(taken), f"same sets as brute force ({compared:,} answers)", "",
                      f"≤ {most * 1e6:.0f} µs", taken <= most)  # fmt: skip


def _listing_visible(on: Subject, asked: Sequence[Question]) -> Callable[[], None]:
    def work() -> None:
        for principal, action, _ in asked:
            visible(on.facts, principal, action, NOW)

    return work


def _listing_holders(on: Subject, asked: Sequence[Question]) -> Callable[[], None]:
    def work() -> None:
        for _, action, resource in asked:
            holders(on.facts, action, resource, NOW)

    return work


def large_rows(*, quick: bool) -> Iterator[Row]:
    """Measure memory on W2, and its rate of checks beside that on W."""
    on, beside = large(quick=quick), small(quick=quick)
    compared = verify(on, quick=quick)
    both, ids = memory(on.facts)
    grants = on.world.grants
    yield Row(f"memory on W2 ({grants:,} grants), both directions", f"{both / grants:.1f} bytes a grant",
              f"ids {ids / grants:.0f} bytes a grant", "", "≤ 25 bytes, ids apart", both / grants <= 25)  # fmt: skip
    figure = per_second(checking(on), len(on.asked))
    pair = by_turns(figure, per_second(checking(beside), len(beside.asked)), 3 if quick else _TURNS)
    yield Row(f"check on W2 ({compared:,} answers compared)", rate(pair.figure), f"on W {rate(pair.yardstick)}",
              f"{pair.ratio:.2f}", "≥ 0.3 × its rate on W", pair.ratio >= 0.3)  # fmt: skip


def memory(facts: Snapshot) -> tuple[int, int]:
    """Return the bytes of the edges in both directions, and those of ids and their numbers."""
    arrays: Any = facts.below
    both = sum(_size(getattr(half, name)) for half in (arrays.forward, arrays.backward) for name in half.__slots__)
    both += sum(_size(part) for part in vars(arrays).values() if isinstance(part, array))
    both += sum(getsizeof(part) for part in (arrays.grants, arrays.access))
    ids = sum(getsizeof(index.ids) + getsizeof(index.numbers) + sum(map(getsizeof, index.ids))
              for index in (arrays.holders, arrays.targets))  # fmt: skip
    return both, ids


def _size(part: object) -> int:
    return getsizeof(part) if isinstance(part, array | list | dict | bytes) else 0

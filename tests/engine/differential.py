"""The engine against the reference model: over random worlds, and every way to come to know one.

`compare(seeds)` is the whole comparison; the soak runs it over more seeds than the tests do:

    python -m tests.engine.differential 0 20000
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from random import Random
from typing import NamedTuple
from unittest.mock import patch

from orgward.catalog import PRIVILEGES
from orgward.engine import snapshot as snapshot_module
from orgward.engine.decide import explain
from orgward.engine.layer import Layer, Overlay
from orgward.engine.search import holders, visible
from tests.reference_model import model
from tests.reference_model.model import World
from tests.reference_model.worlds import (
    MOMENTS,
    Question,
    commands,
    earlier,
    load,
    poke,
    random_question,
    random_world,
    replay,
    rows_of,
)

QUESTIONS = 30
LISTED = 3
EXPLAINED = 6
EVERYTHING_EVERY = 50


class Sample(NamedTuple):
    """A world, and the model's answers to what is asked about it."""

    seed: int
    world: World
    allowed: dict[tuple[Question, int], bool]
    visible: dict[tuple[str, str, int], set[str]]
    holders: dict[tuple[str, str, int], set[str]]
    paths: dict[tuple[Question, int], list[model.Way]]


def sample_of(seed: int) -> Sample:
    """Return the sample that `seed` stands for."""
    rng = Random(seed)
    world = random_world(rng)
    questions = [random_question(world, rng) for _ in range(QUESTIONS)]
    listed = [(*question, now) for question in questions[:LISTED] for now in MOMENTS[1:3]]
    return Sample(
        seed,
        world,
        allowed={(q, now): model.check(world, *q, now) for now in MOMENTS for q in questions},
        visible={(who, what, now): model.visible(world, who, what, now) for who, what, _, now in listed},
        holders={(what, where, now): model.holders(world, what, where, now) for _, what, where, now in listed},
        paths={
            (q, now): sorted(model.paths(world, *q, now), key=repr) for q in questions[-EXPLAINED:] for now in MOMENTS
        },
    )


def cold() -> AbstractContextManager[object]:
    """Let no row be kept, so that the arrays themselves answer wherever they can."""
    return patch.object(snapshot_module, "_MEMO_FULL", 0)


def difference(seed: int) -> str | None:
    """Return the first answer of the engine in the world of `seed` that is not the model's, or None."""
    sample = sample_of(seed)
    for way, facts, ask in ways(sample):
        for fault in ask(sample, facts):
            return f"world of seed {seed}, {way}: {fault}"
    return None


def ways(sample: Sample) -> Iterator[tuple[str, Layer, Callable[[Sample, Layer], Iterator[str]]]]:
    """Yield every way to know the world of `sample`, and what is asked of it."""
    world, rng = sample.world, Random(~sample.seed)
    rows, before = rows_of(world), earlier(world, rng)
    yield "loaded", load(rows), faults_of
    yield "replayed", replay(load(before), world, before, rng), faults_of
    overlay = Overlay(base := load(before))
    yield "overlay", replay(overlay, world, before, rng), faults_of
    base.fold(overlay.deltas)
    yield "overlay handed down", base, faults_of
    yield "half replayed, half overlay", halves(world, rng), faults_of
    with cold():
        yield "loaded, from the arrays", load(rows), faults_of_check
        yield "replayed, from the arrays", replay(load(before), world, before, rng), faults_of_check


def halves(world: World, rng: Random) -> Overlay:
    """Return an overlay on a snapshot, each of which took some of the commands in."""
    before = earlier(world, rng)
    steps = list(commands(before, rows_of(world), rng))
    base = load(before)
    for deltas in steps[: len(steps) // 2]:
        poke(base, world, rng)
        base.fold(deltas)
    overlay = Overlay(base)
    for deltas in steps[len(steps) // 2 :]:
        poke(overlay, world, rng)
        overlay.fold(deltas)
    return overlay


def faults_of(sample: Sample, facts: Layer) -> Iterator[str]:
    """Yield every wrong answer of `facts`, whatever the question."""
    yield from faults_of_check(sample, facts)
    for (principal, action, now), seen in sample.visible.items():
        if (found := visible(facts, principal, action, now)) != seen:
            yield f"visible {principal} {action} at {now}: {found}, not {seen}"
    for (action, resource, now), able in sample.holders.items():
        if (found := holders(facts, action, resource, now)) != able:
            yield f"holders {action} {resource} at {now}: {found}, not {able}"
    for (question, now), ways in sample.paths.items():
        if (paths := sorted(explain(facts, *question, now), key=repr)) != ways:
            yield f"explain {question} at {now}: {paths}, not {ways}"
    if sample.seed % EVERYTHING_EVERY == 0:
        yield from faults_of_everything(sample, facts, MOMENTS[sample.seed // EVERYTHING_EVERY % len(MOMENTS)])


def faults_of_check(sample: Sample, facts: Layer) -> Iterator[str]:
    """Yield every wrong answer to `check`, while time goes on and once after it went back."""
    for (question, now), expected in [*sample.allowed.items(), *list(sample.allowed.items())[:QUESTIONS]]:
        if facts.check(*question, now) != expected:
            yield f"check {question} at {now}: not {expected}"


def faults_of_everything(sample: Sample, facts: Layer, now: int) -> Iterator[str]:
    """Yield every wrong answer to `check` for all principals, resources and privileges."""
    world = sample.world
    for principal in [*sorted(world.users), *world.api_keys, *world.service_accounts, *world.teams]:
        for resource in [*world.organizations, *world.projects]:
            expected = model.held(world, principal, resource, now)
            answered = {action for action in PRIVILEGES if facts.check(principal, action, resource, now)}
            if answered != expected:
                yield f"everything of {principal} on {resource} at {now}: wrong in {answered ^ expected}"


def compare(seeds: Iterable[int]) -> str | None:
    """Return the first difference between engine and model over the worlds of `seeds`, or None."""
    return next((found for found in map(difference, seeds) if found is not None), None)


if __name__ == "__main__":
    sys.exit(compare(range(*map(int, sys.argv[1:]))))

"""Who may do something, by the kinds of ways: each is among those for whom the reference model finds such a way."""

from random import Random

import pytest

from orgward.engine.sources import holders_by_source
from tests.reference_model import model
from tests.reference_model.worlds import MOMENTS, load, random_question, random_world, rows_of

SOURCES = ("direct", "team", "organization_role")


@pytest.mark.parametrize("seed", range(120))
def test_each_source_finds_whom_the_model_finds(seed):
    """Over random worlds, questions and times: by every source exactly those who have a way of that kind."""
    rng = Random(seed)
    world = random_world(rng)
    facts = load(rows_of(world))
    for _ in range(6):
        _, action, resource = random_question(world, rng)
        for now in MOMENTS:
            found = holders_by_source(facts, action, resource, now)
            expected = {source: set() for source in SOURCES}
            for who in model.holders(world, action, resource, now):
                for way in model.paths(world, who, action, resource, now):
                    expected[way.via].add(who)
            assert found == expected, (action, resource, now)


def test_an_unknown_resource_has_nobody():
    """Neither by name nor by kind of way."""
    facts = load(rows_of(random_world(Random(1))))
    assert holders_by_source(facts, "project.read", "nothing", MOMENTS[0]) == {source: set() for source in SOURCES}

"""A project changes its organization under an engine that has answered about it: every answer is the model's after."""

from dataclasses import replace
from random import Random

import pytest

from orgward.engine.layer import Layer, Overlay
from orgward.engine.overlay import everything
from orgward.engine.search import holders, visible
from orgward.kernel.delta import Delta
from tests.reference_model import model
from tests.reference_model.model import World
from tests.reference_model.worlds import MOMENTS, load, poke, rows_of, world_of

WORLDS = 120


def moved(world: World, project: str, org: str) -> World:
    """Return `world` after the move: people come along as members, teams and keys lose the project."""
    people = {a.holder for a in world.assignments if a.scope == project and a.holder in world.users}
    return replace(
        world,
        projects={**world.projects, project: org},
        states={**dict.fromkeys(((org, user) for user in people), "active"), **world.states},
        assignments=[a for a in world.assignments if a.scope != project or a.holder in world.users],
    )


def deltas_between(before: World, after: World, rng: Random) -> list[Delta]:
    """Return the changes of one command that leads from `before` to `after`, in any order."""
    old, new = rows_of(before), rows_of(after)
    deltas = [Delta(*key, new.get(key)) for key in {**old, **new} if old.get(key) != new.get(key)]
    rng.shuffle(deltas)
    return deltas


def held(facts: Layer, world: World, now: int) -> dict[tuple[str, str], frozenset[str]]:
    """Return what everybody may do on every resource, as the engine has it."""
    everybody = [*sorted(world.users), *world.api_keys, *world.service_accounts]
    return {(who, what): allowed for who in everybody for what, allowed in everything(facts, who, now) if allowed}


def expected(world: World, now: int) -> dict[tuple[str, str], frozenset[str]]:
    """Return the same, as the model has it."""
    everybody = [*world.users, *world.api_keys, *world.service_accounts]
    resources = [*world.organizations, *world.projects]
    found = {(who, what): model.held(world, who, what, now) for who in everybody for what in resources}
    return {place: allowed for place, allowed in found.items() if allowed}


def a_move(world: World, rng: Random) -> tuple[str, str] | None:
    """Return a project and another organization of its edition, None where the world has none."""
    pairs = [
        (project, org)
        for project, home in sorted(world.projects.items())
        for org, edition in world.organizations.items()
        if home in world.organizations and org != home and edition == world.organizations[home]
    ]
    return rng.choice(pairs) if pairs else None


@pytest.mark.parametrize("layered", [False, True], ids=["folded", "overlay"])
def test_a_moved_project_is_where_it_is(layered):
    """Moved, asked about, moved on and back: check, list and reverse list follow the project at once."""
    moves = 0
    for seed in range(WORLDS):
        world, rng = world_of(seed), Random(seed)
        home = dict(world.projects)
        facts: Layer = load(rows_of(world))
        facts = Overlay(facts) if layered else facts
        for turn in range(3):
            chosen = a_move(world, rng)
            if chosen is None:
                break
            project, org = chosen if turn < 2 else (chosen[0], home[chosen[0]])
            after = moved(world, project, org)
            poke(facts, world, rng)
            facts.fold(deltas_between(world, after, rng))
            world, moves = after, moves + 1
            for now in MOMENTS[1:3]:
                assert held(facts, world, now) == expected(world, now), (seed, turn, project, org)
            _lists_follow(facts, world, project)
    assert moves > WORLDS


def _lists_follow(facts: Layer, world: World, project: str) -> None:
    now = MOMENTS[1]
    for action in ("project.read", "project.delete"):
        assert holders(facts, action, project, now) == model.holders(world, action, project, now)
        for who in sorted(world.users)[:4]:
            assert visible(facts, who, action, now) == model.visible(world, who, action, now)

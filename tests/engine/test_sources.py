"""Who may do something, by the kinds of ways: each is among those for whom the reference model finds such a way."""

from random import Random

import pytest

from orgward.engine.sources import holders_by_source, one_of, people_by_teams, people_holding
from tests.engine.differential import halves
from tests.reference_model import model
from tests.reference_model.worlds import MOMENTS, load, random_question, random_world, rows_of

SOURCES = ("direct", "team", "organization_role", "mapping")


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


def in_force(world, scopes, roles, now):
    """Give who holds one of the roles, any where none is named, at one of the scopes, and in which organization."""
    return {
        (each.holder, model.organization_of(world, each.scope))
        for each in world.assignments
        if each.scope in scopes and (roles is None or each.role in roles)
        and each.starts <= now and (each.ends is None or now < each.ends)
    }  # fmt: skip


@pytest.mark.parametrize("seed", range(60))
def test_people_are_found_by_their_roles_and_by_those_of_their_teams(seed):
    """Loaded or changed since, with and without named roles: whoever holds one at the time, and nobody else."""
    world = random_world(Random(seed))
    others = {*world.api_keys, *world.service_accounts, *world.teams}
    role = next((each.role for each in world.assignments), "")
    for facts in (load(rows_of(world)), halves(world, Random(~seed))):
        for roles in (None, [role], []):
            for now in MOMENTS:
                held = in_force(world, world.projects, roles, now)
                teams = {holder for holder, org in held if org is not None and world.teams.get(holder) == org}
                found = people_holding(facts, world.projects, now, one_of(roles, now))
                assert found == {holder for holder, org in held if org is not None} - others
                found = people_by_teams(facts, world.projects, now, one_of(roles, now))
                assert found - others == {who for who, team in world.team_members if team in teams} - others

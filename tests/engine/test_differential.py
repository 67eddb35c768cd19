"""The engine gives the model's answers, and keeps the promises that hold whatever the world."""

import os
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orgward.catalog import EDITIONS, PRIVILEGES, Role
from orgward.engine.decide import Denial, deny, explain, grantors
from orgward.engine.layer import Layer, Overlay
from orgward.engine.overlay import everything, gained
from orgward.engine.search import visible
from orgward.engine.snapshot import Snapshot
from orgward.kernel.delta import Delta
from tests.engine.differential import compare
from tests.reference_model import model
from tests.reference_model.model import Assignment, Way, World
from tests.reference_model.worlds import (
    MOMENTS,
    Question,
    load,
    random_assignment,
    random_question,
    rows_of,
    seeds,
    world_of,
)

WORLDS = int(os.environ.get("ORGWARD_WORLDS", "1000"))

moments = st.sampled_from(MOMENTS)
few = settings(max_examples=100)


def principals_of(world: World) -> list[str]:
    """Return everybody who can be asked about, in a fixed order."""
    return [*sorted(world.users), *world.api_keys, *world.service_accounts, *world.teams]


def held(facts: Layer, world: World, now: int) -> dict[tuple[str, str], frozenset[str]]:
    """Return what everybody may do on every resource, as far as that is anything."""
    return {
        (principal, resource): allowed
        for principal in principals_of(world)
        for resource, allowed in everything(facts, principal, now)
        if allowed
    }


def assigned(assignment: Assignment) -> Delta:
    """Return the change that makes `assignment`."""
    ((_, key), row) = next(iter(rows_of(World(assignments=[assignment])).items()))
    return Delta("assignments", key, row)


@pytest.mark.slow
def test_the_engine_is_the_model():
    """Whichever way the engine came to know a world, it answers what the model answers."""
    assert compare(range(WORLDS)) is None


@few
@given(seeds, moments)
def test_another_assignment_removes_nothing(seed, now):
    """Whatever is assigned to whomever, nobody loses anything."""
    world, rng = world_of(seed), Random(seed)
    assignment = random_assignment(world, rng, rng.choice(principals_of(world)), rng.choice([*world.projects, "o0"]))
    before = load(rows_of(world))
    after = Overlay(before)
    if assignment[:3] not in {each[:3] for each in world.assignments}:
        after.fold([assigned(assignment)])
    assert list(gained(after, before, principals_of(world), now)) == []


@few
@given(seeds, moments)
def test_order_and_duplicates_do_not_matter(seed, now):
    """The same rows in any order, some of them several times, come to the same."""
    world, rng = world_of(seed), Random(seed)
    deltas = [Delta(table, key, row) for (table, key), row in rows_of(world).items()]
    deltas += rng.choices(deltas, k=len(deltas) // 2)
    rng.shuffle(deltas)
    folded = Snapshot.empty()
    folded.fold(deltas)
    assert held(folded, world, now) == held(load(rows_of(world)), world, now)


@few
@given(seeds, moments)
def test_nothing_crosses_organizations(seed, now):
    """Whatever becomes of one organization, nothing changes in the others."""
    world = world_of(seed)
    rows = rows_of(world)
    overturned = {key: row for key, row in rows.items() if key[0] != "members" or key[1][0] != "o0"}
    for user in world.users:
        overturned["members", ("o0", user)] = {"state": "active", "suspended": False}
    overturned = {key: row for key, row in overturned.items() if not _assigns_in(world, key, "o0")}
    for principal in principals_of(world):
        overturned["assignments", (principal, "o0", "ORG_OWNER")] = assigned(
            Assignment(principal, "o0", "ORG_OWNER")
        ).row
    before, after = held(load(rows), world, now), held(load(overturned), world, now)
    assert _outside(before, world, "o0") == _outside(after, world, "o0")
    assert before != after


def _assigns_in(world: World, key: tuple[str, tuple[str, ...]], org: str) -> bool:
    return key[0] == "assignments" and model.organization_of(world, key[1][1]) == org


def _outside(
    found: dict[tuple[str, str], frozenset[str]], world: World, org: str
) -> dict[tuple[str, str], frozenset[str]]:
    return {where: allowed for where, allowed in found.items() if model.organization_of(world, where[1]) != org}


@few
@given(seeds, moments)
def test_machines_stay_in_their_organization(seed, now):
    """An API key or service account does nothing outside its own organization, whatever is assigned to it."""
    world = world_of(seed)
    homes = {**world.api_keys, **world.service_accounts}
    for principal, resource in held(load(rows_of(world)), world, now):
        if principal in homes:
            assert model.organization_of(world, resource) == homes[principal]


@few
@given(seeds, moments)
def test_each_path_alone_allows(seed, now):
    """A path that explains an answer is enough for it: without all other assignments it still says yes."""
    world, rng = world_of(seed), Random(seed)
    facts = load(rows_of(world))
    for question in [random_question(world, rng) for _ in range(10)]:
        paths = explain(facts, *question, now)
        assert bool(paths) == facts.check(*question, now)
        for path in paths:
            assert load(rows_of(_only(world, question, Way(*path)))).check(*question, now)


def _only(world: World, question: Question, way: Way) -> World:
    """Return `world` with no other assignment than the one of `way`, and no other member of a team."""
    wanted = (
        way.team or question.principal,
        way.org if way.role.startswith("ORG_") else way.project,
        way.role,
    )
    return World(
        organizations=world.organizations,
        projects=world.projects,
        users=world.users,
        api_keys=world.api_keys,
        service_accounts=world.service_accounts,
        suspended_accounts=world.suspended_accounts,
        teams=world.teams,
        states=world.states,
        team_members={(question.principal, way.team)} if way.team else set(),
        assignments=[assignment for assignment in world.assignments if assignment[:3] == wanted],
    )


@few
@given(seeds, moments)
def test_lists_and_checks_agree(seed, now):
    """The resources that are listed are those for which a check says yes."""
    world, rng = world_of(seed), Random(seed)
    facts = load(rows_of(world))
    for _ in range(5):
        principal, action, _ = random_question(world, rng)
        resources = [*world.organizations, *world.projects, "nowhere"]
        assert visible(facts, principal, action, now) == {
            resource for resource in resources if facts.check(principal, action, resource, now)
        }


def denials(world: World, seed: int, now: int) -> list[tuple[Question, Denial, Snapshot]]:
    """Return some questions that are answered no, with the reasons."""
    rng, facts = Random(seed), load(rows_of(world))
    asked = [random_question(world, rng) for _ in range(12)]
    return [(q, deny(facts, *q, now), facts) for q in asked if not facts.check(*q, now)]


@few
@given(seeds, moments)
def test_denials_give_the_right_reason(seed, now):
    """The reason is the first of the contract's that applies."""
    world = world_of(seed)
    for question, denial, _ in denials(world, seed, now):
        assert denial.missing == question.action
        assert (question, denial.reason) == (question, _reason(world, question, now))


def _reason(world: World, question: Question, now: int) -> str:
    principal, action, resource = question
    org = model.organization_of(world, resource)
    if org is None or action not in PRIVILEGES:
        return "not_found"
    if action not in EDITIONS[world.organizations[org]].all_privileges:
        return "not_in_edition"
    if world.states.get((org, principal)) in {"pending", "suspended"}:
        return world.states[org, principal]
    if principal in world.suspended_accounts and world.service_accounts[principal] == org:
        return "suspended"
    ended = [a._replace(starts=0, ends=None) for a in world.assignments if a.ends is not None and a.ends <= now]
    then = World(**{**vars(world), "assignments": ended})
    return "expired" if model.check(then, *question, now) else "missing_privilege"


@few
@given(seeds, moments)
def test_the_roles_of_a_denial_are_those_that_would_do(seed, now):
    """Whoever is given one of the roles that a denial names may do it; given another role, they may not."""
    world = world_of(seed)
    for question, denial, facts in denials(world, seed, now):
        org = model.organization_of(world, question.resource)
        if org is None or denial.reason not in {"expired", "missing_privilege"}:
            continue
        member = Overlay(facts)
        if question.principal not in {*world.api_keys, *world.service_accounts, *world.teams}:
            member.fold([Delta("members", (org, question.principal), {"state": "active", "suspended": False})])
        if not member.check(*question, now):
            roles = EDITIONS[world.organizations[org]].roles.values()
            would_do = {role.name for role in roles if _gives(member, question, org, role, now)}
            assert (question, set(denial.roles)) == (question, would_do)


def _gives(facts: Overlay, question: Question, org: str, role: Role, now: int) -> bool:
    """Say whether `role`, given by an owner, would turn the answer."""
    scope = org if role.scope == "organization" else question.resource
    then = Overlay(facts)
    then.fold([assigned(Assignment(question.principal, scope, role.name, added_by_owner=True))])
    return then.check(*question, now)


@few
@given(seeds, moments)
def test_grantors_are_those_who_can_hand_out_a_role_that_would_do(seed, now):
    """The people and keys that a denied caller can turn to hold a role that hands out one that would do."""
    world = world_of(seed)
    for question, denial, facts in denials(world, seed, now):
        found = grantors(facts, denial, question.resource, now)
        assert len(found) == len(set(found))
        assert (question, set(found)) == (question, _able(world, denial, question.resource, now))


def _able(world: World, denial: Denial, resource: str, now: int) -> set[str]:
    org = model.organization_of(world, resource) or ""
    roles = EDITIONS[world.organizations[org]].roles if org else {}
    wanted = [roles[name] for name in denial.roles]
    return {
        principal
        for principal in [*world.users, *world.api_keys, *world.service_accounts]
        for assignment, _ in model.reaching(world, principal, now)
        if assignment.scope in {org, resource}
        and any(roles[assignment.role].hands_out.covers(given) for given in wanted)
    }

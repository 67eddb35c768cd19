"""What-if: the difference that changes make is told in full, and nothing of it stays behind."""

from random import Random

import pytest
from hypothesis import given, settings

from orgward.engine.layer import Overlay
from orgward.engine.overlay import Change, gained, gains_anything
from orgward.engine.snapshot import Snapshot
from orgward.kernel.delta import Delta
from orgward.kernel.instants import FOREVER
from tests.reference_model import model
from tests.reference_model.model import Assignment, World
from tests.reference_model.worlds import load, random_assignment, replay, rows_of, seeds, world_of

NOW = 1_000


def principals_of(world: World) -> list[str]:
    """Return everybody who can be asked about."""
    return [*sorted(world.users), *world.api_keys, *world.service_accounts, *world.teams]


def changed(world: World, rng: Random) -> World:
    """Return `world` some days later: roles taken and given, people out of teams, states changed."""
    then = World(**vars(world))
    then.assignments = [assignment for assignment in world.assignments if rng.random() < 0.8]
    taken = {assignment[:3] for assignment in world.assignments}
    scopes = [*world.organizations, *(p for p, org in world.projects.items() if org in world.organizations)]
    for _ in range(8):
        assignment = random_assignment(world, rng, rng.choice(principals_of(world)), rng.choice(scopes))
        if assignment[:3] not in taken:
            then.assignments.append(assignment)
            taken.add(assignment[:3])
    then.team_members = {pair for pair in sorted(world.team_members) if rng.random() < 0.8}
    then.states = {
        pair: rng.choice(("active", "pending", "suspended")) if rng.random() < 0.2 else state
        for pair, state in world.states.items()
    }
    return then


def brute_force(before: World, after: World, now: int) -> set[Change]:
    """Return what somebody holds in `after` and not in `before`, according to the model."""
    return {
        Change(principal, resource, privilege)
        for principal in principals_of(before)
        for resource in [*before.organizations, *before.projects]
        for privilege in model.held(after, principal, resource, now) - model.held(before, principal, resource, now)
    }


@settings(max_examples=60)
@given(seeds)
def test_what_changes_is_the_difference_of_the_models(seed):
    """What is gained and lost is what the model says of the world before and after, each change told once."""
    rng = Random(seed)
    world = world_of(seed)
    then = changed(world, rng)
    before = load(rows_of(world))
    after = replay(Overlay(before), then, rows_of(world), rng)
    for now in (NOW, 1_999):
        more = list(gained(before, after, principals_of(world), now))
        less = list(gained(after, before, principals_of(world), now))
        assert len(more + less) == len({*more, *less})
        assert set(more) == brute_force(world, then, now)
        assert set(less) == brute_force(then, world, now)


@settings(max_examples=60)
@given(seeds)
def test_a_gain_is_seen_whenever_it_comes(seed):
    """Somebody gains exactly if the model finds a privilege more now or at any start or end ahead."""
    rng = Random(seed)
    world = world_of(seed)
    then = changed(world, rng)
    before = load(rows_of(world))
    after = replay(Overlay(before), then, rows_of(world), rng)
    bounds = {bound for a in world.assignments + then.assignments for bound in (a.starts, a.ends or 0)}
    ahead = {NOW} | {bound for bound in bounds if bound > NOW}
    gaining = {change.principal for now in ahead for change in brute_force(world, then, now)}
    assert {p for p in principals_of(world) if gains_anything(before, after, p, NOW)} == gaining


def test_an_overlay_leaves_what_lies_below_alone():
    """A dropped overlay has changed nothing; one whose changes are handed down has changed it all."""
    base = load(rows_of(ACME))
    overlay = Overlay(base)
    overlay.fold([assign("ann", "web", "GROUP_OWNER")])
    assert overlay.check("ann", "project.delete", "web", NOW)
    assert not base.check("ann", "project.delete", "web", NOW)
    base.fold(overlay.deltas)
    assert base.check("ann", "project.delete", "web", NOW)


ACME = World(
    organizations={"acme": "atlas"},
    projects={"web": "acme"},
    users={"ann", "owner", "brief"},
    teams={"ops": "acme"},
    team_members={("brief", "ops")},
    states={("acme", "ann"): "active", ("acme", "owner"): "active", ("acme", "brief"): "active"},
    assignments=[
        Assignment("ann", "acme", "ORG_MEMBER"),
        Assignment("owner", "acme", "ORG_OWNER"),
        Assignment("brief", "web", "GROUP_READ_ONLY", ends=1_500),
        Assignment("ops", "web", "GROUP_READ_ONLY", starts=1_200, ends=1_800),
    ],
)


def assign(holder: str, scope: str, role: str, starts: int = 0, ends: int = FOREVER) -> Delta:
    """Return the change that gives `holder` the role, with its bounds."""
    return Delta("assignments", (holder, scope, role), {"starts": starts, "ends": ends, "added_by_owner": False})


@pytest.mark.parametrize(
    ("delta", "principal", "gains"),
    [
        pytest.param(assign("ann", "web", "GROUP_READ_ONLY"), "ann", True, id="now"),
        pytest.param(assign("ann", "web", "GROUP_READ_ONLY", starts=9_000), "ann", True, id="later"),
        pytest.param(assign("ann", "web", "GROUP_READ_ONLY", ends=NOW), "ann", False, id="over"),
        pytest.param(assign("ann", "acme", "ORG_MEMBER", ends=2_000), "ann", False, id="shorter"),
        pytest.param(assign("owner", "web", "GROUP_OWNER", starts=9_000), "owner", False, id="held anyway"),
        pytest.param(assign("brief", "web", "GROUP_READ_ONLY", ends=1_700), "brief", False, id="covered by the team"),
        pytest.param(assign("brief", "web", "GROUP_READ_ONLY", ends=1_900), "brief", True, id="longer than the team"),
        pytest.param(assign("ops", "web", "GROUP_READ_ONLY", starts=1_600), "brief", True, id="by the team"),
        pytest.param(assign("ops", "web", "GROUP_READ_ONLY", starts=1_300, ends=1_500), "brief", False, id="less"),
        pytest.param(Delta("team_members", ("ann", "ops"), {}), "ann", True, id="joins a team that starts later"),
        pytest.param(Delta("team_members", ("brief", "ops"), None), "brief", False, id="leaves a team"),
        pytest.param(Delta("members", ("acme", "ann"), None), "ann", False, id="leaves"),
    ],
)
def test_gains(delta, principal, gains):
    """A change is a gain if it gives, now or at any time to come, what was not held at that time before."""
    before = load(rows_of(ACME))
    after = Overlay(before)
    after.fold([delta])
    assert gains_anything(before, after, principal, NOW) is gains


def test_gains_are_looked_for_without_trace():
    """Looking ahead leaves no answer of the future behind."""
    before = load(rows_of(ACME))
    after = Overlay(before)
    after.fold([assign("ann", "web", "GROUP_READ_ONLY", starts=9_000)])
    assert gains_anything(before, after, "ann", NOW)
    assert not after.check("ann", "project.read", "web", NOW)
    assert before.check("brief", "project.read", "web", NOW)


def test_nothing_is_gained_from_nothing():
    """In an empty store nobody gains anything."""
    assert not gains_anything(Snapshot.empty(), Overlay(Snapshot.empty()), "ann", NOW)

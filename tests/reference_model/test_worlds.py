"""The random worlds are worth asking about: large, mixed, and half of the answers are yes."""

from random import Random
from statistics import mean, median

from orgward.catalog import EDITIONS
from orgward.kernel.instants import FOREVER
from tests.reference_model import model
from tests.reference_model.model import Assignment, World
from tests.reference_model.worlds import MOMENTS, commands, earlier, load, random_question, rows_of, world_of

WORLDS = [world_of(seed) for seed in range(200)]


def test_worlds_are_large_enough():
    """Half of the worlds have at least so many of everything."""
    sizes = {
        "organizations": 2,
        "projects": 6,
        "teams": 3,
        "team_members": 3,
        "states": 12,
        "assignments": 30,
    }
    assert {name: least for name, least in sizes.items() if median(_size(w, name) for w in WORLDS) < least} == {}
    assert median(_size(world, "users") + _size(world, "api_keys") for world in WORLDS) >= 12


def _size(world: World, name: str) -> int:
    return len(getattr(world, name))


def test_worlds_are_mixed():
    """Every world has both editions; states, bounds and people in two organizations occur in most."""
    assert all({*world.organizations.values()} == {*EDITIONS} for world in WORLDS)
    for state in ("active", "pending", "suspended"):
        assert mean(state in world.states.values() for world in WORLDS) > 0.5
    for now in MOMENTS[1:]:
        assert mean(any(a.starts > now - 1 for a in world.assignments) for world in WORLDS) > 0.5
        assert mean(any(a.ends == now for a in world.assignments) for world in WORLDS) > 0.5
    assert mean(len({user for _, user in world.states}) < len(world.states) for world in WORLDS) > 0.9


def test_worlds_hold_edges_that_give_nothing():
    """Keys and teams with roles in foreign places, and members of foreign teams, occur in many worlds."""
    homes = [{**world.api_keys, **world.teams} for world in WORLDS]
    foreign = [
        any(
            home.get(holder) not in {None, model.organization_of(world, scope)}
            for holder, scope, *_ in world.assignments
        )
        for world, home in zip(WORLDS, homes, strict=True)
    ]
    strangers = [
        any((world.teams.get(team), u) not in world.states for u, team in world.team_members) for world in WORLDS
    ]
    assert mean(foreign) > 0.3
    assert mean(strangers) > 0.2


def test_enough_questions_are_allowed():
    """At least three answers of ten are yes, so that the comparison sees both kinds."""
    answers = [
        model.check(world, *random_question(world, rng), 1_000)
        for seed, world in enumerate(WORLDS)
        for rng in [Random(seed)]
        for _ in range(10)
    ]
    assert 0.3 <= mean(answers) <= 0.7


def test_commands_lead_where_they_should():
    """All commands folded into the earlier rows give the rows of the world, by way of detours."""
    undone = 0
    for seed, world in enumerate(WORLDS[:50]):
        rng = Random(seed)
        rows = earlier(world, rng)
        needed = sum(rows.get(key) != row for key, row in rows_of(world).items())
        steps = [delta for deltas in commands(rows, rows_of(world), rng) for delta in deltas]
        rows.update({(delta.table, delta.key): delta.row for delta in steps})
        assert {key: row for key, row in rows.items() if row is not None} == _present(world)
        undone += len(steps) > needed
    assert undone > 25


def _present(world: World) -> dict[object, object]:
    return {key: row for key, row in rows_of(world).items() if row is not None}


def test_rows_hold_what_the_world_says():
    """Suspension marks an active member, no end is the latest instant, strangers are known absent."""
    world = World(
        organizations={"acme": "atlas"},
        users={"ann", "bob"},
        states={("acme", "ann"): "suspended"},
        assignments=[Assignment("ann", "acme", "ORG_OWNER"), Assignment("bob", "acme", "ORG_MEMBER")],
    )
    rows = rows_of(world)
    assert rows["members", ("acme", "ann")] == {"state": "active", "suspended": True}
    assert rows["members", ("acme", "bob")] is None
    assert rows["assignments", ("ann", "acme", "ORG_OWNER")] == {
        "starts": 0,
        "ends": FOREVER,
        "added_by_owner": False,
        "mapped": False,
    }
    assert [load(rows).state("acme", user) for user in ("ann", "bob")] == ["suspended", "removed"]


class TestTheModelItself:
    """The model is short enough to be read; these are the sentences that it must not get wrong."""

    WORLD = World(
        organizations={"acme": "atlas", "other": "cloud_manager"},
        projects={"web": "acme", "app": "acme", "far": "other"},
        users={"owner", "reader", "teamed"},
        api_keys={"key": "acme"},
        teams={"ops": "acme"},
        team_members={("teamed", "ops")},
        states={("acme", "owner"): "active", ("acme", "reader"): "active", ("acme", "teamed"): "active"},
        assignments=[
            Assignment("owner", "acme", "ORG_OWNER"),
            Assignment("owner", "web", "GROUP_READ_ONLY"),
            Assignment("reader", "web", "GROUP_READ_ONLY", starts=10, ends=20),
            Assignment("ops", "app", "GROUP_OWNER"),
            Assignment("key", "far", "GROUP_OWNER"),
        ],
    )

    def test_an_owner_owns_every_project(self):
        """An owner of the organization who is on a project with a lesser role still owns it."""
        assert model.visible(self.WORLD, "owner", "project.delete", 0) == {"web", "app"}
        assert {way.via for way in model.paths(self.WORLD, "owner", "project.read", "web", 0)} == {
            "organization_role",
            "direct",
        }

    def test_bounds_are_half_open(self):
        """A role holds from its start until just before its end."""
        asked = {now: model.check(self.WORLD, "reader", "project.read", "web", now) for now in (9, 10, 19, 20)}
        assert asked == {9: False, 10: True, 19: True, 20: False}

    def test_teams_reach_their_members_and_keys_stay_at_home(self):
        """The team's member deletes the project; the key with a role elsewhere does nothing there."""
        assert model.holders(self.WORLD, "project.delete", "app", 0) == {"owner", "teamed"}
        assert model.holders(self.WORLD, "project.delete", "far", 0) == set()

"""What the arrays may answer by themselves, and what they must leave to the layer above them."""
# ruff: noqa: SLF001 - what is kept, and what is not, shows from inside only

from unittest.mock import patch

import pytest

from orgward.engine import snapshot as snapshot_module
from orgward.engine.layer import REMOVED, Overlay, grant_of, state_of
from orgward.engine.packing import Index
from orgward.engine.search import holders
from orgward.engine.snapshot import Snapshot
from orgward.kernel.delta import Delta
from tests.engine.differential import cold
from tests.reference_model.model import Assignment, World
from tests.reference_model.worlds import load, rows_of

NOW = 1_000
EVERYBODY = ["owner", "reader", "teamed", "key"]

WORLD = World(
    organizations={"acme": "atlas", "twin": "atlas"},
    projects={"web": "acme", "app": "acme"},
    users={"owner", "reader", "teamed"},
    api_keys={"key": "acme"},
    teams={"ops": "acme"},
    team_members={("teamed", "ops")},
    states={
        ("acme", "owner"): "active",
        ("acme", "reader"): "active",
        ("acme", "teamed"): "active",
        ("twin", "reader"): "active",
    },
    assignments=[
        Assignment("owner", "acme", "ORG_OWNER"),
        Assignment("reader", "web", "GROUP_READ_ONLY"),
        Assignment("ops", "web", "GROUP_READ_ONLY"),
        Assignment("key", "web", "GROUP_READ_ONLY"),
    ],
)


def readers(facts: Snapshot) -> list[str]:
    """Return who may read the project `web`, asked without remembering anything."""
    with cold():
        return [each for each in EVERYBODY if facts.check(each, "project.read", "web", NOW)]


@pytest.fixture
def facts() -> Snapshot:
    """Return the world as a store loads it."""
    return load(rows_of(WORLD))


def test_the_arrays_answer_without_remembering(facts):
    """With no room for rows everybody is answered all the same, and no row is kept."""
    assert readers(facts) == EVERYBODY
    assert facts._memo == {}


@pytest.mark.parametrize(
    ("delta", "left"),
    [
        (Delta("projects", ("web",), {"org_id": "twin", "name": "web"}), ["reader"]),
        (Delta("projects", ("web",), {"org_id": "acme", "name": "renamed"}), EVERYBODY),
        (Delta("projects", ("web",), None), []),
        (Delta("organizations", ("acme",), None), []),
        (Delta("teams", ("ops",), None), ["owner", "reader", "key"]),
        (Delta("members", ("acme", "reader"), None), ["owner", "teamed", "key"]),
        (Delta("team_members", ("teamed", "ops"), None), ["owner", "reader", "key"]),
        (Delta("assignments", ("key", "web", "GROUP_READ_ONLY"), None), ["owner", "reader", "teamed"]),
    ],
)
def test_what_moves_or_goes_is_no_longer_answered_from_the_arrays(facts, delta, left):
    """A change of a project, team or organization stops every edge there that no longer counts."""
    facts.fold([delta])
    assert readers(facts) == left
    assert [each for each in EVERYBODY if facts.check(each, "project.read", "web", NOW)] == left
    assert holders(facts, "project.read", "web", NOW) & {*EVERYBODY} == set(left)


def test_many_sets_of_roles_do_not_overflow_the_arrays():
    """Grants that are too many to be numbered in 16 bits stay in the layer and answer the same."""
    rows = rows_of(WORLD)
    with patch.object(snapshot_module, "_SHARED_GRANTS", 0):
        few = load(rows)
    assert few._arrays.grants == [()]
    assert readers(few) == EVERYBODY


def test_ids_are_numbered_in_the_order_of_their_appearance():
    """The same id has the same number again."""
    index = Index()
    assert [index.number(text) for text in ("a", "b", "a", "c")] == [0, 1, 0, 2]
    assert index.ids == ["a", "b", "c"]


def test_remembered_rows_are_dropped_when_there_are_too_many(facts):
    """With room for one row only that of the last principal asked about is kept."""
    with patch("orgward.engine.layer._MEMO_ROWS", 1):
        assert [p for p in ("owner", "reader") if facts.check(p, "project.read", "web", NOW)] == [
            "owner",
            "reader",
        ]
    assert list(facts._memo) == ["reader"]


def test_now_and_then_a_missed_row_is_remembered(facts):
    """Who is asked about changes over time: every so many misses a row enters the full memory."""
    assert facts.check("owner", "project.read", "web", NOW)
    with cold(), patch.object(snapshot_module, "_MISSES_FOR_ONE_ROW", 2):
        assert facts.check("reader", "project.read", "web", NOW)
        assert list(facts._memo) == ["owner"]
        assert facts.check("key", "project.read", "web", NOW)
        assert list(facts._memo) == ["owner", "key"]


def test_a_row_compiled_during_a_change_is_not_kept(facts):
    """A row of the past answers the question that asked for it and no later one."""
    right = Snapshot._compile

    def interrupted(self, holder, now):
        row = right(self, holder, now)
        if holder == "reader" and not changes:
            changes.append(Delta("assignments", ("reader", "web", "GROUP_READ_ONLY"), None))
            facts.fold(changes)
        return row

    changes = []
    with patch.object(Snapshot, "_compile", interrupted):
        assert facts.check("reader", "project.read", "web", NOW)
    assert not facts.check("reader", "project.read", "web", NOW)


def test_what_appears_after_its_edges_is_answered_anew(facts):
    """A key or project that is entered after its edges does not live on with the answers from before."""
    role = {"starts": 0, "ends": 2_000, "added_by_owner": False}
    early = [("late key", "web"), ("owner", "late project")]
    facts.fold([Delta("assignments", (holder, scope, "GROUP_OWNER"), role) for holder, scope in early])
    assert facts.check("late key", "project.delete", "web", NOW)
    assert not facts.check("owner", "project.delete", "late project", NOW)
    facts.fold([Delta("api_keys", ("late key",), {"org_id": "twin"})])
    facts.fold([Delta("projects", ("late project",), {"org_id": "acme"})])
    assert not facts.check("late key", "project.delete", "web", NOW)
    assert facts.check("owner", "project.delete", "late project", NOW)


def test_folding_twice_is_folding_once(facts):
    """A change that arrives again changes nothing more, also not in the lists."""
    deltas = [
        Delta(
            "assignments",
            ("teamed", "app", "GROUP_OWNER"),
            {"starts": 0, "ends": 2_000, "added_by_owner": True},
        ),
        Delta("projects", ("new",), {"org_id": "acme"}),
    ]
    facts.fold(deltas)
    facts.fold(deltas)
    assert sorted(facts.projects_in("acme")) == ["app", "new", "web"]
    assert holders(facts, "project.delete", "app", NOW) == {"owner", "teamed"}


def test_tables_that_decide_nothing_are_passed_over(facts):
    """Other tables' changes may be folded too; nobody's access changes."""
    facts.fold([Delta("outbox", ("1",), None), Delta("users", ("reader",), None)])
    assert readers(facts) == EVERYBODY


def test_an_overlay_starts_at_the_revision_below(facts):
    """An overlay says the revision that it was made on."""
    facts.revision = 7
    assert Overlay(facts).revision == 7


def test_states_of_members():
    """Suspension stops an active member, a pending one stays pending, and who is not there is removed."""
    assert state_of(None) == REMOVED
    assert state_of({"state": "active", "suspended": False}) == "active"
    assert state_of({"state": "active", "suspended": True}) == "suspended"
    assert state_of({"state": "pending", "suspended": True}) == "pending"


def test_grants_of_rows():
    """The row of an assignment is its grant, whatever number stands for true."""
    grant = grant_of("GROUP_OWNER", {"starts": 1, "ends": 2, "added_by_owner": 1})
    assert grant == ("GROUP_OWNER", True, 1, 2, False)
    assert grant.added_by_owner is True

"""A short slice of the soak; the worlds have theirs in tests/engine."""

import pytest

from tests.soak import fuzz, kills, previews, races

pytestmark = pytest.mark.slow

SEED = 20261122


def test_a_killed_server_loses_nothing():
    """After kill -9 every acknowledged write is there, the log verifies, and no refused or cut-off one left a half."""
    report = kills.soak(5, SEED, fresh=1)
    assert report.faults == []


def test_races_through_the_front_door_and_beside_the_command_line():
    """One member of fifty acceptances (rule 46), one owner left (rule 34), no limit passed (rule 145), nothing lost."""
    report = races.soak(1, 1, SEED, ("groups",))
    assert report.faults == []


def test_generated_calls_meet_no_fault():
    """Whatever is called, by whomever: never a 5xx, always the error shape and the headers of the contract."""
    report = fuzz.soak(12, SEED)
    assert report.faults == []


def test_previews_tell_the_truth():
    """What a trial says is gained and lost is the difference that brute force finds; what it refuses is refused."""
    found = previews.compare(200, SEED, thorough=True)
    assert found.faults == []
    assert found.refused > 50

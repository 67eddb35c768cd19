"""The comparison with the model is worth something: it notices every fault planted in the engine."""

import pytest

from tests.engine.differential import difference
from tests.engine.faults import FAULTS

WORLDS = range(1, 501)


def found_after(worlds: range) -> int | None:
    """Return after how many of `worlds` the comparison finds a difference, None if it finds none."""
    return next((count for count, seed in enumerate(worlds, 1) if difference(seed) is not None), None)


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_found(name):
    """An engine that is wrong in one way differs from the model in one of 500 worlds."""
    with FAULTS[name]():
        count = found_after(WORLDS)
    print(f"{name}: found after {count} worlds")  # noqa: T201 - shown by `pytest -rP`
    assert count is not None


def test_without_a_fault_nothing_is_found():
    """The patches leave no trace: the engine as it is agrees with the model again."""
    assert found_after(WORLDS[:50]) is None

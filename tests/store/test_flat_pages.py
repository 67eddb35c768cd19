"""First and last pages take as many steps of the database in a large organization as in a small one.

The bench takes the time; steps are the same on every machine, and so can fail a test.
"""

import pytest

from bench.filling import filled_with
from bench.lists import LISTS, accept, last_page
from orgward.store import opening
from tests.directory.company import done
from tests.wire.live import WallClock
from tests.world import World

SMALL, LARGE = 1_000, 3_000
AT_ONCE = 20
MOST = 1.25


class Steps:
    """How many steps the database has taken, by the dozen and more."""

    taken = 0

    def count(self):
        """Count one more; nothing is to be interrupted."""
        self.taken += 1
        return 0


@pytest.fixture(scope="module")
def counting(tmp_path_factory):
    """Give a world with a small and a large organization, and what counts the steps of its store."""
    folder = tmp_path_factory.mktemp("flat")
    founding = World.open(folder, clock=WallClock())
    filled = [filled_with(founding, folder, size) for size in (SMALL, LARGE)]
    founding.close()
    steps, plain = Steps(), opening.connect

    def counted(path):
        connection = plain(path)
        connection.set_progress_handler(steps.count, AT_ONCE)
        return connection

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(opening, "connect", counted)
        world = World.open(folder, clock=WallClock())
        yield world, filled, steps
        world.close()


def steps_of(counting, listed, version, filled, *, last):
    """Give how many steps a page takes that was read before."""
    world, _, steps = counting
    caller = world.session(filled.people[listed.who])

    def ask(page, *, counted):
        return done(caller.get(listed.path(filled, page, counted=counted), accept=accept(version)))

    page = last_page(ask(1, counted=True)["totalCount"]) if last else 1
    ask(page, counted=listed.counted)
    before = steps.taken
    ask(page, counted=listed.counted)
    return steps.taken - before


@pytest.mark.parametrize("last", [False, True], ids=["first", "last"])
@pytest.mark.parametrize("listed", [found for found in LISTS if found.flat], ids=lambda found: " ".join(found[:2]))
def test_pages_of_large_lists_cost_what_those_of_small_ones_do(counting, listed, last):
    """Whoever asks, with each filter, in each version."""
    for version in listed.asked_versions:
        small, large = (steps_of(counting, listed, version, filled, last=last) for filled in counting[1])
        assert 0 < large <= MOST * small, (version, small, large)

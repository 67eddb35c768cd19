"""Several processes on one store: one order, nothing lost, each sees the other's changes at the next request."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from orgward.store.audit import verify
from tests.store.commands import ORG, assignment, log_of, organization, project, write

USER = "b" * 24

WRITES = """
import json, sys
from orgward.store.opening import Store
from tests.store.commands import project, write
url, start, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
store = Store.open(url, clock=lambda: 1)
print(json.dumps([write(store, project(number)).revision for number in range(start, start + count)]))
store.close()
"""


@pytest.fixture
def other(place, store):
    """Open the same store a second time, as another process would."""
    found = place.open()
    yield found
    found.close()


def test_each_sees_the_others_changes_at_the_next_request(store, other):
    """What one writes, the other sees after `follow`, in memory and in rows; both ways."""
    write(store, organization(), assignment(USER))
    assert not other.snapshot.check(USER, "org.delete", ORG, 0)
    other.follow()
    assert other.snapshot.check(USER, "org.delete", ORG, 0)
    write(other, project(1))
    store.follow()
    assert store.snapshot.attribute("projects", f"{1:024x}") == ORG
    assert store.snapshot.revision == other.snapshot.revision == 2


def test_a_command_sees_the_others_changes_without_being_asked_to(store, other):
    """A write decides on everything that any process wrote before, followed or not."""
    write(store, organization(), project(1))
    assert write(other, project(2), reply=lambda view: view.count("projects", org_id=ORG)).result == 2
    assert other.snapshot.attribute("projects", f"{1:024x}") == ORG


def test_following_without_news_changes_nothing(store, other):
    """A look without news leaves everything as it is, and one's own writes are no news."""
    write(store, organization())
    other.follow()
    before = other.snapshot.revision
    for _ in range(3):
        other.follow()
        store.follow()
    assert other.snapshot.revision == store.snapshot.revision == before


def test_two_writers_make_one_order(store, other):
    """Writers in two processes interleave without a gap, a double revision or a broken chain."""
    write(store, organization())

    def fill(job):
        target, start = job
        return [write(target, project(number)).revision for number in range(start, start + 40)]

    with ThreadPoolExecutor(2) as pool:
        revisions = [r for part in pool.map(fill, [(store, 100), (other, 200)]) for r in part]
    assert sorted(revisions) == list(range(2, 82))
    assert [revision for revision, _, _ in log_of(store)] == list(range(1, 82))
    store.follow()
    other.follow()
    assert store.view.count("projects", org_id=ORG) == other.view.count("projects", org_id=ORG) == 80
    assert sorted(store.snapshot.projects_in(ORG)) == sorted(other.snapshot.projects_in(ORG))
    assert verify(store).problems == []


def test_a_real_process_beside_this_one(place, store):
    """A second process in a loop beside this one under load: nothing is lost or refused."""
    write(store, organization())
    command = [sys.executable, "-c", WRITES, place.url, "1000", "30"]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        mine = []
        number = 2000
        while process.poll() is None:
            mine.append(write(store, project(number)).revision)
            number += 1
        theirs = json.loads(process.stdout.read())
    assert process.returncode == 0
    assert len(theirs) == 30
    assert sorted(mine + theirs) == list(range(2, 2 + len(mine) + 30))
    store.follow()
    assert store.view.count("projects", org_id=ORG) == len(mine) + 30
    assert all(store.snapshot.attribute("projects", f"{n:024x}") == ORG for n in range(1000, 1030))
    assert verify(store).problems == []

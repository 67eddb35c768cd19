"""Stores to test: one function a back end that opens it at a place of its own; a second back end is one more.

And one store for what reads alone, with a crowd in it.
"""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

import pytest

from bench.crowd import crowd_of, write
from orgward.store.migrate import migrate
from orgward.store.opening import Store
from orgward.store.sqlite import connect
from orgward.store.view import SqlView
from tests.empty_store import copy_to
from tests.world import Clock


@dataclass
class Place:
    """Where a store lies; it can be opened there by more than one process."""

    url: str
    clock: Clock
    open: Callable[[], Store]


def _sqlite(folder, clock):
    return Place(copy_to(folder), clock, lambda: Store.open(f"sqlite:///{folder}/orgward.db", clock=clock))


BACK_ENDS = {"sqlite": _sqlite}


@pytest.fixture(params=BACK_ENDS)
def place(tmp_path, request):
    """Give the place of an empty store of each back end."""
    return BACK_ENDS[request.param](tmp_path, Clock())


@pytest.fixture
def store(place):
    """Open a store of each back end."""
    found = place.open()
    yield found
    found.close()


@pytest.fixture(scope="session")
def crowd():
    """Give an organization of three thousand people, as rows."""
    return crowd_of(3_000)


@pytest.fixture(scope="session")
def crowded(crowd, tmp_path_factory):
    """Give a view of a store that holds the crowd."""
    path = tmp_path_factory.mktemp("crowd") / "orgward.db"
    migrate(path)
    with closing(connect(path)) as connection:
        write(crowd, connection)
        yield SqlView(connection)

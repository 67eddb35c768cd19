"""What the tests of our own API start from."""

import pytest

from tests.empty_store import open_world
from tests.own_api.people import account
from tests.store_checker import check_store


@pytest.fixture
def world(tmp_path):
    """Open a world on a store of its own, in which nothing may be left hanging."""
    found = open_world(tmp_path)
    yield found
    found.close()
    assert check_store(found.store.path) == []


@pytest.fixture
def bob(world):
    """Give a person with a password, signed in, who is in no organization."""
    return account(world, "bob@example.org")

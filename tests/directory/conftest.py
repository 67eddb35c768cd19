"""What the tests of the directory's rules start from."""

import pytest

from tests.directory.company import Company
from tests.empty_store import open_world

EDITIONS = ("atlas", "cloud_manager")


@pytest.fixture
def world(tmp_path):
    """Open a world on a store of its own."""
    found = open_world(tmp_path)
    yield found
    found.close()


@pytest.fixture
def atlas(world):
    """Give a company of the edition `atlas`."""
    return Company.found(world, "atlas")


@pytest.fixture
def cloud(world):
    """Give a company of the edition `cloud_manager`."""
    return Company.found(world, "cloud_manager")


@pytest.fixture(params=EDITIONS)
def company(world, request):
    """Give a company of either edition."""
    return Company.found(world, request.param)

"""What the tests of the directory's rules start from."""

import pytest

from tests.directory.company import Company
from tests.federations import Federated
from tests.silent_changes import silent_changes
from tests.store_checker import check_store

EDITIONS = ("atlas", "cloud_manager")


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


@pytest.fixture
def whole(world):
    """See that the store is whole after each test, and that nothing has changed in silence."""
    yield
    assert check_store(world.store.path) == []
    assert silent_changes(world.store.path) == []


@pytest.fixture
def federated(company):
    """Give a company of either edition in a federation."""
    return Federated.found(company)

"""Attacks are tried on companies of both editions."""

import pytest

from tests.directory.company import Company
from tests.empty_store import open_world
from tests.identity_provider import IdentityProvider


@pytest.fixture
def world(tmp_path):
    """Open a world on a store of its own."""
    found = open_world(tmp_path)
    yield found
    found.close()


@pytest.fixture(params=["atlas", "cloud_manager"])
def company(world, request):
    """Give a company of either edition."""
    return Company.found(world, request.param)


@pytest.fixture
def atlas(world):
    """Give a company of the edition `atlas`."""
    return Company.found(world, "atlas")


@pytest.fixture(scope="module")
def process():
    """An identity provider that runs."""
    with IdentityProvider.started() as found:
        yield found

"""Attacks are tried on companies of both editions."""

import pytest

from tests.directory.company import Company


@pytest.fixture(params=["atlas", "cloud_manager"])
def company(world, request):
    """Give a company of either edition."""
    return Company.found(world, request.param)


@pytest.fixture
def atlas(world):
    """Give a company of the edition `atlas`."""
    return Company.found(world, "atlas")

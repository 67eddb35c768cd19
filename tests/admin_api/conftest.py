"""What the tests of the Atlas face start from."""

import pytest

from tests.empty_store import open_world


@pytest.fixture
def world(tmp_path):
    """Open a world on a store of its own."""
    found = open_world(tmp_path)
    yield found
    found.close()

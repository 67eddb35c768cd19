"""One server for all tests of the wire: they make organizations of their own in it."""

import pytest

from tests.wire.calls import Scene
from tests.wire.live import serving

RATE_LIMITS = 100
"""How much wider rate limits are than usual, so that no test meets them."""


@pytest.fixture(scope="session")
def live(tmp_path_factory):
    """Serve an empty store."""
    with serving(tmp_path_factory.mktemp("served"), rate_limits=RATE_LIMITS) as found:
        yield found


@pytest.fixture(scope="session")
def scene(live):
    """Found an organization in which every call of the table can be made."""
    return Scene(live)

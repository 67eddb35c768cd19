"""What holds for all tests. Network, warnings and markers are settled in pyproject.toml.

Whatever a test needs that a machine may lack, it asks for with `require` of tests/requirements_of_tests.py.
"""

import pytest
from hypothesis import settings

from tests.empty_store import open_world
from tests.federated import Federated
from tests.identity_provider import IdentityProvider

# No test asserts a time, so no example has a deadline; a failing one prints how to repeat it.
settings.register_profile("orgward", deadline=None, print_blob=True)
settings.load_profile("orgward")


@pytest.fixture
def world(tmp_path):
    """Open a world on a store of its own."""
    found = open_world(tmp_path)
    yield found
    found.close()


@pytest.fixture(scope="module")
def process():
    """Give an identity provider that runs, as a process of its own; whoever uses it tells it to begin anew."""
    with IdentityProvider.started() as found:
        yield found


@pytest.fixture
def acme(world, process):
    """Give a company whose people sign in by a provider, which behaves at first."""
    process.tell(reset=True)
    return Federated.found(world, process)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files with slow tests first, so that at the end no process is left alone with one of them."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)

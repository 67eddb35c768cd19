"""What holds for all tests. Network, warnings and markers are settled in pyproject.toml.

Whatever a test needs that a machine may lack, it asks for with `require` of tests/requirements_of_tests.py.
"""

import pytest
from hypothesis import settings

# No test asserts a time, so no example has a deadline; a failing one prints how to repeat it.
settings.register_profile("orgward", deadline=None, print_blob=True)
settings.load_profile("orgward")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files with slow tests first, so that at the end no process is left alone with one of them."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)

"""What holds for all tests. Network, warnings and markers are settled in pyproject.toml.

Whatever a test needs that a machine may lack, it asks for with `require` of tests/requirements_of_tests.py.
"""

from hypothesis import settings

# No test asserts a time, so no example has a deadline; a failing one prints how to repeat it.
settings.register_profile("orgward", deadline=None, print_blob=True)
settings.load_profile("orgward")

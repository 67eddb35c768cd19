"""What a test may need that a machine may lack: how it is skipped, and when it may not be."""

import os

import pytest


def require(condition: object, reason: str, *, installable: bool) -> None:
    """Skip the calling test or module with the reason unless the condition holds.

    In CI (`CI=true`) nothing installable is missing by accident: there the test fails instead.
    """
    if condition:
        return
    if installable and os.environ.get("CI") == "true":
        pytest.fail(f"CI has to provide this: {reason}", pytrace=False)
    pytest.skip(reason, allow_module_level=True)

"""What the bodies of the Admin API have in common: unknown members are refused, read-only ones passed over."""

from typing import Any, TypeVar

import msgspec

from orgward.edge.bodies import Body

Ignored = Any
"""The type of a read-only member that SDKs send along: whatever it holds, the server's own value stands."""

_Value = TypeVar("_Value")

__all__ = ["Body", "Ignored", "given"]


def given(value: _Value | msgspec.UnsetType) -> _Value | None:
    """Return the value of a member of a body, None where the body does not name it."""
    return None if isinstance(value, msgspec.UnsetType) else value

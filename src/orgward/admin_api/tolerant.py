"""What the bodies of the Admin API have in common: unknown members are refused, read-only ones passed over."""

from typing import Any

from orgward.edge.bodies import Body

Ignored = Any
"""The type of a read-only member that SDKs send along: whatever it holds, the server's own value stands."""

__all__ = ["Body", "Ignored"]

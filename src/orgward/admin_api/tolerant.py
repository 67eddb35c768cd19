"""Bodies of the Admin API: unknown members are refused, read-only ones that SDKs send along are passed over."""

from typing import Any

from orgward.edge.bodies import Body as Body

Ignored = Any
"""The type of a read-only member: whatever it holds, the server's own value stands."""

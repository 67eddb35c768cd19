"""Bodies of the Admin API: unknown members are refused, read-only ones that SDKs send along are passed over."""

from typing import Any

import msgspec


class Body(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """A request body; a member may be left out only where it has a default."""


Ignored = Any
"""The type of a read-only member: whatever it holds, the server's own value stands."""

"""Identifiers: 24 lowercase hexadecimal digits, as the wire of the Admin API demands."""

import re
from collections.abc import Callable
from typing import NewType

OrgId = NewType("OrgId", str)
ProjectId = NewType("ProjectId", str)
UserId = NewType("UserId", str)
TeamId = NewType("TeamId", str)
ApiKeyId = NewType("ApiKeyId", str)
InvitationId = NewType("InvitationId", str)

ID_PATTERN = re.compile(r"[a-f0-9]{24}")
_LEGACY_PATTERN = re.compile(r"[a-f0-9]{20}")

Ids = Callable[[], str]
"""A source of fresh ids, handed to every rule so that the rules themselves stay pure."""


def object_id(seconds: int, entropy: bytes) -> str:
    """Return an id whose first 4 bytes are the time in `seconds` and whose other 8 are `entropy`."""
    return f"{seconds & 0xFFFFFFFF:08x}{entropy[:8].hex()}"


def is_id(text: str) -> bool:
    """Say whether `text` has the form of an id."""
    return ID_PATTERN.fullmatch(text) is not None


def is_legacy_id(text: str) -> bool:
    """Say whether `text` has the form of the shorter ids that identity providers have besides."""
    return _LEGACY_PATTERN.fullmatch(text) is not None

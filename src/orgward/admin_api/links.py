"""Links of single objects and of list items (wire.md 5)."""

from collections.abc import Sequence
from typing import Final

from orgward.edge.endpoint import ATLAS

_RELATION: Final = "https://cloud.mongodb.com/"

Links = list[dict[str, str]]


def self_link(base_url: str, path: str) -> Links:
    """Return the link of an object to itself."""
    return [{"href": f"{base_url}{ATLAS}{path}", "rel": "self"}]


def with_parts(base_url: str, path: str, parts: Sequence[str]) -> Links:
    """Return the links of a single object: to itself and to its collections."""
    own = f"{base_url}{ATLAS}{path}"
    return [
        {"href": own, "rel": "self"},
        *({"href": f"{own}/{part}", "rel": f"{_RELATION}{part}"} for part in parts),
    ]

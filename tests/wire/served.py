"""What is served, operation by operation, and where."""

from collections.abc import Mapping
from typing import Final

from orgward.cli.faces import declare_everything
from orgward.edge.endpoint import ENDPOINTS, Endpoint
from tests.wire.live import WallClock
from tests.world import VERSION

declare_everything()
SERVED: Final = {found.operation.id: found for found in ENDPOINTS}
ADMIN_API: Final = {name: found for name, found in SERVED.items() if found.is_atlas}
_VERSIONS: Final = [(name, version) for name, found in ADMIN_API.items() for version in found.versions]
EACH_VERSION: Final = [(name, version.date) for name, version in _VERSIONS if not version.is_gone(WallClock().now)]
"""Each operation with each version of it that is served today."""
ENDED: Final = [(name, version.date) for name, version in _VERSIONS if version.is_gone(WallClock().now)]
"""Each operation with each version of it that is gone today."""


def newest(endpoint: Endpoint) -> str:
    """Return the media type of the newest version, which may be a preview; any will do where there are none."""
    return f"application/vnd.atlas.{endpoint.versions[-1].date}+json" if endpoint.versions else VERSION


def path_of(endpoint: Endpoint, values: Mapping[str, str]) -> str:
    """Return the path of `endpoint` with `values` in their places."""
    path = endpoint.path
    for name, value in values.items():
        path = path.replace(f"{{{name}}}", value)
    return path

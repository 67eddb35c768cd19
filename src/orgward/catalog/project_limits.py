"""The limits of a project that its owner may set: one row each, with what stands where nobody has set any.

What a limit bounds may not be served here yet; then there is nothing of it, and its current usage is 0.
"""

from dataclasses import dataclass
from typing import Final

UNBOUNDED: Final = 2**63 - 1
"""The most that a limit without a maximum of its own can be set to: what the wire's type holds."""


@dataclass(frozen=True, slots=True)
class ProjectLimit:
    """A limit by its name in projects and its name among the defaults; None where it has no default or maximum."""

    name: str
    title: str
    description: str
    default: int | None
    maximum: int | None
    minimum: int = 1


_ROWS: Final = (
    # rule 147
    ProjectLimit(
        "atlas.project.security.databaseAccess.users", "MONGODB_USERS",
        "Database users in the project", 100, 900,
    ),
    # rule 149
    ProjectLimit(
        "atlas.project.deployment.clusters", "NUM_CLUSTERS",
        "Clusters in the project", 25, 100,
    ),
    ProjectLimit(
        "atlas.project.deployment.serverlessMTMs", "NUM_SERVERLESS_MTMS",
        "Shared hosts of serverless instances in the project", 100, 100,
    ),
    # rule 147
    ProjectLimit(
        "atlas.project.security.databaseAccess.customRoles", "NUM_USER_CUSTOM_ROLES",
        "Custom database roles in the project", 100, 1_400,
    ),
    # rule 148
    ProjectLimit(
        "atlas.project.security.networkAccess.entries", "MAX_NETWORK_PERMISSION_ENTRIES",
        "Entries of the project's IP access list", 200, 200,
    ),
    ProjectLimit(
        "atlas.project.security.networkAccess.crossRegionEntries", "MAX_CROSS_REGION_NETWORK_PERMISSION_ENTRIES",
        "Entries of the project's IP access list that reach over regions", 40, 220,
    ),
    ProjectLimit(
        "atlas.project.deployment.nodesPerPrivateLinkRegion", "MAX_NODES_PER_PRIVATELINK_REGION",
        "Nodes in each region with a private link", 50, 90,
    ),
    ProjectLimit(
        "dataFederation.bytesProcessed.query", "BYTES_PROCESSED_QUERY",
        "Bytes that one federated query may process", None, None,
    ),
    ProjectLimit(
        "dataFederation.bytesProcessed.daily", "BYTES_PROCESSED_DAILY",
        "Bytes that federated queries may process in a day", None, None,
    ),
    ProjectLimit(
        "dataFederation.bytesProcessed.weekly", "BYTES_PROCESSED_WEEKLY",
        "Bytes that federated queries may process in a week", None, None,
    ),
    ProjectLimit(
        "dataFederation.bytesProcessed.monthly", "BYTES_PROCESSED_MONTHLY",
        "Bytes that federated queries may process in a month", None, None,
    ),
    ProjectLimit(
        "atlas.project.deployment.privateServiceConnectionsPerRegionGroup",
        "NUM_PRIVATE_SERVICE_CONNECTIONS_PER_REGION_GROUP",
        "Private service connections in each group of regions", 50, 100,
    ),
    ProjectLimit(
        "atlas.project.deployment.privateServiceConnectionsSubnetMask", "GCP_PSC_NAT_SUBNET_MASK",
        "Length of the subnet mask of networks for private service connections", 27, 27, minimum=20,
    ),
)  # fmt: skip

PROJECT_LIMITS: Final = {limit.name: limit for limit in _ROWS}
"""Every limit by its name in projects."""

DEFAULT_LIMITS_BY_TITLE: Final = {limit.title: limit for limit in _ROWS}
"""Every limit by its name among the defaults."""

"""The roles in families, in the order in which people read them: one row a family, whichever edition has its roles.

What a family is called is a matter of words; here it has a key.
"""

from collections.abc import Mapping
from typing import Final, TypeAlias

from orgward.catalog.edition import EDITIONS
from orgward.catalog.privileges import Scope

Families: TypeAlias = Mapping[str, tuple[str, ...]]

_FAMILIES: Final[Mapping[Scope, Families]] = {
    "project": {
        "whole": ("GROUP_OWNER", "GROUP_READ_ONLY"),
        "data": (
            "GROUP_DATA_ACCESS_ADMIN",
            "GROUP_DATA_ACCESS_READ_WRITE",
            "GROUP_DATA_ACCESS_READ_ONLY",
            "GROUP_SEARCH_INDEX_EDITOR",
            "GROUP_INDEX_MANAGER",
        ),
        "clusters": (
            "GROUP_CLUSTER_MANAGER",
            "GROUP_CLUSTER_CREATOR",
            "GROUP_REPLICA_SET_MANAGER",
            "GROUP_CLUSTER_RESILIENCE_TESTER",
            "GROUP_CLUSTER_LOG_VIEWER",
            "GROUP_AUTOMATION_ADMIN",
        ),
        "backups": (
            "GROUP_BACKUP_MANAGER",
            "GROUP_BACKUP_ADMIN",
            "GROUP_BACKUP_CREATOR",
            "GROUP_BACKUP_RECOVERY_OPERATOR",
            "GROUP_BACKUP_EXPORT_OPERATOR",
        ),
        "access": (
            "GROUP_ACCESS_MANAGER",
            "GROUP_USER_ADMIN",
            "GROUP_DATABASE_ACCESS_ADMIN",
            "GROUP_NETWORK_ACCESS_MANAGER",
            "GROUP_SUPPORT_ACCESS_MANAGER",
        ),
        "watching": (
            "GROUP_OBSERVABILITY_VIEWER",
            "GROUP_MONITORING_ADMIN",
            "GROUP_ALERTS_MANAGER",
            "GROUP_REAL_TIME_PERFORMANCE_OPERATOR",
        ),
        "streams": ("GROUP_STREAM_PROCESSING_OWNER", "GROUP_TRIGGER_MANAGER", "GROUP_MODEL_OWNER"),
    },
    "organization": {
        "organization": (
            "ORG_OWNER",
            "ORG_READ_ONLY",
            "ORG_MEMBER",
            "ORG_GROUP_CREATOR",
            "ORG_BILLING_ADMIN",
            "ORG_BILLING_READ_ONLY",
            "ORG_STREAM_PROCESSING_ADMIN",
        ),
    },
}


def families_of(edition: str, scope: Scope) -> Families:
    """Returns the names of the roles that the edition has on that kind of resource, by the key of their family."""
    roles = EDITIONS[edition].roles
    present = {family: tuple(filter(roles.__contains__, names)) for family, names in _FAMILIES[scope].items()}
    return {family: names for family, names in present.items() if names}

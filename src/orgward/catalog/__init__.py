"""What a role is and what it grants: the one table that enforcement, console and reference are read from."""

from orgward.catalog.edition import EDITIONS, Edition, EditionName
from orgward.catalog.errors import CatalogError
from orgward.catalog.limits import DEFAULT_LIMITS, Limits
from orgward.catalog.privileges import PRIVILEGES, Privilege, Scope
from orgward.catalog.role import ORGANIZATION_OWNER, PROJECT_OWNER, HandsOut, Role

__all__ = [
    "DEFAULT_LIMITS",
    "EDITIONS",
    "ORGANIZATION_OWNER",
    "PRIVILEGES",
    "PROJECT_OWNER",
    "CatalogError",
    "Edition",
    "EditionName",
    "HandsOut",
    "Limits",
    "Privilege",
    "Role",
    "Scope",
]

"""Every privilege there is: one vocabulary for both editions, named `noun.verb` like decision actions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from orgward.catalog.errors import CatalogError
from orgward.catalog.privileges_organization import ORGANIZATION_PRIVILEGES
from orgward.catalog.privileges_project import PROJECT_PRIVILEGES

Scope: TypeAlias = Literal["organization", "project"]


@dataclass(frozen=True, slots=True)
class Privilege:
    """What somebody may do on one kind of resource, and the editions in which that exists."""

    name: str
    resource: Scope
    description: str
    editions: tuple[str, ...]


def by_name(privileges: Iterable[Privilege]) -> Mapping[str, Privilege]:
    """Returns the privileges by name, in their order, and raises CatalogError where a name comes twice."""
    table: dict[str, Privilege] = {}
    for privilege in privileges:
        if privilege.name in table:
            raise CatalogError(f"privilege `{privilege.name}` is defined twice")
        table[privilege.name] = privilege
    return MappingProxyType(table)


PRIVILEGES: Final[Mapping[str, Privilege]] = by_name(
    [Privilege(name, "organization", text, editions) for name, editions, text in ORGANIZATION_PRIVILEGES]
    + [Privilege(name, "project", text, editions) for name, editions, text in PROJECT_PRIVILEGES]
)


def every_privilege(edition: str, resource: Scope) -> tuple[str, ...]:
    """Names each privilege on that kind of resource in the edition: what an owner of one holds."""
    return tuple(p.name for p in PRIVILEGES.values() if p.resource == resource and edition in p.editions)

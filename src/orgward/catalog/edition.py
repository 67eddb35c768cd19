"""An edition of the catalogue: its roles with everything that is asked of them on the hot path worked out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from orgward.catalog.atlas import ATLAS_ROLES
from orgward.catalog.cloud_manager import CLOUD_MANAGER_ROLES
from orgward.catalog.privileges import PRIVILEGES, Privilege
from orgward.catalog.role import Role
from orgward.catalog.validation import folded, included, validate

EditionName: TypeAlias = Literal["atlas", "cloud_manager"]
_Grants: TypeAlias = Mapping[tuple[str, bool], frozenset[str]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Edition:
    """The roles and rules that an organization gets when it is made and keeps from then on.

    The look-ups raise KeyError for a role that the edition does not have.
    """

    name: EditionName
    title: str
    roles: Mapping[str, Role]
    all_privileges: frozenset[str]
    """Every privilege that exists in this edition."""
    self_change: Literal["never", "no_gain"]
    """Whether a user may change roles of their own: never, or only without gaining a privilege by it."""
    last_project_owner: bool
    """Whether each project keeps a Project Owner of its own, beside the owners of the organization."""
    _own: _Grants = field(repr=False)
    _reach: _Grants = field(repr=False)
    _granting: Mapping[str, tuple[str, ...]] = field(repr=False)
    _named: Mapping[str, Role] = field(repr=False)

    def privileges_of(self, role: str, *, added_by_owner: bool) -> frozenset[str]:
        """Returns what the role grants on its own scope, included roles' grants among it."""
        return self._own[role, added_by_owner]

    def in_projects_of(self, role: str, *, added_by_owner: bool = False) -> frozenset[str]:
        """Returns what an organization role grants in every project; nothing for a project role."""
        return self._reach[role, added_by_owner]

    def roles_granting(self, privilege: str) -> tuple[str, ...]:
        """Names the roles that grant the privilege, by reach too; first those that do so unconditionally."""
        return self._granting.get(privilege, ())

    def role_named(self, text: str) -> Role | None:
        """Returns the role that has this API or UI name, or None."""
        return self._named.get(folded(text))


def compile_edition(
    name: EditionName,
    title: str,
    roles: Iterable[Role],
    *,
    self_change: Literal["never", "no_gain"],
    last_project_owner: bool,
    privileges: Mapping[str, Privilege] = PRIVILEGES,
) -> Edition:
    """Returns the edition of these roles, or raises CatalogError where the table contradicts itself."""
    rows = tuple(roles)
    validate(name, rows, privileges)
    table = MappingProxyType({role.name: role for role in rows})
    own = _own_grants(table)
    reach = _grants_in_projects(table, own)
    existing = frozenset(p.name for p in privileges.values() if name in p.editions)
    return Edition(
        name=name,
        title=title,
        roles=table,
        all_privileges=existing,
        self_change=self_change,
        last_project_owner=last_project_owner,
        _own=own,
        _reach=reach,
        _granting={privilege: _granting(privilege, table, own, reach) for privilege in existing},
        _named={folded(text): role for role in rows for text in (role.name, role.title)},
    )


def _own_grants(table: Mapping[str, Role]) -> _Grants:
    grants: dict[tuple[str, bool], frozenset[str]] = {}
    for role in table.values():
        closure = tuple(included(role, table))
        always = frozenset(name for part in closure for name in part.privileges)
        grants[role.name, False] = always
        grants[role.name, True] = always.union(*(part.added_by_owner for part in closure))
    return grants


def _grants_in_projects(table: Mapping[str, Role], own: _Grants) -> _Grants:
    grants: dict[tuple[str, bool], frozenset[str]] = {}
    for role in table.values():
        carried = [part.in_projects for part in included(role, table) if part.in_projects is not None]
        for added_by_owner in (False, True):
            grants[role.name, added_by_owner] = frozenset[str]().union(*(own[name, added_by_owner] for name in carried))
    return grants


def _granting(privilege: str, table: Mapping[str, Role], own: _Grants, reach: _Grants) -> tuple[str, ...]:
    def holders(*, added_by_owner: bool) -> list[str]:
        key = added_by_owner
        return [name for name in table if privilege in own[name, key] or privilege in reach[name, key]]

    always = holders(added_by_owner=False)
    return (*always, *(name for name in holders(added_by_owner=True) if name not in always))


EDITIONS: Final[Mapping[str, Edition]] = MappingProxyType(
    {
        edition.name: edition
        for edition in (
            compile_edition("atlas", "Atlas", ATLAS_ROLES, self_change="no_gain", last_project_owner=False),
            compile_edition(
                "cloud_manager",
                "Cloud Manager",
                CLOUD_MANAGER_ROLES,
                self_change="never",
                last_project_owner=True,
            ),
        )
    }
)

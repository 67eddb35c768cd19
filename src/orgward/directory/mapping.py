"""From the groups that an identity provider names to the roles that somebody holds by them (rules 96, 97, 99).

Nothing here looks at the store: whoever knows groups and mappings knows the roles.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from orgward.catalog import Edition
from orgward.kernel.errors import RefusedError

Given = tuple[str, str]
"""The organization or project at which a role is given, and the role."""


@dataclass(frozen=True, slots=True)
class RoleMapping:
    """What everybody in one group of the identity provider is given."""

    external_group: str
    given: frozenset[Given]


@dataclass(frozen=True, slots=True)
class RoleAssignment:
    """A role of a mapping as it was named: with the organization or the project at which it is given."""

    role: str
    org: str | None = None
    project: str | None = None


def roles_of(
    groups: Collection[str], mappings: Iterable[RoleMapping], *, default_roles: Iterable[Given], has_other_role: bool
) -> frozenset[Given]:
    """Return what somebody in `groups` is given: the union of their mappings, else the default roles (rules 97, 99).

    Default roles are for those alone to whom no mapping gives a role and who have no other role there.
    """
    named = frozenset(groups)
    found = frozenset(given for mapping in mappings if mapping.external_group in named for given in mapping.given)
    return found if found or has_other_role else frozenset(default_roles)


def given_by(edition: Edition, assignments: Sequence[RoleAssignment]) -> frozenset[Given]:
    """Return what `assignments` give, if each fits its scope and one gives an organization role (rule 96)."""
    given = frozenset((_scope_of(edition, found), found.role) for found in assignments)
    if not given:
        raise RefusedError("NO_ROLES_IN_ASSIGNMENT")
    if not any(found.org for found in assignments):
        raise RefusedError("ROLE_MAPPING_NEEDS_ORG_ROLE")
    return given


def _scope_of(edition: Edition, found: RoleAssignment) -> str:
    role = edition.roles.get(found.role)
    if role is None:
        code = "INVALID_ROLE_FOR_GROUP" if found.project else "INVALID_ROLE_FOR_ORG"
        raise RefusedError(code, found.role[:64], found.project or found.org or "")
    fitting, other = (found.org, found.project) if role.scope == "organization" else (found.project, found.org)
    if fitting is None:
        code = "ROLE_NEEDS_ORG_ID" if role.scope == "organization" else "ROLE_NEEDS_GROUP_ID"
        raise RefusedError(code, found.role)
    if other is not None:
        code = "ROLE_NEEDS_NO_GROUP_ID" if role.scope == "organization" else "ROLE_NEEDS_NO_ORG_ID"
        raise RefusedError(code, found.role)
    return fitting

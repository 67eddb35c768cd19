"""What API keys and service accounts have in common: they belong to one organization and hold roles in it (73-79).

A machine is a principal of its own: what its maker loses later it keeps, and what binds it binds it alone.
"""

from collections.abc import Sequence

from orgward.directory.ground import Ground, drop
from orgward.directory.guards import owns
from orgward.directory.roles import MEMBER_ROLE, assign, organization_roles, project_roles, replace_roles, unassign
from orgward.kernel.delta import Delta
from orgward.kernel.errors import RefusedError
from orgward.kernel.principal import PrincipalKind


def given_in_organization(
    ground: Ground, kind: PrincipalKind, machine: str, org: str, roles: Sequence[str]
) -> list[Delta]:
    """Return the deltas that give `machine` organization roles of `org` (rule 73)."""
    names = organization_roles(ground.edition_of(org), roles, org)
    return [assign(ground, kind, machine, org, role, by_owner=False) for role in names]


def joined(ground: Ground, kind: PrincipalKind, machine: str) -> Delta:
    """Return the delta by which a machine made in a project becomes a member of the organization (rule 76)."""
    return assign(ground, kind, machine, ground.org, MEMBER_ROLE, by_owner=False)


def given_in_project(ground: Ground, kind: PrincipalKind, machine: str, roles: Sequence[str]) -> list[Delta]:
    """Return the deltas that give `machine` roles in the project (rule 73)."""
    names = project_roles(ground.edition_of(ground.org), roles, ground.project)
    by_owner = is_by_owner(ground)
    return [assign(ground, kind, machine, ground.project, role, by_owner=by_owner) for role in names]


def replaced_in_organization(ground: Ground, kind: PrincipalKind, machine: str, roles: Sequence[str]) -> list[Delta]:
    """Return the deltas after which `machine` has exactly these organization roles."""
    names = organization_roles(ground.edition_of(ground.org), roles, ground.org)
    return replace_roles(ground, kind, machine, ground.org, names, by_owner=False)


def replaced_in_project(ground: Ground, kind: PrincipalKind, machine: str, roles: Sequence[str]) -> list[Delta]:
    """Return the deltas after which `machine` has exactly these roles in the project."""
    names = project_roles(ground.edition_of(ground.org), roles, ground.project)
    return replace_roles(ground, kind, machine, ground.project, names, by_owner=is_by_owner(ground))


def put_on_project(
    ground: Ground, kind: PrincipalKind, machine: str, roles: Sequence[str], *, already: RefusedError
) -> list[Delta]:
    """Return the deltas that put `machine` on the project; `already` refuses one that is on it."""
    given = given_in_project(ground, kind, machine, roles)
    if ground.view.find("assignments", holder_id=machine, scope_id=ground.project):
        raise already
    return given


def taken_off_project(ground: Ground, machine: str) -> list[Delta]:
    """Return the deltas that take `machine` off the project; the organization keeps it (rule 79)."""
    return [unassign(row) for row in ground.view.find("assignments", holder_id=machine, scope_id=ground.project)]


def dropped(ground: Ground, machine: str) -> list[Delta]:
    """Return the deltas that drop what every machine has: roles, access list, kept replies (rule 79)."""
    view = ground.view
    deltas = [unassign(row) for row in view.find("assignments", holder_id=machine)]
    deltas += [drop("api_key_access", machine, row["cidr"]) for row in view.find("api_key_access", key_id=machine)]
    return deltas + [drop("replies", machine, row["key"]) for row in view.find("replies", principal_id=machine)]


def is_by_owner(ground: Ground) -> bool:
    """Say whether an owner of the project gives what is given in it."""
    principal = ground.principal
    return not principal.is_operator and owns(ground.facts, principal.id, ground.project, ground.now)

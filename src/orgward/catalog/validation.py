"""What must hold of an edition's table before it may decide anything; checked when it is imported."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from orgward.catalog.errors import CatalogError
from orgward.catalog.privileges import Privilege
from orgward.catalog.role import ORGANIZATION_OWNER, Role


def validate(edition: str, roles: Iterable[Role], privileges: Mapping[str, Privilege]) -> None:
    """Raises CatalogError for the first fault of the table of an edition; returns where there is none."""
    table = _by_name(roles)
    for role in table.values():
        _check_titles(role, table)
        _check_privileges(role, edition, privileges)
        _check_includes(role, table)
        _check_reach(role, table)
    for role in table.values():
        for _ in included(role, table):
            pass  # walking is the check: a cycle raises
    _check_owner(edition, table, privileges)


def folded(text: str) -> str:
    """Returns a role's name as it is compared: without regard to case, blanks and the slash of Read/Write."""
    return " ".join(text.replace("/", " ").split()).casefold()


def included(role: Role, roles: Mapping[str, Role]) -> Iterator[Role]:
    """Yields the role and each role that it includes, directly or through others; cycles are refused."""
    yield from _walk(role, roles, ())


def _walk(role: Role, roles: Mapping[str, Role], path: tuple[str, ...]) -> Iterator[Role]:
    path = (*path, role.name)
    yield role
    for name in role.includes:
        if name in path:
            cycle = (*path[path.index(name) :], name)
            raise CatalogError(f"role `{name}` includes itself: {' > '.join(cycle)}")
        yield from _walk(roles[name], roles, path)


def _by_name(roles: Iterable[Role]) -> dict[str, Role]:
    table: dict[str, Role] = {}
    for role in roles:
        if role.name in table:
            raise CatalogError(f"role `{role.name}` is defined twice")
        table[role.name] = role
    return table


def _check_titles(role: Role, table: Mapping[str, Role]) -> None:
    for other in table.values():
        if other is not role and folded(role.title) in {folded(other.name), folded(other.title)}:
            raise CatalogError(f"title `{role.title}` of role `{role.name}` also names role `{other.name}`")


def _check_privileges(role: Role, edition: str, privileges: Mapping[str, Privilege]) -> None:
    own = (*role.privileges, *role.added_by_owner)
    for name in own:
        if own.count(name) > 1:
            raise CatalogError(f"role `{role.name}` lists privilege `{name}` twice")
        if name not in privileges:
            raise CatalogError(f"role `{role.name}` grants unknown privilege `{name}`")
        if edition not in privileges[name].editions:
            raise CatalogError(f"role `{role.name}` grants `{name}`, which edition `{edition}` does not have")
        if privileges[name].resource != role.scope:
            raise CatalogError(f"role `{role.name}` of scope {role.scope} grants `{name}`, which is not")
    if role.added_by_owner and role.scope != "project":
        raise CatalogError(f"role `{role.name}` is not a project role and can't depend on who added the holder")


def _check_includes(role: Role, table: Mapping[str, Role]) -> None:
    for name in role.includes:
        if name not in table:
            raise CatalogError(f"role `{role.name}` includes unknown role `{name}`")
        if table[name].scope != role.scope:
            raise CatalogError(f"role `{role.name}` of scope {role.scope} includes `{name}`, which is not")


def _check_reach(role: Role, table: Mapping[str, Role]) -> None:
    if role.scope == "project":
        if role.in_projects is not None or role.hands_out.organization_roles:
            raise CatalogError(f"role `{role.name}` is a project role and can't reach beyond its project")
    elif role.in_projects is not None:
        if role.in_projects not in table:
            raise CatalogError(f"role `{role.name}` carries unknown role `{role.in_projects}` into projects")
        if table[role.in_projects].scope != "project":
            raise CatalogError(f"role `{role.name}` carries `{role.in_projects}` into projects, which is not one")


def _check_owner(edition: str, table: Mapping[str, Role], privileges: Mapping[str, Privilege]) -> None:
    owner = table.get(ORGANIZATION_OWNER)
    if owner is None:
        raise CatalogError(f"edition `{edition}` has no role `{ORGANIZATION_OWNER}`")
    holding = list(included(owner, table))
    carried = [table[role.in_projects] for role in holding if role.in_projects is not None]
    holding += chain.from_iterable(included(role, table) for role in carried)
    held = {name for role in holding for name in role.privileges}
    for privilege in privileges.values():
        if edition in privilege.editions and privilege.name not in held:
            raise CatalogError(f"`{ORGANIZATION_OWNER}` does not reach privilege `{privilege.name}`")

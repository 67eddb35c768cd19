"""The reference page of roles, written from the catalogue: `python -m orgward.catalog.reference`."""

import sys
from collections.abc import Iterable, Iterator

from orgward.catalog.edition import EDITIONS, Edition
from orgward.catalog.privileges import PRIVILEGES, Privilege, Scope
from orgward.catalog.role import HandsOut, Role
from orgward.catalog.validation import included

_INTRODUCTION = """\
# Roles and privileges

This page is written from the catalogue by `python -m orgward.catalog.reference`; change the catalogue,
then write it anew.

A role belongs to an organization or to a project and grants *privileges* there. Somebody with several
roles has the privileges of all of them; what no role grants is denied. An organization has one edition,
chosen when it is made; the edition decides which roles and privileges exist."""

_SELF_CHANGE = {
    "never": "Nobody adds, removes or replaces a role of their own.",
    "no_gain": "Nobody changes roles of their own in a way that gains them a privilege.",
}
_LAST_OWNER = {
    True: "Every organization keeps an owner, and every project keeps one of its own.",
    False: "Every organization keeps an owner; a project may be left to the organization's.",
}
_LEGEND = "● granted · ○ granted only where whoever added the holder to the project was then an owner of it"


def roles_page() -> str:
    """Returns the page in Markdown: the roles of each edition, who grants what, and every privilege."""
    parts = [_INTRODUCTION]
    for edition in EDITIONS.values():
        parts.extend(_edition(edition))
    parts.append("## Privileges")
    parts.extend(_privileges("organization"))
    parts.extend(_privileges("project"))
    return "\n\n".join(parts) + "\n"


def _edition(edition: Edition) -> Iterator[str]:
    yield f"## Edition {edition.title} (`{edition.name}`)"
    yield f"{_SELF_CHANGE[edition.self_change]} {_LAST_OWNER[edition.last_project_owner]}"
    for role in edition.roles.values():
        yield f"### {role.title}"
        yield f"`{role.name}`, {_article(role.scope)} {role.scope} role. {role.description}"
        yield "\n".join(f"- {fact}" for fact in _facts(role, edition))
    yield f"### Who grants what in {edition.title}"
    yield _LEGEND
    yield from _matrix(edition, "organization")
    yield from _matrix(edition, "project")


def _facts(role: Role, edition: Edition) -> Iterator[str]:
    parts = [part.title for part in included(role, edition.roles) if part is not role]
    if parts:
        yield f"Includes {_listed(dict.fromkeys(parts))}."
    existing = [p for p in edition.all_privileges if PRIVILEGES[p].resource == role.scope]
    if len(role.privileges) == len(existing):
        yield f"Grants every privilege on {_article(role.scope)} {role.scope}."
    elif role.privileges:
        yield f"Grants{' also' if parts else ''} {_listed(f'`{name}`' for name in role.privileges)}."
    if role.added_by_owner:
        names = _listed(f"`{name}`" for name in role.added_by_owner)
        yield f"Grants {names} where whoever added the holder to the project was then an owner of it."
    if carried := _carried(role, edition):
        yield f"In every project of the organization: what {_listed(carried)} grants."
    yield f"Hands out {_handed_out(role.hands_out)}."


def _carried(role: Role, edition: Edition) -> list[str]:
    """Gives the titles of the project roles that the role amounts to in projects, the greatest only."""
    table = edition.roles
    carried = [table[part.in_projects] for part in included(role, table) if part.in_projects is not None]
    lesser = {part.name for one in carried for part in included(one, table) if part is not one}
    return list(dict.fromkeys(one.title for one in carried if one.name not in lesser))


def _handed_out(hands_out: HandsOut) -> str:
    kinds = {
        "all": "every project role",
        "all_but_owner": "every project role but Project Owner",
        "none": "no role",
    }
    text = kinds[hands_out.project_roles]
    if hands_out.organization_roles:
        text = f"every organization role and {text}"
    return text if hands_out.to_self or hands_out.project_roles == "none" else f"{text}, to others only"


def _matrix(edition: Edition, resource: Scope) -> Iterator[str]:
    columns = [role for role in edition.roles.values() if _granted(role, edition, resource)]
    yield f"#### On {_article(resource)} {resource}"
    rows = [_row(["Privilege", *(f"`{role.name}`" for role in columns)])]
    rows.append(_row(["---", *(":-:" for _ in columns)]))
    for privilege in _in_order(resource):
        if privilege.name in edition.all_privileges:
            marks = (_mark(privilege.name, role, edition, resource) for role in columns)
            rows.append(_row([f"`{privilege.name}`", *marks]))
    yield "\n".join(rows)


def _mark(privilege: str, role: Role, edition: Edition, resource: Scope) -> str:
    if privilege in _granted(role, edition, resource):
        return "●"
    return "○" if privilege in _granted(role, edition, resource, added_by_owner=True) else ""


def _granted(role: Role, edition: Edition, resource: Scope, *, added_by_owner: bool = False) -> frozenset[str]:
    if role.scope == resource:
        return edition.privileges_of(role.name, added_by_owner=added_by_owner)
    if resource == "project":
        return edition.in_projects_of(role.name, added_by_owner=added_by_owner)
    return frozenset()


def _privileges(resource: Scope) -> Iterator[str]:
    yield f"### On {_article(resource)} {resource}"
    rows = [_row(["Privilege", "Allows", "Editions"]), _row(["---", "---", "---"])]
    for privilege in _in_order(resource):
        editions = _listed(f"`{name}`" for name in privilege.editions)
        rows.append(_row([f"`{privilege.name}`", privilege.description, editions]))
    yield "\n".join(rows)


def _in_order(resource: Scope) -> list[Privilege]:
    return [privilege for privilege in PRIVILEGES.values() if privilege.resource == resource]


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _listed(words: Iterable[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def _article(scope: Scope) -> str:
    return "an" if scope == "organization" else "a"


if __name__ == "__main__":
    sys.stdout.write(roles_page())

"""The roles of an organization's edition: as a matrix, one by one, and two beside each other."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final

from orgward.app.targets import InOrganization
from orgward.catalog import ORGANIZATION_OWNER, PROJECT_OWNER, Edition, Role, Scope
from orgward.catalog.privilege_groups import groups_of
from orgward.console.explaining.matrix import BASE, Cell, Compared, Line, Matrix, compared, given, matrix_of
from orgward.console.frame.declaration import Batch, export, page
from orgward.console.frame.page import Page
from orgward.console.listing.called import called
from orgward.console.listing.chips import edition_of, word_of
from orgward.console.listing.naming import place_named
from orgward.engine.decide import assigned
from orgward.engine.facts import kind_of
from orgward.kernel.errors import NotFoundError
from orgward.kernel.resource import ResourceRef

_ANY_MEMBER: Final = ("org.read",)
"""What every role of an organization holds: the catalogue is no secret, but whose edition it is."""

_HOLDERS_SHOWN: Final = 20


@page(
    "/o/{orgId}/roles", id="showRoles", requires=_ANY_MEMBER, on=InOrganization(), template="roles.html",
    scope="organization",
)  # fmt: skip
def show_roles(page: Page) -> Mapping[str, Any]:
    """Return the matrix of one scope's roles, searched and narrowed, and the role that is open below its row."""
    edition, scope = edition_of(page), _scope(page)
    matrix = _matrix(page)
    return {
        "edition": edition.title,
        "scope": scope,
        "tabs": [_tab(page, edition, each) for each in ("project", "organization")],
        "n_privileges": sum(len(held) for held in groups_of(edition.name, scope).values()),
        "kinds": [_head(page, kind.key, len(kind.privileges)) for kind in matrix.kinds],
        "all_kinds": [(key, page.t(f"catalogue.group.{key}")) for key in groups_of(edition.name, scope)],
        "chosen": page.many("group"),
        "families": [_family(page, name, lines, edition) for name, lines in matrix.families],
        "n_roles": matrix.n_roles,
        "q": page.one("q"),
        "fades": page.one("fade") != "off",
        "base": edition.roles[BASE[scope]].title,
    }


def _scope(page: Page) -> Scope:
    return "organization" if page.one("scope") == "organization" else "project"


def _matrix(page: Page) -> Matrix:
    return matrix_of(page.t, edition_of(page), _scope(page), q=page.one("q"), kinds=page.many("group"))


def _tab(page: Page, edition: Edition, scope: Scope) -> dict[str, Any]:
    return {
        "href": page.link(scope=scope, group=None, open=None, **{"in": None}),
        "label": page.t(f"matrix.{scope}_roles"),
        "count": sum(role.scope == scope for role in edition.roles.values()),
        "current": scope == _scope(page),
    }


def _head(page: Page, kind: str, total: int) -> dict[str, Any]:
    name, short = page.t(f"catalogue.group.{kind}"), page.t(f"catalogue.group.{kind}.short")
    return {"short": short, "name": name, "total": total}


def _family(page: Page, name: str, lines: Sequence[Line], edition: Edition) -> dict[str, Any]:
    return {"label": page.t(f"catalogue.family.{name}"), "lines": [_line(page, line, edition) for line in lines]}


def _line(page: Page, line: Line, edition: Edition) -> dict[str, Any]:
    role = line.role
    is_open = page.one("open") == role.name
    kind = page.one("in") if is_open else ""
    return {
        "title": _short(role),
        "href": page.link(open=None if is_open and not kind else role.name, **{"in": None}) + f"#{role.name}",
        "id": role.name,
        "is_open": is_open,
        "cells": [_cell(page, line, cell) for cell in line.cells],
        "opened": _opened(page, line, kind, edition) if is_open else None,
    }


def _short(role: Role) -> str:
    return role.title.removeprefix(f"{word_of(role)} ")


def _cell(page: Page, line: Line, cell: Cell) -> dict[str, Any]:
    label, n, of = page.t(f"catalogue.group.{cell.kind.key}"), len(cell.held), len(cell.kind.privileges)
    return {
        "n": n,
        "of": of,
        "base": n - cell.adds,
        "href": page.link(open=line.role.name, **{"in": cell.kind.key}) + f"#{line.role.name}",
        "label": label,
        "name": page.t("matrix.cell", kind=label, n=n, total=of),
    }


def _opened(page: Page, line: Line, kind: str, edition: Edition) -> dict[str, Any]:
    """Return the privileges of a role's row, or of one of its cells."""
    cells = [cell for cell in line.cells if cell.kind.key == kind or not kind]
    return {
        "text": page.t.role(edition.name, line.role.name),
        "kinds": [_kind(page, c.kind.key, c.held, len(c.kind.privileges), is_open=bool(kind)) for c in cells if c.held],
        "close": page.link(open=None, **{"in": None}) + f"#{line.role.name}",
        "page": f"/o/{page.resource.id}/roles/{line.role.name}",
        "compare": f"/o/{page.resource.id}/roles/compare?a={BASE[line.role.scope]}&b={line.role.name}",
    }


def _kind(page: Page, key: str, held: Sequence[str], total: int, *, is_open: bool = False) -> dict[str, Any]:
    return {
        "label": page.t(f"catalogue.group.{key}"),
        "n": len(held),
        "of": total,
        "open": is_open,
        "privileges": [{"code": name, "text": page.t.privilege(name)} for name in held],
    }


@export(
    "/o/{orgId}/roles.csv", id="exportRoles", requires=_ANY_MEMBER, on=InOrganization(),
    columns=("role", "title", "scope", "privilege", "description"),
)  # fmt: skip
def export_roles(page: Page, after: str | None) -> Batch:
    """Return each role that is asked for with each of its privileges that are."""
    del after
    lines = [line for _, lines in _matrix(page).families for line in lines]
    return Batch([row for line in lines for row in _rows(page, line)], None)


def _rows(page: Page, line: Line) -> Iterator[Sequence[str]]:
    role = line.role
    for cell in line.cells:
        for name in cell.held:
            yield role.name, role.title, role.scope, name, page.t.privilege(name)


# -- one role


@page(
    "/o/{orgId}/roles/{role}", id="showRole", requires=_ANY_MEMBER, on=InOrganization(), template="role.html",
    scope="organization", entry="showRoles",
)  # fmt: skip
def show_role(page: Page) -> Mapping[str, Any]:
    """Return what a role is for, what it gives, and who holds it where the viewer may see that."""
    edition = edition_of(page)
    role = _role(edition, page.values["role"])
    own = given(edition, role, role.scope)
    extra = edition.privileges_of(role.name, added_by_owner=True) - own
    return {
        "role": role,
        "text": page.t.role(edition.name, role.name),
        "edition": edition.title,
        "word": page.t(f"shell.scope_{role.scope}"),
        "is_owner": role.name in {ORGANIZATION_OWNER, PROJECT_OWNER},
        "includes": [edition.roles[name] for name in role.includes],
        "in_projects": edition.roles[role.in_projects] if role.in_projects else None,
        "hands_out": _handed_out(edition, role),
        "n": len(own),
        "total": sum(len(held) for held in groups_of(edition.name, role.scope).values()),
        "kinds": _kinds(page, edition, role, own),
        "extra": [{"code": name, "text": page.t.privilege(name)} for name in sorted(extra)],
        "holders": _holders(page, role),
        "base": f"/o/{page.resource.id}/roles",
        "least": BASE[role.scope],
    }


def _role(edition: Edition, name: str) -> Role:
    """Return the role of this name; other spellings of it are no address."""
    found = edition.roles.get(name)
    if found is None:
        raise NotFoundError("ROLE_NOT_FOUND", name)
    return found


def _kinds(page: Page, edition: Edition, role: Role, held: frozenset[str]) -> list[dict[str, Any]]:
    everything = groups_of(edition.name, role.scope).items()
    parts = [(key, [name for name in names if name in held], len(names)) for key, names in everything]
    return [_kind(page, key, names, total) for key, names, total in parts if names]


def _handed_out(edition: Edition, role: Role) -> dict[str, Any]:
    """Return which roles its holders may give; how many suffices where it is all of one scope."""
    covered = {scope: _covered(edition, role, scope) for scope in ("organization", "project")}
    all_of = {scope: [each for each in edition.roles.values() if each.scope == scope] for scope in covered}
    return {
        "all": [scope for scope, found in covered.items() if found and len(found) == len(all_of[scope])],
        "all_but_owner": len(covered["project"]) == len(all_of["project"]) - 1,
    }


def _covered(edition: Edition, role: Role, scope: str) -> list[Role]:
    return [each for each in edition.roles.values() if each.scope == scope and role.hands_out.covers(each)]


def _holders(page: Page, role: Role) -> dict[str, Any] | None:
    """Return who holds the role and where, None where the viewer may see that nowhere."""
    places = list(_places(page, role))
    if not places:
        return None
    found = list(islice(_assigned(page, role, places), _HOLDERS_SHOWN + 1))
    rows = [
        {"who": called(page, who, page.resource.id), "place": place_named(page.view, ref.scope_id)}
        for who, ref in found
    ]
    return {"rows": rows[:_HOLDERS_SHOWN], "has_more": len(rows) > _HOLDERS_SHOWN}


def _places(page: Page, role: Role) -> Iterator[ResourceRef]:
    org = page.resource.id
    if role.scope == "organization":
        if page.can("showWhoCan"):
            yield page.resource
        return
    for project in page.facts.projects_in(org):
        ref = ResourceRef("project", project, org=org, project=project)
        if page.can("showProjectWhoCan", ref):
            yield ref


def _assigned(page: Page, role: Role, places: Sequence[ResourceRef]) -> Iterator[tuple[str, ResourceRef]]:
    for ref in places:
        of = "" if ref.project is None else "Project"
        seen = {"user": True, "api_key": page.can(f"show{of}Keys", ref)}
        seen["service_account"] = page.can(f"show{of}ServiceAccounts", ref)
        for who in assigned(page.facts, {role.name}, ref.scope_id, page.now):
            if seen[kind_of(page.facts, who)]:
                yield who, ref


# -- two roles


@page(
    "/o/{orgId}/roles/compare", id="showComparison", requires=_ANY_MEMBER, on=InOrganization(),
    template="compare.html", scope="organization", entry="showRoles",
)  # fmt: skip
def show_comparison(page: Page) -> Mapping[str, Any]:
    """Return what one role gives and the other does not; with `show=all` what both give as well."""
    edition, (a, b) = edition_of(page), _two(page)
    kinds = compared(edition, a, b)
    rows = [row for kind in kinds for row in kind.rows]
    shows_all = page.one("show") == "all"
    return {
        "a": a,
        "b": b,
        "options": [_options(page, edition, scope) for scope in ("project", "organization")],
        "in_both": sum(x and y for _, x, y in rows),
        "only_a": sum(x and not y for _, x, y in rows),
        "only_b": sum(y and not x for _, x, y in rows),
        "n": len(rows),
        "shows_all": shows_all,
        "kinds": [found for kind in kinds if (found := _compared(page, kind, shows_all=shows_all))["rows"]],
        "base": f"/o/{page.resource.id}/roles",
    }


def _two(page: Page) -> tuple[Role, Role]:
    """Return the two roles; where one is not named, the least and the greatest project role."""
    edition = edition_of(page)
    a, b = page.one("a", BASE["project"]), page.one("b", PROJECT_OWNER)
    return _role(edition, a), _role(edition, b)


def _options(page: Page, edition: Edition, scope: Scope) -> tuple[str, list[tuple[str, str]]]:
    roles = sorted((role for role in edition.roles.values() if role.scope == scope), key=lambda role: role.title)
    return page.t(f"matrix.{scope}_roles"), [(role.name, role.title) for role in roles]


def _compared(page: Page, kind: Compared, *, shows_all: bool) -> dict[str, Any]:
    rows = [(name, page.t.privilege(name), a, b) for name, a, b in kind.rows if shows_all or a != b]
    label, n = page.t(f"catalogue.group.{kind.kind}"), kind.n_different
    return {"label": page.t("matrix.differ", kind=label, n=n, alike=len(kind.rows) - n), "rows": rows}


@export(
    "/o/{orgId}/roles/compare.csv", id="exportComparison", requires=_ANY_MEMBER, on=InOrganization(),
    columns=("privilege", "description", "inA", "inB"),
)  # fmt: skip
def export_comparison(page: Page, after: str | None) -> Batch:
    """Return the privileges of two roles, with which of them gives each."""
    del after
    a, b = _two(page)
    rows = [row for kind in compared(edition_of(page), a, b) for row in kind.rows]
    shown = [row for row in rows if page.one("show") == "all" or row[1] != row[2]]
    return Batch([(name, page.t.privilege(name), *(str(held).lower() for held in each)) for name, *each in shown], None)

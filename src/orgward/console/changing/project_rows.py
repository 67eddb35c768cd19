"""Rows of a form that name a project and a role on it; a project with several roles stands in several rows."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from orgward.catalog import Role
from orgward.console.changing.role_choices import choices_of, edition_at
from orgward.console.frame.page import Page, Posted
from orgward.kernel.errors import FieldFault, MalformedError
from orgward.kernel.resource import ResourceRef

_BLANK: Final = ("", "")
_FEWEST: Final = 2
_MOST: Final = 100


def rows_shown(page: Page, given: Mapping[str, Sequence[str]], privilege: str) -> dict[str, Any]:
    """Return the rows that a form begins with, or was sent with, and what may be chosen in them.

    Offered are projects on which the viewer holds `privilege`, and any that a row names already.
    """
    posted = page.asked.posted
    if "project" in posted:
        rows = [*zip(posted["project"], posted.get("role", ()), strict=False)]
    else:
        rows = [(project, role) for project, roles in given.items() for role in roles]
    filled = [row for row in rows if any(row)]
    n_blank = len(rows) - len(filled) + _FEWEST if "more" in posted else _FEWEST
    shown = [*filled, *[_BLANK] * n_blank][: max(_MOST, len(filled))]
    return {"rows": shown, "projects": _projects(page, privilege, {p for p, _ in filled}), "roles": _roles(page)}


def _projects(page: Page, privilege: str, named: set[str]) -> list[tuple[str, str]]:
    org = page.resource.org or ""
    found = [
        (row["id"], row["name"])
        for row in page.view.find("projects", org_id=org)
        if row["id"] in named or page.holds(privilege, ResourceRef("project", row["id"], org=org, project=row["id"]))
    ]
    return [("", page.t("project_rows.no_project")), *sorted(found, key=lambda each: each[1].casefold())]


def _roles(page: Page) -> Sequence[Any]:
    org = page.resource.org or ""
    roles: list[Role] = [role for role in edition_at(page, org).roles.values() if role.scope == "project"]
    families = choices_of(page, roles, org)
    by_family = [(each["label"], [(name, title) for name, title, _ in each["options"]]) for each in families]
    return [("", page.t("project_rows.no_role")), *by_family]


def rows_posted(posted: Posted) -> dict[str, list[str]]:
    """Return the roles by project that the rows name; raise if a row names only one of the two."""
    found: dict[str, list[str]] = {}
    for project, role in zip(posted.fields.get("project", ()), posted.fields.get("role", ()), strict=False):
        if bool(project) != bool(role):
            fault = FieldFault("projects", posted.words("project_rows.half"))
            raise MalformedError("VALIDATION_ERROR", fault.description, fields=[fault])
        if project and role not in found.setdefault(project, []):
            found[project].append(role)
    return found

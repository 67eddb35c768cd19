"""Organizations and projects, page by page, limited by a proof of what the caller may list."""

import json
from typing import Final

from orgward.engine.authorized import Visible
from orgward.store.schema import organizations, projects
from orgward.store.view import Row, SqlView, row_of

_ORGANIZATION_COLUMNS: Final = ", ".join(f"o.{column.name}" for column in organizations.columns)
_PROJECT_COLUMNS: Final = ", ".join(f"p.{column.name}" for column in projects.columns)


def _begins(column: str) -> str:
    """Return the condition that a name begins with the one asked for, whatever its capitals."""
    return f"(:name = '' OR lower(substr({column}, 1, length(:name))) = lower(:name))"


def organizations_page(view: SqlView, visible: Visible, name: str, limit: int, offset: int) -> tuple[list[Row], int]:
    """Return a page of the visible organizations whose names begin with `name`, and how many there are."""
    source = "json_each(:ids) AS v JOIN organizations AS o ON o.id = v.value"
    where = _begins("o.name")
    values = {"ids": json.dumps(sorted(visible.resources)), "name": name}
    rows = view.rows(
        f"SELECT {_ORGANIZATION_COLUMNS} FROM {source} WHERE {where} ORDER BY o.id LIMIT :limit OFFSET :offset",
        {**values, "limit": limit, "offset": offset},
    )
    total = view.rows(f"SELECT COUNT(*) FROM {source} WHERE {where}", values)[0][0]
    return [row_of(organizations, row) for row in rows], int(total)


def projects_page(
    view: SqlView, visible: Visible, *, org: str | None, name: str, limit: int, offset: int
) -> tuple[list[Row], int]:
    """Return a page of the visible projects whose names begin with `name`, of `org` if it is given, and how many."""
    source = "json_each(:ids) AS v JOIN projects AS p ON p.id = v.value"
    where = f"(:org IS NULL OR p.org_id = :org) AND {_begins('p.name')}"
    values = {"ids": json.dumps(sorted(visible.resources)), "org": org, "name": name}
    rows = view.rows(
        f"SELECT {_PROJECT_COLUMNS} FROM {source} WHERE {where} ORDER BY p.name, p.id LIMIT :limit OFFSET :offset",
        {**values, "limit": limit, "offset": offset},
    )
    total = view.rows(f"SELECT COUNT(*) FROM {source} WHERE {where}", values)[0][0]
    return [row_of(projects, row) for row in rows], int(total)


def projects_named(view: SqlView, visible: Visible, name: str) -> list[Row]:
    """Return the visible projects with exactly this name."""
    return [row for row in view.find("projects", name=name) if row["id"] in visible.resources]


def has_organizations(view: SqlView) -> bool:
    """Say whether there is any organization."""
    return bool(view.rows("SELECT 1 FROM organizations LIMIT 1", {}))

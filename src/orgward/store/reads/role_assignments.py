"""Assignments at an organization or project, page by page: keys, then teams, then users, each by id."""

from orgward.store.reads.slices import Listed
from orgward.store.schema import assignments
from orgward.store.view import Row, SqlView


def assignments_page(view: SqlView, scope: str, *, limit: int, offset: int) -> tuple[list[Row], int]:
    """Return a page of the assignments at `scope`, in force or not, and how many there are."""
    total = view.count("assignments", scope_id=scope)
    listed = Listed(assignments, "scope_id = :scope", ("holder_kind", "holder_id", "role"), {"scope": scope})
    return listed.cut(view, total=total, limit=limit, offset=offset), total


def assignments_of(view: SqlView, scope: str, kind: str, holder: str) -> list[Row]:
    """Return every assignment of one holder at `scope`, none if `holder` is of another kind."""
    rows = view.find("assignments", holder_id=holder, scope_id=scope)
    return [row for row in rows if row["holder_kind"] == kind]

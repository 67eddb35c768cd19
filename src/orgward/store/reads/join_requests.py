"""Requests to join a project, page by page, oldest first."""

from orgward.store.reads.slices import Listed
from orgward.store.schema import join_requests
from orgward.store.view import Row, SqlView


def requests_page(view: SqlView, project: str, state: str, *, limit: int, offset: int) -> tuple[list[Row], int]:
    """Return a page of the requests to join `project` that are in `state`, and how many there are."""
    total = view.count("join_requests", project_id=project, state=state)
    where, values = "project_id = :project AND state = :state", {"project": project, "state": state}
    return Listed(join_requests, where, ("id",), values).cut(view, total=total, limit=limit, offset=offset), total

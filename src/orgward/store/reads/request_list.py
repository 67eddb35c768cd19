"""Requests to join a project as the console lists them: those that wait, oldest first; the answered, newest first."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from orgward.store.reads.keyset import Entry, Page, Place, walked
from orgward.store.schema import join_requests
from orgward.store.view import Row, SqlView

OPEN = ("open",)
ANSWERED = ("approved", "denied")


def request_list(view: SqlView, project: str, states: Collection[str], place: Place, size: int) -> Page[Row]:
    """Return the page at `place` of the requests to join `project` that are in one of `states`."""
    falls = "open" not in states

    def read(beyond: Entry | None, *, backwards: bool, limit: int) -> Sequence[Entry]:
        descends = backwards != falls
        found = [id_ for state in states for id_ in _ids(view, project, state, beyond, descends=descends, limit=limit)]
        return [(id_, id_) for id_ in sorted(found, reverse=descends)[:limit]]

    total = sum(view.count(join_requests.name, project_id=project, state=state) for state in states)
    page = walked(read, replace(place, key=place.id or None), size, total)
    rows = [row for id_ in page.rows if (row := view.get(join_requests.name, id_))]
    return page.of(rows)


def _ids(
    view: SqlView, project: str, state: str, beyond: Entry | None, *, descends: bool, limit: int
) -> Sequence[str]:  # fmt: skip
    after = f" AND id {'<' if descends else '>'} :beyond" if beyond else ""
    sql = (
        f"SELECT id FROM join_requests WHERE project_id = :project AND state = :state{after}"
        f" ORDER BY id {'DESC' if descends else 'ASC'} LIMIT :limit"
    )
    given = {"project": project, "state": state, "beyond": beyond[1] if beyond else "", "limit": limit}
    return [id_ for (id_,) in view.rows(sql, given)]

"""Members of an organization or project, page by page: active ones first, then invited ones (rule 57).

A page is cut from segments, one a status, each read along its index; a segment is read from its nearer end, so that
the last page of a long list costs what the first one costs. Invited ones stand in the order in which their invitations
end, so that those that have ended lie together, too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from orgward.store.reads.slices import Listed
from orgward.store.reads.waiting import still_waiting
from orgward.store.schema import members, metadata
from orgward.store.view import Row, SqlView

Status = Literal["ACTIVE", "PENDING", "INVITATION_EXPIRED", "INVITATION_REJECTED"]

ALL_STATUSES: Final[tuple[Status, ...]] = ("ACTIVE", "PENDING", "INVITATION_EXPIRED", "INVITATION_REJECTED")
CURRENT: Final[tuple[Status, ...]] = ("ACTIVE", "PENDING")
_STATE: Final = {
    "ACTIVE": "active",
    "PENDING": "pending",
    "INVITATION_EXPIRED": "pending",
    "INVITATION_REJECTED": "rejected",
}
_TERM: Final = {"PENDING": " AND expires_at > :now", "INVITATION_EXPIRED": " AND expires_at <= :now"}


def status_of(row: Row, now: int) -> Status:
    """Return the status of a membership on the wire (rule 52)."""
    if row["state"] == "pending":
        return "PENDING" if row["expires_at"] > now else "INVITATION_EXPIRED"
    return "ACTIVE" if row["state"] == "active" else "INVITATION_REJECTED"


@dataclass(frozen=True, slots=True)
class Memberships:
    """The memberships of one scope: those of an organization, or of a project."""

    table: Literal["members", "project_members"]
    scope: str

    @property
    def _column(self) -> str:
        return "org_id" if self.table == members.name else "project_id"

    def page(
        self, view: SqlView, statuses: Sequence[Status], *, now: int, limit: int, offset: int
    ) -> tuple[list[Row], int]:
        """Return a page of the memberships with one of `statuses`, and how many there are."""
        rows: list[Row] = []
        total = 0
        for status, count in self._counts(view, [s for s in ALL_STATUSES if s in statuses], now):
            skip = max(0, offset - total)
            wanted = min(limit - len(rows), count - skip)
            if wanted > 0:
                rows += self._slice(view, status, now=now, count=count, skip=skip, wanted=wanted)
            total += count
        return rows, total

    def of_user(self, view: SqlView, user: str) -> Row | None:
        """Return the membership of `user`, None if there is none."""
        return view.get(self.table, self.scope, user)

    def _counts(self, view: SqlView, statuses: Sequence[Status], now: int) -> list[tuple[Status, int]]:
        counts = {s: view.count(self.table, **{self._column: self.scope, "state": _STATE[s]}) for s in statuses}
        invited = max(counts.get("PENDING", 0), counts.get("INVITATION_EXPIRED", 0))
        if invited:
            waiting = still_waiting(view, self.table, self.scope, now)
            counts |= {"PENDING": waiting, "INVITATION_EXPIRED": invited - waiting}
        return [(status, counts[status]) for status in statuses]

    def _slice(self, view: SqlView, status: Status, *, now: int, count: int, skip: int, wanted: int) -> Sequence[Row]:
        where = f"{self._column} = :scope AND state = :state{_TERM.get(status, '')}"
        values = {"scope": self.scope, "state": _STATE[status], "now": now}
        order = ("expires_at", "user_id") if status in _TERM else ("user_id",)
        listed = Listed(metadata.tables[self.table], where, order, values)
        return listed.cut(view, total=count, limit=wanted, offset=skip)


def of_organization(org: str) -> Memberships:
    """Return the memberships of the organization `org`."""
    return Memberships("members", org)


def of_project(project: str) -> Memberships:
    """Return the memberships of `project`."""
    return Memberships("project_members", project)

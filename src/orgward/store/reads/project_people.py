"""People of a project with those who reach it otherwise: by a team, or by an organization role (rule 15)."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from orgward.store.reads.memberships import ALL_STATUSES, Status, of_organization, of_project, status_of
from orgward.store.reads.teams import members_of
from orgward.store.view import Row, SqlView

_BY_TEAM: Final = (
    "SELECT t.user_id FROM assignments AS a CROSS JOIN team_members AS t ON t.team_id = a.holder_id"
    " WHERE a.scope_id = :project AND a.holder_kind = 'team' AND a.starts <= :now AND :now < a.ends"
)
_READERS: Final = "SELECT value AS user_id FROM json_each(:readers)"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectPeople:
    """The people of a project, and whoever else is in a team on it, or of `readers` a member of the organization.

    Each stands once, in one of `statuses`. Who was not added to the project follows those of the same status who
    were, with the membership of the organization in place of one of the project. How many those are, each once, and
    by what has not ended, no counter could say: all are looked at, unless a page is `counted` by nobody and full of
    people who were added.
    """

    project: str
    org: str
    teams: bool
    readers: Collection[str]
    statuses: Sequence[Status]
    now: int
    counted: bool

    def page(
        self, view: SqlView, statuses: Sequence[Status], *, now: int, limit: int, offset: int
    ) -> tuple[list[Row], int | None]:
        """Return a page of the memberships with one of `statuses`, and how many there are where all were looked at."""
        if not self.counted:
            first = min(statuses, key=ALL_STATUSES.index)
            added, count = of_project(self.project).page(view, (first,), now=now, limit=limit, offset=offset)
            if offset + limit < count:
                return added, None
        others = self._others(view)
        rows: list[Row] = []
        total = 0
        for status in (s for s in ALL_STATUSES if s in statuses):
            wanted, skipped = limit - len(rows), max(0, offset - total)
            added, count = of_project(self.project).page(view, (status,), now=now, limit=wanted, offset=skipped)
            start = max(0, skipped - count)
            ids = others[status][start : start + wanted - len(added)]
            rows += [*added, *self._shown(members_of(view, self.org, ids))]
            total += count + len(others[status])
        return rows, total

    def of_user(self, view: SqlView, user: str) -> Row | None:
        """Return the membership of `user`, None if they are not among these people."""
        added = of_project(self.project).of_user(view, user)
        if added is not None and status_of(added, self.now) in self.statuses:
            return added
        if not any(user in ids for ids in self._others(view).values()):
            return None
        member = of_organization(self.org).of_user(view, user)
        return None if member is None else self._shown([member])[0]

    def _shown(self, rows: Sequence[Row]) -> list[Row]:
        return [{**row, "project_id": self.project} for row in rows]

    def _others(self, view: SqlView) -> dict[Status, list[str]]:
        """Return by status who is not among those who were added; teams and organizations bound how many they are."""
        sources = [_BY_TEAM] if self.teams else []
        sources += [_READERS] if not self.teams or self.readers else []
        sql = (
            "SELECT DISTINCT m.user_id, m.state, m.expires_at, p.state, p.expires_at"
            f" FROM ({' UNION '.join(sources)}) AS v"
            " CROSS JOIN members AS m ON m.org_id = :org AND m.user_id = v.user_id"
            " LEFT JOIN project_members AS p ON p.project_id = :project AND p.user_id = v.user_id ORDER BY m.user_id"
        )
        given = {"project": self.project, "org": self.org, "readers": json.dumps(sorted(self.readers)), "now": self.now}
        found: dict[Status, list[str]] = {status: [] for status in ALL_STATUSES}
        for user, state, expires, added, added_expires in view.rows(sql, given):
            if added is None or self._status(added, added_expires) not in self.statuses:
                found[self._status(state, expires)].append(user)
        return found

    def _status(self, state: str, expires: int | None) -> Status:
        return status_of({"state": state, "expires_at": expires}, self.now)

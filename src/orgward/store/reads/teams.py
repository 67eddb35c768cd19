"""Teams of an organization, teams on a project, and who is in a team, page by page."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from orgward.store.reads.memberships import ALL_STATUSES, Status, status_of
from orgward.store.reads.slices import Listed
from orgward.store.schema import members, team_members, teams
from orgward.store.view import Row, SqlView, row_of

_MEMBER: Final = ", ".join(f"m.{column.name}" for column in members.columns)
_IS_INVITED: Final = (
    "EXISTS (SELECT 1 FROM members AS m WHERE m.org_id = :org AND m.user_id = team_members.user_id"
    " AND m.state = 'pending')"
)
_ON_PROJECT: Final = "FROM assignments WHERE scope_id = :project AND holder_kind = 'team'"


def teams_page(view: SqlView, org: str, limit: int, offset: int) -> tuple[list[Row], int]:
    """Return a page of the teams of `org`, by name, and how many there are."""
    total = view.count("teams", org_id=org)
    listed = Listed(teams, "org_id = :org", ("name",), {"org": org})
    return listed.cut(view, total=total, limit=limit, offset=offset), total


def project_teams_page(view: SqlView, project: str, limit: int, offset: int) -> tuple[list[str], int]:
    """Return a page of the ids of the teams on `project`, and how many there are."""
    given = {"project": project, "limit": limit, "offset": offset}
    ids = view.rows(f"SELECT DISTINCT holder_id {_ON_PROJECT} ORDER BY holder_id LIMIT :limit OFFSET :offset", given)
    total = view.rows(f"SELECT COUNT(DISTINCT holder_id) {_ON_PROJECT}", {"project": project})[0][0]
    return [team for (team,) in ids], int(total)


def roles_of_teams(view: SqlView, project: str, ids: Iterable[str], now: int) -> dict[str, list[str]]:
    """Return the roles in force on `project` of each of the teams `ids`."""
    sql = (
        "SELECT a.holder_id, a.role FROM json_each(:ids) AS v CROSS JOIN assignments AS a ON a.holder_id = v.value"
        " AND a.scope_id = :project WHERE a.starts <= :now AND :now < a.ends ORDER BY a.holder_id, a.role"
    )
    found: dict[str, list[str]] = {}
    for team, role in view.rows(sql, {"ids": json.dumps(list(ids)), "project": project, "now": now}):
        found.setdefault(team, []).append(role)
    return found


@dataclass(frozen=True, slots=True)
class TeamMembers:
    """Who is in a team, by their memberships of the organization: active ones first, then invited ones (rule 57)."""

    org: str
    team: str

    def page(
        self, view: SqlView, statuses: Sequence[Status], *, now: int, limit: int, offset: int
    ) -> tuple[list[Row], int]:
        """Return a page of the memberships with one of `statuses`, and how many there are."""
        invited = self._invited(view)
        active = view.count("team_members", team_id=self.team) - len(invited) if "ACTIVE" in statuses else 0
        rows = self._active(view, total=active, limit=limit, offset=offset)
        asked = [status for status in ALL_STATUSES[1:] if status in statuses]
        waiting = [row for status in asked for row in invited if status_of(row, now) == status]
        skipped = max(0, offset - active)
        return rows + waiting[skipped : skipped + limit - len(rows)], active + len(waiting)

    def of_user(self, view: SqlView, user: str) -> Row | None:
        """Return the membership of `user`, None if they are not in the team."""
        is_in = view.get("team_members", user, self.team) is not None
        return view.get("members", self.org, user) if is_in else None

    def everybody(self, view: SqlView) -> list[Row]:
        """Return the memberships of all, whatever their status."""
        return members_of(view, self.org, [row["user_id"] for row in view.find("team_members", team_id=self.team)])

    def _active(self, view: SqlView, *, total: int, limit: int, offset: int) -> list[Row]:
        given = {"team": self.team, "org": self.org}
        listed = Listed(team_members, f"team_id = :team AND NOT {_IS_INVITED}", ("user_id",), given)
        found = listed.cut(view, total=total, limit=limit, offset=offset)
        return members_of(view, self.org, [row["user_id"] for row in found])

    def _invited(self, view: SqlView) -> list[Row]:
        # From whichever are fewer, those in the team or the organization's invited people; both are seldom many.
        sides = ["members AS m", "team_members AS t"]
        if view.count("team_members", team_id=self.team) < view.count("members", org_id=self.org, state="pending"):
            sides.reverse()
        sql = (
            f"SELECT {_MEMBER} FROM {' CROSS JOIN '.join(sides)} WHERE t.team_id = :team AND t.user_id = m.user_id"
            " AND m.org_id = :org AND m.state = 'pending' ORDER BY m.user_id"
        )
        return [row_of(members, row) for row in view.rows(sql, {"org": self.org, "team": self.team})]


def members_of(view: SqlView, org: str, users: Iterable[str]) -> list[Row]:
    """Return the memberships of `users` in `org`, by user."""
    # Crossed, because the order wanted would else lead the planner through all members of the organization.
    sql = (
        f"SELECT {_MEMBER} FROM json_each(:ids) AS v CROSS JOIN members AS m ON m.org_id = :org AND m.user_id = v.value"
        " ORDER BY m.user_id"
    )
    return [row_of(members, row) for row in view.rows(sql, {"ids": json.dumps(list(users)), "org": org})]

"""What an identity provider keeps about people and teams of an organization, and who is in many teams at once."""

import json
from collections.abc import Iterable, Sequence
from typing import Literal

from orgward.store.schema import provisioned
from orgward.store.view import Row, SqlView, row_of

Kind = Literal["User", "Group"]

_COLUMNS = ", ".join(f"p.{column.name}" for column in provisioned.columns)


def read_provisioned(view: SqlView, org: str, ids: Iterable[str]) -> dict[str, Row]:
    """Return the rows about the people or teams `ids`, by id; whoever no provider brought has none."""
    sql = (
        f"SELECT {_COLUMNS} FROM json_each(:ids) AS v CROSS JOIN provisioned AS p ON p.org_id = :org AND p.id = v.value"
    )
    rows = view.rows(sql, {"ids": json.dumps(list(ids)), "org": org})
    return {row["id"]: row for row in (row_of(provisioned, found) for found in rows)}


def ids_by_external_id(view: SqlView, org: str, kind: Kind, external_id: str) -> list[str]:
    """Return the ids of the people or teams to which the provider gave this id of its own."""
    return [str(row["id"]) for row in view.find("provisioned", org_id=org, kind=kind, external_id=external_id)]


def people_of_teams(view: SqlView, org: str, teams: Iterable[str], now: int) -> dict[str, list[str]]:
    """Return by team who is in it, or invited and may still accept."""
    sql = (
        "SELECT t.team_id, t.user_id FROM json_each(:teams) AS v CROSS JOIN team_members AS t ON t.team_id = v.value"
        " CROSS JOIN members AS m ON m.org_id = :org AND m.user_id = t.user_id"
        " WHERE m.state = 'active' OR (m.state = 'pending' AND m.expires_at > :now) ORDER BY t.team_id, t.user_id"
    )
    found: dict[str, list[str]] = {}
    for team, user in view.rows(sql, {"teams": json.dumps(list(teams)), "org": org, "now": now}):
        found.setdefault(team, []).append(user)
    return found


def team_names(view: SqlView, teams: Iterable[str]) -> dict[str, str]:
    """Return the name of each of `teams`."""
    sql = "SELECT t.id, t.name FROM json_each(:teams) AS v CROSS JOIN teams AS t ON t.id = v.value"
    return {str(team): str(name) for team, name in view.rows(sql, {"teams": json.dumps(list(teams))})}


def teams_called(view: SqlView, org: str, ids: Sequence[str]) -> list[Row]:
    """Return the rows of those of the teams `ids` that are of the organization."""
    rows = (view.get("teams", team) for team in ids)
    return [row for row in rows if row is not None and row["org_id"] == org]

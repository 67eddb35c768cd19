"""What is shown of people: names, roles in force, invitations, read for a whole page at once."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Table

from orgward.kernel.client_ids import client_id_of
from orgward.store.schema import invitations, person_data, teams, users
from orgward.store.view import Row, SqlView, row_of


@dataclass(slots=True)
class PeopleRows:
    """Rows about some people, by user: the person, the account, roles in force by scope, teams."""

    persons: dict[str, Row] = field(default_factory=dict)
    accounts: dict[str, Row] = field(default_factory=dict)
    roles: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    teams: dict[str, list[str]] = field(default_factory=dict)


def read_people(view: SqlView, org: str, ids: Iterable[str], now: int) -> PeopleRows:
    """Return the rows of the people `ids` as far as they concern `org`."""
    given = {"ids": json.dumps(list(ids)), "org": org, "now": now}
    found = PeopleRows()
    for row in _by_id(view, person_data, given):
        found.persons[row["id"]] = row
    for row in _by_id(view, users, given):
        found.accounts[row["id"]] = row
    sql = (
        "SELECT a.holder_id, a.scope_id, a.role FROM json_each(:ids) AS v JOIN assignments AS a"
        " ON a.org_id = :org AND a.holder_id = v.value WHERE a.starts <= :now AND :now < a.ends"
        " ORDER BY a.holder_id, a.scope_id, a.role"
    )
    for user, scope, role in view.rows(sql, given):
        found.roles.setdefault(user, {}).setdefault(scope, []).append(role)
    sql = (
        f"SELECT m.user_id, m.team_id FROM json_each(:ids) AS v JOIN team_members AS m"
        f" ON m.org_id = :org AND m.user_id = v.value JOIN {teams.name} AS t ON t.id = m.team_id ORDER BY m.team_id"
    )
    for user, team in view.rows(sql, given):
        found.teams.setdefault(user, []).append(team)
    return found


def read_invitations(view: SqlView, ids: Collection[str | None]) -> dict[str, Row]:
    """Return the invitations `ids` by id."""
    given = [i for i in ids if i]
    return {row["id"]: row for row in _by_id(view, invitations, {"ids": json.dumps(given)})} if given else {}


def _by_id(view: SqlView, table: Table, given: Mapping[str, object]) -> list[Row]:
    names = ", ".join(f"t.{column.name}" for column in table.columns)
    sql = f"SELECT {names} FROM json_each(:ids) AS v JOIN {table.name} AS t ON t.id = v.value"
    return [row_of(table, row) for row in view.rows(sql, {"ids": given["ids"]})]


def display_name(view: SqlView, kind: str, principal: str) -> str:
    """Return how somebody is named on the wire: by username, public key or client id (wire.md 3, 4)."""
    if kind == "api_key":
        key = view.get("api_keys", principal)
        return "" if key is None else str(key["public_key"])
    if kind == "service_account":
        return "" if view.get("service_accounts", principal) is None else client_id_of(principal)
    person = view.get("person_data", principal) if kind == "user" else None
    return "" if person is None else str(person["username"])


def open_invitations(view: SqlView, org: str, now: int, *, user: str | None = None) -> list[Row]:
    """Return the open invitations to the organization itself, or those of one `user`, oldest first.

    Each takes the room of one of its people. Those whose term has passed take none, and are not looked at.
    """
    names = ", ".join(column.name for column in invitations.columns)
    sql = (
        f"SELECT {names} FROM invitations WHERE org_id = :org AND state = 'pending' AND expires_at > :now"
        f" AND project_id IS NULL{' AND user_id = :user' if user else ''} ORDER BY id"
    )
    return [row_of(invitations, row) for row in view.rows(sql, {"org": org, "now": now, "user": user})]


def invitations_to_project(view: SqlView, project: str, now: int, *, user: str | None = None) -> list[str]:
    """Return the ids of the open invitations that give roles in the project, or of those of one `user`."""
    sql = (
        "SELECT invitation_id FROM project_members WHERE project_id = :project AND state = 'pending'"
        f" AND expires_at > :now{' AND user_id = :user' if user else ''} ORDER BY user_id"
    )
    rows = view.rows(sql, {"project": project, "now": now, "user": user})
    return [str(invitation) for (invitation,) in rows]

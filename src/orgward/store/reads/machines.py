"""Machines of an organization or project, page by page, their roles, their makers, and their access lists.

What is read is the same of API keys and of service accounts: a `kind` says of which (ADR 13).
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal

from orgward.store.reads.counts import holders_on
from orgward.store.reads.roles_there import RolesThere, roles_there
from orgward.store.schema import api_keys, machine_access, service_accounts
from orgward.store.view import Row, SqlView, row_of

_TABLES: Final = {"api_key": api_keys, "service_account": service_accounts}
_ENTRY: Final = ", ".join(column.name for column in machine_access.columns)
_ENTRIES: Final = f"FROM {machine_access.name} WHERE key_id = :machine"
_ON_PROJECT: Final = (
    "SELECT DISTINCT holder_id FROM assignments WHERE scope_id = :project AND holder_kind = :kind"
    " ORDER BY holder_id LIMIT :limit OFFSET :offset"
)
_ROLES: Final = (
    "SELECT a.holder_id, a.scope_id, COALESCE(p.name, ''), a.role, a.starts, a.ends FROM json_each(:ids) AS v"
    " CROSS JOIN assignments AS a ON a.org_id = :org AND a.holder_id = v.value"
    " LEFT JOIN projects AS p ON p.id = a.scope_id WHERE a.ends > :now ORDER BY 3, a.scope_id, a.role"
)

MakerTrouble = Literal["maker_suspended", "maker_gone"]

RolesByMachine = dict[str, list[tuple[str, str]]]
"""Of each machine the ids of organization and projects, each with a role there."""


def machines_page(view: SqlView, kind: str, org: str, limit: int, offset: int) -> tuple[list[Row], int]:
    """Return a page of the machines of `org`, oldest first, and how many there are."""
    table = _TABLES[kind]
    rows = view.rows(
        f"SELECT {_columns(kind)} FROM {table.name} AS m WHERE m.org_id = :org ORDER BY m.id"
        " LIMIT :limit OFFSET :offset",
        {"org": org, "limit": limit, "offset": offset},
    )
    return [row_of(table, row) for row in rows], view.count(table.name, org_id=org)


def project_machines_page(view: SqlView, kind: str, project: str, limit: int, offset: int) -> tuple[list[Row], int]:
    """Return a page of the machines on `project`, oldest first, and how many there are."""
    table = _TABLES[kind]
    rows = view.rows(
        f"SELECT {_columns(kind)} FROM ({_ON_PROJECT}) AS h JOIN {table.name} AS m ON m.id = h.holder_id ORDER BY m.id",
        {"project": project, "kind": kind, "limit": limit, "offset": offset},
    )
    return [row_of(table, row) for row in rows], holders_on(view, project, kind)


def _columns(kind: str) -> str:
    return ", ".join(f"m.{column.name}" for column in _TABLES[kind].columns)


def roles_in_force(view: SqlView, org: str, machines: Iterable[str], now: int) -> RolesByMachine:
    """Return the roles in force of each of `machines`: the organization's first, then project by project."""
    sql = (
        "SELECT a.holder_id, a.scope_id, a.role FROM json_each(:machines) AS v JOIN assignments AS a"
        " ON a.org_id = :org AND a.holder_id = v.value WHERE a.starts <= :now AND :now < a.ends"
        " ORDER BY a.holder_id, a.scope_id <> :org, a.scope_id, a.role"
    )
    found: RolesByMachine = {}
    for machine, scope, role in view.rows(sql, {"machines": json.dumps(list(machines)), "org": org, "now": now}):
        found.setdefault(machine, []).append((scope, role))
    return found


def machine_roles(view: SqlView, org: str, machines: Iterable[str], now: int) -> Mapping[str, Sequence[RolesThere]]:
    """Return of each machine the organization, which has no name here, and the projects on which it has roles."""
    return roles_there(view.rows(_ROLES, {"ids": json.dumps(list(machines)), "org": org, "now": now}))


def maker_trouble(kind: str, state: str | None, *, suspended: bool) -> Sequence[MakerTrouble]:
    """Return what is wrong with the maker of a machine: a person who is no active member any more, or is suspended."""
    if kind == "user" and state != "active":
        return ["maker_gone"]
    return ["maker_suspended"] if suspended else []


def access_page(view: SqlView, machine: str, limit: int, offset: int) -> tuple[list[Row], int]:
    """Return a page of the access list of `machine`, in the order of its blocks, and how many entries it has."""
    rows = view.rows(
        f"SELECT {_ENTRY} {_ENTRIES} ORDER BY cidr LIMIT :limit OFFSET :offset",
        {"machine": machine, "limit": limit, "offset": offset},
    )
    total = view.rows(f"SELECT COUNT(*) {_ENTRIES}", {"machine": machine})[0][0]
    return [row_of(machine_access, row) for row in rows], int(total)

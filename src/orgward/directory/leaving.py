"""What somebody leaves behind who leaves or is removed: machines that they made, projects that nobody owns then."""

from collections.abc import Collection, Sequence
from typing import Final

from orgward.catalog import PROJECT_OWNER
from orgward.directory.ground import Ground, Row
from orgward.directory.guards import lasting_holders
from orgward.engine.layer import Overlay
from orgward.kernel.delta import Delta

LeftBehind = dict[str, list[str]]

_MACHINES: Final = {"keysLeftBehind": "api_keys", "serviceAccountsLeftBehind": "service_accounts"}


def left_behind(ground: Ground, user: str, deltas: Sequence[Delta]) -> LeftBehind:
    """Return the ids of what `user` leaves behind whom `deltas` take away, as the audit row names them."""
    dropped = [(delta.table, delta.key) for delta in deltas if delta.row is None]
    orgs = {key[0] for table, key in dropped if table == "members"}
    projects = {key[0] for table, key in dropped if table == "project_members"}
    owned = {key[1] for table, key in dropped if table == "assignments" and _owns(ground, user, key)}
    after = Overlay(ground.facts)
    after.fold(deltas)
    return {
        **{
            member: [
                str(machine["id"])
                for machine in ground.view.find(table, maker_id=user)
                if machine["org_id"] in orgs or _is_on(ground, machine, projects)
            ]
            for member, table in _MACHINES.items()
        },
        "ownerless": sorted(p for p in owned if not any(lasting_holders(after, p, PROJECT_OWNER, ground.now))),
    }


def _owns(ground: Ground, user: str, assignment: Sequence[str]) -> bool:
    holder, _, role = assignment
    row = ground.view.get("assignments", *assignment)
    return holder == user and role == PROJECT_OWNER and row is not None and row["starts"] <= ground.now < row["ends"]


def _is_on(ground: Ground, machine: Row, projects: Collection[str]) -> bool:
    return any(ground.view.find("assignments", holder_id=machine["id"], scope_id=project) for project in projects)

"""Requests to join a project: asked, withdrawn, approved, denied (rules 61-64; contract.md).

Whoever asks learns nothing by it: nothing about the project is looked at, so that a request to join what is not there
stands like any other, and one to a project that is deleted stands on. Nobody ever decides those.
"""

import json
from collections.abc import Sequence
from typing import Final

from orgward.catalog import EDITIONS
from orgward.directory import project_members
from orgward.directory.ground import Change, Ground, Row, drop, put
from orgward.directory.provisioned import require_not_held_back
from orgward.directory.roles import project_roles
from orgward.kernel.delta import Delta
from orgward.kernel.errors import GateError, NotFoundError, RefusedError
from orgward.kernel.instants import FOREVER

OPEN: Final = "open"
APPROVED: Final = "approved"
DENIED: Final = "denied"
WITHDRAWN: Final = "withdrawn"
STATES: Final = (OPEN, APPROVED, DENIED, WITHDRAWN)

MOST: Final = 50
"""How many requests of one person are kept; one more makes the oldest give way, of those that are over if any is."""


def ask(ground: Ground, project: str, message: str, roles: Sequence[str], ends: int | None) -> Change:
    """Ask to join what `project` names, with wishes that bind nobody; an open request is asked anew (rule 61)."""
    user = ground.principal.id
    _require_proven(ground, user)
    wishes = _wishes(roles, project)
    if ends is not None and ends <= ground.now:
        raise RefusedError("INVALID_DATE_RANGE")
    own = ground.view.find("join_requests", user_id=user)
    standing = next((row for row in own if row["project_id"] == project and row["state"] == OPEN), None)
    request = ground.mint.id() if standing is None else str(standing["id"])
    row = {
        "id": request, "user_id": user, "project_id": project, "state": OPEN, "message": message,
        "roles": json.dumps(wishes), "ends_at": ends, "salt": ground.mint.salt(),
        "created_at": ground.now if standing is None else standing["created_at"],
        "decided_at": None, "decided_by_kind": None, "decided_by": None,
    }  # fmt: skip
    gone = [_oldest(own)] if standing is None and len(own) >= MOST else []
    deltas = [put("join_requests", request, **row), *(drop("join_requests", old["id"]) for old in gone)]
    return Change(deltas, {"request": request, "project": project, "roles": wishes})


def _require_proven(ground: Ground, user: str) -> None:
    """Raise unless the address is proven by which a request is to be judged (contract.md, People)."""
    row = ground.view.get("users", user)
    if row is None or row["proven_at"] is None:
        raise GateError("ADDRESS_NOT_PROVEN")


def _wishes(names: Sequence[str], project: str) -> list[str]:
    """Return `names` sorted, if each is a project role anywhere: which edition the project has would tell of it."""
    for name in names:
        scopes = {edition.roles[name].scope for edition in EDITIONS.values() if name in edition.roles}
        if "project" not in scopes:
            raise RefusedError("CANNOT_ADD_ORG_ROLE" if scopes else "INVALID_ROLE_FOR_GROUP", name, project)
    return sorted(set(names))


def _oldest(rows: Sequence[Row]) -> Row:
    return min(rows, key=lambda row: (row["state"] == OPEN, row["created_at"], row["id"]))


def withdraw(ground: Ground, request: str) -> Change:
    """Take back the caller's own open request; somebody else's looks like an unknown one."""
    row = ground.view.get("join_requests", request)
    if row is None or row["user_id"] != ground.principal.id or row["state"] == WITHDRAWN:
        raise NotFoundError("JOIN_REQUEST_NOT_FOUND", request)
    org = ground.facts.attribute("projects", row["project_id"])
    return Change([_decided(ground, row, WITHDRAWN)], _body(row), target=row["project_id"], org_id=org)


def _body(row: Row) -> dict[str, str]:
    return {"request": row["id"], "project": row["project_id"], "user": row["user_id"]}


def _decided(ground: Ground, row: Row, state: str) -> Delta:
    if row["state"] != OPEN:
        raise RefusedError("JOIN_REQUEST_NOT_OPEN")
    by = ground.principal
    decided = {"state": state, "decided_at": ground.now, "decided_by_kind": by.kind, "decided_by": by.id[:24]}
    return put("join_requests", row["id"], **{**row, **decided})


def approve(ground: Ground, row: Row, roles: Sequence[str], ends: int | None) -> Change:
    """Make who asked a member of the project with `roles`, and of its organization (rules 37, 64)."""
    user, until = str(row["user_id"]), FOREVER if ends is None else ends
    if user == ground.principal.id:
        raise RefusedError("CANNOT_APPROVE_OWN_REQUEST")
    decided = _decided(ground, row, APPROVED)
    names = project_roles(ground.edition_of(ground.org), roles, ground.project)
    if until <= ground.now:
        raise RefusedError("INVALID_DATE_RANGE")
    member = ground.view.get("members", ground.org, user)
    require_not_held_back(ground.view, ground.org, user)
    if member is not None and member["suspended"]:
        raise RefusedError("USER_SUSPENDED")
    entered = project_members.bring_in(ground, user, names, ends=until)
    return Change([decided, *entered], {**_body(row), "roles": names, "ends": ends}, target=user)


def deny(ground: Ground, row: Row) -> Change:
    """Turn the request down; what who asked holds on the project by other ways stays theirs (rules 62, 63)."""
    return Change([_decided(ground, row, DENIED)], _body(row), target=row["user_id"])


def still_held(ground: Ground, user: str) -> list[tuple[str, str]]:
    """Return each role by which `user` has access to the project now, and by which way they hold it (rule 63)."""
    paths = ground.facts.paths(user, ground.project, ground.now)
    return sorted({(path.role, path.via) for allowed, path in paths if allowed})

"""What the documents say of every cell: from tests/oracle alone, never from the catalogue under test."""

import csv
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

ORACLE = Path(__file__).parent.parent / "oracle"
EDITIONS = ("atlas", "cloud_manager")
MEMBER = "ORG_MEMBER"

WAYS = ("direct", "team", "pending", "suspended", "ended", "key", "key_elsewhere")
"""How a role is held; an organization role tested on a project is held there by organization."""

ALLOWED = "allowed"


class Expected(NamedTuple):
    """The status of a refusal with its code, or `allowed`: whatever comes after authorization."""

    outcome: int | str
    code: str = ""


def rows(name):
    """Give the rows of a file of the oracle."""
    with (ORACLE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


GRANTS = rows("catalogue.csv")
OPEN = {row["operationId"]: row for row in rows("open_operations.csv")}
PRIVILEGES = {
    row["operationId"]: tuple(row["privileges_any_of"].split("|"))
    for name in ("operation_privileges.csv", "own_operation_privileges.csv")
    for row in rows(name)
    if row["operationId"] not in OPEN
}


def _tables():
    """Give what each role grants by edition and place, and what each edition knows; conditions do not hold."""
    held, known = defaultdict(set), defaultdict(set)
    for grant in GRANTS:
        known[grant["edition"]].add(grant["privilege"])
        if not grant["when"]:
            held[grant["edition"], grant["role"], grant["on"]].add(grant["privilege"])
    return held, known


HELD, KNOWN = _tables()
ROLES = {edition: sorted({grant["role"] for grant in GRANTS if grant["edition"] == edition}) for edition in EDITIONS}


def is_project_role(edition, role):
    """Say whether the role is given in a project."""
    return (edition, role, "project") in HELD


def roles_held(edition, way):
    """Give the roles that can be held in this way: a team has none but those of projects."""
    return [role for role in ROLES[edition] if way != "team" or is_project_role(edition, role)]


def privileges(edition, role, *, on_project):
    """Give what a member of the organization with this role holds there or in the project."""
    roles = {role, MEMBER} if is_project_role(edition, role) else {role}
    places = ("project", "all_projects") if on_project else ("organization",)
    return set().union(*(HELD.get((edition, name, place), set()) for name in roles for place in places))


def holders(edition, wanted, *, on_project):
    """Give the roles that grant one of the privileges on an organization, or on a project."""
    places = ("project", "all_projects", "organization") if on_project else ("organization",)
    return {
        role for role in ROLES[edition] if any(HELD.get((edition, role, place), set()) & wanted for place in places)
    }


def expected(edition, operation, role, way, *, on_project, unknown=""):
    """Give what contract.md says: visibility, then gates, then the edition, then the privilege.

    `unknown` is the code of what it acts on that is neither an organization nor a project.
    """
    held = privileges(edition, role, on_project=on_project)
    if not _is_seen(held, way, on_project=on_project):
        return Expected(404, unknown or ("GROUP_NOT_FOUND" if on_project else "ORG_NOT_FOUND"))
    if way == "key_elsewhere":
        return Expected(403, "IP_ADDRESS_NOT_ON_ACCESS_LIST")
    if way == "suspended":
        return Expected(403, "USER_SUSPENDED")
    wanted = set(PRIVILEGES[operation])
    if not wanted & KNOWN[edition]:
        return Expected(403, "FEATURE_UNSUPPORTED")
    # A privilege that is about organizations is held in that of the project.
    held_above = privileges(edition, role, on_project=False)
    if way == "ended" or not wanted & (held | held_above):
        return Expected(401, "USER_UNAUTHORIZED")
    return Expected(ALLOWED)


def _is_seen(held, way, *, on_project):
    if way == "pending":
        return False
    return not on_project or (way != "ended" and "project.read" in held)


def expected_of_open(edition, operation, role, way):
    """Give the answer of an operation that needs no privilege, as tests/oracle/open_operations.csv has it."""
    row = OPEN[operation]
    cell = row[way if way.startswith("key") else "person"]
    if cell == "project.read":
        held = privileges(edition, role, on_project=True) if way in {"direct", "team", "key"} else set()
        return Expected(ALLOWED) if "project.read" in held else Expected(404, "GROUP_NAME_NOT_FOUND")
    if cell in {"200", ALLOWED}:
        return Expected(ALLOWED)
    status, code = cell.split(" ")
    return Expected(int(status), code)

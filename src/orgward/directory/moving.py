"""A project moves to another organization (rules 1, 71, 84, 105; contract.md).

Its people keep their roles and come along as members of that organization. Teams and keys belong to the one that it
leaves, and lose it. Nobody gets a role that whoever moves could not give, for they own both organizations; and nobody
gives or takes a role of their own: it is the project that goes.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace

from orgward.directory.enrolment import enrol
from orgward.directory.ground import Change, Ground, Row, drop, put
from orgward.directory.guards import check_owner_left
from orgward.directory.invitations import check_memberships, check_room_in_organization
from orgward.directory.mapping_rows import without_project
from orgward.directory.projects import require_place, without_invitations
from orgward.directory.roles import MEMBER_ROLE, unassign
from orgward.directory.team_members import counts, is_active
from orgward.engine.authorized import Authorized
from orgward.engine.layer import Overlay
from orgward.kernel.delta import Delta
from orgward.kernel.errors import FieldFault, MalformedError, RefusedError


def move(ground: Ground, destination: Authorized) -> Change:
    """Move the project to the organization of `destination`, the proof that it may be moved there.

    Whoever is suspended in the organization that it leaves is left out: their role must not come to life elsewhere.
    """
    there = replace(ground, authorized=destination)
    row = ground.view.get("projects", ground.project) or {}
    _check_place(ground, there, row["name"])
    members, left_out = _people(ground)
    joining = [user for user in sorted(members) if not is_active(_member(there, user))]
    _check_room(there, joining)
    deltas = [
        put("projects", ground.project, **{**row, "org_id": there.org}),
        *_settings_moved(ground, there),
        *without_invitations(ground),
        *without_project(ground.view, ground.org, ground.project),
        *(delta for user in joining for delta in enrol(there, user, [MEMBER_ROLE], {})),
        *_people_moved(ground, there, members),
        *_roles_moved(ground, there, members),
    ]
    after = Overlay(ground.facts)
    after.fold(deltas)
    check_owner_left(ground.facts, after, deltas, ground.now)
    by = {"kind": there.principal.kind, "id": there.principal.id}
    body = {"from": ground.org, "to": there.org, "authorizedThere": by, "joined": joining, "leftOut": left_out}
    return Change(deltas, body, target=ground.project)


def _check_place(ground: Ground, there: Ground, name: str) -> None:
    if there.org == ground.org:
        fault = FieldFault("destinationOrgId", "is the organization that the project is in")
        raise MalformedError("INVALID_ATTRIBUTE", "destinationOrgId", fields=[fault])
    if there.edition_of(there.org) != ground.edition_of(ground.org):
        raise RefusedError("CANNOT_MOVE_GROUP_BETWEEN_EDITIONS")
    require_place(there, name)


def _people(ground: Ground) -> tuple[set[str], list[str]]:
    """Return who is in the project and comes along, and whoever is suspended, or is there by mapping alone."""
    rows = ground.view.find("project_members", project_id=ground.project, state="active")
    users = [row["user_id"] for row in rows]
    by_hand = {r["holder_id"] for r in ground.view.find("assignments", scope_id=ground.project) if not r["mapped"]}
    suspended = {user for user in users if (_member(ground, user) or {"suspended": True})["suspended"]}
    left_out = [user for user in users if user in suspended or user not in by_hand]
    return set(users).difference(left_out), left_out


def _member(ground: Ground, user: str) -> Row | None:
    return ground.view.get("members", ground.org, user)


def _check_room(there: Ground, joining: Sequence[str]) -> None:
    new = [user for user in joining if not counts(_member(there, user), there.now)]
    check_room_in_organization(there, joining=len(new))
    for user in joining:
        check_memberships(there, user, there.org, active=False)


def _settings_moved(ground: Ground, there: Ground) -> list[Delta]:
    row = ground.view.get("settings", ground.project)
    return [] if row is None else [put("settings", ground.project, **{**row, "org_id": there.org})]


def _people_moved(ground: Ground, there: Ground, members: Collection[str]) -> list[Delta]:
    project = ground.project
    return [
        put("project_members", project, row["user_id"], **{**row, "org_id": there.org})
        if row["user_id"] in members and is_active(row)
        else drop("project_members", project, row["user_id"])
        for row in ground.view.find("project_members", project_id=project)
    ]


def _roles_moved(ground: Ground, there: Ground, members: Collection[str]) -> list[Delta]:
    """Return the deltas of the roles in the project; bounds, and what hangs on who added somebody, stay as they are."""
    return [
        put("assignments", row["holder_id"], row["scope_id"], row["role"], **{**row, "org_id": there.org})
        if row["holder_kind"] == "user" and row["holder_id"] in members and not row["mapped"]
        else unassign(row)
        for row in ground.view.find("assignments", scope_id=ground.project)
    ]

"""Projects: made, changed, deleted (rules 1, 41, 42, 103, 106, 145, 153)."""

import json
from collections.abc import Sequence
from typing import Any

from orgward.catalog import PROJECT_OWNER
from orgward.directory import project_limits, settings
from orgward.directory.ground import Change, Ground, drop, put
from orgward.directory.invitation_parts import parts_of
from orgward.directory.invitations import PENDING, without_projects
from orgward.directory.mapping_rows import without_project
from orgward.directory.names import project_name
from orgward.directory.names import tags as checked_tags
from orgward.directory.roles import assign, unassign
from orgward.kernel.delta import Delta
from orgward.kernel.errors import RefusedError


def create(
    ground: Ground,
    name: str,
    owner: tuple[str, str],
    *,
    with_default_alerts: bool,
    tags: Sequence[tuple[str, str]],
) -> Change:
    """Make a project whose owner is `owner`, a kind and an id: the maker, or the member it names (rule 41)."""
    org = ground.org
    checked = project_name(name, ground.limits.name_length)
    require_place(ground, checked)
    project = ground.mint.id()
    deltas = [
        put(
            "projects", project, id=project, org_id=org, name=checked, created_at=ground.now,
            with_default_alerts=with_default_alerts, tags=json.dumps(checked_tags(tags)),
        )
    ]  # fmt: skip
    kind, holder = owner
    if kind == "user":
        check_room_for_project(ground, holder)
        deltas.append(membership(ground, project, holder, by_owner=False))
    if kind != "operator":
        row: Any = assign(ground, kind, holder, project, PROJECT_OWNER, by_owner=False).row
        deltas.append(put("assignments", holder, project, PROJECT_OWNER, **{**row, "org_id": org}))
    return Change(deltas, {"name": checked, "owner": holder}, target=project)


def check_room_for_project(ground: Ground, user: str) -> None:
    """Raise if `user` is in as many projects as a user may be in (rule 145)."""
    most = ground.limits.projects_per_user
    if ground.view.count("project_members", user_id=user, state="active") >= most:
        raise RefusedError("MAX_GROUPS_PER_USER_EXCEEDED", str(most), user)


def membership(ground: Ground, project: str, user: str, *, by_owner: bool) -> Any:
    """Return the delta that makes `user` an active member of `project`, added by the caller."""
    return put(
        "project_members", project, user, project_id=project, user_id=user, org_id=ground.org, state="active",
        created_at=ground.now, invitation_id=None, expires_at=None, added_by=ground.principal.id[:24],
        added_by_owner=by_owner,
    )  # fmt: skip


def require_place(ground: Ground, name: str) -> None:
    """Raise unless the organization can take one more project, of this name (rules 145, 153)."""
    most = ground.limits.projects_per_organization
    if ground.view.count("projects", org_id=ground.org) >= most:
        raise RefusedError("MAX_GROUPS_PER_ORG_EXCEEDED", str(most), ground.org)
    _require_free(ground, name)


def _require_free(ground: Ground, name: str) -> None:
    if ground.view.find("projects", org_id=ground.org, name=name):
        raise RefusedError("GROUP_ALREADY_EXISTS", name)


def update(
    ground: Ground,
    *,
    name: str | None,
    tags: Sequence[tuple[str, str]] | None,
    with_default_alerts: bool | None,
) -> Change:
    """Rename or retag the project (rule 106); members that are not named stay as they are."""
    row = dict(ground.view.get("projects", ground.project) or {})
    if name is not None and name != row["name"]:
        row["name"] = project_name(name, ground.limits.name_length)
        _require_free(ground, row["name"])
    if tags is not None:
        row["tags"] = json.dumps(checked_tags(tags))
    if with_default_alerts is not None:
        row["with_default_alerts"] = with_default_alerts
    body = {"name": row["name"], "tags": json.loads(row["tags"])}
    return Change([put("projects", ground.project, **row)], body, target=ground.project)


def delete(ground: Ground) -> Change:
    """Delete the project with every role and membership in it; pending invitations lose their part of it."""
    project, view = ground.project, ground.view
    people = view.find("project_members", project_id=project)
    deltas = [unassign(row) for row in view.find("assignments", scope_id=project)]
    deltas += [drop("project_members", project, row["user_id"]) for row in people]
    deltas += without_invitations(ground)
    deltas += [*settings.forgotten(view, project), *project_limits.forgotten(view, project)]
    deltas += without_project(view, ground.org, project)
    deltas.append(drop("projects", project))
    return Change(deltas, {}, target=project)


def without_invitations(ground: Ground) -> list[Delta]:
    """Return the deltas by which the invitations of the organization lose their part of the project.

    Somebody may be in the project already while the invitation that names it still waits.
    """
    find, org = ground.view.find, ground.org
    rows = [row for state in (PENDING, "declined") for row in find("invitations", org_id=org, state=state)]
    naming = [row for row in rows if any(found.id == ground.project for found in parts_of(row))]
    return [delta for row in naming for delta in without_projects(ground, row, [ground.project])]

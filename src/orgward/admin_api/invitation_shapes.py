"""Invitations as the older generation of the Admin API shows them."""

from typing import Any

from orgward.app.execute import Context
from orgward.directory.invitation_parts import parts_of, teams_in
from orgward.kernel.instants import rfc3339
from orgward.store.reads.people import display_name
from orgward.store.view import Row, SqlView

Json = dict[str, Any]


def _common(view: SqlView, row: Row) -> Json:
    return {
        "createdAt": rfc3339(row["created_at"]),
        "expiresAt": rfc3339(row["expires_at"]),
        "id": row["id"],
        "inviterUsername": display_name(view, row["inviter_kind"], row["inviter_id"]),
        "username": display_name(view, "user", row["user_id"]),
    }


def organization_invitation(context: Context, view: SqlView, row: Row) -> Json:
    """Return an invitation to an organization; projects that the caller can't see into are left out."""
    visible = context.visible("project.user_roles.read")
    parts = parts_of(row)
    projects = [p for p in parts if p.scope == "project" and (visible.everything or p.id in visible.resources)]
    organization = view.get("organizations", row["org_id"]) or {}
    return {
        **_common(view, row),
        "groupRoleAssignments": [{"groupId": p.id, "groupRole": role} for p in projects for role in p.roles],
        "orgId": row["org_id"],
        "orgName": organization.get("name", ""),
        "roles": sorted({role for p in parts if p.scope == "organization" for role in p.roles}),
        "teamIds": sorted(set(teams_in(parts))),
    }


def project_invitation(view: SqlView, row: Row, project: str) -> Json:
    """Return an invitation as far as it concerns one project."""
    return {
        **_common(view, row),
        "groupId": project,
        "groupName": (view.get("projects", project) or {}).get("name", ""),
        "roles": sorted({role for part in parts_of(row) if part.id == project for role in part.roles}),
    }

"""Users as the Admin API shows them: two generations, and two views of the newer one (wire.md 8)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from orgward.admin_api.links import self_link
from orgward.app.execute import Context
from orgward.directory.invitation_parts import Part, parts_of
from orgward.kernel.instants import rfc3339
from orgward.store.reads.memberships import status_of
from orgward.store.reads.people import PeopleRows, display_name, read_invitations, read_people
from orgward.store.view import Row, SqlView

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Showing:
    """What a page of users is shown with: rows about them, and which projects the caller may see people of."""

    view: SqlView
    org: str
    now: int
    base_url: str
    people: PeopleRows
    invitations: dict[str, Row]
    projects: Collection[str] | None
    caller: str
    strangers: Collection[str] = ()

    def sees(self, project: str, user: str) -> bool:
        """Say whether the caller may know the roles of `user` in `project`."""
        return self.projects is None or project in self.projects or user == self.caller


def showing(context: Context, view: SqlView, org: str, rows: Sequence[Row]) -> Showing:
    """Return what the memberships `rows` of `org` are shown with to the caller."""
    people = read_people(view, org, [row["user_id"] for row in rows], context.now)
    invitations = read_invitations(view, [row["invitation_id"] for row in rows])
    visible = context.visible("project.user_roles.read")
    projects = None if visible.everything else visible.resources
    base, caller = context.call.base_url, context.principal.id
    strangers = _strangers(context, org, rows) if context.call.is_trial else ()
    return Showing(view, org, context.now, base, people, invitations, projects, caller, strangers)


def _strangers(context: Context, org: str, rows: Sequence[Row]) -> list[str]:
    """Return who only a trial brings into the organization: nothing is told of whom nobody has brought there."""
    return [row["user_id"] for row in rows if context.view.get("members", org, row["user_id"]) is None]


def organization_user(row: Row, shown: Showing) -> Json:
    """Return a member of the organization, 2025-02-19."""
    user = row["user_id"]
    parts = _parts(row, shown)
    if parts is None:
        roles = shown.people.roles.get(user, {})
        names, projects = roles.get(shown.org, []), {p: r for p, r in roles.items() if p != shown.org}
    else:
        names, projects = _given(parts, "organization").get(shown.org, []), _given(parts, "project")
    assignments = [
        {"groupId": project, "groupRoles": held} for project, held in projects.items() if shown.sees(project, user)
    ]
    return {
        **_person(row, shown),
        "roles": {"groupRoleAssignments": assignments, "orgRoles": names},
        "teamIds": shown.people.teams.get(user, []),
    }


def project_user(row: Row, shown: Showing) -> Json:
    """Return somebody in a project, 2025-02-19; `roles` are the roles in this project."""
    project, user = row["project_id"], row["user_id"]
    parts = _parts(row, shown)
    names = (
        shown.people.roles.get(user, {}).get(project, [])
        if parts is None
        else _given(parts, "project").get(project, [])
    )
    return {**_person(row, shown), "roles": names}


def _parts(row: Row, shown: Showing) -> list[Part] | None:
    if row["state"] == "active":
        return None
    invitation = shown.invitations.get(row["invitation_id"] or "")
    return [] if invitation is None else parts_of(invitation)


def _given(parts: Sequence[Part], scope: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for part in parts:
        if part.scope == scope:
            found[part.id] = sorted({*found.get(part.id, []), *part.roles})
    return found


def _person(row: Row, shown: Showing) -> Json:
    user = row["user_id"]
    person = shown.people.persons.get(user, {})
    shape: Json = {
        "id": user,
        "orgMembershipStatus": status_of(row, shown.now),
        "username": person.get("username", ""),
    }
    if user in shown.strangers:
        return {name: value for name, value in shape.items() if name != "id"}
    if row["state"] != "active":
        return {**shape, **_invited(row, shown)}
    account = shown.people.accounts.get(user, {})
    shape |= {
        "country": person.get("country", "ZZ"),
        "createdAt": rfc3339(account.get("created_at", 0)),
        "firstName": person.get("first_name", ""),
        "lastName": person.get("last_name", ""),
        "mobileNumber": None,
    }
    if account.get("last_auth_at"):
        shape["lastAuth"] = rfc3339(account["last_auth_at"])
    return shape


def _invited(row: Row, shown: Showing) -> Json:
    invitation = shown.invitations.get(row["invitation_id"] or "")
    inviter = (
        "" if invitation is None else display_name(shown.view, invitation["inviter_kind"], invitation["inviter_id"])
    )
    return {
        "invitationCreatedAt": rfc3339(row["created_at"]),
        "invitationExpiresAt": rfc3339(row["expires_at"]),
        "inviterUsername": inviter,
    }


def older_user(row: Row, shown: Showing) -> Json:
    """Return an active user, 2023-01-01: one flat list of roles, and links."""
    user = row["user_id"]
    shape = _person(row, shown)
    del shape["orgMembershipStatus"]
    roles = shown.people.roles.get(user, {})
    flat = [{"orgId": shown.org, "roleName": role} for role in roles.get(shown.org, [])]
    flat += [
        {"groupId": project, "roleName": role}
        for project, held in roles.items()
        if project != shown.org and shown.sees(project, user)
        for role in held
    ]
    return {
        **shape,
        "emailAddress": shape["username"],
        "links": self_link(shown.base_url, f"/users/{user}"),
        "roles": flat,
        "teamIds": shown.people.teams.get(user, []),
    }

"""What an open invitation is to bring: its roles in the organization, on projects, and teams (rules 51, 53, 56)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from orgward.app.targets import InOrganization, InProject
from orgward.console.changing.calls import ApiCall
from orgward.console.changing.checking import checked, project_roles_posted
from orgward.console.changing.picking import found_teams, is_finding
from orgward.console.changing.project_rows import rows_posted, rows_shown
from orgward.console.changing.role_choices import choices_of, edition_at, roles_to_give
from orgward.console.changing.summary import Chip, Difference, Summary
from orgward.console.frame.declaration import Plan, Show, form, page
from orgward.console.frame.page import Page, Posted
from orgward.console.frame.problems import problems_of
from orgward.console.listing.naming import listing, project_named, team_named
from orgward.directory.invitation_parts import Part, parts_of, teams_in
from orgward.directory.invitations import is_open
from orgward.directory.roles import organization_roles, project_roles
from orgward.edge.inner import organization_invitation, project_invitation
from orgward.kernel.ids import is_id
from orgward.store.view import Row

_OF_ORGANIZATION: Final = "/o/{orgId}/invitations/{invitationId}"
_OF_PROJECT: Final = "/p/{groupId}/invitations/{invitationId}"


def _row(looking: Page | Posted) -> Row:
    return looking.view.get("invitations", looking.values["invitationId"]) or {}


def _address(looking: Page | Posted, row: Row) -> str:
    """Return who is invited: what they are called elsewhere is for them to say."""
    person = looking.view.get("person_data", row["user_id"]) if row else None
    return str(person["username"]) if person else ""


def _given(parts: Sequence[Part], scope: str) -> dict[str, list[str]]:
    """Return the roles that the invitation gives on that kind of resource, by place; its inviters together."""
    found: dict[str, set[str]] = {}
    for part in parts:
        if part.scope == scope:
            found.setdefault(part.id, set()).update(part.roles)
    return {place: sorted(roles) for place, roles in found.items()}


def _form(page: Page, row: Row, chosen: Sequence[str]) -> dict[str, Any]:
    return {
        "url": page.asked.path,
        "list": page.asked.path.rsplit("/", 1)[0],
        "address": _address(page, row),
        "is_open": is_open(row, page.now),
        "until": row["expires_at"],
        "families": choices_of(page, roles_to_give(page, page.resource), page.resource.org or ""),
        "chosen": page.asked.posted.get("roles", chosen),
        **problems_of(page),
    }


def _summary(posted: Posted, address: str, lines: Sequence[Difference]) -> Summary:
    words, url = posted.words, posted.path.rsplit("/", 1)[0]
    return Summary(
        title=words("invitation.change_title", address=address), lines=lines, back=posted.path, then=url,
        done="invitation.changed", params={"address": address}, act=words("invitation.change"),
        crumbs=[(words("invitations.title"), url), (address, posted.path)],
    )  # fmt: skip


# ------------------------------------------------------------ to the organization


@page(
    _OF_ORGANIZATION, id="showInvitation", requires=("org.invitations.update",), on=InOrganization(),
    inner=organization_invitation, template="invitation.html", scope="organization", entry="showInvitations",
)  # fmt: skip
def show_invitation(page: Page) -> Mapping[str, Any]:
    """Return the form with what the invitation brings."""
    row = _row(page)
    parts, posted = parts_of(row), page.asked.posted
    chosen_teams = posted.get("teams", teams_in(parts))
    found = found_teams(page.view, page.resource.id, page.posted("find_team"), always=chosen_teams)
    return {
        **_form(page, row, _given(parts, "organization").get(page.resource.id, ())),
        "on": rows_shown(page, _given(parts, "project"), "project.users.invite"),
        "teams": [(team["id"], team["name"]) for team in found.rows],
        "n_more_teams": found.n_more,
        "find_team": page.posted("find_team"),
        "chosen_teams": chosen_teams,
    }


@form(_OF_ORGANIZATION, acts=["updateOrgInviteById"])
def change_invitation(posted: Posted) -> Plan:
    """Lead to the check of what the invitation is to bring."""
    if posted.has("more") or is_finding(posted):
        return Plan(then=Show(model={}))
    org = posted.values["orgId"]
    edition, projects = edition_at(posted, org), rows_posted(posted)
    roles = organization_roles(edition, posted.many("roles"), org)
    for project, names in projects.items():
        project_roles(edition, names, project)
    teams = [team for team in dict.fromkeys(posted.many("teams")) if is_id(team)]
    body = {
        "roles": roles,
        "groupRoleAssignments": [{"groupId": project, "roles": names} for project, names in projects.items()],
        "teamIds": teams,
    }
    values = {"orgId": org, "invitationId": posted.values["invitationId"]}
    lines = _differences(posted, org, roles, projects, teams)
    call = ApiCall(operation="updateOrgInviteById", values=values, body=body)
    return checked(posted, [call], _summary(posted, _address(posted, _row(posted)), lines))


def _differences(
    posted: Posted, org: str, roles: Sequence[str], projects: Mapping[str, Sequence[str]], teams: Sequence[str]
) -> list[Difference]:
    """Return what the invitation brings before and after: in the organization, on each project, and in which teams."""
    row, words = _row(posted), posted.words
    parts = parts_of(row) if row else []
    address, before = _address(posted, row), _given(parts, "project")
    held = _given(parts, "organization").get(org, [])
    lines = [_line(address, "", held, roles, source="organization", note=_teams_note(posted, org, teams, parts))]
    for project in {**before, **projects}:
        old, new = before.get(project, []), projects.get(project, [])
        if sorted(old) != sorted(new):
            lines.append(_line(address, words("inbox.on", place=project_named(posted.view, org, project)), old, new))
    return lines


def _teams_note(posted: Posted, org: str, teams: Sequence[str], before: Sequence[Part]) -> str:
    """Return which teams the invitation is to give, empty if they are those that it gives already."""
    if {*teams} == {*teams_in(before)}:
        return ""
    named = listing(posted.words, [team_named(posted.view, org, team) for team in teams])
    return posted.words("invitation.teams", n=len(teams), names=named) if teams else posted.words("invitation.teamless")


def _line(
    address: str, place: str, before: Sequence[str], after: Sequence[str], *, source: str = "direct", note: str = ""
) -> Difference:
    return Difference(
        icon="mail", name=address, place=place, before=[Chip(role=role, source=source) for role in before],
        after=[Chip(role=role, source=source) for role in after], note=note,
    )  # fmt: skip


# ------------------------------------------------------------ to a project


@page(
    _OF_PROJECT, id="showProjectInvitation", requires=("project.invitations.update",), on=InProject(),
    inner=project_invitation, template="invitation.html", scope="project", entry="showProjectInvitations",
)  # fmt: skip
def show_project_invitation(page: Page) -> Mapping[str, Any]:
    """Return the form with the roles that the invitation gives on this project."""
    row = _row(page)
    chosen = _given(parts_of(row), "project").get(page.resource.id, ())
    return {**_form(page, row, chosen), "on": None, "teams": ()}


@form(_OF_PROJECT, acts=["updateGroupInviteById"])
def change_project_invitation(posted: Posted) -> Plan:
    """Lead to the check of the roles that the invitation is to give on this project."""
    project = posted.values["groupId"]
    roles, row = project_roles_posted(posted, project), _row(posted)
    held = _given(parts_of(row) if row else [], "project").get(project, [])
    values = {"groupId": project, "invitationId": posted.values["invitationId"]}
    call = ApiCall(operation="updateGroupInviteById", values=values, body={"roles": roles})
    org = posted.facts.attribute("projects", project) or ""
    place = posted.words("inbox.on", place=project_named(posted.view, org, project))
    address = _address(posted, row)
    return checked(posted, [call], _summary(posted, address, [_line(address, place, held, roles)]))

"""Inviting people to the organization: several addresses at once, with roles, projects and teams."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from orgward.app.targets import InOrganization
from orgward.console.changing.calls import ApiCall
from orgward.console.changing.checking import checked
from orgward.console.changing.picking import MOST_FOUND, found_teams, is_finding
from orgward.console.changing.role_choices import choices_of, edition_at, roles_to_give
from orgward.console.changing.summary import Chip, Difference, Summary
from orgward.console.frame.declaration import Plan, Show, form, page
from orgward.console.frame.page import Page, Posted
from orgward.console.frame.problems import faults_of, problem_of
from orgward.console.listing.naming import listing, project_named, team_named
from orgward.directory.names import username
from orgward.directory.roles import MEMBER_ROLE, organization_roles, project_roles
from orgward.kernel.errors import FieldFault, MalformedError, RefusedError
from orgward.kernel.ids import is_id
from orgward.kernel.resource import ResourceRef
from orgward.store.folding import folded

_PATH: Final = "/o/{orgId}/members/invite"
_MOST: Final = 100
_PROJECT_ROLE: Final = "GROUP_READ_ONLY"
_BETWEEN: Final = re.compile(r"[\s,;<>]+")


@page(
    _PATH, id="showInviting", requires=("org.invitations.create", "org.users.add"), on=InOrganization(),
    template="inviting.html", scope="organization", entry="showMembers",
)  # fmt: skip
def show_inviting(page: Page) -> Mapping[str, Any]:
    """Return the form, filled in as it was sent; a search has found projects or teams to choose from."""
    posted, org = page.asked.posted, page.resource.id
    edition = edition_at(page, org)
    places = _places(posted)
    teams = posted.get("teams", ()) or page.many("team")
    found = found_teams(page.view, org, page.posted("find_team"), always=teams)
    families = choices_of(page, roles_to_give(page, page.resource), org)
    return {
        "url": page.asked.path,
        "list": f"/o/{org}/members",
        "fault": problem_of(page),
        "faults": faults_of(page.t, page.asked.problem),
        "addresses": page.posted("addresses", "\n".join(page.many("address"))),
        "most": _MOST,
        "roles": [option for family in families for option in family["options"]],
        "chosen": posted.get("roles", [MEMBER_ROLE]),
        "places": [(each, project_named(page.view, org, each), role) for each, role in places],
        "project_roles": _project_roles(page, edition.name),
        "projects": list(islice(_projects(page, page.posted("find_project")), MOST_FOUND)),
        "find_project": page.posted("find_project"),
        "teams": [(row["id"], row["name"]) for row in found.rows],
        "n_more_teams": found.n_more,
        "chosen_teams": teams,
        "find_team": page.posted("find_team"),
    }


def _places(fields: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    """Return the projects of the form with a role each, after the one that was added or taken out by a button."""
    rows = list(zip(fields.get("place", ()), fields.get("place_role", ()), strict=False))
    dropped = {*fields.get("drop", ())}
    kept = [row for number, row in enumerate(rows) if str(number) not in dropped]
    return [
        (each, role) for each, role in [*kept, *((add, _PROJECT_ROLE) for add in fields.get("add", ()))] if is_id(each)
    ]


def _project_roles(page: Page, edition: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the project roles that the viewer may hand out in every project, by family."""
    anywhere = ResourceRef("project", page.resource.id, org=page.resource.id, project=page.resource.id)
    families = choices_of(page, roles_to_give(page, anywhere), page.resource.id)
    return [(family["label"], [(name, title) for name, title, _ in family["options"]]) for family in families]


def _projects(page: Page, q: str) -> Iterator[tuple[str, str]]:
    """Yield the projects that the viewer may invite to and whose name holds `q`, by name."""
    rows = sorted(page.view.find("projects", org_id=page.resource.id), key=lambda row: folded(row["name"]))
    for row in rows:
        place = ResourceRef("project", row["id"], org=page.resource.id, project=row["id"])
        if folded(q) in folded(row["name"]) and page.can("addGroupUsers", place):
            yield row["id"], row["name"]


@form(_PATH, acts=["createOrgUser"])
def invite(posted: Posted) -> Plan:
    """Lead to the check of the invitations; a search, or a project added or taken out, only shows the form again."""
    if is_finding(posted) or posted.has("add") or posted.has("drop"):
        return Plan(then=Show(model={}))
    org = posted.values["orgId"]
    addresses = _addresses(posted)
    roles = organization_roles(edition_at(posted, org), posted.many("roles"), org)
    projects = _project_roles_posted(posted, org)
    teams = [team for team in dict.fromkeys(posted.many("teams")) if is_id(team)]
    assignments = [{"groupId": each, "groupRoles": names} for each, names in projects.items()]
    given = {"roles": {"orgRoles": roles, "groupRoleAssignments": assignments}, "teamIds": teams}
    calls = [
        ApiCall(operation="createOrgUser", values={"orgId": org}, body={"username": address, **given})
        for address in addresses
    ]
    brought = _Brought(roles, projects, teams)
    lines = [_line(posted, org, address, brought) for address in addresses]
    return checked(posted, calls, _summary(posted, lines))


@dataclass(frozen=True, slots=True)
class _Brought:
    """What each invitation brings: organization roles, roles by project, and teams."""

    roles: Sequence[str]
    projects: Mapping[str, Sequence[str]]
    teams: Sequence[str]


def _line(posted: Posted, org: str, address: str, brought: _Brought) -> Difference:
    words, note = posted.words, ""
    chips = [Chip(role=role, source="organization") for role in brought.roles]
    for each, names in brought.projects.items():
        via = words("invite.on_project", project=project_named(posted.view, org, each))
        chips += [Chip(role=name, via=via) for name in names]
    if brought.teams:
        named = listing(words, [team_named(posted.view, org, team) for team in brought.teams])
        note = words("invite.into_teams", n=len(brought.teams), names=named)
    return Difference(icon="mail", name=address, after=chips, note=note)


def _summary(posted: Posted, lines: Sequence[Difference]) -> Summary:
    words, people = posted.words, f"/o/{posted.values['orgId']}/members"
    title = words("invite.send_n", n=len(lines))
    return Summary(
        title=title, lines=lines, back=posted.path, then=f"{people}?state=pending", done="invite.done",
        params={"n": len(lines)}, act=words("invite.send"),
        crumbs=[(words("members.title"), people), (words("shared.invite"), posted.path)],
    )  # fmt: skip


def _addresses(posted: Posted) -> list[str]:
    """Return the addresses that were written, each once; raise what is wrong with the first that is none."""
    written = list(dict.fromkeys(part for part in _BETWEEN.split(posted.one("addresses")) if part))
    text = ""
    if not written:
        text = posted.words("invite.no_address")
    elif len(written) > _MOST:
        text = posted.words("invite.too_many", n=len(written), most=_MOST)
    wrong = [each for each in written if not _is_address(each)]
    if wrong:
        text = posted.words("invite.not_address", n=len(wrong), names=listing(posted.words, wrong))
    if text:
        raise MalformedError("INVALID_ATTRIBUTE", "addresses", fields=[FieldFault("addresses", text)])
    return written


def _is_address(text: str) -> bool:
    try:
        return bool(username(text))
    except RefusedError:
        return False


def _project_roles_posted(posted: Posted, org: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for each, role in _places(posted.fields):
        found.setdefault(each, []).append(role)
    return {each: project_roles(edition_at(posted, org), names, each) for each, names in found.items()}

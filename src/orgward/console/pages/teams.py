"""Teams of an organization: how many people and which projects; new ones, and many people into several at once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from orgward.app.targets import InOrganization
from orgward.console.changing.calls import ApiCall
from orgward.console.changing.member_changes import shown_name
from orgward.console.changing.picking import found_people, is_finding
from orgward.console.frame.declaration import Batch, End, Goto, Plan, Show, export, form, page
from orgward.console.frame.page import Page, Posted
from orgward.console.frame.problems import problem_of
from orgward.console.listing.chips import chip_of
from orgward.kernel.ids import is_id
from orgward.kernel.instants import rfc3339
from orgward.store.reads.keyset import START, place_of
from orgward.store.reads.keyset import Page as Rows
from orgward.store.reads.member_rows import Member, member_rows
from orgward.store.reads.roles_there import RolesThere
from orgward.store.reads.team_list import ListedTeam, TeamQuery, TeamSort, projects_of_teams, team_page

_READ: Final = ("org.teams.read",)
_PATH: Final = "/o/{orgId}/teams"
_SORTS: Final[tuple[TeamSort, ...]] = ("name", "-name", "people", "-people")
_SIZE: Final = 25
_EXPORTED: Final = 500
_MOST_PROJECTS: Final = 50
SEEN_BY: Final = "project.teams.read"
"""Who holds this on a project may know which teams are on it."""


@page(_PATH, id="showTeams", requires=_READ, on=InOrganization(), template="teams.html", scope="organization")
def show_teams(page: Page) -> Mapping[str, Any]:
    """Return the teams that the filters ask for, a page of them."""
    query, place = _query(page), place_of(page.one("after"))
    found = team_page(page.view, page.resource.id, query, place or START, size=_SIZE, now=page.now)
    return {
        "url": page.asked.path,
        "query": query,
        "wrong": ["after"] if place is None else [],
        "n": page.view.count("teams", org_id=page.resource.id),
        "projects": list(_projects(page, query)),
        "found": found,
        "rows": [_row(page, team) for team in found.rows],
        **_links(page, found),
    }


def _query(page: Page) -> TeamQuery:
    seen = page.context.visible(SEEN_BY).resources
    sort = next((sort for sort in _SORTS if sort == page.one("sort")), _SORTS[0])
    return TeamQuery(
        q=page.one("q"), projects=[each for each in page.many("project") if each in seen],
        empty=page.one("empty") == "1", visible=seen, sort=sort,
    )  # fmt: skip


def _links(page: Page, found: Rows[ListedTeam]) -> dict[str, Any]:
    return {
        "previous": page.link(after=found.before.text) if found.before else None,
        "next": page.link(after=found.after.text) if found.after else None,
        "csv": page.link(after=None, why=None).replace("/teams", "/teams.csv", 1),
    }


def _projects(page: Page, query: TeamQuery) -> Iterator[tuple[str, str]]:
    """Yield the projects that teams are on and that the viewer may know of, for the filter; those that are chosen."""
    ids = [row["id"] for row in page.view.find("teams", org_id=page.resource.id)]
    on = projects_of_teams(page.view, ids, page.now, visible=query.visible)
    named = {project.id: project.name for projects in on.values() for project in projects}
    known = sorted(named.items(), key=lambda pair: (pair[0] not in query.projects, pair[1]))[:_MOST_PROJECTS]
    yield from known


def _row(page: Page, team: ListedTeam) -> dict[str, Any]:
    here = f"/o/{page.resource.id}/teams/{team.id}"
    return {
        "id": team.id,
        "name": team.name,
        "href": here,
        "people": team.people,
        "chips": role_chips(page, team.projects),
        "created": team.created_at,
        "menu": list(team_menu(page, here)),
    }


def role_chips(page: Page, projects: Iterable[RolesThere]) -> list[dict[str, Any]]:
    """Return the roles of a team as chips, each with the project that it is on."""
    return [
        chip_of(page, held.role, ends=held.ends, via=page.t("person.on", project=project.name))
        for project in projects
        for held in project.roles
    ]


def team_menu(page: Page, here: str) -> Iterator[dict[str, Any]]:
    """Yield what the viewer may do about a team."""
    if page.can("addOrgTeamUsers"):
        href = "{}/add?team={}".format(*here.rsplit("/", 1))
        yield {"label": page.t("teams.add_people"), "icon": "user-plus", "href": href}
    if page.can("renameOrgTeam"):
        yield {"label": page.t("teams.rename_step"), "icon": "pencil", "href": f"{here}/rename"}
    if page.can("deleteOrgTeam"):
        text = page.t("shared.delete_step")
        yield {"label": text, "icon": "trash", "danger": True, "action": f"{here}/delete"}


@export(
    f"{_PATH}.csv", id="exportTeams", requires=_READ, on=InOrganization(),
    columns=("id", "name", "users", "projects", "createdAt"),
)  # fmt: skip
def export_teams(page: Page, after: str | None) -> Batch:
    """Return the teams that the filters ask for, some at a time."""
    place = place_of(after or "") or START
    found = team_page(page.view, page.resource.id, _query(page), place, size=_EXPORTED, now=page.now)
    return Batch([_line(team) for team in found.rows], found.after.text if found.after else None)


def _line(team: ListedTeam) -> tuple[Any, ...]:
    projects = "; ".join(_said(project) for project in team.projects)
    return team.id, team.name, team.people, projects, rfc3339(team.created_at)


def _said(project: RolesThere) -> str:
    return f"{project.name}: {' '.join(held.role for held in project.roles)}"


# ---------------------------------------------------------------- a new team


@page(
    f"{_PATH}/new", id="showNewTeam", requires=("org.teams.create",), on=InOrganization(), template="team_new.html",
    scope="organization", entry="showTeams",
)  # fmt: skip
def show_new_team(page: Page) -> Mapping[str, Any]:
    """Return the form of a new team; a search has found people to be in it."""
    chosen = page.asked.posted.get("people", ()) if page.asked.posted else page.many("id")
    q = page.posted("find")
    found = found_people(page.view, page.resource.id, q, page.now, always=[each for each in chosen if is_id(each)])
    return {
        "url": page.asked.path,
        "list": f"/o/{page.resource.id}/teams",
        "name": page.posted("name"),
        "q": q,
        "options": people_options(found.rows),
        "has_more": found.has_more,
        "chosen": chosen,
        "fault": problem_of(page),
        "at": _FIELDS.get(page.asked.problem.code, "") if page.asked.problem else "",
    }


_FIELDS: Final = {
    "INVALID_TEAM_NAME": "name",
    "TEAM_NAME_NOT_AVAILABLE": "name",
    "CANNOT_CREATE_EMPTY_TEAM": "people",
}
"""The field that a refusal of a new team is about."""


def people_options(rows: Sequence[Member]) -> list[tuple[str, str, str]]:
    """Return people as a form offers them."""
    return [(row.user_id, shown_name(row), row.username if row.username != shown_name(row) else "") for row in rows]


@form(f"{_PATH}/new", acts=["createOrgTeam"])
def create_team(posted: Posted) -> Plan:
    """Make the team at once, for it is on no project yet; a search makes nothing."""
    if is_finding(posted):
        return Plan(then=Show(model={}))
    org = posted.values["orgId"]
    people = member_rows(posted.view, org, [each for each in posted.many("people") if is_id(each)], posted.now)
    body = {"name": posted.one("name"), "usernames": [member.username for member in people]}
    call = ApiCall(operation="createOrgTeam", values={"orgId": org}, body=body)

    def then(results: Any) -> End:
        team = results[0].body["id"]
        return Goto(url=f"/o/{org}/teams/{team}", done="teams.done_new", params={"name": posted.one("name")})

    return Plan(calls=[call], then=then)

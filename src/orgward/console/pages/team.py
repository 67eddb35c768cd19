"""One team: its people, and the projects that it is on with its roles there, as far as the viewer may know."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final

from orgward.app.targets import InOrganization
from orgward.console.changing.member_changes import shown_name
from orgward.console.changing.picking import MOST_FOUND
from orgward.console.frame.declaration import Batch, export, page
from orgward.console.frame.page import Page
from orgward.console.listing.chips import chip_of
from orgward.console.listing.naming import initials
from orgward.console.listing.since import Since, told
from orgward.console.pages.teams import SEEN_BY, team_menu
from orgward.edge.inner import team_of_organization
from orgward.engine.search import reaches_every_project
from orgward.kernel.instants import rfc3339
from orgward.kernel.resource import ResourceRef
from orgward.store.folding import folded
from orgward.store.reads.keyset import START, place_of
from orgward.store.reads.member_filters import STATES, MemberQuery
from orgward.store.reads.team_list import TeamPerson, TeamProject, team_people_page, team_projects
from orgward.store.view import Row

_READ: Final = ("org.teams.read",)
_PATH: Final = "/o/{orgId}/teams/{teamId}"
_SIZE: Final = 25
_BATCH: Final = 500


@page(
    _PATH, id="showTeam", requires=_READ, on=InOrganization(),
    inner=team_of_organization, template="team.html", scope="organization", entry="showTeams",
)  # fmt: skip
def show_team(page: Page) -> Mapping[str, Any]:
    """Return a team with its people, or with its projects."""
    team = page.view.get("teams", page.values["teamId"]) or {}
    url = f"/o/{page.resource.id}/teams/{team['id']}"
    tab = page.one("tab") if page.one("tab") in _TABS else "people"
    projects = team_projects(page.view, team["id"], page.now, visible=page.context.visible(SEEN_BY).resources)
    counts = {"people": page.view.count("team_members", team_id=team["id"]), "projects": len(projects)}
    return {
        "url": url,
        "list": f"/o/{page.resource.id}/teams",
        "id": team["id"],
        "name": team["name"],
        "created": team["created_at"],
        "menu": list(team_menu(page, url)),
        "csv": page.link(tab=None, after=None).replace(page.asked.path, f"{url}/{tab}.csv", 1),
        "tab": tab,
        "counts": counts,
        "tabs": [_tab(page, url, each, counts[each], current=each == tab) for each in _TABS],
        **_TABS[tab](page, team, projects),
    }


def _tab(page: Page, url: str, name: str, n: int, *, current: bool) -> dict[str, Any]:
    href = url if name == "people" else f"{url}?tab={name}"
    return {"href": href, "label": page.t(f"teams.tab_{name}"), "count": n, "current": current}


@export(
    f"{_PATH}/people.csv", id="exportTeamPeople", requires=_READ, on=InOrganization(), inner=team_of_organization,
    columns=("id", "username", "state", "since", "addedBy"),
)  # fmt: skip
def export_team_people(page: Page, after: str | None) -> Batch:
    """Return the people of the team whom the filters ask for, some at a time."""
    org, team, place = page.resource.id, page.values["teamId"], place_of(after or "") or START
    found = team_people_page(page.view, org, team, _query(page), place=place, size=_BATCH, now=page.now)
    since = told(page, {(row.member.user_id, team): row.origin for row in found.rows if row.origin})
    rows = [
        (row.member.user_id, row.member.username, row.member.state, *_when(since.get((row.member.user_id, team))))
        for row in found.rows
    ]
    return Batch(rows, found.after.text if found.after else None)


def _when(since: Since | None) -> tuple[str, str]:
    return (rfc3339(since.at), since.by) if since else ("", "")


@export(
    f"{_PATH}/projects.csv", id="exportTeamProjects", requires=_READ, on=InOrganization(), inner=team_of_organization,
    columns=("id", "name", "roles", "since", "addedBy"),
)  # fmt: skip
def export_team_projects(page: Page, after: str | None) -> Batch:
    """Return the projects of the team that the viewer may know of, all at once."""
    team, seen = page.values["teamId"], page.context.visible(SEEN_BY).resources
    projects = team_projects(page.view, team, page.now, visible=seen)
    since = told(page, {(team, each.id): each.origin for each in projects if each.origin})
    rows = [
        (each.id, each.name, " ".join(held.role for held in each.roles), *_when(since.get((team, each.id))))
        for each in projects
    ]
    return Batch(rows, None)


def _query(page: Page) -> MemberQuery:
    return MemberQuery(q=page.one("q"), states=[state for state in STATES if state in page.many("state")])


def _people(page: Page, team: Row, projects: Sequence[TeamProject]) -> dict[str, Any]:
    del projects
    query, place = _query(page), place_of(page.one("after"))
    found = team_people_page(
        page.view, page.resource.id, team["id"], query, place=place or START, size=_SIZE, now=page.now
    )  # fmt: skip
    since = told(page, {(row.member.user_id, team["id"]): row.origin for row in found.rows if row.origin})
    return {
        "q": query.q,
        "states": [(state, page.t(f"frame.state_{state}")) for state in STATES],
        "chosen": query.states,
        "wrong": ["after"] if place is None else [],
        "found": found,
        "rows": [_person(page, row, since.get((row.member.user_id, team["id"]))) for row in found.rows],
        "previous": page.link(after=found.before.text) if found.before else None,
        "next": page.link(after=found.after.text) if found.after else None,
    }


def _person(page: Page, row: TeamPerson, since: Since | None) -> dict[str, Any]:
    member, name = row.member, shown_name(row.member)
    return {
        "id": member.user_id,
        "name": name or page.t("shared.actor_erased"),
        "address": member.username,
        "initials": initials(name or "?"),
        "href": f"/o/{page.resource.id}/members/{member.user_id}" if page.can("showMember") else None,
        "state": member.state,
        "since": since,
    }


def _on_projects(page: Page, team: Row, projects: Sequence[TeamProject]) -> dict[str, Any]:
    since = told(page, {(team["id"], each.id): each.origin for each in projects if each.origin})
    return {
        "projects": [_project(page, team["id"], each, since.get((team["id"], each.id))) for each in projects],
        "q": page.one("q"),
        "free": list(islice(_free(page, projects), MOST_FOUND + 1)),
        "most_free": MOST_FOUND,
        "sees_all": reaches_every_project(page.facts, page.principal.id, SEEN_BY, page.resource.id, page.now),
    }


def _free(page: Page, projects: Sequence[TeamProject]) -> Iterator[dict[str, str]]:
    """Yield the projects that the viewer can put the team on and whose name holds what is searched for, by name."""
    on, q = {project.id for project in projects}, folded(page.one("q"))
    rows = page.view.find("projects", org_id=page.resource.id)
    for row in sorted(rows, key=lambda row: folded(row["name"])):
        if row["id"] not in on and q in folded(row["name"]) and page.can("addGroupTeams", _place(page, row["id"])):
            yield {"id": row["id"], "name": row["name"]}


def _place(page: Page, project: str) -> ResourceRef:
    return ResourceRef("project", project, org=page.resource.id, project=project)


def _project(page: Page, team: str, project: TeamProject, since: Since | None) -> dict[str, Any]:
    place = _place(page, project.id)
    return {
        "name": project.name,
        "chips": [chip_of(page, held.role, ends=held.ends) for held in project.roles],
        "href": f"/p/{project.id}/access" if page.can("showAccess", place) else None,
        "since": since,
        "menu": list(_project_menu(page, team, place)),
    }


def _project_menu(page: Page, team: str, place: ResourceRef) -> Iterator[dict[str, Any]]:
    here = f"/p/{place.id}/teams/{team}"
    if page.can("updateGroupTeam", place):
        yield {"label": page.t("shared.change_roles"), "icon": "shield", "href": here}
    if page.can("removeGroupTeam", place):
        text = page.t("teams.take_off_step")
        yield {"label": text, "icon": "circle-minus", "danger": True, "action": f"{here}/remove"}


_TABS: Final[Mapping[str, Callable[[Page, Row, Sequence[TeamProject]], dict[str, Any]]]] = {
    "people": _people,
    "projects": _on_projects,
}

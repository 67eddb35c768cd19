"""Teams on a project: who they are and what they may do there; put on, given other roles, taken off (rules 66-69)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from orgward.app.targets import InProject
from orgward.console.changing.calls import ApiCall
from orgward.console.changing.checking import checked, project_roles_posted
from orgward.console.changing.role_choices import choices_of, roles_to_give
from orgward.console.changing.summary import Chip, Difference, Summary
from orgward.console.frame.declaration import Batch, Goto, Plan, export, form, page
from orgward.console.frame.page import Page, Posted
from orgward.console.frame.problems import problem_of
from orgward.console.listing.chips import chip_of
from orgward.console.listing.since import since_all
from orgward.edge.inner import team_on_project
from orgward.kernel.errors import FieldFault, MalformedError
from orgward.kernel.ids import is_id
from orgward.kernel.instants import FOREVER
from orgward.kernel.resource import ResourceRef
from orgward.store.view import Row, SqlView

_READ: Final = ("project.teams.read",)
_ASSIGN: Final = ("project.teams.assign",)
_UPDATE: Final = ("project.teams.update_roles",)
_PATH: Final = "/p/{groupId}/teams"
_TEAM: Final = f"{_PATH}/{{teamId}}"
_MOST_FOUND: Final = 20


@page(_PATH, id="showProjectTeams", requires=_READ, on=InProject(), template="project_teams.html", scope="project")
def show_project_teams(page: Page) -> Mapping[str, Any]:
    """Return the teams on the project that the filters ask for, by name."""
    everything = _teams(page)
    rows = [row for row in everything if _fits(page, row)]
    roles = dict.fromkeys(chip["name"] for row in everything for chip in row["chips"])
    return {
        "url": page.asked.path,
        "rows": rows,
        "n": len(everything),
        "q": page.one("q"),
        "roles": [(name, chip_of(page, name)["title"]) for name in sorted(roles)],
        "chosen": page.many("role"),
        "may_add": page.can("addGroupTeams"),
    }


def _teams(page: Page) -> list[dict[str, Any]]:
    """Return every team on the project: the limits of an organization keep them few (rule 144)."""
    held = _assignments(page.view, page.resource.id)
    rows = [_row(page, team, held[team["id"]]) for id_ in held if (team := page.view.get("teams", id_))]
    return sorted(rows, key=lambda row: str(row["name"]).casefold())


def _assignments(view: SqlView, project: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in view.find("assignments", scope_id=project, holder_kind="team"):
        found.setdefault(row["holder_id"], []).append(row)
    return found


def _row(page: Page, team: Row, held: Sequence[Row]) -> dict[str, Any]:
    keys = [(row["holder_id"], row["scope_id"], row["role"]) for row in held]
    first = min(since_all(page, "assignments", keys).values(), key=lambda since: since.at, default=None)
    org = ResourceRef("organization", page.resource.org or "", org=page.resource.org)
    return {
        "id": team["id"],
        "name": team["name"],
        "href": f"/o/{org.id}/teams/{team['id']}" if page.can("showTeam", org) else None,
        "people": page.view.count("team_members", team_id=team["id"]),
        "chips": [chip_of(page, row["role"], ends=row["ends"] if row["ends"] < FOREVER else None) for row in held],
        "since": first,
        "menu": list(_menu(page, team["id"])),
    }


def _menu(page: Page, team: str) -> Iterator[dict[str, Any]]:
    here = f"{page.asked.path}/{team}"
    if page.can("updateGroupTeam"):
        yield {"label": page.t("shared.change_roles"), "icon": "pencil", "href": here}
    if page.can("removeGroupTeam"):
        text = page.t("project_teams.take_off_step")
        yield {"label": text, "icon": "trash", "danger": True, "action": f"{here}/remove"}


def _fits(page: Page, row: Mapping[str, Any]) -> bool:
    wanted = set(page.many("role"))
    held = {chip["name"] for chip in row["chips"]}
    return page.one("q").casefold() in row["name"].casefold() and (not wanted or bool(wanted & held))


@export(
    f"{_PATH}.csv", id="exportProjectTeams", requires=_READ, on=InProject(),
    columns=("teamId", "name", "usersCount", "roleNames"),
)  # fmt: skip
def export_project_teams(page: Page, after: str | None) -> Batch:
    """Return the teams on the project that the filters ask for, all at once."""
    return Batch([_line(row) for row in _teams(page) if _fits(page, row)], None)


def _line(row: Mapping[str, Any]) -> Sequence[Any]:
    return row["id"], row["name"], row["people"], " ".join(chip["name"] for chip in row["chips"])


# ---------------------------------------------------------------- put on


@page(
    f"{_PATH}/new", id="showNewProjectTeam", requires=_ASSIGN, on=InProject(), template="project_team_form.html",
    scope="project", entry="showProjectTeams",
)  # fmt: skip
def show_new_project_team(page: Page) -> Mapping[str, Any]:
    """Return the form that puts a team on the project, with the teams of the organization that are not on it."""
    on_project = _assignments(page.view, page.resource.id)
    wanted = page.posted("q", page.one("q")).casefold()
    teams = [row for row in page.view.find("teams", org_id=page.resource.org or "") if row["id"] not in on_project]
    found = sorted((row for row in teams if wanted in row["name"].casefold()), key=lambda row: row["name"].casefold())
    return {
        **_form(page),
        "team": None,
        "q": page.one("q"),
        "teams": [_option(page, row) for row in found[:_MOST_FOUND]],
        "n_more": max(len(found) - _MOST_FOUND, 0),
        "n_free": len(teams),
        "chosen_team": page.posted("team", page.one("team")),
        "chosen": page.asked.posted.get("roles", ()),
    }


def _option(page: Page, team: Row) -> tuple[str, str, str]:
    people = page.view.count("team_members", team_id=team["id"])
    return team["id"], team["name"], page.t("shared.people_n", n=people)


def _form(page: Page) -> dict[str, Any]:
    return {
        "url": page.asked.path,
        "list": f"/p/{page.resource.id}/teams",
        "families": choices_of(page, roles_to_give(page, page.resource), page.resource.org or ""),
        "fault": problem_of(page, "team"),
    }


@form(f"{_PATH}/new", acts=["addGroupTeams"])
def add_project_team(posted: Posted) -> Plan:
    """Lead to the check of a team that is put on the project."""
    project, team = posted.values["groupId"], posted.one("team")
    if not is_id(team):
        fault = FieldFault("team", posted.words("project_teams.choose"))
        raise MalformedError("INVALID_ATTRIBUTE", "team", fields=[fault])
    roles = project_roles_posted(posted, project)
    call = ApiCall(
        operation="addGroupTeams", values={"groupId": project}, body=[{"teamId": team, "roleNames": roles}]
    )  # fmt: skip
    return _checked(posted, call, team, roles)


# ---------------------------------------------------------------- other roles, and off


@page(
    _TEAM, id="showProjectTeam", requires=_UPDATE, on=InProject(), inner=team_on_project,
    template="project_team_form.html", scope="project", entry="showProjectTeams",
)  # fmt: skip
def show_project_team(page: Page) -> Mapping[str, Any]:
    """Return the form with the roles that the team has on the project."""
    team = page.view.get("teams", page.values["teamId"]) or {}
    held = [row["role"] for row in _assignments(page.view, page.resource.id)[page.values["teamId"]]]
    model = _form(page)
    offered = {option[0] for family in model["families"] for option in family["options"]}
    return {
        **model,
        "team": team["name"],
        "people": page.view.count("team_members", team_id=page.values["teamId"]),
        "chosen": page.asked.posted.get("roles", held),
        "kept": [chip_of(page, role) for role in held if role not in offered],
    }


@form(_TEAM, acts=["updateGroupTeam"])
def change_project_team(posted: Posted) -> Plan:
    """Lead to the check of other roles for the team; those that the form could not offer stay."""
    values = {"groupId": posted.values["groupId"], "teamId": posted.values["teamId"]}
    roles = project_roles_posted(posted, values["groupId"], "roles", "kept")
    call = ApiCall(operation="updateGroupTeam", values=values, body={"roleNames": roles})
    return _checked(posted, call, values["teamId"], roles)


@form(f"{_TEAM}/remove", acts=["removeGroupTeam"])
def remove_project_team(posted: Posted) -> Plan:
    """Lead to the check of a team that is taken off the project."""
    values = {"groupId": posted.values["groupId"], "teamId": posted.values["teamId"]}
    return _checked(posted, ApiCall(operation="removeGroupTeam", values=values), values["teamId"], [])


def _checked(posted: Posted, call: ApiCall, team: str, roles: Sequence[str]) -> Plan:
    """Return the plan with the summary of what the team has before, and after."""
    view, words, project = posted.view, posted.words, call.values["groupId"]
    url = f"/p/{project}/teams"
    named, place = view.get("teams", team) or {"name": team}, view.get("projects", project) or {"name": project}
    title = words("project_teams.team_name", name=named["name"])
    before = [row["role"] for row in _assignments(view, project).get(team, ())]
    line = Difference(
        icon="users", name=title, place=words("projects.on_place", place=place["name"]),
        before=[Chip(role=role) for role in before], after=[Chip(role=role) for role in roles],
    )  # fmt: skip
    back = url if call.operation == "removeGroupTeam" else posted.path
    summary = Summary(
        title=title, lines=[line], back=back, then=url, done=f"project_teams.done_{call.operation}",
        crumbs=[(words("project_teams.title"), url)],
    )  # fmt: skip
    if call.operation == "removeGroupTeam":
        return Plan(calls=[call], summary=summary, then=Goto(url=url))
    return checked(posted, [call], summary)

"""Forms about teams: renamed, deleted, people put in and taken out."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from orgward.app.targets import InOrganization
from orgward.console.changing.calls import ApiCall
from orgward.console.changing.checking import checked, offered
from orgward.console.changing.member_changes import Proposal, into_teams, line_of
from orgward.console.changing.picking import found_people, is_finding
from orgward.console.changing.summary import Difference, Summary
from orgward.console.frame.declaration import Goto, Plan, Show, form, page
from orgward.console.frame.page import Page, Posted
from orgward.console.frame.problems import problem_of
from orgward.console.listing.naming import listing, team_named
from orgward.console.pages.member_actions import place_posted
from orgward.console.pages.teams import people_options
from orgward.edge.inner import team_of_organization
from orgward.kernel.ids import is_id
from orgward.store.reads.member_rows import Member, member_rows
from orgward.store.view import Row, SqlView

_LIST: Final = "/o/{orgId}/teams"
_PATH: Final = f"{_LIST}/{{teamId}}"


def _team(page: Page) -> Row:
    return page.view.get("teams", page.values["teamId"]) or {}


# ---------------------------------------------------------------- rename, delete


@page(
    f"{_PATH}/rename", id="showTeamName", requires=("org.teams.rename",), on=InOrganization(),
    inner=team_of_organization, template="team_name.html", scope="organization", entry="showTeams",
)  # fmt: skip
def show_team_name(page: Page) -> Mapping[str, Any]:
    """Return the form with the name of the team."""
    team = _team(page)
    here = f"/o/{page.resource.id}/teams/{team['id']}"
    return {
        "url": page.asked.path,
        "up": here,
        "list": f"/o/{page.resource.id}/teams",
        "team": team["name"],
        "name": page.posted("name", team["name"]),
        "fault": problem_of(page),
    }


@form(f"{_PATH}/rename", acts=["renameOrgTeam"])
def rename_team(posted: Posted) -> Plan:
    """Give the team another name, at once."""
    values = {"orgId": posted.values["orgId"], "teamId": posted.values["teamId"]}
    call = ApiCall(operation="renameOrgTeam", values=values, body={"name": posted.one("name")})
    url = f"/o/{values['orgId']}/teams/{values['teamId']}"
    return Plan(calls=[call], then=Goto(url=url, done="teams.done_rename", params={"name": posted.one("name")}))


@form(f"{_PATH}/delete", acts=["deleteOrgTeam"])
def delete_team(posted: Posted) -> Plan:
    """Lead to the check of the end of the team; one that is on a project is refused there."""
    org, team = posted.values["orgId"], posted.values["teamId"]
    name, words = team_named(posted.view, org, team), posted.words
    n = posted.view.count("team_members", team_id=team)
    line = Difference(icon="users", name=name, note=words("teams.delete_note", n=n))
    title = words("teams.delete_name", name=name)
    summary = Summary(
        title=title, lines=[line], back=f"/o/{org}/teams/{team}", then=f"/o/{org}/teams", done="teams.done_delete",
        params={"name": name}, act=title, crumbs=_crumbs(posted, (name, f"/o/{org}/teams/{team}")),
    )  # fmt: skip
    call = ApiCall(operation="deleteOrgTeam", values={"orgId": org, "teamId": team})
    return offered(posted, [call], summary)


def _crumbs(posted: Posted, *more: tuple[str, str]) -> Sequence[tuple[str, str]]:
    return [(posted.words("teams.title"), f"/o/{posted.values['orgId']}/teams"), *more]


# ---------------------------------------------------------------- people in and out


@page(
    f"{_LIST}/add", id="showTeamAdding", requires=("org.teams.members.add",), on=InOrganization(),
    template="team_add.html", scope="organization", entry="showTeams",
)  # fmt: skip
def show_team_adding(page: Page) -> Mapping[str, Any]:
    """Return the form that puts people into one team, or into several; a search has found people to choose from."""
    org, posted = page.resource.id, page.asked.posted
    teams = _teams(page.view, org, posted.get("team", ()) if posted else page.many("team"))
    chosen = [each for each in posted.get("people", ()) if is_id(each)]
    q = page.posted("find")
    found = found_people(
        page.view, org, q, page.now, always=chosen,
        without=lambda user: bool(teams) and _is_in_all(page.view, user, teams),
    )  # fmt: skip
    back = f"/o/{org}/teams/{next(iter(teams))}" if len(teams) == 1 else f"/o/{org}/teams"
    return {
        "url": page.asked.path,
        "list": f"/o/{org}/teams",
        "up": back,
        "teams": teams,
        "names": listing(page.t, [*teams.values()]),
        "q": q,
        "options": people_options(found.rows),
        "has_more": found.has_more,
        "chosen": chosen,
        "fault": problem_of(page),
    }


def _teams(view: SqlView, org: str, ids: Sequence[str]) -> dict[str, str]:
    """Return the name of each of the teams `ids` that is one of the organization."""
    rows = [row for id_ in dict.fromkeys(ids) if is_id(id_) and (row := view.get("teams", id_))]
    return {row["id"]: row["name"] for row in rows if row["org_id"] == org}


def _is_in_all(view: SqlView, user: str, teams: Iterable[str]) -> bool:
    return all(view.get("team_members", user, team) for team in teams)


def _inside(view: SqlView, teams: Iterable[str], people: Sequence[Member]) -> dict[str, set[str]]:
    """Return who of `people` is in each of the teams already."""
    users = [member.user_id for member in people]
    return {team: {user for user in users if view.get("team_members", user, team)} for team in teams}


@form(f"{_LIST}/add", acts=["addOrgTeamUsers"])
def add_to_teams(posted: Posted) -> Plan:
    """Lead to the check of people who join teams; a search, or a choice of teams alone, only shows the form."""
    org, words = posted.values["orgId"], posted.words
    teams = _teams(posted.view, org, posted.many("team"))
    people = member_rows(posted.view, org, [each for each in posted.many("people") if is_id(each)], posted.now)
    if is_finding(posted) or not people or not teams:
        return Plan(then=Show(model={}))
    proposal = into_teams(words, org, people, teams, _inside(posted.view, teams, people))
    named = listing(words, [*teams.values()])
    here = f"/o/{org}/teams/{next(iter(teams))}" if len(teams) == 1 else f"/o/{org}/teams"
    summary = Summary(
        title=words("teams.add_to", names=named), lines=proposal.lines, back=_again(posted, teams), then=here,
        done="teams.done_add", params={"n": len(people), "names": named}, act=words("shared.add_people"),
        crumbs=_crumbs(posted),
    )  # fmt: skip
    return checked(posted, proposal.calls, summary)


def _again(posted: Posted, teams: Mapping[str, str]) -> str:
    return f"{posted.path}?{'&'.join(f'team={team}' for team in teams)}"


@form(f"{_PATH}/remove", acts=["removeOrgTeamUser"])
def take_out(posted: Posted) -> Plan:
    """Lead to the check of people who leave the team."""
    org, team, words = posted.values["orgId"], posted.values["teamId"], posted.words
    name, here = team_named(posted.view, org, team), f"/o/{org}/teams/{team}"
    proposal = Proposal()
    for member in member_rows(posted.view, org, [each for each in posted.many("id") if is_id(each)], posted.now):
        values = {"orgId": org, "teamId": team}
        call = ApiCall(operation="removeOrgTeamUser", values=values, body={"id": member.user_id})
        proposal.add([call], line_of(member, note=words("teams.leaves", team=name)))
    title = words("teams.take_out_n", n=len(proposal.lines), team=name)
    then = place_posted(posted, here)
    summary = Summary(
        title=title, lines=proposal.lines, back=then, then=then, done="teams.done_remove",
        params={"n": len(proposal.lines), "team": name}, act=title, crumbs=_crumbs(posted, (name, here)),
    )  # fmt: skip
    return offered(posted, proposal.calls, summary)

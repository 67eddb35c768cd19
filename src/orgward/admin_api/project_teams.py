"""Teams on a project on the wire: list, put on the project, read, give other roles, take off."""

from orgward.admin_api.links import self_link
from orgward.admin_api.teams import TAG
from orgward.admin_api.tolerant import Body, Ignored
from orgward.admin_api.user_bodies import Id
from orgward.admin_api.user_shapes import Json
from orgward.app.acting import ground_of, outcome_of
from orgward.app.execute import Context
from orgward.app.targets import InProject
from orgward.directory import team_roles
from orgward.directory.ground import Change
from orgward.edge.endpoint import ATLAS, V2023_01, endpoint
from orgward.edge.inner import team_on_project
from orgward.edge.paging import Page
from orgward.kernel.errors import FieldFault, MalformedError
from orgward.store.reads.teams import project_teams_page, roles_of_teams
from orgward.store.view import SqlView
from orgward.store.writer import Outcome

_TEAMS = f"{ATLAS}/groups/{{groupId}}/teams"
_TEAM = f"{_TEAMS}/{{teamId}}"


class TeamRoleBody(Body, frozen=True, kw_only=True):
    """A team and its roles on the project."""

    team_id: Id
    role_names: list[str]
    links: Ignored = None


class TeamRolesBody(Body, frozen=True, kw_only=True):
    """All roles of a team on the project; the path says which team."""

    role_names: list[str]
    team_id: Ignored = None
    links: Ignored = None


def _shape(context: Context, team: str, roles: list[str]) -> Json:
    path = f"/groups/{context.resource.id}/teams/{team}"
    return {"links": self_link(context.call.base_url, path), "roleNames": roles, "teamId": team}


def _page(context: Context, view: SqlView) -> Page:
    query, project = context.call.query.parsed, context.resource.id
    ids, total = project_teams_page(view, project, query.per_page, query.offset)
    roles = roles_of_teams(view, project, ids, context.now)
    return Page([_shape(context, team, roles.get(team, [])) for team in ids], total)


@endpoint(
    "GET", _TEAMS, id="listGroupTeams", requires=("project.teams.read",), on=InProject(), versions=(V2023_01,),
    tag=TAG, paged=True,
)  # fmt: skip
def list_teams(context: Context) -> Page:
    """List the teams on a project with their roles in force."""
    return _page(context, context.view)


@endpoint(
    "POST", _TEAMS, id="addGroupTeams", requires=("project.teams.assign",), on=InProject(), versions=(V2023_01,),
    tag=TAG, paged=True, body=list[TeamRoleBody],
)  # fmt: skip
def add_teams(context: Context) -> Outcome:
    """Put teams of the organization on a project; answers the whole list."""
    return _listing(context, team_roles.add(ground_of(context), _roles_by_team(context.call.body)))


def _roles_by_team(body: list[TeamRoleBody]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for i, item in enumerate(body):
        if item.team_id in found:
            raise MalformedError("INVALID_ATTRIBUTE", "teamId", fields=[FieldFault(f"[{i}].teamId", "stands twice")])
        found[item.team_id] = item.role_names
    return found


def _listing(context: Context, change: Change) -> Outcome:
    return outcome_of(change, lambda view: _page(context, view))


@endpoint(
    "GET", _TEAM, id="getGroupTeam", requires=("project.teams.read",), on=InProject(), inner=team_on_project,
    versions=(V2023_01,), tag=TAG,
)  # fmt: skip
def read_team(context: Context) -> Json:
    """Return one team on a project with its roles in force."""
    team = context.call.values["teamId"]
    roles = roles_of_teams(context.view, context.resource.id, [team], context.now)
    return _shape(context, team, roles.get(team, []))


@endpoint(
    "PATCH", _TEAM, id="updateGroupTeam", requires=("project.teams.update_roles",), on=InProject(),
    inner=team_on_project, versions=(V2023_01,), tag=TAG, paged=True, body=TeamRolesBody,
)  # fmt: skip
def update_team(context: Context) -> Outcome:
    """Replace the roles of a team on a project; answers the whole list."""
    body: TeamRolesBody = context.call.body
    return _listing(context, team_roles.change(ground_of(context), context.call.values["teamId"], body.role_names))


@endpoint(
    "DELETE", _TEAM, id="removeGroupTeam", requires=("project.teams.remove",), on=InProject(), inner=team_on_project,
    versions=(V2023_01,), tag=TAG, status=204,
)  # fmt: skip
def remove_team(context: Context) -> Outcome:
    """Take a team off a project."""
    return outcome_of(team_roles.remove(ground_of(context), context.call.values["teamId"]))

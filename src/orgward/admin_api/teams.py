"""Teams of an organization on the wire, in both generations: list, create, read, rename, fill, delete."""

from typing import Any

from orgward.admin_api.links import self_link
from orgward.admin_api.tolerant import Body, Ignored
from orgward.admin_api.user_bodies import LIST_PARAMETERS, Id, memberships_asked
from orgward.admin_api.user_shapes import Json, older_user, organization_user, showing
from orgward.app.acting import ground_of, outcome_of
from orgward.app.execute import Context
from orgward.app.targets import InOrganization
from orgward.directory import teams
from orgward.directory.ground import Change
from orgward.directory.names import normal_name
from orgward.edge.endpoint import ATLAS, V2023_01, V2023_01_BEFORE_2025, V2025_02, Parameter, endpoint
from orgward.edge.inner import team_member, team_of_organization
from orgward.edge.paging import Page
from orgward.kernel.errors import MalformedError, NotFoundError
from orgward.kernel.ids import is_id
from orgward.store.reads.memberships import of_organization
from orgward.store.reads.people import read_people
from orgward.store.reads.teams import TeamMembers, teams_page
from orgward.store.view import Row, SqlView
from orgward.store.writer import Outcome

TAG = "Teams"
_PEOPLE = "MongoDB Cloud Users"
_TEAMS = f"{ATLAS}/orgs/{{orgId}}/teams"
_TEAM = f"{_TEAMS}/{{teamId}}"
_USERS = f"{_TEAM}/users"
_OLDER = (V2023_01_BEFORE_2025,)


class CreateTeamBody(Body, frozen=True, kw_only=True):
    """A new team."""

    name: str
    usernames: list[str]
    id: Ignored = None
    links: Ignored = None


class RenameTeamBody(Body, frozen=True, kw_only=True):
    """The new name of a team."""

    name: str
    links: Ignored = None


class TeamUserBody(Body, frozen=True, kw_only=True):
    """Somebody to be put into a team, or taken out."""

    id: Id


def _team_item(row: Row, base_url: str) -> Json:
    path = f"/orgs/{row['org_id']}/teams/{row['id']}"
    return {"id": row["id"], "links": self_link(base_url, path), "name": row["name"]}


def _single(context: Context, view: SqlView, team: str) -> Json:
    return _team_item(view.get("teams", team) or {}, context.call.base_url)


def _people(context: Context) -> TeamMembers:
    return TeamMembers(context.resource.id, context.call.values["teamId"])


@endpoint(
    "GET", _TEAMS, id="listOrgTeams", requires=("org.teams.read",), on=InOrganization(), versions=(V2023_01,),
    tag=TAG, paged=True,
)  # fmt: skip
def list_teams(context: Context) -> Page:
    """List the teams of an organization by name."""
    query = context.call.query.parsed
    rows, total = teams_page(context.view, context.resource.id, query.per_page, query.offset)
    return Page([_team_item(row, context.call.base_url) for row in rows], total)


@endpoint(
    "POST", _TEAMS, id="createOrgTeam", requires=("org.teams.create",), on=InOrganization(), versions=(V2023_01,),
    tag=TAG, status=201, body=CreateTeamBody,
)  # fmt: skip
def create_team(context: Context) -> Outcome:
    """Create a team of people of the organization."""
    body: CreateTeamBody = context.call.body
    change = teams.create(ground_of(context), body.name, body.usernames)
    return outcome_of(change, lambda view: _created(context, view, str(change.target)))


def _created(context: Context, view: SqlView, team: str) -> Json:
    org = context.resource.id
    ids = [row["user_id"] for row in TeamMembers(org, team).everybody(view)]
    persons = read_people(view, org, ids, context.now).persons
    return {**_single(context, view, team), "usernames": [persons[user]["username"] for user in ids]}


@endpoint(
    "GET", _TEAM, id="getOrgTeam", requires=("org.teams.read",), on=InOrganization(), inner=team_of_organization,
    versions=(V2023_01,), tag=TAG,
)  # fmt: skip
def read_team(context: Context) -> Json:
    """Return one team."""
    return _single(context, context.view, context.call.values["teamId"])


@endpoint(
    "GET", f"{_TEAMS}/byName/{{teamName}}", id="getOrgTeamByName", requires=("org.teams.read",), on=InOrganization(),
    versions=(V2023_01,), tag=TAG,
)  # fmt: skip
def read_team_by_name(context: Context) -> Json:
    """Return the team of this name."""
    name = context.call.values["teamName"]
    rows = context.view.find("teams", org_id=context.resource.id, name=normal_name(name))
    if not rows:
        raise NotFoundError("TEAM_NAME_NOT_FOUND", name)
    return _team_item(rows[0], context.call.base_url)


@endpoint(
    "PATCH", _TEAM, id="renameOrgTeam", requires=("org.teams.rename",), on=InOrganization(),
    inner=team_of_organization, versions=(V2023_01,), tag=TAG, body=RenameTeamBody,
)  # fmt: skip
def rename_team(context: Context) -> Outcome:
    """Rename a team."""
    body: RenameTeamBody = context.call.body
    team = context.call.values["teamId"]
    return outcome_of(teams.rename(ground_of(context), team, body.name), lambda view: _single(context, view, team))


@endpoint(
    "DELETE", _TEAM, id="deleteOrgTeam", requires=("org.teams.delete",), on=InOrganization(),
    inner=team_of_organization, versions=(V2023_01,), tag=TAG, status=204,
)  # fmt: skip
def delete_team(context: Context) -> Outcome:
    """Delete a team that is on no project."""
    return outcome_of(teams.delete(ground_of(context), context.call.values["teamId"]))


@endpoint(
    "GET", _USERS, id="listOrgTeamUsers", requires=("org.teams.read",), on=InOrganization(),
    inner=team_of_organization, versions=(V2023_01_BEFORE_2025, V2025_02), tag=_PEOPLE, paged=True,
    parameters=(*LIST_PARAMETERS, Parameter(name="userId")),
)  # fmt: skip
def list_users(context: Context) -> Page:
    """List the people in a team, invited ones included in the newer version."""
    rows, total = memberships_asked(context, _people(context), user=_user_asked(context))
    shown = showing(context, context.view, context.resource.id, rows)
    shape = older_user if context.call.version == V2023_01.date else organization_user
    return Page([shape(row, shown) for row in rows], total)


def _user_asked(context: Context) -> str:
    user: str = context.call.query.parsed.values["userId"]
    if user and not is_id(user):
        raise MalformedError("INVALID_QUERY_PARAMETER", "userId")
    return user


@endpoint(
    "POST", _USERS, id="addOrgTeamUsers", requires=("org.teams.members.add",), on=InOrganization(),
    inner=team_of_organization, versions=_OLDER, tag=TAG, paged=True, body=list[TeamUserBody],
)  # fmt: skip
def add_users(context: Context) -> Outcome:
    """Put people of the organization into a team, in the older generation; answers the whole team."""
    body: list[TeamUserBody] = context.call.body
    change = teams.add_users(ground_of(context), context.call.values["teamId"], [user.id for user in body])
    return outcome_of(change, lambda view: _whole_team(context, view))


def _whole_team(context: Context, view: SqlView) -> Page:
    query = context.call.query.parsed
    page = _people(context).page(view, ("ACTIVE",), now=context.now, limit=query.per_page, offset=query.offset)
    shown = showing(context, view, context.resource.id, page[0])
    return Page([older_user(row, shown) for row in page[0]], page[1])


@endpoint(
    "DELETE", f"{_USERS}/{{userId}}", id="removeOrgTeamUserFromTeam", requires=("org.teams.members.remove",),
    on=InOrganization(), inner=team_member, versions=_OLDER, tag=TAG, status=204,
)  # fmt: skip
def remove_user_in_path(context: Context) -> Outcome:
    """Take somebody out of a team, in the older generation."""
    values = context.call.values
    return outcome_of(teams.remove_user(ground_of(context), values["teamId"], values["userId"]))


@endpoint(
    "POST", f"{_TEAM}:addUser", id="addOrgTeamUser", requires=("org.teams.members.add",), on=InOrganization(),
    inner=team_of_organization, versions=(V2025_02,), tag=_PEOPLE, body=TeamUserBody,
)  # fmt: skip
def add_user(context: Context) -> Outcome:
    """Put somebody of the organization, or invited to it, into a team."""
    body: TeamUserBody = context.call.body
    change = teams.add_users(ground_of(context), context.call.values["teamId"], [body.id])
    return _replying(context, change, body.id)


@endpoint(
    "POST", f"{_TEAM}:removeUser", id="removeOrgTeamUser", requires=("org.teams.members.remove",),
    on=InOrganization(), inner=team_of_organization, versions=(V2025_02,), tag=_PEOPLE, body=TeamUserBody,
)  # fmt: skip
def remove_user(context: Context) -> Outcome:
    """Take somebody out of a team."""
    body: TeamUserBody = context.call.body
    change = teams.remove_user(ground_of(context), context.call.values["teamId"], body.id)
    return _replying(context, change, body.id)


def _replying(context: Context, change: Change, user: str) -> Outcome:
    return outcome_of(change, lambda view: _user(context, view, user))


def _user(context: Context, view: SqlView, user: str) -> dict[str, Any]:
    org = context.resource.id
    row = of_organization(org).of_user(view, user) or {}
    return organization_user(row, showing(context, view, org, [row]))

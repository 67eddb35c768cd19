"""A case for every operation that needs a privilege: what its path names, a body that works, and one that does not.

A new operation has no case, and `test_every_operation_has_a_case` says so.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from orgward.cli.faces import declare_everything
from orgward.edge.endpoint import ENDPOINTS
from tests.world import VERSION

declare_everything()
ENDPOINT = {endpoint.operation.id: endpoint for endpoint in ENDPOINTS}

WRONG_BODY = {"nonsense": True}
WRONG_QUERY = "pageNum=0"
"""Bodies and queries are checked after authorization: that one is refused shows that the caller passed."""

READ, OTHER, THIRD = "GROUP_READ_ONLY", "GROUP_DATA_ACCESS_READ_ONLY", "GROUP_DATA_ACCESS_READ_WRITE"
"""Project roles that both editions have and that every holder of the privilege may hand out."""

LATER = {"endsAt": "2030-01-01T00:00:00Z"}


KEY_ROLES = {"atlas": "GROUP_ACCESS_MANAGER", "cloud_manager": "GROUP_USER_ADMIN"}
"""The role that whoever may make keys in a project can give one: theirs, unless they own the project."""

NOTHING: Mapping[str, str] = MappingProxyType({})


class Case(NamedTuple):
    """How an operation is called.

    `names` gives the kind of thing for each value in the path but the organization and the project; `body` makes a
    body that works; `ids` names the members of the body and query that hold ids, with their kind. `consumes` says
    that the call ends the organization or project that it acts on.
    """

    names: Mapping[str, str] = NOTHING
    body: Callable[[Any, dict[str, str]], Any] | None = None
    status: int = 200
    ids: tuple[tuple[str, str], ...] = ()
    consumes: bool = False


def _stranger(**body):
    """Make a body that names an address which nobody has."""
    return lambda scene, values: {"username": scene.new_address(), **body}


def _same(body):
    return lambda scene, values: body


def _of_invitee(**body):
    """Make a body that names whom the invitation just made is for."""
    return lambda scene, values: {"username": scene.invitee_of(values), **body}


_ASSIGNMENT = "groupRoleAssignments.0.groupId"
_ROLES_ASSIGNMENT = f"roles.{_ASSIGNMENT}"


def _with_assignment(**body):
    return lambda scene, values: {
        "username": scene.new_address(),
        **body,
        "groupRoleAssignments": [{"groupId": scene.project, "roles": [READ]}],
    }


def _amending(scene, values):
    return {"groupRoleAssignments": [{"groupId": scene.project, "roles": [OTHER]}]}


def _org_roles(scene, values):
    assignments = [{"groupId": scene.project, "groupRoles": [OTHER]}]
    return {"roles": {"orgRoles": ["ORG_READ_ONLY"], "groupRoleAssignments": assignments}}


CASES = {
    # organizations and projects
    "getOrg": Case(),
    "updateOrg": Case(body=lambda scene, values: {"name": scene.new_name()}),
    "deleteOrg": Case(status=204, consumes=True),
    "getOrgGroups": Case(),
    "getGroup": Case(),
    "createGroup": Case(
        body=lambda scene, values: {"name": scene.new_name(), "orgId": scene.org},
        status=201,
        ids=(("orgId", "orgId"), ("?projectOwnerId", "userId")),
    ),
    "updateGroup": Case(body=lambda scene, values: {"name": scene.new_name()}),
    "deleteGroup": Case(status=202, consumes=True),
    "migrateGroup": Case(body=lambda scene, values: scene.move(), ids=(("destinationOrgId", "orgId"),), consumes=True),
    # settings and limits
    "getOrgSettings": Case(),
    "updateOrgSettings": Case(body=_same({"restrictEmployeeAccess": True})),
    "getOrgUiAccessList": Case(),
    "replaceOrgUiAccessList": Case(body=_same({"enabled": False, "entries": [{"cidr": "192.0.2.0/24"}]})),
    "getOrgMaintenanceSettings": Case(),
    "updateOrgMaintenanceSettings": Case(body=_same({"waveAssignmentMode": "ENV_TAG_MAPPING"})),
    "resetOrgMaintenanceSettings": Case(),
    "getGroupSettings": Case(),
    "updateGroupSettings": Case(body=_same({"isDataExplorerEnabled": False})),
    "listGroupLimits": Case(),
    "getGroupLimit": Case({"limitName": "limit_name"}),
    "setGroupLimit": Case({"limitName": "limit_name"}, _same({"value": 30})),
    "deleteGroupLimit": Case({"limitName": "limit_name"}, status=204),
    "getGroupMongoDbVersions": Case(),
    "getGroupIpAddresses": Case(),
    # people of an organization
    "listOrgUsers": Case(),
    "getOrgUser": Case({"userId": "member"}),
    "createOrgUser": Case(
        body=lambda scene, values: {"username": scene.new_address(), **_org_roles(scene, values)},
        status=201,
        ids=((_ROLES_ASSIGNMENT, "groupId"), ("teamIds.0", "teamId")),
    ),
    "updateOrgUser": Case(
        {"userId": "member"}, _org_roles, ids=((_ROLES_ASSIGNMENT, "groupId"), ("teamIds.0", "teamId"))
    ),
    "removeOrgUser": Case({"userId": "member"}, status=204),
    "addOrgUserRole": Case({"userId": "member"}, _same({"orgRole": "ORG_BILLING_ADMIN"})),
    "removeOrgUserRole": Case({"userId": "member"}, _same({"orgRole": "ORG_READ_ONLY"})),
    "updateOrgUserRoles": Case({"userId": "member"}, _same({"orgRoles": ["ORG_MEMBER"]})),
    "setOrgUserRoleBounds": Case({"userId": "member", "role": "ORG_READ_ONLY"}, _same(LATER)),
    "suspendOrgUser": Case({"userId": "member"}),
    "reactivateOrgUser": Case({"userId": "member"}),
    # people of a project
    "listGroupUsers": Case(),
    "getGroupUser": Case({"userId": "member"}),
    "addGroupUsers": Case(body=_stranger(roles=[READ]), status=201),
    "addGroupAccessUser": Case(body=_stranger(roles=[READ])),
    "removeGroupUser": Case({"userId": "member"}, status=204),
    "addGroupUserRole": Case({"userId": "member"}, _same({"groupRole": THIRD})),
    "removeGroupUserRole": Case({"userId": "member"}, _same({"groupRole": OTHER})),
    "updateGroupUserRoles": Case({"userId": "member"}, _same({"groupRoles": [READ]})),
    "setGroupUserRoleBounds": Case({"userId": "member", "role": READ}, _same(LATER)),
    # invitations
    "listOrgInvites": Case(),
    "createOrgInvite": Case(
        body=_with_assignment(roles=["ORG_MEMBER"]), ids=((_ASSIGNMENT, "groupId"), ("teamIds.0", "teamId"))
    ),
    "updateOrgInvites": Case(
        {"": "org_invitation"},
        lambda scene, values: {"username": scene.invitee_of(values), **_amending(scene, values)},
        ids=((_ASSIGNMENT, "groupId"), ("teamIds.0", "teamId"), ("username", "invitee")),
    ),
    "getOrgInvite": Case({"invitationId": "org_invitation"}),
    "updateOrgInviteById": Case(
        {"invitationId": "org_invitation"}, _amending, ids=((_ASSIGNMENT, "groupId"), ("teamIds.0", "teamId"))
    ),
    "deleteOrgInvite": Case({"invitationId": "org_invitation"}, status=204),
    "resendOrgInvitation": Case({"invitationId": "org_invitation"}),
    "listGroupInvites": Case(),
    "createGroupInvite": Case(body=_stranger(roles=[READ])),
    "updateGroupInvites": Case({"": "group_invitation"}, _of_invitee(roles=[OTHER]), ids=(("username", "invitee"),)),
    "getGroupInvite": Case({"invitationId": "group_invitation"}),
    "updateGroupInviteById": Case({"invitationId": "group_invitation"}, _same({"roles": [OTHER]})),
    "deleteGroupInvite": Case({"invitationId": "group_invitation"}, status=204),
    "resendGroupInvitation": Case({"invitationId": "group_invitation"}),
    # join requests, leaving, and the roles that are held
    "listGroupJoinRequests": Case(),
    "approveGroupJoinRequest": Case({"joinRequestId": "join_request"}, _same({"roles": [READ]})),
    "denyGroupJoinRequest": Case({"joinRequestId": "join_request"}),
    "removeOrgMember": Case({"userId": "member"}),
    "listOrgRoleAssignments": Case(),
    "listGroupRoleAssignments": Case(),
    # events
    "listOrgEvents": Case(),
    "getOrgEvent": Case({"eventId": "org_event"}),
    "listGroupEvents": Case(),
    "getGroupEvent": Case({"eventId": "group_event"}),
    "getOrgActivityFeed": Case(),
    "getGroupActivityFeed": Case(),
    # teams
    "listOrgTeams": Case(),
    "createOrgTeam": Case(
        body=lambda scene, values: {"name": scene.new_name(), "usernames": [scene.team_address]},
        status=201,
        ids=(("usernames.0", "invitee"),),
    ),
    "getOrgTeam": Case({"teamId": "team"}),
    "getOrgTeamByName": Case({"teamName": "team_name"}),
    "renameOrgTeam": Case({"teamId": "team"}, lambda scene, values: {"name": scene.new_name()}),
    "deleteOrgTeam": Case({"teamId": "team"}, status=204),
    "listOrgTeamUsers": Case({"teamId": "team"}),
    "addOrgTeamUsers": Case(
        {"teamId": "team", "": "member"}, lambda scene, values: [{"id": values[""]}], ids=(("0.id", "userId"),)
    ),
    "removeOrgTeamUserFromTeam": Case({"teamId": "team", "userId": "team_user"}, status=204),
    "addOrgTeamUser": Case(
        {"teamId": "team", "": "member"}, lambda scene, values: {"id": values[""]}, ids=(("id", "userId"),)
    ),
    "removeOrgTeamUser": Case(
        {"teamId": "team"}, lambda scene, values: {"id": scene.team_user}, ids=(("id", "userId"),)
    ),
    "listGroupTeams": Case(),
    "addGroupTeams": Case(
        {"": "team"},
        lambda scene, values: [{"teamId": values[""], "roleNames": [READ]}],
        ids=(("0.teamId", "teamId"),),
    ),
    "getGroupTeam": Case({"teamId": "project_team"}),
    "updateGroupTeam": Case({"teamId": "project_team"}, _same({"roleNames": [OTHER]})),
    "removeGroupTeam": Case({"teamId": "project_team"}, status=204),
    "setGroupTeamRoleBounds": Case({"teamId": "project_team", "role": READ}, _same(LATER)),
    # API keys
    "listOrgApiKeys": Case(),
    "createOrgApiKey": Case(body=_same({"desc": "made", "roles": ["ORG_MEMBER"]})),
    "createReadyOrgApiKey": Case(
        body=lambda scene, values: {
            "desc": "made",
            "roles": ["ORG_MEMBER"],
            "projects": [{"projectId": scene.project, "roles": [READ]}],
            "addresses": ["192.0.2.7"],
        },
        status=201,
        ids=(("projects.0.projectId", "groupId"),),
    ),
    "getOrgApiKey": Case({"apiUserId": "key"}),
    "updateOrgApiKey": Case({"apiUserId": "key"}, _same({"desc": "changed"})),
    "deleteOrgApiKey": Case({"apiUserId": "key"}, status=204),
    "setOrgApiKeyRoleBounds": Case({"apiUserId": "key", "role": "ORG_MEMBER"}, _same(LATER)),
    "listOrgApiKeyAccessListEntries": Case({"apiUserId": "key"}),
    "createOrgApiKeyAccessListEntry": Case({"apiUserId": "key"}, _same([{"ipAddress": "192.0.2.99"}])),
    "getOrgApiKeyAccessListEntry": Case({"apiUserId": "key", "ipAddress": "address"}),
    "deleteOrgApiKeyAccessListEntry": Case({"apiUserId": "key", "ipAddress": "address"}, status=204),
    "listGroupApiKeys": Case(),
    "createGroupApiKey": Case(body=lambda scene, values: {"desc": "made", "roles": [scene.key_role]}),
    "addGroupApiKey": Case({"apiUserId": "key"}, lambda scene, values: [{"roles": [scene.key_role]}], status=204),
    "updateGroupApiKeyRoles": Case({"apiUserId": "project_key"}, lambda scene, values: {"roles": [scene.key_role]}),
    "removeGroupApiKey": Case({"apiUserId": "project_key"}, status=204),
    "setGroupApiKeyRoleBounds": Case({"apiUserId": "project_key", "role": "key_role"}, _same(LATER)),
}


def is_on_project(operation):
    """Say whether the operation acts on a project, by its path."""
    return "{groupId}" in ENDPOINT[operation].path


def media_type_of(operation):
    """Give the media type of the newest version of the operation; some are previews, which no date asks for."""
    versions = ENDPOINT[operation].versions
    return f"application/vnd.atlas.{versions[-1].date}+json" if versions else VERSION


def path_of(operation, values):
    """Give the path of the operation with these values in it."""
    path = ENDPOINT[operation].path
    for name, value in values.items():
        path = path.replace(f"{{{name}}}", value)
    return path

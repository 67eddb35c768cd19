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
HOURS = {"secretExpiresAfterHours": 24}
ACCOUNT = {"name": "one", "description": "a service account", **HOURS}


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


def _mapping(scene, values):
    given = [{"orgId": scene.org, "role": "ORG_MEMBER"}, {"groupId": scene.project, "role": READ}]
    return {"externalGroupName": scene.new_name(), "roleAssignments": given}


_MAPPED = (("roleAssignments.0.orgId", "orgId"), ("roleAssignments.1.groupId", "groupId"))
IN_FEDERATION = {"federationSettingsId": "federation"}
WITH_PROVIDER = {**IN_FEDERATION, "identityProviderId": "provider"}

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
    "getOrgDelegationSettings": Case(),
    "updateOrgDelegationSettings": Case(body=_same({"delegatedMcpAccess": "READ_ONLY"})),
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
    # service accounts
    "listOrgServiceAccounts": Case(),
    "createOrgServiceAccount": Case(body=_same({**ACCOUNT, "roles": ["ORG_MEMBER"]}), status=201),
    "getOrgServiceAccount": Case({"clientId": "account"}),
    "getOrgServiceAccountState": Case({"clientId": "account"}),
    "getOrgServiceAccountGroups": Case({"clientId": "account"}),
    "updateOrgServiceAccount": Case({"clientId": "account"}, _same({"name": "changed"})),
    "suspendOrgServiceAccount": Case({"clientId": "account"}),
    "reactivateOrgServiceAccount": Case({"clientId": "account"}),
    "listServiceAccountWorkloadIdentities": Case({"clientId": "account"}),
    "createServiceAccountWorkloadIdentity": Case(
        {"clientId": "account", "": "workload_provider"},
        lambda scene, values: {"identityProviderId": values[""], "subject": scene.new_name()},
        status=201,
        ids=(("identityProviderId", "workload_provider"),),
    ),
    "deleteServiceAccountWorkloadIdentity": Case({"clientId": "account", "workloadIdentityId": "workload"}, status=204),
    "deleteOrgServiceAccount": Case({"clientId": "account"}, status=204),
    "setOrgServiceAccountRoleBounds": Case({"clientId": "account", "role": "ORG_MEMBER"}, _same(LATER)),
    "createOrgServiceAccountSecret": Case({"clientId": "account"}, _same(HOURS), status=201),
    "deleteOrgServiceAccountSecret": Case({"clientId": "account", "secretId": "account_secret"}, status=204),
    "listOrgServiceAccountAccessList": Case({"clientId": "account"}),
    "createOrgServiceAccountAccessList": Case({"clientId": "account"}, _same([{"ipAddress": "192.0.2.99"}])),
    "deleteOrgServiceAccountAccessListEntry": Case({"clientId": "account", "ipAddress": "address"}, status=204),
    "listGroupServiceAccounts": Case(),
    "createGroupServiceAccount": Case(body=lambda scene, values: {**ACCOUNT, "roles": [scene.key_role]}, status=201),
    "inviteGroupServiceAccount": Case({"clientId": "account"}, lambda scene, values: {"roles": [scene.key_role]}),
    "getGroupServiceAccount": Case({"clientId": "project_account"}),
    "updateGroupServiceAccount": Case(
        {"clientId": "project_account"}, lambda scene, values: {"roles": [scene.key_role]}
    ),
    "deleteGroupServiceAccount": Case({"clientId": "project_account"}, status=204),
    "setGroupServiceAccountRoleBounds": Case({"clientId": "project_account", "role": "key_role"}, _same(LATER)),
    "createGroupServiceAccountSecret": Case({"clientId": "project_account"}, _same(HOURS), status=201),
    "deleteGroupServiceAccountSecret": Case(
        {"clientId": "project_account", "secretId": "project_account_secret"}, status=204
    ),
    "listGroupServiceAccountAccessList": Case({"clientId": "project_account"}),
    "createGroupServiceAccountAccessList": Case({"clientId": "project_account"}, _same([{"ipAddress": "192.0.2.99"}])),
    "deleteGroupServiceAccountAccessListEntry": Case(
        {"clientId": "project_account", "ipAddress": "address"}, status=204
    ),
    # SCIM
    "getScimServiceProviderConfig": Case(),
    "listScimResourceTypes": Case(),
    "getScimResourceType": Case({"resourceType": "scim_type"}),
    "listScimSchemas": Case(),
    "getScimSchema": Case({"schemaUrn": "scim_schema"}),
    "listScimUsers": Case(),
    "getScimUser": Case({"userId": "member"}),
    "createScimUser": Case(body=lambda scene, values: {"userName": scene.new_address()}, status=201),
    "replaceScimUser": Case(
        {"userId": "member"}, lambda scene, values: {"userName": scene.address_of(values["userId"]), "active": False}
    ),
    "updateScimUser": Case(
        {"userId": "member"}, _same({"Operations": [{"op": "replace", "value": {"active": False}}]})
    ),
    "deleteScimUser": Case({"userId": "member"}, status=204),
    "listScimGroups": Case(),
    "getScimGroup": Case({"teamId": "team"}),
    "createScimGroup": Case(body=lambda scene, values: {"displayName": scene.new_name()}, status=201),
    "replaceScimGroup": Case(
        {"teamId": "team"}, lambda scene, values: {"displayName": scene.new_name(), "members": []}
    ),
    "updateScimGroup": Case(
        {"teamId": "team"},
        lambda scene, values: {"Operations": [{"op": "add", "path": "displayName", "value": scene.new_name()}]},
    ),
    "deleteScimGroup": Case({"teamId": "team"}, status=204),
    # federations
    "getOrgFederationSettings": Case(),
    "createOrgFederation": Case({"": "nothing"}, status=201, consumes=True),
    "connectOrgToFederation": Case(
        {**IN_FEDERATION, "": "unconnected"},
        lambda scene, values: {"orgId": values[""]},
        status=201,
        ids=(("orgId", "orgId"),),
    ),
    "deleteFederationSetting": Case(IN_FEDERATION, status=204, consumes=True),
    "listFederationSettingConnectedOrgConfigs": Case(IN_FEDERATION),
    "getFederationSettingConnectedOrgConfig": Case(IN_FEDERATION),
    "updateFederationSettingConnectedOrgConfig": Case(IN_FEDERATION, _same({"domainAllowList": ["example.org"]})),
    "removeFederationSettingConnectedOrgConfig": Case(
        {"federationSettingsId": "federation_shared"}, status=204, consumes=True
    ),
    "listFederationSettingConnectedOrgConfigRoleMappings": Case(IN_FEDERATION),
    "createFederationSettingConnectedOrgConfigRoleMapping": Case(IN_FEDERATION, _mapping, ids=_MAPPED),
    "getFederationSettingConnectedOrgConfigRoleMapping": Case({**IN_FEDERATION, "id": "mapping"}),
    "updateFederationSettingConnectedOrgConfigRoleMapping": Case(
        {**IN_FEDERATION, "id": "mapping"}, _mapping, ids=_MAPPED
    ),
    "deleteFederationSettingConnectedOrgConfigRoleMapping": Case({**IN_FEDERATION, "id": "mapping"}, status=204),
    "listFederationSettingIdentityProviders": Case(IN_FEDERATION),
    "createFederationSettingIdentityProvider": Case(IN_FEDERATION, lambda scene, values: scene.described()),
    "getFederationSettingIdentityProvider": Case(WITH_PROVIDER),
    "updateFederationSettingIdentityProvider": Case(WITH_PROVIDER, _same({"displayName": "changed"})),
    "deleteFederationSettingIdentityProvider": Case(WITH_PROVIDER, status=204),
    "revokeFederationSettingIdentityProviderJwks": Case(WITH_PROVIDER, status=204),
    "getFederationSettingIdentityProviderMetadata": Case({**IN_FEDERATION, "identityProviderId": "saml_provider"}),
    "setIdentityProviderSecret": Case(WITH_PROVIDER, _same({"secret": "kept"}), status=204),
    "listFederationDomains": Case(IN_FEDERATION),
    "addFederationDomain": Case(IN_FEDERATION, lambda scene, values: {"domain": scene.new_domain_name()}, status=201),
    "verifyFederationDomain": Case({**IN_FEDERATION, "domain": "domain"}),
    "deleteFederationDomain": Case({**IN_FEDERATION, "domain": "domain"}, status=204),
}


def is_on_federation(operation):
    """Say whether the operation acts on a federation, and not on one organization of it, by its path."""
    path = ENDPOINT[operation].path
    return "{federationSettingsId}" in path and "{orgId}" not in path


def is_scim(operation):
    """Say whether the operation is one of SCIM, whose refusals look as RFC 7644 has them."""
    return ENDPOINT[operation].path.startswith("/scim/")


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

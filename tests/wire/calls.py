"""A call that goes well for every operation of the Admin API, each with what it needs made just before."""

from collections.abc import Callable
from typing import Any, Final

from tests.wire.scene import ACCOUNT, HOURS, TAGS, Request, Scene, mapping_body, provider_body, username_of
from tests.wire.served import ADMIN_API, EACH_VERSION, ENDED, SERVED, newest, path_of

__all__ = [
    "ADMIN_API",
    "CALLS",
    "EACH_VERSION",
    "ENDED",
    "SERVED",
    "TAGS",
    "Request",
    "Scene",
    "newest",
    "path_of",
]

CLUSTERS: Final = "atlas.project.deployment.clusters"
_IDLE: Final = "idleSessionTimeoutInSeconds"
_CONTACTS: Final = {"operationsContact": "ops@wire.example", "securityContact": "security@wire.example"}

Make = Callable[[Scene], Request]


def _in_org(body: Callable[[Scene], Any] | Any = None, **made: Callable[[Scene], str]) -> Make:
    return lambda s: Request({"orgId": s.org, **{n: m(s) for n, m in made.items()}}, _body(body, s))


def _in_project(body: Callable[[Scene], Any] | Any = None, **made: Callable[[Scene], str]) -> Make:
    return lambda s: Request({"groupId": s.project, **{n: m(s) for n, m in made.items()}}, _body(body, s))


def _body(body: Any, scene: Scene) -> Any:
    return body(scene) if callable(body) else body


def _entry(scene: Scene) -> Request:
    key = scene.new_key()["id"]
    return Request({"orgId": scene.org, "apiUserId": key, "ipAddress": scene.new_entry(key)})


def _amended_org(scene: Scene) -> dict[str, Any]:
    invitation = scene.new_invitation()
    return {"username": username_of(scene, f"/orgs/{scene.org}/invites/{invitation}"), "roles": ["ORG_READ_ONLY"]}


def _amended_project(scene: Scene) -> dict[str, Any]:
    invitation = scene.new_project_invitation()
    path = f"/groups/{scene.project}/invites/{invitation}"
    return {"username": username_of(scene, path), "roles": ["GROUP_OWNER"]}


def _project_key(scene: Scene) -> str:
    key = str(scene.new_key()["id"])
    scene.owner.done("POST", f"/groups/{scene.project}/apiKeys/{key}", [{"roles": ["GROUP_READ_ONLY"]}])
    return key


def _invitee(*roles: str) -> Callable[[Scene], Any]:
    return lambda s: {"username": s.username(), "roles": list(roles)}


def _by_name(scene: Scene) -> Request:
    name = scene.owner.done("GET", f"/groups/{scene.project}")["name"]
    return Request({"groupName": name})


def _move(scene: Scene) -> Request:
    there = scene.live.world.organization("There", owner=scene.username())
    body = {
        "destinationOrgId": there.id,
        "destinationOrgPublicApiKey": there.key.public_key,
        "destinationOrgPrivateApiKey": there.key.private_key,
    }
    return Request({"groupId": scene.new_project(tags=TAGS)}, body)


def _new_user(scene: Scene) -> Request:
    names = {"firstName": "A", "lastName": "B", "country": "IE", "mobileNumber": "2125550198", "password": "x" * 12}
    roles = [{"orgId": scene.org, "roleName": "ORG_MEMBER"}, {"groupId": scene.project, "roleName": "GROUP_READ_ONLY"}]
    return Request(body={"username": scene.username(), "roles": roles, **names})


def _named_user(scene: Scene) -> Request:
    return Request({"userName": username_of(scene, f"/orgs/{scene.org}/users/{scene.member}")})


def _rate_limit(scene: Scene) -> Request:
    return Request({"endpointSetId": scene.owner.done("GET", "/rateLimits")["results"][0]["endpointSetId"]})


def _team_by_name(scene: Scene) -> Request:
    name = scene.owner.done("GET", f"/orgs/{scene.org}/teams/{scene.team}")["name"]
    return Request({"orgId": scene.org, "teamName": name})


def _new_team_body(scene: Scene) -> dict[str, Any]:
    usernames = [username_of(scene, f"/orgs/{scene.org}/users/{scene.member}")]
    return {"name": scene.name("team"), "usernames": usernames}


def _in_team(scene: Scene) -> Request:
    return Request({"orgId": scene.org, "teamId": scene.seat(scene.user, there=True), "userId": scene.user})


def _seated(scene: Scene) -> str:
    return scene.seat(scene.user, there=True)


def _not_seated(scene: Scene) -> str:
    return scene.seat(scene.user, there=False)


def _on_project(scene: Scene) -> str:
    return scene.assigned(there=True)


def _new_key(scene: Scene) -> str:
    return str(scene.new_key()["id"])


def _federated(body: Callable[[Scene], Any] | Any = None, **made: Callable[[Scene], str]) -> Make:
    def found(scene: Scene) -> Request:
        values = {name: make(scene) for name, make in made.items()}
        there = {"federationSettingsId": scene.federation(), "orgId": scene.org, **values}
        return Request(there, _body(body, scene))

    return found


def _listed_account(scene: Scene) -> str:
    account = scene.new_project_account()
    path = f"/groups/{scene.project}/serviceAccounts/{account}/accessList"
    scene.owner.done("POST", path, [{"ipAddress": "192.0.2.7"}])
    return account


def _secret_in(place: str, make: Callable[[Scene], str]) -> Make:
    def found(scene: Scene) -> Request:
        account = make(scene)
        shown = scene.owner.done("GET", f"/orgs/{scene.org}/serviceAccounts/{account}")
        where = scene.org if place == "orgId" else scene.project
        return Request({place: where, "clientId": account, "secretId": shown["secrets"][0]["id"]})

    return found


CALLS: Final[dict[str, Make]] = {
    "getSystemStatus": lambda s: Request(),
    "listControlPlaneIpAddresses": lambda s: Request(),
    "listOrgs": lambda s: Request(),
    "createOrg": lambda s: Request(body={"name": s.name("org")}, client=s.founder),
    "getOrg": _in_org(),
    "updateOrg": _in_org({"name": "Wire"}),
    "deleteOrg": lambda s: Request({"orgId": s.new_organization()}, client=s.founder),
    "getOrgGroups": _in_org(),
    "listGroups": lambda s: Request(),
    "createGroup": lambda s: Request(body={"name": s.name("project"), "orgId": s.org}),
    "getGroup": _in_project(),
    "getGroupByName": _by_name,
    "updateGroup": _in_project({"tags": TAGS}),
    "deleteGroup": lambda s: Request({"groupId": s.new_project()}),
    "getOrgDelegationSettings": _in_org(),
    "updateOrgDelegationSettings": _in_org({"delegatedMcpAccess": "READ_ONLY", "maximumRefreshTokenLifetime": 3600}),
    "getOrgSettings": _in_org(),
    "updateOrgSettings": _in_org({"restrictEmployeeAccess": True, "customSessionTimeouts": {_IDLE: 3600}, **_CONTACTS}),
    "getOrgMaintenanceSettings": _in_org(),
    "updateOrgMaintenanceSettings": _in_org({"waveAssignmentMode": "ENV_TAG_MAPPING"}),
    "resetOrgMaintenanceSettings": _in_org(),
    "getGroupSettings": _in_project(),
    "updateGroupSettings": _in_project({"isDataExplorerEnabled": False}),
    "listGroupLimits": _in_project(),
    "getGroupLimit": _in_project(limitName=lambda s: CLUSTERS),
    "setGroupLimit": _in_project({"name": CLUSTERS, "value": 30}, limitName=lambda s: CLUSTERS),
    "deleteGroupLimit": _in_project(limitName=lambda s: CLUSTERS),
    "listDefaultGroupLimits": lambda s: Request(),
    "getDefaultGroupLimit": lambda s: Request({"limitName": "NUM_CLUSTERS"}),
    "getGroupMongoDbVersions": _in_project(),
    "getGroupIpAddresses": _in_project(),
    "migrateGroup": _move,
    "createUser": _new_user,
    "getUser": lambda s: Request({"userId": s.user}),
    "getUserByName": _named_user,
    "listRateLimits": lambda s: Request(),
    "getRateLimit": _rate_limit,
    "listOrgUsers": _in_org(),
    "getOrgUser": _in_org(userId=lambda s: s.member),
    "createOrgUser": _in_org(lambda s: {"username": s.username(), "roles": {"orgRoles": ["ORG_MEMBER"]}}),
    "updateOrgUser": _in_org({"roles": {"orgRoles": ["ORG_READ_ONLY"]}}, userId=lambda s: s.member),
    "removeOrgUser": _in_org(userId=Scene.new_member),
    "addOrgUserRole": _in_org({"orgRole": "ORG_GROUP_CREATOR"}, userId=Scene.new_member),
    "removeOrgUserRole": _in_org({"orgRole": "ORG_READ_ONLY"}, userId=Scene.new_member),
    "updateOrgUserRoles": _in_org({"orgRoles": ["ORG_READ_ONLY"]}, userId=lambda s: s.member),
    "listOrgInvites": _in_org(),
    "createOrgInvite": _in_org(_invitee("ORG_MEMBER")),
    "updateOrgInvites": _in_org(_amended_org),
    "getOrgInvite": _in_org(invitationId=lambda s: s.invitation),
    "updateOrgInviteById": _in_org({"roles": ["ORG_READ_ONLY"]}, invitationId=lambda s: s.invitation),
    "deleteOrgInvite": _in_org(invitationId=Scene.new_invitation),
    "listGroupUsers": _in_project(),
    "getGroupUser": _in_project(userId=lambda s: s.member),
    "addGroupUsers": _in_project(_invitee("GROUP_READ_ONLY")),
    "addGroupAccessUser": _in_project(_invitee("GROUP_READ_ONLY")),
    "removeGroupUser": _in_project(userId=Scene.new_member),
    "addGroupUserRole": _in_project({"groupRole": "GROUP_OWNER"}, userId=Scene.new_member),
    "removeGroupUserRole": _in_project({"groupRole": "GROUP_READ_ONLY"}, userId=Scene.new_member),
    "updateGroupUserRoles": _in_project({"groupRoles": ["GROUP_READ_ONLY"]}, userId=lambda s: s.member),
    "listGroupInvites": _in_project(),
    "createGroupInvite": _in_project(_invitee("GROUP_READ_ONLY")),
    "updateGroupInvites": _in_project(_amended_project),
    "getGroupInvite": _in_project(invitationId=lambda s: s.project_invitation),
    "updateGroupInviteById": _in_project({"roles": ["GROUP_READ_ONLY"]}, invitationId=lambda s: s.project_invitation),
    "deleteGroupInvite": _in_project(invitationId=Scene.new_project_invitation),
    "listEventTypes": lambda s: Request(),
    "listOrgEvents": _in_org(),
    "getOrgEvent": _in_org(eventId=lambda s: s.newest_event(f"/orgs/{s.org}")),
    "listGroupEvents": _in_project(),
    "getGroupEvent": _in_project(eventId=lambda s: s.newest_event(f"/groups/{s.project}")),
    "getOrgActivityFeed": _in_org(),
    "getGroupActivityFeed": _in_project(),
    "listOrgTeams": _in_org(),
    "createOrgTeam": _in_org(_new_team_body),
    "getOrgTeam": _in_org(teamId=lambda s: s.team),
    "getOrgTeamByName": _team_by_name,
    "renameOrgTeam": _in_org(lambda s: {"name": s.name("team")}, teamId=lambda s: s.team),
    "deleteOrgTeam": _in_org(teamId=Scene.new_team),
    "listOrgTeamUsers": _in_team,
    "addOrgTeamUsers": _in_org(lambda s: [{"id": s.user}], teamId=_not_seated),
    "removeOrgTeamUserFromTeam": _in_team,
    "addOrgTeamUser": _in_org(lambda s: {"id": s.user}, teamId=_not_seated),
    "removeOrgTeamUser": _in_org(lambda s: {"id": s.user}, teamId=_seated),
    "listGroupTeams": _in_project(teamId=_on_project),
    "addGroupTeams": _in_project(lambda s: [{"teamId": s.assigned(there=False), "roleNames": ["GROUP_READ_ONLY"]}]),
    "getGroupTeam": _in_project(teamId=_on_project),
    "updateGroupTeam": _in_project({"roleNames": ["GROUP_READ_ONLY"]}, teamId=_on_project),
    "removeGroupTeam": _in_project(teamId=_on_project),
    "listOrgApiKeys": _in_org(),
    "createOrgApiKey": _in_org({"desc": "wire", "roles": ["ORG_READ_ONLY"]}),
    "getOrgApiKey": _in_org(apiUserId=lambda s: s.key),
    "updateOrgApiKey": _in_org({"desc": "changed"}, apiUserId=lambda s: s.key),
    "deleteOrgApiKey": _in_org(apiUserId=_new_key),
    "listOrgApiKeyAccessListEntries": _in_org(apiUserId=lambda s: s.key),
    "createOrgApiKeyAccessListEntry": _in_org([{"ipAddress": "192.0.2.7"}], apiUserId=_new_key),
    "getOrgApiKeyAccessListEntry": _entry,
    "deleteOrgApiKeyAccessListEntry": _entry,
    "listGroupApiKeys": lambda s: Request({"groupId": s.project, "apiUserId": _project_key(s)}),
    "createGroupApiKey": _in_project({"desc": "wire", "roles": ["GROUP_READ_ONLY"]}),
    "addGroupApiKey": _in_project([{"roles": ["GROUP_READ_ONLY"]}], apiUserId=_new_key),
    "updateGroupApiKeyRoles": _in_project({"roles": ["GROUP_OWNER"]}, apiUserId=_project_key),
    "removeGroupApiKey": _in_project(apiUserId=_project_key),
    "listOrgServiceAccounts": _in_org(),
    "createOrgServiceAccount": _in_org({**ACCOUNT, "roles": ["ORG_READ_ONLY"]}),
    "getOrgServiceAccount": _in_org(clientId=Scene.new_account),
    "getOrgServiceAccountGroups": _in_org(clientId=Scene.new_project_account),
    "updateOrgServiceAccount": _in_org({"description": "changed"}, clientId=Scene.new_account),
    "deleteOrgServiceAccount": _in_org(clientId=Scene.new_account),
    "createOrgServiceAccountSecret": _in_org(HOURS, clientId=Scene.new_account),
    "deleteOrgServiceAccountSecret": _secret_in("orgId", Scene.new_account),
    "listOrgServiceAccountAccessList": _in_org(clientId=_listed_account),
    "createOrgServiceAccountAccessList": _in_org([{"cidrBlock": "192.0.2.0/24"}], clientId=Scene.new_account),
    "deleteOrgServiceAccountAccessListEntry": _in_org(clientId=_listed_account, ipAddress=lambda s: "192.0.2.7"),
    "listGroupServiceAccounts": _in_project(clientId=Scene.new_project_account),
    "createGroupServiceAccount": _in_project({**ACCOUNT, "roles": ["GROUP_READ_ONLY"]}),
    "inviteGroupServiceAccount": _in_project({"roles": ["GROUP_READ_ONLY"]}, clientId=Scene.new_account),
    "getGroupServiceAccount": _in_project(clientId=Scene.new_project_account),
    "updateGroupServiceAccount": _in_project({"roles": ["GROUP_OWNER"]}, clientId=Scene.new_project_account),
    "deleteGroupServiceAccount": _in_project(clientId=Scene.new_project_account),
    "createGroupServiceAccountSecret": _in_project(HOURS, clientId=Scene.new_project_account),
    "deleteGroupServiceAccountSecret": _secret_in("groupId", Scene.new_project_account),
    "listGroupServiceAccountAccessList": _in_project(clientId=_listed_account),
    "createGroupServiceAccountAccessList": _in_project(
        [{"ipAddress": "192.0.2.8"}], clientId=Scene.new_project_account
    ),
    "deleteGroupServiceAccountAccessListEntry": _in_project(clientId=_listed_account, ipAddress=lambda s: "192.0.2.7"),
    "getOrgFederationSettings": _federated(),
    "deleteFederationSetting": Scene.new_federated,
    "listFederationSettingConnectedOrgConfigs": _federated(),
    "getFederationSettingConnectedOrgConfig": _federated(),
    "updateFederationSettingConnectedOrgConfig": lambda s: s.allowing,
    "removeFederationSettingConnectedOrgConfig": lambda s: s.new_federated(s.new_organization()),
    "listFederationSettingConnectedOrgConfigRoleMappings": _federated(id=Scene.new_mapping),
    "createFederationSettingConnectedOrgConfigRoleMapping": _federated(mapping_body),
    "getFederationSettingConnectedOrgConfigRoleMapping": _federated(id=Scene.new_mapping),
    "updateFederationSettingConnectedOrgConfigRoleMapping": _federated(mapping_body, id=Scene.new_mapping),
    "deleteFederationSettingConnectedOrgConfigRoleMapping": _federated(id=Scene.new_mapping),
    "listFederationSettingIdentityProviders": _federated(identityProviderId=lambda s: s.saml_provider),
    "createFederationSettingIdentityProvider": _federated(provider_body),
    "getFederationSettingIdentityProvider": _federated(identityProviderId=lambda s: s.saml_provider),
    "updateFederationSettingIdentityProvider": _federated(
        {"ssoDebugEnabled": True, "status": "ACTIVE"}, identityProviderId=lambda s: s.saml_provider
    ),
    "deleteFederationSettingIdentityProvider": _federated(identityProviderId=Scene.new_provider),
    "revokeFederationSettingIdentityProviderJwks": _federated(identityProviderId=lambda s: s.provider),
    "getFederationSettingIdentityProviderMetadata": _federated(identityProviderId=lambda s: s.saml_provider),
}

"""A call that goes well for every operation of the Admin API, each with what it needs made just before."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import count
from typing import Any, Final

import requests

from orgward.cli.faces import declare_everything
from orgward.edge.endpoint import ENDPOINTS, Endpoint
from tests.wire.live import Client, Live
from tests.world import VERSION

TAGS: Final = [{"key": "env", "value": "e2e"}, {"key": "prod", "value": "false"}]

CLUSTERS: Final = "atlas.project.deployment.clusters"
_IDLE: Final = "idleSessionTimeoutInSeconds"
_CONTACTS: Final = {"operationsContact": "ops@wire.example", "securityContact": "security@wire.example"}
_HOURS: Final = {"secretExpiresAfterHours": 24}
_ACCOUNT: Final = {"name": "wire", "description": "a service account", **_HOURS}

declare_everything()
SERVED: Final = {found.operation.id: found for found in ENDPOINTS}
_NUMBERS: Final = count(1)
ADMIN_API: Final = {name: found for name, found in SERVED.items() if found.is_atlas}


@dataclass(frozen=True, slots=True)
class Request:
    """One request: the values in its path, its body, and who sends it."""

    values: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    client: Client | None = None


class Scene:
    """An organization whose owner has signed in, with two projects, members, keys and open invitations."""

    def __init__(self, live: Live) -> None:
        """Make it by commands and through the Admin API."""
        self.live = live
        founder = self.username()
        self.founder = live.person(founder)
        user = self.founder.done("GET", "/api/orgward/v1/me")["userId"]
        made = live.world.organization("Wire", owner=founder)
        self.org, self.owner, self.user = made.id, live.owner(made), user
        self.owner_key = made.key
        self.project = self.new_project(tags=TAGS, projectOwnerId=user)
        self.other_project = self.new_project(projectOwnerId=user)
        self.member = self.new_member()
        self.team = self.new_team()
        self.key = self.new_key()["id"]
        self.new_entry(self.key)
        self.invitation = self.new_invitation()
        self.project_invitation = self.new_project_invitation()

    def name(self, word: str) -> str:
        """Return a name that nothing else here has."""
        return f"{word}-{next(_NUMBERS)}"

    def username(self) -> str:
        """Return an address that nobody else here has."""
        return f"{self.name('person')}@wire.example"

    def new_project(self, *, projectOwnerId: str = "", **members: Any) -> str:  # noqa: N803 - as on the wire
        """Make a project and return its id."""
        query = f"?projectOwnerId={projectOwnerId}" if projectOwnerId else ""
        body = {"name": self.name("project"), "orgId": self.org, **members}
        return str(self.owner.done("POST", f"/groups{query}", body)["id"])

    def new_member(self, project: str = "") -> str:
        """Bring somebody who has signed in into the organization and a project, and return their id."""
        username = self.username()
        session = self.live.person(username)
        projects = {project or self.project: ["GROUP_READ_ONLY", "GROUP_DATA_ACCESS_ADMIN"]}
        self.live.world.user(username, orgs={self.org: ["ORG_READ_ONLY", "ORG_MEMBER"]}, projects=projects)
        return str(session.done("GET", "/api/orgward/v1/me")["userId"])

    def new_key(self, roles: tuple[str, ...] = ("ORG_READ_ONLY",)) -> Any:
        """Make an API key and return what the one answer shows."""
        return self.owner.done("POST", f"/orgs/{self.org}/apiKeys", {"desc": "wire", "roles": list(roles)})

    def new_account(self) -> str:
        """Make a service account of the organization and return its client id."""
        body = {**_ACCOUNT, "roles": ["ORG_READ_ONLY"]}
        return str(self.owner.done("POST", f"/orgs/{self.org}/serviceAccounts", body)["clientId"])

    def new_project_account(self) -> str:
        """Make a service account of the project and return its client id."""
        body = {**_ACCOUNT, "roles": ["GROUP_READ_ONLY"]}
        return str(self.owner.done("POST", f"/groups/{self.project}/serviceAccounts", body)["clientId"])

    def federation(self) -> str:
        """Return the federation of the organization, founded when it is first asked for."""
        found = self.owner("GET", f"/orgs/{self.org}/federationSettings")
        if found.status_code == 200:
            return str(found.json()["id"])
        return str(self.owner.done("POST", f"/api/orgward/v1/orgs/{self.org}/federation")["id"])

    def new_provider(self, **members: Any) -> str:
        """Make an identity provider, of OIDC if nothing else is said, and return its id."""
        body = {**_provider(self), **members}
        return str(self.owner.done("POST", f"/federationSettings/{self.federation()}/identityProviders", body)["id"])

    def new_saml_provider(self) -> str:
        """Make an identity provider of SAML and return its id."""
        body = {
            "displayName": "SAML",
            "issuerUri": f"urn:{self.name('idp')}",
            "protocol": "SAML",
            "ssoUrl": "https://idp",
        }
        path = f"/federationSettings/{self.federation()}/identityProviders"
        return str(self.owner.done("POST", path, body)["id"])

    @cached_property
    def provider(self) -> str:
        """Return the standing identity provider of OIDC: there may be only so many."""
        return self.new_provider()

    @cached_property
    def saml_provider(self) -> str:
        """Return the standing identity provider of SAML."""
        return self.new_saml_provider()

    def new_mapping(self) -> str:
        """Map a group to roles and return the mapping's id."""
        path = f"/federationSettings/{self.federation()}/connectedOrgConfigs/{self.org}/roleMappings"
        return str(self.owner.done("POST", path, _mapping(self))["id"])

    def new_federated(self, *others: str) -> Request:
        """Found a federation of a new organization in the founder's session, with `others` in it."""
        org = self.new_organization()
        federation = self.founder.done("POST", f"/api/orgward/v1/orgs/{org}/federation")["id"]
        for other in others:
            body = {"orgId": other}
            self.founder.done("POST", f"/api/orgward/v1/federationSettings/{federation}/connectedOrgConfigs", body)
        return Request({"federationSettingsId": federation, "orgId": org}, client=self.founder)

    @cached_property
    def allowing(self) -> Request:
        """Return a change of a standing federation apart: with allowed domains, no list of conflicts is null there."""
        return replace(self.new_federated(), body={"domainAllowList": ["wire.example"]})

    def new_entry(self, key: str, address: str = "192.0.2.7") -> str:
        """Put an address on the access list of a key and return it."""
        self.owner.done("POST", f"/orgs/{self.org}/apiKeys/{key}/accessList", [{"ipAddress": address}])
        return address

    def new_invitation(self) -> str:
        """Invite somebody to the organization and return the invitation's id."""
        body = {"username": self.username(), "roles": ["ORG_MEMBER"]}
        return str(self.owner.done("POST", f"/orgs/{self.org}/invites", body)["id"])

    def new_project_invitation(self, project: str = "") -> str:
        """Invite somebody to a project and return the invitation's id."""
        body = {"username": self.username(), "roles": ["GROUP_READ_ONLY"]}
        return str(self.owner.done("POST", f"/groups/{project or self.project}/invites", body)["id"])

    def new_team(self, *members: str) -> str:
        """Make a team of these people, or of the scene's member, and return its id."""
        path = f"/orgs/{self.org}"
        usernames = [_with_username(self, f"{path}/users/{member}") for member in members or (self.member,)]
        body = {"name": self.name("team"), "usernames": usernames}
        return str(self.owner.done("POST", f"{path}/teams", body)["id"])

    def seat(self, user: str, *, there: bool) -> str:
        """See that somebody is in the standing team, or is not, and return its id: there may be only so many teams."""
        verb = "addUser" if there else "removeUser"
        reply = self.owner("POST", f"/orgs/{self.org}/teams/{self.team}:{verb}", {"id": user})
        assert reply.status_code in {200, 404, 409}
        return self.team

    def assigned(self, *, there: bool) -> str:
        """See that the standing team is on the project, or is not, and return its id."""
        path, body = f"/groups/{self.project}/teams", [{"teamId": self.team, "roleNames": ["GROUP_READ_ONLY"]}]
        reply = self.owner("POST", path, body) if there else self.owner("DELETE", f"{path}/{self.team}")
        assert reply.status_code in {200, 204, 404, 409}
        return self.team

    def new_organization(self) -> str:
        """Found an organization in the founder's session and return its id."""
        made = self.founder.done("POST", "/orgs", {"name": self.name("org")})
        return str(made["organization"]["id"])

    def newest_event(self, place: str) -> str:
        """Return the id of what happened last in an organization or project."""
        return str(self.owner.done("GET", f"{place}/events?itemsPerPage=1")["results"][0]["id"])

    def send(self, operation: str, request: Request, *, query: str = "", **options: Any) -> requests.Response:
        """Send `request` to where `operation` is served."""
        endpoint = SERVED[operation]
        path = f"{path_of(endpoint, request.values)}{query}"
        options.setdefault("accept", newest(endpoint))
        return (request.client or self.owner)(endpoint.method, path, request.body, **options)


def newest(endpoint: Endpoint) -> str:
    """Return the media type of the newest version, which may be a preview; any will do where there are none."""
    return f"application/vnd.atlas.{endpoint.versions[-1].date}+json" if endpoint.versions else VERSION


def path_of(endpoint: Endpoint, values: Mapping[str, str]) -> str:
    """Return the path of `endpoint` with `values` in their places."""
    path = endpoint.path
    for name, value in values.items():
        path = path.replace(f"{{{name}}}", value)
    return path


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


def _with_username(scene: Scene, path: str) -> str:
    return str(scene.owner.done("GET", path)["username"])


def _amended_org(scene: Scene) -> dict[str, Any]:
    invitation = scene.new_invitation()
    return {"username": _with_username(scene, f"/orgs/{scene.org}/invites/{invitation}"), "roles": ["ORG_READ_ONLY"]}


def _amended_project(scene: Scene) -> dict[str, Any]:
    invitation = scene.new_project_invitation()
    path = f"/groups/{scene.project}/invites/{invitation}"
    return {"username": _with_username(scene, path), "roles": ["GROUP_OWNER"]}


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
    return Request({"userName": _with_username(scene, f"/orgs/{scene.org}/users/{scene.member}")})


def _rate_limit(scene: Scene) -> Request:
    return Request({"endpointSetId": scene.owner.done("GET", "/rateLimits")["results"][0]["endpointSetId"]})


def _team_by_name(scene: Scene) -> Request:
    name = scene.owner.done("GET", f"/orgs/{scene.org}/teams/{scene.team}")["name"]
    return Request({"orgId": scene.org, "teamName": name})


def _new_team_body(scene: Scene) -> dict[str, Any]:
    usernames = [_with_username(scene, f"/orgs/{scene.org}/users/{scene.member}")]
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


def _provider(scene: Scene) -> dict[str, Any]:
    issuer = f"https://{scene.name('idp')}.wire.example"
    oidc = {"protocol": "OIDC", "idpType": "WORKFORCE", "clientId": "wire", "audience": "wire", "userClaim": "sub"}
    return {"displayName": "Wire", "issuerUri": issuer, "groupsClaim": "groups", "authorizationType": "GROUP", **oidc}


def _mapping(scene: Scene) -> dict[str, Any]:
    given = [{"orgId": scene.org, "role": "ORG_MEMBER"}, {"groupId": scene.project, "role": "GROUP_READ_ONLY"}]
    return {"externalGroupName": scene.name("people"), "roleAssignments": given}


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
    "createOrgServiceAccount": _in_org({**_ACCOUNT, "roles": ["ORG_READ_ONLY"]}),
    "getOrgServiceAccount": _in_org(clientId=Scene.new_account),
    "getOrgServiceAccountGroups": _in_org(clientId=Scene.new_project_account),
    "updateOrgServiceAccount": _in_org({"description": "changed"}, clientId=Scene.new_account),
    "deleteOrgServiceAccount": _in_org(clientId=Scene.new_account),
    "createOrgServiceAccountSecret": _in_org(_HOURS, clientId=Scene.new_account),
    "deleteOrgServiceAccountSecret": _secret_in("orgId", Scene.new_account),
    "listOrgServiceAccountAccessList": _in_org(clientId=_listed_account),
    "createOrgServiceAccountAccessList": _in_org([{"cidrBlock": "192.0.2.0/24"}], clientId=Scene.new_account),
    "deleteOrgServiceAccountAccessListEntry": _in_org(clientId=_listed_account, ipAddress=lambda s: "192.0.2.7"),
    "listGroupServiceAccounts": _in_project(clientId=Scene.new_project_account),
    "createGroupServiceAccount": _in_project({**_ACCOUNT, "roles": ["GROUP_READ_ONLY"]}),
    "inviteGroupServiceAccount": _in_project({"roles": ["GROUP_READ_ONLY"]}, clientId=Scene.new_account),
    "getGroupServiceAccount": _in_project(clientId=Scene.new_project_account),
    "updateGroupServiceAccount": _in_project({"roles": ["GROUP_OWNER"]}, clientId=Scene.new_project_account),
    "deleteGroupServiceAccount": _in_project(clientId=Scene.new_project_account),
    "createGroupServiceAccountSecret": _in_project(_HOURS, clientId=Scene.new_project_account),
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
    "createFederationSettingConnectedOrgConfigRoleMapping": _federated(_mapping),
    "getFederationSettingConnectedOrgConfigRoleMapping": _federated(id=Scene.new_mapping),
    "updateFederationSettingConnectedOrgConfigRoleMapping": _federated(_mapping, id=Scene.new_mapping),
    "deleteFederationSettingConnectedOrgConfigRoleMapping": _federated(id=Scene.new_mapping),
    "listFederationSettingIdentityProviders": _federated(identityProviderId=lambda s: s.saml_provider),
    "createFederationSettingIdentityProvider": _federated(_provider),
    "getFederationSettingIdentityProvider": _federated(identityProviderId=lambda s: s.saml_provider),
    "updateFederationSettingIdentityProvider": _federated(
        {"ssoDebugEnabled": True, "status": "ACTIVE"}, identityProviderId=lambda s: s.saml_provider
    ),
    "deleteFederationSettingIdentityProvider": _federated(identityProviderId=Scene.new_provider),
    "revokeFederationSettingIdentityProviderJwks": _federated(identityProviderId=lambda s: s.provider),
    "getFederationSettingIdentityProviderMetadata": _federated(identityProviderId=lambda s: s.saml_provider),
}

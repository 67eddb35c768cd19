"""An organization in which every call of the Admin API can be made, and what makes more of each thing."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import count
from typing import Any, Final

import requests

from tests.wire.live import Client, Live
from tests.wire.served import SERVED, newest, path_of

TAGS: Final = [{"key": "env", "value": "e2e"}, {"key": "prod", "value": "false"}]
HOURS: Final = {"secretExpiresAfterHours": 24}
ACCOUNT: Final = {"name": "wire", "description": "a service account", **HOURS}

_NUMBERS: Final = count(1)


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
        body = {**ACCOUNT, "roles": ["ORG_READ_ONLY"]}
        return str(self.owner.done("POST", f"/orgs/{self.org}/serviceAccounts", body)["clientId"])

    def new_project_account(self) -> str:
        """Make a service account of the project and return its client id."""
        body = {**ACCOUNT, "roles": ["GROUP_READ_ONLY"]}
        return str(self.owner.done("POST", f"/groups/{self.project}/serviceAccounts", body)["clientId"])

    def federation(self) -> str:
        """Return the federation of the organization, founded when it is first asked for."""
        found = self.owner("GET", f"/orgs/{self.org}/federationSettings")
        if found.status_code == 200:
            return str(found.json()["id"])
        return str(self.owner.done("POST", f"/api/orgward/v1/orgs/{self.org}/federation")["id"])

    def new_provider(self, **members: Any) -> str:
        """Make an identity provider, of OIDC if nothing else is said, and return its id."""
        body = {**provider_body(self), **members}
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
        return str(self.owner.done("POST", path, mapping_body(self))["id"])

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
        usernames = [username_of(self, f"{path}/users/{member}") for member in members or (self.member,)]
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


def username_of(scene: Scene, path: str) -> str:
    """Return the username of whoever is at `path`."""
    return str(scene.owner.done("GET", path)["username"])


def provider_body(scene: Scene) -> dict[str, Any]:
    """Return what makes an identity provider of OIDC."""
    issuer = f"https://{scene.name('idp')}.wire.example"
    oidc = {"protocol": "OIDC", "idpType": "WORKFORCE", "clientId": "wire", "audience": "wire", "userClaim": "sub"}
    return {"displayName": "Wire", "issuerUri": issuer, "groupsClaim": "groups", "authorizationType": "GROUP", **oidc}


def mapping_body(scene: Scene) -> dict[str, Any]:
    """Return what maps a group to roles."""
    given = [{"orgId": scene.org, "role": "ORG_MEMBER"}, {"groupId": scene.project, "role": "GROUP_READ_ONLY"}]
    return {"externalGroupName": scene.name("people"), "roleAssignments": given}

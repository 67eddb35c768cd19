"""A call that goes well for every operation of the Admin API, each with what it needs made just before."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final

import requests

from orgward.cli.faces import declare_everything
from orgward.edge.endpoint import ENDPOINTS, Endpoint
from tests.wire.live import Client, Live

TAGS: Final = [{"key": "env", "value": "e2e"}, {"key": "prod", "value": "false"}]

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

    def new_organization(self) -> str:
        """Found an organization in the founder's session and return its id."""
        made = self.founder.done("POST", "/orgs", {"name": self.name("org")})
        return str(made["organization"]["id"])

    def send(self, operation: str, request: Request, *, query: str = "", **options: Any) -> requests.Response:
        """Send `request` to where `operation` is served."""
        endpoint = SERVED[operation]
        path = f"{path_of(endpoint, request.values)}{query}"
        return (request.client or self.owner)(endpoint.method, path, request.body, **options)


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


def _new_key(scene: Scene) -> str:
    return str(scene.new_key()["id"])


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
}

"""An organization that generated calls aim at, with something of every kind in it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from orgward.catalog import EDITIONS
from orgward.catalog.project_limits import DEFAULT_LIMITS_BY_TITLE, PROJECT_LIMITS
from orgward.edge.rate_limits import SETS
from orgward.kernel.client_ids import CLIENT_ID_PREFIX
from tests.wire.live import Client

OWN = "/api/orgward/v1"
LIMITS = [*PROJECT_LIMITS, *DEFAULT_LIMITS_BY_TITLE]
RATE_LIMITS = [found.id for found in SETS]
HELD = (
    "projects", "members", "invitations", "api_keys", "teams", "service_accounts", "service_account_secrets",
    "role_mappings", "workload_identities",
)  # fmt: skip
ADDRESSES = ("192.0.2.7", "198.51.100.0/24", "2001:db8::1", "127.0.0.1")
NOWHERE = "https://192.0.2.9"
"""Where no provider is, and nobody has to ask the DNS to know (RFC 5737)."""
DAY = {"secretExpiresAfterHours": 24}


@dataclass(slots=True)
class Place:
    """An organization, its first owner's key, and the ids in it."""

    org: str
    edition: str
    owner: Client
    ids: dict[str, list[str]] = field(default_factory=dict)
    on_first: dict[str, list[str]] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)
    usernames: list[str] = field(default_factory=list)
    teams: list[str] = field(default_factory=list)

    def paths(self, project: str) -> tuple[str, str]:
        """Return the paths of the organization and of one of its projects."""
        return f"/orgs/{self.org}", f"/groups/{project}"

    def pick(self, name: str, rng: Random) -> str | None:
        """Return a value for the path parameter or member `name` that is there, None if it has no such meaning."""
        there = {
            "orgId": [self.org], "groupName": self.names, "teamName": self.teams,
            "teamIds": self.ids.get("teamId", []), "userName": self.usernames, "limitName": LIMITS,
            "endpointSetId": RATE_LIMITS, "organizationId": [self.org], "projectId": self.ids.get("groupId", []),
            "destinationOrgId": [self.org], "resourceType": ["User", "Group"], **self.ids,
        }  # fmt: skip
        match name:
            case "role" if rng.random() < 0.6:
                return rng.choice(("ORG_MEMBER", "GROUP_READ_ONLY"))  # what nearly everybody has
            case "roleName" if rng.random() < 0.4:
                return "no such role"
            case "role" | "roleName":
                return rng.choice(sorted(EDITIONS[self.edition].roles))
            case "ipAddress":
                return rng.choice([found for found in ADDRESSES if "/" not in found])
            case "cidrBlock":
                return rng.choice(ADDRESSES)
            case _:
                return one(there.get(name, []), rng)

    def roles(self, scope: str, rng: Random) -> str:
        """Return a role of organizations or of projects."""
        roles = EDITIONS[self.edition].roles
        return rng.choice(sorted(name for name, role in roles.items() if role.scope == scope))

    # -- what is in it

    def add_project(self, number: int) -> None:
        """Make a project."""
        self.owner.done("POST", "/groups", {"name": f"project {number}", "orgId": self.org})

    def add_guest(self, number: int) -> None:
        """Invite somebody, every other time to a project, too."""
        roles: dict[str, Any] = {"orgRoles": ["ORG_MEMBER"]}
        if number % 2:
            roles["groupRoleAssignments"] = [{"groupId": self.ids["groupId"][0], "groupRoles": ["GROUP_READ_ONLY"]}]
        body = {"username": f"guest{number}@example.org", "roles": roles}
        self.owner.done("POST", f"/orgs/{self.org}/users", body)

    def add_key(self, number: int) -> None:
        """Make a key that is on a project and on an access list."""
        path = f"/orgs/{self.org}/apiKeys"
        key = self.owner.done("POST", path, {"desc": f"key {number}", "roles": ["ORG_MEMBER"]})["id"]
        self.owner.done("POST", f"/groups/{self.ids['groupId'][0]}/apiKeys/{key}", [{"roles": ["GROUP_READ_ONLY"]}])
        self.owner.done("POST", f"{path}/{key}/accessList", [{"ipAddress": ADDRESSES[0]}])

    def add_team(self, number: int) -> None:
        """Make a team that is on a project."""
        body = {"name": f"team {number}", "usernames": self.usernames[:2]}
        made = self.owner.done("POST", f"/orgs/{self.org}/teams", body)
        given = [{"teamId": made["id"], "roleNames": ["GROUP_READ_ONLY"]}]
        self.owner.done("POST", f"/groups/{self.ids['groupId'][0]}/teams", given)

    def add_account(self, number: int) -> None:
        """Make a service account that is on a project and on an access list, and that a workload may be."""
        path = f"/orgs/{self.org}/serviceAccounts"
        body = {"name": f"account {number}", "description": "deploys", "roles": ["ORG_MEMBER"], **DAY}
        account = self.owner.done("POST", path, body)["clientId"]
        invite = f"/groups/{self.ids['groupId'][0]}/serviceAccounts/{account}:invite"
        self.owner.done("POST", invite, {"roles": ["GROUP_READ_ONLY"]})
        self.owner.done("POST", f"{path}/{account}/accessList", [{"ipAddress": ADDRESSES[0]}])
        workload = {"identityProviderId": self.ids["workloadProvider"][0], "subject": f"workload {number}"}
        self.owner.done("POST", f"{OWN}{path}/{account}/workloadIdentities", workload)

    # -- its federation

    def found_federation(self, number: int) -> None:
        """Found a federation with a provider for people, which the organization uses, and one for workloads."""
        federation = self.owner.done("POST", f"{OWN}/orgs/{self.org}/federation")["id"]
        path = f"/federationSettings/{federation}"
        people = {"issuerUri": f"{NOWHERE}/people/{number}", "clientId": "orgward", "groupsClaim": "groups"}
        workloads = {
            "issuerUri": f"{NOWHERE}/workloads/{number}", "audience": "orgward", "idpType": "WORKLOAD",
            "authorizationType": "USER", "userClaim": "sub",
        }  # fmt: skip
        made = [
            self.owner.done("POST", f"{path}/identityProviders", {"displayName": "Login", **more})["id"]
            for more in (people, workloads)
        ]
        uses = {"identityProviderId": made[0]}
        self.owner.done("PATCH", f"{path}/connectedOrgConfigs/{self.org}", uses)
        self.owner.done("POST", f"{OWN}{path}/domains", {"domain": f"company{number}.example.org"})

    def add_mapping(self, number: int) -> None:
        """Map a group of the provider to a role."""
        given = [{"orgId": self.org, "role": "ORG_MEMBER"}]
        path = f"/federationSettings/{self.ids['federationSettingsId'][0]}/connectedOrgConfigs/{self.org}"
        body = {"externalGroupName": f"engineers {number}", "roleAssignments": given}
        self.owner.done("POST", f"{path}/roleMappings", body)

    # -- what of it is there

    def fill(self, view: Any, caller: str) -> None:
        """Take in what is there now; `caller` is nobody to be aimed at."""
        found = {table: view.find(table, org_id=self.org) for table in HELD}
        self.names = [row["name"] for row in found["projects"]]
        users = [row["user_id"] for row in found["members"] if row["user_id"] != caller]
        people = (view.get("person_data", user) for user in users)
        self.usernames = [person["username"] for person in people if person]
        self.ids = {
            "groupId": [row["id"] for row in found["projects"]],
            "userId": users,
            "invitationId": [row["id"] for row in found["invitations"] if row["state"] == "pending"],
            "apiUserId": [row["id"] for row in found["api_keys"] if row["description"] != "bootstrap"],
            "teamId": [row["id"] for row in found["teams"]],
            "clientId": [f"{CLIENT_ID_PREFIX}{row['id']}" for row in found["service_accounts"]],
            "secretId": [row["id"] for row in found["service_account_secrets"]],
            "id": [row["id"] for row in found["role_mappings"]],
            "workloadIdentityId": [row["id"] for row in found["workload_identities"]],
            **self._federation(view),
        }
        self.teams = [row["name"] for row in found["teams"]]
        first = self.ids["groupId"][0] if self.ids["groupId"] else ""
        self.on_first = self._on(view, first) if first else {}
        if first:
            events = (self.owner.done("GET", f"{path}/events?itemsPerPage=9") for path in self.paths(first))
            self.ids["eventId"], self.on_first["eventId"] = ([e["id"] for e in page["results"]] for page in events)

    def _federation(self, view: Any) -> dict[str, list[str]]:
        connected = view.get("connected_organizations", self.org)
        if connected is None:
            return {"federationSettingsId": [], "identityProviderId": [], "workloadProvider": [], "domain": []}
        federation = connected["federation_id"]
        providers = view.find("identity_providers", federation_id=federation)
        return {
            "federationSettingsId": [federation],
            "identityProviderId": [row["id"] for row in providers],
            "workloadProvider": [row["id"] for row in providers if row["kind"] == "WORKLOAD"],
            "domain": [row["domain"] for row in view.find("federation_domains", federation_id=federation)],
        }

    def _on(self, view: Any, project: str) -> dict[str, list[str]]:
        people = view.find("project_members", project_id=project)
        assigned = {row["holder_id"] for row in view.find("assignments", scope_id=project)}
        return {
            "groupId": [project],
            "userId": [row["user_id"] for row in people if row["state"] == "active"],
            "invitationId": [row["invitation_id"] for row in people if row["state"] == "pending"],
            "apiUserId": [key for key in self.ids["apiUserId"] if key in assigned],
            "teamId": [team for team in self.ids["teamId"] if team in assigned],
            "clientId": [id for id in self.ids["clientId"] if id.removeprefix(CLIENT_ID_PREFIX) in assigned],
            "joinRequestId": [row["id"] for row in view.find("join_requests", project_id=project, state="open")],
        }


def one(values: Sequence[str], rng: Random) -> str | None:
    """Return one of these by chance, None if there is none."""
    return rng.choice(values) if values else None

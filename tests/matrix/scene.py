"""One organization with a project and one of every kind of object, and whoever holds each role in each way."""

from dataclasses import dataclass, field
from itertools import count

from orgward.catalog import Limits
from tests.matrix.cases import ACCOUNT, CASES, ENDPOINT, KEY_ROLES, OTHER, READ, WRONG_BODY, WRONG_QUERY, path_of
from tests.matrix.expectation import MEMBER, WAYS, is_project_role, roles_held
from tests.world import Caller, World

ROOMY = Limits(
    users_per_organization=100_000, users_per_project=100_000, projects_per_organization=10_000,
    projects_per_user=10_000, invitations_by_sender_an_hour=1_000_000,
    organizations_per_user=10_000, api_keys_per_organization=100_000,
    service_accounts_per_organization=100_000, organizations_per_federation=100_000,
    identity_providers_per_federation=100_000, domains_per_federation=100_000, role_mappings_per_organization=100_000,
    teams_per_organization=100_000, teams_per_project=100_000, teams_per_user=100_000,
)  # fmt: skip
PAST = {"endsAt": "2027-01-01T00:00:00Z"}
ELSEWHERE = "203.0.113.7"
"""An address from which no test calls."""

OWN = "/api/orgward/v1"
KINDS = (
    "member", "org_invitation", "group_invitation", "join_request", "key", "address", "project_key", "key_role",
    "org_event", "group_event", "limit_name", "team", "team_name", "team_user",
    "project_team", "destination", "account", "workload", "account_secret", "project_account", "project_account_secret",
    "federation", "federation_shared", "provider", "saml_provider", "workload_provider", "mapping", "domain",
    "unconnected",
    "nothing", "scim_type", "scim_schema",
)  # fmt: skip
"""What a call may name in its path.

`address` is on the list of `key` and of the accounts, and `team_user` is in every team. The secret of an account, and
the program that acts as it, are those of the one that was made last: a call names the account first.
"""

NUMBERS, ADDRESSES = count(1), count(1)
"""Names are unique over all scenes of a world."""


@dataclass(slots=True)
class Scene:
    """An organization of one edition, and its owner's session."""

    world: World
    edition: str
    org: str = ""
    project: str = ""
    project_name: str = ""
    listed: str = field(default_factory=lambda: f"198.51.100.{next(ADDRESSES)}")
    owner: Caller = field(init=False)
    owner_key: Caller = field(init=False)
    standing: dict[str, str] = field(default_factory=dict)
    invitees: dict[str, str] = field(default_factory=dict)
    destination_keys: dict[str, Caller] = field(default_factory=dict)
    calling: Caller | None = None
    team_user: str = ""
    team_address: str = ""
    newest_secret: str = ""
    newest_account: str = ""
    callers: dict[tuple[str, str], Caller] = field(default_factory=dict)

    @classmethod
    def make(cls, world, edition):
        """Make the organization and one object of each kind."""
        scene = cls(world, edition)
        made = world.organization(scene.new_name(), edition=edition, owner=scene.new_address())
        scene.org, scene.owner, scene.owner_key = made.id, world.session(made.owner), made.key
        scene.project_name = scene.new_name()
        scene.project = scene.new_project(scene.project_name)
        scene.furnish()
        return scene

    def with_another_project(self):
        """Give the same organization with another project, and objects of which those of a project are in that one."""
        found = Scene(self.world, self.edition, self.org)
        found.owner, found.owner_key = self.owner, self.owner_key
        found.project = found.new_project(found.new_name())
        found.furnish()
        return found

    def furnish(self):
        """Make one object of each kind."""
        self.team_address = self.new_address()
        self.team_user = self.world.user(self.team_address, orgs={self.org: [MEMBER]}).id
        for kind in KINDS:
            self.standing[kind] = self.new(kind)

    @property
    def key_role(self):
        """Give the project role that keys are made with."""
        return KEY_ROLES[self.edition]

    # -- names

    def new_name(self):
        """Give a name that nothing has yet."""
        return f"Thing {next(NUMBERS)}"

    def new_address(self):
        """Give an address that nobody has yet."""
        return f"person{next(NUMBERS)}@example.org"

    # -- objects, made by the owner

    def make_with(self, method, path, body=None, caller=None):
        """Send what has to succeed and give the answer."""
        reply = (caller or self.owner)(method, path, body)
        assert reply.status < 300, (method, path, body, reply.status, reply.body)
        return reply.json

    def new_project(self, name):
        """Make a project."""
        return self.make_with("POST", "/groups", {"name": name, "orgId": self.org})["id"]

    def new(self, kind):
        """Make one more object of a kind and give its id."""
        return getattr(self, f"_new_{kind}")()

    def _new_member(self):
        roles = {"orgs": {self.org: [MEMBER, "ORG_READ_ONLY"]}, "projects": {self.project: [READ, OTHER]}}
        return self.world.user(self.new_address(), **roles).id

    def _new_org_invitation(self):
        address = self.new_address()
        made = self.make_with("POST", f"/orgs/{self.org}/invites", {"username": address, "roles": [MEMBER]})
        self.invitees[made["id"]] = address
        return made["id"]

    def _new_group_invitation(self):
        address = self.new_address()
        made = self.make_with("POST", f"/groups/{self.project}/invites", {"username": address, "roles": [READ]})
        self.invitees[made["id"]] = address
        return made["id"]

    def _new_join_request(self):
        asker = self.world.user(self.new_address())
        self.make_with("POST", f"{OWN}/groups/{self.project}/joinRequests", {}, asker)
        return asker.get(f"{OWN}/me/joinRequests").json["results"][0]["id"]

    def _new_org_event(self):
        return self._event(f"/orgs/{self.org}", "JOINED_ORG")

    def _new_group_event(self):
        return self._event(f"/groups/{self.project}", "GROUP_NAME_CHANGED,JOINED_GROUP")

    def _event(self, place, types):
        return self.make_with("GET", f"{place}/events?eventType={types}&itemsPerPage=1")["results"][0]["id"]

    def _new_team(self):
        return self._team_named(self.new_name())["id"]

    def _new_team_name(self):
        return self._team_named(self.new_name())["name"]

    def _team_named(self, name):
        return self.make_with("POST", f"/orgs/{self.org}/teams", {"name": name, "usernames": [self.team_address]})

    def _new_team_user(self):
        return self.team_user

    def _new_project_team(self):
        return self._assigned(self._new_team(), READ)

    def _assigned(self, team, *roles):
        self.make_with("POST", f"/groups/{self.project}/teams", [{"teamId": team, "roleNames": roles}])
        return team

    def _new_key(self):
        made = self.make_with("POST", f"/orgs/{self.org}/apiKeys", {"desc": "one", "roles": [MEMBER]})
        self._restrict(made["id"], self.listed)
        return made["id"]

    def _restrict(self, key, address):
        path = f"/orgs/{self.org}/apiKeys/{key}/accessList"
        self.make_with("POST", path, [{"ipAddress": address}])

    def _new_project_key(self):
        return self.make_with(
            "POST", f"/groups/{self.project}/apiKeys", {"desc": "one", "roles": [READ, self.key_role]}
        )["id"]

    def _new_account(self):
        return self._account(f"/orgs/{self.org}/serviceAccounts", MEMBER)

    def _new_project_account(self):
        return self._account(f"/groups/{self.project}/serviceAccounts", READ, self.key_role)

    def _account(self, path, *roles):
        made = self.make_with("POST", path, {**ACCOUNT, "roles": roles})
        self.newest_secret, self.newest_account = made["secrets"][0]["id"], made["clientId"]
        self.make_with("POST", f"{path}/{made['clientId']}/accessList", [{"ipAddress": self.listed}])
        return made["clientId"]

    def _new_account_secret(self):
        return self.newest_secret

    def _new_project_account_secret(self):
        return self.newest_secret

    # -- federation

    def _new_federation(self):
        """Give the federation of the organization, which has one at most."""
        row = self.world.store.view.get("connected_organizations", self.org)
        made = row or self.make_with("POST", f"{OWN}/orgs/{self.org}/federation")
        return made["id" if row is None else "federation_id"]

    def _new_federation_shared(self):
        """Give the same, and where it is to be changed with another organization in it."""
        federation = self._new_federation()
        if "federation_shared" in self.standing:
            path = f"{OWN}/federationSettings/{federation}/connectedOrgConfigs"
            self.make_with("POST", path, {"orgId": self._organization_of(self.owner)})
        return federation

    def _new_unconnected(self):
        """Make an organization of whoever calls, else of the owner, that is in no federation."""
        return self._organization_of(self.calling if self.calling is not None and self.calling.token else self.owner)

    def _organization_of(self, caller):
        return self._new_destination(self.world.store.view.get("person_data", caller.id)["username"])

    def _new_nothing(self):
        """See that the organization is in no federation where it is to found one."""
        if "nothing" in self.standing:
            self.make_with("DELETE", self._federation)
        return ""

    @property
    def _federation(self):
        return f"/federationSettings/{self._new_federation()}"

    def described(self, **members):
        """Give a body that makes an identity provider."""
        issuer = f"https://{next(NUMBERS)}.idp.example.org"
        return {"displayName": "Login", "issuerUri": issuer, "clientId": "orgward", "audience": "orgward", **members}

    def _new_provider(self):
        return self._provider()

    def _new_saml_provider(self):
        body = {"displayName": "Login", "issuerUri": f"urn:idp:{next(NUMBERS)}", "protocol": "SAML"}
        return self.make_with("POST", f"{self._federation}/identityProviders", body)["id"]

    def _provider(self, **members):
        return self.make_with("POST", f"{self._federation}/identityProviders", self.described(**members))["id"]

    def _new_workload_provider(self):
        return self._provider(idpType="WORKLOAD", clientId=None)

    def _new_workload(self):
        """Let a program act as the service account that was made last."""
        path = f"{OWN}/orgs/{self.org}/serviceAccounts/{self.newest_account}/workloadIdentities"
        body = {"identityProviderId": self._new_workload_provider(), "subject": self.new_name()}
        return self.make_with("POST", path, body)["id"]

    def _new_mapping(self):
        given = [{"orgId": self.org, "role": MEMBER}]
        body = {"externalGroupName": self.new_name(), "roleAssignments": given}
        return self.make_with("POST", f"{self._federation}/connectedOrgConfigs/{self.org}/roleMappings", body)["id"]

    def new_domain_name(self):
        """Give a domain that nobody has yet, whose proof the DNS holds as soon as it is claimed."""
        rows = self.world.store.view.find
        self.world.door.txt_records = lambda domain: [
            f"orgward-domain-verification={row['proof']}" for row in rows("federation_domains", domain=domain)
        ]
        return f"d{next(NUMBERS)}.example.org"

    def _new_domain(self):
        body = {"domain": self.new_domain_name()}
        return self.make_with("POST", f"{OWN}{self._federation}/domains", body)["domain"]

    def _new_scim_type(self):
        return "User"

    def _new_scim_schema(self):
        return "urn:ietf:params:scim:schemas:core:2.0:Group"

    def _new_key_role(self):
        return self.key_role

    def _new_address(self):
        return self.listed

    def _new_limit_name(self):
        return "atlas.project.deployment.clusters"

    def _new_destination(self, owner=""):
        made = self.world.organization(self.new_name(), edition=self.edition, owner=owner or self.new_address())
        self.destination_keys[made.id] = made.key
        return made.id

    def move(self):
        """Give a body that moves the project to where whoever calls may move it."""
        where = self.standing["destination"]
        if self.calling is not None and self.calling.id and self.calling.token:
            where = self._new_destination(self.world.store.view.get("person_data", self.calling.id)["username"])
        key = self.destination_keys[where]
        return {
            "destinationOrgId": where,
            "destinationOrgPublicApiKey": key.public_key,
            "destinationOrgPrivateApiKey": key.private_key,
        }

    def address_of(self, user):
        """Give the address of somebody, or one that nobody has for an id that is nobody's."""
        row = self.world.store.view.get("person_data", user)
        return self.new_address() if row is None else row["username"]

    def invitee_of(self, values):
        """Give the address that the invitation among the values is for."""
        return self.invitees[values[""]]

    # -- calls

    def values(self, operation, *, fresh):
        """Give what the path of the operation names, made anew where it is to be changed."""
        kinds = CASES[operation].names
        named = {
            name: self.new(kind) if fresh and kind in self.standing else self.standing.get(kind, kind)
            for name, kind in kinds.items()
        }
        return {"orgId": self.org, "groupId": self.project, **named}

    def real_call(self, operation, *, by=None):
        """Give method, path and body of a call that works, for whoever makes it."""
        self.calling = by
        values = self.values(operation, fresh=ENDPOINT[operation].operation.writes)
        return self.call_with(operation, values)

    def call_with(self, operation, values):
        """Give method, path and body of a call of the operation on what the values name."""
        make_body = CASES[operation].body
        body = make_body(self, values) if make_body else None
        return ENDPOINT[operation].method, path_of(operation, values), body

    def harmless_call(self, operation):
        """Give method, path and body of a call that reads, or is refused as malformed once it is authorized."""
        endpoint, case = ENDPOINT[operation], CASES[operation]
        path = path_of(operation, self.values(operation, fresh=False))
        if not endpoint.operation.writes:
            return endpoint.method, path, None
        if case.body is None:
            return endpoint.method, f"{path}?{WRONG_QUERY}", None
        named = endpoint.body_names_resource
        return endpoint.method, path, {**WRONG_BODY, **({named: self.org} if named else {})}

    # -- people and keys

    def populate(self):
        """Make whoever holds each role in each way."""
        for way in WAYS:
            for role in roles_held(self.edition, way):
                self.callers[role, way] = getattr(self, f"_{way}")(role)

    def _held(self, role):
        if is_project_role(self.edition, role):
            return {"orgs": {self.org: [MEMBER]}, "projects": {self.project: [role]}}
        return {"orgs": {self.org: [role]}}

    def _direct(self, role):
        return self.world.user(self.new_address(), **self._held(role))

    def _team(self, role):
        address = self.new_address()
        caller = self.world.user(address, orgs={self.org: [MEMBER]})
        body = {"name": self.new_name(), "usernames": [address]}
        self._assigned(self.make_with("POST", f"/orgs/{self.org}/teams", body)["id"], role)
        return caller

    def _pending(self, role):
        if is_project_role(self.edition, role):
            path, body = f"/groups/{self.project}/users", {"roles": [role]}
        else:
            path, body = f"/orgs/{self.org}/users", {"roles": {"orgRoles": [role]}}
        made = self.make_with("POST", path, {"username": self.new_address(), **body})
        assert made["orgMembershipStatus"] == "PENDING"
        return self.world.session(made["id"])

    def _suspended(self, role):
        caller = self._direct(role)
        self.make_with("POST", f"{OWN}/orgs/{self.org}/users/{caller.id}:suspend")
        return caller

    def _ended(self, role):
        caller = self._direct(role)
        places = [("orgs", self.org, MEMBER), ("groups", self.project, role)]
        if not is_project_role(self.edition, role):
            places = [("orgs", self.org, role)]
        for place, scope, name in places:
            self.make_with("PUT", f"{OWN}/{place}/{scope}/users/{caller.id}/roles/{name}", PAST)
        return caller

    def _key(self, role):
        place, scope = ("groups", self.project) if is_project_role(self.edition, role) else ("orgs", self.org)
        made = self.make_with("POST", f"/{place}/{scope}/apiKeys", {"desc": role, "roles": [role]})
        return Caller(self.world, made["publicKey"], made["privateKey"], id=made["id"])

    def _key_elsewhere(self, role):
        caller = self._key(role)
        self._restrict(caller.id, ELSEWHERE)
        return caller

    def caller(self, role, way):
        """Make one more who holds the role."""
        return getattr(self, f"_{way}")(role)

    def sibling(self, *, with_project):
        """Make another organization of the edition; without a project it can be deleted."""
        found = Scene.make(self.world, self.edition)
        if not with_project:
            found.make_with("DELETE", f"/groups/{found.project}")
        return found

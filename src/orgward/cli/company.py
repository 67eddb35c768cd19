"""The company of `demo`: three organizations that have lived for forty days, made by operations alone."""

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from itertools import cycle
from typing import Any, Final

import msgspec

from orgward.app.execute import Call, Door
from orgward.app.operator import (
    BOOTSTRAP,
    ENROL_USER,
    VOUCH_FOR_DOMAIN,
    NewOrganization,
    NewUser,
    ProvenDomain,
)
from orgward.cli.faces import declare_everything
from orgward.cli.opening import clock, operator
from orgward.edge.endpoint import ENDPOINTS
from orgward.edge.paging import LazyQuery
from orgward.kernel.instants import rfc3339
from orgward.kernel.principal import Principal
from orgward.store.opening import Store

PASSWORD: Final = "correct-horse-42"  # noqa: S105 - printed for everybody, of a company that does not exist

_DAY: Final = 86_400_000
_AGE: Final = 40 * _DAY


@dataclass(frozen=True, slots=True)
class Plan:
    """One organization as it is to be: `people` counts those who are members from the start, owner included."""

    name: str
    edition: str
    owner: str
    projects: tuple[str, ...]
    people: int
    roles: tuple[str, ...]
    teams: tuple[tuple[str, str], ...]
    """Names of teams, each with the role that it has on two projects."""


_PLANS: Final = (
    Plan(
        "Northwind Shipping", "atlas", "ada.okafor@northwind.example",
        ("tracking", "billing", "warehouse", "customs", "analytics"), 32,
        ("GROUP_READ_ONLY", "GROUP_DATA_ACCESS_READ_WRITE", "GROUP_CLUSTER_MANAGER", "GROUP_BACKUP_MANAGER",
         "GROUP_ACCESS_MANAGER", "GROUP_OWNER"),
        (("Platform", "GROUP_OWNER"), ("Data", "GROUP_DATA_ACCESS_READ_WRITE"), ("Support", "GROUP_READ_ONLY")),
    ),
    Plan(
        "Heron Labs", "atlas", "bruno.silva@heron.example", ("sensors", "models", "website", "archive"), 14,
        ("GROUP_READ_ONLY", "GROUP_DATA_ACCESS_ADMIN", "GROUP_SEARCH_INDEX_EDITOR", "GROUP_OWNER"),
        (("Research", "GROUP_DATA_ACCESS_ADMIN"), ("Web", "GROUP_CLUSTER_MANAGER")),
    ),
    Plan(
        "Old Mill Bank", "cloud_manager", "clara.weiss@oldmill.example", ("ledger", "cards", "branches"), 10,
        ("GROUP_READ_ONLY", "GROUP_MONITORING_ADMIN", "GROUP_USER_ADMIN", "GROUP_OWNER"),
        (("Operations", "GROUP_MONITORING_ADMIN"),),
    ),
)  # fmt: skip

_FIRST: Final = (
    "amara anton aiko bela bianca carlos chidi dana diego elif emil farah finn greta hana hugo ines ivan jana jonas"
    " kofi lara leon lin maya milan nadia nils olga omar paula pavel quinn rana remy rosa samir selma tara theo uma"
    " viktor wanda xenia yara yusuf zoe anouk bashir cleo dario esra felix gita henrik iris jamal"
)
_LAST: Final = "adeyemi berg costa demir eriksen fischer garcia haddad ito jansen kovac"


_GROUPS: Final = (
    ("shipping-developers", "ORG_MEMBER", "GROUP_DATA_ACCESS_READ_WRITE"),
    ("auditors", "ORG_READ_ONLY", "GROUP_CLUSTER_LOG_VIEWER"),
)
"""Groups of the identity provider, each with its role in the organization and on the first project."""


@dataclass(frozen=True, slots=True)
class Filled:
    """What is worth trying in the filled store."""

    owner: str
    public_key: str
    private_key: str
    client_id: str
    client_secret: str
    organization: str
    project: str
    reader: str
    lapsed: str


@dataclass(slots=True)
class ShiftedClock:
    """The time as it was some days ago, moved on step by step."""

    behind: int = _AGE

    def __call__(self) -> int:
        """Return the time."""
        return clock() - self.behind


@dataclass(slots=True)
class _Made:
    plan: Plan
    id: str
    owner: Principal
    keys: tuple[str, str]
    projects: list[str]
    people: list[tuple[str, str]]
    teams: list[str]


def fill(url: str) -> Filled:
    """Fill the empty store at `url` with the company and return what is worth trying."""
    declare_everything()
    moving = ShiftedClock()
    store = Store.open(url, clock=moving)
    try:
        filling = _Filling(Door(store), moving, cycle(_FIRST.split()), cycle(_LAST.split()))
        made = [filling.found(plan) for plan in _PLANS]
        filling.federate(made[0])
        filling.invite(made, days_ago=35, fates=("expired", "declined"))
        filling.invite(made, days_ago=3, fates=("pending", "pending"))
        return filling.finish(made[0])
    finally:
        store.close()


@dataclass(slots=True)
class _Filling:
    """Runs operations as whoever is to have run them, at the time of the clock."""

    door: Door
    moving: ShiftedClock
    first: Any
    last: Any

    def submit(self, operation: str, by: Principal, body: Any = None, **values: str) -> "Future[Any]":
        """Submit a write as its endpoint would."""
        endpoint = next(e for e in ENDPOINTS if e.operation.id == operation)
        version = endpoint.versions[-1].date if endpoint.versions else ""
        call = Call(endpoint.operation, by, values, None, LazyQuery(endpoint, ()), version, "http://localhost")
        if body is not None:
            call.body = endpoint.decode(msgspec.json.encode(body), endpoint.bodies[version])
        if endpoint.prepare is not None:
            call.prepared = endpoint.prepare(self.door, call)
        return self.door.write(call)

    def run(self, operation: str, by: Principal, body: Any = None, **values: str) -> Any:
        """Run a write and return its result."""
        return self.submit(operation, by, body, **values).result().result

    def found(self, plan: Plan) -> _Made:
        """Make an organization with its projects, people and keys."""
        body = NewOrganization(name=plan.name, owner=plan.owner, edition=plan.edition)
        shown = self.door.write(Call(BOOTSTRAP, operator(), body=body)).result().result
        org, owner = shown["organizationId"], Principal("user", shown["userId"])
        if plan is not _PLANS[1]:
            chosen = {"token": shown["setupToken"], "password": PASSWORD, **_names_in(plan.owner)}
            self.run("setUpAccount", owner, chosen)
        created = [self.submit("createGroup", owner, {"name": p, "orgId": org}, orgId=org) for p in plan.projects]
        projects = [future.result().result["id"] for future in created]
        made = _Made(plan, org, owner, (shown["publicKey"], shown["privateKey"]), projects, [], [])
        self._people(made)
        self._teams(made)
        self._keys(made)
        return made

    def address(self, made: _Made) -> str:
        """Return the next address of the organization."""
        return f"{next(self.first)}.{next(self.last)}@{made.plan.owner.split('@')[1]}"

    def _people(self, made: _Made) -> None:
        """Make the members: every seventh one reads everything, the others have a role in one or two projects."""
        submitted: list[Future[Any]] = []
        count, roles = len(made.projects), made.plan.roles
        for number in range(made.plan.people - 1):
            turn = number // count
            places = {made.projects[(number + turn + 1) % count]: ["GROUP_READ_ONLY"]}
            places[made.projects[number % count]] = [roles[turn % len(roles)]]
            org_role = "ORG_READ_ONLY" if number % 7 == 6 else "ORG_MEMBER"
            body = NewUser(username=self.address(made), organizations={made.id: [org_role]}, projects=places)
            submitted.append(self.door.write(Call(ENROL_USER, operator(), body=body)))
        made.people = [(r["userId"], r["username"]) for r in (future.result().result for future in submitted)]
        named = [self.submit("updateMe", Principal("user", user), _names_in(address)) for user, address in made.people]
        for future in named:
            future.result()

    def _teams(self, made: _Made) -> None:
        """Share every second member among the teams, and put each team on two projects."""
        plans = made.plan.teams
        for number, (name, role) in enumerate(plans):
            usernames = [username for _, username in made.people[2 * number :: 2 * len(plans)]]
            team = self.run("createOrgTeam", made.owner, {"name": name, "usernames": usernames}, orgId=made.id)["id"]
            for project in made.projects[number : number + 2]:
                self.run("addGroupTeams", made.owner, [{"teamId": team, "roleNames": [role]}], groupId=project)
            made.teams.append(team)

    def _keys(self, made: _Made) -> None:
        """Make an API key that reads the organization, with an access list, and one for each of two projects."""
        key = self.run("createOrgApiKey", made.owner, {"desc": "inventory", "roles": ["ORG_READ_ONLY"]}, orgId=made.id)
        entry = [{"cidrBlock": "10.0.0.0/8"}]
        self.run("createOrgApiKeyAccessListEntry", made.owner, entry, orgId=made.id, apiUserId=key["id"])
        for project, name in zip(made.projects[:2], made.plan.projects, strict=False):
            body = {"desc": f"{name} deployment", "roles": ["GROUP_OWNER"]}
            self.run("createGroupApiKey", made.owner, body, groupId=project)

    def federate(self, made: _Made) -> None:
        """Prepare the organization's own sign-in: a proven domain, a provider, and what two of its groups are given.

        The provider is switched off, for it does not exist: everybody goes on signing in with a password.
        """
        domain, place = made.plan.owner.split("@")[1], {"orgId": made.id}
        federation = self.run("createOrgFederation", made.owner, **place)["id"]
        vouched = ProvenDomain(domain=domain, federation=federation)
        self.door.write(Call(VOUCH_FOR_DOMAIN, operator(), body=vouched)).result()
        place["federationSettingsId"] = federation
        described = {
            "displayName": "Northwind Login", "protocol": "OIDC", "idpType": "WORKFORCE", "status": "INACTIVE",
            "issuerUri": f"https://login.{domain}/oidc", "clientId": "orgward", "groupsClaim": "groups",
            "associatedDomains": [domain],
        }  # fmt: skip
        provider = self.run("createFederationSettingIdentityProvider", made.owner, described, **place)["id"]
        used = {"identityProviderId": provider}
        self.run("updateFederationSettingConnectedOrgConfig", made.owner, used, **place)
        for group, org_role, role in _GROUPS:
            given = [{"orgId": made.id, "role": org_role}, {"groupId": made.projects[0], "role": role}]
            body = {"externalGroupName": group, "roleAssignments": given}
            self.run("createFederationSettingConnectedOrgConfigRoleMapping", made.owner, body, **place)

    def invite(self, made: Sequence[_Made], *, days_ago: int, fates: Sequence[str]) -> None:
        """Invite somebody to the first organizations for each of `fates`, and let them answer where they do.

        Whoever still waits is in a team already.
        """
        self.moving.behind = days_ago * _DAY
        for found, fate in zip(made, fates, strict=False):
            body = {"username": self.address(found), "roles": ["GROUP_READ_ONLY"]}
            shown = self.run("addGroupUsers", found.owner, body, groupId=found.projects[0])
            if fate == "pending":
                self.run("addOrgTeamUser", found.owner, {"id": shown["id"]}, orgId=found.id, teamId=found.teams[-1])
            if fate == "declined":
                user = Principal("user", shown["id"])
                (row,) = self.door.store.view.find("invitations", user_id=user.id)
                self.run("declineInvitation", user, invitationId=row["id"])

    def finish(self, made: _Made) -> Filled:
        """Suspend a member, let a role end, come to the present, and return what is worth trying."""
        project, names, view = made.projects[0], dict(made.people), self.door.store.view
        in_team = {row["user_id"] for row in view.find("team_members", team_id=made.teams[0])}
        readers = {row["holder_id"] for row in view.find("assignments", scope_id=project, role="GROUP_READ_ONLY")}
        alone = sorted((readers & names.keys()) - in_team, key=names.__getitem__)  # the same people in every store
        reader, lapsed, suspended = alone[:3]
        body = {"startsAt": None, "endsAt": rfc3339(self.moving() + _DAY)}
        place = {"groupId": project, "userId": lapsed, "role": "GROUP_READ_ONLY"}
        self.run("setGroupUserRoleBounds", made.owner, body, **place)
        self.run("suspendOrgUser", made.owner, None, orgId=made.id, userId=suspended)
        self.moving.behind = 0
        client = self._service_account(made)
        return Filled(made.plan.owner, *made.keys, *client, made.id, project, names[reader], names[lapsed])

    def _service_account(self, made: _Made) -> tuple[str, str]:
        """Make a service account that reads the organization, and return its client id and secret."""
        body = {
            "name": "reporting", "description": "Counts who may do what, each night", "roles": ["ORG_READ_ONLY"],
            "secretExpiresAfterHours": 24 * 90,
        }  # fmt: skip
        shown = self.run("createOrgServiceAccount", made.owner, body, orgId=made.id)
        return shown["clientId"], shown["secrets"][0]["secret"]


def _names_in(address: str) -> dict[str, str]:
    first, last = address.split("@", maxsplit=1)[0].title().split(".")
    return {"firstName": first, "lastName": last}

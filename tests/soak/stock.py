"""What generated calls aim at: organizations with something in each of them, made anew when calls have used them up."""

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import SMTPUTF8
from random import Random
from typing import Any

from orgward.app.operator import NewUser
from orgward.catalog import EDITIONS, PRIVILEGES
from orgward.catalog.project_limits import DEFAULT_LIMITS_BY_TITLE, PROJECT_LIMITS
from orgward.edge.rate_limits import SETS
from tests.wire.live import Client, Live

PASSWORD = "correct horse 7"
CALLS_BETWEEN_LOOKS = 50
CROWDED = 150
LINK = re.compile(r"/setup/(\S+)")
LIMITS = [*PROJECT_LIMITS, *DEFAULT_LIMITS_BY_TITLE]
RATE_LIMITS = [found.id for found in SETS]
HELD = ("projects", "members", "invitations", "api_keys", "teams")
LEAST = 4
NAMED_BY_ID = ("groupId", "userId", "userId", "apiUserId", "teamId")
ADDRESSES = ("192.0.2.7", "198.51.100.0/24", "2001:db8::1", "127.0.0.1")
TIMES = ("2020-01-01T00:00:00Z", "2099-12-31T23:59:59.5+02:00", "2030-06-15T12:00:00-11:30")
ROLE_MEMBERS = {
    "orgRole": "organization", "orgRoles": "organization", "groupRole": "project", "groupRoles": "project",
    "roleNames": "project",
}  # fmt: skip


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
            "destinationOrgId": [self.org], **self.ids,
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
                return _one(there.get(name, []), rng)

    def roles(self, scope: str, rng: Random) -> str:
        """Return a role of organizations or of projects."""
        roles = EDITIONS[self.edition].roles
        return rng.choice(sorted(name for name, role in roles.items() if role.scope == scope))

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


def _one(values: Sequence[str], rng: Random) -> str | None:
    return rng.choice(values) if values else None


class Stock:
    """Who calls, and one organization of each edition to call about."""

    def __init__(self, live: Live, *, is_owner: bool) -> None:
        """Make everything for the owner of the organizations, or for a member with few roles."""
        self._live = live
        self._is_owner = is_owner
        self._calls = itertools.count(1)
        self._serial = itertools.count(1)
        self._begin()

    def look_after(self) -> None:
        """Count a call; now and then look what is left, and make what is missing."""
        if next(self._calls) % CALLS_BETWEEN_LOOKS:
            return
        if self._live.world.store.view.count("members", user_id=self.caller, state="active") > CROWDED:
            self._begin()
        self.places = [self._kept(place) for place in self.places]
        self._look_after_oneself()

    def sign_in(self) -> str:
        """Return the token of a new session of the caller."""
        body = {"username": self.username, "password": PASSWORD}
        return str(self._live.nobody.done("POST", "/api/orgward/v1/sessions", body)["token"])

    def _begin(self) -> None:
        """Make a caller, and the organizations."""
        self.username = f"caller{id(self)}.{next(self._serial)}@example.org"
        session = self._live.person(self.username)
        self.caller: str = session.done("GET", "/api/orgward/v1/me")["userId"]
        self.token = session.bearer
        self.places = [self._place(edition) for edition in EDITIONS]
        self._inviting = self._live.world.organization("Inviting", owner=f"inviting{id(self)}@example.org")
        self.empty = ""
        self._look_after_oneself()

    def _look_after_oneself(self) -> None:
        """Have an invitation to the caller, an organization without projects, and links that are not used yet."""
        view = self._live.world.store.view
        self.invitations = [
            row["id"] for row in view.find("invitations", user_id=self.caller) if row["state"] == "pending"
        ]
        if not self.invitations:
            users, owner = f"/orgs/{self._inviting.id}/users", self._live.owner(self._inviting)
            owner("DELETE", f"{users}/{self.caller}")
            owner.done("POST", users, {"username": self.username, "roles": {"orgRoles": ["ORG_MEMBER"]}})
        self.requests = [row["id"] for row in view.find("join_requests", user_id=self.caller) if row["state"] == "open"]
        if not self.empty or view.get("organizations", self.empty) is None:
            self.empty = self._live.world.organization("Empty", owner=self.username).id
        newest = sorted((self._live.world.store.path.parent / "mail").glob("*.eml"))[-LEAST:]
        mailed = [message_from_bytes(path.read_bytes(), policy=SMTPUTF8).get_content() for path in newest]
        self.tokens = [token for text in mailed for token in LINK.findall(text)] or [""]

    def _place(self, edition: str) -> Place:
        number = next(self._serial)
        host = self.username if self._is_owner else f"host{id(self)}.{number}@example.org"
        org = self._live.world.organization(f"Fuzzed {number}", edition=edition, owner=host)
        place = Place(org.id, edition, self._live.owner(org))
        self._top_up(place)
        if not self._is_owner:
            first, second, *_ = place.ids["groupId"]
            self._make(self.username, place, "ORG_MEMBER", {first: ["GROUP_READ_ONLY"], second: ["GROUP_OWNER"]})
        return place

    def _kept(self, place: Place) -> Place:
        """Return the place with what was missing, or another one if the caller or its key have lost their roles."""
        if self._is_usable(place):
            try:
                self._top_up(place)
            except AssertionError:
                return self._place(place.edition)
            return place
        return self._place(place.edition)

    def _is_usable(self, place: Place) -> bool:
        view = self._live.world.store.view
        role = "ORG_OWNER" if self._is_owner else "ORG_MEMBER"
        members = view.find("members", org_id=place.org, user_id=self.caller)
        is_in = any(row["state"] == "active" and not row["suspended"] for row in members)
        is_crowded = any(view.count(table, org_id=place.org) > CROWDED for table in HELD)
        return is_in and not is_crowded and view.get("assignments", self.caller, place.org, role) is not None

    def _top_up(self, place: Place) -> None:
        self._fill(place)
        while len(place.ids["groupId"]) < LEAST:
            place.add_project(next(self._serial))
            self._fill(place)
        for _ in range(len(place.ids["userId"]), LEAST):
            number = next(self._serial)
            role = "ORG_MEMBER" if number % 4 else "ORG_OWNER"
            self._make(f"member{number}@example.org", place, role, {place.ids["groupId"][0]: ["GROUP_READ_ONLY"]})
        for _ in range(len(place.ids["invitationId"]), LEAST):
            place.add_guest(next(self._serial))
        for _ in range(len(place.ids["apiUserId"]), LEAST):
            place.add_key(next(self._serial))
        self._fill(place)
        for _ in range(len(place.ids["teamId"]), LEAST):
            place.add_team(next(self._serial))
        self._fill(place)
        for _ in range(len(place.on_first["joinRequestId"]), LEAST):
            self._ask(place.ids["groupId"][0])
        self._fill(place)

    def _ask(self, project: str) -> None:
        """Have a stranger, and the caller, ask to join a project."""
        stranger = self._live.person(f"asker{id(self)}.{next(self._serial)}@example.org")
        for asker in (stranger, Client(self._live.url, bearer=self.token)):
            asker("POST", f"/api/orgward/v1/groups/{project}/joinRequests", {"roles": ["GROUP_READ_ONLY"]})

    def _make(self, username: str, place: Place, role: str, projects: Mapping[str, Sequence[str]]) -> None:
        body = NewUser(username=username, organizations={place.org: [role]}, projects=projects)
        self._live.world.operate("enrolUser", body)

    def _fill(self, place: Place) -> None:
        """Take in what is there now."""
        view = self._live.world.store.view
        found = {table: view.find(table, org_id=place.org) for table in HELD}
        place.names = [row["name"] for row in found["projects"]]
        users = [row["user_id"] for row in found["members"] if row["user_id"] != self.caller]
        people = (view.get("person_data", user) for user in users)
        place.usernames = [person["username"] for person in people if person]
        place.ids = {
            "groupId": [row["id"] for row in found["projects"]],
            "userId": users,
            "invitationId": [row["id"] for row in found["invitations"] if row["state"] == "pending"],
            "apiUserId": [row["id"] for row in found["api_keys"] if row["description"] != "bootstrap"],
            "teamId": [row["id"] for row in found["teams"]],
        }
        place.teams = [row["name"] for row in found["teams"]]
        first = place.ids["groupId"][0] if place.ids["groupId"] else ""
        on_project = view.find("project_members", project_id=first)
        assigned = {row["holder_id"] for row in view.find("assignments", scope_id=first)}
        place.on_first = {
            "groupId": [first],
            "userId": [row["user_id"] for row in on_project if row["state"] == "active"],
            "invitationId": [row["invitation_id"] for row in on_project if row["state"] == "pending"],
            "apiUserId": [key for key in place.ids["apiUserId"] if key in assigned],
            "teamId": [team for team in place.ids["teamId"] if team in assigned],
            "joinRequestId": [row["id"] for row in view.find("join_requests", project_id=first, state="open")],
        }
        if first:
            events = (place.owner.done("GET", f"{path}/events?itemsPerPage=9") for path in place.paths(first))
            place.ids["eventId"], place.on_first["eventId"] = ([e["id"] for e in page["results"]] for page in events)


class Aim:
    """Puts what is there into generated calls, most of the time; what is generated badly typed stays so."""

    def __init__(self, stock: Stock, seed: int) -> None:
        """Aim at what `stock` has."""
        self._stock = stock
        self._seed = seed

    def __call__(self, path: str, path_parameters: Any, body: Any) -> tuple[Any, Any]:
        """Return the path parameters and the body with real values in place of generated ones."""
        # The same generated call is aimed alike, whenever it comes.
        rng = Random(f"{self._seed} {path} {path_parameters!r} {body!r}")
        place = rng.choice(self._stock.places)
        scope = "organization" if "/orgs" in path else "project"
        if isinstance(path_parameters, Mapping):
            # One project has something of everything; ids of elsewhere are asked for, too.
            known = place.on_first if "{groupId}" in path and rng.random() < 0.7 else {}
            path_parameters = {
                name: self._parameter(place, path, name, rng, known) if rng.random() < 0.95 else value
                for name, value in path_parameters.items()
            }
        return path_parameters, self._aimed(place, body, rng, scope)

    def _parameter(self, place: Place, path: str, name: str, rng: Random, known: Mapping[str, Sequence[str]]) -> str:
        if known.get(name):
            return rng.choice(known[name])
        if "/me/invitations" in path and self._stock.invitations:
            return rng.choice(self._stock.invitations)
        if "/me/joinRequests" in path and self._stock.requests:
            return rng.choice(self._stock.requests)
        if path.endswith("/orgs/{orgId}") and rng.random() < 0.2:
            return self._stock.empty
        return place.pick(name, rng) or "0" * 24

    def _aimed(self, place: Place, value: Any, rng: Random, scope: str, name: str = "") -> Any:
        if isinstance(value, dict):
            return {member: self._aimed(place, inner, rng, scope, member) for member, inner in value.items()}
        if isinstance(value, list):
            inside = "project" if name == "groupRoleAssignments" else scope
            return [self._aimed(place, inner, rng, inside, name) for inner in value]
        if not isinstance(value, str) or rng.random() < 0.1:
            return value
        found = self._known(place, name, rng, scope)
        return value if found is None else found

    def _known(self, place: Place, name: str, rng: Random, scope: str) -> str | None:
        if name == "roles" or name in ROLE_MEMBERS:
            return place.roles(ROLE_MEMBERS.get(name, scope), rng)
        choices: dict[str, Sequence[str]] = {
            "username": [*place.usernames, *[self._stock.username, f"new{rng.randrange(10**4)}@example.org"] * 4],
            "usernames": [*place.usernames, self._stock.username],
            "id": [place.org, *(id for name in NAMED_BY_ID for id in place.ids[name])],
            "type": ("user", "api_key", "team", "organization", "project"),
            "startsAt": TIMES,
            "endsAt": TIMES,
            "password": (PASSWORD,),
            "token": self._stock.tokens,
            "name": [*place.names, *sorted(PRIVILEGES)[:20], f"name {rng.randrange(10**6)}"],
        }
        return rng.choice(choices[name]) if name in choices else place.pick(name, rng)

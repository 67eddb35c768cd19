"""Whether a preview tells the truth: random writes on random worlds, tried and then done, against brute force.

What everybody may do is worked out by the reference model from the tables alone, before and after.
"""

import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from orgward.catalog import EDITIONS
from orgward.kernel.instants import FOREVER, rfc3339
from orgward.store.log import Entry
from orgward.store.writer import Outcome, Submission
from tests.empty_store import open_world
from tests.reference_model.model import Assignment, held
from tests.reference_model.model import World as Model
from tests.soak.report import Report
from tests.world import Caller, Reply, World

OWN = "/api/orgward/v1"
WRITES_A_WORLD = 40
DAY = 86_400
Cell = tuple[str, str, str]
"""A principal, a scope, a privilege."""

Write = tuple[str, str, Any]
"""Method, path and body."""


def model_of(path: Path) -> Model:
    """Return the reference model's world as the tables of the store at `path` have it."""
    world = Model()
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        select = connection.execute
        world.organizations = dict(select("SELECT id, edition FROM organizations"))
        world.projects = dict(select("SELECT id, org_id FROM projects"))
        world.users = {user for (user,) in select("SELECT id FROM users")}
        world.api_keys = dict(select("SELECT id, org_id FROM api_keys"))
        world.service_accounts = dict(select("SELECT id, org_id FROM service_accounts"))
        world.suspended_accounts = {a for (a,) in select("SELECT id FROM service_accounts WHERE suspended")}
        world.teams = dict(select("SELECT id, org_id FROM teams"))
        world.team_members = set(select("SELECT user_id, team_id FROM team_members"))
        for org, user, state, suspended in select("SELECT org_id, user_id, state, suspended FROM members"):
            world.states[org, user] = "suspended" if suspended else state
        rows = select("SELECT holder_id, scope_id, role, starts, ends, added_by_owner, mapped FROM assignments")
        world.assignments = [
            Assignment(holder, scope, role, starts, None if ends == FOREVER else ends, bool(by_owner), bool(mapped))
            for holder, scope, role, starts, ends, by_owner, mapped in rows
        ]
    return world


def ids_of(world: Model) -> set[str]:
    """Return the ids of everybody and of every scope."""
    return {*world.organizations, *world.projects, *world.users, *world.api_keys, *world.service_accounts}


def cells_of(world: Model, now: int) -> set[Cell]:
    """Return every privilege that anybody holds anywhere at `now`."""
    scopes = [*world.organizations, *world.projects]
    return {
        (principal, scope, privilege)
        for principal in (*world.users, *world.api_keys, *world.service_accounts)
        for scope in scopes
        for privilege in held(world, principal, scope, now)
    }


def told(body: Any, side: str) -> set[Cell]:
    """Return what a preview says is gained or lost."""
    return {(entry["principal"]["id"], entry["scope"]["id"], entry["privilege"]) for entry in body[side]}


class Town:
    """Two organizations with people, teams, keys and projects, and random writes about them."""

    def __init__(self, world: World, rng: Random, number: int) -> None:
        """Found the organizations and put something of everything into them."""
        self.world, self.rng, self.number = world, rng, number
        editions = rng.choice([("atlas", "atlas"), ("cloud_manager", "cloud_manager"), ("atlas", "cloud_manager")])
        self.ann = world.user(f"ann{number}@example.org")
        self.people = [self.ann]
        self.orgs: list[str] = []
        self.keys: list[Caller] = []
        for edition in editions:
            made = world.organization(
                f"Org {number} {len(self.orgs)}", edition=edition, owner=f"ann{number}@example.org"
            )
            self.orgs.append(made.id)
            self.keys.append(made.key)
        for person in range(5):
            self._settle(person)
        for _ in range(25):
            self.answer(self.key_of_some_org(), self.draw())

    def _settle(self, person: int) -> None:
        org = self.rng.choice(self.orgs)
        roles = [self.rng.choice(["ORG_MEMBER", "ORG_OWNER", "ORG_READ_ONLY", "ORG_GROUP_CREATOR"])]
        self.people.append(self.world.user(f"p{self.number}-{person}@example.org", orgs={org: roles}))

    def key_of_some_org(self) -> Caller:
        """Return a key that owns one of the organizations."""
        return self.rng.choice(self.keys)

    def caller(self) -> Caller:
        """Return who writes next: mostly who may do everything."""
        return self.rng.choice([*[self.ann] * 7, self.rng.choice(self.keys), self.rng.choice(self.people)])

    def answer(self, caller: Caller, write: Write, query: str = "") -> Reply:
        """Send a write, or its trial."""
        method, path, body = write
        return caller(method, f"{path}{query}", body)

    # -- what is there

    def _ids(self, sql: str) -> list[str]:
        with closing(sqlite3.connect(f"file:{self.world.store.path}?mode=ro", uri=True)) as connection:
            return [row[0] for row in connection.execute(sql)] or ["0" * 24]

    def _one(self, sql: str) -> str:
        return self.rng.choice(self._ids(sql))

    def _org(self) -> str:
        return self.rng.choice(self.orgs)

    def _project(self, org: str | None = None) -> str:
        where = f" WHERE org_id = '{org}'" if org else ""
        return self._one(f"SELECT id FROM projects{where}")  # noqa: S608 - an id

    def _org_of(self, table: str, key: str) -> str:
        return self._one(f"SELECT org_id FROM {table} WHERE id = '{key}'")  # noqa: S608 - an id

    def _user(self, org: str | None = None) -> str:
        where = f" WHERE org_id = '{org}'" if org else ""
        return self._one(f"SELECT user_id FROM members{where}")  # noqa: S608 - an id

    def _on(self, project: str) -> str:
        return self._one(f"SELECT user_id FROM project_members WHERE project_id = '{project}'")  # noqa: S608 - an id

    def _key(self) -> str:
        return self._one("SELECT id FROM api_keys WHERE description <> 'bootstrap'")

    def _team(self, org: str | None = None) -> str:
        where = f" WHERE org_id = '{org}'" if org else ""
        return self._one(f"SELECT id FROM teams{where}")  # noqa: S608 - an id

    def _name(self) -> str:
        return f"thing {self.rng.randrange(10**9)}"

    def _org_roles(self, org: str) -> list[str]:
        return self._roles(org, "organization")

    def _project_roles(self, project: str) -> list[str]:
        return self._roles(self._org_of("projects", project), "project")

    def _roles(self, org: str, scope: str) -> list[str]:
        edition = self._ids(f"SELECT edition FROM organizations WHERE id = '{org}'")[0]  # noqa: S608 - an id
        roles = EDITIONS[edition].roles.values() if edition in EDITIONS else ()
        names = sorted(role.name for role in roles if role.scope == scope) or ["ORG_MEMBER"]
        return self.rng.sample(names, min(len(names), self.rng.choice((1, 1, 2))))

    # -- writes

    def draw(self) -> Write:
        """Return a random write; most are about something that is there."""
        return self.rng.choice(WRITES)(self)

    def create_project(self) -> Write:
        """Make a project."""
        return "POST", "/groups", {"name": self._name(), "orgId": self._org()}

    def delete_project(self) -> Write:
        """Delete a project."""
        return "DELETE", f"/groups/{self._project()}", None

    def move_project(self) -> Write:
        """Move a project."""
        return "POST", f"/groups/{self._project()}:migrate", {"destinationOrgId": self._org()}

    def rename_organization(self) -> Write:
        """Rename an organization: nobody gains or loses anything."""
        return "PATCH", f"/orgs/{self._org()}", {"name": self._name()}

    def found_organization(self) -> Write:
        """Found an organization."""
        return "POST", "/orgs", {"name": self._name(), "apiKey": {"desc": "first", "roles": ["ORG_OWNER"]}}

    def invite(self) -> Write:
        """Invite somebody, into teams too."""
        org = self._org()
        roles: dict[str, Any] = {"orgRoles": self._org_roles(org)}
        body: dict[str, Any] = {"username": f"new{self.rng.randrange(30)}@example.org", "roles": roles}
        if self.rng.random() < 0.3:
            body["teamIds"] = [self._team(org)]
        return "POST", f"/orgs/{org}/users", body

    def replace_roles(self) -> Write:
        """Replace somebody's organization roles."""
        org = self._org()
        return "PATCH", f"/orgs/{org}/users/{self._user(org)}", {"roles": {"orgRoles": self._org_roles(org)}}

    def add_org_role(self) -> Write:
        """Give somebody an organization role."""
        org = self._org()
        return "POST", f"/orgs/{org}/users/{self._user(org)}:addRole", {"orgRole": self._org_roles(org)[0]}

    def remove_org_role(self) -> Write:
        """Take an organization role from somebody."""
        org = self._org()
        return "POST", f"/orgs/{org}/users/{self._user(org)}:removeRole", {"orgRole": self._org_roles(org)[0]}

    def remove_member(self) -> Write:
        """Remove somebody from an organization."""
        org = self._org()
        return "DELETE", f"/orgs/{org}/users/{self._user(org)}", None

    def suspend(self) -> Write:
        """Suspend or reactivate somebody."""
        org = self._org()
        verb = self.rng.choice(("suspend", "reactivate"))
        return "POST", f"{OWN}/orgs/{org}/users/{self._user(org)}:{verb}", None

    def add_to_project(self) -> Write:
        """Bring somebody into a project."""
        project = self._project()
        user = self._user()
        name = self._ids(f"SELECT username FROM person_data WHERE id = '{user}'")[0]  # noqa: S608 - an id
        return "POST", f"/groups/{project}/users", {"username": name, "roles": self._project_roles(project)}

    def replace_project_roles(self) -> Write:
        """Replace somebody's roles in a project."""
        project = self._project()
        body = {"groupRoles": self._project_roles(project)}
        return "PUT", f"/groups/{project}/users/{self._on(project)}/roles", body

    def remove_from_project(self) -> Write:
        """Remove somebody from a project."""
        project = self._project()
        return "DELETE", f"/groups/{project}/users/{self._on(project)}", None

    def bound(self) -> Write:
        """Give a role in a project a beginning and an end."""
        project = self._project()
        user = self._on(project)
        where = f"holder_id = '{user}' AND scope_id = '{project}'"
        role = self._one(f"SELECT role FROM assignments WHERE {where}")  # noqa: S608 - ids
        return "PUT", f"{OWN}/groups/{project}/users/{user}/roles/{role}", self._bounds()

    def _bounds(self) -> dict[str, str]:
        first, second = sorted(self.rng.sample(range(-3, 4), 2))
        found = {"startsAt": self._moment(first), "endsAt": self._moment(second)}
        return {name: text for name, text in found.items() if self.rng.random() < 0.7}

    def _moment(self, days: int) -> str:
        return rfc3339(self.world.clock.now + days * DAY * 1000)

    def create_key(self) -> Write:
        """Make a key."""
        org = self._org()
        return "POST", f"/orgs/{org}/apiKeys", {"desc": self._name(), "roles": self._org_roles(org)}

    def assign_key(self) -> Write:
        """Put a key on a project."""
        project = self._project()
        return "POST", f"/groups/{project}/apiKeys/{self._key()}", [{"roles": self._project_roles(project)}]

    def change_key(self) -> Write:
        """Change the roles of a key."""
        key = self._key()
        org = self._org_of("api_keys", key)
        return "PATCH", f"/orgs/{org}/apiKeys/{key}", {"roles": self._org_roles(org)}

    def delete_key(self) -> Write:
        """Delete a key."""
        key = self._key()
        return "DELETE", f"/orgs/{self._org_of('api_keys', key)}/apiKeys/{key}", None

    def create_team(self) -> Write:
        """Make a team."""
        org = self._org()
        user = self._user(org)
        name = self._ids(f"SELECT username FROM person_data WHERE id = '{user}'")[0]  # noqa: S608 - an id
        return "POST", f"/orgs/{org}/teams", {"name": self._name(), "usernames": [name]}

    def fill_team(self) -> Write:
        """Put somebody into a team, or take them out."""
        team = self._team()
        org = self._org_of("teams", team)
        verb = self.rng.choice(("addUser", "addUser", "removeUser"))
        return "POST", f"/orgs/{org}/teams/{team}:{verb}", {"id": self._user(org)}

    def assign_team(self) -> Write:
        """Put a team on a project."""
        team = self._team()
        project = self._project(self._org_of("teams", team))
        return "POST", f"/groups/{project}/teams", [{"teamId": team, "roleNames": self._project_roles(project)}]

    def change_team(self) -> Write:
        """Change the roles of a team on a project."""
        project = self._project()
        team = self._one(f"SELECT holder_id FROM assignments WHERE scope_id = '{project}' AND holder_kind = 'team'")  # noqa: S608 - an id
        return "PATCH", f"/groups/{project}/teams/{team}", {"roleNames": self._project_roles(project), "teamId": team}

    def unassign_team(self) -> Write:
        """Take a team off a project."""
        project = self._project()
        team = self._one(f"SELECT holder_id FROM assignments WHERE scope_id = '{project}' AND holder_kind = 'team'")  # noqa: S608 - an id
        return "DELETE", f"/groups/{project}/teams/{team}", None

    def delete_team(self) -> Write:
        """Delete a team."""
        team = self._team()
        return "DELETE", f"/orgs/{self._org_of('teams', team)}/teams/{team}", None

    def accept(self) -> Write:
        """Accept an invitation: whoever is drawn to do it."""
        invitation = self._one("SELECT id FROM invitations WHERE state = 'pending'")
        return "POST", f"{OWN}/me/invitations/{invitation}:accept", None


WRITES: tuple[Callable[[Town], Write], ...] = (
    Town.create_project, Town.create_project, Town.delete_project, Town.move_project, Town.rename_organization,
    Town.found_organization, Town.invite, Town.replace_roles, Town.add_org_role, Town.remove_org_role,
    Town.remove_member, Town.suspend, Town.add_to_project, Town.add_to_project, Town.replace_project_roles,
    Town.remove_from_project, Town.bound, Town.create_key, Town.assign_key, Town.change_key, Town.delete_key,
    Town.create_team, Town.fill_team, Town.fill_team, Town.assign_team, Town.assign_team, Town.change_team,
    Town.unassign_team, Town.delete_team, Town.accept,
)  # fmt: skip


def fingerprint(path: Path) -> list[str]:
    """Return everything that stands in the store at `path`."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        return list(connection.iterdump())


@dataclass(slots=True)
class Found:
    """How many writes were done and how many refused, and where trials did not tell it."""

    done: int = 0
    refused: int = 0
    faults: list[str] = field(default_factory=list)


def try_and_do(town: Town, found: Found, *, thorough: bool) -> Iterator[str]:
    """Try a random write, then do it; yield where the trial did not tell what was done."""
    caller, write, path = town.caller(), town.draw(), town.world.store.path
    now = town.world.clock.now
    world_before = model_of(path)
    known = ids_of(world_before)
    before = cells_of(world_before, now)
    if thorough:
        # The row of a refusal just before may still wait its turn: what goes through the writer now comes after it.
        nothing = Submission(Entry("nothing", "store", None, "operator", "soak"), lambda _: Outcome([]), is_trial=True)
        town.world.store.submit(nothing).result(30)
    untouched = fingerprint(path) if thorough else []
    trial = town.answer(caller, write, "?dryRun=true")
    if thorough and fingerprint(path) != untouched:
        yield f"{write}: the trial left a trace"
    done = town.answer(caller, write)
    if done.status >= 300:
        found.refused += 1
        if (trial.status, trial.code) != (done.status, done.code):
            yield f"{write}: tried {trial.status} {trial.code}, refused {done.status} {done.code}"
        return
    found.done += 1
    after = cells_of(model_of(path), now)
    if trial.status != 200 or trial.json["dryRun"] is not True:
        yield f"{write}: tried {trial.status} {trial.body[:300]!r}, done {done.status}"
        return
    for side, real in (("gained", after - before), ("lost", before - after)):
        shown, wanted = anonymous(told(trial.json, side), known), anonymous(real, known)
        if shown != wanted:
            odd = list(((shown - wanted) + (wanted - shown)).items())[:5]
            yield f"{write}: {side} {shown.total()} in the trial, {wanted.total()} in truth, {odd}"


def anonymous(cells: set[Cell], known: Collection[str]) -> Counter[Cell]:
    """Return how often each cell is there, with one name for all that is new: a trial gives it other ids."""
    return Counter((_named(who, known), _named(scope, known), privilege) for who, scope, privilege in cells)


def _named(id: str, known: Collection[str]) -> str:
    return id if id in known else "new"


def compare(writes: int, seed: int, *, thorough: bool = False) -> Found:
    """Return what was found with so many writes that were done, on as many worlds as they take."""
    found, number = Found(), 0
    while found.done < writes and not found.faults:
        number += 1
        rng = Random(f"{seed} {number}")
        with tempfile.TemporaryDirectory(prefix="orgward-previews-") as folder:
            world = open_world(Path(folder))
            try:
                town = Town(world, rng, number)
                for _ in range(WRITES_A_WORLD):
                    found.faults += try_and_do(town, found, thorough=thorough)
                    if rng.random() < 0.2:
                        world.clock.advance(days=rng.choice((0.5, 1)))
            finally:
                world.close()
    return found


def soak(writes: int, seed: int) -> Report:
    """Compare previews with effects until `writes` writes were done."""
    began = time.monotonic()
    found = compare(writes, seed)
    report = Report("previews", faults=found.faults)
    report.line = (
        f"{found.done} writes done, {found.refused} refused, as their previews said; {time.monotonic() - began:.0f} s"
    )
    return report

"""The two workloads: W, a company group of 9,000 grants, and W2, a provider's store of a million."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Final, NamedTuple

from orgward.catalog import EDITIONS, PRIVILEGES
from orgward.engine.layer import Layer
from orgward.engine.packing import AssignmentRow, Loaded
from orgward.kernel.instants import FOREVER
from tests.reference_model.model import Assignment
from tests.reference_model.model import World as ModelWorld

NOW: Final = 1_800_000_000_000
EDITION: Final = "atlas"
ORGANIZATION_ROLES: Final = {
    "ORG_OWNER": 2, "ORG_MEMBER": 85, "ORG_READ_ONLY": 5, "ORG_GROUP_CREATOR": 5, "ORG_BILLING_ADMIN": 3,
}  # fmt: skip
PROJECT_ROLES: Final = tuple(role.name for role in EDITIONS[EDITION].roles.values() if role.scope == "project")
ACTIONS: Final = tuple(PRIVILEGES)


class Size(NamedTuple):
    """How many of each there are; teams have their roles on five projects each."""

    organizations: int
    projects_each: int
    users: int
    teams_each: int = 10
    team_size: int = 20


W: Final = Size(10, 20, 2_000)
W2: Final = Size(1_000, 50, 200_000)
SMALL_W2: Final = Size(50, 50, 10_000)


class Question(NamedTuple):
    """Whether `principal` may do `action` on `resource`."""

    principal: str
    action: str
    resource: str


@dataclass(slots=True)
class World:
    """Ids and rows of a workload."""

    organizations: list[str] = field(default_factory=list)
    projects: dict[str, str] = field(default_factory=dict)
    project_ids: list[str] = field(default_factory=list)
    teams: dict[str, str] = field(default_factory=dict)
    users: list[str] = field(default_factory=list)
    members: dict[str, list[str]] = field(default_factory=dict)
    team_members: list[tuple[str, str]] = field(default_factory=list)
    assignments: list[AssignmentRow] = field(default_factory=list)

    @property
    def grants(self) -> int:
        """Return how many grants there are, memberships of teams among them."""
        return len(self.assignments) + len(self.team_members)

    def loaded(self) -> Loaded:
        """Return the world as a store hands it over."""
        attributes = {
            "organizations": dict.fromkeys(self.organizations, EDITION),
            "projects": self.projects,
            "teams": self.teams,
        }
        return Loaded(attributes, {}, self.team_members, self.assignments)


def build(size: Size, seed: int = 1) -> World:
    """Return a world of this size; the same seed gives the same world."""
    rng, world = Random(seed), World()
    ids = _ids(rng)
    world.organizations = [next(ids) for _ in range(size.organizations)]
    world.members = {org: [] for org in world.organizations}
    inside = {org: [next(ids) for _ in range(size.projects_each)] for org in world.organizations}
    world.projects = {project: org for org, projects in inside.items() for project in projects}
    world.project_ids = list(world.projects)
    world.users = [next(ids) for _ in range(size.users)]
    for user in world.users:
        _enrol(world, rng, user, inside)
    for org in world.organizations:
        for team in (next(ids) for _ in range(size.teams_each)):
            world.teams[team] = org
            people = world.members[org]
            world.team_members += [(user, team) for user in rng.sample(people, min(size.team_size, len(people)))]
            world.assignments += [_row(rng, team, project) for project in rng.sample(inside[org], 5)]
    world.assignments.sort()
    return world


def _ids(rng: Random) -> Iterator[str]:
    number = 0
    while True:
        number += 1
        yield f"{rng.getrandbits(64):016x}{number:08x}"


def _enrol(world: World, rng: Random, user: str, inside: dict[str, list[str]]) -> None:
    orgs = rng.sample(world.organizations, 2 if rng.random() < 0.3 else 1)
    for org in orgs:
        (role,) = rng.choices(list(ORGANIZATION_ROLES), list(ORGANIZATION_ROLES.values()))
        world.members[org].append(user)
        world.assignments.append((user, org, role, 0, FOREVER, 0, 0))
    projects = [project for org in orgs for project in inside[org]]
    world.assignments += [_row(rng, user, project) for project in rng.sample(projects, rng.randint(1, 3))]


def _row(rng: Random, holder: str, project: str) -> AssignmentRow:
    return holder, project, rng.choice(PROJECT_ROLES), 0, FOREVER, rng.randint(0, 1), 0


def questions(world: World, facts: Layer, count: int, seed: int = 2) -> list[Question]:
    """Return questions of which half are allowed; of the others half are near misses: a role there, not that right.

    The strings are copies, as those of a request are: no look-up finds its key by identity.
    """
    rng = Random(seed)
    found: list[Question] = []
    while len(found) < count:
        kind = len(found) % 4
        asked = _allowed(world, rng) if kind % 2 else _near(world, rng) if kind else _far(world, rng)
        if asked is not None and facts.check(*asked, NOW) == bool(kind % 2):
            found.append(asked)
    rng.shuffle(found)
    return [Question(*(str(bytes(part, "ascii"), "ascii") for part in asked)) for asked in found]


def _allowed(world: World, rng: Random) -> Question | None:
    holder, scope, role, *_ = rng.choice(world.assignments)
    if holder in world.teams:
        return None
    allowed = sorted(EDITIONS[EDITION].privileges_of(role, added_by_owner=False))
    return Question(holder, rng.choice(allowed), scope)


def _near(world: World, rng: Random) -> Question | None:
    holder, scope, *_ = rng.choice(world.assignments)
    return None if holder in world.teams else Question(holder, rng.choice(ACTIONS), scope)


def _far(world: World, rng: Random) -> Question:
    return Question(rng.choice(world.users), rng.choice(ACTIONS), rng.choice(world.project_ids))


def model_of(world: World, org: str) -> ModelWorld:
    """Return the part of `world` that `org` is, for the reference model: nothing crosses organizations."""
    projects = {project: home for project, home in world.projects.items() if home == org}
    teams = {team: home for team, home in world.teams.items() if home == org}
    found = ModelWorld({org: EDITION}, projects, set(world.members[org]), teams=teams)
    found.team_members = {(user, team) for user, team in world.team_members if team in teams}
    found.states = {(org, user): "active" for user in world.members[org]}
    found.assignments = [
        Assignment(holder, scope, role, starts, None, bool(by_owner))
        for holder, scope, role, starts, _, by_owner, _ in world.assignments
        if scope == org or scope in projects
    ]
    return found

"""Random worlds, and the ways by which the engine can come to know one.

`rows_of` writes a world as rows of tables; `load` hands them over as a store does at start; `replay` starts
from something older and folds commands until the same rows stand.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache, partial
from operator import itemgetter
from random import Random
from typing import Any, NamedTuple

from hypothesis import strategies as st

from orgward.catalog import EDITIONS, PRIVILEGES
from orgward.engine.decide import explain
from orgward.engine.layer import REMOVED, Layer
from orgward.engine.packing import AssignmentRow, Loaded
from orgward.engine.snapshot import Snapshot
from orgward.kernel.delta import Delta
from orgward.kernel.instants import FOREVER
from tests.reference_model.model import Assignment, World, organization_of

STARTS = (500, 1_000, 2_000)
ENDS = (500, 1_000, 1_500, 2_000)
MOMENTS = (999, 1_000, 1_500, 2_000)
Key = tuple[str, ...]
Row = dict[str, Any]
Rows = dict[tuple[str, Key], Row | None]
"""Rows by table and key; None where a row is known to be absent."""

PARENTS = ("organizations", "projects", "teams", "api_keys", "service_accounts")
CHANGEABLE = ("assignments", "members", "team_members")
MISSING: Row = {"": "differs from every row"}
STATES = ("active",) * 8 + ("pending", "suspended")

# -- worlds


class Question(NamedTuple):
    """What both sides are asked: whether `principal` may do `action` on `resource`."""

    principal: str
    action: str
    resource: str


@cache
def roles_of(edition: str, scope: str) -> tuple[str, ...]:
    """Return the names of the roles of `scope`, those that matter most several times."""
    names = [role.name for role in EDITIONS[edition].roles.values() if role.scope == scope]
    common = {
        "organization": ["ORG_OWNER"] * 2 + ["ORG_READ_ONLY"] * 2,
        "project": ["GROUP_OWNER", "GROUP_READ_ONLY"],
    }
    return tuple(names + common[scope] * 2)


@cache
def privileges_in(edition: str, role: str) -> tuple[str, ...]:
    """Return what `role` can give at most, on its scope or in projects, in a fixed order."""
    catalogue = EDITIONS[edition]
    if role not in catalogue.roles:
        return tuple(PRIVILEGES)
    own = catalogue.privileges_of(role, added_by_owner=True)
    return tuple(sorted(own)) + tuple(sorted(catalogue.in_projects_of(role, added_by_owner=True)))


def random_world(rng: Random) -> World:
    """Return a world of both editions, with every state, all kinds of bounds and some meaningless edges."""
    world = World()
    for number in range(rng.randint(2, 4)):
        world.organizations[f"o{number}"] = ("atlas", "cloud_manager")[number % 2]
    orgs = list(world.organizations)
    world.projects = {f"p{n}": rng.choice(orgs) for n in range(rng.randint(4, 10))}
    world.api_keys = {f"k{n}": rng.choice(orgs) for n in range(rng.randint(2, 5))}
    world.service_accounts = {f"s{n}": rng.choice(orgs) for n in range(rng.randint(1, 3))}
    world.suspended_accounts = {account for account in world.service_accounts if rng.random() < 0.25}
    world.teams = {f"t{n}": rng.choice(orgs) for n in range(rng.randint(2, 5))}
    users = [f"u{n}" for n in range(rng.randint(8, 14))]
    world.users = set(users)
    for user in users:
        for org in rng.sample(orgs, min(len(orgs), rng.choice((0, 1, 1, 1, 1, 2, 2, 3)))):
            world.states[org, user] = rng.choice(STATES)
    for team, org in world.teams.items():
        members = [user for user in users if (org, user) in world.states]
        world.team_members |= {(user, team) for user in rng.sample(members, min(len(members), rng.randint(0, 4)))}
    _assign(world, rng)
    _add_foreign(world, rng)
    rng.shuffle(world.assignments)
    return world


def _assign(world: World, rng: Random) -> None:
    held: dict[tuple[str, str, str], Assignment] = {}
    homes = [(user, org, 0.8) for org, user in world.states]
    homes += [(key, org, 0.6) for key, org in world.api_keys.items()]
    homes += [(account, org, 0.6) for account, org in world.service_accounts.items()]
    homes += [(team, org, 0.0) for team, org in world.teams.items()]
    for holder, org, share in homes:
        projects = [project for project, home in world.projects.items() if home == org]
        scopes = rng.sample(projects, min(len(projects), rng.choice((0, 1, 1, 2, 3))))
        for scope in ([org] if rng.random() < share else []) + scopes:
            for _ in range(rng.choice((1, 1, 2))):
                assignment = random_assignment(world, rng, holder, scope)
                held[assignment[:3]] = assignment
    world.assignments = list(held.values())


def random_assignment(world: World, rng: Random, holder: str, scope: str) -> Assignment:
    """Return an assignment of a fitting role, about half of them with bounds."""
    edition = world.organizations[organization_of(world, scope) or "o0"]
    role = rng.choice(roles_of(edition, "organization" if scope in world.organizations else "project"))
    starts = rng.choice(STARTS) if rng.random() < 0.25 else 0
    ends = rng.choice(ENDS) if rng.random() < 0.3 else None
    is_mapped = holder in world.users and rng.random() < 0.2
    return Assignment(holder, scope, role, starts, ends, rng.random() < 0.5, is_mapped)


def _add_foreign(world: World, rng: Random) -> None:
    """Add edges that no command makes and that give nothing: across organizations, editions and scopes."""
    orgs, projects = list(world.organizations), list(world.projects)
    users, teams = sorted(world.users), list(world.teams)
    anyone = [*users, *world.api_keys, *world.service_accounts, *teams]
    if rng.random() < 0.2:
        world.projects["adrift"] = "no organization"
        projects.append("adrift")
    candidates = [
        random_assignment(world, rng, rng.choice(list(world.api_keys)), rng.choice(orgs + projects)),
        random_assignment(world, rng, rng.choice(list(world.service_accounts)), rng.choice(orgs + projects)),
        random_assignment(world, rng, rng.choice(teams), rng.choice(projects)),
        random_assignment(world, rng, rng.choice(teams), rng.choice(orgs)),
        random_assignment(world, rng, rng.choice(users), rng.choice(orgs + projects)),
        Assignment(rng.choice(anyone), rng.choice(projects), rng.choice(roles_of("atlas", "organization"))),
        Assignment(rng.choice(anyone), rng.choice(orgs), rng.choice(roles_of("cloud_manager", "project"))),
        Assignment(rng.choice(anyone), rng.choice(projects), rng.choice(roles_of("atlas", "project")), 0, 999),
        Assignment(rng.choice(anyone), "nowhere", rng.choice(roles_of("atlas", "project"))),
        Assignment("nobody", rng.choice(projects), "GROUP_OWNER"),
    ]
    taken = {assignment[:3] for assignment in world.assignments}
    for assignment in candidates:
        if rng.random() < 0.3 and assignment[:3] not in taken:
            world.assignments.append(assignment)
            taken.add(assignment[:3])
    if rng.random() < 0.5:
        world.team_members.add((rng.choice([*users, *world.api_keys]), rng.choice([*teams, "nobody"])))


def random_question(world: World, rng: Random) -> Question:
    """Return a question; two of three follow an assignment, so that enough of them are answered yes."""
    orgs, projects = list(world.organizations), list(world.projects)
    if rng.random() < 0.35 or not world.assignments:
        principal = rng.choice([*sorted(world.users), *world.api_keys, *world.service_accounts, *world.teams])
        action = rng.choice([*PRIVILEGES, "no.such.action"])
        return Question(principal, action, rng.choice([*orgs, *projects, "nowhere"]))
    holder, scope, role, *_ = rng.choice(world.assignments)
    org = organization_of(world, scope) or orgs[0]
    members = sorted(user for user, team in world.team_members if team == holder)
    principal = rng.choice(members) if members and rng.random() < 0.9 else holder
    inside = [project for project, home in world.projects.items() if home == org] if scope == org else []
    action = rng.choice(privileges_in(world.organizations[org], role))
    kind = PRIVILEGES[action].resource
    return Question(principal, action, rng.choice(inside) if inside and kind == "project" else scope)


def world_of(seed: int) -> World:
    """Return the world that `seed` stands for."""
    return random_world(Random(seed))


seeds = st.integers(min_value=0, max_value=(1 << 32) - 1)
"""Seeds of worlds; a failing example is repeated by its seed."""


# -- rows


def rows_of(world: World) -> Rows:
    """Return `world` as rows; whoever has an edge into an organization and is not in it is known absent."""
    rows: Rows = {("organizations", (org,)): {"edition": edition} for org, edition in world.organizations.items()}
    rows |= {("projects", (project,)): {"org_id": org} for project, org in world.projects.items()}
    rows |= {("api_keys", (key,)): {"org_id": org} for key, org in world.api_keys.items()}
    rows |= {("service_accounts", (a,)): _account_row(world, a, org) for a, org in world.service_accounts.items()}
    rows |= {("teams", (team,)): {"org_id": org} for team, org in world.teams.items()}
    rows |= {("members", pair): None for pair in sorted(_strangers(world))}
    rows |= {("members", pair): _state_row(state) for pair, state in world.states.items()}
    rows |= {("team_members", pair): {} for pair in sorted(world.team_members)}
    rows |= {("assignments", a[:3]): _assignment_row(a) for a in world.assignments}
    return rows


def _strangers(world: World) -> set[tuple[str, str]]:
    edges = [(holder, organization_of(world, scope)) for holder, scope, *_ in world.assignments]
    edges += [(user, world.teams.get(team)) for user, team in world.team_members]
    others = {*world.api_keys, *world.service_accounts, *world.teams}
    return {(org, user) for user, org in edges if org and user not in others}


def _account_row(world: World, account: str, org: str) -> Row:
    return {"org_id": org, "suspended": account in world.suspended_accounts}


def _state_row(state: str) -> Row:
    return {"state": "active" if state == "suspended" else state, "suspended": state == "suspended"}


def _assignment_row(assignment: Assignment) -> Row:
    _, _, _, starts, ends, by_owner, mapped = assignment
    lasting = FOREVER if ends is None else ends
    return {"starts": starts, "ends": lasting, "added_by_owner": by_owner, "mapped": mapped}


def load(rows: Mapping[tuple[str, Key], Row | None]) -> Snapshot:
    """Return the snapshot that a store with `rows` hands over at start."""
    attributes: dict[str, dict[str, str]] = {}
    states: dict[tuple[str, str], str] = {}
    team_members: list[tuple[str, str]] = []
    assignments: list[AssignmentRow] = []
    for (table, key), row in sorted(rows.items(), key=itemgetter(0)):
        if table == "members":
            if row != _state_row("active"):
                org, user = key
                states[org, user] = REMOVED if row is None else "suspended" if row["suspended"] else row["state"]
        elif row is None:
            continue
        elif table == "assignments":
            holder, scope, role = key
            flags = int(row["added_by_owner"]), int(row["mapped"])
            assignments.append((holder, scope, role, row["starts"], row["ends"], *flags))
        elif table == "team_members":
            user, team = key
            team_members.append((user, team))
        else:
            attributes.setdefault(table, {})[key[0]] = next(iter(row.values()))
            if row.get("suspended"):
                states[row["org_id"], key[0]] = "suspended"
    return Snapshot(Loaded(attributes, states, team_members, assignments))


# -- histories


def commands(before: Rows, after: Rows, rng: Random) -> Iterator[list[Delta]]:
    """Yield commands that lead from `before` to `after` in a random order, some made and undone on the way.

    What a row refers to is there before it, and what refers to a row goes with it.
    """
    now = dict(before)
    detours = [key for key in after if key[0] in CHANGEABLE and rng.random() < 0.15]
    order = sorted([key for key in {**after, **before} if before.get(key, MISSING) != after.get(key)] + detours * 2)
    rng.shuffle(order)
    while order:
        for key in order:
            row = after.get(key)
            if key in detours and now.get(key) == row:
                row = _varied(key[0], row, rng)
            along = _with_parents(key, now, after) if row is not None else _with_children(key, now, after, rng)
            changes = {each: after.get(each) for each in along} | {key: row}
            now.update(changes)
            yield [Delta(*each, changes[each]) for each in along]
        detours.clear()
        order = [key for key in now if now[key] != after.get(key)]


def _varied(table: str, row: Row | None, rng: Random) -> Row | None:
    if table == "members":
        return rng.choice([None, _state_row("active"), _state_row("pending"), _state_row("suspended")])
    if table == "assignments" and row is not None and rng.random() < 0.5:
        return row | rng.choice([{"starts": 1_500}, {"ends": 1_000}, {"added_by_owner": not row["added_by_owner"]}])
    if table == "service_accounts" and row is not None:
        return {**row, "suspended": not row["suspended"]}
    return None if row is not None else {}


def _refers_to(key: tuple[str, Key], row: Row | None) -> list[tuple[str, Key]]:
    table, ids = key
    if table == "assignments":
        return [(kind, (each,)) for each in ids[:2] for kind in PARENTS]
    if table == "team_members":
        return [("teams", ids[1:])]
    return [("organizations", ids[:1] if table == "members" else ((row or {}).get("org_id", ""),))]


def _with_parents(key: tuple[str, Key], now: Rows, after: Rows) -> list[tuple[str, Key]]:
    missing = [k for k in _refers_to(key, after.get(key)) if now.get(k) is None and after.get(k) is not None]
    return [*(each for parent in missing for each in _with_parents(parent, now, after)), key]


def _with_children(key: tuple[str, Key], now: Rows, after: Rows, rng: Random) -> list[tuple[str, Key]]:
    going = [k for k, row in now.items() if row is not None and k not in after and k != key]
    found = [key, *(k for k in going if key[0] not in CHANGEABLE and key in _refers_to(k, now[k]))]
    rng.shuffle(found)
    return found


def earlier(world: World, rng: Random) -> Rows:
    """Return rows of an earlier time: none at all, or some, with other values and things since removed."""
    if rng.random() < 0.2:
        return {}
    after = rows_of(world)
    rows: Rows = {key: row for key, row in after.items() if rng.random() < 0.7}
    for key, row in list(rows.items()):
        if key[0] in {"assignments", "members", "service_accounts"} and rng.random() < 0.3 and row is not None:
            rows[key] = _varied(key[0], row, rng)
        elif key[0] == "projects" and row is not None and rng.random() < 0.3:
            rows[key] = {"org_id": rng.choice(_of_the_same_edition(world, row["org_id"]))}
    rows |= _since_removed(world, rng)
    while lost := [key for key in rows if rows[key] is not None and not _stands(key, rows, after)]:
        for key in lost:
            del rows[key]
    return rows


def _of_the_same_edition(world: World, org: str) -> Sequence[str]:
    edition = world.organizations.get(org)
    return [other for other, its in world.organizations.items() if its == edition] or [org]


def _stands(key: tuple[str, Key], rows: Rows, after: Rows) -> bool:
    return all(rows.get(parent) is not None for parent in _refers_to(key, rows[key]) if after.get(parent) is not None)


def _since_removed(world: World, rng: Random) -> Rows:
    """Return rows that `world` has no more: members, roles, and a project, a team and a key with theirs."""
    org, project = rng.choice(list(world.organizations)), rng.choice(list(world.projects))
    users = rng.sample(sorted(world.users), 4)
    gone: Rows = {
        ("projects", ("gone",)): {"org_id": org},
        ("teams", ("lost",)): {"org_id": world.projects[project]},
        ("api_keys", ("old",)): {"org_id": org},
        ("assignments", ("lost", project, "GROUP_OWNER")): _assignment_row(Assignment("", "", "")),
    }
    for scope in ("gone", "gone", "gone", project, org, org):
        holder = rng.choice([*users, *world.teams, *world.api_keys, "lost", "old"])
        edition = world.organizations[organization_of(world, scope) or org]
        role = rng.choice(roles_of(edition, "organization" if scope == org else "project"))
        gone["assignments", (holder, scope, role)] = _assignment_row(Assignment("", "", ""))
    for user in users:
        gone["team_members", (user, rng.choice([*world.teams, "lost"]))] = {}
        gone["members", (rng.choice(list(world.organizations)), user)] = _state_row("active")
    after = rows_of(world)
    return {key: row for key, row in gone.items() if key not in after and rng.random() < 0.8}


def poke(facts: Layer, world: World, rng: Random) -> None:
    """Perhaps ask something and drop the answer: what is kept from before a change then shows after it."""
    if rng.random() < 0.5:
        principal, action, resource = random_question(world, rng)
        ask = facts.check if rng.random() < 0.7 else partial(explain, facts)
        ask(principal, action, resource, rng.choice(MOMENTS))


def replay(facts: Layer, world: World, before: Rows, rng: Random) -> Layer:
    """Fold commands into `facts`, which knows `before`, until it knows `world`; questions come in between."""
    for deltas in commands(before, rows_of(world), rng):
        poke(facts, world, rng)
        facts.fold(deltas)
    return facts

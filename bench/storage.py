"""The store: how fast a million grants are read in, and how fast durable commands go through the writer."""

import gc
import sqlite3
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from bench.table import Row, busy, by_turns, micros, rate, seconds
from bench.worlds import NOW, SMALL_W2, W2, World, build
from orgward.admin_api.user_bodies import GroupRoleBody
from orgward.app.execute import Call
from orgward.app.operation import REGISTRY
from orgward.catalog import EDITIONS
from orgward.edge.endpoint import V2025_02
from orgward.engine.facts import ATTRIBUTES
from orgward.kernel.delta import Delta
from orgward.kernel.instants import FOREVER
from orgward.kernel.principal import Principal
from orgward.store.load import load_snapshot
from orgward.store.log import Entry
from orgward.store.migrate import migrate
from orgward.store.sqlite import connect
from orgward.store.writer import Outcome, Submission, Transaction
from tests.wire.live import WallClock
from tests.world import Caller, opened
from tests.world import World as ServedWorld

ROLE: Final = "GROUP_DATA_ACCESS_READ_ONLY"
PRIVILEGE: Final = min(
    EDITIONS["atlas"].privileges_of(ROLE, added_by_owner=False)
    - EDITIONS["atlas"].privileges_of("GROUP_READ_ONLY", added_by_owner=True)
)
"""What the role gives and the people do not have without it."""
IN_FLIGHT: Final = 64
_READ: Final = (
    *(f"SELECT id, {column} FROM {table}" for table, column in ATTRIBUTES.items()),  # noqa: S608 - own schema
    "SELECT org_id, user_id, state FROM members WHERE state <> 'active' OR suspended",
    "SELECT user_id, team_id FROM team_members",
    "SELECT holder_id, scope_id, role, starts, ends, added_by_owner, mapped FROM assignments",
)


# -- cold start


def fill(path: Path, world: World) -> None:
    """Write the rows of `world` that decide, in the order in which they would have come to be."""
    migrate(path)
    connection = connect(path)
    home = {**dict(zip(world.organizations, world.organizations, strict=True)), **world.projects}
    rows: dict[str, Iterable[Sequence[Any]]] = {
        "organizations": ((org, org, "atlas", NOW, 0) for org in world.organizations),
        "projects": ((project, org, project, NOW, 1, "[]") for project, org in world.projects.items()),
        "teams": ((team, org, team, NOW) for team, org in world.teams.items()),
        "team_members": ((user, team, world.teams[team]) for user, team in world.team_members),
        "members": (
            (org, user, "active", 0, NOW, None, None, None) for org, users in world.members.items() for user in users
        ),
        "assignments": (
            (holder, scope, role, "team" if holder in world.teams else "user", home[scope], starts, ends, by_owner, 0)
            for holder, scope, role, starts, ends, by_owner, _ in sorted(world.assignments, key=lambda row: row[0][16:])
        ),
    }
    connection.execute("BEGIN")
    for table, values in rows.items():
        insert(connection, table, values)
    connection.execute("COMMIT")
    connection.close()


def insert(connection: sqlite3.Connection, table: str, rows: Iterable[Sequence[Any]]) -> None:
    """Write `rows`, in the order of the columns of `table`."""
    width = len(connection.execute(f"PRAGMA table_info({table})").fetchall())
    connection.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * width)})", rows)  # noqa: S608 - own schema


def cold_rows(*, quick: bool) -> Iterator[Row]:
    """Measure how long a store of W2's size takes to be known, beside fetching the same rows."""
    world = build(SMALL_W2 if quick else W2)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "orgward.db"
        fill(path, world)
        connection = connect(path)
        facts = load_snapshot(connection)
        for holder, scope, *_ in world.assignments[:: len(world.assignments) // 100]:
            assert scope in facts.edges(holder)
        del facts
        load = partial(busy, partial(load_snapshot, connection))
        pair = by_turns(load, partial(busy, partial(_fetch, connection)), 1 if quick else 5)
        connection.close()
    yield Row(f"cold start from SQLite, {world.grants:,} grants", micros(pair.figure),
              f"fetchall of the same rows {micros(pair.yardstick)}", f"{pair.ratio:.1f}", "≤ 3 s",
              None if quick else pair.figure <= 3)  # fmt: skip


def _fetch(connection: sqlite3.Connection) -> None:
    gc.disable()
    for statement in _READ:
        connection.execute(statement).fetchall()
    gc.enable()


# -- writer


def writer_rows(*, quick: bool) -> Iterator[Row]:
    """Measure commands in flight together beside the same commands one a transaction, each durable."""
    count, turns = (2 * IN_FLIGHT, 1) if quick else (24 * IN_FLIGHT, 5)
    with TemporaryDirectory() as folder, opened(Path(folder), clock=WallClock()) as served:
        commands = scene_in(served).commands
        for name, submit in (
            ("role given and taken, by the rules", lambda: served.door.write(next(commands))),
            ("bare delta through the writer", partial(_submit_bare, served)),
        ):
            pair = by_turns(partial(_rate_together, submit, count), partial(_rate_alone, submit, 2 * IN_FLIGHT), turns)
            yield Row(f"durable commands, {IN_FLIGHT} in flight: {name}", rate(pair.figure),
                      f"one a transaction {rate(pair.yardstick)}", f"{pair.ratio:.1f}",
                      "≥ 5 ×, ≥ 5,000/s seen here", pair.ratio >= 5 and pair.figure >= 5_000)  # fmt: skip
        yield _revoked_here(served, commands, 4 * IN_FLIGHT)


@dataclass(frozen=True, slots=True)
class Scene:
    """A project with people who are given a role there and lose it again, one after another, without end."""

    key: Caller
    owner: Caller
    project: str
    people: list[str]
    commands: Iterator[Call]


def scene_in(served: ServedWorld) -> Scene:
    """Make the organization, the project and the people."""
    company = served.organization()
    project = company.key.post("/groups", {"name": "web", "orgId": company.id}).json["id"]
    people = [served.user(f"u{n}@example.org", projects={project: ["GROUP_READ_ONLY"]}).id for n in range(IN_FLIGHT)]
    owner = served.session(company.owner)
    principal = Principal("user", owner.id, owner.id, "127.0.0.1", served.store.keyring.hash_token(owner.token))
    return Scene(company.key, owner, project, people, _commands(principal, project, people))


def _commands(principal: Principal, project: str, people: Sequence[str]) -> Iterator[Call]:
    body = GroupRoleBody(group_role=ROLE)
    for operation in cycle(("addGroupUserRole", "removeGroupUserRole")):
        for user in people:
            values = {"groupId": project, "userId": user}
            yield Call(REGISTRY[operation], principal, values, body, version=V2025_02.date)


def _submit_bare(served: ServedWorld) -> "Future[Any]":
    row = {"holder_id": "h" * 24, "scope_id": "s" * 24, "role": ROLE, "holder_kind": "user", "org_id": "o" * 24,
           "starts": 0, "ends": FOREVER, "added_by_owner": False, "mapped": False}  # fmt: skip

    def run(_: Transaction) -> Outcome:
        return Outcome([Delta("assignments", ("h" * 24, "s" * 24, ROLE), row)])

    return served.store.submit(Submission(Entry("bare", "store", None, "operator", "bench", "", ""), run))


def _rate_together(submit: Callable[[], "Future[Any]"], count: int) -> float:
    def work() -> None:
        waiting: deque[Future[Any]] = deque()
        for _ in range(count):
            waiting.append(submit())
            while waiting and (len(waiting) >= IN_FLIGHT or waiting[0].done()):
                waiting.popleft().result()
        while waiting:
            waiting.popleft().result()

    return count / seconds(work)


def _rate_alone(submit: Callable[[], "Future[Any]"], count: int) -> float:
    def work() -> None:
        for _ in range(count):
            submit().result()

    return count / seconds(work)


def _revoked_here(served: ServedWorld, commands: Iterator[Call], times: int) -> Row:
    """Give and take a role; each check after an acknowledgement has to follow it."""
    right = 0
    for call in islice(commands, times):
        served.door.write(call).result()
        user, project = call.values["userId"], call.values["groupId"]
        given = call.operation.id == "addGroupUserRole"
        right += served.store.snapshot.check(user, PRIVILEGE, project, served.clock.now) == given
    return Row("revocation acknowledged, next check in this process", f"{right} of {times} right", "", "",
               "refused", right == times)  # fmt: skip

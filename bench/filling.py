"""A store with as many members as are wanted, filled with all that commands would have left."""

import json
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import count, islice
from pathlib import Path
from typing import Any, Final, NamedTuple

from bench.storage import insert
from orgward.catalog import DEFAULT_LIMITS
from orgward.kernel.instants import FOREVER
from orgward.store.facets import fill
from orgward.store.schema import metadata
from orgward.store.sqlite import connect
from orgward.store.view import counter_name
from tests.wire.live import WallClock
from tests.world import Organization, World

Ids = Callable[[int], list[str]]
Rows = list[tuple[Any, ...]]

_MONTH: Final = 30 * 86_400_000


class _Limits(NamedTuple):
    """How many there are of what the number of members does not bound."""

    projects: int = DEFAULT_LIMITS.projects_per_organization
    teams: int = DEFAULT_LIMITS.teams_per_organization
    teams_on_project: int = DEFAULT_LIMITS.teams_per_project
    keys: int = DEFAULT_LIMITS.api_keys_per_organization
    addresses: int = DEFAULT_LIMITS.access_list_entries_per_key
    organizations: int = DEFAULT_LIMITS.organizations_per_user
    reached: int = DEFAULT_LIMITS.users_per_team
    own_requests: int = 50
    known_events: int = 150
    waiting: int = 500


LIMITS: Final = _Limits()


@dataclass(slots=True)
class Filled:
    """What of an organization is asked for: ids by the names that a list gives them, and who asks.

    A key of `places` is the parameter of a path and which one of its kind: `("groupId", "known")`, `""` for the usual.
    """

    org: Organization
    inviting: Organization
    size: int
    places: dict[tuple[str, str], str] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)


class _Filling:
    """Rows for one connection; ids are made in the order in which they are asked for."""

    def __init__(self, connection: sqlite3.Connection, filled: Filled) -> None:
        self.filled = filled
        self.connection = connection
        self.now = WallClock().now
        self.org = filled.org.id
        numbers = count(1)
        self.ids: Ids = lambda number: [f"{filled.size:08x}{next(numbers):016x}" for _ in range(number)]

    def put(self, table: str, rows: Iterable[Sequence[Any]]) -> None:
        insert(self.connection, table, rows)

    def persons(self, number: int) -> list[str]:
        found, now = self.ids(number), self.now
        self.put("users", ((user, now, now, now, None) for user in found))
        self.put("person_data", ((u, f"{u}@example.org", f"{u}@example.org", "A", "B", "DE", "") for u in found))
        return found

    def projects(self, number: int, org: str) -> list[str]:
        found = self.ids(number)
        self.put("projects", ((project, org, project, self.now, 1, "[]") for project in found))
        return found

    def assign(self, holders: Iterable[str], scope: str, role: str, kind: str = "user") -> None:
        rows = ((holder, scope, role, kind, self.org, 0, FOREVER, 0, 0) for holder in holders)
        self.put("assignments", rows)

    def join(self, users: Iterable[str], org: str) -> None:
        self.put("members", ((org, user, "active", 0, self.now, None, None, None) for user in users))

    def add(self, users: Iterable[str], project: str) -> None:
        rows = ((project, user, self.org, "active", self.now, None, None, None, 0) for user in users)
        self.put("project_members", rows)

    def team(self, team: str, users: Iterable[str], org: str) -> None:
        self.put("teams", [(team, org, team, self.now)])
        self.put("team_members", ((user, team, org) for user in users))


def filled_with(served: World, folder: Path, size: int) -> Filled:
    """Found two organizations and fill them, one with members and one with invited people, up to `size`."""
    org, inviting = (served.organization(f"{name} {size}", owner=f"{name}{size}@example.org")
                     for name in ("Members", "Inviting"))  # fmt: skip
    filled = Filled(org, inviting, size)
    connection = connect(folder / "orgward.db")
    connection.execute("BEGIN")
    filling = _Filling(connection, filled)
    people = _members(filling)
    _teams(filling, people)
    _keys(filling)
    _events(filling, people)
    _traveller(filling)
    _invited(filling)
    count_everything(connection)
    fill(connection)
    connection.execute("COMMIT")
    connection.close()
    return filled


def _members(filling: _Filling) -> list[str]:
    """Make the members, all on one project but those whom a team is to bring there, and one who is on another."""
    filled, org = filling.filled, filling.org
    plain, *people = filling.persons(filled.size - 1)
    crowded, reached, known, *_ = filling.projects(LIMITS.projects, org)
    filling.join([plain, *people], org)
    filling.assign([plain, *people], org, "ORG_MEMBER")
    filling.add(people[LIMITS.reached :], crowded)
    filling.assign(people[LIMITS.reached :], crowded, "GROUP_READ_ONLY")
    filling.assign([plain], known, "GROUP_READ_ONLY")
    filled.people |= {"owner": filled.org.owner, "plain": plain}
    filled.places |= {
        ("orgId", ""): org, ("groupId", ""): crowded, ("groupId", "reached"): reached, ("groupId", "known"): known,
    }  # fmt: skip
    return people


def _teams(filling: _Filling, people: Sequence[str]) -> None:
    """Make one team of everybody, one of some, and empty ones up to the limits."""
    everybody, some, *others = filling.ids(LIMITS.teams)
    for team, users in ((everybody, people), (some, people[: LIMITS.reached]), *((team, ()) for team in others)):
        filling.team(team, users, filling.org)
    places = filling.filled.places
    places["teamId", ""] = everybody
    filling.assign([some, *others[: LIMITS.teams_on_project - 1]], places["groupId", ""], "GROUP_READ_ONLY", "team")
    filling.assign([everybody], places["groupId", "reached"], "GROUP_READ_ONLY", "team")


def _keys(filling: _Filling) -> None:
    """Make keys up to the limit, all on one project, one of them with addresses up to the limit."""
    filled, org, now = filling.filled, filling.org, filling.now
    keys = filling.ids(LIMITS.keys - 1)  # the organization was founded with one
    filling.put("api_keys", ((k, org, f"key {n}", f"{filled.size:05x}{n:03}", "", now, "user", filled.org.owner)
                             for n, k in enumerate(keys)))  # fmt: skip
    filling.assign(keys, org, "ORG_MEMBER", "api_key")
    filling.assign(keys, filled.places["groupId", ""], "GROUP_READ_ONLY", "api_key")
    blocks = [f"192.0.2.{n}" for n in range(LIMITS.addresses)]
    filling.put("api_key_access", ((keys[0], f"{block}/32", org, block, now, 0, None) for block in blocks))
    filled.places["apiUserId", ""] = keys[0]


def _events(filling: _Filling, people: Sequence[str]) -> None:
    """Say of everybody that they joined both, and that roles changed: first on the project known to few."""
    org, now = filling.org, filling.now
    crowded, known = filling.filled.places["groupId", ""], filling.filled.places["groupId", "known"]
    (head,) = filling.connection.execute("SELECT MAX(revision) FROM log").fetchone()
    log: Rows = []
    events: Rows = []
    for revision, user in enumerate(people, head + 1):
        about = known if revision - head <= LIMITS.known_events else crowded
        rows = ((org, None, "JOINED_ORG"), (None, crowded, "JOINED_GROUP"), (org, about, "USER_ROLES_CHANGED_AUDIT"))
        events += [(revision, ordinal, *row, now) for ordinal, row in enumerate(rows)]
        told = [{"type": kind, "orgId": org, "groupId": on, "targetUserId": user} for _, on, kind in rows]
        body = json.dumps({"events": told}).encode()
        log.append((revision, org, now, "user", filling.filled.org.owner, "", "enrol", org, "", "done", body, b"[]",
                    "", "", ""))  # fmt: skip
    filling.put("log", log)
    filling.put("events", events)
    head = str(head + len(people))
    filling.connection.execute("UPDATE meta SET value = ? WHERE name = 'revision'", (head,))


def _traveller(filling: _Filling) -> None:
    """Make somebody who is in as many organizations as one may be, and has as many requests and invitations."""
    (user,), now = filling.persons(1), filling.now
    organizations = filling.ids(LIMITS.organizations)
    filling.put("organizations", ((org, org, "atlas", now, 0) for org in organizations))
    for org in organizations:
        filling.join([user], org)
        filling.put("assignments", [(user, org, "ORG_MEMBER", "user", org, 0, FOREVER, 0, 0)])
    filling.put("invitations", ((i, i, None, user, "pending", now, now + _MONTH, "user", filling.filled.org.owner, "[]")
                                for i in filling.ids(LIMITS.organizations)))  # fmt: skip
    _requests(filling, ((user, project) for project in filling.ids(LIMITS.own_requests)))
    filling.filled.people["traveller"] = user


def _requests(filling: _Filling, asked: Iterable[tuple[str, str]]) -> None:
    rows = list(asked)
    requests = zip(filling.ids(len(rows)), rows, strict=True)
    filling.put("join_requests", ((request, user, project, "open", "", "[]", None, filling.now, None, None, None, "")
                                  for request, (user, project) in requests))  # fmt: skip


def _invited(filling: _Filling) -> None:
    """Invite everybody to the other organization and its project, most too long ago; they ask to join here."""
    filled, now = filling.filled, filling.now
    org, owner = filled.inviting.id, filled.inviting.owner
    people = filling.persons(filled.size - 1)
    (project,), (team,) = filling.projects(1, org), filling.ids(1)
    invitations = filling.ids(len(people))
    ends = [now + _MONTH if number < LIMITS.waiting else now - 1 for number in range(len(people))]
    waiting = list(zip(people, invitations, ends, strict=True))
    filling.put("invitations", ((invitation, org, None, user, "pending", now, end, "user", owner, "[]")
                                for user, invitation, end in waiting))  # fmt: skip
    filling.put("members", ((org, user, "pending", 0, now, invitation, end, None) for user, invitation, end in waiting))
    filling.put("project_members", ((project, user, org, "pending", now, invitation, end, None, 0)
                                    for user, invitation, end in waiting))  # fmt: skip
    filling.team(team, islice(people, LIMITS.reached), org)
    _requests(filling, ((user, filled.places["groupId", ""]) for user in people))
    filled.people["inviter"] = owner
    filled.places |= {("orgId", "inviting"): org, ("groupId", "inviting"): project, ("teamId", "waiting"): team}


def count_everything(connection: sqlite3.Connection) -> None:
    """Set every counter to what the writer would have kept."""
    connection.execute("DELETE FROM counters")
    for table in metadata.tables.values():
        for columns in table.info.get("counters", ()):
            names = ", ".join(columns)
            counted = connection.execute(f"SELECT {names}, COUNT(*) FROM {table.name} GROUP BY {names}")  # noqa: S608
            insert(
                connection,
                "counters",
                ((counter_name(table.name, columns, v), number) for *v, number in counted if v[0]),
            )

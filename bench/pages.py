"""List pages: what the first and the last page of a long list cost beside those of a short one."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

from bench.storage import insert
from bench.table import Row, micros
from bench.wire import Peer, message, served_process
from orgward.kernel.instants import FOREVER
from orgward.store.sqlite import connect
from orgward.store.view import counter_name
from tests.wire.live import WallClock, serving
from tests.world import Organization, opened

SHORT: Final = 1_000
LONG: Final = 100_000
_PROJECTS: Final = 250
_PAGE: Final = 100
_ACCEPT: Final = "application/vnd.atlas.{}+json"


class _List(NamedTuple):
    name: str
    path: str
    version: str
    by_members: bool


_LISTS: Final = (
    _List("listOrgUsers 2025-02-19", "/orgs/{org}/users", "2025-02-19", by_members=True),
    _List("listOrgUsers 2023-01-01", "/orgs/{org}/users", "2023-01-01", by_members=True),
    _List(f"listGroups, {_PROJECTS} projects", "/groups", "2023-01-01", by_members=False),
    _List("listOrgEvents", "/orgs/{org}/events", "2023-01-01", by_members=True),
)
_FOUNDING_EVENTS: Final = 3


def page_rows(*, quick: bool) -> Iterator[Row]:
    """Measure first and last pages in two organizations of one store."""
    sizes = (SHORT, 2 * SHORT if quick else LONG)
    with TemporaryDirectory() as name:
        folder = Path(name)
        with opened(folder, clock=WallClock()) as served:
            made = [served.organization(f"of {n}", owner=f"owner{n}@example.org") for n in sizes]
            tokens = [served.session(each.owner).token for each in made]
        for size, organization in zip(sizes, made, strict=True):
            populate(folder, organization, size)
        with serving(folder) as live:
            peer = Peer.of(served_process(), live.url)
            for listed in _LISTS:
                for last in (False, True):
                    yield _compare(peer, listed, sizes, made, tokens, last=last, times=5 if quick else 60)


def populate(folder: Path, organization: Organization, size: int) -> None:
    """Add people up to `size` members, projects, and `size` events, as the writer would leave rows and counters."""
    org, now = organization.id, WallClock().now
    connection = connect(folder / "orgward.db")
    people = [f"{size:08x}{number:016x}" for number in range(1, size)]
    projects = [f"{size:08x}{number:016x}" for number in range(size, size + _PROJECTS)]
    connection.execute("BEGIN")
    insert(connection, "users", ((user, now, now, now, None) for user in people))
    insert(connection, "person_data", ((u, f"{u}@example.org", f"{u}@example.org", "A", "B", "DE", "") for u in people))
    insert(connection, "members", ((org, user, "active", 0, now, None, None, None) for user in people))
    insert(connection, "projects", ((project, org, project, now, 1, "[]") for project in projects))
    roles = ((user, org, "ORG_MEMBER", "user", org, 0, FOREVER, 0) for user in people)
    insert(connection, "assignments", roles)
    _count(connection, counter_name("members", ("org_id", "state"), (org, "active")), len(people))
    _count(connection, counter_name("projects", ("org_id",), (org,)), len(projects))
    for user in people:
        _count(connection, counter_name("members", ("user_id", "state"), (user, "active")), 1)
    _add_events(connection, organization, people[_FOUNDING_EVENTS - 1 :])
    connection.execute("COMMIT")
    connection.close()


def _add_events(connection: sqlite3.Connection, organization: Organization, people: Sequence[str]) -> None:
    """Add a row of the log for each of `people`, which says that they joined, and its place in the index."""
    org, owner, now = organization.id, organization.owner, WallClock().now
    (head,) = connection.execute("SELECT MAX(revision) FROM log").fetchone()
    bodies = [{"events": [{"type": "JOINED_ORG", "orgId": org, "targetUserId": user}]} for user in people]
    insert(connection, "log", (
        (head + n, org, now, "user", owner, "", "enrol", org, "", "done", json.dumps(body).encode(), b"[]", "", "", "")
        for n, body in enumerate(bodies, 1)
    ))  # fmt: skip
    insert(connection, "events", ((head + n, 0, org, None, "JOINED_ORG", now) for n in range(1, len(bodies) + 1)))
    connection.execute("UPDATE meta SET value = ? WHERE name = 'revision'", (str(head + len(bodies)),))
    _count(connection, counter_name("events", ("org_id",), (org,)), len(bodies))


def _count(connection: sqlite3.Connection, name: str, more: int) -> None:
    sql = "INSERT INTO counters VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = value + excluded.value"
    connection.execute(sql, (name, more))


def _compare(
    peer: Peer, listed: _List, sizes: tuple[int, int], made: list[Organization], tokens: list[str], *,
    last: bool, times: int,
) -> Row:  # fmt: skip
    requests = []
    for size, organization, token in zip(sizes, made, tokens, strict=True):
        total = size if listed.by_members else _PROJECTS
        page = -(-total // _PAGE) if last else 1
        asked = f"includeCount=true&itemsPerPage={_PAGE}&pageNum={page}"
        path = f"/api/atlas/v2{listed.path.format(org=organization.id)}?{asked}"
        accept = f"application/vnd.atlas.{listed.version}+json"
        request = message("GET", path, authorization=f"Bearer {token}", accept=accept)
        found = json.loads(peer.ask(request))
        assert found["totalCount"] == total, found["totalCount"]
        assert len(found["results"]) == (total - 1) % _PAGE + 1 if last else _PAGE
        requests.append(request)
    short, long = requests
    pairs = [(peer.time_of(long, 5), peer.time_of(short, 5)) for _ in range(times // 5)]
    ratio = median(a / b for a, b in pairs)
    return Row(f"{'last' if last else 'first'} page of {_PAGE}, {listed.name}, of {sizes[1]:,} members",
               micros(median(a for a, _ in pairs)), f"of {sizes[0]:,} {micros(median(b for _, b in pairs))}",
               f"{ratio:.2f}", "≤ 2 ×", ratio <= 2)  # fmt: skip

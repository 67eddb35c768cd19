"""What many do at once through the front door of one server, and what the command line does beside it."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import requests
from requests.auth import HTTPDigestAuth

from orgward.app.operator import NewUser
from orgward.catalog import DEFAULT_LIMITS
from tests.soak.report import Report
from tests.soak.server import PATIENCE, run, unverified
from tests.soak.writers import Crew
from tests.store_checker import check_store
from tests.wire.live import Client, Live, serving

ACCEPTANCES = 50
OWNERS = 8
CLIENTS = 64
ROOM = 10
LOADERS = 4
OWN = "/api/orgward/v1"

LIMITED: dict[str, tuple[int, str, Callable[[str, str], Any]]] = {
    "groups": (
        DEFAULT_LIMITS.projects_per_organization,
        "MAX_GROUPS_PER_ORG_EXCEEDED",
        lambda org, name: {"name": name, "orgId": org},
    ),
    "apiKeys": (
        DEFAULT_LIMITS.api_keys_per_organization,
        "MAX_API_KEYS_PER_ORG_EXCEEDED",
        lambda org, name: {"desc": name, "roles": ["ORG_MEMBER"]},
    ),
    "users": (
        DEFAULT_LIMITS.users_per_organization,
        "MAX_USERS_PER_ORG_EXCEEDED",
        lambda org, name: {"username": f"{name}@example.org", "roles": {"orgRoles": ["ORG_MEMBER"]}},
    ),
}
"""What there may be only so much of in an organization: the number, the refusal's code, and the body of one more."""


def at_once(acts: Sequence[Callable[[], requests.Response]]) -> Counter[str]:
    """Let everybody act at the same moment, and count the answers by status and code."""
    gate = threading.Barrier(len(acts))

    def act(each: Callable[[], requests.Response]) -> str:
        gate.wait(PATIENCE)
        reply = each()
        return f"{reply.status_code} {'' if reply.ok else reply.json()['errorCode']}".strip()

    with ThreadPoolExecutor(len(acts)) as pool:
        return Counter(pool.map(act, acts))


def acceptances(live: Live, name: str) -> Iterator[str]:
    """Accept one invitation fifty times at once: one is done, the others find it answered, one member is there."""
    inviting = live.world.organization(f"Inviting {name}", owner=f"host.{name}@example.org")
    owner = live.owner(inviting)
    guest = live.person(f"guest.{name}@example.org")
    body = {"username": f"guest.{name}@example.org", "roles": {"orgRoles": ["ORG_READ_ONLY"]}}
    user = owner.done("POST", f"/orgs/{inviting.id}/users", body)["id"]
    (invitation,) = guest.done("GET", f"{OWN}/me/invitations")["results"]
    path = f"{OWN}/me/invitations/{invitation['id']}:accept"
    guests = [Client(live.url, bearer=guest.bearer) for _ in range(ACCEPTANCES)]
    answers = at_once([lambda each=each: each("POST", path) for each in guests])
    if answers != {"200": 1, "409 INVITATION_NOT_PENDING": ACCEPTANCES - 1}:
        yield f"{ACCEPTANCES} acceptances were answered {dict(answers)}"
    members = [row["id"] for row in owner.done("GET", f"/orgs/{inviting.id}/users")["results"]]
    if members.count(user) != 1 or len(members) != 2:
        yield f"{ACCEPTANCES} acceptances made the members {members} of {user}"
    rows = live.world.store.view.find("members", org_id=inviting.id, user_id=user)
    if [row["state"] for row in rows] != ["active"]:
        yield f"{ACCEPTANCES} acceptances left {rows}"


def demotions(live: Live, name: str) -> Iterator[str]:
    """Let each of several owners demote all the others at once: one is left."""
    owners = [live.person(f"owner{n}.{name}@example.org") for n in range(OWNERS)]
    org = live.world.organization(f"Owned {name}", owner=f"owner0.{name}@example.org")
    ids = [owner.done("GET", f"{OWN}/me")["userId"] for owner in owners]
    for n in range(1, OWNERS):
        body = NewUser(username=f"owner{n}.{name}@example.org", organizations={org.id: ["ORG_OWNER"]})
        live.world.operate("enrolUser", body)

    def demote_all(me: int) -> requests.Response:
        for other in range(OWNERS):
            if other != me:
                path = f"/orgs/{org.id}/users/{ids[(me + other) % OWNERS]}"
                reply = owners[me]("PATCH", path, {"roles": {"orgRoles": ["ORG_MEMBER"]}})
        return reply

    answers = at_once([lambda me=me: demote_all(me) for me in range(OWNERS)])
    listed = live.owner(org).done("GET", f"/orgs/{org.id}/users")["results"]
    left = [row["username"] for row in listed if "ORG_OWNER" in row["roles"]["orgRoles"]]
    if len(left) != 1 or len(listed) != OWNERS:
        yield f"{OWNERS} owners demoted each other and {left} are left; the last answers were {dict(answers)}"


def limit(live: Live, what: str, name: str) -> Iterator[str]:
    """Let 64 clients race for the last ten places: ten get them."""
    most, code, body_of = LIMITED[what]
    org = live.world.organization(f"Full {what} {name}", owner=f"full.{what}.{name}@example.org")
    path = "/groups" if what == "groups" else f"/orgs/{org.id}/{what}"
    counted = f"/orgs/{org.id}/{what}?itemsPerPage=1"
    clients = [live.owner(org) for _ in range(CLIENTS)]
    there = clients[0].done("GET", counted)["totalCount"]

    def fill(numbers: range) -> None:
        for number in numbers:
            clients[numbers.start].done("POST", path, body_of(org.id, f"filling {number}".replace(" ", ".")))

    with ThreadPoolExecutor(LOADERS) as pool:
        list(pool.map(fill, [range(n, most - ROOM - there, LOADERS) for n in range(LOADERS)]))
    for client in clients:
        client.done("GET", counted)  # so that each has had its challenge before the race
    racing = [lambda n=n, c=c: c("POST", path, body_of(org.id, f"racing.{n}")) for n, c in enumerate(clients)]
    answers = at_once(racing)
    if sum(number for answer, number in answers.items() if answer in {"200", "201"}) != ROOM:
        yield f"{CLIENTS} clients raced for {ROOM} {what} and were answered {dict(answers)}"
    if answers[f"400 {code}"] != CLIENTS - ROOM:
        yield f"{CLIENTS} clients raced for {ROOM} {what} and were refused as {dict(answers)}"
    if (total := clients[0].done("GET", counted)["totalCount"]) != most:
        yield f"there are {total} {what}, where {most} may be"


class CommandLine:
    """Commands in a loop beside a server; what each has changed is looked for in the very next request."""

    def __init__(self, live: Live, folder: Path, org: str, owner: Client) -> None:
        """Change `org`, and look with `owner`."""
        self._live, self._folder, self._org, self._owner = live, folder, org, owner

    def turn(self, number: int) -> Iterator[str]:
        """Make somebody with a key, and an organization; then forget the person."""
        name = f"operator{number}@example.org"
        made = self._run("users", "create", "--username", name, "--organization", self._org, "--role", "ORG_MEMBER",
                         "--api-key")  # fmt: skip
        user = f"/orgs/{self._org}/users/{made['userId']}"
        yield self._expect(self._owner, user, 200)
        yield self._expect(self._by_key(made), f"/orgs/{self._org}", 200)
        founded = self._run("bootstrap", "--organization", f"Founded {number}", "--owner", name)
        yield self._expect(self._by_key(founded), f"/orgs/{founded['organizationId']}", 200)
        self._run("users", "create", "--username", f"heir{number}@example.org", "--organization",
                  founded["organizationId"], "--role", "ORG_OWNER")  # fmt: skip
        self._run("users", "erase", "--username", name)
        yield self._expect(self._owner, user, 404)

    def _run(self, *arguments: str) -> Any:
        ended = run(self._folder, *arguments, "--json")
        if ended.returncode:
            message = f"orgward {' '.join(arguments)} ended with {ended.returncode}: {ended.stderr}"
            raise AssertionError(message)
        return json.loads(ended.stdout)

    def _by_key(self, made: Any) -> Client:
        return Client(self._live.url, HTTPDigestAuth(made["publicKey"], made["privateKey"]))

    @staticmethod
    def _expect(client: Client, path: str, status: int) -> str:
        reply = client.get(path)
        found = reply.status_code
        return "" if found == status else f"GET {path} after a command: {found}, not {status} {reply.text[:300]}"


def commands_beside_load(live: Live, folder: Path, turns: int, rng: Random) -> tuple[Crew, list[str]]:
    """Run commands beside a server under load; return who wrote, and all that was lost, refused or late."""
    org = live.world.organization("Loaded", owner="loaded@example.org")
    for number in range(LOADERS * 2):
        body = NewUser(username=f"member{number}@example.org", organizations={org.id: ["ORG_MEMBER"]})
        live.world.operate("enrolUser", body)
    crew = Crew.of(org.id, [live.owner(org) for _ in range(LOADERS)], rng)
    beside = live.world.organization("Beside", owner="beside@example.org")
    commands, stop, faults = CommandLine(live, folder, beside.id, live.owner(beside)), threading.Event(), []
    with ThreadPoolExecutor(LOADERS) as pool:
        running = [pool.submit(writer.write_until, stop) for writer in crew.writers]
        try:
            for number in range(turns):
                faults += [fault for fault in commands.turn(number) if fault]
        except AssertionError as error:
            faults.append(str(error))
        finally:
            stop.set()
        for each in running:
            each.result(PATIENCE)
    faults += [f"{writer.attempt} has no answer" for writer in crew.unanswered()]
    return crew, [*faults, *crew.faults(live.owner(org))]


def soak(repeats: int, turns: int, seed: int, kinds: Sequence[str] = tuple(LIMITED)) -> Report:
    """Run every race `repeats` times, and the commands beside a server under load."""
    began, report = time.monotonic(), Report("races")
    with TemporaryDirectory() as name:
        folder = Path(name)
        with serving(folder) as live:
            for number in range(repeats):
                report.add(acceptances(live, str(number)))
                report.add(demotions(live, str(number)))
                for what in kinds:
                    report.add(limit(live, what, str(number)))
            print("races: the clients are done, now the commands", flush=True)
            crew, faults = commands_beside_load(live, folder, turns, Random(seed))
            report.add(faults)
            report.add([unverified(run(folder, "audit", "verify"))])
            report.add(check_store(folder / "orgward.db"))
    report.line = (
        f"{repeats} × {ACCEPTANCES} acceptances, {OWNERS} owners, {CLIENTS} clients for {ROOM} {', '.join(kinds)};"
        f" {4 * turns} commands beside {crew.acknowledged} acknowledged writes;"
        f" {time.monotonic() - began:.0f} s"
    )
    return report

"""Clients that write without a pause, and remember what every answer promised them."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from threading import Event
from typing import Any

import requests

from tests.wire.live import Client

Thing = tuple[str, str]
Value = tuple[str, ...]
Promises = dict[Thing, Value]
"""What is there by kind and id, and its name and roles as the lists show them."""

FEW = 3
INVITATIONS = 100
"""How many each writer sends: from one address there may be so many within an hour."""
ORG_ROLES = ("ORG_BILLING_ADMIN", "ORG_READ_ONLY", "ORG_GROUP_CREATOR")


@dataclass(frozen=True, slots=True)
class Attempt:
    """A write without an answer yet: what will be there if it is done; without an id it makes something new."""

    kind: str
    id: str | None
    after: Value | None
    at: float = field(default_factory=time.monotonic)

    def explains(self, thing: Thing, value: Value | None) -> bool:
        """Say whether `thing` is as this write would have left it."""
        return thing[0] == self.kind and self.id in {None, thing[1]} and value == self.after


@dataclass(slots=True)
class Writer:
    """One client; the things that it changes are its own, so that their changes have one order."""

    number: int
    org: str
    client: Client
    rng: Random
    promises: Promises = field(default_factory=dict)
    attempt: Attempt | None = None
    acknowledged: int = 0
    refused: int = 0
    revision: int = 0
    serial: int = 0
    invited: int = 0
    faults: list[str] = field(default_factory=list)

    def write_until(self, stop: Event) -> None:
        """Write until `stop`, or until the server is gone; `attempt` is then what had no answer."""
        while not stop.is_set():
            try:
                self._step()
            except requests.RequestException:
                return

    def _step(self) -> None:
        kind = self.rng.choice(("project", "project", "invitation", "key", "member", "team", "refusal"))
        getattr(self, f"_{kind}")()

    def _mine(self, kind: str) -> list[Thing]:
        return [thing for thing in self.promises if thing[0] == kind]

    def _fresh(self, what: str) -> str:
        self.serial += 1
        return f"{what}-{self.number}-{self.serial}"

    def _project(self) -> None:
        mine = self._mine("project")
        if len(mine) < FEW:
            name = self._fresh("project")
            self._write("project", None, (name,), "POST", "/groups", {"name": name, "orgId": self.org})
            return
        found = self.rng.choice(mine)[1]
        if self.rng.random() < 0.5:
            name = self._fresh("renamed")
            self._write("project", found, (name,), "PATCH", f"/groups/{found}", {"name": name})
        else:
            self._write("project", found, None, "DELETE", f"/groups/{found}")

    def _invitation(self) -> None:
        mine = [thing for thing in self._mine("user") if self.promises[thing][1] == "PENDING"]
        users = f"/orgs/{self.org}/users"
        if len(mine) < FEW and self.invited < INVITATIONS:
            self.invited += 1
            name = f"{self._fresh('guest')}@example.org"
            body = {"username": name, "roles": {"orgRoles": ["ORG_MEMBER"]}}
            self._write("user", None, (name, "PENDING", "ORG_MEMBER"), "POST", users, body)
        elif mine:
            found = self.rng.choice(mine)[1]
            self._write("user", found, None, "DELETE", f"{users}/{found}")
        else:
            self._member()

    def _member(self) -> None:
        mine = [thing for thing in self._mine("user") if self.promises[thing][1] == "ACTIVE"]
        thing = self.rng.choice(mine)
        name, state, *held = self.promises[thing]
        role = self.rng.choice(ORG_ROLES)
        verb, after = ("removeRole", {*held} - {role}) if role in held else ("addRole", {*held, role})
        path = f"/orgs/{self.org}/users/{thing[1]}:{verb}"
        self._write("user", thing[1], (name, state, *sorted(after)), "POST", path, {"orgRole": role})

    def _key(self) -> None:
        mine = self._mine("key")
        keys = f"/orgs/{self.org}/apiKeys"
        if len(mine) < FEW:
            name = self._fresh("key")
            body = {"desc": name, "roles": ["ORG_READ_ONLY"]}
            self._write("key", None, (name, "ORG_READ_ONLY"), "POST", keys, body)
            return
        found = self.rng.choice(mine)[1]
        if self.rng.random() < 0.5:
            name, role = self._fresh("changed"), self.rng.choice(ORG_ROLES)
            body = {"desc": name, "roles": [role]}
            self._write("key", found, (name, role), "PATCH", f"{keys}/{found}", body)
        else:
            self._write("key", found, None, "DELETE", f"{keys}/{found}")

    def _team(self) -> None:
        mine, teams = self._mine("team"), f"/orgs/{self.org}/teams"
        user, who = self.rng.choice([(t[1], v[0]) for t, v in self.promises.items() if v[1:2] == ("ACTIVE",)])
        if len(mine) < FEW:
            name = self._fresh("team")
            self._write("team", None, (name, who), "POST", teams, {"name": name, "usernames": [who]})
            return
        found = self.rng.choice(mine)[1]
        name, *inside = self.promises["team", found]
        what = self.rng.random()
        if what < 0.25:
            self._write("team", found, None, "DELETE", f"{teams}/{found}")
        elif what < 0.5:
            name = self._fresh("renamed team")
            self._write("team", found, (name, *inside), "PATCH", f"{teams}/{found}", {"name": name})
        else:
            verb, after = ("removeUser", {*inside} - {who}) if who in inside else ("addUser", {*inside, who})
            self._write("team", found, (name, *sorted(after)), "POST", f"{teams}/{found}:{verb}", {"id": user})

    def _refusal(self) -> None:
        """Ask for what a rule refuses; nothing may come of it, whether or not the answer arrives."""
        for thing in self._mine("project")[:1]:
            reply = self.client("POST", "/groups", {"name": self.promises[thing][0], "orgId": self.org})
            self._seen(reply)
            self.refused += 1
            if reply.status_code != 409:
                self.faults.append(f"a name that is taken: {reply.status_code} {reply.text[:300]}")

    def _write(self, kind: str, id: str | None, after: Value | None, method: str, path: str, body: Any = None) -> None:
        self.attempt = Attempt(kind, id, after)
        reply = self.client(method, path, body)
        self._seen(reply)
        if not reply.ok:
            self.faults.append(f"{method} {path} {body}: {reply.status_code} {reply.text[:300]}")
        else:
            self.acknowledged += 1
            self.promise((kind, id or reply.json()["id"]), after)
        self.attempt = None

    def promise(self, thing: Thing, value: Value | None) -> None:
        """Remember that `thing` is as it is."""
        if value is None:
            self.promises.pop(thing, None)
        else:
            self.promises[thing] = value

    def _seen(self, reply: requests.Response) -> None:
        self.revision = max(self.revision, int(reply.headers["Orgward-Revision"]))


def observed(client: Client, org: str) -> Promises:
    """Return what the lists of a server show of `org`, every page."""
    found: Promises = {}
    for row in _listed(client, f"/orgs/{org}/groups"):
        found["project", row["id"]] = (row["name"],)
    for row in _listed(client, f"/orgs/{org}/users"):
        found["user", row["id"]] = (row["username"], row["orgMembershipStatus"], *sorted(row["roles"]["orgRoles"]))
    for row in _listed(client, f"/orgs/{org}/apiKeys"):
        found["key", row["id"]] = (row["desc"], *sorted(role["roleName"] for role in row["roles"] if "orgId" in role))
    for row in _listed(client, f"/orgs/{org}/teams"):
        inside = _listed(client, f"/orgs/{org}/teams/{row['id']}/users")
        found["team", row["id"]] = (row["name"], *sorted(user["username"] for user in inside))
    return found


def _listed(client: Client, path: str) -> Iterator[Any]:
    page = 1
    while True:
        rows = client.done("GET", f"{path}?itemsPerPage=500&pageNum={page}")["results"]
        yield from rows
        if len(rows) < 500:
            return
        page += 1


@dataclass(slots=True)
class Crew:
    """All writers of an organization, and what none of them changes."""

    org: str
    writers: list[Writer]
    fixed: Promises

    @classmethod
    def of(cls, org: str, clients: Sequence[Client], rng: Random) -> "Crew":
        """Share the members whose names begin with `member` among one writer for each of `clients`."""
        writers = [Writer(number, org, client, Random(rng.random())) for number, client in enumerate(clients)]
        fixed = observed(clients[0], org)
        members = sorted(thing for thing, value in fixed.items() if value[0].startswith("member"))
        for number, thing in enumerate(members):
            writers[number % len(writers)].promises[thing] = fixed.pop(thing)
        return cls(org, writers, fixed)

    @property
    def acknowledged(self) -> int:
        """Return how many writes were acknowledged."""
        return sum(writer.acknowledged for writer in self.writers)

    @property
    def refused(self) -> int:
        """Return how many writes were refused, all of them by a rule."""
        return sum(writer.refused for writer in self.writers)

    def unanswered(self) -> list[Writer]:
        """Return the writers whose last write has no answer."""
        return [writer for writer in self.writers if writer.attempt is not None]

    def faults(self, reader: Client) -> Iterator[str]:
        """Yield what the server that `reader` asks does not hold as it was promised, and what it refused."""
        yield from self._differences(observed(reader, self.org))
        for writer in self.writers:
            yield from (f"refused under load: {fault}" for fault in writer.faults)
            writer.faults.clear()
        promised = max(writer.revision for writer in self.writers)
        if (revision := int(reader.get("/orgs").headers["Orgward-Revision"])) < promised:
            yield f"revision {promised} was answered, {revision} is there"

    def _differences(self, seen: Promises) -> Iterator[str]:
        promised = self.fixed | {thing: value for writer in self.writers for thing, value in writer.promises.items()}
        for thing in sorted(promised.keys() | seen.keys()):
            value, found = promised.get(thing), seen.get(thing)
            if value == found:
                continue
            author = next((w for w in self.unanswered() if w.attempt.explains(thing, found)), None)
            if author is None:
                yield f"{' '.join(thing)} is {found}, was acknowledged as {value}"
            else:
                author.promise(thing, found)
                author.attempt = None

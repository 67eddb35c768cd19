"""kill -9 at a random moment under write load: every acknowledged write is there, and nothing is there by halves."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from threading import Event

from requests.auth import HTTPDigestAuth

from orgward.app.operator import NewUser
from tests.soak.report import Report
from tests.soak.server import PATIENCE, Server, command, finished, run, unverified
from tests.soak.writers import Crew
from tests.store_checker import check_store
from tests.wire.live import Client, WallClock
from tests.world import World

WRITERS = 6
FRESH_EVERY = 10
KILLED_STARTING = 0.2
LONGEST_LOAD = 0.6
LONGEST_START = 1.2
LONGEST_MIGRATION = 0.5


@dataclass(slots=True)
class Tally:
    """What the rounds came to."""

    rounds: int = 0
    hits: int = 0
    unanswered: int = 0
    landed: int = 0
    starting: int = 0
    fresh: int = 0
    seconds: float = 0

    def line(self, crew: Crew, lost: int) -> str:
        """Return the numbers in a line."""
        return (
            f"{self.rounds} kills under load, {self.hits} of them with a write in flight"
            f" ({self.unanswered} writes, {self.landed} of them done); {crew.acknowledged} writes acknowledged,"
            f" {lost} lost; {crew.refused} refused by a rule; killed while starting {self.starting},"
            f" while migrating {self.fresh}; {self.seconds:.0f} s"
        )


@dataclass(slots=True)
class Load:
    """A store under load: its server, who writes, and what became of it."""

    server: Server
    rng: Random
    crew: Crew
    tally: Tally = field(default_factory=Tally)
    report: Report = field(default_factory=lambda: Report("kills"))

    @classmethod
    def of(cls, folder: Path, rng: Random) -> "Load":
        """Make a store with an organization, an owner with a key and a session, and two members for each writer."""
        world = World.open(folder, clock=WallClock())  # type: ignore[arg-type]
        made = world.organization()
        for number in range(WRITERS * 2):
            name = f"member{number}@example.org"
            world.operate("enrolUser", NewUser(username=name, organizations={made.id: ["ORG_MEMBER"]}))
        world.close()
        server = Server(folder)
        assert not server.start()
        body = {"token": made.setup_token, "password": "correct horse 7", "firstName": "A", "lastName": "B"}
        session = Client(server.url).done("POST", "/api/orgward/v1/accounts:setup", body)["token"]
        by_key = HTTPDigestAuth(made.key.public_key, made.key.private_key)
        clients = [Client(server.url, bearer=session) if n % 2 else Client(server.url, by_key) for n in range(WRITERS)]
        crew = Crew.of(made.id, clients, rng)
        server.kill()
        return cls(server, rng, crew)

    def round(self) -> None:
        """Start, see that all is as promised, write, and kill."""
        if self.rng.random() < KILLED_STARTING:
            self.kill_while_starting()
        self.come_back()
        if self.report.faults:
            return
        with ThreadPoolExecutor(WRITERS) as pool:
            running = [pool.submit(writer.write_until, Event()) for writer in self.crew.writers]
            time.sleep(self.rng.uniform(0.05, LONGEST_LOAD))
            self.server.kill()
            killed = time.monotonic()
            for each in running:
                each.result(PATIENCE)
        in_flight = [writer for writer in self.crew.unanswered() if writer.attempt.at < killed]
        self.tally.rounds += 1
        self.tally.hits += bool(in_flight)
        self.tally.unanswered += len(in_flight)

    def kill_while_starting(self) -> None:
        """Start and kill before the server may have come up."""
        self.server.spawn()
        time.sleep(self.rng.uniform(0, LONGEST_START))
        self.server.kill()
        self.tally.starting += 1

    def come_back(self) -> None:
        """Start the server while the log is verified beside it, and hold the store against what was promised."""
        verifying = command(self.server.folder, "audit", "verify")
        self.report.add([self.server.start()])
        self.report.add([unverified(finished(verifying))])
        if not self.report.faults:
            self.report.add(self._faults())

    def _faults(self) -> Iterator[str]:
        for writer in self.crew.writers:
            writer.client.url = self.server.url
        before = len(self.crew.unanswered())
        yield from self.crew.faults(self.crew.writers[0].client)
        self.tally.landed += before - len(self.crew.unanswered())
        for writer in self.crew.writers:
            writer.attempt = None
        yield from check_store(self.server.folder / "orgward.db")


def fresh_faults(folder: Path, rng: Random) -> Iterator[str]:
    """Yield what is wrong with a store whose first server was killed while it made it."""
    server = Server(folder)
    server.spawn()
    # The process takes a while to come to the store; what is to be hit is what it does there.
    deadline = time.monotonic() + PATIENCE
    while not (folder / "orgward.db.lock").exists() and time.monotonic() < deadline:
        time.sleep(0.005)
    time.sleep(rng.uniform(0, LONGEST_MIGRATION))
    server.kill()
    yield server.start()
    made = run(folder, "bootstrap", "--organization", "Acme", "--owner", "ann@example.org", "--json")
    if made.returncode:
        yield f"bootstrap ended with {made.returncode}: {made.stderr}"
    yield unverified(run(folder, "audit", "verify"))
    yield server.stop()
    yield from check_store(folder / "orgward.db")


def soak(rounds: int, seed: int, *, fresh: int | None = None) -> Report:
    """Kill a server under load `rounds` times, and some at their very first start."""
    began, rng = time.monotonic(), Random(seed)
    with TemporaryDirectory() as folder:
        load = Load.of(Path(folder), rng)
        for _ in range(rounds):
            load.round()
            if load.report.faults:
                break
            if load.tally.rounds % FRESH_EVERY == 0:
                print(f"kills: {load.tally.rounds} of {rounds}", flush=True)
        if not load.report.faults:
            load.come_back()
        load.report.add([load.server.stop()])
        lost = sum("was acknowledged" in fault for fault in load.report.faults)
    for _ in range(max(1, rounds // FRESH_EVERY) if fresh is None else fresh):
        with TemporaryDirectory() as folder:
            load.report.add(fresh_faults(Path(folder), rng))
            load.tally.fresh += 1
    load.tally.seconds = time.monotonic() - began
    load.report.line = load.tally.line(load.crew, lost)
    return load.report

"""How many requests a principal may send to each set of endpoints: token buckets in the memory of this process.

An empty bucket is full again after five seconds, so that one left alone for as long is as good as a new one: those
are forgotten, and memory stays bounded. An installation of one's own counts for itself alone; where several processes
serve one store, each counts what it serves.

A form of the console makes many calls at once. It is let in if there is anything left, so that nothing is left half
done; what it took too much is paid off before the next request.
"""

import hashlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from orgward.app.attempts import TooManyAttemptsError, address_bucket
from orgward.app.operation import Public
from orgward.edge.endpoint import ATLAS, OWN, Endpoint
from orgward.kernel.principal import Principal

REFILL_SECONDS: Final = 5
_REFILL: Final = REFILL_SECONDS * 1_000_000_000
_PER_MINUTE: Final = 60 // REFILL_SECONDS
_KEPT: Final = 50_000


@dataclass(frozen=True, slots=True)
class EndpointSet:
    """Endpoints that share a bucket: those below one of `paths`, unless a longer path of another set fits better.

    A public set counts by address, every other one by principal.
    """

    name: str
    capacity: int
    paths: tuple[str, ...]
    is_public: bool = False

    @property
    def id(self) -> str:
        """Return the id of the set: it follows from the name, so that it is the same everywhere."""
        return hashlib.sha256(self.name.encode()).hexdigest()[:24]

    def fit(self, endpoint: Endpoint) -> int:
        """Return how well the set fits `endpoint`: the length of the path that it lies below, 0 where it does not."""
        if self.is_public != isinstance(endpoint.operation.requires, Public):
            return 0
        return max((len(path) for path in self.paths if _is_below(endpoint.path, path)), default=0)


def _is_below(path: str, parent: str) -> bool:
    return path.startswith(parent) and (parent == "/" or path[len(parent) : len(parent) + 1] in {"", "/", ":"})


_ORG: Final = f"{ATLAS}/orgs/{{orgId}}"
_GROUP: Final = f"{ATLAS}/groups/{{groupId}}"
_FEDERATION: Final = f"{ATLAS}/federationSettings"
_SIGNING_IN: Final = (f"{OWN}/sessions", f"{OWN}/accounts", "/api/oauth", "/api/private/unauth/account")

SETS: Final = (
    EndpointSet("Listing organizations", 300, (f"{ATLAS}/orgs",)),
    EndpointSet("Events of projects", 300, (f"{_GROUP}/events", f"{_GROUP}/activityFeed")),
    EndpointSet("Federation", 300, (_FEDERATION,)),
    EndpointSet("Connected organizations", 500, (f"{_FEDERATION}/{{federationSettingsId}}/connectedOrgConfigs",)),
    EndpointSet("Organizations", 500, (_ORG,)),
    EndpointSet("Teams", 1_200, (f"{_ORG}/teams",)),
    EndpointSet("Projects", 1_200, (f"{ATLAS}/groups",)),
    EndpointSet("Users", 2_500, (f"{ATLAS}/users",)),
    EndpointSet("Everything else", 1_200, ("/",)),
    EndpointSet("People", 1_200, (OWN,)),
    EndpointSet("Decisions", 50_000, ("/access",)),
    EndpointSet("Signing in", 300, _SIGNING_IN, is_public=True),
    EndpointSet("Public information", 1_200, ("/",), is_public=True),
)
"""Capacities are those of the real service where it has the endpoints (wire.md 7)."""

_PAGES: Final = EndpointSet("Pages", 1_200, ())
_REHEARSALS: Final = EndpointSet("Checks of changes", 2_500, ())
"""What the console counts beside the calls of the API that it makes: pages, forms and files; calls that are tried."""


class Allowance(NamedTuple):
    """What is left of a bucket; `wait` seconds until there is something again, 0 where the request was let in."""

    limit: int
    remaining: int
    wait: int = 0


class Buckets:
    """The buckets of one endpoint set, by principal or address."""

    def __init__(
        self, served: EndpointSet, capacity: int, endpoints: Sequence[Endpoint], clock: Callable[[], int]
    ) -> None:
        """Start with every bucket full, holding `capacity` requests to `endpoints`."""
        self.served = served
        self.capacity = capacity
        self.endpoints = tuple(endpoints)
        self._clock = clock
        self._spacing = _REFILL // capacity
        self._full = self._spacing * capacity
        # Of each bucket the instant at which it is full again. What was not touched for two turns is full.
        self._recent: dict[str, int] = {}
        self._before: dict[str, int] = {}
        self._turned = clock()
        self._lock = threading.Lock()

    def take(self, who: str, count: int = 1) -> Allowance:
        """Take `count` requests at once out of the bucket of `who`, if there is one."""
        with self._lock:
            now = self._clock()
            if now - self._turned >= _REFILL or len(self._recent) >= _KEPT:
                self._turn(now)
            begun = max(now, self._recent.get(who) or self._before.get(who) or 0)
            left = self._full - (begun + self._spacing - now)
            if left < 0:
                return Allowance(self.capacity, 0, -(left // 1_000_000_000))
            self._recent[who] = begun + self._spacing * count
            return Allowance(self.capacity, max(0, left // self._spacing - (count - 1)))

    def _turn(self, now: int) -> None:
        """Forget who was not there for two turns, but nobody who took more than there was."""
        owing = {who: full_at for who, full_at in self._before.items() if full_at > self._turned + self._full}
        self._before, self._recent, self._turned = owing | self._recent, {}, now

    def refusal(self, allowance: Allowance) -> TooManyAttemptsError:
        """Return what is answered to a request for which there is nothing left."""
        what = f"requests to {self.served.name}"
        return TooManyAttemptsError(what, self.capacity * _PER_MINUTE, allowance.wait)


class RateLimits:
    """The limits in force: those of the table times a factor; with 0 there are none."""

    def __init__(
        self, endpoints: Sequence[Endpoint], factor: float, *, clock: Callable[[], int] = time.monotonic_ns
    ) -> None:
        """Give each of `endpoints` the buckets of the set that fits it best."""
        self.in_force: list[Buckets] = []
        self._by_operation: dict[str, Buckets] = {}
        for found in SETS if factor else ():
            inside = [endpoint for endpoint in endpoints if set_of(endpoint) == found]
            if inside:
                buckets = Buckets(found, max(1, round(found.capacity * factor)), inside, clock)
                self.in_force.append(buckets)
                self._by_operation |= {endpoint.operation.id: buckets for endpoint in inside}
        self._pages, self._rehearsals = (
            Buckets(found, max(1, round(found.capacity * factor)), (), clock) if factor else None
            for found in (_PAGES, _REHEARSALS)
        )

    def buckets_of(self, endpoint: Endpoint) -> Buckets | None:
        """Return the buckets from which requests to `endpoint` are taken, None where nothing is limited."""
        return self._by_operation.get(endpoint.operation.id)

    def admit(self, endpoints: Iterable[Endpoint], caller: Principal, address: str) -> None:
        """Count calls of `endpoints` that are made in this process like those of a client, or raise."""
        for buckets, count in Counter(self.buckets_of(endpoint) for endpoint in endpoints).items():
            _admit(buckets, caller, address, count)

    def admit_page(self, caller: Principal, address: str) -> None:
        """Count a page, form or file of the console, or raise."""
        _admit(self._pages, caller, address, 1)

    def admit_rehearsal(self, caller: Principal, address: str, count: int) -> None:
        """Count the trial of `count` calls, or raise: it costs the writer as much as making them."""
        _admit(self._rehearsals, caller, address, count)


def _admit(buckets: Buckets | None, caller: Principal, address: str, count: int) -> None:
    if buckets is None:
        return
    is_nobodys = buckets.served.is_public or not caller.id
    allowance = buckets.take(address_bucket(address) if is_nobodys else caller.id, count)
    if allowance.wait:
        raise buckets.refusal(allowance)


def set_of(endpoint: Endpoint) -> EndpointSet:
    """Return the one set that `endpoint` is in."""
    return max(SETS, key=lambda found: found.fit(endpoint))

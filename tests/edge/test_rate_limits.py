"""Rate limits: buckets that fill again, one set for every endpoint, and what a caller is told."""

import json
from collections import Counter

import pytest

from orgward.app.attempts import address_bucket
from orgward.cli.faces import declare_everything
from orgward.edge import rate_limits
from orgward.edge.endpoint import ENDPOINTS
from orgward.edge.rate_limits import SETS, Buckets, EndpointSet, RateLimits, set_of
from orgward.edge.server import build_app
from tests.empty_store import open_world
from tests.wire.facts import fact
from tests.world import Caller

SECOND = 1_000_000_000
OWN = "/api/orgward/v1"
A_SET = EndpointSet("Things", 10, ("/things",))

declare_everything()
SERVED = {endpoint.operation.id: endpoint for endpoint in ENDPOINTS}


class Watch:
    """A clock in nanoseconds that stands still until it is moved."""

    def __init__(self):
        """Begin somewhere."""
        self.now = 7 * SECOND

    def __call__(self):
        """Return the time."""
        return self.now


@pytest.fixture
def watch():
    """Give a clock."""
    return Watch()


@pytest.fixture
def buckets(watch):
    """Give buckets of ten requests."""
    return Buckets(A_SET, 10, (), watch)


# -- buckets


def test_a_bucket_is_emptied_one_by_one(buckets):
    """So many requests are let in as it holds, each told what is left; the next waits for a second at most."""
    taken = [buckets.take("ann") for _ in range(10)]
    assert [allowance.remaining for allowance in taken] == list(range(9, -1, -1))
    assert {(allowance.limit, allowance.wait) for allowance in taken} == {(10, 0)}
    assert buckets.take("ann") == (10, 0, 1)


def test_an_empty_bucket_is_full_after_five_seconds(watch, buckets):
    """What was taken comes back evenly: half of it in half the time, all of it in five seconds, never more."""
    while buckets.take("ann").wait == 0:
        pass
    watch.now += SECOND // 2
    assert buckets.take("ann").wait == 0
    assert buckets.take("ann").wait == 1
    watch.now += 2 * SECOND + SECOND // 2
    assert buckets.take("ann").remaining == 4
    for passed in (5, 500):
        watch.now += passed * SECOND
        assert buckets.take("ann").remaining == 9


def test_what_is_refused_costs_nothing(watch, buckets):
    """Whoever goes on asking is let in as soon as whoever waits."""
    for _ in range(1000):
        buckets.take("ann")
    watch.now += SECOND // 2
    assert buckets.take("ann").wait == 0


def test_everybody_has_a_bucket_of_their_own(buckets):
    """One principal's requests are not another's."""
    while buckets.take("ann").wait == 0:
        pass
    assert buckets.take("bob").remaining == 9


def test_a_bucket_is_not_forgotten_before_it_is_full(watch, buckets):
    """Whatever becomes of the others, an empty bucket stays empty until its time has passed."""
    watch.now += 4 * SECOND
    while buckets.take("ann").wait == 0:
        pass
    watch.now += SECOND
    buckets.take("bob")  # the turn of the buckets comes with whoever asks
    assert buckets.take("ann").remaining < 3


def test_the_slowest_set_says_how_long_to_wait(watch):
    """A bucket of one request is full again after five seconds, and says so."""
    slow = Buckets(A_SET, 1, (), watch)
    assert [slow.take("ann").wait for _ in range(2)] == [0, 5]
    watch.now += 5 * SECOND
    assert slow.take("ann").wait == 0


def test_what_was_taken_too_much_is_paid_off(watch, buckets):
    """Many are let in at once if there is anything left; nothing more is until they are paid for, however long."""
    assert buckets.take("ann", 35) == (10, 0, 0)
    for waited in range(13):
        assert buckets.take("ann").wait == 13 - waited
        buckets.take("bob")
        watch.now += SECOND
    assert buckets.take("ann").wait == 0


def test_memory_is_bounded(watch, buckets, monkeypatch):
    """However many come, at most two turns of buckets are kept; who was quiet for long is forgotten."""
    monkeypatch.setattr(rate_limits, "_KEPT", 100)
    for number in range(1_000):
        buckets.take(str(number))
    assert len(buckets._recent) + len(buckets._before) <= 200  # noqa: SLF001 - memory is what the test is about
    for _ in range(2):
        watch.now += 5 * SECOND
        buckets.take("ann")
    assert len(buckets._recent) + len(buckets._before) <= 2  # noqa: SLF001 - the same


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("", "192.0.2.1", False),
        ("no:address", "no:address", True),
    ],
)
def test_an_ipv6_network_is_one_caller(one, other, shared):
    """Whoever has one IPv6 address has a network of them, and all of those share a bucket."""
    assert (address_bucket(one) == address_bucket(other)) == shared


# -- sets


def test_every_endpoint_is_in_exactly_one_set():
    """One set fits each endpoint best, and no set holds both what anybody may call and what nobody else may."""
    for endpoint in ENDPOINTS:
        best = max(found.fit(endpoint) for found in SETS)
        fitting = [found.name for found in SETS if found.fit(endpoint) == best]
        assert (best > 0, fitting) == (True, [set_of(endpoint).name]), endpoint.path


def test_sets_can_be_told_apart():
    """Names and ids are unique, and a set lists at most a hundred endpoints, as its description allows."""
    assert len({found.name for found in SETS}) == len({found.id for found in SETS}) == len(SETS)
    sizes = Counter(set_of(endpoint).name for endpoint in ENDPOINTS)
    assert max(sizes.values()) <= 100


@pytest.mark.parametrize(
    ("operation", "capacity"),
    [
        ("listOrgs", 300), ("listGroupEvents", 300), ("getOrg", 500), ("listOrgUsers", 500), ("createOrgInvite", 500),
        ("listOrgApiKeys", 500), ("deleteOrgApiKeyAccessListEntry", 500), ("listOrgEvents", 500), ("getGroup", 1200),
        ("listGroupUsers", 1200), ("createGroup", 1200), ("getGroupSettings", 1200), ("listOrgTeams", 1200),
        ("getUser", 2500), ("createUser", 2500),
    ],
)  # fmt: skip
def test_capacities_are_those_of_the_real_service(operation, capacity):
    """What was seen on the wire of the real service is the capacity here (wire.md 7)."""
    assert set_of(SERVED[operation]).capacity == capacity


@pytest.mark.client
def test_capacities_are_those_that_were_recorded():
    """Every recorded reply of an operation that is served names our capacity."""
    lines = fact("recorded-replies.jsonl").read_text(encoding="utf-8").splitlines()
    seen = {
        (found["op"], int(found["headers"]["Ratelimit-Limit"]))
        for found in map(json.loads, lines)
        if found["op"] in SERVED and "Ratelimit-Limit" in found["headers"]
    }
    assert len(seen) > 30
    assert {(name, limit) for name, limit in seen if set_of(SERVED[name]).capacity != limit} == set()


def test_a_factor_widens_and_narrows_everything():
    """Each capacity is multiplied, one request always stays, and nothing at all is limited by 0."""
    wide, narrow = RateLimits(ENDPOINTS, 2), RateLimits(ENDPOINTS, 0.0001)
    assert wide.buckets_of(SERVED["listOrgs"]).capacity == 600
    assert {found.capacity for found in narrow.in_force} == {1, 5}
    assert RateLimits(ENDPOINTS, 0).in_force == []
    assert RateLimits(ENDPOINTS, 0).buckets_of(SERVED["listOrgs"]) is None


# -- over HTTP


@pytest.fixture
def world(tmp_path):
    """Open a world in which listing organizations is limited to 3 requests, projects to 12."""
    found = open_world(tmp_path)
    found.app = build_app(found.door, rate_limits=0.01)
    yield found
    found.close()


@pytest.fixture
def acme(world):
    """Give an organization."""
    return world.organization()


def left(reply):
    """Give the limit and what is left of it, as an answer tells them."""
    return reply.headers.get("ratelimit-limit"), reply.headers.get("ratelimit-remaining")


def test_every_answer_says_what_is_left(acme):
    """Good answers and refusals count alike and tell the same two numbers."""
    ann = acme.key.world.session(acme.owner)
    paths = ["/groups", "/groups/0123456789abcdef01234567", "/groups/x", "/groups?itemsPerPage=x"]
    replies = [ann.get(path) for path in paths]
    assert [reply.status for reply in replies] == [200, 404, 400, 400]
    assert [reply.headers["ratelimit-limit"] for reply in replies] == ["12"] * 4
    assert [int(reply.headers["ratelimit-remaining"]) for reply in replies] == [11, 10, 9, 8]
    denied = ann.world.user("bob@example.org", orgs={acme.id: ["ORG_MEMBER"]}).patch(f"/orgs/{acme.id}", {"name": "x"})
    assert (denied.status, left(denied)) == (401, ("5", "4"))


def test_a_challenge_and_an_unknown_path_say_nothing(world, acme):
    """Nobody's requests are counted who has not said who they are, nor requests to nothing."""
    for reply in (
        world.nobody.get("/orgs"), Caller(world, acme.key.public_key, "wrong").get("/orgs"), world.nobody.get("/x"),
        world.nobody.put("/groups"), world.nobody.get("/api/atlas/v1.0/orgs"),
    ):  # fmt: skip
        assert left(reply) == (None, None)


def test_over_the_limit_nothing_is_done(acme):
    """The answer says what is limited, to how much, and when to come again; a write is not made."""
    ann = acme.key.world.session(acme.owner)
    made = [ann.post("/groups", {"name": f"p{number}", "orgId": acme.id}) for number in range(14)]
    refused = made[-1]
    assert [reply.status for reply in made[:12]] == [201] * 12
    assert (refused.status, refused.code) == (429, "RATE_LIMITED")
    assert refused.json["parameters"] == ["requests to Projects", "144", "1"]
    assert (refused.headers["retry-after"], *left(refused)) == ("1", "12", "0")
    assert refused.headers["content-type"] == "application/json"
    listed = ann.get(f"/orgs/{acme.id}/groups").json
    assert listed["totalCount"] < 14


def test_principals_and_sets_do_not_share(world, acme):
    """A person, a key and another set are each counted for themselves; so is one key from two addresses."""
    ann = world.session(acme.owner)
    while ann.get("/orgs").status == 200:
        pass
    assert acme.key.get("/orgs").status == 200
    assert ann.get("/groups").status == 200
    elsewhere = Caller(world, token=ann.token, address="192.0.2.9")
    assert elsewhere.get("/orgs").status == 429


def test_what_anybody_may_call_counts_by_address(world):
    """Without credentials the address is the caller; sign-in is a set of its own."""

    def asked(address, path="/api/orgward/v1/roles"):
        return Caller(world, address=address).get(path)

    while asked("192.0.2.1").status == 200:
        pass
    assert asked("192.0.2.1", "/openapi.json").status == 429
    assert asked("192.0.2.2").status == 200
    body = {"username": "nobody@example.org", "password": "wrong password"}
    sign_in = [Caller(world, address="192.0.2.1").post(f"{OWN}/sessions", body) for _ in range(5)]
    assert {reply.status for reply in sign_in} == {401, 429}
    assert left(next(reply for reply in sign_in if reply.status == 401)) == ("3", "2")


def test_without_limits_nothing_is_said(world):
    """Switched off, no answer has the headers, and there is no limit to list."""
    world.app = build_app(world.door, rate_limits=0)
    key = world.organization().key
    for _ in range(20):
        reply = key.get("/orgs")
        assert (reply.status, left(reply)) == (200, (None, None))
    assert key.get("/rateLimits").json["results"] == []


# -- the limits themselves


def test_the_limits_can_be_read(world, acme):
    """Each set is listed with what it holds by default and here, and read again by its id."""
    body = acme.key.get("/rateLimits?includeCount=true").json
    assert body["totalCount"] == len(body["results"])
    shown = next(found for found in body["results"] if found["endpointSetName"] == "Teams")
    assert shown["capacity"] == {"defaultValue": 1200, "value": 12}
    assert shown["refillRate"] == shown["capacity"]
    assert shown["refillDurationSeconds"] == {"defaultValue": 5, "value": 5}
    assert shown["scope"] == "USER"
    assert {"method": "GET", "path": "/api/atlas/v2/orgs/{orgId}/teams"} in shown["endpoints"]
    assert acme.key.get(f"/rateLimits/{shown['endpointSetId']}").json == shown
    refused = acme.key.get("/rateLimits/0123456789abcdef01234567")
    assert (refused.status, refused.code) == (404, "RESOURCE_NOT_FOUND")


def test_every_operation_stands_in_the_list(world, acme):
    """The lists of all sets together are what is served, each once."""
    world.app = build_app(world.door)
    listed = [
        (e["method"], e["path"]) for found in acme.key.get("/rateLimits").json["results"] for e in found["endpoints"]
    ]
    assert sorted(listed) == sorted((endpoint.method, endpoint.path) for endpoint in ENDPOINTS)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("name=Teams", ["Teams"]),
        ("name=teams", []),
        ("endpointPath=/api/atlas/v2/users/%7BuserId%7D", ["Users"]),
        ("endpointPath=/nowhere", []),
        ("ipAddress=192.0.2.1", ["Signing in", "Public information"]),
        ("ipAddress=2001:db8::1&name=Teams", []),
        ("userId=somebody&name=Teams", ["Teams"]),
        ("groupId=0123456789abcdef01234567", []),
        ("orgId=0123456789abcdef01234567", []),
        ("orgId=0123456789abcdef01234567&ipAddress=192.0.2.1", ["Signing in", "Public information"]),
    ],
)
def test_the_list_can_be_narrowed(world, acme, query, names):
    """By name, by path of an endpoint, and by what is counted: nothing is counted by project or organization."""
    found = acme.key.get(f"/rateLimits?{query}").json["results"]
    assert [each["endpointSetName"] for each in found] == names


@pytest.mark.parametrize("query", ["groupId=x", "orgId=x", "ipAddress=x", "ipAddress=192.0.2.0/24"])
def test_what_is_no_id_or_address_is_refused(world, acme, query):
    """A malformed parameter is named."""
    reply = acme.key.get(f"/rateLimits?{query}")
    assert (reply.status, reply.code, reply.json["parameters"]) == (
        400, "INVALID_QUERY_PARAMETER", [query.split("=")[0]],
    )  # fmt: skip


def test_a_set_that_counts_something_else_is_not_there(world, acme):
    """Read by its id, a set answers only for what it counts."""
    listed = acme.key.get("/rateLimits").json["results"]
    by_scope = {found["scope"]: found["endpointSetId"] for found in listed}
    assert acme.key.get(f"/rateLimits/{by_scope['USER']}?ipAddress=192.0.2.1").status == 404
    assert acme.key.get(f"/rateLimits/{by_scope['IP']}?ipAddress=192.0.2.1").status == 200

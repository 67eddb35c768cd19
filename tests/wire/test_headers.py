"""Headers that every answer carries, headers that ask for something, and what no header or body may do."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.wire.live import TRUSTED_PROXY, Client, asked_from
from tests.wire.test_digest import Digest
from tests.wire.test_errors import NOBODYS_ID, refusal
from tests.wire.test_routes import answer
from tests.world import VERSION

PROTECTING = {
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Permitted-Cross-Domain-Policies": "none",
    "Cache-Control": "no-store",
}
NOT_SENT = {"Server", "Set-Cookie", "Location", "Access-Control-Allow-Origin"}
BIG = 1 << 20


def replies(scene):
    """Yield an answer of every kind."""
    nobody, owner = scene.live.nobody, scene.owner
    yield 200, owner.get(f"/orgs/{scene.org}")
    yield 200, nobody.get("/openapi.json")
    yield 201, owner("POST", "/groups", {"name": scene.name("headers"), "orgId": scene.org})
    yield 204, owner("DELETE", f"/orgs/{scene.org}/apiKeys/{scene.new_key()['id']}")
    yield 400, owner.get("/orgs/x")
    yield 400, owner.get("/orgs?pretty=x")
    yield 401, nobody.get("/orgs")
    yield 404, owner.get(f"/groups/{NOBODYS_ID}")
    yield 404, nobody.get("/x/y")
    yield 405, owner("PUT", "/orgs")
    yield 406, owner.get("/orgs", accept="text/html")
    yield 412, owner.get("/orgs", headers={"Orgward-Min-Revision": "999999999"})
    yield 413, owner("POST", "/groups", raw=b" " * (BIG + 1))
    yield 415, owner("POST", "/groups", raw=b"{}", headers={"Content-Type": "text/plain"})


def test_every_answer_carries_its_headers(scene):
    """Revision, request id and the headers that protect a browser, on refusals as well; nothing that tells more."""
    seen = -1
    for status, reply in replies(scene):
        assert reply.status_code == status, reply.text
        assert int(reply.headers["Orgward-Revision"]) >= seen
        seen = int(reply.headers["Orgward-Revision"])
        assert reply.headers["X-Request-ID"]
        assert {name: reply.headers.get(name) for name in PROTECTING} == PROTECTING
        assert not NOT_SENT & {name.title() for name in reply.headers}


def test_a_write_moves_the_revision(scene):
    """The answer to a write shows the revision that holds it; reading moves nothing."""
    before = revision(scene.owner.get("/orgs"))
    made = scene.owner("POST", "/groups", {"name": scene.name("moved"), "orgId": scene.org})
    assert revision(made) > before
    read = scene.owner.get(f"/groups/{made.json()['id']}", headers={"Orgward-Min-Revision": str(revision(made))})
    assert (read.status_code, revision(read)) == (200, revision(made))


def revision(reply):
    """Return the revision of an answer."""
    return int(reply.headers["Orgward-Revision"])


def test_a_revision_ahead_is_awaited(scene):
    """A request that names a revision to come is answered as soon as it is there."""
    ahead = revision(scene.owner.get("/orgs")) + 1
    waiting = Client(scene.live.url, scene.owner.auth)
    waiting.get("/orgs")
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(waiting.get, "/orgs", headers={"Orgward-Min-Revision": str(ahead)})
        time.sleep(0.2)
        assert not asked.done()
        scene.new_project()
        reply = asked.result(30)
    assert reply.status_code == 200
    assert revision(reply) >= ahead


def test_a_revision_that_does_not_come_is_refused(scene):
    """After a second the answer is 412, with the revision that there is."""
    there = revision(scene.owner.get("/orgs"))
    begun = time.monotonic()
    reply = scene.owner.get("/orgs", headers={"Orgward-Min-Revision": str(there + 1000)})
    assert 0.9 < time.monotonic() - begun < 5
    assert (reply.status_code, refusal(reply)["errorCode"]) == (412, "REVISION_NOT_REACHED")
    assert refusal(reply)["parameters"] == [str(there + 1000)]


def test_a_write_waits_for_its_revision(scene):
    """A write whose revision does not come does nothing."""
    name = scene.name("late")
    headers = {"Orgward-Min-Revision": "99999999"}
    assert scene.owner("POST", "/groups", {"name": name, "orgId": scene.org}, headers=headers).status_code == 412
    assert scene.owner.get(f"/groups/byName/{name}").status_code == 404


@pytest.mark.parametrize("text", ["-1", "x", "1.0", "", "1e3", "9" * 99, "\u00b2"])
def test_what_is_no_revision_is_refused(scene, text):
    """A revision is a decimal number."""
    reply = scene.owner.get("/orgs", headers={"Orgward-Min-Revision": text.encode("latin-1")})
    assert refusal(reply)["error"] == 400


@pytest.mark.parametrize("given", ["abc-123_.:Z", "0", "x" * 64])
def test_a_request_id_comes_back(live, given):
    """A client finds its own id in the answer."""
    assert live.nobody.get("/orgs", headers={"X-Request-ID": given}).headers["X-Request-ID"] == given


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", "<script>", "\u00e9"])
def test_a_request_id_of_another_form_is_replaced(live, given):
    """What could bend a log line is not taken over."""
    found = live.nobody.get("/orgs", headers={"X-Request-ID": given.encode("latin-1")}).headers["X-Request-ID"]
    assert found != given
    assert found.isascii()
    assert found.isalnum()


@pytest.mark.parametrize(
    ("source", "forwarded", "allowed"),
    [
        ("127.0.0.1", None, False),
        ("127.0.0.1", "203.0.113.5", False),
        ("127.0.0.2", "203.0.113.5", False),
        (TRUSTED_PROXY, None, False),
        (TRUSTED_PROXY, "203.0.113.5", True),
        (TRUSTED_PROXY, "203.0.113.5, 198.51.100.1", False),
        (TRUSTED_PROXY, "198.51.100.1, 203.0.113.5", True),
        (TRUSTED_PROXY, f"203.0.113.5, {TRUSTED_PROXY}", True),
        (TRUSTED_PROXY, "203.0.113.5, nonsense", False),
        (TRUSTED_PROXY, ", ,203.0.113.5", True),
        (TRUSTED_PROXY, "203.0.113.5:1234", False),
    ],
)
def test_only_a_trusted_proxy_speaks_for_others(scene, source, forwarded, allowed):
    """Attack row 12: whoever calls directly, or forges a hop before the proxy's own, stays at their own address."""
    made = scene.new_key(("ORG_MEMBER",))
    scene.new_entry(made["id"], "203.0.113.5")
    key = type(scene.owner.auth)(made["publicKey"], made["privateKey"])
    client = asked_from(Client(scene.live.url, key), source)
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    reply = client.get(f"/orgs/{scene.org}", headers=headers)
    assert reply.status_code == (200 if allowed else 403), reply.text
    if not allowed:
        assert refusal(reply)["errorCode"] == "IP_ADDRESS_NOT_ON_ACCESS_LIST"


def test_other_forwarding_headers_mean_nothing(scene):
    """`Forwarded`, `X-Real-IP`, `X-Forwarded-Host` and the like change neither address nor links."""
    headers = {
        "Forwarded": "for=203.0.113.5;host=evil.example", "X-Real-IP": "203.0.113.5", "Front-End-Https": "on",
        "X-Forwarded-Host": "evil.example", "X-Original-URL": "/x", "X-HTTP-Method-Override": "DELETE",
    }  # fmt: skip
    for source in ("127.0.0.1", TRUSTED_PROXY):
        reply = asked_from(scene.owner, source).get(f"/orgs/{scene.org}", headers=headers)
        assert reply.json()["links"][0]["href"] == f"{scene.live.url}/api/atlas/v2/orgs/{scene.org}"


@pytest.mark.parametrize(
    ("source", "forwarded", "scheme"),
    [
        ("127.0.0.1", "https", "http"),
        (TRUSTED_PROXY, "https", "https"),
        (TRUSTED_PROXY, "https, http", "http"),
        (TRUSTED_PROXY, "javascript", "http"),
    ],
)
def test_only_a_trusted_proxy_ends_tls_for_us(scene, source, forwarded, scheme):
    """Links, and where people are sent to sign in, are https behind a proxy that speaks it; nobody else says so."""
    reply = asked_from(scene.owner, source).get(f"/orgs/{scene.org}", headers={"X-Forwarded-Proto": forwarded})
    assert reply.json()["links"][0]["href"].partition(":")[0] == scheme
    assert ("strict-transport-security" in reply.headers) == (scheme == "https")


@pytest.mark.parametrize(
    "host",
    [
        "",
        " ",
        "a b",
        "a/b",
        "a@b",
        "a\\b",
        "<x>",
        "[::1",
        "a:b",
        "a:80:80",
        "\u00e9",
        "a,b",
        "%00",
        "a?b",
        "a#b",
        '"',
        "[",
        "]",
    ],
)
def test_a_strange_host_is_refused(live, host):
    """Links are built from it, so it has to be a host; it never breaks the server."""
    key = live.world.organization("Hosts", owner="hosts@wire.example").key
    client = Digest(live.url, key.public_key, key.private_key).refreshed()
    authorization = f"Authorization: {client.header('/api/atlas/v2')}"
    for target, *headers in (("/openapi.json",), ("/api/atlas/v2", authorization), ("/x",)):
        status, _, body = answer(live, f"GET {target} HTTP/1.1", f"Host: {host}", f"Accept: {VERSION}", *headers)
        assert status == (404 if target == "/x" else 400), body


@pytest.mark.parametrize("host", ["localhost", "a.example:1", "[::1]", "[::1]:8080", "A-b.example", "10.0.0.1"])
def test_a_host_is_served(live, host):
    """Names, addresses and ports are all one."""
    assert answer(live, "GET /openapi.json HTTP/1.1", f"Host: {host}")[0] == 200


def test_no_host_is_refused(live):
    """HTTP/1.1 demands one; HTTP/1.0 does not, and then there is nothing to build links from."""
    assert answer(live, "GET /openapi.json HTTP/1.1", "Accept: */*")[0] == 400
    assert answer(live, "GET /openapi.json HTTP/1.0", "Accept: */*")[0] == 400


@pytest.mark.parametrize("size", [BIG - 2, BIG + 1, BIG * 3])
def test_a_body_has_a_bound(scene, size):
    """A mebibyte is read, more is refused; the connection or a new one goes on serving."""
    raw = b'{"name":"' + b"x" * (size - 11) + b'"}'
    assert len(raw) == size
    body = refusal(scene.owner("PATCH", f"/orgs/{scene.org}", raw=raw))
    expected = (413, "PAYLOAD_TOO_LARGE") if size > BIG else (400, "INVALID_ORG_NAME")
    assert (body["error"], body["errorCode"]) == expected
    assert scene.owner.get("/orgs").status_code == 200


def test_a_body_without_a_length_has_a_bound(scene):
    """Chunks are counted as they come."""

    def chunks():
        for _ in range(40):
            yield b" " * 65536

    client = scene.owner
    client.get("/orgs")
    reply = client.session.patch(
        f"{scene.live.url}/api/atlas/v2/orgs/{scene.org}", data=chunks(), auth=None, timeout=30,
        headers={"Content-Type": "application/json", "Authorization": signed(scene, "PATCH", f"/orgs/{scene.org}")},
    )  # fmt: skip
    assert refusal(reply)["errorCode"] == "PAYLOAD_TOO_LARGE"


def signed(scene, method, path):
    """Return the Authorization header of the owner key for one request."""
    key = scene.owner_key
    return (
        Digest(scene.live.url, key.public_key, key.private_key)
        .refreshed()
        .header(f"/api/atlas/v2{path}", method=method)
    )


def test_a_body_on_a_get_is_passed_over(scene):
    """Some clients send an empty object along."""
    assert scene.owner("GET", f"/orgs/{scene.org}", raw=b"{}").status_code == 200


def test_headers_without_end_are_refused(live):
    """A header of a mebibyte does not reach us; the server goes on."""
    answers = live.exchange(
        b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * BIG + b"\r\n\r\n", then_leave=True
    )
    assert b" 5" not in answers[:12]
    assert live.nobody.get("/openapi.json").status_code == 200


def test_many_headers_do_no_harm(live):
    """Repeated and empty headers are read without trouble."""
    lines = ["Accept: */*"] * 50 + ["X-Forwarded-For: 1.1.1.1"] * 50 + ["Authorization: Digest"] * 2 + ["X-Request-ID:"]
    assert answer(live, "GET /api/atlas/v2/orgs HTTP/1.1", "Host: localhost", *lines)[0] == 401


def test_a_client_that_leaves_does_no_harm(live):
    """Half a request, or none, ends nothing."""
    for part in (b"", b"GET", b"POST /api/atlas/v2/orgs HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{"):
        live.exchange(part, then_leave=True)
    assert live.nobody.get("/openapi.json").status_code == 200

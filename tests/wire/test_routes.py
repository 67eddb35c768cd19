"""From the request line to an operation: verbs, escaped slashes, methods, and paths that nobody should send."""

from urllib.parse import unquote

import pytest

from orgward.edge.endpoint import ENDPOINTS
from tests.wire.live import TRUSTED_PROXY, asked_from
from tests.wire.test_errors import NOBODYS_ID, refusal


def answer(live, line, *headers, body=b""):
    """Return status line, headers and body of the answer to a request written by hand."""
    lines = [line, *(headers or (f"Host: {live.url.removeprefix('http://')}",)), "Connection: close", "", ""]
    head, _, content = live.exchange("\r\n".join(lines).encode("latin-1") + body).partition(b"\r\n\r\n")
    status, *fields = head.decode("latin-1").split("\r\n")
    return int(status.split()[1]), {f.partition(": ")[0].lower(): f.partition(": ")[2] for f in fields}, content


def test_a_verb_is_split_from_the_id(scene):
    """`{id}:addRole` reaches the verb, with the id before it."""
    path = f"/orgs/{scene.org}/users/{scene.new_member()}"
    assert scene.owner.done("POST", f"{path}:addRole", {"orgRole": "ORG_GROUP_CREATOR"})["id"] in path
    assert refusal(scene.owner("POST", f"/orgs/{scene.org}/users/x:addRole", {}))["parameters"] == ["userId"]


def test_an_escaped_colon_is_the_same(scene):
    """Clients that escape reserved characters reach the verb, too."""
    path = f"/orgs/{scene.org}/users/{scene.new_member()}%3AaddRole"
    reply = scene.owner("POST", path, {"orgRole": "ORG_GROUP_CREATOR"})
    assert reply.status_code == 200, reply.text


@pytest.mark.parametrize("verb", [":frobnicate", ":addrole", ":", ":addRole:addRole"])
def test_an_unknown_verb_is_nothing(scene, verb):
    """What is no verb is part of an id, and no id."""
    reply = scene.owner("POST", f"/orgs/{scene.org}/users/{scene.member}{verb}", {"orgRole": "ORG_MEMBER"})
    assert reply.status_code in {400, 404, 405}
    refusal(reply)


def test_a_verb_takes_its_own_method(scene):
    """The wrong method on a verb is told which would be right."""
    reply = scene.owner.get(f"/orgs/{scene.org}/users/{scene.member}:addRole")
    assert refusal(reply)["errorCode"] == "METHOD_NOT_ALLOWED"
    assert reply.headers["Allow"] == "POST"


def test_a_trailing_slash_does_not_matter(scene):
    """Some clients write one; links are written without."""
    for path in ("/orgs/", f"/orgs/{scene.org}/", f"/groups/{scene.project}/users/"):
        plain, slashed = scene.owner.get(path.rstrip("/")), scene.owner.get(path)
        assert plain.status_code == slashed.status_code == 200
        assert plain.json() == slashed.json()
    assert scene.owner.get("/").json()["appName"]


@pytest.mark.parametrize("name", ["users", "byName", "a.b", "x y", "Zoë", "100+1"])
def test_a_project_may_have_the_name_of_a_part(scene, name):
    """A value in the path never becomes another route, whatever it says."""
    project = scene.new_project(name=name)
    assert scene.owner.get(f"/groups/byName/{name}").json()["id"] == project
    scene.owner.done("DELETE", f"/groups/{project}")


def test_an_escaped_slash_stays_in_its_segment(scene):
    """`%2F` is part of a value: it makes neither a parent nor a child."""
    assert refusal(scene.owner.get("/groups/byName/a%2Fb"))["parameters"] == ["a/b"]
    assert refusal(scene.owner.get(f"/groups%2F{scene.project}"))["errorCode"] == "RESOURCE_NOT_FOUND"
    assert refusal(scene.owner.get(f"/groups/{scene.project}%2Fusers"))["parameters"] == ["groupId"]


@pytest.mark.parametrize(
    "path", ["/x", "/api", "/api/atlas/v1", "/api/atlas/v2x", "/openapi.json/x", "/API/ATLAS/V2/orgs"]
)
def test_what_is_not_served_is_not_found(live, path):
    """An unknown path says so to anybody, in the usual shape."""
    reply = live.nobody.session.get(f"{live.url}{path}", timeout=30)
    assert refusal(reply)["errorCode"] == "RESOURCE_NOT_FOUND"


@pytest.mark.parametrize("method", ["PUT", "OPTIONS", "TRACE", "PROPFIND", "DELETE"])
def test_another_method_is_told_which_there_are(scene, method):
    """405 with Allow, whether or not the method is known to HTTP."""
    reply = scene.owner(method, "/groups")
    assert (reply.status_code, reply.headers["Allow"]) == (405, "GET, HEAD, POST")
    if method != "TRACE":
        assert refusal(reply)["errorCode"] == "METHOD_NOT_ALLOWED"


def test_head_is_get_without_a_body(scene):
    """Same status and headers, for what is there and for what is not."""
    for path in (f"/orgs/{scene.org}", f"/groups/{NOBODYS_ID}"):
        got, head = scene.owner.get(path), scene.owner("HEAD", path)
        assert head.status_code == got.status_code
        assert head.content == b""
        for name in ("Content-Type", "Content-Length", "X-Error-Code"):
            assert head.headers.get(name) == got.headers.get(name), name


@pytest.mark.parametrize(
    "path",
    [
        "/api/atlas/v1.0", "/api/atlas/v1.0/", "/api/atlas/v1.0/orgs", "/api/atlas/v1.5/groups/x/clusters?pretty=true",
        "/api/public/v1.0/groups", f"/api/atlas/v1.0/groups/{NOBODYS_ID}/databaseUsers/",
    ],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "PATCH", "OPTIONS"])
def test_earlier_versions_are_gone_and_say_so(scene, method, path):
    """Whoever still asks for one is told where to go, signed in or not, whatever the method."""
    for client in (scene.live.nobody, scene.owner):
        reply = client(method, path, accept="*/*")
        body = refusal(reply)
        assert (body["error"], body["errorCode"], body["reason"]) == (410, "VERSION_GONE", "Gone")
        assert "/api/atlas/v2" in body["detail"]
    assert scene.live.nobody("HEAD", path, accept="*/*").status_code == 410


@pytest.mark.parametrize("path", ["/api/atlas/v1.00/orgs", "/api/atlas/v1.0x", "/api/public/v2", "/x/api/atlas/v1.0"])
def test_what_looks_like_an_earlier_version_is_unknown(live, path):
    """Only the versions that there were are gone; the rest never was."""
    assert refusal(live.nobody.get(path, accept="*/*"))["errorCode"] == "RESOURCE_NOT_FOUND"


def test_a_verb_on_a_project_is_no_project(scene):
    """`{groupId}:migrate` is not the project of that id, and takes its own method alone."""
    for path in (f"/groups/{scene.project}:migrate", f"/groups/{scene.project}%3Amigrate"):
        assert refusal(scene.owner("POST", path, {}))["errorCode"] == "MISSING_ATTRIBUTE"
        reply = scene.owner.get(path)
        assert (refusal(reply)["errorCode"], reply.headers["Allow"]) == ("METHOD_NOT_ALLOWED", "POST")
    assert refusal(scene.owner("POST", "/groups/x:migrate", {}))["parameters"] == ["groupId"]


def test_the_callers_address_is_told_to_anybody(live):
    """Clients ask for their own address before they sign in, with any Accept and a slash or none."""
    for path in ("/api/private/ipinfo", "/api/private/ipinfo/"):
        for accept in ("application/json", "*/*", None):
            reply = live.nobody.get(path, accept=accept)
            assert (reply.status_code, reply.json()) == (200, {"currentIpv4Address": "127.0.0.1"})
            assert reply.headers["Content-Type"] == "application/json"
    assert live.nobody("POST", "/api/private/ipinfo", {}).headers["Allow"] == "GET, HEAD"


@pytest.mark.parametrize(
    ("forwarded", "told"),
    [
        ("203.0.113.5", "203.0.113.5"),
        ("198.51.100.1, 203.0.113.5", "203.0.113.5"),
        ("::ffff:203.0.113.5", "203.0.113.5"),
        ("2001:db8::1", None),
    ],
)
def test_the_address_told_is_the_clients(live, forwarded, told):
    """Behind a trusted proxy it is the client's address and not the proxy's; who comes by IPv6 has no IPv4 address."""
    headers = {"X-Forwarded-For": forwarded}
    for source, expected in ((TRUSTED_PROXY, told), ("127.0.0.1", "127.0.0.1")):
        reply = asked_from(live.nobody, source).get("/api/private/ipinfo", headers=headers)
        assert reply.json() == {"currentIpv4Address": expected}


def test_unknown_query_parameters_are_passed_over(scene):
    """Clients send along what other operations take, or what the real service knows and we do not."""
    strange = "includeCount=false&backupType=x&%E2%98%83=1&&=&flattenTeams"
    for path in (f"/orgs/{scene.org}", f"/groups/{scene.project}", "/orgs", f"/groups/{scene.project}/users"):
        assert scene.owner.get(f"{path}?{strange}").status_code == 200, path
    entry = f"/orgs/{scene.org}/apiKeys/{scene.new_key()['id']}/accessList"
    reply = scene.owner("POST", f"{entry}?includeCount=true&itemsPerPage=100&pageNum=1", [{"ipAddress": "192.0.2.8"}])
    assert reply.status_code == 200


@pytest.mark.parametrize("accept", [None, "*/*", "application/json", "application/*", "text/html, */*;q=0.8"])
def test_without_a_version_the_oldest_answers(scene, accept):
    """Programs that know of no versions get the one that they were written for."""
    reply = scene.owner.get(f"/groups/{scene.project}/users", accept=accept)
    assert reply.headers["Content-Type"] == "application/vnd.atlas.2023-01-01+json;charset=utf-8"
    assert "emailAddress" in reply.json()["results"][0]


def test_one_client_mixes_versions(scene):
    """One connection asks for one date, then another, then none, and each answer is the one asked for."""
    path = f"/groups/{scene.project}/users"
    for date, answered in (("2025-03-12", "2025-02-19"), ("2023-11-15", "2023-01-01"), ("", "2023-01-01")) * 2:
        accept = f"application/vnd.atlas.{date}+json" if date else "*/*"
        reply = scene.owner.get(path, accept=accept)
        assert reply.headers["Content-Type"] == f"application/vnd.atlas.{answered}+json;charset=utf-8"
    moved = scene.owner("POST", f"/groups/{scene.new_project()}:migrate", {"destinationOrgId": NOBODYS_ID})
    assert refusal(moved)["errorCode"] == "ORG_NOT_FOUND"
    old = scene.owner(
        "POST", f"/groups/{scene.project}:migrate", {}, accept="application/vnd.atlas.2023-01-01+json"
    )  # fmt: skip
    assert refusal(old)["errorCode"] == "INVALID_VERSION_DATE"


@pytest.mark.parametrize("name", ["a%2Fb", "a%2fb", "%2F", "%252F", "a%3Amigrate", "a:migrate", "..%2F..", "%2E%2E"])
def test_a_value_stays_what_it_was(scene, name):
    """Whatever is escaped in a value is decoded once, and never taken for a part of the path."""
    assert refusal(scene.owner.get(f"/groups/byName/{name}"))["parameters"] == [unquote(name)]


def test_no_two_endpoints_share_a_place():
    """Each method and path, with the names of values left out, belongs to one operation."""
    places = [
        (e.method, "/".join("{}" + s.partition("}")[2] if s.startswith("{") else s for s in e.path.split("/")))
        for e in ENDPOINTS
    ]
    assert len(places) == len(set(places))


@pytest.mark.parametrize(
    "target",
    [
        "*", "/", "//", "///api/atlas/v2", "/%", "/%zz", "/%00", "/%0A", "/api/atlas/v2/orgs/%0A", "/\xe9", "/%ff%fe",
        "/api/atlas/v2/unauth/../orgs", "/api/atlas/v2/orgs/%2e%2e", "http://elsewhere.example/api/atlas/v2",
        "/api/atlas/v2?%", "/api/atlas/v2?\xe9=%ff&%00", "/openapi.json?pretty=%00", f"/{'a/' * 5000}",
        f"/api/atlas/v2/groups/{'x' * 9000}", f"/api/atlas/v2/orgs?{'a=b&' * 12000}", "/api/atlas/v2/orgs;x=1",
        "/api/atlas/v2/orgs#x",
    ],
    ids=lambda target: target[:40],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_no_target_breaks_the_server(live, method, target):
    """Whatever stands in the request line is refused as the client's fault, and the server goes on."""
    status, headers, body = answer(live, f"{method} {target} HTTP/1.1", f"Host: {live.url[7:]}")
    assert status < 500
    if not body.startswith(b"Invalid HTTP"):  # what is no HTTP at all is refused before it comes to us
        assert "orgward-revision" in headers

"""From the request line to an operation: verbs, escaped slashes, methods, and paths that nobody should send."""

import pytest

from orgward.edge.endpoint import ENDPOINTS
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
    "path", ["", "/x", "/api", "/api/atlas/v1.0/orgs", "/api/atlas/v2x", "/openapi.json/x", "/API/ATLAS/V2/orgs"]
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

"""Pages, counts, links, envelopes and pretty printing (wire facts, 5)."""

from itertools import count
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.wire.calls import ADMIN_API, CALLS, SERVED, newest

LISTS = sorted(name for name, found in ADMIN_API.items() if found.paged and found.method == "GET")
UNCOUNTED = {"listOrgEvents", "listGroupEvents"}
"""Lists that are counted only where that is asked for."""

EMPTY = {"getGroupMongoDbVersions"}
"""Lists of what is not there yet."""

FAR, MOST = 2**31 - 1, 500


@pytest.fixture(scope="module")
def people(scene):
    """Give the path of a list of seven or more people."""
    project = scene.new_project()
    for _ in range(5):
        body = {"username": scene.username(), "roles": ["GROUP_READ_ONLY"]}
        scene.owner.done("POST", f"/groups/{project}/users", body)
    return f"/groups/{project}/users"


def links(reply):
    """Return the links of a list by their relation."""
    return {link["rel"]: link["href"] for link in reply.json()["links"]}


@pytest.mark.parametrize("operation", LISTS)
def test_a_list_is_walked_link_by_link(scene, operation):
    """Following `next` visits every item once, and `previous` leads back; no page is empty."""
    request, accept = CALLS[operation](scene), newest(ADMIN_API[operation])
    whole = list(items(scene, operation, request))
    reply = scene.send(operation, request, query="?includeCount=true&itemsPerPage=2")
    seen, before = [], None
    while True:
        found, own = links(reply), reply.json()["results"]
        seen += own
        assert (operation not in EMPTY) <= len(own) <= 2
        assert reply.json()["totalCount"] == len(whole)
        assert ("previous" in found) == (before is not None)
        if before is not None:
            assert scene.owner.get(target(found["previous"]), accept=accept).json()["results"] == before
        if "next" not in found:
            break
        before, reply = own, scene.owner.get(target(found["next"]), accept=accept)
    assert seen == whole


def items(scene, operation, request):
    """Yield the items of a list in pages as large as they may be."""
    for number in count(1):
        page = scene.send(operation, request, query=f"?itemsPerPage={MOST}&pageNum={number}").json()["results"]
        yield from page
        if len(page) < MOST:
            return


def target(href):
    """Return path and query of a link."""
    parts = urlsplit(href)
    return f"{parts.path}?{parts.query}"


def test_links_are_written_as_recorded(scene, people):
    """Own parameters stand first, in alphabetical order; `self` and `next` order the last two differently."""
    base = f"{scene.live.url}/api/atlas/v2{people}?flattenTeams=false&includeCount=true&includeOrgUsers=false"
    assert links(scene.owner.get(people)) == {"self": f"{base}&pageNum=1&itemsPerPage=100"}
    assert links(scene.owner.get(f"{people}?itemsPerPage=2&pageNum=2")) == {
        "self": f"{base}&pageNum=2&itemsPerPage=2",
        "previous": f"{base}&itemsPerPage=2&pageNum=1",
        "next": f"{base}&itemsPerPage=2&pageNum=3",
    }


def test_links_keep_what_was_asked_for(scene):
    """A filter goes with every link, escaped; the host is the one that the client called."""
    reply = scene.owner.get("/orgs?name=W%26r%2Fe%20%C3%A9&includeCount=false", headers={"Host": "atlas.example:8443"})
    href = links(reply)["self"]
    assert href.startswith("http://atlas.example:8443/api/atlas/v2/orgs?")
    assert dict(parse_qsl(urlsplit(href).query)) == {
        "includeCount": "false", "name": "W&r/e é", "pageNum": "1", "itemsPerPage": "100",
    }  # fmt: skip


@pytest.mark.parametrize("operation", [name for name in LISTS if name not in UNCOUNTED])
def test_the_count_may_be_left_out(scene, operation):
    """`includeCount=false` omits `totalCount`; it is there by default."""
    request = CALLS[operation](scene)
    assert "totalCount" in scene.send(operation, request).json()
    assert "totalCount" in scene.send(operation, request, query="?includeCount=True").json()
    assert "totalCount" not in scene.send(operation, request, query="?includeCount=false").json()


@pytest.mark.parametrize("operation", sorted(UNCOUNTED))
def test_events_are_counted_only_if_that_is_asked_for(scene, operation):
    """A count that nobody asked for is 0, as recorded; links say so, and lead on nevertheless."""
    request = CALLS[operation](scene)
    total = scene.send(operation, request, query="?includeCount=true").json()["totalCount"]
    assert total > 1
    for query in ("?itemsPerPage=1", "?itemsPerPage=1&includeCount=false"):
        reply = scene.send(operation, request, query=query)
        assert reply.json()["totalCount"] == 0
        assert "next" in links(reply)
        assert "includeCount=false&includeRaw=false&" in links(reply)["self"]


@pytest.mark.parametrize("operation", LISTS)
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("pageNum", "0"), ("pageNum", "-1"), ("pageNum", "x"), ("pageNum", str(FAR + 1)), ("pageNum", "9" * 99),
        ("itemsPerPage", "0"), ("itemsPerPage", "501"), ("itemsPerPage", "1.5"), ("itemsPerPage", "%D9%A3"),
        ("includeCount", "maybe"),
    ],
)  # fmt: skip
def test_a_page_out_of_bounds_is_refused(scene, operation, name, value):
    """The refusal names the parameter."""
    reply = scene.send(operation, CALLS[operation](scene), query=f"?{name}={value}")
    assert (reply.status_code, reply.json()["errorCode"]) == (400, "INVALID_QUERY_PARAMETER")
    assert reply.json()["parameters"] == [name]


@pytest.mark.parametrize(
    "query", ["pageNum=1&itemsPerPage=1", "itemsPerPage=500", "pageNum=&itemsPerPage=", "unheard=of"]
)
def test_a_page_within_bounds_is_served(scene, people, query):
    """The bounds belong to it, an empty value is the default, and what nobody declared is passed over."""
    assert scene.owner.get(f"{people}?{query}").status_code == 200


@pytest.mark.parametrize("operation", LISTS)
def test_a_page_past_the_end_is_empty(scene, operation):
    """It has a count and the way back, nothing else."""
    reply = scene.send(operation, CALLS[operation](scene), query=f"?pageNum={FAR}&itemsPerPage=500")
    assert (reply.status_code, reply.json()["results"]) == (200, [])
    assert set(links(reply)) == {"self", "previous"}


def test_an_envelope_around_one_object(scene):
    """Status and content, with HTTP status 200."""
    plain = scene.owner.get(f"/orgs/{scene.org}").json()
    reply = scene.owner.get(f"/orgs/{scene.org}?envelope=true")
    assert (reply.status_code, reply.json()) == (200, {"status": 200, "content": plain})


def test_an_envelope_keeps_the_status(scene):
    """What was made says 201 inside; what is gone says 204 and holds nothing."""
    reply = scene.send("createGroup", CALLS["createGroup"](scene), query="?envelope=true")
    assert (reply.status_code, reply.json()["status"]) == (200, 201)
    reply = scene.send("deleteOrgApiKey", CALLS["deleteOrgApiKey"](scene), query="?envelope=true")
    assert (reply.status_code, reply.json()) == (200, {"status": 204, "content": None})


def test_an_envelope_around_a_list(scene, people):
    """The status joins the members of the list."""
    plain = scene.owner.get(people).json()
    assert scene.owner.get(f"{people}?envelope=TRUE").json() == {"status": 200, **plain}


def test_an_envelope_around_a_refusal(scene):
    """The status is inside; the code stands in the header as well."""
    path = f"/groups/{'0' * 24}"
    plain = scene.owner.get(path)
    reply = scene.owner.get(f"{path}?envelope=true")
    assert (reply.status_code, reply.json()) == (200, {"status": 404, "content": plain.json()})
    assert reply.headers["X-Error-Code"] == "GROUP_NOT_FOUND"


def test_a_challenge_has_no_envelope(live):
    """Who has not signed in yet needs the status 401 itself."""
    reply = live.nobody.get("/orgs?envelope=true")
    assert reply.status_code == 401
    assert "WWW-Authenticate" in reply.headers


@pytest.mark.parametrize("path", ["/orgs", "/groups/x"])
def test_pretty_is_for_people(scene, path):
    """The same value over several lines; one line otherwise."""
    plain, pretty = (scene.owner.get(f"{path}?pretty={value}") for value in ("false", "true"))
    assert plain.json() == pretty.json()
    assert b"\n" not in plain.content
    assert pretty.content.startswith(b"{\n  ")


@pytest.mark.parametrize("name", ["pretty", "envelope"])
def test_how_to_show_it_is_true_or_false(scene, name):
    """Anything else is refused."""
    reply = scene.owner.get(f"/orgs?{name}=2")
    assert (reply.status_code, reply.json()["parameters"]) == (400, [name])


@pytest.mark.parametrize("operation", ["listOrgInvites", "listGroupInvites"])
def test_some_lists_are_bare(scene, operation):
    """Invitations of the older generation are an array, whatever page is asked for."""
    reply = scene.send(operation, CALLS[operation](scene), query="?itemsPerPage=1&includeCount=true")
    assert isinstance(reply.json(), list)
    assert scene.send(operation, CALLS[operation](scene), query="?envelope=true").json()["status"] == 200


WITHOUT_PAGES = {
    "listControlPlaneIpAddresses": "one fixed document",
    "listGroupInvites": "an array on the wire, as long as a project has room for people (rule 142)",
    "listGroupLimits": "an array on the wire, one entry a limit that there is",
    "listMyFactors": "at most 20, beside how many recovery codes are left",
    "listOrgInvites": "an array on the wire, as long as an organization has room for people (rule 142)",
    "listScimGroups": "pages of SCIM's own",
    "listScimResourceTypes": "one fixed document",
    "listScimSchemas": "one fixed document",
    "listScimUsers": "pages of SCIM's own",
}


def test_every_list_has_pages_or_a_bound():
    """A list that can grow has pages; one that has none is here, with what bounds it."""
    lists = (found for found in SERVED.values() if found.method == "GET" and found.operation.id.startswith("list"))
    assert {found.operation.id for found in lists if not found.paged} == set(WITHOUT_PAGES)

"""What the MongoDB MCP server sends with its tools for Atlas, and what it looks for in the answers.

It says the same date everywhere, whatever the operation's own versions, and plain JSON of its bodies; that every
operation takes both is in test_negotiation.py.
"""

import pytest

from tests.wire.test_errors import refusal

ACCEPT = "application/vnd.atlas.2025-03-12+json"
PAGE = "itemsPerPage=10&pageNum=1&includeCount=false"


@pytest.fixture
def tool(scene):
    """Return what sends one request as the tools do."""

    def send(method, path, body=None):
        return scene.owner(method, path, body, accept=ACCEPT, headers={"Content-Type": "application/json"})

    return send


def test_organizations_and_projects_are_listed(tool, scene):
    """Names and ids are there, and no count where none was asked for."""
    for path in ("/orgs", "/groups", f"/orgs/{scene.org}/groups"):
        body = tool("GET", f"{path}?{PAGE}").json()
        assert len(body["results"]) <= 10
        assert all(item["id"] and item["name"] for item in body["results"])
        assert not body.get("totalCount")
    assert {item["orgId"] for item in tool("GET", f"/groups?{PAGE}").json()["results"]} == {scene.org}


def test_a_project_is_made(tool, scene):
    """The reply holds the id that the next tools go on with."""
    made = tool("POST", "/groups", {"name": scene.name("by-mcp"), "orgId": scene.org})
    assert tool("GET", f"/groups/{made.json()['id']}").json()["orgId"] == scene.org


def test_its_own_address_is_told(tool):
    """It puts the address that it is seen with on access lists."""
    reply = tool("GET", "/api/private/ipinfo")
    assert (reply.status_code, reply.json()["currentIpv4Address"]) == (200, "127.0.0.1")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "accessList"), ("POST", "accessList"), ("GET", "databaseUsers"), ("POST", "databaseUsers"),
        ("GET", "alerts?status=OPEN"), ("GET", "clusters"), ("GET", "flexClusters"),
    ],
)  # fmt: skip
def test_what_comes_later_is_refused_in_the_usual_shape(tool, scene, method, path):
    """A tool for something that is not served says so to its user, who reads the code and the sentence."""
    reply = tool(method, f"/groups/{scene.project}/{path}", {} if method == "POST" else None)
    assert refusal(reply)["errorCode"] == "RESOURCE_NOT_FOUND"


def test_it_may_send_its_telemetry_nowhere(tool):
    """It goes on when nobody takes what it counts."""
    assert refusal(tool("POST", "/api/private/v1.0/telemetry/events", []))["error"] == 404

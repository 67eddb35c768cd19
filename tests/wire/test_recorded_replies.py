"""Replies of the real service that were recorded, and ours to the same request in the same kind of state."""

import json
import re
from urllib.parse import quote, urlsplit

import pytest

from tests.wire.calls import ADMIN_API, CALLS, TAGS, Request, Scene, path_of
from tests.wire.exceptions import Exceptions
from tests.wire.facts import fact
from tests.wire.happenings import raise_recorded_events
from tests.wire.shapes import TIME, differences, links_of

_VERSION = re.compile(r"application/vnd\.atlas\.([\d-]+)\+json;charset=utf-8")


@pytest.fixture(scope="module")
def recordings():
    """Give the recordings of operations that are served; the others wait for theirs."""
    lines = fact("recorded-replies.jsonl").read_text(encoding="utf-8").splitlines()
    return [found for found in map(json.loads, lines) if found["op"] in ADMIN_API]


def _only_invited_to_the_organization(scene, organization):
    body = {"username": scene.username(), "roles": ["ORG_MEMBER"]}
    return scene.owner.done("POST", f"/orgs/{organization}/invites", body)["id"]


class Recorded(Scene):
    """An organization in the state that the recordings show."""

    def __init__(self, live):
        """Make it, then bring keys, projects and people into the mixtures that the recorded lists hold."""
        super().__init__(live)
        self.begun = ""
        key = self.new_key(("ORG_MEMBER", "ORG_OWNER"))["id"]
        for project in (self.project, self.other_project):
            self.owner.done("POST", f"/groups/{project}/apiKeys/{key}", [{"roles": ["GROUP_READ_ONLY"]}])
        self.owner.done("DELETE", f"/groups/{self.project}/invites/{self.project_invitation}")
        self.invitation = _only_invited_to_the_organization(self, self.org)
        last = self.new_member()
        while last < max(self.user, self.member):  # lists are ordered by id, and ids of one second are random
            last = self.new_member()
        self.owner.done("DELETE", f"/groups/{self.project}/users/{last}")
        self.invited = self.new_project()
        self.project_invitation = self.new_project_invitation(self.invited)

    def request(self, recording):
        """Return the request that asks for what the recording answers."""
        operation, body = recording["op"], recording["body"]
        if operation in {"getGroup", "updateGroup"}:
            tags = TAGS if body["tags"] else []
            project = self.new_project(tags=tags)
            return Request({"groupId": project}, {"tags": tags} if operation == "updateGroup" else None)
        if operation in {"listGroupInvites", "getGroupInvite"}:
            return Request({"groupId": self.invited, "invitationId": self.project_invitation})
        if operation == "listGroupUsers":
            return Request({"groupId": self.other_project})
        if operation == "listOrgUsers":
            self._put_the_first_into_a_team()
        if operation == "listOrgEvents":
            self.begun = raise_recorded_events(self)
        return CALLS[operation](self)

    def _put_the_first_into_a_team(self):
        """Have one of the first two users in teams and the other in none, whatever order their ids have."""
        users = f"/orgs/{self.org}/users?itemsPerPage=2"
        first, second = self.owner.done("GET", users, accept="application/vnd.atlas.2025-02-19+json")["results"]
        for team in second["teamIds"]:
            self.owner.done("DELETE", f"/orgs/{self.org}/teams/{team}/users/{second['id']}")
        if not first["teamIds"]:
            body = {"name": self.name("team"), "usernames": [first["username"]]}
            self.owner.done("POST", f"/orgs/{self.org}/teams", body)

    def query(self, body):
        """Return the query that was recorded in the list's own link; a time in it is when our recording began."""
        return TIME.sub(quote(self.begun), _query(body))


def compare(scene, recording):
    """Return where our reply is not like the recorded one: status, headers, shape and links."""
    endpoint = ADMIN_API[recording["op"]]
    headers, body = recording["headers"], recording["body"]
    accept = headers["Content-Type"].removesuffix(";charset=utf-8")
    asked = scene.request(recording)
    reply = scene.owner(
        endpoint.method, f"{path_of(endpoint, asked.values)}{scene.query(body)}", asked.body, accept=accept
    )
    found = [
        f"{name}: {ours} instead of {theirs}"
        for name, ours, theirs in (
            ("status", reply.status_code, recording["status"]),
            *((name, reply.headers.get(name), headers.get(name)) for name in ("Content-Type", "Deprecation", "Sunset")),
        )
        if ours != theirs
    ]
    ours = reply.json() if reply.content else None
    found += differences(ours, body)
    if links_of(ours) != links_of(body):
        found.append(f"/links: {links_of(ours)} instead of {links_of(body)}")
    return sorted(set(found))


def _query(body):
    """Return the query that was recorded in the list's own link."""
    own = [link["href"] for link in body.get("links", []) if link["rel"] == "self"] if isinstance(body, dict) else []
    query = urlsplit(own[0]).query if own else ""
    return f"?{query}" if query else ""


@pytest.mark.client
def test_replies_are_like_the_recorded_ones(live, recordings, capsys):
    """Status, media type, end of life, member names, JSON types and links are those of the real service."""
    scene, exceptions, failed, excepted = Recorded(live), Exceptions("recorded"), [], 0
    for number, recording in enumerate(recordings):
        version = _VERSION.fullmatch(recording["headers"]["Content-Type"])[1]
        found = compare(scene, recording)
        is_known = exceptions.of(recording["op"], version)
        unknown = [difference for difference in found if not is_known(difference)]
        excepted += bool(found) and not unknown
        failed += [f"{recording['op']} ({number}): {difference}" for difference in unknown]
    alike = len(recordings) - excepted - len({line.split(":")[0] for line in failed})
    with capsys.disabled():
        print(f"\nrecorded replies: {alike} of {len(recordings)} alike, {excepted} by exception")  # noqa: T201
    assert not failed, "\n".join(failed)
    assert exceptions.unmet == set()
    assert recordings


def test_a_difference_is_found():
    """The comparison sees a missing member, a foreign one, another type, and a kind of item never recorded."""
    theirs = {"a": 1, "b": [{"x": "s"}, {"y": None}], "c": []}
    assert list(differences({"a": 2, "b": [{"y": None}, {"x": ""}], "c": [1]}, theirs)) == []
    assert list(differences({"a": "1", "b": theirs["b"], "c": []}, theirs)) == ["/a: string instead of integer"]
    assert list(differences({"a": 1, "b": [{"x": "s"}], "c": []}, theirs)) == [
        "/b[]/x: not recorded",
        "/b[]/y: missing",
    ]
    assert list(differences({"a": 1, "b": [], "d": 1}, theirs)) == ["/b[]: empty", "/c: missing", "/d: not recorded"]

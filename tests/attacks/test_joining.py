"""Attacks by way of join requests: finding out what there is, getting in, and getting more than one may have."""

import json

import pytest

from orgward.directory.join_requests import MOST
from tests.directory.company import OWN, Company, done, log_rows, refused
from tests.directory.joining import READ, approve, ask, asked, deny, mine, requests_to, withdraw

UNKNOWN = "0123456789abcdef01234567"
CHANGING = {"orgward-revision", "x-request-id"}
"""The revision moves alike, by one a request; the id of a request is its own."""


def seen(reply, id):
    """Give all that a caller sees of an answer, without what they named."""
    headers = {name: value for name, value in reply.headers.items() if name not in CHANGING}
    return reply.status, headers, reply.body.replace(id.encode(), b"?")


@pytest.fixture
def places(world, company):
    """Give ids of projects that are there, of one that is gone, of other things, and of nothing."""
    other = Company.found(world, "cloud_manager", name="Other", owner="zoe")
    gone = company.project("gone")
    done(company.ann.delete(f"/groups/{gone}"))
    return {
        "project": company.project("web"),
        "another": company.project("shop"),
        "foreign": other.project("theirs"),
        "deleted": gone,
        "organization": company.id,
        "user": company.ann.id,
        "unknown": UNKNOWN,
    }


BODIES = [
    {},
    {"message": "hello", "roles": [READ], "endsAt": "2030-01-01T00:00:00Z"},
    {"roles": ["GROUP_USER_ADMIN"]},
    {"roles": ["ORG_OWNER"]},
    {"roles": ["GROUP_UNHEARD_OF"]},
    {"message": 1},
    {"nonsense": True},
]


def askers(company, project):
    """Give people who stand to the company in every way there is."""
    removed, suspended = company.person("removed"), company.person("suspended", on={project: [READ]})
    company.remove(removed.id)
    done(company.suspend(suspended.id))
    company.invited("invited", on={project: [READ]})
    return [
        company.outsider("stranger"),
        company.person("member"),
        company.person("inside", on={project: [READ]}),
        company.person("reader", "ORG_READ_ONLY"),
        company.outsider("invited"),
        removed,
        suspended,
        company.ann,
    ]


@pytest.mark.parametrize("query", ["", "?dryRun=true", "?envelope=true&pretty=true", "?dryRun=perhaps"])
@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_asking_tells_nothing_of_what_there_is(company, places, body, query):
    """Row 6: to ask to join is answered byte for byte alike, headers with it, for every id and whoever asks."""
    for who in askers(company, places["project"]):
        answers = {}
        for kind, id in places.items():
            reply = who.post(f"{OWN}/groups/{id}/joinRequests{query}", body)
            answers[kind] = seen(reply, id)
        assert {kind: found for kind, found in answers.items() if found != answers["unknown"]} == {}


def test_asking_leaves_the_same_everywhere(world, company, places):
    """Row 6: each request moves the revision by one, writes as much, and shows alike in the asker's own list."""
    for who in askers(company, places["project"]):
        before, rows = world.store.snapshot.revision, []
        for number, id in enumerate(places.values(), start=1):
            reply = ask(who, id, message="hello")
            assert reply.headers["orgward-revision"] == str(before + number)
            (delta,) = log_rows(world)[-1]["deltas"]
            rows.append((delta[0], sorted(delta[2])))
        assert rows == [("join_requests", ["commitment"])] * len(places)
        shown = mine(who)
        assert {row["projectId"] for row in shown} == set(places.values())
        assert len({json.dumps({**row, "id": "", "projectId": ""}) for row in shown}) == 1
        for row in shown:
            assert seen(withdraw(who, row["id"]), row["id"]) == seen(withdraw_of(who), UNKNOWN)


def withdraw_of(who):
    """Ask to join nothing, and take it back."""
    ask(who, "f" * 24)
    (request,) = (row["id"] for row in mine(who) if row["projectId"] == "f" * 24)
    return withdraw(who, request)


def test_asking_shows_in_no_feed_that_the_asker_reads(company, places):
    """Row 6: a member of the organization finds no event of their own request to a project that they can't read."""
    who, feed = company.person("member"), f"{company.path}/events"
    before = done(who.get(feed))
    for id in places.values():
        ask(who, id)
    assert done(who.get(feed)) == before
    told = done(company.ann.get(f"/groups/{places['project']}/events"))["results"]
    assert told[0]["eventTypeName"] == "REQUESTED_TO_JOIN_GROUP"


@pytest.mark.parametrize("headers", [{"If-Match": '"x"'}, {"If-Match": "*"}, {"Idempotency-Key": "once"}])
def test_conditions_tell_nothing_either(company, places, headers):
    """Row 6: nor do headers that make a write depend on what is there."""
    who = company.person("inside", on={places["project"]: [READ]})
    answers = {}
    for kind, id in places.items():
        given = {name: f"{value}-{kind}" if name == "Idempotency-Key" else value for name, value in headers.items()}
        reply = who.post(f"{OWN}/groups/{id}/joinRequests", {}, headers=given)
        answers[kind] = seen(reply, id)
    assert {kind: found for kind, found in answers.items() if found != answers["unknown"]} == {}


def test_a_flood_of_requests_tells_nothing(world, company, places):
    """Row 6: at the bound of requests the next one is answered and kept alike, whatever it names."""
    who = company.outsider("eve")
    for number in range(MOST):
        ask(who, f"{number:024x}")
    world.clock.advance(seconds=1)
    answers = [seen(ask(who, id), id) for id in places.values()]
    assert answers == answers[:1] * len(places)
    assert {row["projectId"] for row in mine(who)} >= set(places.values())
    assert len(mine(who)) == MOST


def test_a_deleted_or_moved_project_shows_in_no_own_list(company, places):
    """Row 6: what happens to a project that did not decide is not told to who asked."""
    who = company.outsider("eve")
    for id in places.values():
        ask(who, id)
    before = mine(who)
    done(company.ann.delete(f"/groups/{places['project']}"))
    assert mine(who) == before


def test_only_who_is_on_the_project_decides(world, company, places):
    """Rows 7, 8: an owner of anything else neither sees nor decides a request, and learns nothing of it."""
    who, project = company.outsider("eve"), places["project"]
    request = asked(company, who, project)
    zoe = world.session(world.store.view.find("person_data", username_key="zoe@example.org")[0]["id"])
    local = company.person("local", on={places["another"]: ["GROUP_OWNER"]})
    for by in (zoe, local, who):
        for reply, nowhere in (
            (approve(by, project, request), approve(by, UNKNOWN, request)),
            (deny(by, project, request), deny(by, UNKNOWN, request)),
            (by.get(f"{OWN}/groups/{project}/joinRequests"), by.get(f"{OWN}/groups/{UNKNOWN}/joinRequests")),
        ):
            assert reply.status == 404
            assert seen(reply, project) == seen(nowhere, UNKNOWN)
    for by, place in ((local, places["another"]), (zoe, places["foreign"])):
        refused(approve(by, place, request), 404, "JOIN_REQUEST_NOT_FOUND")
        refused(deny(by, place, request), 404, "JOIN_REQUEST_NOT_FOUND")
    assert [row["id"] for row in requests_to(company, project)] == [request]


def test_no_wish_is_a_role(company, places):
    """Row 18: what somebody wishes for is given to nobody; only the roles of the approval are."""
    who, project = company.outsider("eve"), places["project"]
    request = asked(company, who, project, roles=["GROUP_OWNER"])
    refused(who.get(f"/groups/{project}"), 404, "GROUP_NOT_FOUND")
    done(approve(company.ann, project, request, READ))
    assert company.project_roles_of(project, who.id) == [READ]


def test_an_approval_hands_out_no_more_than_its_column(world, company, places, monkeypatch):
    """Row 18: whoever may approve and may not hand a role out does not give it by an approval."""
    from orgward.directory import guards  # noqa: PLC0415

    who, project = company.outsider("eve"), places["project"]
    request = asked(company, who, project)
    monkeypatch.setattr(guards, "may_hand_out", lambda *_: False)
    refused(approve(company.ann, project, request), 403, "ROLE_NOT_GRANTABLE")
    assert company.status_of(who.id) is None


def test_a_suspended_member_comes_back_by_no_way(company, places):
    """Row 13: who is suspended neither leaves and asks, nor is approved, nor approves."""
    project = places["project"]
    sue = company.person("sue", "ORG_OWNER", on={project: ["GROUP_OWNER"]})
    request = asked(company, company.outsider("eve"), project)
    done(company.suspend(sue.id))
    own = asked(company, sue, project)
    refused(sue.post(f"{OWN}/me/organizations/{company.id}:leave"), 403, "USER_SUSPENDED")
    refused(sue.post(f"{OWN}/me/projects/{project}:leave"), 403, "USER_SUSPENDED")
    refused(approve(company.ann, project, own), 403, "USER_SUSPENDED")
    refused(approve(sue, project, request), 403, "USER_SUSPENDED")


def test_who_was_removed_decides_nothing(company, places):
    """Row 26: a removed owner's session approves nobody from the next request on."""
    project = places["project"]
    bob = company.person("bob", "ORG_OWNER")
    request = asked(company, company.outsider("eve"), project)
    done(bob.post(f"{OWN}/me/organizations/{company.id}:leave"))
    refused(approve(bob, project, request), 404, "GROUP_NOT_FOUND")


def test_a_message_is_shown_as_it_is_and_to_whom_it_is_for(company, places):
    """A message is text: no markup is made of it, and nobody but the asker and the project's owners sees it."""
    who, project = company.outsider("eve"), places["project"]
    text = "<script>alert(1)</script>\n{0} %s ' OR 1=1 --"
    asked(company, who, project, message=text)
    assert [row["message"] for row in requests_to(company, project)] == [text]
    assert [row["message"] for row in mine(who)] == [text]
    assert mine(company.ann) == []

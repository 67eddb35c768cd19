"""Rules 61 to 64, and the contract's join requests: asked, withdrawn, approved, denied."""

import json

import pytest

from orgward.directory.join_requests import MOST
from orgward.store.sqlite import connect
from tests.directory.company import (
    Company,
    accept,
    done,
    instant,
    log_rows,
    own_invitations,
    refused,
    set_limits,
)
from tests.directory.joining import READ, approve, ask, asked, deny, mine, requests_to, withdraw

UNKNOWN = "0123456789abcdef01234567"
OWNER, MANAGER = "GROUP_OWNER", "GROUP_ACCESS_MANAGER"
NOT_OPEN = (409, "JOIN_REQUEST_NOT_OPEN")


@pytest.fixture
def bob(company):
    """Give somebody with an account who is in no organization."""
    return company.outsider("bob")


# -- asking


def test_rule_061_who_asks_is_listed_on_the_project(world, company, bob):
    """Rule 61: a user asks to join, and the project sees who, with what they say and wish for."""
    project = company.project()
    request = asked(company, bob, project, message="Let me in", roles=[READ], endsAt=instant(world, 60))
    assert requests_to(company, project) == [
        {
            "createdAt": "2027-01-15T08:00:00Z",
            "endsAt": "2027-01-15T08:01:00Z",
            "id": request,
            "message": "Let me in",
            "roles": [READ],
            "state": "OPEN",
            "userId": bob.id,
            "username": "bob@example.org",
        }
    ]


def test_asking_needs_no_words(company, bob):
    """Contract: message, roles and end are all left to the asker; so is the body."""
    project = company.project()
    assert bob.post(f"/api/orgward/v1/groups/{project}/joinRequests").status == 202
    (found,) = requests_to(company, project)
    assert (found["message"], found["roles"], found["endsAt"]) == ("", [], None)


def test_repeats_collapse(world, company, bob):
    """Contract: asking again is the same request with other wishes; after a decision it is a new one."""
    project = company.project()
    request = asked(company, bob, project, message="please", roles=[READ])
    world.clock.advance(seconds=5)
    assert asked(company, bob, project, message="now") == request
    (found,) = requests_to(company, project)
    assert (found["message"], found["roles"], found["createdAt"]) == ("now", [], "2027-01-15T08:00:00Z")
    done(deny(company.ann, project, request))
    assert asked(company, bob, project) != request
    assert [row["id"] for row in requests_to(company, project, "DENIED")] == [request]


def test_an_unknown_project_is_asked_like_any_other(world, company, bob):
    """Contract: 202 `{}` for an unknown project, too, which stands in the asker's own list and moves the revision."""
    project, before = company.project(), world.store.snapshot.revision
    for number, id in enumerate((project, UNKNOWN), start=1):
        reply = ask(bob, id, message="hello", roles=[READ])
        assert (reply.status, reply.body) == (202, b"{}")
        assert int(reply.headers["Orgward-Revision"]) == before + number
    assert [row["projectId"] for row in sorted(mine(bob), key=lambda row: row["projectId"] != project)] == [
        project,
        UNKNOWN,
    ]
    first, second = ({**row, "id": "", "projectId": ""} for row in mine(bob))
    assert first == second


def test_a_member_asks_like_a_stranger(company):
    """Contract: who is in the project already gets the same answer, and the same row in their own list."""
    project = company.project()
    carl = company.person("carl", on={project: [READ]})
    assert (ask(carl, project).status, ask(carl, UNKNOWN).status) == (202, 202)
    assert {row["projectId"] for row in mine(carl)} == {project, UNKNOWN}


def test_whoever_was_suspended_or_removed_may_ask(company):
    """Contract: the answer is the same for everybody, for it would tell of an organization otherwise."""
    project = company.project()
    sue, rex = company.person("sue"), company.person("rex")
    done(company.suspend(sue.id))
    company.remove(rex.id)
    for who in (sue, rex):
        assert (ask(who, project).status, ask(who, UNKNOWN).status) == (202, 202)


def test_keys_do_not_ask(company):
    """Contract: only a person's session asks to join."""
    project = company.project()
    for id in (project, UNKNOWN):
        refused(ask(company.owner_key, id), 403, "SESSION_REQUIRED")


WRONG = [
    ({"message": "x" * 1001}, "INVALID_ATTRIBUTE"),
    ({"message": "a\u0000b"}, "INVALID_ATTRIBUTE"),
    ({"message": 1}, "INVALID_ATTRIBUTE"),
    ({"roles": ["ORG_OWNER"]}, "CANNOT_ADD_ORG_ROLE"),
    ({"roles": ["GROUP_UNHEARD_OF"]}, "INVALID_ROLE_FOR_GROUP"),
    ({"roles": [READ] * 51}, "INVALID_ATTRIBUTE"),
    ({"endsAt": "tomorrow"}, "INVALID_DATE_FORMAT"),
    ({"endsAt": "2020-01-01T00:00:00Z"}, "INVALID_DATE_RANGE"),
    ({"userId": UNKNOWN}, "INVALID_ATTRIBUTE"),
]


@pytest.mark.parametrize(("body", "code"), WRONG, ids=range(len(WRONG)))
def test_what_is_wrong_is_wrong_for_every_project(company, bob, body, code):
    """A body that can't be taken is refused alike, whether there is such a project or not."""
    project = company.project()
    there, nowhere = ask(bob, project, **body), ask(bob, UNKNOWN, **body)
    refused(there, 400, code)
    assert there.body.decode().replace(project, UNKNOWN) == nowhere.body.decode()
    assert mine(bob) == []


def test_wishes_are_of_any_edition(company, bob):
    """A role that only the other edition has may be wished for: to refuse it would tell the project's edition."""
    project = company.project()
    for role in ("GROUP_USER_ADMIN", MANAGER):
        assert ask(bob, project, roles=[role]).status == 202
        assert ask(bob, UNKNOWN, roles=[role]).status == 202


def test_an_address_that_is_not_proven_does_not_ask(world, company, bob):
    """Contract, People: only proven addresses match join requests, whatever project is asked for."""
    project = company.project()
    connection = connect(world.store.path)
    connection.execute("UPDATE users SET proven_at = NULL WHERE id = ?", (bob.id,))
    connection.close()
    for id in (project, UNKNOWN):
        refused(ask(bob, id), 403, "ADDRESS_NOT_PROVEN")


def test_a_person_has_only_so_many_requests(world, company, bob):
    """One request more than are kept makes the oldest give way, a decided one first; nothing is refused."""
    project, shop = company.project(), company.project("shop")
    denied = asked(company, bob, shop)
    done(deny(company.ann, shop, denied))
    first = asked(company, bob, project)
    world.clock.advance(seconds=1)
    ids = [f"{number:024x}" for number in range(MOST - 2)]
    assert {ask(bob, id).status for id in ids} == {202}
    assert len(mine(bob)) == MOST
    assert ask(bob, "a" * 24).status == 202
    assert requests_to(company, shop, "DENIED") == []
    assert [row["id"] for row in requests_to(company, project)] == [first]
    assert ask(bob, "b" * 24).status == 202
    assert requests_to(company, project) == []
    assert len(mine(bob)) == MOST
    assert ask(bob, "b" * 24).status == 202
    assert len(mine(bob)) == MOST


# -- own requests


def test_own_requests_tell_nothing_of_the_project(company, bob):
    """The asker's own list holds what they said themself, and what came of it."""
    project = company.project("secret name")
    ask(bob, project, message="hello", roles=[READ])
    (found,) = mine(bob)
    assert found.keys() == {"createdAt", "endsAt", "id", "message", "projectId", "roles", "state"}
    assert "secret name" not in json.dumps(found)


def test_a_request_is_taken_back(company, bob):
    """Who asked takes an open request back: it is gone from both lists, and can't be decided any more."""
    project = company.project()
    request = asked(company, bob, project)
    assert withdraw(bob, request).status == 204
    assert mine(bob) == requests_to(company, project) == []
    assert [row["id"] for row in mine(bob, "WITHDRAWN")] == [request]
    assert [row["id"] for row in requests_to(company, project, "WITHDRAWN")] == [request]
    refused(approve(company.ann, project, request), *NOT_OPEN)
    refused(deny(company.ann, project, request), *NOT_OPEN)
    refused(withdraw(bob, request), 404, "JOIN_REQUEST_NOT_FOUND")
    assert company.project_user(project, bob.id) is None


def test_a_request_to_nowhere_is_taken_back(bob):
    """A request to an unknown project is withdrawn like any other."""
    ask(bob, UNKNOWN)
    (found,) = mine(bob)
    assert withdraw(bob, found["id"]).status == 204
    assert mine(bob) == []


def test_only_ones_own_open_request_is_taken_back(company, bob):
    """Somebody else's request looks like an unknown one; a decided one is decided."""
    project = company.project()
    request = asked(company, bob, project)
    carl = company.outsider("carl")
    theirs, unknown = withdraw(carl, request), withdraw(carl, UNKNOWN)
    refused(theirs, 404, "JOIN_REQUEST_NOT_FOUND")
    assert theirs.body.decode().replace(request, UNKNOWN) == unknown.body.decode()
    done(deny(company.ann, project, request))
    refused(withdraw(bob, request), *NOT_OPEN)


@pytest.mark.parametrize("place", ["me", "groups/{project}"])
def test_a_state_that_there_is_not_is_malformed(company, bob, place):
    """Requests are listed by a state that they can be in."""
    who = bob if place == "me" else company.ann
    path = f"/api/orgward/v1/{place.replace('{project}', company.project())}/joinRequests?state=PENDING"
    refused(who.get(path), 400, "INVALID_QUERY_PARAMETER")


# -- approving


def test_rule_064_approval_makes_a_member_of_project_and_organization(company, bob):
    """Rules 37, 64: who is approved is at once in the project and, as a plain member, in its organization."""
    project = company.project()
    request = asked(company, bob, project, roles=[OWNER])
    shown = done(approve(company.ann, project, request, READ))
    assert shown == {"endsAt": None, "roles": [READ], "state": "APPROVED", "userId": bob.id}
    assert company.status_of(bob.id) == "ACTIVE"
    assert company.roles_of(bob.id) == ["ORG_MEMBER"]
    assert company.project_roles_of(project, bob.id) == [READ]
    done(bob.get(f"/groups/{project}"))
    assert requests_to(company, project) == []
    assert [row["state"] for row in mine(bob)] == ["APPROVED"]


def test_rule_064_a_member_of_the_organization_enters_the_project(company):
    """Rule 64: somebody of the organization enters the project and keeps their organization roles."""
    project, carl = company.project(), company.person("carl", "ORG_READ_ONLY")
    done(approve(company.ann, project, asked(company, carl, project), READ))
    assert company.roles_of(carl.id) == ["ORG_READ_ONLY"]
    assert company.project_roles_of(project, carl.id) == [READ]


def test_an_approval_may_have_an_end(world, company, bob):
    """Contract: `endsAt` of the approval counts, not the one that was wished for."""
    project = company.project()
    request = asked(company, bob, project, endsAt=instant(world, 3600))
    past = {"endsAt": instant(world, 0)}
    refused(approve(company.ann, project, request, READ, **past), 400, "INVALID_DATE_RANGE")
    done(approve(company.ann, project, request, READ, endsAt=instant(world, 60)))
    world.clock.advance(seconds=59)
    done(bob.get(f"/groups/{project}"))
    world.clock.advance(seconds=1)
    refused(bob.get(f"/groups/{project}"), 404, "GROUP_NOT_FOUND")


def test_a_request_is_decided_once(company, bob):
    """Deciding a decided request is a conflict, and changes nothing."""
    project = company.project()
    request = asked(company, bob, project)
    done(approve(company.ann, project, request))
    for again in (approve(company.ann, project, request, OWNER), deny(company.ann, project, request)):
        refused(again, *NOT_OPEN)
    assert company.project_roles_of(project, bob.id) == [READ]


def test_nobody_approves_their_own_request(company):
    """Contract: not by the asker, whatever they may do."""
    project = company.bare_project()
    boss = company.person("boss", "ORG_OWNER")
    request = asked(company, boss, project)
    refused(approve(boss, project, request), 403, "CANNOT_APPROVE_OWN_REQUEST")
    assert company.project_user(project, boss.id) is None
    done(deny(boss, project, request))


@pytest.mark.parametrize("roles", [[], ["ORG_OWNER"], ["GROUP_UNHEARD_OF"]])
def test_approval_gives_project_roles(company, bob, roles):
    """What an approval gives is at least one role of a project."""
    project = company.project()
    request = asked(company, bob, project)
    path = f"/api/orgward/v1/groups/{project}/joinRequests/{request}:approve"
    assert company.ann.post(path, {"roles": roles}).status in {400, 403}
    assert company.ann.post(path, {}).status == 400
    assert company.project_user(project, bob.id) is None


def test_approval_gives_what_the_approver_may_hand_out(cloud):
    """Contract: who may hand out what holds for approvals; an owner role by somebody else raises its event."""
    project, bob = cloud.project(), cloud.outsider("bob")
    admin = cloud.person("admin", on={project: ["GROUP_USER_ADMIN"]})
    done(approve(admin, project, asked(cloud, bob, project), OWNER))
    events = [event["type"] for event in log_rows(cloud.world)[-1]["body"]["events"]]
    assert "OWNER_ROLE_GIVEN_BY_NON_OWNER" in events
    assert cloud.world.store.view.get("project_members", project, bob.id)["added_by_owner"] is False


def test_a_plain_member_decides_nothing(company, bob):
    """Rules 62, 64: reading, approving and denying need their privileges."""
    project = company.project()
    request = asked(company, bob, project)
    carl = company.person("carl", on={project: [READ]})
    for reply in (
        carl.get(f"/api/orgward/v1/groups/{project}/joinRequests"),
        approve(carl, project, request),
        deny(carl, project, request),
    ):
        refused(reply, 401, "USER_UNAUTHORIZED")


def test_whoever_is_suspended_is_not_approved(company):
    """Somebody whom the organization suspended does not come in by another door."""
    project, sue = company.project(), company.person("sue")
    request = asked(company, sue, project)
    done(company.suspend(sue.id))
    refused(approve(company.ann, project, request), 403, "USER_SUSPENDED")
    assert [row["id"] for row in requests_to(company, project)] == [request]
    done(company.reactivate(sue.id))
    done(approve(company.ann, project, request))


def test_whoever_is_invited_comes_in_at_once(company, bob):
    """Approval makes somebody active who was only invited; what else the invitation gives waits for its acceptance."""
    project, shop = company.project(), company.project("shop")
    company.invited("bob", "ORG_READ_ONLY", on={project: [OWNER], shop: [READ]})
    done(approve(company.ann, project, asked(company, bob, project), READ))
    assert company.project_roles_of(project, bob.id) == [READ]
    refused(bob.get(f"/groups/{shop}"), 404, "GROUP_NOT_FOUND")
    (invitation,) = own_invitations(bob)
    assert [found["projectId"] for found in invitation["projects"]] == [shop]
    done(accept(bob, invitation["id"]))
    assert sorted(company.roles_of(bob.id)) == ["ORG_MEMBER", "ORG_READ_ONLY"]
    done(bob.get(f"/groups/{shop}"))


def test_whoever_is_in_already_gets_what_is_given_and_loses_nothing(world, company):
    """Approval of a member gives them the roles besides, renews one that has ended, and cuts nothing short."""
    project = company.project()
    kept, ended, short = "GROUP_DATA_ACCESS_READ_ONLY", "GROUP_DATA_ACCESS_READ_WRITE", "GROUP_DATA_ACCESS_ADMIN"
    carl = company.person("carl", on={project: [kept, ended, short]})
    done(company.bound(carl.id, ended, project=project, ends=10))
    done(company.bound(carl.id, short, project=project, ends=20))
    world.clock.advance(seconds=10)
    request = asked(company, carl, project)
    done(approve(company.ann, project, request, READ, kept, ended, short, endsAt=instant(world, 60)))
    assert company.project_roles_of(project, carl.id) == sorted([READ, kept, ended, short])
    world.clock.advance(seconds=59)
    assert company.project_roles_of(project, carl.id) == sorted([READ, kept, ended, short])
    world.clock.advance(seconds=1)
    assert company.project_roles_of(project, carl.id) == [kept]


def test_approval_stays_within_limits(world, company, bob):
    """Rules 142, 145: an approval is bounded as any other way in."""
    project = company.project()
    request = asked(company, bob, project)
    set_limits(world, users_per_organization=1)
    refused(approve(company.ann, project, request), 400, "MAX_USERS_PER_ORG_EXCEEDED")
    set_limits(world, users_per_project=1)
    refused(approve(company.ann, project, request), 400, "MAX_USERS_PER_GROUP_EXCEEDED")
    set_limits(world, organizations_per_user=0)
    refused(approve(company.ann, project, request), 400, "MAX_ORGS_PER_USER_EXCEEDED")
    assert company.status_of(bob.id) is None


# -- denying


def test_rule_063_denial_lists_what_stays(company):
    """Rule 63: who holds an organization role that reaches the project keeps it; others have nothing there."""
    project, shop = company.project(), company.project("shop")
    people = {
        "nobody": company.outsider("nobody"),
        "member": company.person("member", on={shop: [OWNER]}),
        "reader": company.person("reader", "ORG_READ_ONLY"),
        "boss": company.person("boss", "ORG_OWNER", "ORG_MEMBER"),
        "direct": company.person("direct", on={project: [READ]}),
    }
    replies = {name: done(deny(company.ann, project, asked(company, who, project))) for name, who in people.items()}
    assert {reply["state"] for reply in replies.values()} == {"DENIED"}
    organization = {"via": "organization_role"}
    assert {name: reply["stillHas"] for name, reply in replies.items()} == {
        "nobody": [],
        "member": [],
        "reader": [{"role": "ORG_READ_ONLY", **organization}],
        "boss": [{"role": "ORG_OWNER", **organization}],
        "direct": [{"role": READ, "via": "direct"}],
    }
    for name in ("reader", "boss", "direct"):
        done(people[name].get(f"/groups/{project}"))
    for name in ("nobody", "member"):
        refused(people[name].get(f"/groups/{project}"), 404, "GROUP_NOT_FOUND")


def test_rule_063_roles_of_teams_stay(world, company):
    """Rule 63: so does who is in a team on the project."""
    project, tim = company.project(), company.person("tim")
    body = {"name": "crew", "usernames": ["tim@example.org"]}
    team = done(company.ann.post(f"{company.path}/teams", body))["id"]
    done(company.ann.post(f"/groups/{project}/teams", [{"teamId": team, "roleNames": [READ]}]))
    shown = done(deny(company.ann, project, asked(company, tim, project)))
    assert shown["stillHas"] == [{"role": READ, "via": "team"}]


def test_rule_063_what_has_ended_or_is_suspended_is_not_held(world, company):
    """Rule 63: only roles that count now are still held."""
    project = company.project()
    eve, sue = company.person("eve", "ORG_READ_ONLY"), company.person("sue", "ORG_READ_ONLY")
    done(company.bound(eve.id, "ORG_READ_ONLY", ends=10))
    done(company.suspend(sue.id))
    world.clock.advance(seconds=10)
    for who in (eve, sue):
        assert done(deny(company.ann, project, asked(company, who, project)))["stillHas"] == []


def test_a_denied_one_may_ask_again(company, bob):
    """A denial says no to a request, not to a person."""
    project = company.project()
    done(deny(company.ann, project, asked(company, bob, project)))
    done(approve(company.ann, project, asked(company, bob, project)))
    assert sorted(row["state"] for row in mine(bob)) == ["APPROVED", "DENIED"]


# -- what becomes of requests


def test_a_request_is_known_under_its_project_only(company, bob):
    """A request is unknown under another project, of the same organization or not."""
    web, shop = company.project(), company.project("shop")
    other = Company.found(company.world, "atlas", name="Other", owner="zoe")
    request = asked(company, bob, web)
    for place, owner in ((shop, company.ann), (other.project("theirs"), other.ann)):
        refused(approve(owner, place, request), 404, "JOIN_REQUEST_NOT_FOUND")
        refused(deny(owner, place, request), 404, "JOIN_REQUEST_NOT_FOUND")


def test_a_request_to_a_deleted_project_stands_like_one_to_an_unknown_one(company, bob):
    """A project that is deleted leaves no trace in the asker's list: the request stays open, as to nowhere."""
    project = company.project()
    ask(bob, project)
    ask(bob, UNKNOWN)
    before = mine(bob)
    done(company.ann.delete(f"/groups/{project}"))
    assert mine(bob) == before
    assert {row["state"] for row in before} == {"OPEN"}
    assert (ask(bob, project).status, ask(bob, UNKNOWN).status) == (202, 202)


def test_erasure_takes_requests_with_it(world, company, bob):
    """Who is erased leaves no message behind, neither to a project nor to nowhere, decided or not."""
    project, shop = company.project(), company.project("shop")
    done(deny(company.ann, shop, asked(company, bob, shop, message="whisper")))
    asked(company, bob, project, message="whisper")
    ask(bob, UNKNOWN, message="whisper")
    world.erase("bob@example.org")
    assert requests_to(company, project) == requests_to(company, shop, "DENIED") == []
    assert world.store.view.find("join_requests", user_id=bob.id) == []
    assert not any("whisper" in json.dumps(row) for row in log_rows(world))


def test_the_log_holds_ids_and_no_message(world, company, bob):
    """The audit rows say who asked for what and who decided, and no word of the message."""
    project = company.project()
    request = asked(company, bob, project, message="whisper", roles=[READ])
    row = log_rows(world)[-1]
    assert (row["action"], row["actor_id"], row["target"], row["org_id"]) == (
        "askToJoinGroup", bob.id, project, company.id,
    )  # fmt: skip
    assert row["body"]["request"] == request
    assert "whisper" not in json.dumps(row)
    done(approve(company.ann, project, request))
    row = log_rows(world)[-1]
    assert (row["action"], row["target"]) == ("approveGroupJoinRequest", bob.id)
    assert (row["body"]["request"], row["body"]["roles"]) == (request, [READ])
    kept = world.store.view.get("join_requests", request)
    assert (kept["decided_by_kind"], kept["decided_by"], kept["decided_at"]) == (
        "user", company.ann.id, world.clock.now,
    )  # fmt: skip


def test_a_long_queue_is_read_page_by_page(world, company):
    """Requests are listed oldest first, each on one page, the count with them."""
    project = company.project()
    people = []
    for number in range(7):
        people.append(company.outsider(f"p{number}"))
        ask(people[-1], project)
        world.clock.advance(seconds=1)
    found = []
    for page in (1, 2, 3, 4, 5):
        path = f"/api/orgward/v1/groups/{project}/joinRequests?itemsPerPage=2&pageNum={page}"
        shown = done(company.ann.get(path))
        assert shown["totalCount"] == 7
        found += [row["userId"] for row in shown["results"]]
    assert found == [who.id for who in people]

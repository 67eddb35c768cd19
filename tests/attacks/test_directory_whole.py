"""Attacks on the directory as a whole: what a preview, a repeat, a tag, a feed or a body may tell, cost or break.

Whoever founds an organization owns it, so that "in their own organization" means anybody here.
"""

from collections import Counter

import pytest

from orgward.app import trial
from orgward.catalog import EDITIONS
from orgward.decision_api.decide import MOST_PATHS
from orgward.directory import guards
from orgward.edge.bodies import MAX_BODY, MOST_FAULTS
from orgward.engine.layer import Layer
from orgward.store.view import SqlView
from tests.directory.company import OLD, OWN, Company, address, done, instant, own_invitations, refused, token_mailed
from tests.directory.joining import approve, ask, requests_to
from tests.world import Caller

READ, OWNER = "GROUP_READ_ONLY", "GROUP_OWNER"
BEYOND_EVERY_CALENDAR = ("0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-14:00")
GOOD = "correct horse battery staple"


@pytest.fixture
def calls(monkeypatch):
    """Give a count of the calls of functions that are asked to be counted."""
    found = Counter()

    def count(owner, name):
        original = getattr(owner, name)

        def counted(*arguments, **named):
            found[name] += 1
            return original(*arguments, **named)

        monkeypatch.setattr(owner, name, counted)
        return found

    return count


# -- bodies and queries


@pytest.mark.parametrize("date", BEYOND_EVERY_CALENDAR)
@pytest.mark.parametrize("name", ["minDate", "maxDate"])
def test_a_time_that_no_calendar_writes_in_utc_is_none(company, name, date):
    """An offset can lead out of the calendar: that is a fault of the request, in each feed and in bounds of roles."""
    project = company.project()
    for feed in ("events", "activityFeed"):
        for place in (company.path, f"/groups/{project}"):
            refused(company.ann.get(f"{place}/{feed}?{name}={date}"), 400, "INVALID_DATE_FORMAT")
    path = f"{OWN}/groups/{project}/users/{company.ann.id}/roles/{OWNER}"
    refused(company.ann.put(path, {"endsAt": date.replace("%2B", "+")}), 400, "INVALID_DATE_FORMAT")


@pytest.mark.parametrize("number", [b"1e400", b"-1e400", b"9" * 5_000])
def test_a_number_that_nothing_holds_is_malformed(world, company, number):
    """Such a number is no JSON value to us, wherever it stands, whoever sends it and with whichever headers."""
    bodies = [b'{"name":' + number + b"}", b'{"name":"x","links":[' + number + b"]}", number]
    for raw in bodies:
        refused(world.nobody.post(f"{OWN}/sessions", raw=raw), 400, "MALFORMED_JSON")
        refused(company.ann.patch(company.path, raw=raw), 400, "MALFORMED_JSON")
        keyed = company.ann.post(f"{company.path}/apiKeys", raw=raw, headers={"idempotency-key": "one"})
        refused(keyed, 400, "MALFORMED_JSON")


def many(item, most=MAX_BODY):
    """Give a JSON list of this item that is nearly as long as a body may be."""
    return b"[" + b",".join([item] * ((most - 100) // (len(item) + 1))) + b"]"


def test_a_faulty_body_is_not_answered_by_its_multiple(world, atlas):
    """A megabyte of faults holds nobody up and comes back in little: every answer names a bounded number of them."""
    project, team = atlas.project(), atlas.team()
    unknown = b"{" + b",".join(b'"%x":1' % number for number in range(90_000)) + b"}"
    nested = b'[{"teamId":"%s","roleNames":%s}]' % (team.encode(), many(b"1"))
    replies = [
        world.nobody.post(f"{OWN}/sessions", raw=unknown),
        atlas.ann.post(f"/groups/{project}/teams", raw=many(b"{}")),
        atlas.ann.post(f"/groups/{project}/teams", raw=nested),
        atlas.ann.patch(f"/groups/{project}", raw=b'{"tags":' + many(b'{"key":"k","value":"!"}') + b"}"),
    ]
    for reply in replies:
        assert reply.status == 400, reply.code
        assert 1 <= len(reply.json["badRequestDetail"]["fields"]) <= MOST_FAULTS
        assert len(reply.body) < 50_000


def test_a_new_team_is_not_looked_up_name_by_name_before_it_is_too_large(company):
    """More people than any team holds are refused unseen; one that is named a thousand times is one."""
    names = [address(f"somebody{number}") for number in range(300)]
    refused(
        company.ann.post(f"{company.path}/teams", {"name": "crew", "usernames": names}),
        400,
        "MAX_USERS_PER_TEAM_EXCEEDED",
    )
    bob = company.person("bob")
    made = done(company.ann.post(f"{company.path}/teams", {"name": "crew", "usernames": [address("bob")] * 1_000}))
    assert company.users_in(made["id"]) == [bob.id]


# -- what a command may cost the one writer


def test_a_preview_of_much_is_cut_and_says_so(company, monkeypatch):
    """A large team on many projects gains millions of entries: the list ends somewhere, and a warning says that."""
    monkeypatch.setattr(trial, "MOST_EFFECTS", 10)
    project, bob = company.project(), company.person("bob")
    team = company.team("crew", bob)
    shown = done(company.ann.post(f"/groups/{project}/teams?dryRun=true", [{"teamId": team, "roleNames": [OWNER]}]))
    assert len(shown["gained"]) == 10
    assert [warning["code"] for warning in shown["warnings"]] == ["EFFECTS_LEFT_OFF"]


def test_a_preview_asks_for_no_privilege_one_by_one(company, calls):
    """What owners of everything hold on every project is compared as a whole: else a preview stops the writer."""
    projects = [company.project(f"project {number}") for number in range(5)]
    for _ in range(5):
        company.key("ORG_OWNER")
    found = calls(Layer, "check")
    shown = done(company.ann.delete(f"/groups/{projects[0]}?dryRun=true"))
    assert len({entry["principal"]["id"] for entry in shown["lost"]}) == 7
    assert found["check"] < 50


def test_bounds_ahead_are_not_looked_at_each_against_all(world, atlas, calls):
    """Anybody can bound thousands of roles of their own: a change of oneself compiles no row for each bound."""
    eve = atlas.person("eve", "ORG_OWNER")
    team = atlas.team("crew", eve)
    for number in range(20):
        project = atlas.project(f"project {number}")
        done(atlas.assign(project, team, READ))
        path = f"{OWN}/groups/{project}/teams/{team}/roles/{READ}"
        bounds = {"startsAt": instant(world, 10 + number), "endsAt": instant(world, 1_000 + number)}
        done(atlas.ann.put(path, bounds))
    found = calls(Layer, "_compiled")
    done(atlas.add_role(eve.id, "ORG_BILLING_ADMIN", by=eve))
    assert found["_compiled"] < 10


def test_handing_out_is_judged_once_for_each_scope(company, calls):
    """Many teams with every role are one question for each project, and one for each owner that is told of."""
    roles = [role.name for role in EDITIONS[company.edition].roles.values() if role.scope == "project"]
    project, eve = company.project(), company.person("eve", "ORG_OWNER")
    bob = company.person("bob")
    teams = [company.team(f"crew {number}", bob) for number in range(5)]
    found = calls(guards, "reaching_roles")
    done(eve.post(f"/groups/{project}/teams", [{"teamId": team, "roleNames": roles} for team in teams]))
    assert found["reaching_roles"] <= 2 + len(teams) < len(teams) * len(roles)


def test_keeping_an_answer_reads_no_kept_answer(company, monkeypatch):
    """Whoever sends a key with every request makes none of them dearer than the first."""
    read = []
    monkeypatch.setattr(SqlView, "find", _noting(SqlView.find, read))
    done(company.ann.post("/groups", {"name": "web", "orgId": company.id}, headers={"idempotency-key": "one"}))
    assert "replies" not in read


def _noting(find, read):
    def noting(view, table, **equal):
        read.append(table)
        return find(view, table, **equal)

    return noting


# -- conditions and repeats


def test_a_list_has_no_tag_and_fits_none(company):
    """What is read as a list carries no tag, not even where a PATCH of one thing in it answers alone; none fits it."""
    company.invited("pia")
    path, body = f"{company.path}/invites", {"username": address("pia"), "roles": ["ORG_MEMBER"]}
    assert "etag" not in company.ann.patch(path, body, accept=OLD).headers
    for tag in ("", ",", '"made up",', '""'):
        refused(company.ann.patch(path, body, accept=OLD, headers={"if-match": tag}), 412, "ETAG_MISMATCH")
        refused(company.ann.patch(company.path, {"name": "x"}, headers={"if-match": tag}), 412, "ETAG_MISMATCH")


def test_the_tag_of_a_change_is_that_of_the_next_look(company):
    """Whoever changes a thing and then changes it again with the tag that they got is not sent away."""
    project = company.project()
    team, bob = company.team(on={project: [READ]}), company.person("bob")
    changes = [
        (company.path, {"name": "Other"}),
        (f"/groups/{project}", {"name": "other"}),
        (f"{company.path}/settings", {"genAIFeaturesEnabled": False}),
        (f"/groups/{project}/settings", {"isDataExplorerEnabled": False}),
        (f"{company.path}/teams/{team}", {"name": "other"}),
        (f"/groups/{project}/teams/{team}", {"roleNames": [OWNER]}),
        (f"{company.path}/users/{bob.id}", {"roles": {"orgRoles": ["ORG_READ_ONLY"]}}),
        (f"/groups/{project}/limits/atlas.project.deployment.clusters", {"value": 30}),
    ]
    for path, body in changes:
        reply = company.ann.patch(path, body)
        assert reply.headers.get("etag") in {None, company.ann.get(path).headers["etag"]}, (path, done(reply))


def test_an_old_tag_is_refused_only_to_those_who_may_write(company):
    """The order of the refusals: who nobody is, what nobody sees, what nobody may do, and then the tag."""
    project, wrong = company.project(), {"if-match": '"wrong"'}
    reader, stranger = company.person("reader", on={project: [READ]}), company.outsider("stranger")
    path, body = f"/groups/{project}", {"name": "mine"}
    assert company.world.nobody.patch(path, body, headers=wrong).status == 401
    refused(stranger.patch(path, body, headers=wrong), 404, "GROUP_NOT_FOUND")
    refused(reader.patch(path, body, headers=wrong), 401, "USER_UNAUTHORIZED")
    refused(company.ann.patch(path, {"nonsense": 1}, headers=wrong), 400, "INVALID_ATTRIBUTE")
    refused(company.ann.patch(path, body, headers=wrong), 412, "ETAG_MISMATCH")


def test_no_trial_takes_the_place_of_the_write(company):
    """A trial keeps no answer under its key, shows the kept one, and to say that it is none asks for nothing."""
    path, body, key = "/groups", {"name": "web", "orgId": company.id}, {"idempotency-key": "one"}
    assert done(company.ann.post(f"{path}?dryRun=true", body, headers=key))["dryRun"] is True
    made = done(company.ann.post(path, body, headers=key))
    assert done(company.ann.post(f"{path}?dryRun=false", body, headers=key)) == made
    assert done(company.ann.post(f"{path}?dryRun=true", body, headers=key))["result"] == made


def test_an_answer_without_a_body_is_repeated_without_one(cloud_project):
    """204 stays 204, in an envelope, too; whoever was brought in then is not brought in twice."""
    company, project = cloud_project
    company.outsider("bob")
    path, body = f"/groups/{project}/access", {"username": address("bob"), "roles": [READ]}
    options = {"accept": "application/vnd.atlas.2023-02-01+json", "headers": {"idempotency-key": "one"}}
    for _ in range(2):
        reply = company.ann.post(path, body, **options)
        assert (reply.status, reply.body) == (204, b"")
    assert company.ann.post(f"{path}?envelope=true", body, **options).json == {"content": None, "status": 204}


@pytest.fixture
def cloud_project(world):
    """Give a company of Cloud Manager and a project of it."""
    company = Company.found(world, "cloud_manager")
    return company, company.project()


def test_a_trial_of_a_link_or_password_burns_and_begins_nothing(world, company):
    """The token of a trial opens nothing, the link still sets up, and wrong passwords count as they do in earnest."""
    company.invited("bob")
    body = {"token": token_mailed(world, "bob"), "password": GOOD, "firstName": "B", "lastName": "B"}
    tried = done(world.nobody.post(f"{OWN}/accounts:setup?dryRun=true", body))["result"]
    assert Caller(world, token=tried["token"]).get(f"{OWN}/me").status == 401
    done(world.nobody.post(f"{OWN}/accounts:setup", body))
    refused(world.nobody.post(f"{OWN}/accounts:setup?dryRun=true", body), 404, "TOKEN_NOT_FOUND")
    path, credentials = f"{OWN}/sessions?dryRun=true", {"username": address("bob"), "password": GOOD}
    tried = done(world.nobody.post(path, credentials))["result"]
    assert Caller(world, token=tried["token"]).get(f"{OWN}/me").status == 401
    wrong = [world.nobody.post(path, {**credentials, "password": "wrong wrong"}).status for _ in range(11)]
    assert wrong == [401] * 10 + [429]


# -- what a project takes along, and what not


def test_a_moved_project_tells_neither_side_how_the_other_names_things(world, company):
    """The feeds keep their events; what the other organization is called now, and calls the project, they do not."""
    there = Company.found(world, company.edition, name="Globex", owner="gus")
    world.user(address("ann"), orgs={there.id: ["ORG_OWNER"]})
    project, bob = company.project("old name"), company.person("bob", "ORG_OWNER")
    done(company.ann.post(f"/groups/{project}:migrate", {"destinationOrgId": there.id}))
    done(there.ann.patch(f"/groups/{project}", {"name": "their secret"}))
    done(bob.patch(company.path, {"name": "Our secret"}))
    ours = bob.get(f"{company.path}/events?includeRaw=true")
    theirs = there.ann.get(f"/groups/{project}/events?includeRaw=true")
    assert "GROUP_MOVED_FROM_ORG" in [event["eventTypeName"] for event in done(ours)["results"]]
    assert "their secret" not in ours.body.decode()
    assert "their secret" in theirs.body.decode()
    assert "Our secret" not in theirs.body.decode()


def test_a_request_to_join_goes_with_the_project_alone(world, company):
    """Who decides on a request is who manages the project's people now; one of somebody erased is nobody's."""
    there = Company.found(world, company.edition, name="Globex", owner="gus")
    world.user(address("ann"), orgs={there.id: ["ORG_OWNER"]})
    project, eve, mallory = company.project(), company.outsider("eve"), company.outsider("mallory")
    for who in (eve, mallory):
        done(ask(who, project))
    bob = company.person("bob", "ORG_OWNER")
    requests = {row["userId"]: row["id"] for row in requests_to(company, project)}
    world.erase(address("mallory"))
    done(company.ann.post(f"/groups/{project}:migrate", {"destinationOrgId": there.id}))
    refused(approve(bob, project, requests[eve.id]), 404, "GROUP_NOT_FOUND")
    refused(approve(there.ann, project, requests[mallory.id]), 404, "JOIN_REQUEST_NOT_FOUND")
    done(approve(there.ann, project, requests[eve.id]))
    assert (company.status_of(eve.id), there.status_of(eve.id)) == (None, "ACTIVE")


# -- lists and settings


@pytest.mark.parametrize(
    "flags", ["flattenTeams=true", "includeOrgUsers=true", "flattenTeams=true&includeOrgUsers=true"]
)
def test_whoever_reaches_a_project_by_several_ways_stands_there_once(company, flags):
    """Two teams, two roles of one team, two roles of the organization: each is one way more, and nobody more."""
    project, bob = company.bare_project(), company.person("bob", "ORG_OWNER", "ORG_READ_ONLY")
    for number in range(2):
        company.team(f"crew {number}", bob, on={project: [READ, OWNER]})
    path = f"/groups/{project}/users?{flags}"
    shown = done(company.ann.get(path))
    ids = [user["id"] for user in shown["results"]]
    assert ids.count(bob.id) == 1
    assert shown["totalCount"] == len(ids) == len(set(ids))
    pages = [done(company.ann.get(f"{path}&itemsPerPage=1&pageNum={n + 1}"))["results"] for n in range(len(ids))]
    assert [user["id"] for (user,) in pages] == ids


def test_naming_no_limit_of_sessions_lifts_none(company):
    """A PATCH changes only what it names: an empty object names nothing, and weakens nothing."""
    path = f"{company.path}/settings"
    limits = {"absoluteSessionTimeoutInSeconds": 3_600, "idleSessionTimeoutInSeconds": 300}
    done(company.ann.patch(path, {"customSessionTimeouts": limits}))
    assert done(company.ann.patch(path, {"customSessionTimeouts": {}}))["customSessionTimeouts"] == limits


def test_a_closed_gate_leaves_only_oneself(company):
    """Rule 86: kept out by a missing factor, a member is told their own memberships, and of nobody and nothing else."""
    project = company.project("secret")
    bob, carl = company.person("bob", "ORG_OWNER", on={project: [OWNER]}), company.person("carl", on={project: [READ]})
    done(company.owner_key.patch(f"{company.path}/settings", {"multiFactorAuthRequired": True}))
    for path in ("/orgs", "/groups", f"{OWN}/me/invitations"):
        assert done(bob.get(path))["results"] == []
    for path in (f"/users/{carl.id}", f"/users/byName/{address('carl')}", "/groups/byName/secret"):
        assert bob.get(path).status == 404
    question = {"action": {"name": "project.read"}, "resource": {"type": "project", "id": project}}
    for mfa in (None, True):
        asked = {**question, "subject": {"type": "user", "id": carl.id}, **({"context": {"mfa": mfa}} if mfa else {})}
        told = bob.post("/access/v1/evaluation", asked, accept=None).json
        assert (told["decision"], told["context"]["reason"]) == (False, "not_found")
    for leave in (f"organizations/{company.id}", f"projects/{project}"):
        refused(bob.post(f"{OWN}/me/{leave}:leave"), 403, "MFA_REQUIRED")
    roles = [{"orgId": company.id, "roleName": "ORG_MEMBER"}]
    refused(bob.post("/users", {"username": address("new"), "roles": roles}), 403, "MFA_REQUIRED")


def test_a_preview_of_an_acceptance_accepts_nothing(company):
    """Whoever only tries an invitation is as they were: in nothing, and still invited."""
    project, bob = company.project(), company.outsider("bob")
    invitation = company.invited("bob", on={project: [OWNER]})
    shown = done(bob.post(f"{OWN}/me/invitations/{invitation}:accept?dryRun=true"))
    assert {entry["principal"]["id"] for entry in shown["gained"]} == {bob.id}
    refused(bob.get(f"/groups/{project}"), 404, "GROUP_NOT_FOUND")
    assert [found["id"] for found in own_invitations(bob)] == [invitation]


def test_a_decision_shows_no_thousand_paths(atlas):
    """By teams somebody can have thousands of ways to one project: a batch that lists all would fill the memory."""
    roles = [role.name for role in EDITIONS[atlas.edition].roles.values() if role.scope == "project"]
    project, eve = atlas.project(), atlas.person("eve")
    given = [{"teamId": atlas.team(f"crew {number}", eve), "roleNames": roles} for number in range(10)]
    done(atlas.ann.post(f"/groups/{project}/teams", given))
    one = {"subject": {"type": "user", "id": eve.id}, "action": {"name": "project.read"}}
    told = eve.post("/access/v1/evaluation", {**one, "resource": {"type": "project", "id": project}}, accept=None)
    assert len(told.json["context"]["paths"]) == MOST_PATHS

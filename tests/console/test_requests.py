"""Requests to join a project: shown, approved through a check, denied one by one or together (rules 61-64)."""

import pytest

OWN = "/api/orgward/v1"


@pytest.fixture
def path(company):
    """Give the address of the page."""
    return f"/p/{company.prod}/requests"


def ask(company, caller, **body):
    """Let somebody ask to join, and give the id of their request."""
    assert caller.post(f"{OWN}/groups/{company.prod}/joinRequests", body).status == 202
    return caller.get(f"{OWN}/me/joinRequests").json["results"][0]["id"]


def states(company):
    """Give the state of each request, as the API has it."""
    found = {}
    for state in ("OPEN", "APPROVED", "DENIED"):
        listed = company.key.get(f"{OWN}/groups/{company.prod}/joinRequests?state={state}")
        found |= {row["id"]: row["state"] for row in listed.json["results"]}
    return found


def test_a_request_is_shown_with_what_it_asks_for(company, path):
    """Who, which roles, until when, why, and what they hold already."""
    ask(company, company.member, message="I am <b>on call</b>", roles=["GROUP_BACKUP_MANAGER"])
    made = company.key.post(f"/groups/{company.prod}/teams", [{"teamId": company.team, "roleNames": ["GROUP_OWNER"]}])
    assert made.status == 200
    shown = company.visit(company.owner).get(path)
    assert "mia@" in shown.words
    assert "Backup Manager" in shown.words
    assert "On-call" in shown.words
    assert "I am &lt;b&gt;on call&lt;/b&gt;" in shown.text


def test_the_form_begins_with_what_was_asked_for(company, path):
    """Roles are ticked and the end is filled in; what this edition does not have is left out."""
    request = ask(
        company, company.stranger, roles=["GROUP_READ_ONLY", "GROUP_USER_ADMIN"], endsAt="2027-01-25T08:00:00Z"
    )
    shown = company.visit(company.owner).get(f"{path}/{request}")
    assert 'value="GROUP_READ_ONLY" checked' in shown.text
    assert shown.text.count(" checked") == 1
    assert 'value="2027-01-25"' in shown.text
    assert "User Admin" not in shown.words


def test_approving_goes_through_a_check(company, path):
    """Who asked gets the roles that were chosen, until the end of the day, and joins the organization."""
    request = ask(company, company.stranger, roles=["GROUP_READ_ONLY"])
    visitor = company.visit(company.owner)
    fields = {"roles": ["GROUP_READ_ONLY", "GROUP_BACKUP_MANAGER"], "ends": "2027-01-31"}
    checked = visitor.check(f"{path}/{request}", fields)
    assert "sam@elsewhere.example" in checked.words
    assert states(company) == {request: "OPEN"}
    done = visitor.follow(visitor.apply(f"{path}/{request}", fields))
    assert "The request is approved." in done.words
    assert states(company) == {request: "APPROVED"}
    given = company.key.get(f"{OWN}/groups/{company.prod}/roles?userId={company.stranger.id}").json["results"]
    assert {(role["role"], role["endsAt"]) for role in given} == {
        ("GROUP_BACKUP_MANAGER", "2027-01-31T23:59:59Z"),
        ("GROUP_READ_ONLY", "2027-01-31T23:59:59Z"),
    }


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({}, "role"),
        ({"roles": "ORG_OWNER"}, "role"),
        ({"roles": "GROUP_READ_ONLY", "ends": "soon"}, "soon is not a date"),
        ({"roles": "GROUP_READ_ONLY", "ends": "2020-01-01"}, "after the start"),
        ({"roles": "GROUP_READ_ONLY", "ends": "9999-12-31"}, "is not a date"),
    ],
)
def test_an_approval_that_can_not_be_given_says_why(company, path, fields, says):
    """The form is shown again, and the request stays open."""
    request = ask(company, company.stranger)
    shown = company.visit(company.owner).post(f"{path}/{request}", fields)
    assert shown.status in {400, 403}
    assert says in shown.words
    assert states(company) == {request: "OPEN"}


def test_nobody_answers_their_own_request(company, world, path):
    """An owner of the project who asks is shown that somebody else has to answer."""
    asker = world.user("olga@nordwind.example", orgs={company.id: ["ORG_OWNER"]})
    request = ask(company, asker, roles=["GROUP_OWNER"])
    visitor = company.visit(asker)
    assert f"{path}/{request}" not in visitor.get(path).links
    assert "Somebody else has to answer it." in visitor.get(f"{path}/{request}").words
    assert visitor.post(f"{path}/{request}", {"roles": "GROUP_OWNER"}).status == 403


def test_denying_tells_what_somebody_keeps(company, path):
    """Denial takes nothing away; whoever has access otherwise keeps it, and the page says by what."""
    kept = ask(company, company.reader, roles=["GROUP_OWNER"])
    nothing = ask(company, company.stranger)
    visitor = company.visit(company.owner)
    done = visitor.follow(visitor.post(f"{path}/{kept}/deny"))
    assert "Denied. rob@nordwind.example keeps Read Only through a role of their own." in done.words
    done = visitor.follow(visitor.post(f"{path}/{nothing}/deny"))
    assert "Denied. sam@elsewhere.example has no access to this project." in done.words
    assert states(company) == {kept: "DENIED", nothing: "DENIED"}
    answered = visitor.get(f"{path}?tab=answered")
    assert "rob@" in answered.words
    assert "Nobody is waiting." in visitor.get(path).words


def test_several_are_denied_together(company, path):
    """One answered meanwhile is told of; the others are denied."""
    first, second = ask(company, company.member), ask(company, company.stranger)
    visitor = company.visit(company.owner)
    done = visitor.follow(visitor.post(path, {"id": [first]}))
    assert "1 request denied." in done.words
    shown = visitor.post(path, {"id": [first, second]})
    assert shown.status == 409
    assert "1 request could not be denied" in shown.words
    assert states(company) == {first: "DENIED", second: "DENIED"}


def test_an_answered_request_can_not_be_answered_again(company, path):
    """Its page says so and has no form."""
    request = ask(company, company.stranger)
    visitor = company.visit(company.owner)
    visitor.post(f"{path}/{request}/deny")
    shown = visitor.get(f"{path}/{request}")
    assert "This request has been answered." in shown.words
    assert f"{path}/{request}" not in shown.actions
    assert visitor.post(f"{path}/{request}/deny").status == 409


def test_whoever_may_not_read_requests_is_refused(company, path):
    """Readers of the project see no requests; strangers see no project, whatever they post."""
    request = ask(company, company.stranger)
    reader, stranger = company.visit(company.reader), company.visit(company.stranger)
    for url in (path, f"{path}/{request}", f"{path}.csv"):
        assert (reader.get(url).status, stranger.get(url).status) == (403, 404)
    fields = {"roles": "GROUP_OWNER"}
    assert (reader.post(f"{path}/{request}", fields).status, stranger.post(f"{path}/{request}", fields).status) == (
        403,
        404,
    )
    assert (reader.post(f"{path}/{request}/deny").status, stranger.post(f"{path}/{request}/deny").status) == (403, 404)
    assert reader.post(path, {"id": request}).status == 403
    assert states(company) == {request: "OPEN"}


def test_a_request_to_another_project_is_not_found_here(company, path):
    """The address names the project that the request is to."""
    request = ask(company, company.stranger)
    assert company.visit(company.owner).get(f"/p/{company.dev}/requests/{request}").status == 404


def test_the_list_goes_on_page_by_page(company, world, path):
    """The oldest first; the next page begins behind the last row, and the one before it can be gone back to."""
    people = [world.user(f"p{number:02}@elsewhere.example") for number in range(27)]
    for person in people:
        world.clock.advance(seconds=1)
        ask(company, person)
    visitor = company.visit(company.owner)
    first = visitor.get(path)
    assert "1–25 of 27" in first.words
    assert "p00@" in first.words
    following = next(link for link in first.links if "after=" in link)
    second = visitor.get(following)
    assert "26–27 of 27" in second.words
    assert "p26@" in second.words
    assert "p24@" not in second.words
    before = next(link for link in second.links if "after=" in link)
    assert "1–25 of 27" in visitor.get(before).words
    assert visitor.get(f"{path}.csv").text.count("\r\n") == 28

"""The check of a change: it tells the exact difference, changes nothing by itself, and holds for what was read."""

import csv
import io

import pytest

LIFE_OF_A_DRAFT = 31 * 60


@pytest.fixture
def roles_form(company):
    """Give the address of the form with the organization roles of the member."""
    return f"/o/{company.id}/members/{company.member.id}/roles"


def organization_roles(company, user):
    """Give the organization roles of somebody, as the API has them."""
    return company.key.get(f"/orgs/{company.id}/users/{user}").json["roles"]["orgRoles"]


def put_on(company, team, *roles):
    """Put a team on the project prod."""
    made = company.key.post(f"/groups/{company.prod}/teams", [{"teamId": team, "roleNames": roles}])
    assert made.status == 200, made.json


def test_a_check_tells_the_difference_and_changes_nothing(company, roles_form):
    """Before and after, whom it concerns, what is gained, and the call behind it; the roles are as they were."""
    shown = company.visit(company.owner).check(roles_form, {"roles": ["ORG_MEMBER", "ORG_READ_ONLY"]})
    assert "Nothing has happened yet." in shown.words
    assert "Organization Member becomes" not in shown.words  # the arrow is named for screen readers alone
    assert "Organization Read Only" in shown.words
    assert "mia@\u200bnordwind.example" in shown.words
    assert "Nobody loses anything by this change." in shown.words
    assert "Give " in shown.words
    assert f"PATCH /api/atlas/v2/orgs/{company.id}/users/{company.member.id}" in shown.text
    assert "curl -X PATCH" in shown.text
    assert organization_roles(company, company.member.id) == ["ORG_MEMBER"]


def test_a_change_is_made_as_it_was_checked(company, roles_form):
    """After the button the roles are the new ones, and the next page says so."""
    visitor = company.visit(company.owner)
    done = visitor.follow(visitor.apply(roles_form, {"roles": ["ORG_READ_ONLY"]}))
    assert "The roles of mia@nordwind.example are changed." in done.words
    assert organization_roles(company, company.member.id) == ["ORG_READ_ONLY"]


def test_what_is_taken_is_said_on_the_button(company, roles_form):
    """A change that takes something away says how much, in the colour of danger."""
    company.key.patch(f"/orgs/{company.id}/users/{company.member.id}", {"roles": {"orgRoles": ["ORG_READ_ONLY"]}})
    shown = company.visit(company.owner).check(roles_form, {"roles": "ORG_MEMBER"})
    assert "Take away " in shown.words
    assert "ow-danger" in shown.text
    assert "Nobody gains anything by this change." in shown.words


def test_a_change_that_became_another_is_not_made(company, roles_form):
    """What somebody else changed meanwhile is shown as the new difference, which has to be read first."""
    visitor = company.visit(company.owner)
    sent = visitor.post(roles_form, {"roles": ["ORG_MEMBER", "ORG_READ_ONLY"]})
    digest = visitor.get(sent.location).hidden("digest")
    company.key.patch(f"/orgs/{company.id}/users/{company.member.id}", {"roles": {"orgRoles": ["ORG_OWNER"]}})
    again = visitor.post(sent.location, {"digest": digest})
    assert again.status == 409
    assert "Somebody changed this meanwhile. Here is the new difference." in again.words
    assert organization_roles(company, company.member.id) == ["ORG_OWNER"]
    visitor.post(sent.location, {"digest": again.hidden("digest"), "read": "on"})
    assert organization_roles(company, company.member.id) == ["ORG_MEMBER", "ORG_READ_ONLY"]


def test_a_severe_warning_has_to_be_ticked(company):
    """Without the tick nothing is done; the page asks for it."""
    second = company.world.user("hank@nordwind.example", orgs={company.id: ["ORG_OWNER"]})
    visitor = company.visit(company.owner)
    sent = visitor.post(f"/o/{company.id}/members/{second.id}/remove")
    shown = visitor.get(sent.location)
    assert "Nordwind would be left with one owner." in shown.words
    assert "I have read the warnings: Nordwind will have a single owner." in shown.words
    unread = visitor.post(sent.location, {"digest": shown.hidden("digest")})
    assert unread.status == 400
    assert "Read the warnings and tick below that you have." in unread.words
    assert organization_roles(company, second.id) == ["ORG_OWNER"]
    visitor.post(sent.location, {"digest": shown.hidden("digest"), "read": "on"})
    assert company.key.get(f"/orgs/{company.id}/users/{second.id}").status == 404


def test_a_project_without_an_owner_is_named(company):
    """Who takes the last owner from a project reads its name, and who could still manage its people."""
    put_on(company, company.team, "GROUP_OWNER")
    assert company.key.get(f"/groups/{company.prod}/apiKeys").json["totalCount"] == 1  # whom nobody can ask
    gone = company.world.user("gone@nordwind.example", projects={company.prod: ["GROUP_OWNER"]})
    assert company.key.post(f"/api/orgward/v1/orgs/{company.id}/users/{gone.id}:suspend").status == 200
    visitor = company.visit(company.owner)
    fields = {"id": company.member.id}
    shown = visitor.check(f"/o/{company.id}/teams/{company.team}/remove", fields)
    assert "Nobody would be left in charge of prod." in shown.words
    assert "Only the 1 organization owner could still manage its people." in shown.words
    assert "Nobody would be left in the team On-call." in shown.words


def test_a_key_that_outlives_its_maker_is_named(company):
    """Who removes somebody reads which keys of theirs go on."""
    second = company.world.user("hank@nordwind.example", orgs={company.id: ["ORG_OWNER"]})
    made = second.post(f"/orgs/{company.id}/apiKeys", {"desc": "ci-deploy", "roles": ["ORG_READ_ONLY"]})
    assert made.status == 200, made.json
    shown = company.visit(company.owner).check(f"/o/{company.id}/members/{second.id}/remove")
    assert "An API key outlives its maker." in shown.words
    assert "ci-deploy was made by hank@nordwind.example and keeps its roles." in shown.words


@pytest.mark.parametrize(("kept", "is_warned"), [("ORG_MEMBER", True), ("ORG_READ_ONLY", False)])
def test_a_key_that_keeps_more_than_its_maker_is_named(company, kept, is_warned):
    """Who takes roles from somebody reads which keys of theirs keep what they lose, and of no others."""
    second = company.world.user("hank@nordwind.example", orgs={company.id: ["ORG_OWNER"]})
    made = second.post(f"/orgs/{company.id}/apiKeys", {"desc": "ci-deploy", "roles": ["ORG_READ_ONLY"]})
    assert made.status == 200, made.json
    shown = company.visit(company.owner).check(f"/o/{company.id}/members/{second.id}/roles", {"roles": kept})
    assert ("An API key outlives its maker." in shown.words) == is_warned


def test_whoever_keeps_the_same_access_is_named(company):
    """Somebody for whom nothing changes stands among those concerned, with what they have otherwise."""
    company.key.patch(f"/orgs/{company.id}/users/{company.member.id}", {"roles": {"orgRoles": ["ORG_OWNER"]}})
    company.key.post(f"/orgs/{company.id}/teams/{company.team}:addUser", {"id": company.reader.id})
    put_on(company, company.team, "GROUP_BACKUP_MANAGER")
    shown = company.visit(company.owner).check(f"/p/{company.prod}/teams/{company.team}/remove")
    assert "Nothing changes for mia@nordwind.example." in shown.words
    assert "Afterwards on prod" in shown.words
    assert "Organization Owner" in shown.words


@pytest.mark.parametrize("case", ["unknown", "foreign", "expired", "made"])
def test_a_check_that_is_over_says_so(company, roles_form, case):
    """Unknown, another session's, too old and carried out look the same, and nothing more is done."""
    visitor = company.visit(company.owner)
    url = visitor.post(roles_form, {"roles": "ORG_READ_ONLY"}).location
    digest = visitor.get(url).hidden("digest")
    if case == "unknown":
        url = f"/changes/{'a' * 24}"
    if case == "foreign":
        visitor = company.visit(company.reader)
    if case == "expired":
        company.world.clock.advance(seconds=LIFE_OF_A_DRAFT)
    if case == "made":
        visitor.post(url, {"digest": digest})
        company.key.patch(f"/orgs/{company.id}/users/{company.member.id}", {"roles": {"orgRoles": ["ORG_MEMBER"]}})
    shown, sent = visitor.get(url), visitor.post(url, {"digest": digest})
    assert "This check is over" in shown.words
    assert company.member.id not in shown.text
    assert (sent.status, "This check is over" in sent.words) == (404, True)
    assert organization_roles(company, company.member.id) == ["ORG_MEMBER"]


def test_what_can_not_be_done_has_no_button(company):
    """A refusal stands in place, with its reason and a way back."""
    put_on(company, company.team, "GROUP_READ_ONLY")
    shown = company.visit(company.owner).check(f"/o/{company.id}/teams/{company.team}/delete")
    assert "This can’t be done." in shown.words
    assert "Take it off its projects first." in shown.words
    assert 'name="digest"' not in shown.text
    assert f"/o/{company.id}/teams/{company.team}" in shown.links


def test_what_is_partly_refused_is_done_for_the_others(company):
    """The check says who would be refused and why; afterwards a page tells what came of each."""
    visitor = company.visit(company.owner)
    fields = {"do": "remove", "id": [company.owner.id, company.member.id]}
    shown = visitor.check(f"/o/{company.id}/members/bulk", fields)
    assert "1 of 2 would be refused; the others would be done." in shown.words
    assert "carla@nordwind.example : This is the last owner." in shown.words
    done = visitor.apply(f"/o/{company.id}/members/bulk", fields)
    assert done.status == 200
    assert "1 of 2 were done" in done.words
    assert "carla@nordwind.example This is the last owner." in done.words
    assert company.key.get(f"/orgs/{company.id}/users/{company.member.id}").status == 404
    assert company.key.get(f"/orgs/{company.id}/users/{company.owner.id}").status == 200


def test_the_effects_are_a_file(company, roles_form):
    """Each privilege that somebody gains or loses is a line of it."""
    visitor = company.visit(company.owner)
    url = visitor.post(roles_form, {"roles": ["ORG_MEMBER", "ORG_READ_ONLY"]}).location
    shown = visitor.get(f"{url}/affected.csv")
    lines = list(csv.DictReader(io.StringIO(shown.text)))
    assert {line["effect"] for line in lines} == {"gained"}
    assert {line["username"] for line in lines} == {"mia@nordwind.example"}
    assert {line["resourceName"] for line in lines} == {"Nordwind", "prod", "dev"}
    assert "project.read" in {line["privilege"] for line in lines}


@pytest.mark.parametrize("path", ["members/{user}/suspend", "members/{user}/remove", "teams/{team}/delete"])
def test_nothing_is_told_to_whoever_lacks_the_right(company, path):
    """A member is refused with what is missing; for a stranger there is nothing there."""
    url = f"/o/{company.id}/" + path.format(user=company.reader.id, team=company.team)
    refused = company.visit(company.member).post(url)
    foreign = company.visit(company.stranger).post(url)
    assert (refused.status, foreign.status) == (403, 404)
    assert "org." in refused.words
    for shown in (refused, foreign):
        assert "rob@" not in shown.words
        assert "On-call" not in shown.words


def test_people_elsewhere_are_not_named(company):
    """An id of somebody else's person is no way to their name: it is as unknown as any."""
    visitor = company.visit(company.owner)
    shown = visitor.post(f"/o/{company.id}/members/{company.stranger.id}/remove")
    assert shown.status == 404
    assert "sam@" not in shown.words
    added = visitor.post(f"/o/{company.id}/teams/add", {"team": company.team, "people": company.stranger.id})
    assert "sam@" not in added.words


def test_an_invitation_gives_nothing_yet(company):
    """The check of an invitation of somebody who has an account elsewhere tells nothing of them."""
    fields = {"addresses": "sam@elsewhere.example", "roles": "ORG_OWNER"}
    shown = company.visit(company.owner).check(f"/o/{company.id}/members/invite", fields)
    assert "Nobody’s access changes before the invitation is accepted." in shown.words
    assert company.stranger.id not in shown.text


def test_german_words(company, roles_form):
    """The check speaks German where somebody chose it."""
    visitor = company.visit(company.owner)
    visitor.post("/preferences", {"lang": "de"})
    shown = visitor.check(roles_form, {"roles": ["ORG_MEMBER", "ORG_READ_ONLY"]})
    assert "Diese Änderung vor dem Speichern prüfen" in shown.words
    assert "Rechte geben" in shown.words

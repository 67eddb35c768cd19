"""The inbox: invitations that wait and what they allow, requests of one's own, and answers (rules 46-49, 61-63)."""

import pytest

OWN = "/api/orgward/v1"
PAGE = "/me/invitations"


def invite(company, address="sam@elsewhere.example", roles=("ORG_READ_ONLY",), projects=(), teams=()):
    """Invite somebody, and give the invitation's id."""
    given = [{"groupId": project, "groupRoles": list(names)} for project, names in projects]
    body = {"username": address, "roles": {"orgRoles": list(roles), "groupRoleAssignments": given}}
    made = company.key.post(f"/orgs/{company.id}/users", {**body, "teamIds": list(teams)})
    assert made.status == 201, made.json
    return company.key.get(f"/orgs/{company.id}/invites?username={address}", accept=None).json[0]["id"]


@pytest.fixture
def sam(company):
    """Give somebody from elsewhere, in front of the console."""
    return company.visit(company.stranger)


def test_an_open_invitation_says_what_it_brings_and_allows(company, sam):
    """From whom, what one becomes, on which projects and in which teams, and how many privileges that is."""
    invite(company, projects=[(company.prod, ["GROUP_DATA_ACCESS_READ_ONLY"])], teams=[company.team])
    shown = sam.get(PAGE)
    assert "Nordwind organization" in shown.words
    assert "Organization Read Only" in shown.words
    assert "Project Data Access Read Only , on prod" in shown.words
    assert "On-call" in shown.words
    assert "privileges on every other project" in shown.words
    assert "Join Nordwind" in shown.words


def test_what_a_project_allows_is_the_union_of_its_roles(company, sam):
    """Beside a role on the project what the organization role carries there counts, once."""
    invite(company, projects=[(company.prod, ["GROUP_OWNER"])])
    shown = sam.get(PAGE).words
    everything = company.key.get(f"{OWN}/roles/GROUP_OWNER?edition=atlas").json["privileges"]
    assert f"{len(everything)} privileges on prod" in shown


def test_a_team_of_an_invitation_brings_its_roles(company, sam):
    """What a team holds on a project is among what the invitation allows."""
    put = company.key.post(f"/groups/{company.dev}/teams", [{"teamId": company.team, "roleNames": ["GROUP_OWNER"]}])
    assert put.status == 200
    invite(company, roles=["ORG_MEMBER"], teams=[company.team])
    assert "privileges on dev" in sam.get(PAGE).words


def test_joining_is_one_click(company, sam):
    """The member is in the organization at once, and is led there."""
    invitation = invite(company)
    done = sam.post(PAGE, {"join": invitation})
    assert (done.status, done.location) == (303, f"/o/{company.id}")
    mine = company.stranger.get(f"{OWN}/me").json["organizations"]
    assert [(row["organizationName"], row["roles"]) for row in mine] == [("Nordwind", ["ORG_READ_ONLY"])]


def test_declining_gives_nothing_and_is_answered(company, sam):
    """It stands among the answered ones then, and no more among the open ones."""
    shown = sam.follow(sam.post(PAGE, {"decline": invite(company)}))
    assert "You have declined the invitation to Nordwind." in shown.words
    assert "Nothing to answer." in shown.words
    assert "Declined" in sam.get(f"{PAGE}?tab=answered").words
    assert company.stranger.get(f"{OWN}/me").json["organizations"] == []


def test_somebody_elses_invitation_can_not_be_answered(company, sam):
    """It looks like none, and is still there."""
    invitation = invite(company, "tom@elsewhere.example")
    for answer in ("join", "decline"):
        assert sam.post(PAGE, {answer: invitation}).status == 404
    assert company.key.get(f"/orgs/{company.id}/invites/{invitation}", accept=None).status == 200


def test_an_answer_that_comes_too_late_says_so_on_the_page(company, sam):
    """The inbox is shown again with the reason."""
    invitation = invite(company)
    company.world.clock.advance(days=31)
    token = company.world.session(company.stranger.id).token
    sam.cookies["orgward"] = token
    shown = sam.post(PAGE, {"join": invitation})
    assert shown.status == 409
    assert "That could not be done." in shown.words
    assert "Expired" in sam.get(f"{PAGE}?tab=answered").words


def test_a_request_to_join_is_shown_and_withdrawn(company, sam):
    """What was asked stands under one's own requests until it is taken back."""
    asked = {"message": "<i>please</i>", "roles": ["GROUP_READ_ONLY"]}
    assert company.stranger.post(f"{OWN}/groups/{company.prod}/joinRequests", asked).status == 202
    shown = sam.get(f"{PAGE}?tab=requests")
    assert "Project Read Only" in shown.words
    assert "&lt;i&gt;please&lt;/i&gt;" in shown.text
    assert "<i>please" not in shown.text
    request = company.stranger.get(f"{OWN}/me/joinRequests").json["results"][0]["id"]
    done = sam.follow(sam.post(PAGE, {"withdraw": request}))
    assert "Your request is withdrawn." in done.words
    assert "You wait for no answer." in done.words


def test_a_request_tells_nothing_of_a_project_that_one_cannot_read(company, sam):
    """A project that is there and one that is not are both shown by their ids."""
    for project in (company.prod, "a" * 24):
        assert company.stranger.post(f"{OWN}/groups/{project}/joinRequests", {}).status == 202
    shown = sam.get(f"{PAGE}?tab=requests").words
    assert company.prod in shown
    assert "a" * 24 in shown
    assert "prod" not in shown.split()


def test_a_denial_says_what_one_keeps_and_by_what(company):
    """Rule 63: who was denied and reaches the project by the organization keeps that."""
    watcher = company.world.user("wim@nordwind.example", orgs={company.id: ["ORG_READ_ONLY"]})
    watcher.post(f"{OWN}/groups/{company.prod}/joinRequests", {"roles": ["GROUP_OWNER"]})
    request = company.key.get(f"{OWN}/groups/{company.prod}/joinRequests").json["results"][0]["id"]
    assert company.key.post(f"{OWN}/groups/{company.prod}/joinRequests/{request}:deny").status == 200
    shown = company.visit(watcher).get(f"{PAGE}?tab=answered").words
    assert "Denied" in shown
    assert "You keep Organization Read Only through the organization." in shown


def test_names_are_escaped(company, sam, world):
    """An organization's name is text, whatever stands in it."""
    named = world.organization("A&B (c)", owner="eva@ab.example")
    made = named.key.post(
        f"/orgs/{named.id}/users", {"username": "sam@elsewhere.example", "roles": {"orgRoles": ["ORG_MEMBER"]}}
    )
    assert made.status == 201
    assert "A&amp;B (c)" in sam.get(PAGE).text
    assert "A&B" not in sam.get(PAGE).text

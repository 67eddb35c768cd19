"""Members: the list with its filters, one person, roles with an end, teams, invitations, and many at once."""

import csv
import html
import io
import re

import pytest


@pytest.fixture
def members(company):
    """Give the address of the list."""
    return f"/o/{company.id}/members"


@pytest.fixture
def owner(company):
    """Give the owner in front of the console."""
    return company.visit(company.owner)


def member(company, user):
    """Give a member as the API has them."""
    return company.key.get(f"/orgs/{company.id}/users/{user}").json


def roles(company, user):
    """Give the organization roles of a member."""
    return member(company, user)["roles"]["orgRoles"]


def names(shown):
    """Give what the people on a list are called, in order."""
    return [text.replace("\u200b", "") for text in re.findall(r'<(?:a|span) class="ow-name"[^>]*>([^<]*)<', shown.text)]


def turned(shown, rel):
    """Give the address of the next or the previous page of a list."""
    (href,) = re.findall(rf'href="([^"]*)" rel="{rel}"', shown.text)
    return html.unescape(href)


def lines(shown):
    """Give the lines of a file."""
    return list(csv.DictReader(io.StringIO(shown.text)))


# -- the list


def test_the_list_shows_everybody_with_their_roles(company, members, owner):
    """Each member stands with state, organization roles, and how many teams and projects."""
    shown = owner.get(members)
    assert names(shown) == ["carla@nordwind.example", "mia@nordwind.example", "rob@nordwind.example"]
    assert "organization role: Organization Owner" in shown.words
    assert f"{members}/{company.member.id}?tab=teams" in shown.links
    assert "1–3 of 3" in shown.words


def test_tiles_are_filters(company, members, owner):
    """The numbers above the list lead to what they count."""
    shown = owner.get(members)
    assert "3 Members" in shown.words
    assert "1 Owners" in shown.words
    assert f"{members}?role=ORG_OWNER" in shown.links
    assert names(owner.get(f"{members}?role=ORG_OWNER")) == ["carla@nordwind.example"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=mi", ["mia"]),
        ("q=nobody", []),
        ("role=ORG_MEMBER", ["mia", "rob"]),
        ("role=ORG_MEMBER&role=ORG_OWNER", ["carla", "mia", "rob"]),
        ("state=suspended", ["rob"]),
        ("state=active&role=ORG_MEMBER", ["mia"]),
        ("team=TEAM", ["mia"]),
        ("factor=totp", []),
        ("sort=-name", ["rob", "mia", "carla"]),
        ("unknown=1", ["carla", "mia", "rob"]),
    ],
)
def test_filters_narrow_the_list(company, members, owner, query, found):
    """Values of one filter are alternatives, filters narrow together; what is unknown is passed over."""
    company.key("POST", f"/api/orgward/v1/orgs/{company.id}/users/{company.reader.id}:suspend")
    shown = owner.get(f"{members}?{query.replace('TEAM', company.team)}")
    assert names(shown) == [f"{name}@nordwind.example" for name in found]


@pytest.mark.parametrize("query", ["state=asleep", "size=7", "after=nonsense", "sort=age", "idle=-1"])
def test_a_bad_value_shows_the_list_with_a_note(members, owner, query):
    """What can't be used is named, and the list is shown without it."""
    shown = owner.get(f"{members}?{query}")
    assert shown.status == 200
    assert f"The filter {query.split('=')[0]} does not work like this." in shown.words
    assert "1–3 of 3" in shown.words


def test_a_filter_that_finds_nothing_can_be_removed(members, owner):
    """Each filter is a token that can be taken away; all members are one click away."""
    shown = owner.get(f"{members}?q=zz&role=ORG_OWNER")
    assert "Nothing matches “zz”. Remove a filter." in shown.words
    assert f"{members}?role=ORG_OWNER" in shown.links
    assert members in shown.links


def test_pages_follow_each_other(company, members, owner):
    """A page leads to the next one and back, with filters and order kept."""
    for number in range(30):
        company.world.user(f"extra{number:02}@nordwind.example", orgs={company.id: ["ORG_READ_ONLY"]})
    first = owner.get(f"{members}?role=ORG_READ_ONLY&sort=-name")
    assert "1–25 of 30" in first.words
    second = owner.get(turned(first, "next"))
    assert names(second) == [f"extra{number:02}@nordwind.example" for number in (4, 3, 2, 1, 0)]
    assert names(owner.get(turned(second, "prev"))) == names(first)
    assert len(names(owner.get(f"{members}?size=50"))) == 33


def test_the_file_has_everybody_that_the_filters_ask_for(members, owner):
    """Its head names the members of the API."""
    found = lines(owner.get(f"{members}.csv?role=ORG_MEMBER"))
    assert [line["username"] for line in found] == ["mia@nordwind.example", "rob@nordwind.example"]
    assert [line["orgRoles"] for line in found] == ["ORG_MEMBER", "ORG_MEMBER"]


def test_only_what_is_allowed_is_shown(company, members):
    """A member without rights sees the people, and nothing that could be done about them."""
    shown = company.visit(company.member).get(members)
    assert names(shown)
    assert not any("/members/" in action for action in shown.actions)
    assert "Invite people" not in shown.words


def test_names_are_text(company, members, owner):
    """A name with markup in it stands on every page as it was written; so does a search."""
    named = {
        "token": company.org.setup_token,
        "password": "correct-horse-42",
        "firstName": "<b>Carla",
        "lastName": "O'N",
    }
    assert company.world.nobody.post("/api/orgward/v1/accounts:setup", named).status == 201
    for url in (members, f"{members}/{company.owner.id}", f"{members}/{company.owner.id}/roles"):
        shown = owner.get(url)
        assert "<b>Carla" not in shown.text
        assert "<b>Carla O'N" in shown.words
    assert '"><script>' not in owner.get(f"{members}?q=%22%3E%3Cscript%3E").text


def test_somebody_invited_is_their_address_alone(company, members, owner):
    """Whoever has an account elsewhere under a name is not called by it before they have accepted."""
    body = {"username": "sam@elsewhere.example", "roles": {"orgRoles": ["ORG_MEMBER"]}}
    assert company.key.post(f"/orgs/{company.id}/users", body).status == 201
    shown = owner.get(f"{members}?state=pending")
    assert names(shown) == ["sam@elsewhere.example"]
    assert "Pending" in shown.words


# -- one person


def test_a_person_shows_every_way_in(company, members, owner):
    """Direct roles, roles by a team, and what the organization brings, each with since when and by whom."""
    company.key.post(f"/groups/{company.prod}/teams", [{"teamId": company.team, "roleNames": ["GROUP_OWNER"]}])
    company.key.patch(f"/orgs/{company.id}/users/{company.member.id}", {"roles": {"orgRoles": ["ORG_READ_ONLY"]}})
    shown = owner.get(f"{members}/{company.member.id}")
    assert "by team: Project Owner , On-call" in shown.words
    assert "inherited from the organization: Project Read Only , Organization Read Only" in shown.words
    assert "167 privileges of 167" in shown.words or "167 of 167" in shown.words


def test_a_person_shows_only_projects_whose_people_the_viewer_may_see(company, members):
    """Somebody who reads the roles of one project learns nothing of another."""
    both = {company.prod: ["GROUP_OWNER"], company.dev: ["GROUP_OWNER"]}
    other = company.world.user("ivy@nordwind.example", orgs={company.id: ["ORG_MEMBER"]}, projects=both)
    shown = company.visit(company.reader).get(f"{members}/{other.id}")
    assert "Only projects are listed whose people you may see." in shown.words
    assert ("prod" in shown.words, "dev " in shown.words) == (True, False)
    own = company.visit(other).get(f"{members}/{other.id}")
    assert ("prod" in own.words, "dev " in own.words) == (True, True)


def test_a_person_shows_teams_and_keys(company, members, owner):
    """Each tab has what its name says."""
    made = company.owner.post(f"/orgs/{company.id}/apiKeys", {"desc": "ci-deploy", "roles": ["ORG_READ_ONLY"]})
    assert made.status == 200, made.json
    assert "On-call" in owner.get(f"{members}/{company.member.id}?tab=teams").words
    assert "ci-deploy" in owner.get(f"{members}/{company.owner.id}?tab=keys").words


def test_a_person_shows_the_service_accounts_that_they_made(company, members, owner):
    """Beside their keys, each with its own page."""
    body = {"name": "nightly", "description": "d", "roles": ["ORG_READ_ONLY"], "secretExpiresAfterHours": 240}
    client = company.owner.post(f"/orgs/{company.id}/serviceAccounts", body).json["clientId"]
    shown = owner.get(f"{members}/{company.owner.id}?tab=keys")
    assert f"/o/{company.id}/accounts/{client}" in shown.links
    assert "nightly" in shown.words
    assert "Organization Read Only" in shown.words
    assert "nightly" not in company.visit(company.member).get(f"{members}/{company.owner.id}?tab=keys").words


@pytest.mark.parametrize("user", ["a" * 24, "stranger"])
def test_whoever_is_no_member_has_no_page(company, members, owner, user):
    """Unknown people and those of other organizations look alike."""
    assert owner.get(f"{members}/{company.stranger.id if user == 'stranger' else user}").status == 404


# -- roles and teams of one person


def test_a_role_is_given_with_an_end(company, members, owner):
    """The role ends with the day that was chosen, in the viewer's zone; the others have no end."""
    form = f"{members}/{company.member.id}/roles"
    fields = {"roles": ["ORG_MEMBER", "ORG_READ_ONLY"], "end-ORG_READ_ONLY": "2027-03-01", "was-ORG_READ_ONLY": ""}
    checked = owner.check(form, fields)
    assert "ends 1 Mar" in checked.words
    owner.apply(form, fields)
    held = company.key.get(f"/api/orgward/v1/orgs/{company.id}/roles?userId={company.member.id}").json["results"]
    assert {row["role"]: row["endsAt"] for row in held} == {
        "ORG_MEMBER": None,
        "ORG_READ_ONLY": "2027-03-01T23:59:59Z",
    }
    again = owner.get(form)
    assert 'name="end-ORG_READ_ONLY" value="2027-03-01"' in again.text
    same = {**fields, "was-ORG_READ_ONLY": "2027-03-01"}
    assert owner.post(form, same).location == f"{members}/{company.member.id}"


def test_an_end_is_taken_away_again(company, members, owner):
    """An empty day means no end."""
    form = f"{members}/{company.member.id}/roles"
    given = {"roles": "ORG_MEMBER", "end-ORG_MEMBER": "2027-03-01", "was-ORG_MEMBER": ""}
    owner.apply(form, given)
    owner.apply(form, {"roles": "ORG_MEMBER", "end-ORG_MEMBER": "", "was-ORG_MEMBER": "2027-03-01"})
    (held,) = company.key.get(f"/api/orgward/v1/orgs/{company.id}/roles?userId={company.member.id}").json["results"]
    assert held["endsAt"] is None


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({}, "role"),
        ({"roles": "GROUP_OWNER"}, "role"),
        ({"roles": "ORG_MEMBER", "end-ORG_MEMBER": "tomorrow"}, "tomorrow is not a date"),
    ],
)
def test_a_form_of_roles_says_what_is_wrong(company, members, owner, fields, says):
    """It is shown again, and nothing is changed."""
    shown = owner.post(f"{members}/{company.member.id}/roles", fields)
    assert shown.status in {400, 403}
    assert says in shown.words
    assert roles(company, company.member.id) == ["ORG_MEMBER"]


def test_roles_of_an_invitation_are_changed(company, members, owner):
    """Whoever is only invited gets what their invitation says then."""
    body = {"username": "new@nordwind.example", "roles": {"orgRoles": ["ORG_MEMBER"]}}
    user = company.key.post(f"/orgs/{company.id}/users", body).json["id"]
    form = f"{members}/{user}/roles"
    assert 'type="date"' not in owner.get(form).text
    owner.apply(form, {"roles": "ORG_READ_ONLY"})
    assert roles(company, user) == ["ORG_READ_ONLY"]


def test_teams_of_a_person_are_changed(company, members, owner):
    """The form begins with the teams that they are in; a search adds others to choose from, and changes nothing."""
    made = company.key.post(f"/orgs/{company.id}/teams", {"name": "Tracking", "usernames": ["rob@nordwind.example"]})
    other, form = made.json["id"], f"{members}/{company.member.id}/teams"
    found = owner.post(form, {"teams": company.team, "find": "track", "do": "find"})
    assert found.status == 200
    assert 'value="' + other in found.text
    checked = owner.check(form, {"teams": other})
    assert "mia@nordwind.example joins" in checked.words
    assert "mia@nordwind.example leaves" in checked.words
    owner.apply(form, {"teams": other})
    assert member(company, company.member.id)["teamIds"] == [other]


def test_suspending_and_reactivating(company, members, owner):
    """Both go through their check; the state is the new one afterwards, and the page offers the other way."""
    here = f"{members}/{company.reader.id}"
    done = owner.follow(owner.apply(f"{here}/suspend"))
    assert "rob@nordwind.example is suspended." in done.words
    assert "Suspended in this organization." in done.words
    assert "Read Only" in done.words
    assert f"{here}/reactivate" in done.actions
    owner.apply(f"{here}/reactivate")
    assert "Active" in owner.get(here).words


def test_removing_leads_back_to_the_list(company, members, owner):
    """The list with its filters comes back where the action was taken from it."""
    done = owner.apply(f"{members}/{company.reader.id}/remove", {"next": f"{members}?q=ro"})
    assert done.location == f"{members}?q=ro"
    elsewhere = owner.post(f"{members}/{company.member.id}/remove", {"next": "https://evil.example/"})
    assert (
        owner.post(elsewhere.location, {"digest": owner.get(elsewhere.location).hidden("digest")}).location == members
    )


def test_an_invitation_is_withdrawn(company, members, owner):
    """Removing somebody who has not accepted ends their invitation."""
    body = {"username": "new@nordwind.example", "roles": {"orgRoles": ["ORG_MEMBER"]}}
    user = company.key.post(f"/orgs/{company.id}/users", body).json["id"]
    assert "Withdraw the invitation" in owner.get(f"{members}?state=pending").words
    owner.apply(f"{members}/{user}/remove")
    assert company.key.get(f"/orgs/{company.id}/users/{user}").status == 404


# -- many at once


def test_several_get_a_role_too(company, members, owner):
    """The form asks which roles; those who have it already are left alone."""
    fields = {"id": [company.member.id, company.reader.id]}
    asked = owner.post(f"{members}/bulk", {**fields, "do": "roles"})
    assert "2 members selected" in asked.words
    assert 'name="mode" value="add" checked' in asked.text
    chosen = {**fields, "was": "roles", "do": "check", "mode": "add", "roles": "ORG_READ_ONLY"}
    assert "Change the organization roles of 2 members" in owner.check(f"{members}/bulk", chosen).words
    owner.apply(f"{members}/bulk", chosen)
    assert roles(company, company.member.id) == ["ORG_MEMBER", "ORG_READ_ONLY"]
    assert roles(company, company.reader.id) == ["ORG_MEMBER", "ORG_READ_ONLY"]
    assert owner.post(f"{members}/bulk", chosen).location == members


def test_nobody_loses_their_last_role(company, members, owner):
    """Who would be left without a role is refused on the check (rule 6); the others lose it."""
    company.key.patch(
        f"/orgs/{company.id}/users/{company.reader.id}", {"roles": {"orgRoles": ["ORG_MEMBER", "ORG_READ_ONLY"]}}
    )
    fields = {
        "id": [company.member.id, company.reader.id], "was": "roles", "do": "check", "mode": "remove",
        "roles": "ORG_MEMBER",
    }  # fmt: skip
    assert "1 of 2 would be refused" in owner.check(f"{members}/bulk", fields).words
    owner.apply(f"{members}/bulk", fields)
    assert roles(company, company.member.id) == ["ORG_MEMBER"]
    assert roles(company, company.reader.id) == ["ORG_READ_ONLY"]


def test_several_join_a_team(company, members, owner):
    """Whoever is in it already is left out."""
    fields = {"id": [company.member.id, company.reader.id], "was": "team", "do": "check", "teams": company.team}
    checked = owner.check(f"{members}/bulk", fields)
    assert "+ 1 person" in checked.words
    owner.apply(f"{members}/bulk", fields)
    assert member(company, company.reader.id)["teamIds"] == [company.team]


def test_all_that_match_are_selected_by_the_filter(company, members, owner):
    """The filter is posted and not the ids: everybody whom it finds is meant, on whatever page."""
    for number in range(30):
        company.world.user(f"extra{number:02}@nordwind.example", orgs={company.id: ["ORG_READ_ONLY"]})
    shown = owner.get(f"{members}?role=ORG_READ_ONLY")
    assert "Select all 30 that match" in shown.words
    checked = owner.check(f"{members}/bulk", {"all": "1", "role": "ORG_READ_ONLY", "do": "suspend"})
    assert "Suspend 30 members" in checked.words
    assert "and 10 more" in checked.words
    owner.apply(f"{members}/bulk", {"all": "1", "role": "ORG_READ_ONLY", "do": "suspend"})
    again = owner.get(f"{members}?state=suspended")
    assert "1–25 of 30" in again.words
    assert 'name="do" value="reactivate"' in again.text
    owner.apply(f"{members}/bulk", {"all": "1", "state": "suspended", "do": "reactivate"})
    assert names(owner.get(f"{members}?state=suspended")) == []


def test_too_many_are_not_changed_at_once(company, members, owner, monkeypatch):
    """More than can be checked at once are refused with the reason."""
    monkeypatch.setattr("orgward.console.pages.member_selection._MOST", 2)
    shown = owner.post(f"{members}/bulk", {"all": "1", "do": "suspend"})
    assert shown.status == 200
    assert "More than 2 members are selected. At most 2 can be changed at once." in shown.words


def test_nobody_selected_is_said(members, owner):
    """A bar without a selection leads to a page that says so."""
    assert "Nobody is selected." in owner.post(f"{members}/bulk", {"do": "remove"}).words


# -- invitations


def test_people_are_invited_with_all_that_they_get(company, members, owner):
    """Each address gets its own invitation, with organization roles, projects and teams."""
    fields = {
        "addresses": "one@nordwind.example, two@nordwind.example\n<three@nordwind.example>", "roles": "ORG_MEMBER",
        "place": [company.prod, company.prod], "place_role": ["GROUP_READ_ONLY", "GROUP_BACKUP_MANAGER"],
        "teams": company.team,
    }  # fmt: skip
    checked = owner.check(f"{members}/invite", fields)
    assert "Send 3 invitations" in checked.words
    assert "Joins the team On-call." in checked.words
    done = owner.follow(owner.apply(f"{members}/invite", fields))
    assert "3 invitations are on their way." in done.words
    found = company.key.get(f"/orgs/{company.id}/users?orgMembershipStatus=PENDING").json["results"]
    assert len(found) == 3
    for one in found:
        assert one["roles"]["orgRoles"] == ["ORG_MEMBER"]
        assert one["teamIds"] == [company.team]
        assert one["roles"]["groupRoleAssignments"] == [
            {"groupId": company.prod, "groupRoles": ["GROUP_BACKUP_MANAGER", "GROUP_READ_ONLY"]}
        ]


def test_projects_are_added_and_taken_out_by_buttons(company, members, owner):
    """A button of the form adds a project or takes one out; everything else that was filled in stays."""
    written = {"addresses": "one@nordwind.example", "roles": "ORG_READ_ONLY"}
    added = owner.post(f"{members}/invite", {**written, "add": company.prod})
    assert added.hidden("place") == company.prod
    assert "one@nordwind.example" in added.text
    assert 'value="ORG_READ_ONLY" checked' in added.text
    placed = {"place": company.prod, "place_role": "GROUP_READ_ONLY"}
    gone = owner.post(f"{members}/invite", {**written, **placed, "drop": "0"})
    assert 'name="place"' not in gone.text


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"addresses": ""}, "Write at least one address."),
        ({"addresses": "one two"}, "Not addresses: one and two."),
        ({"addresses": " ".join(f"a{n}@b.example" for n in range(101))}, "These are 101 addresses"),
        ({"addresses": "a@b.example", "roles": ()}, "role"),
        ({"addresses": "mia@nordwind.example"}, "mia@nordwind.example is already here."),
    ],
)
def test_an_invitation_says_what_is_wrong(members, owner, fields, says):
    """The form is shown again with what was written."""
    shown = owner.post(f"{members}/invite", {"roles": "ORG_MEMBER", **fields})
    assert 400 <= shown.status < 500
    assert says in shown.words


def test_whoever_may_not_invite_is_told_who_can(company, members):
    """The form and what is posted to it are refused alike."""
    visitor = company.visit(company.member)
    for shown in (
        visitor.get(f"{members}/invite"),
        visitor.post(f"{members}/invite", {"addresses": "a@b.example", "roles": "ORG_MEMBER"}),
    ):
        assert shown.status == 403
        assert "org.invitations.create" in shown.words or "org.users.add" in shown.words


def test_a_person_leads_to_their_roles_on_a_project(company, members, owner):
    """Direct roles can be changed there; whoever is there by a team alone has none to be changed."""
    company.key.post(f"/groups/{company.prod}/teams", [{"teamId": company.team, "roleNames": ["GROUP_READ_ONLY"]}])
    for user, has_roles in ((company.reader.id, True), (company.member.id, False)):
        links = owner.get(f"{members}/{user}").links
        assert f"/p/{company.prod}/access/{user}" in links
        assert (f"/p/{company.prod}/access/{user}/roles" in links) == has_roles
        for link in links:
            if link.startswith(f"/p/{company.prod}/access/"):
                assert owner.get(link).status == 200

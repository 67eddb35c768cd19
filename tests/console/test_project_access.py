"""People of a project: who is listed with which roles, one person, other roles, ends, removal, and adding people."""

import pytest

OWN = "/api/orgward/v1"


@pytest.fixture
def path(company):
    """Give the address of the list."""
    return f"/p/{company.prod}/access"


@pytest.fixture
def crowd(company, world):
    """Give people who reach the project by each way, by what they are called here."""
    place = {"orgs": {company.id: ["ORG_MEMBER"]}}
    people = {
        "backup": world.user("ben@nordwind.example", **place, projects={company.prod: ["GROUP_BACKUP_MANAGER"]}),
        "auditor": world.user("aud@nordwind.example", orgs={company.id: ["ORG_READ_ONLY"]}),
        "resting": world.user("sue@nordwind.example", **place, projects={company.prod: ["GROUP_OWNER"]}),
    }
    suspend = f"{OWN}/orgs/{company.id}/users/{people['resting'].id}:suspend"
    assert company.key.post(suspend).status == 200
    body = [{"teamId": company.team, "roleNames": ["GROUP_CLUSTER_MANAGER"]}]
    assert company.key.post(f"/groups/{company.prod}/teams", body).status == 200
    invited = {"username": "new@elsewhere.example", "roles": ["GROUP_READ_ONLY"]}
    people["invited"] = company.key.post(f"/groups/{company.prod}/users", invited).json["id"]
    return people


def listed(shown):
    """Give whose rows the list has, by the first part of their address."""
    rows = shown.text.split("<tbody")[1].split("</tbody>")[0] if "<tbody" in shown.text else ""
    names = ("ann", "aud", "ben", "carla", "mia", "new", "rob", "sue")
    return [name for name in names if f">{name}@" in rows]


def roles(company, user):
    """Give the roles of a user on the project with their ends, as the API has them."""
    found = company.key.get(f"{OWN}/groups/{company.prod}/roles?userId={user}").json["results"]
    return {row["role"]: row["endsAt"] for row in found}


class TestList:
    """Who is shown, and with what."""

    def test_everybody_who_reaches_the_project_is_there_with_every_source(self, company, crowd, path):
        """By a role of their own, by a team, by the organization; invited and suspended people hold nothing now."""
        shown = company.visit(company.owner).get(path)
        assert listed(shown) == ["aud", "ben", "carla", "mia", "new", "rob", "sue"]
        assert "All 7 Direct 4 By team 1 Inherited 2" in shown.words
        assert "by team: Project Cluster Manager , On-call" in shown.words
        assert "Read Only , Organization Read Only" in shown.words
        assert "1–7 of 7" in shown.words
        for name, state, n in (("sue@", "Suspended", 0), ("new@", "Pending", 0), ("carla@", "Active", 167)):
            row = shown.words.split(name)[-1]
            assert state in row[:80]
            assert f"{n} of 167" in row.replace("privileges ", "")[:400]

    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ("?source=direct", ["ben", "new", "rob", "sue"]),
            ("?source=by_team", ["mia"]),
            ("?source=inherited", ["aud", "carla"]),
            ("?role=GROUP_READ_ONLY", ["aud", "rob"]),
            ("?role=GROUP_READ_ONLY&role=GROUP_CLUSTER_MANAGER", ["aud", "mia", "rob"]),
            ("?role=GROUP_OWNER&state=active", ["carla"]),
            ("?state=suspended", ["sue"]),
            ("?state=pending", ["new"]),
            ("?q=be", ["ben"]),
            ("?q=be&source=inherited", []),
        ],
    )
    def test_filters_narrow_the_list(self, company, crowd, path, query, names):
        """Values of one filter are alternatives, filters narrow together."""
        assert listed(company.visit(company.owner).get(path + query)) == names

    def test_a_filter_that_finds_nobody_can_be_taken_away(self, company, crowd, path):
        """Each is named with a link to the list without it."""
        shown = company.visit(company.owner).get(f"{path}?q=zzz&state=active")
        assert "Nothing matches “zzz”" in shown.words
        assert f"{path}?state=active" in shown.links

    def test_values_that_mean_nothing_are_named(self, company, crowd, path):
        """The list is shown without them."""
        shown = company.visit(company.owner).get(f"{path}?role=ORG_OWNER&state=odd&source=x&sort=y&after=%25")
        assert len(listed(shown)) == 7
        for name in ("role", "state", "source", "sort", "after"):
            assert f"The filter {name} does not work like this." in shown.words

    def test_whoever_was_added_stays_in_sight_without_a_role_in_force(self, company, world, path):
        """Their only role has ended: they can be given another, or be removed."""
        bounds = f"{OWN}/groups/{company.prod}/users/{company.reader.id}/roles/GROUP_READ_ONLY"
        assert company.key.put(bounds, {"endsAt": "2027-01-16T08:00:00Z"}).status == 200
        world.clock.advance(days=2)
        shown = company.visit(company.owner).get(path)
        assert "rob" in listed(shown)
        assert "No role in force" in shown.words
        assert f"{path}/{company.reader.id}/remove" in shown.actions

    def test_a_row_offers_what_the_viewer_may_do(self, company, crowd, path):
        """Roles of their own can be changed, ended and removed; to others one can be given."""
        shown = company.visit(company.owner).get(path)
        here = f"{path}/{crowd['backup'].id}"
        assert {f"{here}/roles", f"{here}/ends", here} <= {*shown.links}
        assert f"{here}/remove" in shown.actions
        assert f"{path}/add?user={crowd['auditor'].id}" in shown.links
        assert f"{path}/{crowd['auditor'].id}/remove" not in shown.actions
        assert f"{path}/{crowd['invited']}/ends" not in shown.links

    def test_a_reader_sees_the_list_and_changes_nothing(self, company, crowd, path):
        """No menu of changes, no boxes, no button; what is behind them is refused."""
        visitor = company.visit(company.reader)
        shown = visitor.get(path)
        assert len(listed(shown)) == 7
        assert [
            url for url in (*shown.links, *shown.actions) if url.endswith(("/add", "/roles", "/ends", "/remove"))
        ] == []
        here = f"{path}/{crowd['backup'].id}"
        for page in (f"{path}/add", f"{path}/roles", f"{here}/roles", f"{here}/ends"):
            assert visitor.get(page).status == 403, page
        forms = {
            f"{path}/add": {"addresses": "x@example.org", "roles": "GROUP_READ_ONLY"},
            f"{path}/roles": {"id": crowd["backup"].id, "how": "set", "roles": "GROUP_READ_ONLY"},
            f"{path}/remove": {"id": crowd["backup"].id},
            f"{here}/roles": {"roles": "GROUP_OWNER"},
            f"{here}/ends": {"ends-GROUP_BACKUP_MANAGER": "2027-02-01"},
        }
        for form, fields in forms.items():
            assert visitor.post(form, fields).status == 403, form
        sent = visitor.post(f"{here}/remove")
        assert visitor.get(sent.location).status == 403
        assert roles(company, crowd["backup"].id) == {"GROUP_BACKUP_MANAGER": None}

    def test_a_stranger_learns_nothing(self, company, crowd, path):
        """Pages and forms of the project answer as those of one that is not there, whoever is named."""
        visitor = company.visit(company.stranger)
        for user in (crowd["backup"].id, "a" * 24):
            for place in (path, f"/p/{'b' * 24}/access"):
                for page in ("", ".csv", "/add", f"/{user}", f"/{user}/roles", f"/{user}/ends", "/roles"):
                    assert visitor.get(place + page).status == 404, page
                for form in ("/add", f"/{user}/roles", f"/{user}/ends", f"/{user}/remove", "/roles", "/remove"):
                    fields = {"id": user, "user": user, "how": "set", "roles": "GROUP_OWNER"}
                    assert visitor.post(place + form, fields).status == 404, form

    def test_names_are_shown_as_text(self, company, crowd, path):
        """A team's name with letters of markup is no markup."""
        body = {"name": "a & b"}
        assert company.key.patch(f"/orgs/{company.id}/teams/{company.team}", body).status == 200
        assert "a &amp; b" in company.visit(company.owner).get(path).text

    def test_those_who_wait_are_told_of(self, company, path):
        """Whoever may answer requests is led to them; readers hear of none."""
        assert company.stranger.post(f"{OWN}/groups/{company.prod}/joinRequests", {}).status == 202
        shown = company.visit(company.owner).get(path)
        assert "1 person asks to join this project." in shown.words
        assert f"/p/{company.prod}/requests" in shown.links
        assert "asks to join" not in company.visit(company.reader).get(path).words

    def test_the_file_holds_the_filtered_list(self, company, crowd, path):
        """One line a person, each kind of role in a column of its own."""
        visitor = company.visit(company.reader)
        lines = visitor.get(f"{path}.csv?source=by_team").text.split("\r\n")
        header = "id,username,firstName,lastName,state,roles,teamRoles,inheritedRoles,privileges,lastAuth"
        assert lines[0] == header
        assert lines[1].startswith(f"{company.member.id},mia@nordwind.example,,,active,,GROUP_CLUSTER_MANAGER,,")
        assert len(lines) == 3
        assert visitor.get(f"{path}.csv").text.count("\r\n") == 8

    def test_the_list_goes_on_page_by_page(self, company, world, path):
        """What a page leaves out the next one has."""
        place = {"orgs": {company.id: ["ORG_MEMBER"]}, "projects": {company.prod: ["GROUP_READ_ONLY"]}}
        for number in range(26):
            world.user(f"n{number:02}@nordwind.example", **place)
        visitor = company.visit(company.owner)
        first = visitor.get(path)
        assert "1–25 of 28" in first.words
        second = visitor.get(next(link for link in first.links if "after=" in link))
        assert "26–28 of 28" in second.words


class TestPerson:
    """One person on the project."""

    def test_every_way_is_told(self, company, crowd, path):
        """Roles given here with since when, and all paths with what they allow."""
        shown = company.visit(company.reader).get(f"{path}/{crowd['backup'].id}")
        assert "Backup Manager" in shown.words
        assert "Yes, by 1 path" in shown.words
        by_team = company.visit(company.reader).get(f"{path}/{company.member.id}")
        assert "comes from a team or from the organization" in by_team.words
        assert "On-call" in by_team.words

    def test_somebody_invited_is_their_address(self, company, crowd, world, path):
        """What they are called elsewhere is not told, nor do they hold anything yet."""
        shown = company.visit(company.owner).get(f"{path}/{crowd['invited']}")
        assert "new@elsewhere.example" in shown.words
        assert "Pending" in shown.words
        assert f"{path}/{crowd['invited']}/ends" not in shown.links

    def test_a_role_is_by_whoever_invited(self, company, path):
        """Not by the person who accepted, though it is by them that it came to be."""
        visitor = company.visit(company.owner)
        visitor.apply(f"{path}/add", {"addresses": "sam@elsewhere.example", "roles": "GROUP_READ_ONLY"})
        (invitation,) = company.stranger.get(f"{OWN}/me/invitations").json["results"]
        assert company.stranger.post(f"{OWN}/me/invitations/{invitation['id']}:accept").status == 200
        shown = visitor.get(f"{path}/{company.stranger.id}")
        assert "by carla@nordwind.example" in shown.words
        assert "by sam@" not in shown.words.split("All ways")[0]

    def test_whoever_is_not_here_is_not_found(self, company, path):
        """Somebody of another organization, and nobody at all, look alike."""
        visitor = company.visit(company.owner)
        foreign, unknown = visitor.get(f"{path}/{company.stranger.id}"), visitor.get(f"{path}/{'a' * 24}")
        assert (foreign.status, unknown.status) == (404, 404)
        assert foreign.words == unknown.words

    def test_roles_are_changed_through_a_check(self, company, crowd, path):
        """The form begins with what they have here; the check tells what is gained and lost."""
        here = f"{path}/{crowd['backup'].id}/roles"
        visitor = company.visit(company.owner)
        assert 'value="GROUP_BACKUP_MANAGER" checked' in visitor.get(here).text
        fields = {"roles": ["GROUP_READ_ONLY", "GROUP_CLUSTER_MANAGER"]}
        assert "Backup Manager" in visitor.check(here, fields).words
        done = visitor.follow(visitor.apply(here, fields))
        assert "ben@nordwind.example has the new roles." in done.words
        assert roles(company, crowd["backup"].id) == {"GROUP_CLUSTER_MANAGER": None, "GROUP_READ_ONLY": None}

    @pytest.mark.parametrize("fields", [{}, {"roles": "ORG_OWNER"}, {"roles": "NONSENSE"}])
    def test_roles_that_can_not_be_are_refused(self, company, crowd, path, fields):
        """At least one, and only roles of projects of this edition."""
        shown = company.visit(company.owner).post(f"{path}/{crowd['backup'].id}/roles", fields)
        assert shown.status in {400, 403}
        assert 'role="alert"' in shown.text
        assert roles(company, crowd["backup"].id) == {"GROUP_BACKUP_MANAGER": None}

    def test_roles_that_one_may_not_give_stay(self, company, crowd, world, path):
        """An Access Manager is not offered the owner's role, and can't take it by leaving it out."""
        placed = {"orgs": {company.id: ["ORG_MEMBER"]}, "projects": {company.prod: ["GROUP_ACCESS_MANAGER"]}}
        visitor = company.visit(world.user("ari@nordwind.example", **placed))
        here = f"{path}/{crowd['resting'].id}/roles"
        shown = visitor.get(here)
        assert shown.hidden("kept") == "GROUP_OWNER"
        assert visitor.post(here, {"roles": "GROUP_READ_ONLY"}).status == 403
        visitor.apply(here, {"kept": "GROUP_OWNER", "roles": "GROUP_READ_ONLY"})
        assert {*roles(company, crowd["resting"].id)} == {"GROUP_OWNER", "GROUP_READ_ONLY"}

    def test_what_an_invitation_brings_is_changed(self, company, crowd, path):
        """Before they have accepted, the invitation itself is amended."""
        visitor = company.visit(company.owner)
        visitor.apply(f"{path}/{crowd['invited']}/roles", {"roles": "GROUP_BACKUP_MANAGER"})
        assert "Backup Manager" in visitor.get(f"{path}/{crowd['invited']}").words

    def test_an_end_is_set_and_taken_back_through_a_check(self, company, crowd, path):
        """The role ends with that day; without a day it has no end."""
        here = f"{path}/{crowd['backup'].id}/ends"
        visitor = company.visit(company.owner)
        visitor.apply(here, {"ends-GROUP_BACKUP_MANAGER": "2027-01-31"})
        assert roles(company, crowd["backup"].id) == {"GROUP_BACKUP_MANAGER": "2027-01-31T23:59:59Z"}
        assert 'value="2027-01-31"' in visitor.get(here).text
        assert "ends 31 Jan" in visitor.get(path).words
        assert visitor.post(here, {"ends-GROUP_BACKUP_MANAGER": "2027-01-31"}).location == path
        visitor.apply(here, {"ends-GROUP_BACKUP_MANAGER": ""})
        assert roles(company, crowd["backup"].id) == {"GROUP_BACKUP_MANAGER": None}

    def test_a_day_that_stays_keeps_its_hour(self, company, crowd, path):
        """An end that the API has set within the day is not moved by a form that does not touch it."""
        bounds = f"{OWN}/groups/{company.prod}/users/{crowd['backup'].id}/roles/GROUP_BACKUP_MANAGER"
        for end in ("2027-01-31T00:00:00Z", "2027-01-31T10:00:00Z", "2027-01-31T23:59:59Z"):
            assert company.key.put(bounds, {"endsAt": end}).status == 200
            visitor = company.visit(company.owner)
            here = f"{path}/{crowd['backup'].id}/ends"
            assert 'value="2027-01-31"' in visitor.get(here).text
            assert visitor.post(here, {"ends-GROUP_BACKUP_MANAGER": "2027-01-31"}).location == path, end

    @pytest.mark.parametrize("day", ["31.01.2027", "2027-02-30", "9999-12-31"])
    def test_a_day_that_can_not_be_is_refused(self, company, crowd, path, day):
        """The field says so and keeps what was written."""
        shown = company.visit(company.owner).post(
            f"{path}/{crowd['backup'].id}/ends", {"ends-GROUP_BACKUP_MANAGER": day}
        )
        assert shown.status == 400
        assert f'value="{day}"' in shown.text
        assert roles(company, crowd["backup"].id) == {"GROUP_BACKUP_MANAGER": None}

    def test_removing_goes_through_a_check(self, company, crowd, path):
        """With what they lose; afterwards they are off the project."""
        visitor = company.visit(company.owner)
        checked = visitor.check(f"{path}/{crowd['backup'].id}/remove")
        assert "ben@nordwind.example" in checked.words
        done = visitor.follow(visitor.apply(f"{path}/{crowd['backup'].id}/remove"))
        assert "ben@nordwind.example is off the project." in done.words
        assert roles(company, crowd["backup"].id) == {}

    def test_nobody_changes_their_own_roles_in_cloud_manager(self, old_company, world):
        """The rule refuses it in the form, before any check."""
        placed = {"orgs": {old_company.id: ["ORG_MEMBER"]}, "projects": {old_company.prod: ["GROUP_USER_ADMIN"]}}
        someone = world.user("ada@nordwind.example", **placed)
        visitor = old_company.visit(someone)
        shown = visitor.post(f"/p/{old_company.prod}/access/{someone.id}/roles", {"roles": "GROUP_OWNER"})
        assert shown.status == 400
        assert "own roles" in shown.words


class TestSelection:
    """Several people at once."""

    def test_roles_of_several_are_changed_through_one_check(self, company, crowd, path):
        """Roles are given as well, taken away, or set; who has them already is left alone."""
        visitor = company.visit(company.owner)
        ids = [crowd["backup"].id, company.reader.id]
        shown = visitor.post(f"{path}/roles", {"id": ids})
        assert "Roles of 2 people" in shown.words or "Change roles of 2 people" in shown.words
        fields = {"id": ids, "how": "add", "roles": "GROUP_READ_ONLY"}
        assert "ben@nordwind.example" in visitor.check(f"{path}/roles", fields).words
        visitor.apply(f"{path}/roles", fields)
        assert {*roles(company, ids[0])} == {"GROUP_BACKUP_MANAGER", "GROUP_READ_ONLY"}
        visitor.apply(f"{path}/roles", {"id": ids, "how": "take", "roles": "GROUP_BACKUP_MANAGER"})
        assert {*roles(company, ids[0])} == {*roles(company, ids[1])} == {"GROUP_READ_ONLY"}
        visitor.apply(f"{path}/roles", {"id": ids, "how": "set", "roles": "GROUP_CLUSTER_MANAGER"})
        assert {*roles(company, ids[0])} == {*roles(company, ids[1])} == {"GROUP_CLUSTER_MANAGER"}

    def test_several_are_removed_through_one_check(self, company, crowd, path):
        """All of them, those invited among them."""
        visitor = company.visit(company.owner)
        gone = visitor.apply(f"{path}/remove", {"id": [crowd["backup"].id, crowd["invited"]]})
        assert listed(visitor.follow(gone)) == ["aud", "carla", "mia", "rob", "sue"]

    def test_all_that_match_are_those_who_were_added(self, company, crowd, path):
        """The filter is sent in place of ids; who is here by a team or the organization is left out."""
        visitor = company.visit(company.owner)
        shown = visitor.post(f"{path}/roles", {"all": "1", "state": "active"})
        assert "ben@" in shown.words
        assert "rob@" in shown.words
        assert "mia@" not in shown.words
        visitor.apply(f"{path}/remove", {"all": "1", "q": "be"})
        assert roles(company, crowd["backup"].id) == {}
        assert {*roles(company, company.reader.id)} == {"GROUP_READ_ONLY"}

    @pytest.mark.parametrize("ids", [[], ["nonsense"], ["a" * 24]])
    def test_nobody_selected_is_said(self, company, crowd, path, ids):
        """Neither form does anything then."""
        visitor = company.visit(company.owner)
        assert "Nobody is selected." in visitor.post(f"{path}/roles", {"id": ids}).words
        assert visitor.post(f"{path}/roles", {"id": ids, "how": "set", "roles": "GROUP_OWNER"}).status == 400
        assert visitor.post(f"{path}/remove", {"id": ids}).status == 400


class TestAdding:
    """New people on the project."""

    def test_members_are_found_by_name_and_chosen(self, company, crowd, path):
        """The search runs on the server; who is here already can't be chosen again."""
        visitor = company.visit(company.owner)
        shown = visitor.get(f"{path}/add?q=mi")
        assert f'name="user" value="{company.member.id}"' in shown.text
        assert "On the project already" in visitor.get(f"{path}/add?q=be").words
        chosen = visitor.get(f"{path}/add?user={company.member.id}&q=mi")
        assert "Chosen members" in chosen.words
        assert f"{path}/add?q=mi" in chosen.links

    def test_members_are_added_at_once_through_a_check(self, company, path):
        """With the roles, and until the end of the day that was given."""
        visitor = company.visit(company.owner)
        fields = {"user": company.member.id, "roles": ["GROUP_READ_ONLY", "GROUP_OWNER"], "ends": "2027-01-31"}
        checked = visitor.check(f"{path}/add", fields)
        assert "mia@nordwind.example" in checked.words
        assert roles(company, company.member.id) == {}
        visitor.apply(f"{path}/add", fields)
        end = "2027-01-31T23:59:59Z"
        assert roles(company, company.member.id) == {"GROUP_OWNER": end, "GROUP_READ_ONLY": end}

    def test_outsiders_get_an_invitation(self, company, path):
        """In Atlas to the organization, whatever account they have; an end waits until they have joined."""
        visitor = company.visit(company.owner)
        fields = {"addresses": "sam@elsewhere.example, new@elsewhere.example", "roles": "GROUP_READ_ONLY"}
        assert "gets an invitation" in visitor.check(f"{path}/add", {**fields, "ends": "2027-01-31"}).words
        visitor.apply(f"{path}/add", {**fields, "ends": "2027-01-31"})
        shown = visitor.get(f"{path}?state=pending")
        assert "sam@" in shown.words
        assert "new@" in shown.words
        assert roles(company, company.stranger.id) == {}

    def test_in_cloud_manager_whoever_has_an_account_is_in_at_once(self, old_company):
        """Others get an invitation to the project."""
        path = f"/p/{old_company.prod}/access"
        visitor = old_company.visit(old_company.owner)
        fields = {"addresses": "sam@elsewhere.example\nnew@elsewhere.example", "roles": "GROUP_MONITORING_ADMIN"}
        visitor.apply(f"{path}/add", fields)
        assert {*roles(old_company, old_company.stranger.id)} == {"GROUP_MONITORING_ADMIN"}
        assert listed(visitor.get(f"{path}?state=pending")) == ["new"]

    @pytest.mark.parametrize(
        ("fields", "says"),
        [
            ({"roles": "GROUP_READ_ONLY"}, "Choose members above, or write an address here."),
            ({"addresses": "rob", "roles": "GROUP_READ_ONLY"}, "rob is not an address."),
            ({"addresses": "x@example.org"}, "role"),
            ({"addresses": "rob@nordwind.example", "roles": "GROUP_READ_ONLY"}, "already"),
            ({"addresses": "x@example.org", "roles": "GROUP_READ_ONLY", "ends": "x"}, "is not a date"),
            ({"addresses": " ".join(f"x{n}@example.org" for n in range(101)), "roles": "GROUP_OWNER"}, "At most 100"),
        ],
    )
    def test_a_form_that_can_not_be_done_says_why(self, company, path, fields, says):
        """It keeps what was written."""
        shown = company.visit(company.owner).post(f"{path}/add", fields)
        assert shown.status in {400, 403, 409}
        assert says in shown.words
        assert fields.get("addresses", "") in shown.text

    def test_an_id_brings_no_stranger_to_light(self, company, path):
        """Somebody of another organization can't be named by their id, neither in the form nor in a check."""
        visitor = company.visit(company.owner)
        assert "sam@" not in visitor.get(f"{path}/add?user={company.stranger.id}").words
        shown = visitor.post(f"{path}/add", {"user": company.stranger.id, "roles": "GROUP_READ_ONLY"})
        assert shown.status == 404
        assert "sam@" not in shown.words

    def test_only_roles_that_one_may_give_are_offered(self, company, world, path):
        """An Access Manager is offered all but the owner's, and is refused that one."""
        placed = {"orgs": {company.id: ["ORG_MEMBER"]}, "projects": {company.prod: ["GROUP_ACCESS_MANAGER"]}}
        visitor = company.visit(world.user("ari@nordwind.example", **placed))
        shown = visitor.get(f"{path}/add")
        assert 'value="GROUP_OWNER"' not in shown.text
        assert 'value="GROUP_BACKUP_MANAGER"' in shown.text
        refused = visitor.post(f"{path}/add", {"user": company.member.id, "roles": "GROUP_OWNER"})
        assert refused.status == 403
        assert roles(company, company.member.id) == {}

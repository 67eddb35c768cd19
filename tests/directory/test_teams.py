"""Rules 65 to 70: teams of an organization, on its projects, and what their members have by them."""

import pytest

from tests.directory.company import OLD, Company, done, log_rows, refused, username_of

NOBODY = "f" * 24
READ, OWNER = "GROUP_READ_ONLY", "GROUP_OWNER"


def create(company, name, *usernames, by=None):
    """Ask for a team of whom these addresses name."""
    return (by or company.ann).post(f"{company.path}/teams", {"name": name, "usernames": list(usernames)})


def rename(company, team, name):
    """Ask for another name of a team."""
    return company.ann.patch(f"{company.path}/teams/{team}", {"name": name})


# -- rule 65: of one organization


def test_rule_065_a_team_is_made_of_members(company):
    """Rule 65: the answer to a new team is its id, its name and who is in it."""
    bob = company.person("bob")
    shown = done(create(company, "crew", "bob@example.org", "ann@example.org"))
    assert (shown["name"], sorted(shown["usernames"])) == ("crew", ["ann@example.org", "bob@example.org"])
    assert set(company.users_in(shown["id"])) == {company.ann.id, bob.id}
    path = f"{company.path}/teams/{shown['id']}"
    plain = {name: shown[name] for name in ("id", "links", "name")}
    assert done(company.ann.get(path)) == plain
    assert done(company.ann.get(f"{company.path}/teams/byName/crew")) == plain
    assert done(company.ann.get(f"{company.path}/teams"))["results"] == [plain]


def test_rule_065_an_address_stands_once(company):
    """Rule 65: whoever is named twice, in whatever capitals, is in the team once."""
    shown = done(create(company, "crew", "ann@example.org", "ANN@example.org"))
    assert shown["usernames"] == ["ann@example.org"]


def test_rule_065_strangers_are_unknown(world, company):
    """Rule 65: an account that is not of the organization is answered like an address that nobody has."""
    company.outsider("carl")
    there = Company.found(world, company.edition, name="Elsewhere", owner="eve")
    team = company.team()
    for address in ("carl@example.org", "eve@example.org", "unheard@example.org", "no address"):
        reply = create(company, "other", "ann@example.org", address)
        refused(reply, 404, "USERNAME_NOT_FOUND")
        assert reply.json["parameters"] == [address]
    for user in (company.outsider("carl").id, there.ann.id, NOBODY):
        refused(company.put_in(team, user), 404, "USER_NOT_FOUND")
        refused(
            company.ann.post(f"{company.path}/teams/{team}/users", [{"id": user}], accept=OLD), 404, "USER_NOT_FOUND"
        )


def test_rule_065_a_team_of_another_organization_is_unknown(world, company):
    """Rule 65: whatever names a team of somebody else is answered as for no team at all."""
    there = Company.found(world, company.edition, name="Elsewhere", owner="eve")
    theirs, project = there.team("theirs"), company.project()
    for team in (theirs, NOBODY):
        refused(company.ann.get(f"{company.path}/teams/{team}"), 404, "TEAM_NOT_FOUND")
        refused(company.put_in(team, company.ann.id), 404, "TEAM_NOT_FOUND")
        refused(company.ann.delete(f"{company.path}/teams/{team}"), 404, "TEAM_NOT_FOUND")
        refused(company.assign(project, team, READ), 404, "TEAM_NOT_IN_ORG")
        refused(company.ann.get(f"/groups/{project}/teams/{team}"), 404, "TEAM_NOT_IN_GROUP")
        refused(company.reassign(project, team, READ), 404, "TEAM_NOT_IN_GROUP")
    for name in ("theirs", "unheard"):
        refused(company.ann.get(f"{company.path}/teams/byName/{name}"), 404, "TEAM_NAME_NOT_FOUND")


def test_names_of_teams_are_unique_in_an_organization(world, company):
    """A name that another team has is refused, made or renamed; elsewhere it is free."""
    crew, band = company.team("crew"), company.team("band")
    refused(create(company, "crew", "ann@example.org"), 409, "TEAM_NAME_NOT_AVAILABLE")
    reply = rename(company, band, "crew")
    refused(reply, 409, "TEAM_NAME_NOT_AVAILABLE")
    assert reply.json["parameters"] == ["crew", company.id]
    assert done(rename(company, crew, "crew"))["name"] == "crew"
    assert done(rename(company, crew, "club"))["name"] == "club"
    assert done(rename(company, band, "crew"))["name"] == "crew"
    Company.found(world, company.edition, name="Elsewhere", owner="eve").team("crew")


@pytest.mark.parametrize("name", ["", " lead", "two  spaces", "x" * 65, "a/b", "semi;colon", "\u200b"])
def test_names_of_teams_are_validated_like_others(company, name):
    """A team is named like a project is."""
    refused(create(company, name, "ann@example.org"), 400, "INVALID_TEAM_NAME")
    refused(rename(company, company.team(), name), 400, "INVALID_TEAM_NAME")


def test_a_team_is_found_by_its_name_however_it_is_written(company):
    """A name is kept composed, and found decomposed, percent-encoded, and with marks in it."""
    team = company.team("Cafe\u0301 a+b & c's")
    found = done(company.ann.get(f"{company.path}/teams/byName/Cafe%CC%81%20a%2Bb%20%26%20c's"))
    assert (found["id"], found["name"]) == (team, "Café a+b & c's")


# -- rules 66 and 67: members share a team's roles


def test_rule_066_members_share_the_roles_of_their_team(company):
    """Rule 66: a team's roles on several projects are its members', and nobody else's."""
    web, shop = company.bare_project("web"), company.bare_project("shop")
    bob, carl, dora = company.person("bob"), company.person("carl"), company.person("dora")
    team = company.team("crew", bob, carl, on={web: [READ], shop: [OWNER]})
    for who in (bob, carl):
        assert company.allows(who, "project.read", web)
        assert not company.allows(who, "project.delete", web)
        assert company.allows(who, "project.delete", shop)
    assert not company.allows(dora, "project.read", web)
    assert company.teams_on(shop) == {team: [OWNER]}


def test_rule_066_what_a_team_gives_begins_and_ends_at_once(company):
    """Rule 66: entering, leaving, and what happens to the team's roles shows with the next request."""
    web, bob = company.bare_project("web"), company.person("bob")
    team = company.team(on={web: [READ]})
    refused(bob.get(f"/groups/{web}"), 404, "GROUP_NOT_FOUND")
    done(company.put_in(team, bob.id))
    done(bob.get(f"/groups/{web}"))
    refused(bob.delete(f"/groups/{web}"), 401, "USER_UNAUTHORIZED")
    done(company.reassign(web, team, OWNER))
    done(bob.patch(f"/groups/{web}", {"name": "renamed"}))
    done(company.take_out(team, bob.id))
    refused(bob.get(f"/groups/{web}"), 404, "GROUP_NOT_FOUND")
    done(company.put_in(team, bob.id))
    done(bob.get(f"/groups/{web}"))
    done(company.unassign(web, team))
    refused(bob.get(f"/groups/{web}"), 404, "GROUP_NOT_FOUND")


def test_rule_067_direct_roles_and_those_of_all_teams_add_up(company):
    """Rule 67: what one team, another team and somebody's own role give is held together."""
    web = company.bare_project("web")
    bob = company.person("bob", on={web: ["GROUP_DATA_ACCESS_READ_ONLY"]})
    by_role = {READ: "alerts.read", "GROUP_DATA_ACCESS_READ_WRITE": "data_explorer.documents.update"}
    for role, action in by_role.items():
        if role != READ or company.edition == "cloud_manager":
            assert not company.allows(bob, action, web)
        company.team(role.lower(), bob, on={web: [role]})
        assert company.allows(bob, action, web)
    for action in (*by_role.values(), "performance_advisor.sample_values.read"):
        assert company.allows(bob, action, web), action
    assert not company.allows(bob, "project.delete", web)


def test_rule_067_a_decision_names_the_team(company):
    """Rule 67: each way is a path of its own, the team's with its id."""
    web = company.bare_project("web")
    bob = company.person("bob", on={web: [READ]})
    team = company.team("crew", bob, on={web: [READ]})
    body = {
        "subject": {"type": "user", "id": bob.id},
        "action": {"name": "project.read"},
        "resource": {"type": "project", "id": web},
    }
    paths = done(company.owner_key("POST", "/access/v1/evaluation", body, accept=None))["context"]["paths"]
    assert sorted((path["via"], path.get("teamId")) for path in paths) == [("direct", None), ("team", team)]


# -- rule 68: who may do it


def test_rule_068_owners_of_the_organization_keep_its_teams(company):
    """Rule 68: members read teams; making, renaming, filling and deleting is for owners of the organization."""
    web = company.bare_project()
    bob, boss = company.person("bob"), company.person("boss", "ORG_MEMBER", on={web: [OWNER]})
    team, path = company.team("crew", company.ann), f"{company.path}/teams"
    for who in (bob, boss):
        done(who.get(f"{path}/{team}"))
        done(who.get(f"{path}/{team}/users"))
        for reply in (
            create(company, "mine", "bob@example.org", by=who),
            who.patch(f"{path}/{team}", {"name": "mine"}),
            company.put_in(team, bob.id, by=who),
            company.take_out(team, company.ann.id, by=who),
            who.delete(f"{path}/{team}/users/{company.ann.id}", accept=OLD),
            who.delete(f"{path}/{team}"),
        ):
            refused(reply, 401, "USER_UNAUTHORIZED")
    assert company.users_in(team) == [company.ann.id]


MANAGERS = {"atlas": "GROUP_ACCESS_MANAGER", "cloud_manager": "GROUP_USER_ADMIN"}


def test_rule_068_who_manages_people_of_a_project_puts_teams_on_it(company):
    """Rule 68: an owner of the project, or its manager of people, puts teams on and off; readers only look."""
    web = company.bare_project()
    boss = company.person("boss", on={web: [OWNER]})
    manager = company.person("manager", on={web: [MANAGERS[company.edition]]})
    reader = company.person("reader", on={web: [READ]})
    team = company.team()
    for who in (boss, manager):
        done(company.assign(web, team, READ, by=who))
        done(company.reassign(web, team, "GROUP_DATA_ACCESS_READ_ONLY", by=who))
        done(company.unassign(web, team, by=who))
    done(company.assign(web, team, READ))
    done(reader.get(f"/groups/{web}/teams/{team}"))
    for reply in (
        company.assign(web, team, READ, by=reader),
        company.reassign(web, team, OWNER, by=reader),
        company.unassign(web, team, by=reader),
    ):
        refused(reply, 401, "USER_UNAUTHORIZED")


# -- rule 69: nothing empty


def test_rule_069_a_new_team_is_not_empty(company):
    """Rule 69: a team begins with somebody in it."""
    refused(create(company, "crew"), 400, "CANNOT_CREATE_EMPTY_TEAM")


def test_rule_069_a_team_may_become_empty(company):
    """Rule 69 is about creation: the last one may go, and somebody come again."""
    team = company.team("crew", company.ann)
    done(company.take_out(team, company.ann.id))
    assert company.users_in(team) == []
    done(company.put_in(team, company.ann.id))


def test_rule_069_a_team_has_a_role_on_each_project(company):
    """Rule 69: a team without a role on a project is not on it."""
    web, team = company.bare_project(), company.team()
    refused(company.assign(web, team), 403, "NO_ROLES_IN_ASSIGNMENT")
    assert company.teams_on(web) == {}
    done(company.assign(web, team, READ))
    refused(company.reassign(web, team), 403, "NO_ROLES_IN_ASSIGNMENT")
    assert company.teams_on(web) == {team: [READ]}


@pytest.mark.parametrize(
    ("role", "code"), [("ORG_MEMBER", "CANNOT_ADD_ORG_ROLE"), ("GROUP_UNHEARD_OF", "INVALID_ROLE_FOR_GROUP")]
)
def test_a_team_holds_project_roles_alone(company, role, code):
    """Rules 4 and 66: no role but those of projects can be given to a team."""
    web, team = company.bare_project(), company.team()
    refused(company.assign(web, team, READ, role), 400, code)
    done(company.assign(web, team, READ))
    refused(company.reassign(web, team, role), 400, code)


# -- rule 70: deleting


def test_rule_070_a_team_on_a_project_is_not_deleted(company):
    """Rule 70: it has to be taken off every project first, whether or not its roles have ended."""
    web = company.bare_project()
    bob = company.person("bob")
    team = company.team("crew", bob, on={web: [READ]})
    path = f"{company.path}/teams/{team}"
    refused(company.ann.delete(path), 404, "CANNOT_DELETE_TEAM_ASSIGNED_TO_PROJECT")
    done(company.ann.put(f"/api/orgward/v1/groups/{web}/teams/{team}/roles/{READ}", {"endsAt": "2027-01-01T00:00:00Z"}))
    refused(company.ann.delete(path), 404, "CANNOT_DELETE_TEAM_ASSIGNED_TO_PROJECT")
    done(company.unassign(web, team))
    assert company.ann.delete(path).status == 204
    refused(company.ann.get(path), 404, "TEAM_NOT_FOUND")
    assert company.user(bob.id)["teamIds"] == []
    assert done(company.ann.get(f"{company.path}/teams"))["results"] == []


def test_rule_070_a_deleted_project_lets_the_team_go(company):
    """Rule 70: a project that is deleted takes its teams' roles with it, and they can be deleted then."""
    web = company.bare_project()
    team = company.team(on={web: [READ]})
    done(company.ann.delete(f"/groups/{web}"))
    assert company.ann.delete(f"{company.path}/teams/{team}").status == 204


def test_rule_039_a_member_who_is_removed_is_in_no_team(company):
    """Rule 39: teams of the organization end with the membership."""
    web, bob = company.bare_project(), company.person("bob")
    team = company.team("crew", bob, on={web: [OWNER]})
    done(company.remove(bob.id))
    assert company.users_in(team) == []
    company.person("bob")
    assert not company.allows(bob, "project.read", web)


# -- putting in, taking out, on and off


def test_nobody_is_put_into_a_team_twice(company):
    """Who is in a team is refused, and the rest of the list with them."""
    bob, team = company.person("bob"), company.team("crew", company.ann)
    reply = company.put_in(team, company.ann.id)
    refused(reply, 409, "USER_ALREADY_IN_TEAM")
    assert reply.json["parameters"] == [company.ann.id, team]
    both = [{"id": bob.id}, {"id": company.ann.id}]
    refused(company.ann.post(f"{company.path}/teams/{team}/users", both, accept=OLD), 409, "USER_ALREADY_IN_TEAM")
    assert company.users_in(team) == [company.ann.id]


def test_the_older_generation_answers_the_whole_team(company):
    """POST of users answers everybody in the team; its DELETE answers nothing."""
    bob, carl, team = company.person("bob"), company.person("carl"), company.team("crew", company.ann)
    path = f"{company.path}/teams/{team}/users"
    shown = done(company.ann.post(path, [{"id": bob.id}, {"id": carl.id}, {"id": bob.id}], accept=OLD))
    assert (len(shown["results"]), shown["totalCount"]) == (3, 3)
    assert {user["emailAddress"] for user in shown["results"]} == {
        f"{name}@example.org" for name in ("ann", "bob", "carl")
    }
    assert all(user["teamIds"] == [team] for user in shown["results"])
    assert company.ann.delete(f"{path}/{bob.id}", accept=OLD).status == 204
    refused(company.ann.delete(f"{path}/{bob.id}", accept=OLD), 404, "USER_NOT_FOUND")
    assert done(company.ann.post(path, [], accept=OLD))["totalCount"] == 2


def test_the_newer_generation_answers_the_user(company):
    """`:addUser` and `:removeUser` answer the user as the organization sees them, and know who is not there."""
    bob, team = company.person("bob"), company.team()
    assert done(company.put_in(team, bob.id)) == company.user(bob.id)
    assert company.user(bob.id)["teamIds"] == [team]
    assert done(company.take_out(team, bob.id))["teamIds"] == []
    for user in (bob.id, company.outsider("carl").id, NOBODY):
        refused(company.take_out(team, user), 404, "USER_NOT_FOUND")


def test_a_team_is_put_on_a_project_once(company):
    """A team that is there is refused, and so is one that stands twice in a body."""
    web, team, other = company.bare_project(), company.team("crew"), company.team("band")
    shown = done(company.assign(web, team, READ, "GROUP_DATA_ACCESS_READ_ONLY"))
    assert [(t["teamId"], t["roleNames"]) for t in shown["results"]] == [(team, ["GROUP_DATA_ACCESS_READ_ONLY", READ])]
    refused(company.assign(web, team, OWNER), 409, "TEAM_EXISTS_IN_GROUP")
    item = {"teamId": other, "roleNames": [READ]}
    refused(company.ann.post(f"/groups/{web}/teams", [item, item]), 400, "INVALID_ATTRIBUTE")
    both = [item, {"teamId": team, "roleNames": [READ]}]
    refused(company.ann.post(f"/groups/{web}/teams", both), 409, "TEAM_EXISTS_IN_GROUP")
    assert set(company.teams_on(web)) == {team}


def test_changing_the_roles_answers_the_whole_list(company):
    """PATCH of a team answers every team on the project; a role that stays keeps its bounds."""
    web, team, other = company.bare_project(), company.team("crew"), company.team("band")
    done(company.assign(web, team, READ, OWNER))
    done(company.assign(web, other, READ))
    bounds = {"startsAt": None, "endsAt": "2027-02-01T00:00:00Z"}
    path = f"/api/orgward/v1/groups/{web}/teams/{team}/roles/{READ}"
    assert done(company.ann.put(path, bounds)) == {"role": READ, **bounds}
    shown = done(company.reassign(web, team, READ, "GROUP_DATA_ACCESS_READ_ONLY"))
    assert {t["teamId"]: t["roleNames"] for t in shown["results"]} == {
        team: ["GROUP_DATA_ACCESS_READ_ONLY", READ], other: [READ],
    }  # fmt: skip
    row = company.world.store.view.get("assignments", team, web, READ)
    assert row["ends"] == 1_801_440_000_000


def test_taking_a_team_off_leaves_the_team(company):
    """A team that is taken off a project stays a team, and cannot be taken off again."""
    web, bob = company.bare_project(), company.person("bob")
    team = company.team("crew", bob)
    done(company.assign(web, team, READ))
    assert company.unassign(web, team).status == 204
    refused(company.unassign(web, team), 404, "TEAM_NOT_IN_GROUP")
    assert company.users_in(team) == [bob.id]


def test_whether_an_owner_added_the_team_is_kept(atlas):
    """Who put the team on the project decides once and for all about what only an owner's guests may do."""
    web, manager_role = atlas.bare_project(), "GROUP_ACCESS_MANAGER"
    manager, bob, carl = atlas.person("manager", on={web: [manager_role]}), atlas.person("bob"), atlas.person("carl")
    by_owner, by_manager = atlas.team("crew", bob), atlas.team("band", carl)
    done(atlas.assign(web, by_owner, READ))
    done(atlas.assign(web, by_manager, READ, by=manager))
    assert atlas.allows(bob, "charts.launch", web)
    assert not atlas.allows(carl, "charts.launch", web)
    done(atlas.reassign(web, by_owner, "GROUP_CLUSTER_MANAGER", by=manager))
    done(atlas.reassign(web, by_manager, "GROUP_CLUSTER_MANAGER"))
    assert atlas.allows(bob, "charts.launch", web)
    assert not atlas.allows(carl, "charts.launch", web)


def test_what_happens_to_teams_is_in_the_log_without_addresses(world, company):
    """Each command leaves a row with the team's id and ids of people, and no address."""
    web, bob = company.bare_project(), company.person("bob")
    team = company.team("crew", bob)
    done(company.put_in(team, company.person("carl").id))
    done(company.assign(web, team, READ))
    rows = {row["action"]: row for row in log_rows(world) if "Team" in row["action"]}
    assert rows["createOrgTeam"]["target"] == rows["addOrgTeamUser"]["target"] == team
    assert rows["createOrgTeam"]["body"]["users"] == [bob.id]
    assert rows["addGroupTeams"]["body"]["teams"] == {team: [READ]}
    assert "@" not in str([row["body"] for row in rows.values()]) + str([row["deltas"] for row in rows.values()])


# -- lists


def test_the_people_of_a_team_are_filtered(company):
    """By user, by username and by status; in the older version the active ones alone."""
    bob = company.person("bob")
    team = company.team("crew", company.ann, bob)
    invited = company.invite("pia").json["id"]
    done(company.put_in(team, invited))
    assert company.users_in(team) == [*sorted([company.ann.id, bob.id]), invited]
    assert company.users_in(team, f"?userId={bob.id}") == [bob.id]
    assert company.users_in(team, "?username=pia%40example.org") == [invited]
    assert company.users_in(team, f"?username=pia%40example.org&userId={bob.id}") == []
    assert company.users_in(team, "?username=unheard%40example.org") == []
    assert company.users_in(team, "?orgMembershipStatuses=PENDING") == [invited]
    assert company.users_in(team, "?orgMembershipStatus=ACTIVE") == sorted([company.ann.id, bob.id])
    carl = company.person("carl")
    for query in (f"?userId={carl.id}", f"?userId={NOBODY}", "?username=carl%40example.org"):
        assert company.users_in(team, query) == []
    path = f"{company.path}/teams/{team}/users"
    older = done(company.ann.get(path, accept=OLD))["results"]
    assert [user["id"] for user in older] == sorted([company.ann.id, bob.id])
    assert done(company.ann.get(f"{path}?userId={invited}", accept=OLD))["results"] == []
    for query in ("?userId=x", "?orgMembershipStatuses=GONE"):
        refused(company.ann.get(f"{path}{query}"), 400, "INVALID_QUERY_PARAMETER")


def test_every_page_of_a_team_holds_what_comes_next(world, company):
    """Active people come by id, then invited ones, then those whose term has passed; no page repeats anybody."""
    active = [company.person(f"p{number}") for number in range(5)]
    team = company.team("crew", *active)
    old = [company.invite(f"old{number}").json["id"] for number in range(2)]
    for user in old:
        done(company.put_in(team, user))
    world.clock.advance(days=31)
    new = [company.invite(f"new{number}").json["id"] for number in range(2)]
    for user in new:
        done(company.put_in(team, user))
    everybody = [*sorted(who.id for who in active), *sorted(new), *sorted(old)]
    statuses = "orgMembershipStatuses=PENDING,ACTIVE,INVITATION_EXPIRED"
    for size in (1, 2, 4, 9):
        pages = [company.users_in(team, f"?{statuses}&itemsPerPage={size}&pageNum={page}") for page in range(1, 11)]
        assert [user for page in pages for user in page] == everybody
    shown = done(company.ann.get(f"{company.path}/teams/{team}/users"))
    assert shown["totalCount"] == 7


def test_teams_are_listed_by_name_page_by_page(company):
    """Teams of an organization come by name; those of a project by id; each page says how many there are."""
    web = company.bare_project()
    made = {name: company.team(name, on={web: [READ]}) for name in ("d", "b", "e", "a", "c")}
    listed = []
    for page in (1, 2, 3):
        shown = done(company.ann.get(f"{company.path}/teams?itemsPerPage=2&pageNum={page}"))
        assert shown["totalCount"] == 5
        listed += [team["name"] for team in shown["results"]]
    assert listed == list("abcde")
    pages = [
        done(company.ann.get(f"/groups/{web}/teams?itemsPerPage=2&pageNum={page}"))["results"] for page in (1, 2, 3)
    ]
    assert [team["teamId"] for page in pages for team in page] == sorted(made.values())


# -- rule 15: who reaches a project otherwise


def people_of(company, project, query="", accept=None):
    """Give the direct roles of those whom a project lists, by name."""
    options = {} if accept is None else {"accept": accept}
    shown = done(company.ann.get(f"/groups/{project}/users{query}", **options))
    assert shown["totalCount"] == len(shown["results"]) == len({user["id"] for user in shown["results"]})
    return {user["username"].removesuffix("@example.org"): user["roles"] for user in shown["results"]}


def test_rule_015_a_project_lists_who_was_added_to_it(company):
    """Rule 15: people of teams and readers by organization are left out unless they are asked for."""
    web = company.bare_project()
    bob = company.person("bob", on={web: [READ]})
    carl = company.person("carl")
    company.person("rhea", "ORG_READ_ONLY")
    company.person("paul", "ORG_BILLING_ADMIN")
    company.team("crew", bob, carl, on={web: [OWNER]})
    assert people_of(company, web) == {"bob": [READ]}
    assert people_of(company, web, "?flattenTeams=true") == {"bob": [READ], "carl": []}
    assert people_of(company, web, "?includeOrgUsers=true") == {"bob": [READ], "ann": [], "rhea": []}
    both = "?flattenTeams=True&includeOrgUsers=True"
    assert people_of(company, web, both) == {"bob": [READ], "carl": [], "ann": [], "rhea": []}
    assert people_of(company, web, f"{both}&username=carl%40example.org") == {"carl": []}
    assert people_of(company, web, f"{both}&username=bob%40example.org") == {"bob": [READ]}
    assert people_of(company, web, f"{both}&username=paul%40example.org") == {}
    assert set(people_of(company, web, both, OLD)) == {"ann", "bob", "carl", "rhea"}


def test_rule_015_invited_people_of_teams_are_listed_as_invited(world, company):
    """Rule 15: who waits stands after those who are in, and is left out where active ones are asked for."""
    web = company.bare_project()
    pia = company.invite("pia").json["id"]
    team = company.team(on={web: [READ]})
    done(company.put_in(team, pia))
    done(company.add(web, "quentin"))
    shown = done(company.ann.get(f"/groups/{web}/users?flattenTeams=true"))["results"]
    assert [user["orgMembershipStatus"] for user in shown] == ["ACTIVE", "PENDING", "PENDING"]
    assert [user["username"][:3] for user in shown] == ["tes", "que", "pia"]
    assert set(people_of(company, web, "?flattenTeams=true&orgMembershipStatuses=ACTIVE")) == {"tess"}
    pages = [
        done(company.ann.get(f"/groups/{web}/users?flattenTeams=true&itemsPerPage=1&pageNum={page}"))
        for page in (1, 2, 3)
    ]
    assert [page["results"][0]["username"][:3] for page in pages] == ["tes", "que", "pia"]
    world.clock.advance(days=31)
    assert set(people_of(company, web, "?flattenTeams=true")) == {"tess"}
    expired = people_of(company, web, "?flattenTeams=true&orgMembershipStatuses=INVITATION_EXPIRED")
    assert set(expired) == {"pia", "quentin"}


def test_rule_015_roles_that_are_not_in_force_reach_nothing(company):
    """Rule 15: whose organization role has ended, or whose team's has, has no access that could be listed."""
    web, rhea = company.bare_project(), company.person("rhea", "ORG_READ_ONLY", "ORG_MEMBER")
    bob = company.person("bob")
    team = company.team("crew", bob, on={web: [READ]})
    done(company.bound(rhea.id, "ORG_READ_ONLY", starts=60))
    done(
        company.ann.put(f"/api/orgward/v1/groups/{web}/teams/{team}/roles/{READ}", {"startsAt": "2030-01-01T00:00:00Z"})
    )
    assert set(people_of(company, web, "?flattenTeams=true&includeOrgUsers=true")) == {"ann"}


def test_rule_015_whoever_declined_the_project_and_has_it_by_a_team_is_listed(cloud):
    """Rule 15: an invitation to the project that came to nothing does not hide somebody who has it otherwise."""
    web = cloud.bare_project()
    done(cloud.add(web, "new"))
    new = cloud.outsider("new")
    (waiting,) = done(new.get("/api/orgward/v1/me/invitations"))["results"]
    done(new.post(f"/api/orgward/v1/me/invitations/{waiting['id']}:decline"))
    new = cloud.person("new")
    cloud.team("crew", new, on={web: [READ]})
    assert people_of(cloud, web, "?flattenTeams=true") == {"new": []}
    assert people_of(cloud, web, "?flattenTeams=true&username=new%40example.org") == {"new": []}


def test_the_teams_of_a_user_are_shown_and_replaced(company):
    """`teamIds` of a member: shown to the organization, replaced exactly, left alone where they are not named."""
    bob, path = company.person("bob"), company.path
    crew, band, club = (company.team(name) for name in ("crew", "band", "club"))
    body = {"teamIds": [crew, band, crew]}
    assert done(company.ann.patch(f"{path}/users/{bob.id}", body))["teamIds"] == sorted([crew, band])
    assert done(company.change(bob.id, "ORG_READ_ONLY"))["teamIds"] == sorted([crew, band])
    assert done(company.ann.patch(f"{path}/users/{bob.id}", {"teamIds": [club, band]}))["teamIds"] == sorted(
        [club, band]
    )
    assert company.users_in(crew) == [company.person("tess").id]
    for team in (NOBODY, company.id):
        refused(company.ann.patch(f"{path}/users/{bob.id}", {"teamIds": [crew, team]}), 404, "TEAM_NOT_IN_ORG")
    assert company.user(bob.id)["teamIds"] == sorted([club, band])
    assert done(company.ann.patch(f"{path}/users/{bob.id}", {"teamIds": []}))["teamIds"] == []


def test_a_member_who_makes_a_team_is_named(company):
    """The addresses of a team are those that people have, however they were written."""
    bob = company.person("bob")
    shown = done(create(company, "crew", " BOB@Example.ORG".strip()))
    assert shown["usernames"] == [username_of(company.world, bob.id)]

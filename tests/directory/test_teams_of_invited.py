"""Rules 53 and 56: invited people in teams, which give nothing until they accept, and ask their inviter again then."""

import pytest

from tests.directory.company import OLD, OWN, accept, address, decline, done, fresh_name, own_invitations, refused
from tests.store_checker import check_store

READ, OWNER = "GROUP_READ_ONLY", "GROUP_OWNER"


def invite(company, who, *teams, by=None):
    """Invite somebody with places in teams, and give their id."""
    body = {"username": address(who), "roles": {"orgRoles": ["ORG_MEMBER"]}, "teamIds": list(teams)}
    return done((by or company.ann).post(f"{company.path}/users", body))["id"]


def sound(company):
    """See that nothing in the store dangles."""
    assert check_store(company.world.store.path) == []


@pytest.fixture
def web(company):
    """Give a project in which nobody holds a role."""
    return company.bare_project("web")


@pytest.fixture
def team(company, web):
    """Give a team that reads the project."""
    return company.team("crew", on={web: [READ]})


def test_rule_056_an_invitation_carries_teams(company, web, team):
    """Rule 56: who was invited with a team stands in it at once, and has what it gives from acceptance on."""
    user = invite(company, "pia", team, team)
    pia = company.outsider("pia")
    assert company.user(user)["teamIds"] == [team]
    assert user in company.users_in(team)
    (shown,) = done(company.ann.get(f"{company.path}/invites", accept=OLD))
    assert shown["teamIds"] == [team]
    sound(company)
    assert not company.allows(pia, "project.read", web)
    done(accept(pia, shown["id"]))
    assert company.allows(pia, "project.read", web)
    assert company.user(user)["teamIds"] == [team]
    sound(company)


def test_rule_056_the_older_generation_carries_teams_too(company, team):
    """Rule 56: `teamIds` of an invitation: made, shown, replaced where they are named and left where not."""
    other = company.team("band")
    body = {"username": address("pia"), "teamIds": [team]}
    made = done(company.ann.post(f"{company.path}/invites", body, accept=OLD))
    assert made["teamIds"] == [team]
    path = f"{company.path}/invites/{made['id']}"
    assert done(company.ann.patch(path, {"roles": ["ORG_READ_ONLY"]}, accept=OLD))["teamIds"] == [team]
    shown = done(company.ann.patch(path, {"teamIds": [other]}, accept=OLD))
    assert (shown["teamIds"], shown["roles"]) == ([other], ["ORG_READ_ONLY"])
    sound(company)
    both = {"username": address("pia"), "teamIds": [team, other]}
    shown = done(company.ann.patch(f"{company.path}/invites", both, accept=OLD))
    assert shown["teamIds"] == sorted([team, other])
    assert done(company.ann.patch(path, {"teamIds": []}, accept=OLD))["teamIds"] == []
    assert company.users_in(other) == [company.person("tess").id]
    sound(company)


def test_rule_053_a_pending_user_is_put_into_teams_and_taken_out(company, web, team):
    """Rule 53: by the team as by the user; the invitation says what acceptance will give."""
    invitation = company.invited("pia", on={web: ["GROUP_DATA_ACCESS_READ_ONLY"]})
    pia = company.outsider("pia")
    done(company.put_in(team, pia.id))
    path = f"{company.path}/invites/{invitation}"
    assert done(company.ann.get(path, accept=OLD))["teamIds"] == [team]
    refused(company.put_in(team, pia.id), 409, "USER_ALREADY_IN_TEAM")
    assert done(company.take_out(team, pia.id))["teamIds"] == []
    assert done(company.ann.get(path, accept=OLD))["teamIds"] == []
    sound(company)
    body = {"teamIds": [team]}
    shown = done(company.ann.patch(f"{company.path}/users/{pia.id}", body))
    assert (shown["teamIds"], shown["roles"]["orgRoles"]) == ([team], ["ORG_MEMBER"])
    assert shown["roles"]["groupRoleAssignments"] == [{"groupId": web, "groupRoles": ["GROUP_DATA_ACCESS_READ_ONLY"]}]
    done(company.add_role(pia.id, "ORG_READ_ONLY"))
    done(company.add_role(pia.id, READ, project=web))
    assert done(company.ann.get(path, accept=OLD))["teamIds"] == [team]
    sound(company)
    done(accept(pia, invitation))
    assert company.user(pia.id)["teamIds"] == [team]


def test_rule_065_a_team_is_made_of_invited_people_too(company):
    """Rules 53 and 65: somebody on the way may be among those whom a new team begins with."""
    invitation = company.invited("pia")
    made = done(company.ann.post(f"{company.path}/teams", {"name": "crew", "usernames": [address("pia")]}))
    assert made["usernames"] == [address("pia")]
    sound(company)
    done(accept(company.outsider("pia"), invitation))
    assert company.users_in(made["id"]) == [company.outsider("pia").id]


@pytest.mark.parametrize("how", ["declined", "expired"])
def test_rule_053_who_is_not_on_the_way_any_more_is_not_in(company, team, how):
    """Rule 53: expired and declined people count as not in the organization, for its teams too."""
    invitation = company.invited("pia")
    pia = company.outsider("pia")
    done(decline(pia, invitation)) if how == "declined" else company.world.clock.advance(days=31)
    refused(company.put_in(team, pia.id), 404, "USER_NOT_FOUND")
    body = {"name": "band", "usernames": [address("pia")]}
    refused(company.ann.post(f"{company.path}/teams", body), 404, "USERNAME_NOT_FOUND")


@pytest.mark.parametrize("end", ["cancel", "decline", "remove", "erase"])
def test_rule_053_an_invitation_that_ends_ends_its_places(company, team, end):
    """Rule 53: cancelled, declined, removed, forgotten: nobody stands in the team any more."""
    user = invite(company, "pia", team)
    pia, invitation = company.outsider("pia"), company.invitation_of("pia")
    if end == "cancel":
        done(company.ann.delete(f"{company.path}/invites/{invitation}", accept=OLD))
    elif end == "decline":
        done(decline(pia, invitation))
    elif end == "remove":
        done(company.remove(user))
    else:
        company.world.erase(address("pia"))
    assert company.users_in(team) == [company.person("tess").id]
    assert company.world.store.view.find("team_members", user_id=user) == []
    sound(company)


def test_rule_052_a_new_invitation_replaces_the_places_of_the_old(company, team):
    """Rule 52: who is invited again stands where the new invitation says, and nowhere else."""
    other = company.team("band")
    user = invite(company, "pia", team)
    company.world.clock.advance(days=31)
    assert user in company.users_in(team, "?orgMembershipStatuses=INVITATION_EXPIRED")
    sound(company)
    assert invite(company, "pia", other) == user
    assert company.user(user)["teamIds"] == [other]
    sound(company)


def test_an_invitation_that_is_sent_again_keeps_its_places(company, web, team):
    """Contract: a new link and a new term, and the same teams."""
    invite(company, "pia", team)
    pia, invitation = company.outsider("pia"), company.invitation_of("pia")
    company.world.clock.advance(days=31)
    done(company.ann.post(f"{OWN}/orgs/{company.id}/invitations/{invitation}:resend"))
    sound(company)
    done(accept(pia, invitation))
    assert company.allows(pia, "project.read", web)


@pytest.mark.parametrize("has_roles", [False, True])
def test_the_inviter_is_asked_again_about_the_team(company, web, has_roles):
    """Contract: whoever put somebody into a team, with roles or not, has to be able to do so still at acceptance."""
    team = company.team("crew", on={web: [READ]} if has_roles else None)
    boss = company.person("boss", "ORG_OWNER")
    invitation = company.invited("pia")
    pia = company.outsider("pia")
    done(company.put_in(team, pia.id, by=boss))
    done(company.change(boss.id, "ORG_MEMBER"))
    refused(accept(pia, invitation), 409, "INVITER_LOST_RIGHT")
    assert company.status_of(pia.id) == "PENDING"
    done(company.change(boss.id, "ORG_OWNER"))
    done(accept(pia, invitation))


def test_the_inviter_of_one_team_does_not_hold_up_who_lost_another(company, team):
    """Contract: a part that was taken out again is not asked about."""
    boss = company.person("boss", "ORG_OWNER")
    invitation = company.invited("pia")
    pia = company.outsider("pia")
    done(company.put_in(team, pia.id, by=boss))
    done(company.remove(boss.id))
    done(company.take_out(team, pia.id))
    done(company.put_in(team, pia.id))
    done(accept(pia, invitation))


def test_a_team_that_stays_keeps_its_inviter(company, team):
    """Contract: naming a team again that an invitation gives already is not giving it anew."""
    boss, other = company.person("boss", "ORG_OWNER"), company.team("band")
    invitation = company.invited("pia")
    pia = company.outsider("pia")
    done(company.put_in(team, pia.id, by=boss))
    done(company.ann.patch(f"{company.path}/users/{pia.id}", {"teamIds": [team, other]}))
    done(company.remove(boss.id))
    refused(accept(pia, invitation), 409, "INVITER_LOST_RIGHT")


def test_a_deleted_team_leaves_open_invitations(company):
    """Rule 70: a team that is deleted is in no invitation any more, whoever still waits."""
    team, other = company.team("crew"), company.team("band")
    invite(company, "pia", team, other)
    invite(company, "quentin", team)
    done(company.ann.delete(f"{company.path}/teams/{team}"))
    sound(company)
    pia = company.outsider("pia")
    done(accept(pia, company.invitation_of("pia")))
    assert company.user(pia.id)["teamIds"] == [other]
    sound(company)


def test_accepting_is_no_self_change_for_teams(cloud):
    """Contract: accepting somebody else's invitation is exempt, with the teams that it carries."""
    web = cloud.bare_project()
    team = cloud.team("crew", on={web: [OWNER]})
    invite(cloud, "pia", team)
    pia = cloud.outsider("pia")
    done(accept(pia, cloud.invitation_of("pia")))
    assert cloud.allows(pia, "project.delete", web)


# -- two invitations at once, as Cloud Manager has them


def two_invitations(cloud, web, *teams):
    """Invite somebody without an account to the organization with teams, and to a project; give both invitations."""
    who = fresh_name()
    user = invite(cloud, who, *teams)
    first = cloud.invitation_of(who)
    done(cloud.add(web, who))
    person = cloud.outsider(who)
    assert person.id == user
    second = next(found["id"] for found in own_invitations(person) if found["id"] != first)
    return person, first, second


def test_places_wait_for_the_invitation_that_gives_them(cloud):
    """Who joins by another invitation is not in the team before that of the team is accepted and its inviter asked."""
    web, shop = cloud.bare_project("web"), cloud.bare_project("shop")
    team = cloud.team("crew", on={web: [OWNER]})
    person, first, second = two_invitations(cloud, shop, team)
    sound(cloud)
    done(accept(person, second))
    assert cloud.status_of(person.id) == "ACTIVE"
    assert not cloud.allows(person, "project.delete", web)
    assert cloud.user(person.id)["teamIds"] == []
    sound(cloud)
    done(accept(person, first))
    assert cloud.allows(person, "project.delete", web)
    sound(cloud)


def test_places_wait_when_somebody_is_brought_in_at_once(cloud):
    """Who has an account and is added to a project joins at once, but not the teams of an open invitation."""
    web, shop = cloud.bare_project("web"), cloud.bare_project("shop")
    team = cloud.team("crew", on={web: [OWNER]})
    pia = cloud.outsider("pia")
    invite(cloud, "pia", team)
    manager = cloud.person("manager", on={shop: ["GROUP_USER_ADMIN"]})
    done(cloud.add(shop, "pia", by=manager))
    assert not cloud.allows(pia, "project.delete", web)
    assert cloud.user(pia.id)["teamIds"] == []
    sound(cloud)
    done(accept(pia, cloud.invitation_of("pia")))
    assert cloud.allows(pia, "project.delete", web)


def test_places_wait_when_the_operator_enrols_somebody(company, team):
    """Who is made a member by the operator is in no team before the invitation to it is accepted."""
    pia = company.outsider("pia")
    invite(company, "pia", team)
    company.person("pia")
    assert company.user(pia.id)["teamIds"] == []
    done(accept(pia, company.invitation_of("pia")))
    assert company.user(pia.id)["teamIds"] == [team]
    sound(company)


def test_a_place_that_two_invitations_give_outlasts_one(cloud):
    """Somebody stands in a team as long as one open invitation says so."""
    web = cloud.bare_project()
    team, other = cloud.team("crew"), cloud.team("band")
    who = fresh_name()
    done(cloud.add(web, who))
    person = cloud.outsider(who)
    done(cloud.put_in(team, person.id))
    done(cloud.put_in(other, person.id))
    invite(cloud, who, team)
    first = cloud.invitation_of(who)
    sound(cloud)
    done(cloud.ann.delete(f"{cloud.path}/invites/{first}", accept=OLD))
    assert cloud.user(person.id)["teamIds"] == sorted([team, other])
    sound(cloud)
    invite(cloud, who, team)
    shown = done(cloud.ann.patch(f"{cloud.path}/users/{person.id}", {"teamIds": []}))
    assert shown["teamIds"] == []
    assert cloud.users_in(team) == cloud.users_in(other) == [cloud.person("tess").id]
    sound(cloud)


def test_who_is_in_a_team_is_not_put_in_again_by_an_open_invitation(company, team):
    """An invitation to a member, still open, gives no second place; leaving the team takes it out of there too."""
    pia = company.outsider("pia")
    invite(company, "pia", team)
    invitation = company.invitation_of("pia")
    company.person("pia")
    done(company.put_in(team, pia.id))
    done(company.take_out(team, pia.id))
    assert done(company.ann.get(f"{company.path}/invites/{invitation}", accept=OLD))["teamIds"] == []
    done(accept(pia, invitation))
    assert company.user(pia.id)["teamIds"] == []
    sound(company)


def test_ending_an_open_invitation_leaves_the_teams_of_a_member(company, team):
    """Who became a member meanwhile, and was put into the team, stays there when the invitation ends."""
    pia = company.outsider("pia")
    invite(company, "pia", team)
    invitation = company.invitation_of("pia")
    company.person("pia")
    done(company.put_in(team, pia.id))
    done(decline(pia, invitation))
    assert company.user(pia.id)["teamIds"] == [team]
    sound(company)

"""Rules 143 and 144: how many users, how many teams; with small numbers, at their edges."""

import pytest

from tests.directory.company import OLD, OWN, Company, accept, address, decline, done, refused, set_limits

FULL_TEAM = (400, "MAX_USERS_PER_TEAM_EXCEEDED")
TOO_MANY_TEAMS = (400, "MAX_TEAMS_PER_USER_EXCEEDED")
READ = "GROUP_READ_ONLY"


def people(company, *names):
    """Make members of these names."""
    return [company.person(name) for name in names]


def test_rule_143_a_new_team_holds_so_many_users(world, company):
    """Rule 143: exactly as many as the limit says may be named, and not one more."""
    people(company, "bob", "carl")
    set_limits(world, users_per_team=2)
    two, three = ([address(name) for name in names] for names in (("ann", "bob"), ("ann", "bob", "carl")))
    refused(company.ann.post(f"{company.path}/teams", {"name": "crew", "usernames": three}), *FULL_TEAM)
    done(company.ann.post(f"{company.path}/teams", {"name": "crew", "usernames": two}))


def test_rule_143_every_way_into_a_team_stops_at_the_limit(world, company):
    """Rule 143: one by one, many at once, by the user's teams, by an invitation."""
    bob, carl, dora = people(company, "bob", "carl", "dora")
    team = company.team("crew", bob)
    set_limits(world, users_per_team=2)
    both = [{"id": carl.id}, {"id": dora.id}]
    reply = company.ann.post(f"{company.path}/teams/{team}/users", both, accept=OLD)
    refused(reply, *FULL_TEAM)
    assert reply.json["parameters"] == ["2", team]
    done(company.put_in(team, carl.id))
    refused(company.put_in(team, dora.id), *FULL_TEAM)
    refused(company.ann.patch(f"{company.path}/users/{dora.id}", {"teamIds": [team]}), *FULL_TEAM)
    body = {"username": address("pia"), "roles": {"orgRoles": ["ORG_MEMBER"]}, "teamIds": [team]}
    refused(company.ann.post(f"{company.path}/users", body), *FULL_TEAM)
    done(company.ann.patch(f"{company.path}/users/{carl.id}", {"teamIds": [team]}))
    done(company.take_out(team, bob.id))
    done(company.put_in(team, dora.id))


@pytest.mark.parametrize("end", ["declined", "expired", "removed"])
def test_rule_143_who_goes_makes_room_and_needs_it_to_come_back(world, company, end):
    """Rule 143: invited people count until they decline or their term passes, and again when they are asked again."""
    bob, carl = people(company, "bob", "carl")
    team = company.team("crew", bob)
    set_limits(world, users_per_team=2)
    invitation = company.invited("pia")
    pia = company.outsider("pia")
    done(company.put_in(team, pia.id))
    refused(company.put_in(team, carl.id), *FULL_TEAM)
    if end == "declined":
        done(decline(pia, invitation))
    elif end == "removed":
        done(company.remove(pia.id))
    else:
        world.clock.advance(days=31)
    done(company.put_in(team, carl.id))
    body = {"username": address("pia"), "roles": {"orgRoles": ["ORG_MEMBER"]}, "teamIds": [team]}
    refused(company.ann.post(f"{company.path}/users", body), *FULL_TEAM)
    if end == "expired":
        refused(company.ann.post(f"{OWN}/orgs/{company.id}/invitations/{invitation}:resend"), *FULL_TEAM)


def test_rule_143_accepting_needs_room(world, company):
    """Rule 143: a place that waits beside a membership is counted when it is taken."""
    team = company.team("crew")
    pia = company.outsider("pia")
    body = {"username": address("pia"), "roles": {"orgRoles": ["ORG_MEMBER"]}, "teamIds": [team]}
    done(company.ann.post(f"{company.path}/users", body))
    invitation = company.invitation_of("pia")
    company.person("pia")
    (bob,) = people(company, "bob")
    set_limits(world, users_per_team=2)
    done(company.put_in(team, bob.id))
    refused(accept(pia, invitation), *FULL_TEAM)
    done(company.take_out(team, bob.id))
    done(accept(pia, invitation))


def test_rule_144_an_organization_has_so_many_teams(world, company):
    """Rule 144: one team more than the limit is refused; a deleted one makes room."""
    set_limits(world, teams_per_organization=2)
    crew = company.team("crew")
    company.team("band")
    body = {"name": "club", "usernames": [address("ann")]}
    reply = company.ann.post(f"{company.path}/teams", body)
    refused(reply, 400, "MAX_TEAMS_PER_ORG_EXCEEDED")
    assert reply.json["parameters"] == ["2", company.id]
    Company.found(world, company.edition, name="Elsewhere", owner="eve").team("club")
    done(company.ann.delete(f"{company.path}/teams/{crew}"))
    company.team("club")


def test_rule_144_a_project_has_so_many_teams(world, company):
    """Rule 144: teams count once, however many roles they have; all of a body come or none."""
    web = company.bare_project()
    crew, band, club = (company.team(name) for name in ("crew", "band", "club"))
    set_limits(world, teams_per_project=2)
    done(company.assign(web, crew, READ, "GROUP_OWNER"))
    both = [{"teamId": team, "roleNames": [READ]} for team in (band, club)]
    reply = company.ann.post(f"/groups/{web}/teams", both)
    refused(reply, 400, "MAX_TEAMS_PER_GROUP_EXCEEDED")
    assert reply.json["parameters"] == ["2", web]
    done(company.assign(web, band, READ))
    refused(company.assign(web, club, READ), 400, "MAX_TEAMS_PER_GROUP_EXCEEDED")
    done(company.reassign(web, band, READ, "GROUP_OWNER"))
    done(company.unassign(web, crew))
    done(company.assign(web, club, READ))


def test_rule_144_a_user_is_in_so_many_teams(world, company):
    """Rule 144: every way in stops at the limit, and teams of other organizations count."""
    (bob,) = people(company, "bob")
    there = Company.found(world, company.edition, name="Elsewhere", owner="eve")
    there.person("bob")
    there.team("theirs", bob)
    crew, band, club = company.team("crew", bob), company.team("band"), company.team("club")
    set_limits(world, teams_per_user=2)
    reply = company.put_in(band, bob.id)
    refused(reply, *TOO_MANY_TEAMS)
    assert reply.json["parameters"] == ["2", bob.id]
    refused(company.ann.patch(f"{company.path}/users/{bob.id}", {"teamIds": [crew, band]}), *TOO_MANY_TEAMS)
    refused(company.ann.post(f"{company.path}/teams", {"name": "own", "usernames": [address("bob")]}), *TOO_MANY_TEAMS)
    done(company.ann.patch(f"{company.path}/users/{bob.id}", {"teamIds": [club]}))
    body = {"username": address("pia"), "roles": {"orgRoles": ["ORG_MEMBER"]}, "teamIds": [crew, band, club]}
    refused(company.ann.post(f"{company.path}/users", body), *TOO_MANY_TEAMS)
    done(company.ann.post(f"{company.path}/users", {**body, "teamIds": [crew, band]}))
    refused(company.put_in(club, company.outsider("pia").id), *TOO_MANY_TEAMS)


def test_rule_144_places_elsewhere_that_wait_keep_nobody_out(world, company):
    """Rule 144: an organization cannot fill somebody's teams by invitations; they count where they are accepted."""
    there = Company.found(world, company.edition, name="Elsewhere", owner="eve")
    theirs = there.team("theirs", there.ann)
    body = {"username": address("bob"), "roles": {"orgRoles": ["ORG_MEMBER"]}, "teamIds": [theirs]}
    done(there.ann.post(f"{there.path}/users", body))
    (bob,) = people(company, "bob")
    set_limits(world, teams_per_user=1)
    done(company.put_in(company.team(), bob.id))
    refused(accept(bob, there.invitation_of("bob")), *TOO_MANY_TEAMS)
    set_limits(world, teams_per_user=2)
    done(accept(bob, there.invitation_of("bob")))

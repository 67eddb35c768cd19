"""Contract, "Who may hand out what" and "Self-change", for teams: who joins one is given what it holds.

Attack rows 4 and 31: whoever may not hand out a team's roles neither fills it nor empties it, and nobody raises
themself by way of one.
"""

import pytest

from orgward.app.mint import Mint
from orgward.catalog import DEFAULT_LIMITS, EDITIONS
from orgward.directory import members, teams
from orgward.directory.ground import Ground
from orgward.engine.authorized import Gates, authorize
from orgward.kernel.errors import RefusedError
from orgward.kernel.principal import Principal
from orgward.kernel.resource import ResourceRef
from tests.directory.company import OWN, done, log_rows, refused

READ, OWNER = "GROUP_READ_ONLY", "GROUP_OWNER"
OWN_ROLES = (400, "CANNOT_MODIFY_OWN_ROLES")
NOT_GRANTABLE = (403, "ROLE_NOT_GRANTABLE")


def ground_of(company, who):
    """Stand on the organization as somebody in it: what an operation required is not the rule's business."""
    world = company.world
    facts, now = world.store.snapshot, world.clock.now
    resource = ResourceRef("organization", company.id, org=company.id)
    principal = Principal("user" if who.token else "api_key", who.id)
    proof = authorize(facts, principal, ("org.read",), resource, now=now, gates=Gates())
    return Ground(proof, world.store.view, facts, now, Mint(world.store.keyring, now), DEFAULT_LIMITS)


def not_grantable(rule, *arguments):
    """See that a rule refuses because of a role that the caller may not hand out."""
    with pytest.raises(RefusedError) as refusal:
        rule(*arguments)
    assert refusal.value.code == "ROLE_NOT_GRANTABLE"


# -- filling a team hands out its roles


def test_row_31_filling_a_team_hands_out_its_roles(company):
    """Row 31: putting somebody in or taking them out is giving and taking each role that the team has anywhere."""
    web, shop = company.bare_project("web"), company.bare_project("shop")
    boss = company.person("boss", on={web: [OWNER], shop: [READ]})
    bob, carl = company.person("bob"), company.person("carl")
    mine = company.team("mine", carl, on={web: [OWNER]})
    wider = company.team("wider", carl, on={web: [OWNER], shop: [READ]})
    ground = ground_of(company, boss)
    assert teams.add_users(ground, mine, [bob.id]).deltas
    assert teams.remove_user(ground, mine, carl.id).deltas
    not_grantable(teams.add_users, ground, wider, [bob.id])
    not_grantable(teams.remove_user, ground, wider, carl.id)
    not_grantable(members.change_roles, ground, bob.id, None, None, [wider])
    not_grantable(members.change_roles, ground, carl.id, None, None, [mine])
    assert members.change_roles(ground, carl.id, None, None, [wider]).deltas


def test_row_31_an_invitation_to_a_team_hands_out_its_roles(company):
    """Row 31: the same by way of an invitation, sent, amended, or of somebody who waits."""
    web, shop = company.bare_project("web"), company.bare_project("shop")
    boss = company.person("boss", on={web: [OWNER]})
    mine, wider = company.team("mine", on={web: [OWNER]}), company.team("wider", on={shop: [READ]})
    pia = company.invite("pia").json["id"]
    done(company.put_in(wider, pia))
    ground = ground_of(company, boss)
    assert teams.add_users(ground, mine, [pia]).deltas
    assert members.change_roles(ground, pia, None, None, [wider, mine]).deltas
    not_grantable(members.change_roles, ground, pia, None, None, [mine])
    not_grantable(teams.remove_user, ground, wider, pia)
    not_grantable(members.invite, ground, "quentin@example.org", ["ORG_MEMBER"], {}, [wider])
    other = company.team("other", on={shop: [READ]})
    not_grantable(members.change_roles, ground, pia, None, None, [wider, other])


def test_row_31_roles_that_begin_later_or_have_ended_count(company):
    """Row 31: a role of the team that is not in force is handed out with it all the same."""
    web, boss, bob = company.bare_project(), company.person("boss"), company.person("bob")
    team = company.team(on={web: [READ]})
    for bounds in ({"startsAt": "2030-01-01T00:00:00Z"}, {"endsAt": "2027-01-01T00:00:00Z"}):
        done(company.ann.put(f"{OWN}/groups/{web}/teams/{team}/roles/{READ}", bounds))
        not_grantable(teams.add_users, ground_of(company, boss), team, [bob.id])


def test_row_04_a_team_is_given_only_what_its_giver_may_hand_out(atlas):
    """Row 4: a manager of access does not make owners by way of a team, nor take owners away with one."""
    web = atlas.bare_project()
    manager = atlas.person("manager", on={web: ["GROUP_ACCESS_MANAGER"]})
    team, owning = atlas.team("crew"), atlas.team("band", on={web: [OWNER]})
    refused(atlas.assign(web, team, OWNER, by=manager), *NOT_GRANTABLE)
    done(atlas.assign(web, team, READ, by=manager))
    refused(atlas.reassign(web, team, READ, OWNER, by=manager), *NOT_GRANTABLE)
    refused(atlas.reassign(web, owning, READ, by=manager), *NOT_GRANTABLE)
    refused(atlas.unassign(web, owning, by=manager), *NOT_GRANTABLE)
    path = f"{OWN}/groups/{web}/teams/{owning}/roles/{OWNER}"
    refused(manager.put(path, {"endsAt": "2030-01-01T00:00:00Z"}), *NOT_GRANTABLE)
    assert atlas.teams_on(web) == {team: [READ], owning: [OWNER]}


def test_an_owner_role_given_to_a_team_by_somebody_else_raises_an_event(cloud):
    """Contract: an owner role given by somebody who is not owner raises an event of its own, to a team too."""
    web = cloud.bare_project()
    admin = cloud.person("admin", on={web: ["GROUP_USER_ADMIN"]})
    team = cloud.team("crew")
    done(cloud.assign(web, team, OWNER, by=admin))
    (event,) = [
        event
        for row in log_rows(cloud.world)
        for event in row["body"].get("events", ())
        if event["type"] == "OWNER_ROLE_GIVEN_BY_NON_OWNER"
    ]
    assert event == {"type": "OWNER_ROLE_GIVEN_BY_NON_OWNER", "holder": team, "scope": web, "role": OWNER}


def test_a_user_admin_gives_every_role_to_teams_of_others(cloud):
    """Contract: Project User Admin gives every project role there, Project Owner included, to teams it is not in."""
    web = cloud.bare_project()
    admin = cloud.person("admin", on={web: ["GROUP_USER_ADMIN"]})
    roles = [name for name, role in EDITIONS["cloud_manager"].roles.items() if role.scope == "project"]
    team = cloud.team("others")
    done(cloud.assign(web, team, *roles, by=admin))
    assert cloud.teams_on(web) == {team: sorted(roles)}
    done(cloud.unassign(web, team, by=admin))


def test_who_puts_people_into_teams_may_also_invite_and_remove(company):
    """The privileges by which people come into teams have the same holders, so that each operation asks for one."""
    roles = company.ann.get(f"{OWN}/roles?edition={company.edition}&itemsPerPage=500").json["results"]
    wanted = ("org.teams.members.add", "org.teams.members.remove", "org.users.update_roles", "org.invitations.create")
    holders = {name: {role["name"] for role in roles if name in role["privileges"]} for name in wanted}
    assert set(map(frozenset, holders.values())) == {frozenset({"ORG_OWNER"})}


# -- self-change


def test_rule_033_in_cloud_manager_nobody_joins_or_leaves_a_team_with_roles(cloud):
    """Rule 33: joining a team that has a role, or leaving it, changes one's own roles, owners' too."""
    web = cloud.bare_project()
    team = cloud.team("crew", on={web: [READ]})
    refused(cloud.put_in(team, cloud.ann.id), *OWN_ROLES)
    refused(cloud.ann.patch(f"{cloud.path}/users/{cloud.ann.id}", {"teamIds": [team]}), *OWN_ROLES)
    boss = cloud.person("boss", "ORG_OWNER")
    done(cloud.put_in(team, boss.id))
    refused(cloud.take_out(team, boss.id, by=boss), *OWN_ROLES)
    refused(boss.patch(f"{cloud.path}/users/{boss.id}", {"teamIds": []}), *OWN_ROLES)


def test_rule_033_in_cloud_manager_one_may_join_a_team_without_roles(cloud):
    """Rule 33 is about roles: a team that has none changes nothing, and neither does leaving it."""
    team = cloud.team("crew", cloud.ann)
    done(cloud.take_out(team, cloud.ann.id))
    done(cloud.put_in(team, cloud.ann.id))


def test_rule_033_in_cloud_manager_nobody_touches_the_roles_of_their_team(cloud):
    """Rule 33: what a team that one is in holds is one's own: not given, replaced, bounded or taken."""
    web, shop = cloud.bare_project("web"), cloud.bare_project("shop")
    team = cloud.team("crew", cloud.ann)
    refused(cloud.assign(web, team, READ), *OWN_ROLES)
    done(cloud.assign(shop, team, READ, by=cloud.owner_key))
    refused(cloud.reassign(shop, team, OWNER), *OWN_ROLES)
    refused(cloud.unassign(shop, team), *OWN_ROLES)
    path = f"{OWN}/groups/{shop}/teams/{team}/roles/{READ}"
    refused(cloud.ann.put(path, {"endsAt": "2030-01-01T00:00:00Z"}), *OWN_ROLES)
    done(cloud.reassign(shop, team, READ))
    admin = cloud.person("admin", on={shop: ["GROUP_USER_ADMIN"]})
    done(cloud.put_in(team, admin.id, by=cloud.owner_key))
    refused(cloud.reassign(shop, team, READ, OWNER, by=admin), *OWN_ROLES)


def test_rule_033_a_role_that_is_held_already_is_one_more_by_a_team(cloud):
    """Rule 33: who owns everything would gain nothing, and is refused in Cloud Manager all the same."""
    web = cloud.bare_project()
    done(cloud.add(web, "ann", OWNER, by=cloud.owner_key))
    team = cloud.team("crew", cloud.ann)
    refused(cloud.assign(web, team, OWNER), *OWN_ROLES)


def test_rule_033_in_atlas_nobody_gains_by_a_team(atlas):
    """Contract: in Atlas joining, or giving to one's team, is refused where one would hold more than before."""
    web, shop = atlas.bare_project("web"), atlas.bare_project("shop")
    manager = atlas.person("manager", on={web: ["GROUP_ACCESS_MANAGER"]})
    team = atlas.team("crew", manager)
    refused(atlas.assign(web, team, "GROUP_CLUSTER_CREATOR", by=manager), *OWN_ROLES)
    done(atlas.assign(web, team, READ))
    refused(atlas.reassign(web, team, READ, "GROUP_BACKUP_MANAGER", by=manager), *OWN_ROLES)
    done(atlas.reassign(web, team, "GROUP_ACCESS_MANAGER"))
    done(atlas.unassign(web, team, by=manager))
    done(atlas.assign(shop, team, "GROUP_ACCESS_MANAGER"))
    refused(atlas.assign(shop, atlas.team("band", manager), "GROUP_BACKUP_MANAGER", by=manager), *OWN_ROLES)


def test_rule_033_in_atlas_nobody_gains_later_by_a_team(atlas):
    """Contract: a role of the team that would go on longer is a gain."""
    web = atlas.bare_project()
    manager = atlas.person("manager", on={web: ["GROUP_ACCESS_MANAGER"]})
    team = atlas.team("crew", manager)
    done(atlas.assign(web, team, "GROUP_CLUSTER_CREATOR"))
    path = f"{OWN}/groups/{web}/teams/{team}/roles/GROUP_CLUSTER_CREATOR"
    done(atlas.ann.put(path, {"endsAt": "2027-02-01T00:00:00Z"}))
    refused(manager.put(path, {"endsAt": "2027-03-01T00:00:00Z"}), *OWN_ROLES)
    done(manager.put(path, {"endsAt": "2027-01-20T00:00:00Z"}))


def test_rule_033_in_atlas_an_owner_joins_any_team(atlas):
    """Contract: an owner of the organization gains nothing by a team, and may lose it again."""
    web = atlas.bare_project()
    team = atlas.team("crew", on={web: [OWNER]})
    done(atlas.put_in(team, atlas.ann.id))
    done(atlas.take_out(team, atlas.ann.id))


def test_leaving_the_organization_is_no_self_change_for_teams(company):
    """Contract: leaving is exempt, with every team that one is in."""
    web, bob = company.bare_project(), company.person("bob")
    team = company.team("crew", bob, on={web: [OWNER]})
    boss = company.person("boss", "ORG_OWNER")
    done(company.put_in(team, boss.id))
    assert company.remove(boss.id, by=boss).status == 204
    assert company.users_in(team) == [bob.id]


def test_an_owner_by_a_team_is_no_last_owner(cloud):
    """Rule 36: a team that owns a project does not stand in for its last owner of its own."""
    web = cloud.project()
    bob = cloud.person("bob")
    cloud.team("crew", bob, on={web: [OWNER]})
    refused(cloud.remove(cloud.ann.id, project=web), 403, "CANNOT_DELETE_LAST_ADMIN")


def test_a_team_that_goes_off_a_project_takes_no_last_owner(cloud):
    """Rule 36 counts people: a team may leave a project that nobody else owns."""
    web = cloud.bare_project()
    team = cloud.team("crew", on={web: [OWNER]})
    done(cloud.unassign(web, team))
    assert cloud.teams_on(web) == {}


# -- bounds


def test_the_bounds_of_a_teams_role_are_its_members(world, company):
    """Contract: a team's role counts while `starts <= now < ends`, for each of its members."""
    web, bob = company.bare_project(), company.person("bob")
    team = company.team("crew", bob, on={web: [READ]})
    path = f"{OWN}/groups/{web}/teams/{team}/roles/{READ}"
    shown = done(company.ann.put(path, {"startsAt": "2027-01-15T08:00:10Z", "endsAt": "2027-01-15T08:00:20Z"}))
    assert shown == {"role": READ, "startsAt": "2027-01-15T08:00:10Z", "endsAt": "2027-01-15T08:00:20Z"}
    seen = {}
    for offset in (9_999, 10_000, 19_999, 20_000):
        world.clock.now = 1_800_000_000_000 + offset
        seen[offset] = (bob.get(f"/groups/{web}").status, company.teams_on(web)[team])
    assert seen == {9_999: (404, []), 10_000: (200, [READ]), 19_999: (200, [READ]), 20_000: (404, [])}
    assert done(company.ann.put(path, {})) == {"role": READ, "startsAt": None, "endsAt": None}
    done(bob.get(f"/groups/{web}"))


def test_a_role_of_a_team_that_has_ended_is_given_anew(world, company):
    """Contract: an ended role stays with its team until it is taken off, and is in force when named again."""
    web, bob = company.bare_project(), company.person("bob")
    team = company.team("crew", bob, on={web: [READ]})
    done(company.ann.put(f"{OWN}/groups/{web}/teams/{team}/roles/{READ}", {"endsAt": "2027-01-15T08:00:10Z"}))
    world.clock.advance(seconds=10)
    assert company.teams_on(web) == {team: []}
    done(company.reassign(web, team, READ))
    assert company.teams_on(web) == {team: [READ]}
    done(bob.get(f"/groups/{web}"))


def test_bounds_are_for_a_role_that_the_team_has_there(company):
    """Contract: 404 for a role that is not held, and for what is no team on this project."""
    web, shop = company.bare_project("web"), company.bare_project("shop")
    bob = company.person("bob", on={web: [READ]})
    team = company.team(on={web: [READ]})
    prefix = f"{OWN}/groups/{web}/teams"
    refused(company.ann.put(f"{prefix}/{team}/roles/{OWNER}", {}), 404, "ROLE_NOT_HELD")
    refused(company.ann.put(f"{OWN}/groups/{shop}/teams/{team}/roles/{READ}", {}), 404, "TEAM_NOT_IN_GROUP")
    refused(company.ann.put(f"{prefix}/{bob.id}/roles/{READ}", {}), 404, "TEAM_NOT_IN_GROUP")
    early = {"startsAt": "2027-01-02T00:00:00Z", "endsAt": "2027-01-01T00:00:00Z"}
    refused(company.ann.put(f"{prefix}/{team}/roles/{READ}", early), 400, "INVALID_DATE_RANGE")
    reader = company.person("reader", on={web: [READ]})
    refused(reader.put(f"{prefix}/{team}/roles/{READ}", {}), 401, "USER_UNAUTHORIZED")

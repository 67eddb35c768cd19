"""Rules 35, 36 and 39: who leaves, what goes with them, and what they leave behind."""

import pytest

from tests.directory.company import OWN, Company, done, log_rows, refused
from tests.directory.joining import READ, asked, requests_to

UNKNOWN = "0123456789abcdef01234567"
OWNER = "GROUP_OWNER"
LAST = (403, "CANNOT_DELETE_LAST_ADMIN")
NOTHING = {"apiKeys": [], "ownerless": [], "serviceAccounts": []}


def leave_organization(who, org):
    """Leave an organization."""
    return who.post(f"{OWN}/me/organizations/{org}:leave")


def leave_project(who, project):
    """Leave a project."""
    return who.post(f"{OWN}/me/projects/{project}:leave")


def remove(company, user, by=None):
    """Remove a member with an answer."""
    return (by or company.ann).post(f"{OWN}/orgs/{company.id}/users/{user}:remove")


def key_in(company, project, by):
    """Make a key in a project, and give what an answer shows of it."""
    made = done(by.post(f"/groups/{project}/apiKeys", {"desc": "robot", "roles": [READ]}))
    return {"id": made["id"], "publicKey": made["publicKey"], "desc": "robot"}


def test_rule_035_a_plain_member_leaves(company):
    """Rule 35: a member leaves the organization without any privilege, and is out of it from the next request."""
    bob = company.person("bob")
    assert done(leave_organization(bob, company.id)) == NOTHING
    assert company.status_of(bob.id) is None
    refused(bob.get(company.path), 404, "ORG_NOT_FOUND")
    assert done(bob.get(f"{OWN}/me"))["organizations"] == []


def test_rule_039_projects_and_teams_are_left_with_the_organization(world, company):
    """Rule 39: with the organization go its projects and teams, and nothing of another organization."""
    other = Company.found(world, company.edition, name="Other", owner="zoe")
    project, theirs = company.project(), other.project("theirs")
    bob = company.person("bob", on={project: [READ]})
    other.person("bob", on={theirs: [READ]})
    body = {"name": "crew", "usernames": ["bob@example.org"]}
    done(company.ann.post(f"{company.path}/teams", body))
    done(leave_organization(bob, company.id))
    view = world.store.view
    for table in ("members", "project_members", "team_members"):
        rows = view.find(table, user_id=bob.id)
        assert {row["org_id"] for row in rows} <= {other.id}, table
    assert {row["org_id"] for row in view.find("assignments", holder_id=bob.id)} == {other.id}
    done(bob.get(f"/groups/{theirs}"))


def test_a_plain_member_leaves_a_project(company):
    """Contract: somebody added to a project leaves it, and stays in its organization and in other projects."""
    project, shop = company.project(), company.project("shop")
    bob = company.person("bob", on={project: [READ], shop: [READ]})
    assert done(leave_project(bob, project)) == NOTHING
    refused(bob.get(f"/groups/{project}"), 404, "GROUP_NOT_FOUND")
    done(bob.get(f"/groups/{shop}"))
    assert company.status_of(bob.id) == "ACTIVE"


def test_whoever_has_no_role_in_force_leaves_as_well(world, company):
    """A member whose roles have all ended is still in, and so leaves."""
    project = company.project()
    bob = company.person("bob", on={project: [READ]})
    done(company.bound(bob.id, READ, project=project, ends=10))
    done(company.bound(bob.id, "ORG_MEMBER", ends=10))
    world.clock.advance(seconds=10)
    done(leave_project(bob, project))
    done(leave_organization(bob, company.id))


def test_rule_035_the_last_owner_does_not_leave(company):
    """Rule 35: only if another owner remains, and one who counts."""
    refused(leave_organization(company.ann, company.id), *LAST)
    bob = company.person("bob", "ORG_OWNER")
    done(company.bound(bob.id, "ORG_OWNER", ends=3600))
    refused(leave_organization(company.ann, company.id), *LAST)
    done(company.bound(bob.id, "ORG_OWNER"))
    done(leave_organization(company.ann, company.id))
    refused(leave_organization(bob, company.id), *LAST)


def test_rule_036_in_cloud_manager_the_last_project_owner_promotes_somebody_first(cloud):
    """Rule 36: the sole Project Owner leaves neither project nor organization before somebody was promoted."""
    project = cloud.bare_project()
    bob = cloud.person("bob", on={project: [OWNER]})
    carl = cloud.person("carl", on={project: [READ]})
    refused(leave_project(bob, project), *LAST)
    refused(leave_organization(bob, cloud.id), *LAST)
    done(cloud.add_role(carl.id, OWNER, project=project, by=bob))
    assert done(leave_project(bob, project)) == NOTHING
    refused(leave_organization(carl, cloud.id), *LAST)


def test_rule_036_in_atlas_a_project_may_be_left_without_owner(atlas):
    """Rule 36: in Atlas the sole Project Owner leaves, and the answer names the project."""
    project = atlas.bare_project()
    bob = atlas.person("bob", on={project: [OWNER]})
    left = {"apiKeys": [], "ownerless": [{"id": project, "name": "web"}], "serviceAccounts": []}
    assert done(leave_project(bob, project)) == left


def test_who_leaves_an_organization_is_told_what_stays(atlas):
    """Deliver, leaving: keys that they made and projects that nobody owns then, here and nowhere else."""
    web, shop, both = atlas.bare_project(), atlas.bare_project("shop"), atlas.bare_project("both")
    bob = atlas.person("bob", "ORG_OWNER", on={web: [OWNER], shop: [OWNER, READ], both: [OWNER]})
    carl = atlas.person("carl", on={web: [READ], both: [OWNER]})
    key = key_in(atlas, web, bob)
    key_in(atlas, web, atlas.ann)
    expected = [{"id": shop, "name": "shop"}, {"id": web, "name": "web"}]
    shown = done(leave_organization(bob, atlas.id))
    assert shown["apiKeys"] == [key]
    assert sorted(shown["ownerless"], key=lambda project: project["name"]) == expected
    assert done(leave_organization(carl, atlas.id))["ownerless"] == [{"id": both, "name": "both"}]
    done(atlas.ann.get(f"{atlas.path}/apiKeys/{key['id']}"))


def test_who_leaves_a_project_is_told_what_stays_there(company):
    """Deliver, leaving: of the keys that they made, those that are on the project."""
    web, shop = company.project(), company.project("shop")
    bob = company.person("bob", on={web: [OWNER], shop: [OWNER]})
    key = key_in(company, web, bob)
    key_in(company, shop, bob)
    assert done(leave_project(bob, web)) == {"apiKeys": [key], "ownerless": [], "serviceAccounts": []}


@pytest.mark.parametrize("bounds", [{"ends": 10}, {"starts": 3600}])
def test_ownership_that_does_not_count_is_not_left_behind(world, atlas, bounds):
    """Who owned the project once, or will, leaves no ownership behind."""
    project = atlas.bare_project()
    bob = atlas.person("bob", on={project: [OWNER, READ]})
    done(atlas.bound(bob.id, OWNER, project=project, **bounds))
    world.clock.advance(seconds=10)
    assert done(leave_project(bob, project)) == NOTHING


def test_removal_answers_what_stays(atlas):
    """Deliver, leaving: a removal lists what the removed one leaves behind, and is the same removal."""
    project = atlas.bare_project()
    bob = atlas.person("bob", "ORG_OWNER", on={project: [OWNER]})
    key = key_in(atlas, project, bob)
    shown = done(remove(atlas, bob.id))
    assert shown == {"apiKeys": [key], "ownerless": [{"id": project, "name": "web"}], "serviceAccounts": []}
    assert atlas.status_of(bob.id) is None
    refused(remove(atlas, bob.id), 404, "USER_NOT_FOUND")


def test_removal_follows_the_rules_of_removal(company):
    """Rules 30, 34: owners alone remove, and never the last one; an invitation is withdrawn like a membership."""
    bob = company.person("bob")
    refused(remove(company, company.ann.id, by=bob), 401, "USER_UNAUTHORIZED")
    refused(remove(company, company.ann.id), *LAST)
    company.invited("pia")
    pia = company.outsider("pia")
    assert done(remove(company, pia.id)) == NOTHING
    assert company.status_of(pia.id) is None


def test_every_removal_says_in_the_log_what_stays(world, atlas):
    """Deliver, leaving: the audit row of every removal names keys and projects, whichever way it went."""
    ways = {
        "leaveOrg": lambda who, project: leave_organization(who, atlas.id),
        "leaveGroup": leave_project,
        "removeOrgMember": lambda who, project: remove(atlas, who.id),
        "removeOrgUser": lambda who, project: atlas.remove(who.id),
        "removeGroupUser": lambda who, project: atlas.remove(who.id, project=project),
        "eraseUser": lambda who, project: world.erase(f"{who_of[who.id]}@example.org"),
    }
    who_of = {}
    for number, (action, way) in enumerate(ways.items()):
        project = atlas.bare_project(f"project{number}")
        who = atlas.person(f"leaver{number}", "ORG_OWNER", on={project: [OWNER]})
        who_of[who.id] = f"leaver{number}"
        key = key_in(atlas, project, who)
        way(who, project)
        row = log_rows(world)[-1]
        assert row["action"] == action
        left = {"user": who.id, "keysLeftBehind": [key["id"]], "ownerless": [project]}
        assert row["body"].items() >= left.items()
        assert row["org_id"] == (None if action == "eraseUser" else atlas.id)


# -- what one is not in


def test_what_one_is_not_in_looks_unknown(world, company):
    """Contract: an organization or project that one is not in is answered like an unknown one, whatever one is."""
    project, shop = company.project(), company.project("shop")
    stranger, member = world.user("stranger@example.org"), company.person("member", on={shop: [READ]})
    pia, sue = company.outsider("pia"), company.person("sue")
    company.invited("pia", on={project: [READ]})
    done(company.suspend(sue.id))
    boss = company.person("boss", "ORG_OWNER")
    for who in (stranger, member, pia, sue, boss):
        there, nowhere = leave_project(who, project), leave_project(who, UNKNOWN)
        refused(there, 404, "GROUP_NOT_FOUND")
        assert there.body.decode().replace(project, UNKNOWN) == nowhere.body.decode()
    for who in (stranger, pia):
        there, nowhere = leave_organization(who, company.id), leave_organization(who, UNKNOWN)
        refused(there, 404, "ORG_NOT_FOUND")
        assert there.body.decode().replace(company.id, UNKNOWN) == nowhere.body.decode()


def test_whoever_is_suspended_does_not_leave(company):
    """Contract, gates: nobody shakes a suspension off by leaving and coming back."""
    project = company.project()
    sue = company.person("sue", on={project: [READ]})
    done(company.suspend(sue.id))
    refused(leave_project(sue, project), 403, "USER_SUSPENDED")
    refused(leave_organization(sue, company.id), 403, "USER_SUSPENDED")
    done(company.reactivate(sue.id))
    done(leave_project(sue, project))


def test_keys_do_not_leave(company):
    """Contract: only a person's session leaves; keys are deleted."""
    refused(leave_organization(company.owner_key, company.id), 403, "SESSION_REQUIRED")
    refused(leave_project(company.owner_key, company.project()), 403, "SESSION_REQUIRED")


def test_who_left_may_ask_to_come_back(company):
    """Rule 61: who left asks like anybody else; their open requests were theirs all along."""
    project, shop = company.project(), company.project("shop")
    bob = company.person("bob", on={project: [READ]})
    request = asked(company, bob, shop)
    done(leave_organization(bob, company.id))
    assert [row["id"] for row in requests_to(company, shop)] == [request]
    asked(company, bob, project)

"""Contract, "Who may hand out what": a column of the catalogue, on every way to give or take a role."""

import pytest

from tests.directory.company import done, log_rows, refused

DENIED = (401, "USER_UNAUTHORIZED")


def _codes(*replies):
    return [(reply.status, reply.code) for reply in replies]


def test_an_organization_owner_gives_and_takes_every_role(company):
    """Organization Owner hands out every role in the organization and its projects."""
    project, boss = company.project(), company.person("boss", "ORG_OWNER")
    bob = company.person("bob", on={project: ["GROUP_READ_ONLY"]})
    roles = done(company.ann.get(f"/api/orgward/v1/roles?edition={company.edition}&itemsPerPage=500"))["results"]
    for role in roles:
        on = project if role["scope"] == "project" else ""
        done(company.add_role(bob.id, role["name"], project=on, by=boss))
    for role in roles:
        on = project if role["scope"] == "project" else ""
        if role["name"] not in {"ORG_MEMBER", "GROUP_READ_ONLY"}:
            done(company.remove_role(bob.id, role["name"], project=on, by=boss))
    assert company.roles_of(bob.id) == ["ORG_MEMBER"]
    assert company.project_roles_of(project, bob.id) == ["GROUP_READ_ONLY"]


def test_a_project_owner_gives_and_takes_every_project_role(company):
    """Project Owner hands out every role of that project, its own included."""
    project = company.project()
    boss = company.person("boss", on={project: ["GROUP_OWNER"]})
    bob = company.person("bob", on={project: ["GROUP_READ_ONLY"]})
    done(company.add_role(bob.id, "GROUP_OWNER", project=project, by=boss))
    done(company.remove_role(bob.id, "GROUP_OWNER", project=project, by=boss))


def test_a_project_owner_hands_out_nothing_beyond_that_project(company):
    """Project Owner hands out nothing in another project, nor any organization role."""
    web, shop = company.bare_project("web"), company.bare_project("shop")
    boss = company.person("boss", on={web: ["GROUP_OWNER"], shop: ["GROUP_READ_ONLY"]})
    bob = company.person("bob", on={shop: ["GROUP_READ_ONLY"]})
    replies = [
        company.add_role(bob.id, "GROUP_READ_ONLY", project=shop, by=boss),
        company.add(shop, "carl", by=boss),
        company.add_role(bob.id, "ORG_READ_ONLY", by=boss),
        company.invite("carl", "ORG_OWNER", by=boss),
    ]
    assert _codes(*replies) == [DENIED] * 4


def test_a_user_admin_hands_out_every_project_role_to_others(cloud):
    """Project User Admin gives and takes every role there, Project Owner included, to other users."""
    project = cloud.project()
    admin = cloud.person("admin", on={project: ["GROUP_USER_ADMIN"]})
    bob = cloud.person("bob", on={project: ["GROUP_READ_ONLY"]})
    done(cloud.add_role(bob.id, "GROUP_OWNER", project=project, by=admin))
    done(cloud.remove_role(bob.id, "GROUP_OWNER", project=project, by=admin))
    done(cloud.add(project, "newcomer", "GROUP_OWNER", by=admin))


def test_a_user_admin_hands_out_nothing_to_themself(cloud):
    """Project User Admin gives no role to themself."""
    project = cloud.project()
    admin = cloud.person("admin", on={project: ["GROUP_USER_ADMIN"]})
    refused(cloud.add_role(admin.id, "GROUP_OWNER", project=project, by=admin), 400, "CANNOT_MODIFY_OWN_ROLES")


def test_an_access_manager_hands_out_everything_but_owner(atlas):
    """Project Access Manager gives and takes every role there but Project Owner."""
    project = atlas.project()
    manager = atlas.person("manager", on={project: ["GROUP_ACCESS_MANAGER"]})
    bob = atlas.person("bob", on={project: ["GROUP_READ_ONLY"]})
    roles = done(atlas.ann.get("/api/orgward/v1/roles?edition=atlas&itemsPerPage=500"))["results"]
    names = [role["name"] for role in roles if role["scope"] == "project" and role["name"] != "GROUP_OWNER"]
    for name in names:
        done(atlas.add_role(bob.id, name, project=project, by=manager))
    for name in names[:-1]:
        done(atlas.remove_role(bob.id, name, project=project, by=manager))
    refused(atlas.add_role(bob.id, "GROUP_OWNER", project=project, by=manager), 403, "ROLE_NOT_GRANTABLE")


def test_an_access_manager_brings_nobody_in_as_owner(atlas):
    """Project Access Manager adds and invites nobody as Project Owner."""
    project = atlas.project()
    manager = atlas.person("manager", on={project: ["GROUP_ACCESS_MANAGER"]})
    atlas.person("bob")
    refused(atlas.add(project, "bob", "GROUP_OWNER", by=manager), 403, "ROLE_NOT_GRANTABLE")
    refused(atlas.add(project, "newcomer", "GROUP_OWNER", by=manager), 403, "ROLE_NOT_GRANTABLE")
    done(atlas.add(project, "newcomer", "GROUP_READ_ONLY", by=manager))
    pia = next(u for u in done(atlas.ann.get(f"/groups/{project}/users"))["results"] if "newcomer" in u["username"])
    refused(atlas.add_role(pia["id"], "GROUP_OWNER", project=project, by=manager), 403, "ROLE_NOT_GRANTABLE")


def test_an_access_manager_sets_no_bounds_of_an_owner(atlas):
    """Bounds change a role: Project Access Manager sets none of a Project Owner's."""
    project = atlas.project()
    manager = atlas.person("manager", on={project: ["GROUP_ACCESS_MANAGER"]})
    bob = atlas.person("bob", on={project: ["GROUP_OWNER", "GROUP_READ_ONLY"]})
    refused(atlas.bound(bob.id, "GROUP_OWNER", project=project, ends=60, by=manager), 403, "ROLE_NOT_GRANTABLE")
    done(atlas.bound(bob.id, "GROUP_READ_ONLY", project=project, ends=60, by=manager))


@pytest.mark.parametrize("role", ["ORG_GROUP_CREATOR", "ORG_READ_ONLY", "ORG_BILLING_ADMIN", "ORG_MEMBER"])
def test_other_organization_roles_hand_out_nothing(company, role):
    """No other role of the organization gives or takes anything."""
    project = company.project()
    bob, carl = company.person("bob", role), company.person("carl", on={project: ["GROUP_READ_ONLY"]})
    replies = [
        company.add_role(carl.id, "ORG_READ_ONLY", by=bob),
        company.remove(carl.id, by=bob),
        company.add_role(carl.id, "GROUP_OWNER", project=project, by=bob),
    ]
    assert {reply.status for reply in replies} <= {401, 404}
    assert company.roles_of(carl.id) == ["ORG_MEMBER"]
    assert company.project_roles_of(project, carl.id) == ["GROUP_READ_ONLY"]


def test_the_maker_of_a_project_becomes_owner_outside_these_rules(company):
    """Project Creator hands out nothing, yet becomes owner of what they make, or the member they name does."""
    bob, carl = company.person("bob", "ORG_GROUP_CREATOR"), company.person("carl")
    assert company.project_roles_of(company.project("web", bob), bob.id) == ["GROUP_OWNER"]
    named = done(bob.post(f"/groups?projectOwnerId={carl.id}", {"name": "shop", "orgId": company.id}))["id"]
    assert company.project_roles_of(named, carl.id) == ["GROUP_OWNER"]


def test_a_maker_who_is_no_owner_gives_a_key_only_what_they_hold(atlas):
    """Project Access Manager gives a key only roles whose privileges they hold: at minting, update, assignment."""
    project = atlas.project()
    manager = atlas.person("manager", on={project: ["GROUP_ACCESS_MANAGER"]})
    made = atlas.key("GROUP_ACCESS_MANAGER", by=manager, project=project)
    keys = f"/groups/{project}/apiKeys"
    stronger = {"desc": "k", "roles": ["GROUP_DATA_ACCESS_ADMIN"]}
    refused(manager.post(keys, stronger), 403, "ROLE_NOT_GRANTABLE")
    refused(manager.patch(f"{keys}/{made.id}", {"roles": ["GROUP_CLUSTER_CREATOR"]}), 403, "ROLE_NOT_GRANTABLE")
    done(manager.patch(f"{keys}/{made.id}", {"roles": ["GROUP_READ_ONLY"]}))


def test_a_key_keeps_its_roles_when_its_maker_loses_theirs(company):
    """A key is a principal of its own: what its maker loses, it keeps."""
    project = company.project()
    maker = company.person("maker", "ORG_OWNER")
    key = company.key("ORG_OWNER", by=maker)
    done(company.change(maker.id, "ORG_MEMBER"))
    done(company.remove(maker.id))
    done(key.patch(f"/groups/{project}", {"name": "renamed"}))


def _gifts(world):
    """Give the events of the last command that tell of an owner role given by somebody who is not owner."""
    events = log_rows(world)[-1]["body"].get("events", [])
    return [event for event in events if event["type"] == "OWNER_ROLE_GIVEN_BY_NON_OWNER"]


def test_an_owner_role_given_by_somebody_who_is_not_owner_raises_an_event(cloud):
    """Project Owner given by a User Admin, who is not owner, leaves an event of its own in the log."""
    project = cloud.project()
    admin = cloud.person("admin", on={project: ["GROUP_USER_ADMIN"]})
    bob = cloud.person("bob", on={project: ["GROUP_READ_ONLY"]})
    done(cloud.add_role(bob.id, "GROUP_READ_ONLY", project=project))
    assert _gifts(cloud.world) == []
    done(cloud.add_role(bob.id, "GROUP_OWNER", project=project, by=admin))
    (event,) = _gifts(cloud.world)
    assert event == {"type": "OWNER_ROLE_GIVEN_BY_NON_OWNER", "holder": bob.id, "scope": project, "role": "GROUP_OWNER"}


def test_an_owner_role_given_by_an_owner_or_at_founding_raises_no_event(cloud):
    """What an owner gives, and what a founder gets, is nothing to tell of."""
    project = cloud.project()
    assert _gifts(cloud.world) == []
    bob = cloud.person("bob", on={project: ["GROUP_READ_ONLY"]})
    done(cloud.add_role(bob.id, "GROUP_OWNER", project=project))
    assert _gifts(cloud.world) == []


def test_memberships_keep_who_added_them_and_whether_they_were_owner(company):
    """Contract, "Adding a user": every membership keeps who added it, and whether they then owned the project."""
    manager = {"atlas": "GROUP_ACCESS_MANAGER", "cloud_manager": "GROUP_USER_ADMIN"}[company.edition]
    project = company.project()
    boss = company.person("boss", on={project: ["GROUP_OWNER"]})
    clerk = company.person("clerk", on={project: [manager]})
    by_boss, by_clerk = company.person("by-boss"), company.person("by-clerk")
    done(company.add(project, "by-boss", by=boss))
    done(company.add(project, "by-clerk", by=clerk))
    done(company.remove(boss.id))
    rows = [company.world.store.view.get("project_members", project, user.id) for user in (by_boss, by_clerk)]
    kept = [(row["added_by"], row["added_by_owner"]) for row in rows]
    assert kept == [(boss.id, True), (clerk.id, False)]
    if company.edition == "atlas":
        assert [company.allows(user, "charts.launch", project) for user in (by_boss, by_clerk)] == [True, False]

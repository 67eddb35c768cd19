"""Rules 30 to 43 on users: who manages them, where, and what they keep (34 to 36: test_last_owner.py)."""

import pytest

from tests.directory.company import OWN, Company, done, refused

NO_OWNERS = {
    "atlas": ["ORG_GROUP_CREATOR", "ORG_BILLING_ADMIN", "ORG_BILLING_READ_ONLY", "ORG_READ_ONLY", "ORG_MEMBER"],
    "cloud_manager": ["ORG_GROUP_CREATOR", "ORG_BILLING_ADMIN", "ORG_READ_ONLY", "ORG_MEMBER"],
}


def test_rule_030_owners_add_change_and_remove_members(company):
    """Rule 30: an owner of the organization invites, changes and removes its members."""
    bob, carl = company.person("bob", "ORG_OWNER"), company.person("carl")
    done(company.invite("dora", by=bob))
    done(company.change(carl.id, "ORG_READ_ONLY", by=bob))
    assert company.roles_of(carl.id) == ["ORG_READ_ONLY"]
    assert company.remove(carl.id, by=bob).status == 204
    assert company.user(carl.id) is None


def test_rule_030_nobody_else_does(company):
    """Rule 30: no other organization role adds, changes or removes members."""
    carl = company.person("carl")
    for role in NO_OWNERS[company.edition]:
        bob = company.person(f"bob-{role.lower()}", role)
        refused(company.invite("dora", by=bob), 401, "USER_UNAUTHORIZED")
        refused(company.change(carl.id, "ORG_READ_ONLY", by=bob), 401, "USER_UNAUTHORIZED")
        refused(company.add_role(carl.id, "ORG_READ_ONLY", by=bob), 401, "USER_UNAUTHORIZED")
        refused(company.remove(carl.id, by=bob), 401, "USER_UNAUTHORIZED")
        refused(company.suspend(carl.id, by=bob), 401, "USER_UNAUTHORIZED")
    assert company.roles_of(carl.id) == ["ORG_MEMBER"]


def test_rule_031_owners_manage_only_at_home(world, company):
    """Rule 31: an owner manages nothing in another organization, nor a project owner in another project."""
    other = Company.found(world, "atlas", name="Other", owner="olga")
    carl = other.person("carl")
    refused(company.change(carl.id, "ORG_OWNER"), 404, "USER_NOT_FOUND")
    refused(other.change(carl.id, "ORG_OWNER", by=company.ann), 404, "ORG_NOT_FOUND")
    web, shop = company.bare_project("web"), company.bare_project("shop")
    bob = company.person("bob", on={web: ["GROUP_OWNER"]})
    dora = company.person("dora", on={shop: ["GROUP_READ_ONLY"]})
    refused(company.add_role(dora.id, "GROUP_OWNER", project=shop, by=bob), 404, "GROUP_NOT_FOUND")
    refused(company.add_role(dora.id, "GROUP_OWNER", project=web, by=bob), 404, "USER_NOT_FOUND")


@pytest.mark.parametrize("role", ["GROUP_OWNER", "the manager of access"])
def test_rule_032_project_people_are_managed_by_owner_and_access_manager(company, role):
    """Rule 32: Project Owner, in Atlas Access Manager, in Cloud Manager User Admin, manage a project's people."""
    manager = {"atlas": "GROUP_ACCESS_MANAGER", "cloud_manager": "GROUP_USER_ADMIN"}[company.edition]
    project = company.project()
    bob = company.person("bob", on={project: [role if role == "GROUP_OWNER" else manager]})
    carl = company.person("carl")
    done(company.add(project, "carl", by=bob))
    done(company.add_role(carl.id, "GROUP_DATA_ACCESS_ADMIN", project=project, by=bob))
    done(company.remove_role(carl.id, "GROUP_READ_ONLY", project=project, by=bob))
    assert company.project_roles_of(project, carl.id) == ["GROUP_DATA_ACCESS_ADMIN"]
    assert company.remove(carl.id, project=project, by=bob).status == 204


def test_rule_032_no_other_project_role_manages_people(company):
    """Rule 32: every other role of a project manages nobody."""
    managers = {"GROUP_OWNER", "GROUP_ACCESS_MANAGER", "GROUP_USER_ADMIN"}
    project, carl = company.project(), company.person("carl")
    roles = done(company.ann.get(f"{OWN}/roles?edition={company.edition}&itemsPerPage=500"))["results"]
    others = [role["name"] for role in roles if role["scope"] == "project" and role["name"] not in managers]
    assert len(others) >= 7
    for role in others:
        bob = company.person(f"bob-{role.lower()}", on={project: [role]})
        assert company.add(project, "carl", by=bob).status in {401, 404}
        assert company.add_role(carl.id, role, project=project, by=bob).status in {401, 404}
    assert company.project_user(project, carl.id) is None


def test_rule_039_leaving_the_organization_leaves_its_projects(world, company):
    """Rule 39: removing a user from the organization removes every membership and role in it, and none elsewhere."""
    other = Company.found(world, "atlas", name="Other", owner="olga")
    web, far = company.project("web"), other.project("far")
    read = ["GROUP_READ_ONLY"]
    bob = world.user(
        "bob@example.org", orgs={company.id: ["ORG_MEMBER"], other.id: ["ORG_MEMBER"]}, projects={web: read, far: read}
    )
    assert company.remove(bob.id).status == 204
    assert company.project_user(web, bob.id) is None
    assert {row["org_id"] for row in world.store.view.find("assignments", holder_id=bob.id)} == {other.id}
    done(bob.get(f"/groups/{far}"))
    refused(bob.get(company.path), 404, "ORG_NOT_FOUND")


def test_rule_039_coming_back_brings_no_old_role_back(company):
    """Rule 39: whoever is removed and joins again starts with the new roles alone."""
    project = company.project()
    bob = company.person("bob", "ORG_OWNER", on={project: ["GROUP_OWNER"]})
    done(company.remove(bob.id))
    again = company.person("bob")
    assert company.roles_of(again.id) == ["ORG_MEMBER"]
    refused(again.get(f"/groups/{project}"), 404, "GROUP_NOT_FOUND")


def test_rule_040_one_owner_is_enough(company):
    """Rule 40: two owners are advised and one is allowed: the second to last may be demoted."""
    bob = company.person("bob", "ORG_OWNER")
    done(company.change(bob.id, "ORG_MEMBER"))
    assert company.roles_of(bob.id) == ["ORG_MEMBER"]


@pytest.mark.parametrize("edition", ["atlas", "cloud_manager"])
def test_rule_041_whoever_founds_an_organization_owns_it(world, edition):
    """Rule 41: creating an organization makes its maker the owner."""
    ann = world.user("ann@example.org")
    made = done(ann.post("/orgs", {"name": "New", "edition": edition}))
    org = made["organization"]["id"]
    assert made["orgOwnerId"] == ann.id
    assert done(ann.get(f"/orgs/{org}/users/{ann.id}"))["roles"]["orgRoles"] == ["ORG_OWNER"]


def test_rule_041_whoever_makes_a_project_owns_it(company):
    """Rule 41: creating a project makes its maker the owner, person or key."""
    bob = company.person("bob", "ORG_GROUP_CREATOR")
    assert company.project_roles_of(company.project("web", bob), bob.id) == ["GROUP_OWNER"]
    key = company.key("ORG_GROUP_CREATOR")
    mine = company.project("shop", key)
    done(key.patch(f"/groups/{mine}", {"name": "renamed"}))
    assert key.delete(f"/groups/{mine}").status == 202


def test_rule_041_the_owner_may_be_a_member_that_the_maker_names(company):
    """Rule 41: `projectOwnerId` names the member who becomes owner instead of the maker."""
    bob, carl = company.person("bob", "ORG_GROUP_CREATOR"), company.person("carl")
    body = {"name": "web", "orgId": company.id}
    project = done(bob.post(f"/groups?projectOwnerId={carl.id}", body))["id"]
    assert company.project_roles_of(project, carl.id) == ["GROUP_OWNER"]
    refused(bob.get(f"/groups/{project}"), 404, "GROUP_NOT_FOUND")


def test_rule_041_an_outsider_is_not_named_owner(company):
    """Rule 41: `projectOwnerId` of somebody outside the organization, or invited to it, is an unknown user."""
    outsider = company.outsider("otto")
    company.invited("pia")
    pending = next(u["id"] for u in done(company.ann.get(f"{company.path}/users"))["results"] if "pia" in u["username"])
    for stranger in (outsider.id, pending, "f" * 24):
        reply = company.ann.post(f"/groups?projectOwnerId={stranger}", {"name": "web", "orgId": company.id})
        refused(reply, 404, "USER_NOT_FOUND")


def test_rule_042_owners_and_project_creators_make_projects(company):
    """Rule 42: Organization Owner and Project Creator make projects, nobody else."""
    for number, role in enumerate(["ORG_OWNER", "ORG_GROUP_CREATOR"]):
        company.project(f"made-{number}", company.person(f"maker{number}", role))
    for role in NO_OWNERS[company.edition][1:]:
        bob = company.person(f"bob-{role.lower()}", role)
        refused(bob.post("/groups", {"name": "no", "orgId": company.id}), 401, "USER_UNAUTHORIZED")


def test_rule_042_owning_a_project_makes_no_other(company):
    """Rule 42: a project owner who is only a member makes no project."""
    bob = company.person("bob", on={company.project(): ["GROUP_OWNER"]})
    refused(bob.post("/groups", {"name": "no", "orgId": company.id}), 401, "USER_UNAUTHORIZED")


def test_rule_043_everybody_reads_their_own_profile(company):
    """Rule 43: a person may always read who they are, in no organization, suspended, or a plain member."""
    outsider, bob = company.outsider("otto"), company.person("bob")
    done(company.suspend(bob.id))
    for person in (outsider, bob):
        assert done(person.get(f"{OWN}/me"))["userId"] == person.id

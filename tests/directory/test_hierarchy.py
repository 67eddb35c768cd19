"""Rules 1 to 11: organizations, projects, roles and where they may be held.

Rule 9 (people and database users are separate identities) has no other side yet: there are no database users.
"""

import pytest

from tests.directory.company import OWN, Company, done, refused

NOT_AN_ORGANIZATION = "f" * 24


def test_rule_001_an_organization_holds_no_one_or_many_projects(company):
    """Rule 1: an organization may hold zero, one or many projects, and each belongs to it alone."""
    counts = [done(company.ann.get(f"{company.path}/groups"))["totalCount"]]
    for name in ("web", "shop"):
        company.project(name)
        counts.append(done(company.ann.get(f"{company.path}/groups"))["totalCount"])
    assert counts == [0, 1, 2]


def test_rule_001_a_project_belongs_to_the_organization_it_was_made_in(world, atlas):
    """Rule 1: a project belongs to exactly one organization, and names it."""
    other = Company.found(world, "cloud_manager", name="Other", owner="olga")
    project = atlas.project()
    assert done(atlas.ann.get(f"/groups/{project}"))["orgId"] == atlas.id
    assert done(other.ann.get(f"{other.path}/groups"))["results"] == []


def test_rule_002_group_is_the_wire_word_for_project(company):
    """Rule 2: on the wire a project is a group, and its roles begin with GROUP_."""
    project = company.project()
    assert done(company.ann.get(f"/groups/{project}"))["id"] == project
    assert company.project_roles_of(project, company.ann.id) == ["GROUP_OWNER"]


def test_rule_003_a_role_of_a_database_is_no_role_here(company):
    """Rule 3: roles are held at organizations and projects only; what belongs to clusters is refused."""
    project, bob = company.project(), company.person("bob")
    for role in ("readWriteAnyDatabase", "atlasAdmin", "CLUSTER_OWNER"):
        refused(company.add_role(bob.id, role), 400, "INVALID_ROLE_FOR_ORG")
        refused(company.add(project, "bob", role), 400, "INVALID_ROLE_FOR_GROUP")


def test_rule_003_a_role_is_not_held_on_what_is_neither_organization_nor_project(company):
    """Rule 3: an assignment to a scope that is no project of the organization is refused."""
    refused(company.invite("bob", on={NOT_AN_ORGANIZATION: ["GROUP_OWNER"]}), 404, "GROUP_NOT_FOUND")
    refused(company.invite("bob", on={company.id: ["GROUP_OWNER"]}), 404, "GROUP_NOT_FOUND")


def test_rule_004_an_organization_role_in_a_project_is_refused(company):
    """Rule 4: an organization role can't be given in a project, whichever way it is tried."""
    project, bob = company.project(), company.person("bob")
    refused(company.add(project, "bob", "ORG_MEMBER"), 400, "CANNOT_ADD_ORG_ROLE")
    done(company.add(project, "bob"))
    refused(company.add_role(bob.id, "ORG_OWNER", project=project), 400, "CANNOT_ADD_ORG_ROLE")
    refused(company.invite("carl", on={project: ["ORG_OWNER"]}), 400, "CANNOT_ADD_ORG_ROLE")
    assert company.project_roles_of(project, bob.id) == ["GROUP_READ_ONLY"]


def test_rule_004_a_project_role_in_an_organization_is_refused(company):
    """Rule 4: a project role can't be given in an organization, whichever way it is tried."""
    bob = company.person("bob")
    refused(company.change(bob.id, "GROUP_OWNER"), 400, "CANNOT_ADD_GROUP_ROLE")
    refused(company.add_role(bob.id, "GROUP_OWNER"), 400, "CANNOT_ADD_GROUP_ROLE")
    refused(company.invite("carl", "GROUP_READ_ONLY"), 400, "CANNOT_ADD_GROUP_ROLE")
    assert company.roles_of(bob.id) == ["ORG_MEMBER"]


def test_rule_005_several_roles_add_up(company):
    """Rule 5: somebody may hold several roles in one place; what they may do is the union."""
    project = company.project()
    bob = company.person("bob", "ORG_GROUP_CREATOR", "ORG_BILLING_ADMIN", on={project: ["GROUP_READ_ONLY"]})
    done(company.add_role(bob.id, "GROUP_DATA_ACCESS_READ_ONLY", project=project))
    assert company.roles_of(bob.id) == ["ORG_BILLING_ADMIN", "ORG_GROUP_CREATOR"]
    assert company.project_roles_of(project, bob.id) == ["GROUP_DATA_ACCESS_READ_ONLY", "GROUP_READ_ONLY"]
    wanted = {
        "org.projects.create": company.id,
        "billing.info.update": company.id,
        "data_explorer.databases.read": project,
        "project.users.read": project,
    }
    assert {action: company.allows(bob, action, on) for action, on in wanted.items()} == dict.fromkeys(wanted, True)


def test_rule_005_a_role_given_twice_is_held_once(company):
    """Rule 5: giving a role that is held already changes nothing."""
    bob = company.person("bob", "ORG_READ_ONLY")
    done(company.add_role(bob.id, "ORG_READ_ONLY"))
    assert company.roles_of(bob.id) == ["ORG_READ_ONLY"]


def test_rule_006_the_only_role_cannot_be_removed(company):
    """Rule 6: the only role in an organization or project can't be removed."""
    project = company.project()
    bob = company.person("bob", on={project: ["GROUP_READ_ONLY"]})
    refused(company.remove_role(bob.id, "ORG_MEMBER"), 403, "CANNOT_REMOVE_ALL_USER_ROLES")
    refused(company.remove_role(bob.id, "GROUP_READ_ONLY", project=project), 403, "CANNOT_REMOVE_ALL_USER_ROLES")


def test_rule_006_replacing_adds_first_and_removes_then(company):
    """Rule 6: the only role is replaced by giving the new one first."""
    project = company.project()
    bob = company.person("bob", on={project: ["GROUP_READ_ONLY"]})
    done(company.add_role(bob.id, "ORG_READ_ONLY"))
    done(company.remove_role(bob.id, "ORG_MEMBER"))
    done(company.add_role(bob.id, "GROUP_OWNER", project=project))
    done(company.remove_role(bob.id, "GROUP_READ_ONLY", project=project))
    assert company.roles_of(bob.id) == ["ORG_READ_ONLY"]
    assert company.project_roles_of(project, bob.id) == ["GROUP_OWNER"]


def test_rule_006_no_list_of_roles_may_be_empty(company):
    """Rule 6: roles can't be replaced by none."""
    project = company.project()
    bob = company.person("bob", on={project: ["GROUP_READ_ONLY"]})
    assert company.change(bob.id).status == 400
    empty = {"username": "dora@example.org", "roles": []}
    assert company.ann.post(f"/groups/{project}/users", empty).status == 400
    assert company.roles_of(bob.id) == ["ORG_MEMBER"]


def test_rule_007_one_user_is_in_many_organizations_and_projects(world, company):
    """Rule 7: a user may belong to many organizations and many projects."""
    other = Company.found(world, "atlas", name="Other", owner="olga")
    web, shop, far = company.project("web"), company.project("shop"), other.project("far")
    read = ["GROUP_READ_ONLY"]
    bob = world.user(
        "bob@example.org", orgs={company.id: ["ORG_MEMBER"], other.id: ["ORG_MEMBER"]},
        projects={web: read, shop: read, far: read},
    )  # fmt: skip
    me = done(bob.get(f"{OWN}/me"))
    assert {found["organizationId"] for found in me["organizations"]} == {company.id, other.id}
    assert {found["projectId"] for found in me["projects"]} == {web, shop, far}


def test_rule_008_whoever_leaves_the_organization_uses_no_project_of_it(company):
    """Rule 8: using a project requires membership of its organization."""
    project = company.project()
    bob = company.person("bob", on={project: ["GROUP_OWNER"]})
    done(bob.get(f"/groups/{project}"))
    done(company.remove(bob.id))
    refused(bob.get(f"/groups/{project}"), 404, "GROUP_NOT_FOUND")


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Organization Owner", "ORG_OWNER"),
        ("Project Data Access Read Only", "GROUP_DATA_ACCESS_READ_ONLY"),
        ("Project User Admin", "GROUP_USER_ADMIN"),
    ],
)
def test_rule_010_both_names_mean_one_role(world, title, name):
    """Rule 10: a role's name on the wire and its title find the same role, with a description."""
    by_name = done(world.nobody.get(f"{OWN}/roles/{name}"))
    assert done(world.nobody.get(f"{OWN}/roles/{title.replace(' ', '%20')}")) == by_name
    assert by_name["title"] == title
    assert by_name["description"]


def test_rule_011_no_role_can_be_made_up(company):
    """Rule 11: roles are a fixed catalogue; there is no way to make one, nor to give a made-up one."""
    bob = company.person("bob")
    refused(company.add_role(bob.id, "ORG_EMPEROR"), 400, "INVALID_ROLE_FOR_ORG")
    assert company.ann.post(f"{OWN}/roles", {"name": "ORG_EMPEROR"}).status == 405


def test_rule_011_a_role_of_the_other_edition_is_no_role_here(world):
    """Rule 11: an edition has its own roles; those of the other one are refused."""
    atlas = Company.found(world, "atlas", name="A", owner="ada")
    cloud = Company.found(world, "cloud_manager", name="C", owner="cleo")
    bob, project = cloud.person("bob"), atlas.project()
    atlas.person("carl")
    refused(cloud.add_role(bob.id, "ORG_STREAM_PROCESSING_ADMIN"), 400, "INVALID_ROLE_FOR_ORG")
    refused(atlas.add(project, "carl", "GROUP_USER_ADMIN"), 400, "INVALID_ROLE_FOR_GROUP")

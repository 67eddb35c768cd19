"""Rules 12 to 26: what roles amount to, asked through the front door; the engine's own tests go further."""

import pytest

from tests.directory.company import done, refused


def test_rule_012_an_organization_owner_owns_every_project(company):
    """Rule 12: an owner of the organization acts as owner of projects that they were never added to."""
    project = company.bare_project()
    bob = company.person("bob", "ORG_OWNER")
    assert company.project_user(project, bob.id) is None
    done(bob.patch(f"/groups/{project}", {"name": "renamed"}))
    done(company.add(project, "carl", by=bob))
    assert company.allows(bob, "project.delete", project)


def test_rule_013_a_lesser_role_on_the_project_takes_nothing_from_an_owner(company):
    """Rule 13: an owner of the organization with a lesser role on a project still acts as its owner."""
    project = company.bare_project()
    bob = company.person("bob", "ORG_OWNER", on={project: ["GROUP_READ_ONLY"]})
    assert company.project_roles_of(project, bob.id) == ["GROUP_READ_ONLY"]
    done(bob.patch(f"/groups/{project}", {"name": "renamed"}))
    assert bob.delete(f"/groups/{project}").status == 202


def test_rule_014_the_inherited_access_includes_the_databases(atlas):
    """Rule 14: an organization owner reads and writes data in every project."""
    project, bob = atlas.bare_project(), atlas.person("bob", "ORG_OWNER")
    for action in ("data_explorer.documents.update", "data_explorer.databases.drop", "db_users.create"):
        assert atlas.allows(bob, action, project)


def test_rule_015_owners_by_inheritance_do_not_stand_in_the_projects_list(company):
    """Rule 15: whoever has access by an organization role stands in a project's list only if added to it."""
    project = company.bare_project()
    company.person("bob", "ORG_OWNER")
    carl = company.person("carl", on={project: ["GROUP_READ_ONLY"]})
    listed = done(company.ann.get(f"/groups/{project}/users"))["results"]
    assert [user["id"] for user in listed] == [carl.id]


def test_rule_016_an_owner_holds_what_every_other_organization_role_holds(company):
    """Rule 16: Organization Owner is the union of the other organization roles."""
    roles = done(company.ann.get(f"/api/orgward/v1/roles?edition={company.edition}&itemsPerPage=500"))["results"]
    held = {role["name"]: set(role["privileges"]) for role in roles if role["scope"] == "organization"}
    others = set().union(*(privileges for name, privileges in held.items() if name != "ORG_OWNER"))
    assert others - held["ORG_OWNER"] == set()
    assert company.allows(company.ann, "billing.info.update", company.id)


@pytest.mark.parametrize("role", ["ORG_GROUP_CREATOR", "ORG_BILLING_ADMIN"])
def test_rule_017_the_narrow_organization_roles_include_membership(company, role):
    """Rule 17: Project Creator and Billing Admin read what a member reads."""
    bob = company.person("bob", role)
    done(bob.get(f"{company.path}/users"))
    assert company.allows(bob, "org.settings.read", company.id)


def test_rule_017_billing_viewer_includes_membership(atlas):
    """Rule 17: in Atlas the Billing Viewer is a member, too."""
    bob = atlas.person("bob", "ORG_BILLING_READ_ONLY")
    done(bob.get(f"{atlas.path}/users"))


def test_rule_018_a_member_has_in_a_project_what_its_roles_there_give(company):
    """Rule 18: membership alone opens no project; a project role opens that one, as far as it goes."""
    web, shop = company.project("web"), company.project("shop")
    bob = company.person("bob", on={web: ["GROUP_READ_ONLY"]})
    done(bob.get(f"/groups/{web}"))
    refused(bob.patch(f"/groups/{web}", {"name": "mine"}), 401, "USER_UNAUTHORIZED")
    refused(bob.get(f"/groups/{shop}"), 404, "GROUP_NOT_FOUND")


def test_rule_019_read_only_sees_every_project_a_member_those_they_are_on(company):
    """Rule 19: Organization Read Only lists every project, Organization Member only their own."""
    web, shop = company.project("web"), company.project("shop")
    reader, bob = company.person("reader", "ORG_READ_ONLY"), company.person("bob", on={web: ["GROUP_READ_ONLY"]})
    assert {found["id"] for found in done(reader.get("/groups"))["results"]} == {web, shop}
    assert {found["id"] for found in done(bob.get("/groups"))["results"]} == {web}
    refused(reader.patch(f"/groups/{web}", {"name": "mine"}), 401, "USER_UNAUTHORIZED")


def test_rule_020_a_member_reads_billing_in_cloud_manager_only(company):
    """Rule 20: Organization Member reads billing in Cloud Manager, and not in Atlas."""
    bob = company.person("bob")
    assert company.allows(bob, "billing.info.read", company.id) == (company.edition == "cloud_manager")
    assert company.allows(bob, "org.users.read", company.id)


def test_rule_021_a_project_owner_holds_what_every_other_project_role_holds(company):
    """Rule 21: Project Owner is the union of the other project roles."""
    roles = done(company.ann.get(f"/api/orgward/v1/roles?edition={company.edition}&itemsPerPage=500"))["results"]
    held = {role["name"]: set(role["privileges"]) for role in roles if role["scope"] == "project"}
    conditional = {p for role in roles for p in role["privilegesIfAddedByOwner"]}
    others = set().union(*(privileges for name, privileges in held.items() if name != "GROUP_OWNER"))
    assert others - held["GROUP_OWNER"] - conditional == set()


def test_rule_022_data_access_admin_includes_project_read_only(company):
    """Rule 22: Data Access Admin sees the project's people."""
    project = company.project()
    bob = company.person("bob", on={project: ["GROUP_DATA_ACCESS_ADMIN"]})
    done(bob.get(f"/groups/{project}/users"))


def test_rule_022_data_access_read_only_does_not_in_cloud_manager(cloud):
    """Rule 22: in Cloud Manager the two lesser data roles don't include Project Read Only."""
    project = cloud.project()
    bob = cloud.person("bob", on={project: ["GROUP_DATA_ACCESS_READ_ONLY"]})
    assert not cloud.allows(bob, "project.users.read", project)
    assert cloud.allows(bob, "data_explorer.databases.read", project)


def test_rule_023_project_read_only_changes_nothing(cloud):
    """Rule 23: Project Read Only can create, change and delete nothing."""
    project = cloud.project()
    bob = cloud.person("bob", on={project: ["GROUP_READ_ONLY"]})
    attempts = [
        bob.patch(f"/groups/{project}", {"name": "mine"}),
        bob.delete(f"/groups/{project}"),
        cloud.add(project, "carl", by=bob),
        cloud.remove(cloud.ann.id, project=project, by=bob),
        bob.post(f"/groups/{project}/apiKeys", {"desc": "k", "roles": ["GROUP_READ_ONLY"]}),
        bob.post(f"/groups/{project}/invites", {"username": "x@example.org", "roles": ["GROUP_READ_ONLY"]}),
    ]
    assert [(a.status, a.code) for a in attempts] == [(401, "USER_UNAUTHORIZED")] * len(attempts)


def test_rule_024_data_access_admin_starts_no_backup_but_another_role_may(atlas):
    """Rule 24: Data Access Admin itself may not start backup or restore jobs; a second role still grants it."""
    project = atlas.project()
    bob = atlas.person("bob", on={project: ["GROUP_DATA_ACCESS_ADMIN"]})
    assert atlas.allows(bob, "data_explorer.databases.drop", project)
    assert not atlas.allows(bob, "backups.restore", project)
    done(atlas.add_role(bob.id, "GROUP_BACKUP_MANAGER", project=project))
    assert atlas.allows(bob, "backups.restore", project)


def test_rule_025_project_read_only_sees_charts_and_neither_data_nor_logs(atlas):
    """Rule 25: Project Read Only sees metric charts, opens no Data Explorer, downloads no logs."""
    project = atlas.project()
    bob = atlas.person("bob", on={project: ["GROUP_READ_ONLY"]})
    asked = ("metrics.charts.read", "data_explorer.access", "logs.process.download", "logs.audit.download")
    assert [atlas.allows(bob, action, project) for action in asked] == [True, False, False, False]


def test_rule_026_project_read_only_is_about_its_own_project(atlas):
    """Rule 26: Project Read Only reads the project that it is held on, and no other of the organization."""
    web, shop = atlas.project("web"), atlas.project("shop")
    bob = atlas.person("bob", on={web: ["GROUP_READ_ONLY"]})
    assert atlas.allows(bob, "project.metadata.read", web)
    assert not atlas.allows(bob, "project.metadata.read", shop)

"""Rule 33, and the contract's "Self-change": judged on the effect, whichever way the roles would change."""

import pytest

from tests.directory.company import Company, accept, done, refused

OWN_ROLES = (400, "CANNOT_MODIFY_OWN_ROLES")


def test_rule_033_in_cloud_manager_nobody_adds_a_role_of_their_own(cloud):
    """Rule 33: a user never adds a role of their own, owners included."""
    project = cloud.project()
    refused(cloud.add_role(cloud.ann.id, "ORG_READ_ONLY"), *OWN_ROLES)
    refused(cloud.add_role(cloud.ann.id, "GROUP_READ_ONLY", project=project), *OWN_ROLES)


def test_rule_033_in_cloud_manager_nobody_removes_a_role_of_their_own(cloud):
    """Rule 33: a user never removes a role of their own, though others could take over."""
    project = cloud.project()
    bob = cloud.person("bob", "ORG_OWNER", "ORG_READ_ONLY", on={project: ["GROUP_OWNER", "GROUP_READ_ONLY"]})
    refused(cloud.remove_role(bob.id, "ORG_READ_ONLY", by=bob), *OWN_ROLES)
    refused(cloud.remove_role(bob.id, "GROUP_READ_ONLY", project=project, by=bob), *OWN_ROLES)


def test_rule_033_in_cloud_manager_nobody_replaces_their_own_roles(cloud):
    """Rule 33: a user never replaces their own roles, in either generation of the API."""
    project = cloud.project()
    bob = cloud.person("bob", "ORG_OWNER", on={project: ["GROUP_OWNER"]})
    refused(cloud.change(bob.id, "ORG_READ_ONLY", by=bob), *OWN_ROLES)
    old = "application/vnd.atlas.2023-01-01+json"
    path = f"/groups/{project}/users/{bob.id}/roles"
    refused(bob.put(path, {"groupRoles": ["GROUP_READ_ONLY"]}, accept=old), *OWN_ROLES)
    path = f"{cloud.path}/users/{bob.id}/roles"
    refused(bob.put(path, {"orgRoles": ["ORG_MEMBER"]}, accept=old), *OWN_ROLES)


def test_rule_033_in_cloud_manager_nobody_adds_themself_to_a_project(cloud):
    """Rule 33: an owner of the organization does not put themself on a project."""
    refused(cloud.add(cloud.bare_project(), "ann"), *OWN_ROLES)


def test_rule_033_in_cloud_manager_nobody_bounds_their_own_role(cloud):
    """Rule 33: bounds change a role, one's own included."""
    bob = cloud.person("bob", "ORG_OWNER", "ORG_READ_ONLY")
    refused(cloud.bound(bob.id, "ORG_READ_ONLY", ends=60, by=bob), *OWN_ROLES)


def test_rule_033_replacing_by_the_same_roles_is_no_change(cloud):
    """Rule 33: a replacement that changes nothing is no self-change."""
    done(cloud.change(cloud.ann.id, "ORG_OWNER"))


def test_rule_033_keys_are_not_users_in_cloud_manager(cloud):
    """Contract: a key may lower its own roles, for the strict rule is about users."""
    key = cloud.key("ORG_OWNER", "ORG_READ_ONLY")
    done(key.patch(f"{cloud.path}/apiKeys/{key.id}", {"roles": ["ORG_READ_ONLY"]}))


def test_rule_033_in_atlas_one_may_lose(atlas):
    """Contract: in Atlas a self-change that gains nothing goes through."""
    project = atlas.project()
    bob = atlas.person("bob", "ORG_OWNER", "ORG_READ_ONLY", on={project: ["GROUP_OWNER", "GROUP_READ_ONLY"]})
    done(atlas.remove_role(bob.id, "ORG_READ_ONLY", by=bob))
    done(atlas.remove_role(bob.id, "GROUP_OWNER", project=project, by=bob))
    done(atlas.add_role(bob.id, "GROUP_DATA_ACCESS_ADMIN", project=project, by=bob))
    done(atlas.change(bob.id, "ORG_MEMBER", by=bob))
    assert atlas.roles_of(bob.id) == ["ORG_MEMBER"]


def test_rule_033_in_atlas_an_owner_may_put_themself_on_a_project(atlas):
    """Contract: an owner of the organization gains nothing by joining a project of it."""
    project = atlas.bare_project()
    done(atlas.add(project, "ann", "GROUP_OWNER"))
    assert atlas.project_roles_of(project, atlas.ann.id) == ["GROUP_OWNER"]


@pytest.mark.parametrize("role", ["GROUP_DATA_ACCESS_READ_ONLY", "GROUP_CLUSTER_CREATOR", "GROUP_BACKUP_MANAGER"])
def test_rule_033_in_atlas_nobody_gains(atlas, role):
    """Contract: whoever may hand a role out may not use that to gain a privilege."""
    project = atlas.project()
    bob = atlas.person("bob", on={project: ["GROUP_ACCESS_MANAGER"]})
    refused(atlas.add_role(bob.id, role, project=project, by=bob), *OWN_ROLES)


def test_rule_033_in_atlas_nobody_gains_later(atlas):
    """Contract: a role of one's own that would begin or go on later is a gain, too."""
    project = atlas.project()
    bob = atlas.person("bob", on={project: ["GROUP_ACCESS_MANAGER", "GROUP_CLUSTER_CREATOR"]})
    done(atlas.bound(bob.id, "GROUP_CLUSTER_CREATOR", project=project, ends=60))
    refused(atlas.bound(bob.id, "GROUP_CLUSTER_CREATOR", project=project, ends=120, by=bob), *OWN_ROLES)
    refused(atlas.bound(bob.id, "GROUP_CLUSTER_CREATOR", project=project, by=bob), *OWN_ROLES)
    done(atlas.bound(bob.id, "GROUP_CLUSTER_CREATOR", project=project, ends=30, by=bob))
    done(atlas.bound(bob.id, "GROUP_ACCESS_MANAGER", project=project, ends=3600))
    refused(atlas.bound(bob.id, "GROUP_ACCESS_MANAGER", project=project, ends=7200, by=bob), *OWN_ROLES)


def test_a_key_does_not_raise_its_own_roles(atlas):
    """Contract: a key may not raise its own roles."""
    project = atlas.project()
    key = atlas.key("GROUP_ACCESS_MANAGER", project=project)
    path = f"/groups/{project}/apiKeys/{key.id}"
    reply = key.patch(path, {"roles": ["GROUP_ACCESS_MANAGER", "GROUP_OWNER"]})
    assert reply.status in {400, 403}
    assert done(atlas.ann.get(f"/groups/{project}/apiKeys"))["results"][0]["id"] == key.id
    assert not atlas.allows(key, "project.delete", project)


def test_a_key_is_itself_and_never_its_maker(atlas):
    """Contract: a key that raises its maker's roles changes somebody else's, and is judged as itself."""
    maker = atlas.person("maker", "ORG_OWNER")
    key = atlas.key("ORG_OWNER", by=maker)
    done(atlas.change(maker.id, "ORG_MEMBER"))
    done(atlas.change(maker.id, "ORG_OWNER", by=key))
    assert atlas.roles_of(maker.id) == ["ORG_OWNER"]


def test_leaving_is_no_self_change(company):
    """Contract: leaving an organization or project is exempt, in both editions."""
    project = company.project()
    bob = company.person("bob", "ORG_OWNER", on={project: ["GROUP_READ_ONLY"]})
    assert company.remove(bob.id, project=project, by=bob).status == 204
    assert company.remove(bob.id, by=bob).status == 204
    assert company.user(bob.id) is None


def test_accepting_somebody_elses_invitation_is_no_self_change(company):
    """Contract: accepting an invitation that somebody else sent is exempt, in both editions."""
    bob = company.outsider("bob")
    done(accept(bob, company.invited("bob", "ORG_OWNER")))
    assert company.roles_of(bob.id) == ["ORG_OWNER"]


def test_creation_is_no_self_change(company):
    """Contract: making an organization or project is exempt, in both editions."""
    bob = company.person("bob", "ORG_GROUP_CREATOR")
    assert company.project_roles_of(company.project("web", bob), bob.id) == ["GROUP_OWNER"]
    done(bob.post("/orgs", {"name": "Mine", "edition": company.edition}))


def test_one_edition_does_not_bind_the_other(world):
    """Contract: who owns organizations of both editions is judged by the one that the change is in."""
    cloud = Company.found(world, "cloud_manager", name="Cloud", owner="ann")
    atlas = Company.found(world, "atlas", name="Atlas", owner="ann")
    done(atlas.add(atlas.bare_project(), "ann", "GROUP_OWNER"))
    refused(cloud.add(cloud.bare_project(), "ann", "GROUP_OWNER"), *OWN_ROLES)

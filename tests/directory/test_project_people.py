"""Rules 37, 38, 50 and 51, and the contract's "Adding a user to a project who is not in it"."""

import pytest

from tests.directory.company import OLD, OLDER_ACCESS, accept, address, decline, done, own_invitations, refused

WAYS = ("users", "invites", "access")


def bring(company, project, who, way, *, roles=("GROUP_READ_ONLY",), by=None):
    """Bring somebody into a project by one of the three operations that do."""
    body = {"username": address(who), "roles": list(roles)}
    accept_type = {"users": None, "invites": OLD, "access": OLDER_ACCESS}[way]
    options = {} if accept_type is None else {"accept": accept_type}
    return (by or company.ann).post(f"/groups/{project}/{way}", body, **options)


@pytest.mark.parametrize("way", WAYS)
def test_rule_050_a_member_of_the_organization_is_in_at_once(company, way):
    """Rule 50: an existing member of the organization gets access at once, by every operation."""
    project, bob = company.project(), company.person("bob")
    reply = bring(company, project, "bob", way)
    assert reply.status == {"users": 201, "invites": 200, "access": 204}[way]
    done(bob.get(f"/groups/{project}"))
    assert company.project_user(project, bob.id)["orgMembershipStatus"] == "ACTIVE"
    assert own_invitations(bob) == []


@pytest.mark.parametrize("way", WAYS)
def test_rule_050_an_outsider_gets_one_organization_invitation_in_atlas(atlas, way):
    """Rule 50: in Atlas an outsider is PENDING, with one invitation to the organization that carries the project."""
    project, bob = atlas.project(), atlas.outsider("bob")
    done(bring(atlas, project, "bob", way))
    assert atlas.status_of(bob.id) == "PENDING"
    assert atlas.project_user(project, bob.id)["orgMembershipStatus"] == "PENDING"
    (invitation,) = own_invitations(bob)
    assert invitation["organizationId"] == atlas.id
    assert invitation["roles"] == ["ORG_MEMBER"]
    assert [(p["projectId"], p["roles"]) for p in invitation["projects"]] == [(project, ["GROUP_READ_ONLY"])]
    refused(bob.get(f"/groups/{project}"), 404, "GROUP_NOT_FOUND")


@pytest.mark.parametrize("way", WAYS)
def test_rule_051_the_next_project_amends_that_invitation(atlas, way):
    """Rule 51: an open invitation is amended by the next project, and stays one."""
    web, shop, bob = atlas.project("web"), atlas.project("shop"), atlas.outsider("bob")
    done(bring(atlas, web, "bob", "users"))
    before = own_invitations(bob)[0]["id"]
    done(bring(atlas, shop, "bob", way, roles=["GROUP_OWNER"]))
    (invitation,) = own_invitations(bob)
    assert invitation["id"] == before
    given = {p["projectId"]: p["roles"] for p in invitation["projects"]}
    assert given == {web: ["GROUP_READ_ONLY"], shop: ["GROUP_OWNER"]}
    done(accept(bob, before))
    assert atlas.project_roles_of(shop, bob.id) == ["GROUP_OWNER"]


def test_rule_051_an_invitation_to_the_organization_is_amended_too(atlas):
    """Rule 51: the organization's own open invitation takes the project in."""
    project, bob = atlas.project(), atlas.outsider("bob")
    invitation = atlas.invited("bob", "ORG_BILLING_ADMIN")
    done(atlas.add(project, "bob"))
    (found,) = own_invitations(bob)
    assert (found["id"], found["roles"]) == (invitation, ["ORG_BILLING_ADMIN"])
    assert [p["projectId"] for p in found["projects"]] == [project]


@pytest.mark.parametrize("way", WAYS)
def test_rule_037_an_existing_account_joins_project_and_organization_in_cloud_manager(cloud, way):
    """Rule 37: in Cloud Manager an existing account is active in project and organization at once."""
    project, bob = cloud.project(), cloud.outsider("bob")
    assert 200 <= bring(cloud, project, "bob", way).status < 300
    assert cloud.roles_of(bob.id) == ["ORG_MEMBER"]
    assert cloud.project_roles_of(project, bob.id) == ["GROUP_READ_ONLY"]
    done(bob.get(f"/groups/{project}"))


@pytest.mark.parametrize("way", WAYS)
def test_rule_037_an_unknown_address_becomes_a_member_on_acceptance_in_cloud_manager(cloud, way):
    """Rule 37: in Cloud Manager an unknown address gets a project invitation, and joins by accepting it."""
    project = cloud.project()
    done(bring(cloud, project, "bob", way))
    bob = cloud.outsider("bob")
    assert cloud.status_of(bob.id) == "PENDING"
    (invitation,) = own_invitations(bob)
    assert [p["projectId"] for p in invitation["projects"]] == [project]
    done(accept(bob, invitation["id"]))
    assert cloud.roles_of(bob.id) == ["ORG_MEMBER"]
    assert cloud.project_roles_of(project, bob.id) == ["GROUP_READ_ONLY"]


def test_rule_037_project_invitations_stand_alone_in_cloud_manager(cloud):
    """Rule 37: in Cloud Manager each project sends its own invitation; one accepted leaves the other open."""
    web, shop = cloud.project("web"), cloud.project("shop")
    done(cloud.add(web, "bob"))
    done(cloud.add(shop, "bob"))
    bob = cloud.outsider("bob")
    first, second = own_invitations(bob)
    done(decline(bob, first["id"]))
    assert cloud.status_of(bob.id) == "PENDING"
    done(accept(bob, second["id"]))
    assert cloud.status_of(bob.id) == "ACTIVE"
    assert cloud.project_user(second["projects"][0]["projectId"], bob.id)["orgMembershipStatus"] == "ACTIVE"
    found = cloud.project_user(first["projects"][0]["projectId"], bob.id)
    assert found is None or found["orgMembershipStatus"] == "INVITATION_REJECTED"


def test_rule_038_a_project_owner_who_is_only_a_member_brings_people_in(company):
    """Rule 38: the inviter need be no more than Organization Member and owner, or user admin, of the project."""
    project, bob = company.project(), company.outsider("bob")
    boss = company.person("boss", on={project: ["GROUP_OWNER"]})
    done(company.add(project, "bob", by=boss))
    for invitation in own_invitations(bob):
        done(accept(bob, invitation["id"]))
    assert company.roles_of(bob.id) == ["ORG_MEMBER"]
    assert company.project_roles_of(project, bob.id) == ["GROUP_READ_ONLY"]


def test_rule_038_so_does_a_user_admin_in_cloud_manager(cloud):
    """Rule 38: Project User Admin brings outsiders in as well."""
    project, bob = cloud.project(), cloud.outsider("bob")
    admin = cloud.person("admin", on={project: ["GROUP_USER_ADMIN"]})
    done(cloud.add(project, "bob", by=admin))
    assert cloud.roles_of(bob.id) == ["ORG_MEMBER"]


def test_rule_038_an_access_manager_invites_outsiders_in_atlas(atlas):
    """Rule 38: Project Access Manager invites outsiders, and what they accept is what was given."""
    project, bob = atlas.project(), atlas.outsider("bob")
    manager = atlas.person("manager", on={project: ["GROUP_ACCESS_MANAGER"]})
    done(atlas.add(project, "bob", by=manager))
    done(accept(bob, own_invitations(bob)[0]["id"]))
    assert atlas.project_roles_of(project, bob.id) == ["GROUP_READ_ONLY"]


def test_rule_052_whoever_is_there_or_invited_is_a_conflict(company):
    """Rule 52: adding somebody who is on the project, or invited to it, is a conflict."""
    project = company.project()
    company.person("bob", on={project: ["GROUP_READ_ONLY"]})
    refused(company.add(project, "bob"), 409, "USER_ALREADY_EXISTS")
    done(company.add(project, "carl"))
    refused(company.add(project, "carl", "GROUP_OWNER"), 409, "USER_ALREADY_EXISTS")


def test_in_atlas_the_projects_invite_is_the_organizations_seen_from_the_project(atlas):
    """Contract: the project's invite is the organization's, restricted to this project, with the same id."""
    web, shop = atlas.project("web"), atlas.project("shop")
    boss = atlas.person("boss", on={web: ["GROUP_OWNER"]})
    invitation = atlas.invited("bob", "ORG_OWNER", on={web: ["GROUP_READ_ONLY"], shop: ["GROUP_OWNER"]})
    shown = done(boss.get(f"/groups/{web}/invites/{invitation}", accept=OLD))
    assert (shown["id"], shown["groupId"], shown["roles"]) == (invitation, web, ["GROUP_READ_ONLY"])
    assert shop not in str(shown)
    assert [row["id"] for row in done(boss.get(f"/groups/{web}/invites", accept=OLD))] == [invitation]


def test_in_atlas_deleting_it_there_removes_this_projects_roles_only(atlas):
    """Contract: deleting the invite in one project leaves the rest of the invitation open."""
    web, shop, bob = atlas.project("web"), atlas.project("shop"), atlas.outsider("bob")
    invitation = atlas.invited("bob", "ORG_READ_ONLY", on={web: ["GROUP_OWNER"], shop: ["GROUP_OWNER"]})
    assert atlas.ann.delete(f"/groups/{web}/invites/{invitation}", accept=OLD).status == 204
    (left,) = own_invitations(bob)
    assert [p["projectId"] for p in left["projects"]] == [shop]
    assert atlas.project_user(web, bob.id) is None
    refused(atlas.ann.get(f"/groups/{web}/invites/{invitation}", accept=OLD), 404, "INVITATION_NOT_FOUND")
    done(accept(bob, invitation))
    assert atlas.project_user(web, bob.id) is None
    assert atlas.project_roles_of(shop, bob.id) == ["GROUP_OWNER"]


def test_in_cloud_manager_deleting_a_project_invitation_ends_it(cloud):
    """Contract: in Cloud Manager a project's invitation is its own, and deleting it there ends it."""
    project = cloud.project()
    done(cloud.add(project, "bob"))
    bob = cloud.outsider("bob")
    invitation = own_invitations(bob)[0]["id"]
    assert cloud.ann.delete(f"/groups/{project}/invites/{invitation}", accept=OLD).status == 204
    refused(accept(bob, invitation), 404, "INVITATION_NOT_FOUND")
    assert cloud.user(bob.id) is None


def test_in_cloud_manager_the_rest_of_the_organization_is_no_matter_of_the_project(cloud):
    """Contract: replacing the roles of somebody with an open project invitation leaves nothing half done."""
    web, shop = cloud.project("web"), cloud.project("shop")
    done(cloud.add(web, "bob"))
    done(cloud.add(shop, "bob", "GROUP_OWNER"))
    bob = cloud.outsider("bob")
    first = next(i for i in own_invitations(bob) if i["projects"][0]["projectId"] == web)
    done(accept(bob, first["id"]))
    body = {"roles": {"orgRoles": ["ORG_MEMBER"], "groupRoleAssignments": []}}
    done(cloud.ann.patch(f"{cloud.path}/users/{bob.id}", body))
    assert cloud.project_user(web, bob.id) is None
    assert cloud.project_user(shop, bob.id) is None
    assert own_invitations(bob) == []


def test_removing_a_pending_person_from_the_project_takes_the_project_out(company):
    """Rule 53: removing somebody pending from a project takes this project out of the invitation."""
    web, shop = company.project("web"), company.project("shop")
    done(company.add(web, "bob"))
    done(company.add(shop, "bob"))
    bob = company.outsider("bob")
    assert company.remove(bob.id, project=web).status == 204
    given = [p["projectId"] for invitation in own_invitations(bob) for p in invitation["projects"]]
    assert given == [shop]


def test_the_older_access_answers_the_invitation(atlas):
    """Contract: `/access` follows the same rules; for an outsider it answers the invitation."""
    project = atlas.project()
    shown = done(bring(atlas, project, "bob", "access"))
    assert shown["id"] == atlas.invitation_of("bob")
    assert shown["groupRoleAssignments"] == [{"groupId": project, "groupRole": "GROUP_READ_ONLY"}]


def test_projects_that_are_taken_back_together_leave_an_open_invitation(cloud):
    """Rule 53: who joined by one invitation, and is then given one project alone, gets no other by the second one."""
    web, shop, api = cloud.project("web"), cloud.project("shop"), cloud.project("api")
    pia = cloud.outsider("pia")
    cloud.invited("pia", on={web: ["GROUP_READ_ONLY"], shop: ["GROUP_READ_ONLY"]})
    assert cloud.add(api, "pia", "GROUP_READ_ONLY").status == 201
    body = {"orgRoles": ["ORG_MEMBER"], "groupRoleAssignments": [{"groupId": api, "groupRoles": ["GROUP_READ_ONLY"]}]}
    done(cloud.ann.patch(f"{cloud.path}/users/{pia.id}", {"roles": body}))
    (invitation,) = own_invitations(pia)
    assert invitation["projects"] == []
    done(accept(pia, invitation["id"]))
    assert pia.get(f"/groups/{web}").status == pia.get(f"/groups/{shop}").status == 404

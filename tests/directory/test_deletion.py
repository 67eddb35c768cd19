"""Rules 102, 103 and 106: what is deleted, renamed and retagged, by whom, and what goes with it.

Of 102 and 103 nothing is tested that does not exist yet: invoices, clusters, endpoints, archives.
"""

from tests.directory.company import OLD, OWN, accept, done, own_invitations, refused
from tests.store_checker import check_store


def test_rule_102_only_an_owner_deletes_an_organization(company):
    """Rule 102: an owner deletes the organization, nobody else."""
    for role in ("ORG_GROUP_CREATOR", "ORG_READ_ONLY", "ORG_BILLING_ADMIN", "ORG_MEMBER"):
        refused(company.person(f"bob-{role.lower()}", role).delete(company.path), 401, "USER_UNAUTHORIZED")
    assert company.ann.delete(company.path).status == 204
    refused(company.ann.get(company.path), 404, "ORG_NOT_FOUND")


def test_rule_102_an_organization_with_projects_stays(company):
    """Rule 102: an organization is deleted only once it holds no project."""
    project = company.project()
    refused(company.ann.delete(company.path), 409, "ORG_NOT_EMPTY")
    assert company.ann.delete(f"/groups/{project}").status == 202
    assert company.ann.delete(company.path).status == 204


def test_rule_102_everything_of_it_goes_with_it(world, company):
    """Rule 102: members, invitations, links and keys of a deleted organization are gone."""
    company.person("bob", "ORG_READ_ONLY")
    key, pia = company.key("ORG_OWNER"), company.outsider("pia")
    invitation = company.invited("pia")
    company.invited("nobody-yet")
    done(key.post(f"{company.path}/apiKeys/{key.id}/accessList", [{"ipAddress": "127.0.0.1"}]))
    assert company.ann.delete(company.path).status == 204
    refused(accept(pia, invitation), 404, "INVITATION_NOT_FOUND")
    assert key.get("/orgs").status == 401
    assert done(company.ann.get(f"{OWN}/me"))["organizations"] == []
    assert check_store(world.store.path) == []


def test_rule_103_owners_delete_a_project(company):
    """Rule 103: Project Owner and Organization Owner delete a project."""
    for name in ("web", "shop"):
        project = company.bare_project(name)
        boss = company.person(f"boss-{name}", on={project: ["GROUP_OWNER"]})
        who = boss if name == "web" else company.ann
        assert who.delete(f"/groups/{project}").status == 202
        refused(company.ann.get(f"/groups/{project}"), 404, "GROUP_NOT_FOUND")


def test_rule_103_nobody_else_does(company):
    """Rule 103: no other role deletes a project, its maker without a role included."""
    project = company.project()
    roles = done(company.ann.get(f"{OWN}/roles?edition={company.edition}&itemsPerPage=500"))["results"]
    names = [role["name"] for role in roles if role["scope"] == "project" and role["name"] != "GROUP_OWNER"]
    for name in names:
        bob = company.person(f"bob-{name.lower()}", on={project: [name]})
        assert bob.delete(f"/groups/{project}").status in {401, 404}
    done(company.ann.get(f"/groups/{project}"))


def test_rule_103_its_people_keys_and_pending_invitations_lose_it(world, company):
    """Rule 103: with a project go its memberships and roles; open invitations lose their part of it."""
    web, shop = company.project("web"), company.project("shop")
    read = ["GROUP_READ_ONLY"]
    bob = company.person("bob", on={web: read, shop: read})
    key = company.key("GROUP_OWNER", project=web)
    done(company.add(web, "pia"))
    done(company.add(shop, "pia"))
    pia = company.outsider("pia")
    assert company.ann.delete(f"/groups/{web}").status == 202
    given = [p["projectId"] for invitation in own_invitations(pia) for p in invitation["projects"]]
    assert given == [shop]
    assert [found["projectId"] for found in done(bob.get(f"{OWN}/me"))["projects"]] == [shop]
    assert done(key.get("/groups"))["results"] == []
    done(key.get(company.path))
    for invitation in own_invitations(pia):
        done(accept(pia, invitation["id"]))
    assert company.project_roles_of(shop, pia.id) == read
    assert check_store(world.store.path) == []


def test_rule_103_an_invitation_loses_it_though_its_person_is_there(world, company):
    """Rule 103: an open invitation names a deleted project no more, whoever is in it by now without accepting."""
    project = company.project()
    pia = company.outsider("pia")
    invitation = company.invited("pia", on={project: ["GROUP_READ_ONLY"]})
    company.person("pia", on={project: ["GROUP_READ_ONLY"]})
    assert company.ann.delete(f"/groups/{project}").status == 202
    assert check_store(world.store.path) == []
    done(accept(pia, invitation))


def test_rule_106_an_owner_renames_the_organization(company):
    """Rule 106: Organization Owner renames the organization, a reader does not."""
    done(company.ann.patch(company.path, {"name": "Renamed"}))
    assert done(company.ann.get(company.path))["name"] == "Renamed"
    reader = company.person("reader", "ORG_READ_ONLY")
    refused(reader.patch(company.path, {"name": "Mine"}), 401, "USER_UNAUTHORIZED")


def test_rule_106_a_project_owner_renames_the_project(company):
    """Rule 106: Project Owner renames the project, in both editions."""
    project = company.bare_project()
    boss = company.person("boss", on={project: ["GROUP_OWNER"]})
    assert done(boss.patch(f"/groups/{project}", {"name": "renamed"}))["name"] == "renamed"


def test_rule_106_a_project_owner_retags_the_project(atlas):
    """Rule 106: in Atlas, Project Owner changes the tags; name and tags leave each other as they were."""
    project = atlas.bare_project()
    boss = atlas.person("boss", on={project: ["GROUP_OWNER"]})
    tags = [{"key": "stage", "value": "test"}]
    done(boss.patch(f"/groups/{project}", {"tags": tags}))
    shown = done(boss.patch(f"/groups/{project}", {"name": "renamed"}))
    assert (shown["name"], shown["tags"]) == ("renamed", tags)


def test_rule_106_a_name_is_taken_once_in_an_organization(company):
    """Rule 106: two projects of one organization never have one name, made or renamed."""
    company.project("web")
    shop = company.project("shop")
    refused(company.ann.post("/groups", {"name": "web", "orgId": company.id}), 409, "GROUP_ALREADY_EXISTS")
    refused(company.ann.patch(f"/groups/{shop}", {"name": "web"}), 409, "GROUP_ALREADY_EXISTS")
    assert done(company.ann.get(company.path + "/groups"))["totalCount"] == 2


def test_rule_106_the_old_listings_follow(company):
    """Rule 106: a rename shows in the invitations that name the organization and the project."""
    project = company.project()
    company.invited("pia", on={project: ["GROUP_OWNER"]})
    pia = company.outsider("pia")
    done(company.ann.patch(company.path, {"name": "Renamed"}))
    done(company.ann.patch(f"/groups/{project}", {"name": "renamed"}))
    (invitation,) = own_invitations(pia)
    assert (invitation["organizationName"], invitation["projects"][0]["projectName"]) == ("Renamed", "renamed")
    shown = done(company.ann.get(f"{company.path}/invites/{invitation['id']}", accept=OLD))
    assert shown["orgName"] == "Renamed"

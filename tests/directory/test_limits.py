"""Rules 142, 145, 146, 153, 154 and 156: how many, how long; with small numbers, at their edges."""

import pytest

from tests.directory.company import OLD, accept, decline, done, own_invitations, refused, set_limits

FULL_ORGANIZATION = (400, "MAX_USERS_PER_ORG_EXCEEDED")
FULL_PROJECT = (400, "MAX_USERS_PER_GROUP_EXCEEDED")


def test_rule_142_an_organization_holds_so_many_users(world, company):
    """Rule 142: members and invited people count, and one more is refused."""
    set_limits(world, users_per_organization=3)
    company.person("bob")
    company.invited("carl")
    refused(company.invite("dora"), *FULL_ORGANIZATION)
    refused(company.add(company.project(), "dora"), *FULL_ORGANIZATION)


def test_rule_142_bounds_the_lists_of_open_invitations(world, company):
    """Rule 142: they are arrays on the wire, without pages; nobody makes them longer than there is room for people."""
    project = company.project()
    set_limits(world, users_per_organization=4, users_per_project=3)
    lists = (f"{company.path}/invites", f"/groups/{project}/invites")
    for _ in range(2):
        for name in ("bob", "carl"):
            done(company.invite(name, on={project: ["GROUP_READ_ONLY"]}))
        refused(company.invite("dora", on={project: ["GROUP_READ_ONLY"]}), *FULL_PROJECT)
        done(company.invite("dora"))
        refused(company.invite("emil"), *FULL_ORGANIZATION)
        assert [len(done(company.ann.get(path, accept=OLD))) for path in lists] == [3, 2]
        world.clock.advance(days=30)
        assert [done(company.ann.get(path, accept=OLD)) for path in lists] == [[], []]


def test_rule_142_whoever_goes_makes_room(world, company):
    """Rule 142: removed, declined, cancelled and expired people count no more."""
    set_limits(world, users_per_organization=2)
    bob = company.person("bob")
    refused(company.invite("carl"), *FULL_ORGANIZATION)
    done(company.remove(bob.id))
    carl = company.outsider("carl")
    done(decline(carl, company.invited("carl")))
    dora = company.outsider("dora")
    company.invited("dora")
    done(company.remove(dora.id))
    company.invited("emil")
    refused(company.invite("fred"), *FULL_ORGANIZATION)
    world.clock.advance(days=30)
    company.invited("fred")


@pytest.mark.parametrize("end", ["declined", "expired"])
def test_rule_142_whoever_comes_back_needs_room(world, company, end):
    """Rule 142: somebody who declined, or let the term pass, is counted again when invited, or sent to, again."""
    set_limits(world, users_per_organization=2)
    bob = company.outsider("bob")
    invitation = company.invited("bob")
    if end == "declined":
        done(decline(bob, invitation))
    else:
        world.clock.advance(days=30)
    company.invited("carl")
    refused(company.invite("bob"), *FULL_ORGANIZATION)
    if end == "expired":
        resend = company.ann.post(f"/api/orgward/v1/orgs/{company.id}/invitations/{invitation}:resend")
        refused(resend, *FULL_ORGANIZATION)


def test_rule_142_a_project_holds_so_many_users(world, company):
    """Rule 142: a project's members and invited people count, whichever way they come."""
    project, shop = company.project(), company.project("shop")
    set_limits(world, users_per_project=3)
    company.person("bob")
    company.person("carl")
    done(company.add(project, "bob"))
    done(company.add(project, "pia"))
    refused(company.add(project, "carl"), *FULL_PROJECT)
    refused(company.add(project, "quentin"), *FULL_PROJECT)
    refused(company.invite("rosa", on={project: ["GROUP_OWNER"]}), *FULL_PROJECT)
    rosa = company.outsider("rosa")
    company.invited("rosa", on={shop: ["GROUP_OWNER"]})
    assignments = [{"groupId": p, "groupRoles": ["GROUP_OWNER"]} for p in (shop, project)]
    roles = {"orgRoles": ["ORG_MEMBER"], "groupRoleAssignments": assignments}
    refused(company.ann.patch(f"{company.path}/users/{rosa.id}", {"roles": roles}), *FULL_PROJECT)
    assert company.project_user(project, rosa.id) is None


def test_rule_145_a_user_is_in_so_many_organizations(world, company):
    """Rule 145: founding, accepting, and being added at once all stop at the limit."""
    bob = company.outsider("bob")
    done(bob.post("/orgs", {"name": "First"}))
    invitation = company.invited("bob")
    set_limits(world, organizations_per_user=1)
    refused(bob.post("/orgs", {"name": "Second"}), 400, "MAX_ORGS_PER_USER_EXCEEDED")
    refused(accept(bob, invitation), 400, "MAX_ORGS_PER_USER_EXCEEDED")
    set_limits(world, organizations_per_user=2)
    done(accept(bob, invitation))


def test_rule_145_being_added_at_once_counts_too(world, cloud):
    """Rule 145: whoever joins an organization by way of a project joins one more."""
    bob = cloud.outsider("bob")
    done(bob.post("/orgs", {"name": "First"}))
    set_limits(world, organizations_per_user=1)
    refused(cloud.add(cloud.project(), "bob"), 400, "MAX_ORGS_PER_USER_EXCEEDED")


def test_rule_145_a_user_is_in_so_many_projects(world, company):
    """Rule 145: adding, accepting and creating all stop at the limit."""
    web, shop, third = (company.bare_project(name) for name in ("web", "shop", "third"))
    bob, creator = company.person("bob"), company.person("creator", "ORG_GROUP_CREATOR")
    set_limits(world, projects_per_user=1)
    too_many = (400, "MAX_GROUPS_PER_USER_EXCEEDED")
    done(company.add(web, "bob"))
    refused(company.add(shop, "bob"), *too_many)
    company.project("own", creator)
    refused(creator.post("/groups", {"name": "more", "orgId": company.id}), *too_many)
    pia = company.outsider("pia")
    invitation = company.invited("pia", on={shop: ["GROUP_OWNER"], third: ["GROUP_OWNER"]})
    refused(accept(pia, invitation), *too_many)
    roles = {"orgRoles": ["ORG_MEMBER"]}
    roles["groupRoleAssignments"] = [{"groupId": p, "groupRoles": ["GROUP_OWNER"]} for p in (web, shop)]
    refused(company.ann.patch(f"{company.path}/users/{bob.id}", {"roles": roles}), *too_many)
    assert company.status_of(pia.id) == "PENDING"


def test_rule_145_an_organization_holds_so_many_projects(world, company):
    """Rule 145: one project more than the limit is refused; a deleted one makes room."""
    set_limits(world, projects_per_organization=2)
    web = company.project("web")
    company.project("shop")
    body = {"name": "third", "orgId": company.id}
    refused(company.ann.post("/groups", body), 400, "MAX_GROUPS_PER_ORG_EXCEEDED")
    done(company.ann.delete(f"/groups/{web}"))
    company.project("third")


def test_rule_146_an_organization_holds_so_many_keys(world, company):
    """Rule 146: keys made in the organization and in its projects count together."""
    project = company.project()
    set_limits(world, api_keys_per_organization=3)
    company.key("ORG_MEMBER")
    company.key("GROUP_READ_ONLY", project=project)
    for path, role in ((company.path, "ORG_MEMBER"), (f"/groups/{project}", "GROUP_READ_ONLY")):
        reply = company.ann.post(f"{path}/apiKeys", {"desc": "k", "roles": [role]})
        refused(reply, 400, "MAX_API_KEYS_PER_ORG_EXCEEDED")


GOOD_NAMES = ["a", "x" * 64, "Ünïcödé 名前 १२", "a-b_c.d(e),f:g&h@i+j'k", "one two three"]
BAD_NAMES = ["", "x" * 65, " lead", "trail ", "two  spaces", "tab\there", "new\nline", "\u200b"]
BAD_NAMES += ["semi;colon", "a/b", "<b>"]


@pytest.mark.parametrize("name", GOOD_NAMES)
def test_rule_153_names_that_are_taken(company, name):
    """Rule 153: 1 to 64 letters and digits of any script, the listed marks, and single inner spaces."""
    assert done(company.ann.patch(company.path, {"name": name}))["name"] == name
    assert done(company.ann.post("/groups", {"name": name, "orgId": company.id}))["name"] == name


@pytest.mark.parametrize("name", BAD_NAMES)
def test_rule_153_names_that_are_refused(company, name):
    """Rule 153: everything else is refused, made or renamed, for organizations and projects."""
    project = company.project()
    replies = [
        company.ann.patch(company.path, {"name": name}),
        company.ann.post("/orgs", {"name": name}),
        company.ann.post("/groups", {"name": name, "orgId": company.id}),
        company.ann.patch(f"/groups/{project}", {"name": name}),
    ]
    assert [reply.status for reply in replies] == [400] * 4
    assert {reply.code for reply in replies} <= {"INVALID_ORG_NAME", "INVALID_GROUP_NAME"}


@pytest.mark.parametrize(("length", "status"), [(0, 400), (1, 200), (250, 200), (251, 400)])
def test_rule_154_the_description_of_a_key(company, length, status):
    """Rule 154: a key's description takes 1 to 250 characters."""
    reply = company.ann.post(f"{company.path}/apiKeys", {"desc": "ä" * length, "roles": ["ORG_MEMBER"]})
    assert reply.status == status


def test_rule_156_an_invitation_lives_for_thirty_days(world, company):
    """Rule 156: every invitation, of the organization or of a project, says thirty days."""
    company.invited("bob")
    done(company.add(company.project(), "new"))
    for name in ("bob", "new"):
        (shown,) = own_invitations(company.outsider(name))
        assert (shown["createdAt"], shown["expiresAt"]) == ("2027-01-15T08:00:00Z", "2027-02-14T08:00:00Z")

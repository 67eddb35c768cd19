"""Rule 43 and what follows from it: users read by id or name, and made, in the older generation."""

import json

import pytest

from tests.directory.company import (
    OLD,
    OWN,
    Company,
    accept,
    address,
    done,
    log_rows,
    own_invitations,
    refused,
    token_mailed,
)
from tests.empty_store import open_world
from tests.store_checker import check_store

NOBODYS = "0123456789abcdef01234567"
READ = "GROUP_READ_ONLY"
MEMBERS = ["country", "createdAt", "emailAddress", "firstName", "id", "lastName", "links", "roles", "teamIds"]


@pytest.fixture
def world(tmp_path):
    """Open a world on a store of its own, and see that it is whole at the end."""
    found = open_world(tmp_path)
    yield found
    found.close()
    assert check_store(found.store.path) == []


@pytest.fixture(params=["atlas", "cloud_manager"])
def company(world, request):
    """Give a company of either edition."""
    return Company.found(world, request.param)


@pytest.fixture
def atlas(world):
    """Give a company of the edition `atlas`."""
    return Company.found(world, "atlas")


@pytest.fixture
def cloud(world):
    """Give a company of the edition `cloud_manager`."""
    return Company.found(world, "cloud_manager")


def by_id(who, user):
    """Ask for a user by id."""
    return who.get(f"/users/{user}", accept=OLD)


def by_name(who, name):
    """Ask for a user by name."""
    return who.get(f"/users/byName/{address(name)}", accept=OLD)


def roles_of(shown):
    """Give the roles of a user as pairs."""
    return [(role.get("orgId") or role["groupId"], role["roleName"]) for role in shown["roles"]]


def create(who, name, *roles, **more):
    """Make a user with these roles, each a pair of a scope and a role."""
    given = [{("orgId" if r.startswith("ORG") else "groupId"): scope, "roleName": r} for scope, r in roles]
    body = {
        "username": address(name), "roles": given, "country": "IE", "firstName": "Chosen", "lastName": "By Others",
        "mobileNumber": "2125550198", "password": "chosen by somebody else", **more,
    }  # fmt: skip
    return who.post("/users", body, accept=OLD)


# -- reading


def test_rule_43_everybody_reads_themself(company):
    """Rule 43: one's own profile is always there, with every role of one's own; links and order as on the wire."""
    project = company.project()
    bob = company.person("bob", "ORG_READ_ONLY", on={project: [READ]})
    reply = by_id(bob, bob.id)
    shown = done(reply)
    assert shown == done(by_name(bob, "bob"))
    assert roles_of(shown) == [(company.id, "ORG_READ_ONLY"), (project, READ)]
    assert list(shown) == [*MEMBERS, "username"]
    assert [link["rel"].rsplit("/", 1)[-1] for link in shown["links"]] == ["self", "whitelist", "accessList"]
    assert shown["links"][1]["href"].endswith(f"/api/atlas/v2/users/{bob.id}/whitelist")
    assert reply.headers["sunset"]
    loner = company.outsider("loner")
    assert done(by_id(loner, loner.id))["roles"] == []


def test_rule_43_owners_read_their_members(company):
    """Rule 43: an owner reads the profile of a member, with the roles that they hold here."""
    project = company.project()
    bob = company.person("bob", on={project: [READ]})
    for owner in (company.ann, company.owner_key):
        assert roles_of(done(by_id(owner, bob.id))) == [(company.id, "ORG_MEMBER"), (project, READ)]
        assert done(by_name(owner, "BOB@Example.org"))["id"] == bob.id


def test_who_is_not_seen_is_not_there(world, company):
    """Strangers, people only invited, people of other organizations, and made-up ones: one answer but for the id."""
    other = Company.found(world, company.edition, name="Globex", owner="gus")
    ulf = other.person("ulf")
    pia = company.outsider("pia")
    company.invited("pia")
    for user in (ulf.id, pia.id, other.ann.id, company.id):
        found, wanted = by_id(company.ann, user), by_id(company.ann, NOBODYS)
        refused(wanted, 404, "USER_NOT_FOUND")
        assert found.body.replace(user.encode(), NOBODYS.encode()) == wanted.body
    refused(by_name(company.ann, "pia"), 404, "USERNAME_NOT_FOUND")
    for name in ("ulf", "gus"):
        found, wanted = by_name(company.ann, name), by_name(company.ann, "zzz")
        refused(wanted, 404, "USERNAME_NOT_FOUND")
        assert found.body.replace(name.encode(), b"zzz") == wanted.body
    refused(by_id(company.ann, "x"), 400, "PATH_PARAM_PARSE_ERROR")


def test_whoever_was_removed_or_erased_is_gone(world, company):
    """Nobody reads the profile of somebody who was removed, and nobody that of somebody erased."""
    bob, kim = company.person("bob"), company.person("kim")
    done(company.remove(bob.id))
    refused(by_id(company.ann, bob.id), 404, "USER_NOT_FOUND")
    done(by_id(bob, bob.id))
    world.erase("kim@example.org")
    refused(by_id(company.ann, kim.id), 404, "USER_NOT_FOUND")


def test_only_roles_that_the_viewer_may_know_are_shown(world, company):
    """Need to know: nothing of other organizations, and of projects that are closed to the viewer no role."""
    other = Company.found(world, company.edition, name="Globex", owner="gus")
    far, web, shop = other.project("far"), company.project("web"), company.project("shop")
    viewer = company.person("viewer", on={web: [READ]})
    bob = company.person("bob", on={web: [READ], shop: ["GROUP_OWNER"]})
    world.user("bob@example.org", orgs={other.id: ["ORG_OWNER"]}, projects={far: [READ]})
    assert roles_of(done(by_id(viewer, bob.id))) == [(company.id, "ORG_MEMBER"), (web, READ)]
    assert set(roles_of(done(by_id(company.ann, bob.id)))) == {
        (company.id, "ORG_MEMBER"), (web, READ), (shop, "GROUP_OWNER"),
    }  # fmt: skip
    assert len(roles_of(done(by_id(bob, bob.id)))) == 5


def test_somebody_of_ones_project_is_seen_by_it_alone(company):
    """Whose organization roles have ended and who still reads a project sees its people, and their roles in it."""
    web = company.project("web")
    viewer = company.person("viewer", on={web: [READ]})
    bob, kim = company.person("bob", "ORG_READ_ONLY", on={web: [READ]}), company.person("kim")
    done(company.bound(viewer.id, "ORG_MEMBER", ends=10))
    company.world.clock.advance(seconds=10)
    assert roles_of(done(by_id(viewer, bob.id))) == [(web, READ)]
    refused(by_id(viewer, kim.id), 404, "USER_NOT_FOUND")
    team = done(company.ann.post(f"{company.path}/teams", {"name": "ops", "usernames": [address("kim")]}))["id"]
    done(company.ann.post(f"/groups/{web}/teams", [{"teamId": team, "roleNames": [READ]}]))
    shown = done(by_id(viewer, kim.id))
    assert (shown["roles"], shown["teamIds"]) == ([], [])
    assert done(by_id(company.ann, kim.id))["teamIds"] == [team]


def test_roles_out_of_force_are_not_shown(company):
    """A role that has ended, or not begun, is no role of anybody's."""
    bob = company.person("bob", "ORG_MEMBER", "ORG_READ_ONLY", "ORG_GROUP_CREATOR")
    done(company.bound(bob.id, "ORG_READ_ONLY", ends=10))
    done(company.bound(bob.id, "ORG_GROUP_CREATOR", starts=50))
    company.world.clock.advance(seconds=10)
    assert roles_of(done(by_id(company.ann, bob.id))) == [(company.id, "ORG_MEMBER")]


def test_whoever_is_suspended_sees_nobody_there(company):
    """A suspension takes the others out of sight; of oneself everything stays."""
    viewer, bob = company.person("viewer", "ORG_OWNER"), company.person("bob")
    done(by_id(viewer, bob.id))
    done(company.suspend(viewer.id))
    refused(by_id(viewer, bob.id), 404, "USER_NOT_FOUND")
    done(by_id(viewer, viewer.id))


# -- creating


def test_a_new_user_is_invited(world, company):
    """The reply shows somebody without a role; they get what was named when they accept, and not before."""
    project = company.project()
    reply = create(company.ann, "pia", (company.id, "ORG_READ_ONLY"), (project, READ))
    assert reply.status == 201
    shown = reply.json
    assert (shown["roles"], shown["username"], shown["firstName"]) == ([], address("pia"), "")
    assert list(shown) == [*MEMBERS, "username"]
    assert company.status_of(shown["id"]) == "PENDING"
    assert log_rows(world)[-1]["org_id"] == company.id
    pia = company.outsider("pia")
    for invitation in own_invitations(pia):
        done(accept(pia, invitation["id"]))
    assert company.roles_of(pia.id) == ["ORG_READ_ONLY"]
    assert company.project_roles_of(project, pia.id) == [READ]


def test_the_password_is_nobodys_to_set(world, company):
    """Only the mailed link sets a password and a name: whoever sends one along does not get in with it."""
    created = done(create(company.ann, "pia", (company.id, "ORG_MEMBER")))
    sign_in = {"username": address("pia"), "password": "chosen by somebody else"}
    assert world.nobody.post(f"{OWN}/sessions", sign_in).status == 401
    chosen = {"token": token_mailed(world, "pia"), "password": "chosen by herself", "firstName": "P", "lastName": "A"}
    session = done(world.nobody.post(f"{OWN}/accounts:setup", chosen))
    assert session["userId"] == created["id"]
    assert world.nobody.post(f"{OWN}/sessions", sign_in).status == 401
    pia = world.session(created["id"])
    assert [done(by_id(pia, pia.id))[name] for name in ("firstName", "lastName", "country")] == ["P", "A", "ZZ"]
    assert "chosen by somebody else" not in json.dumps(log_rows(world))


def test_the_answer_is_the_same_whether_or_not_there_is_an_account(world, atlas):
    """Inviting tells nothing of an account that is there: no name, no date, no role."""
    ulf = Company.found(world, "atlas", name="Globex", owner="gus").person("ulf")
    world.clock.advance(days=1)
    known = done(create(atlas.ann, "ulf", (atlas.id, "ORG_MEMBER")))
    unknown = done(create(atlas.ann, "new", (atlas.id, "ORG_MEMBER")))
    text = json.dumps(known).replace(ulf.id, unknown["id"]).replace("ulf@", "new@")
    assert json.loads(text) == unknown


def test_a_member_is_on_the_project_at_once(company):
    """Rule 37: a member of the organization who is named for a project is in it, and shown with its role."""
    project = company.project()
    bob = company.person("bob")
    boss = company.person("boss", on={project: ["GROUP_OWNER"]})
    shown = done(create(boss, "bob", (project, READ)))
    assert roles_of(shown) == [(company.id, "ORG_MEMBER"), (project, READ)]
    assert company.project_roles_of(project, bob.id) == [READ]


def test_rule_37_a_project_alone_invites_to_both(atlas):
    """Rule 37: whoever is named for a project only is invited to its organization, too."""
    project = atlas.project()
    boss = atlas.person("boss", on={project: ["GROUP_OWNER"]})
    shown = done(create(boss, "pia", (project, READ)))
    assert shown["roles"] == []
    pia = atlas.outsider("pia")
    (invitation,) = own_invitations(pia)
    done(accept(pia, invitation["id"]))
    assert atlas.roles_of(pia.id) == ["ORG_MEMBER"]


def test_rule_37_an_account_joins_at_once_in_cloud_manager(cloud):
    """Rule 37: there an account named for a project is in it at once, and in the organization."""
    project = cloud.project()
    pia = cloud.outsider("pia")
    assert roles_of(done(create(cloud.ann, "pia", (project, READ)))) == [(cloud.id, "ORG_MEMBER"), (project, READ)]
    assert cloud.roles_of(pia.id) == ["ORG_MEMBER"]


def test_whoever_is_there_is_there_already(company):
    """Somebody who is in the organization, in the project or invited is not made a second time."""
    project = company.project()
    company.person("bob", on={project: [READ]})
    done(create(company.ann, "pia", (company.id, "ORG_MEMBER")))
    for name, role in (
        ("bob", (company.id, "ORG_MEMBER")),
        ("bob", (project, READ)),
        ("pia", (company.id, "ORG_MEMBER")),
    ):
        refused(create(company.ann, name, role), 409, "USER_ALREADY_EXISTS")


def test_each_place_is_authorized_for_itself(world, company):
    """Naming a place that one may not invite to is refused as anywhere, and nobody is invited to the other one."""
    web, shop = company.project("web"), company.bare_project("shop")
    boss = company.person("boss", on={web: ["GROUP_OWNER"], shop: [READ]})
    other = Company.found(world, company.edition, name="Globex", owner="gus")
    far = other.project("far")
    refused(create(boss, "pia", (company.id, "ORG_MEMBER"), (web, READ)), 401, "USER_UNAUTHORIZED")
    refused(create(boss, "pia", (web, READ), (shop, READ)), 401, "USER_UNAUTHORIZED")
    for place, code in (((other.id, "ORG_MEMBER"), "ORG_NOT_FOUND"), ((far, READ), "GROUP_NOT_FOUND")):
        unknown = (NOBODYS, place[1])
        found = create(company.ann, "pia", (company.id, "ORG_MEMBER"), place)
        wanted = create(company.ann, "pia", (company.id, "ORG_MEMBER"), unknown)
        refused(wanted, 404, code)
        assert found.body.replace(place[0].encode(), NOBODYS.encode()) == wanted.body
    assert done(company.ann.get(f"{company.path}/invites", accept=OLD)) == []


def test_one_organization_at_a_time(world, company):
    """Two organizations, a project of another one, or two projects alone are one call each."""
    other = Company.found(world, company.edition, name="Globex", owner="gus")
    world.user("ann@example.org", orgs={other.id: ["ORG_OWNER"]})
    far, web, shop = other.project("far"), company.project("web"), company.project("shop")
    here, there = (company.id, "ORG_MEMBER"), (other.id, "ORG_MEMBER")
    for roles in ([here, there], [here, (far, READ)], [(web, READ), (shop, READ)]):
        reply = create(company.ann, "pia", *roles)
        refused(reply, 400, "INVALID_ATTRIBUTE")
        assert reply.json["badRequestDetail"]["fields"][0]["field"] == "roles"


@pytest.mark.parametrize(
    ("role", "places", "code"),
    [
        ("ORG_MEMBER", (), "ROLE_NEEDS_ORG_ID"),
        (READ, (), "ROLE_NEEDS_GROUP_ID"),
        ("ORG_MEMBER", ("orgId", "groupId"), "ROLE_NEEDS_NO_GROUP_ID"),
        (READ, ("orgId", "groupId"), "ROLE_NEEDS_NO_ORG_ID"),
        ("ORG_MEMBER", ("groupId",), "CANNOT_ADD_ORG_ROLE"),
        (READ, ("orgId",), "CANNOT_ADD_GROUP_ROLE"),
        ("ORG_WIZARD", ("orgId",), "INVALID_ROLE_FOR_ORG"),
    ],
)
def test_rule_4_a_role_stands_with_its_id(company, role, places, code):
    """Rule 4: an organization role needs an organization and no project, a project role the other way round."""
    ids = {"orgId": company.id, "groupId": company.project()}
    given = {"roleName": role, **{place: ids[place] for place in places}}
    refused(company.ann.post("/users", {"username": address("pia"), "roles": [given]}, accept=OLD), 400, code)


def test_who_hands_out_what_holds_here(atlas):
    """An access manager gives every project role but the owner's, here as everywhere."""
    project = atlas.project()
    manager = atlas.person("mia", on={project: ["GROUP_ACCESS_MANAGER"]})
    refused(create(manager, "pia", (project, "GROUP_OWNER")), 403, "ROLE_NOT_GRANTABLE")
    done(create(manager, "pia", (project, READ)))


def test_a_body_is_as_described(company):
    """No role, no username, or a member that nobody knows is refused."""
    for body in ({}, {"username": address("pia"), "roles": []}, {"username": address("pia")}):
        assert company.ann.post("/users", body, accept=OLD).status == 400
    refused(create(company.ann, "pia", (company.id, "ORG_MEMBER"), nonsense=1), 400, "INVALID_ATTRIBUTE")
    refused(create(company.ann, "no address", (company.id, "ORG_MEMBER")), 400, "INVALID_EMAIL_ADDRESS")

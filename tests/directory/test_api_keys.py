"""API keys: what a key is, who may give it what, and what it may not do to itself."""

import pytest

from orgward.app.execute import Call
from orgward.app.operation import REGISTRY
from orgward.catalog import Limits
from orgward.kernel.principal import Principal
from tests.world import Caller, opened


@pytest.fixture
def acme(world):
    """Give an organization of the Atlas edition."""
    return world.organization()


@pytest.fixture
def classic(world):
    """Give an organization of the Cloud Manager edition."""
    return world.organization("Classic", edition="cloud_manager", owner="carl@example.org")


def project_in(org, name="Apollo"):
    """Make a project and give its id."""
    return org.key.post("/groups", {"name": name, "orgId": org.id}).json["id"]


def key_in(org, *roles, by=None):
    """Make a key of the organization and give a caller that uses it."""
    reply = (by or org.key).post(f"/orgs/{org.id}/apiKeys", {"desc": "a key", "roles": list(roles)})
    assert reply.status == 200, reply.json
    return caller_of(org.key.world, reply.json)


def project_key_in(org, project, *roles, by=None):
    """Make a key of the project and give a caller that uses it."""
    reply = (by or org.key).post(f"/groups/{project}/apiKeys", {"desc": "a key", "roles": list(roles)})
    assert reply.status == 200, reply.json
    return caller_of(org.key.world, reply.json)


def caller_of(world, shown):
    """Give the caller whose key was just shown."""
    return Caller(world, shown["publicKey"], shown["privateKey"], id=shown["id"])


def roles_of(org, key):
    """Give the roles of the key as its organization shows them to the owner."""
    shown = org.key.get(f"/orgs/{org.id}/apiKeys/{key.id}").json["roles"]
    return {(role.get("orgId") or role["groupId"], role["roleName"]) for role in shown}


def list_of(org, key):
    """Give the path of the key's access list."""
    return f"/orgs/{org.id}/apiKeys/{key.id}/accessList"


def blocks_of(org, key):
    """Give the blocks on the key's access list."""
    return {entry["cidrBlock"] for entry in org.key.get(list_of(org, key)).json["results"]}


# -- what a key is


def test_a_key_calls_the_api_and_opens_no_session(world, acme):
    """Rule 72: a key's halves are no username and password."""
    key = key_in(acme, "ORG_READ_ONLY")
    assert key.get(f"/orgs/{acme.id}").status == 200
    body = {"username": key.public_key, "password": key.private_key}
    assert world.nobody.post("/api/orgward/v1/sessions", body).status == 401


def test_a_key_is_of_one_organization_and_of_any_of_its_projects(world, acme, classic):
    """Rule 73: of another organization's project a key is unknown."""
    first, second, foreign = project_in(acme), project_in(acme, "Borealis"), project_in(classic)
    key = key_in(acme, "ORG_MEMBER")
    for project in (first, second):
        reply = acme.key.post(f"/groups/{project}/apiKeys/{key.id}", [{"roles": ["GROUP_READ_ONLY"]}])
        assert reply.status == 204
        assert key.get(f"/groups/{project}").status == 200
    reply = classic.key.post(f"/groups/{foreign}/apiKeys/{key.id}", [{"roles": ["GROUP_READ_ONLY"]}])
    assert (reply.status, reply.code) == (400, "API_KEY_NOT_FOUND")


@pytest.mark.parametrize("roles", [[], None])
def test_a_key_needs_a_role(acme, roles):
    """Rule 73: neither made, nor changed, nor put on a project without one."""
    project, key = project_in(acme), key_in(acme, "ORG_MEMBER")
    body = {"desc": "a key"} | ({} if roles is None else {"roles": roles})
    for path in (f"/orgs/{acme.id}/apiKeys", f"/groups/{project}/apiKeys"):
        reply = acme.key.post(path, body)
        assert reply.code == ("MISSING_ATTRIBUTE" if roles is None else "MISSING_API_KEY_ROLES")
        assert reply.status == 400
    if roles is not None:
        assert acme.key.patch(f"/orgs/{acme.id}/apiKeys/{key.id}", {"roles": []}).code == "MISSING_API_KEY_ROLES"
        reply = acme.key.post(f"/groups/{project}/apiKeys/{key.id}", [])
        assert reply.code == "MISSING_API_KEY_ROLES"
    assert roles_of(acme, key) == {(acme.id, "ORG_MEMBER")}


def test_a_key_takes_roles_of_its_scope_only(acme):
    """Rule 4: organization roles in the organization, project roles in the project."""
    project = project_in(acme)
    refused = {
        f"/orgs/{acme.id}/apiKeys": ("GROUP_OWNER", "CANNOT_ADD_GROUP_ROLE"),
        f"/groups/{project}/apiKeys": ("ORG_OWNER", "CANNOT_ADD_ORG_ROLE"),
    }
    for path, (role, code) in refused.items():
        reply = acme.key.post(path, {"desc": "a key", "roles": [role]})
        assert (reply.status, reply.code) == (400, code)


def test_a_key_reaches_a_project_by_either_kind_of_role(acme):
    """Rule 74: an organization role that reaches in, or a role in the project."""
    project, other = project_in(acme), project_in(acme, "Borealis")
    assert key_in(acme, "ORG_READ_ONLY").get(f"/groups/{project}").status == 200
    inside = project_key_in(acme, project, "GROUP_READ_ONLY")
    assert inside.get(f"/groups/{project}").status == 200
    assert inside.get(f"/groups/{other}").status == 404
    assert key_in(acme, "ORG_MEMBER").get(f"/groups/{project}").status == 404


@pytest.mark.parametrize("with_project_role", [False, True])
def test_an_owner_key_reaches_every_project(acme, with_project_role):
    """Rule 75: with a Project Owner role beside it, as the document says, and by rule 12 without."""
    first, second = project_in(acme), project_in(acme, "Borealis")
    key = key_in(acme, "ORG_OWNER")
    if with_project_role:
        acme.key.post(f"/groups/{first}/apiKeys/{key.id}", [{"roles": ["GROUP_OWNER"]}])
    for project in (first, second):
        assert key.patch(f"/groups/{project}", {"name": f"Renamed {project}"}).status == 200


def test_a_key_made_in_a_project_joins_the_organization(acme):
    """Rule 76: as Organization Member, whoever made it."""
    project = project_in(acme)
    keeper = project_key_in(acme, project, "GROUP_ACCESS_MANAGER")
    made = project_key_in(acme, project, "GROUP_READ_ONLY", by=keeper)
    assert roles_of(acme, made) == {(acme.id, "ORG_MEMBER"), (project, "GROUP_READ_ONLY")}
    assert made.get(f"/orgs/{acme.id}").status == 200


def test_joining_the_organization_needs_no_right_to_give_that_role(world, acme):
    """Rule 76: the membership follows from the key, even where its maker's own has ended."""
    project = project_in(acme)
    keeper = project_key_in(acme, project, "GROUP_ACCESS_MANAGER")
    bounds = f"/api/orgward/v1/orgs/{acme.id}/apiKeys/{keeper.id}/roles/ORG_MEMBER"
    assert acme.key.put(bounds, {"endsAt": "2027-01-16T08:00:00Z"}).status == 200
    world.clock.advance(days=2)
    made = project_key_in(acme, project, "GROUP_READ_ONLY", by=keeper)
    assert roles_of(acme, made) == {(acme.id, "ORG_MEMBER"), (project, "GROUP_READ_ONLY")}


def test_deleting_a_key_ends_it_at_once_everywhere(world, acme):
    """Rule 79: from the organization it goes from every project, and its secret with it."""
    project = project_in(acme)
    key = project_key_in(acme, project, "GROUP_OWNER")
    acme.key.post(list_of(acme, key), [{"ipAddress": "127.0.0.1"}])
    assert key.get(f"/groups/{project}").status == 200
    assert acme.key.delete(f"/orgs/{acme.id}/apiKeys/{key.id}").status == 204
    assert key.get(f"/groups/{project}").status == 401
    view = world.store.view
    assert view.get("credentials", key.id, "digest") is None
    assert not view.find("assignments", holder_id=key.id)
    assert not view.find("api_key_access", key_id=key.id)
    assert key.id not in {item["id"] for item in acme.key.get(f"/groups/{project}/apiKeys").json["results"]}


def test_taking_a_key_off_a_project_keeps_it_in_the_organization(acme):
    """Rule 79: the key lives on, without this project."""
    project, other = project_in(acme), project_in(acme, "Borealis")
    key = project_key_in(acme, project, "GROUP_OWNER")
    acme.key.post(f"/groups/{other}/apiKeys/{key.id}", [{"roles": ["GROUP_READ_ONLY"]}])
    assert acme.key.delete(f"/groups/{project}/apiKeys/{key.id}").status == 204
    assert key.get(f"/groups/{project}").status == 404
    assert key.get(f"/groups/{other}").status == 200
    assert roles_of(acme, key) == {(acme.id, "ORG_MEMBER"), (other, "GROUP_READ_ONLY")}
    assert acme.key.delete(f"/groups/{project}/apiKeys/{key.id}").code == "API_KEY_NOT_FOUND"


def test_a_private_key_is_shown_once(acme):
    """Rule 80: in the answer to its making, and masked ever after."""
    project = project_in(acme)
    for key in (key_in(acme, "ORG_MEMBER"), project_key_in(acme, project, "GROUP_READ_ONLY")):
        path = f"/orgs/{acme.id}/apiKeys/{key.id}"
        masked = f"********-****-****-{key.private_key[-12:]}"
        assert acme.key.get(path).json["privateKey"] == masked
        assert acme.key.patch(path, {"desc": "renamed"}).json["privateKey"] == masked
        for listing in (f"/orgs/{acme.id}/apiKeys", f"/groups/{project}/apiKeys"):
            assert key.private_key.encode() not in acme.key.get(listing).body


@pytest.mark.parametrize(("length", "status"), [(0, 400), (1, 200), (250, 200), (251, 400)])
def test_a_description_has_1_to_250_characters(acme, length, status):
    """Rules 80 and 154: in making and in changing."""
    project, key = project_in(acme), key_in(acme, "ORG_MEMBER")
    made = acme.key.post(f"/orgs/{acme.id}/apiKeys", {"desc": "é" * length, "roles": ["ORG_MEMBER"]})
    within = acme.key.post(f"/groups/{project}/apiKeys", {"desc": "é" * length, "roles": ["GROUP_OWNER"]})
    changed = acme.key.patch(f"/orgs/{acme.id}/apiKeys/{key.id}", {"desc": "é" * length})
    for reply in (made, within, changed):
        assert reply.status == status
        if status == 400:
            assert (reply.code, reply.json["parameters"]) == ("INVALID_API_KEY_DESC", ["250"])
            assert [fault["field"] for fault in reply.json["badRequestDetail"]["fields"]] == ["desc"]


def test_an_organization_holds_no_more_keys_than_its_limit(tmp_path):
    """Rule 146: made in the organization or in a project, and free again after a deletion."""
    with opened(tmp_path, limits=Limits(api_keys_per_organization=3)) as world:
        acme, other = world.organization(), world.organization("Other")
        project = project_in(acme)
        first = key_in(acme, "ORG_MEMBER")
        project_key_in(acme, project, "GROUP_READ_ONLY")
        for path, role in (
            (f"/orgs/{acme.id}/apiKeys", "ORG_MEMBER"),
            (f"/groups/{project}/apiKeys", "GROUP_OWNER"),
        ):
            reply = acme.key.post(path, {"desc": "one more", "roles": [role]})
            assert (reply.status, reply.code) == (400, "MAX_API_KEYS_PER_ORG_EXCEEDED")
            assert reply.json["parameters"] == ["3", acme.id]
        key_in(other, "ORG_MEMBER")
        assert acme.key.delete(f"/orgs/{acme.id}/apiKeys/{first.id}").status == 204
        key_in(acme, "ORG_MEMBER")


# -- who may give a key what


def test_a_patch_changes_only_what_it_names(acme):
    """Roles stay when the description changes, and the other way round; projects stay in both."""
    project = project_in(acme)
    key = project_key_in(acme, project, "GROUP_READ_ONLY")
    path = f"/orgs/{acme.id}/apiKeys/{key.id}"
    assert acme.key.patch(path, {"desc": "renamed"}).json["desc"] == "renamed"
    assert roles_of(acme, key) == {(acme.id, "ORG_MEMBER"), (project, "GROUP_READ_ONLY")}
    assert acme.key.patch(path, {"roles": ["ORG_READ_ONLY"]}).json["desc"] == "renamed"
    assert roles_of(acme, key) == {(acme.id, "ORG_READ_ONLY"), (project, "GROUP_READ_ONLY")}
    reply = acme.key.patch(f"/groups/{project}/apiKeys/{key.id}", {"roles": ["GROUP_OWNER"]})
    assert (reply.status, reply.json["desc"]) == (200, "renamed")
    assert roles_of(acme, key) == {(acme.id, "ORG_READ_ONLY"), (project, "GROUP_OWNER")}


def test_only_owners_manage_keys_of_the_organization(acme):
    """Rule 77: every member sees them, none but owners changes them."""
    key = key_in(acme, "ORG_MEMBER")
    others = [key_in(acme, role) for role in ("ORG_GROUP_CREATOR", "ORG_READ_ONLY", "ORG_BILLING_ADMIN")]
    for caller in others:
        assert caller.get(f"/orgs/{acme.id}/apiKeys/{key.id}").status == 200
        assert caller.patch(f"/orgs/{acme.id}/apiKeys/{key.id}", {"desc": "mine"}).status == 401
        assert caller.delete(f"/orgs/{acme.id}/apiKeys/{key.id}").status == 401
        reply = caller.post(f"/orgs/{acme.id}/apiKeys", {"desc": "mine", "roles": ["ORG_MEMBER"]})
        assert (reply.status, reply.code) == (401, "USER_UNAUTHORIZED")


def test_an_access_manager_gives_a_key_what_it_holds_and_no_more(world, acme):
    """contract.md, Who may hand out what: at minting and at change; to people it may give more."""
    project = project_in(acme)
    world.user("ken@example.org", orgs={acme.id: ["ORG_MEMBER"]})
    keeper = world.user("kim@example.org", projects={project: ["GROUP_ACCESS_MANAGER"]})
    person = {"username": "ken@example.org", "roles": ["GROUP_CLUSTER_MANAGER"]}
    assert keeper.post(f"/groups/{project}/users", person).status in {200, 201}
    for role in ("GROUP_OWNER", "GROUP_CLUSTER_MANAGER"):
        reply = keeper.post(f"/groups/{project}/apiKeys", {"desc": "too much", "roles": [role]})
        assert (reply.status, reply.code) == (403, "ROLE_NOT_GRANTABLE")
    key = project_key_in(acme, project, "GROUP_READ_ONLY", by=keeper)
    reply = keeper.patch(f"/groups/{project}/apiKeys/{key.id}", {"roles": ["GROUP_CLUSTER_MANAGER"]})
    assert reply.code == "ROLE_NOT_GRANTABLE"
    assert roles_of(acme, key) == {(acme.id, "ORG_MEMBER"), (project, "GROUP_READ_ONLY")}


def test_whoever_manages_keys_takes_them_off_by_the_same_column_as_people(world, acme, classic):
    """Rule 77: all but an owner's in Atlas, every one in Cloud Manager."""
    project = project_in(acme)
    keeper = world.user("kim@example.org", projects={project: ["GROUP_ACCESS_MANAGER"]})
    for role, status in (("GROUP_CLUSTER_MANAGER", 204), ("GROUP_OWNER", 403)):
        key = project_key_in(acme, project, role)
        assert keeper.delete(f"/groups/{project}/apiKeys/{key.id}").status == status
    older = project_in(classic)
    keeper = world.user("una@example.org", projects={older: ["GROUP_USER_ADMIN"]})
    key = project_key_in(classic, older, "GROUP_OWNER")
    assert keeper.delete(f"/groups/{older}/apiKeys/{key.id}").status == 204


def test_a_key_keeps_its_roles_when_its_maker_loses_theirs(world, acme):
    """contract.md: a key is only itself, never its maker."""
    maker = world.user("max@example.org", orgs={acme.id: ["ORG_OWNER"]})
    key = key_in(acme, "ORG_OWNER", by=maker)
    assert acme.key.delete(f"/orgs/{acme.id}/users/{maker.id}").status == 204
    assert key.patch(f"/orgs/{acme.id}", {"name": "Still there"}).status == 200


def test_a_key_may_not_raise_its_own_roles(acme):
    """contract.md, Self-change: neither in the organization nor in a project; it may lower them."""
    project = project_in(acme)
    key = project_key_in(acme, project, "GROUP_ACCESS_MANAGER")
    own = f"/groups/{project}/apiKeys/{key.id}"
    acme.key.patch(own, {"roles": ["GROUP_ACCESS_MANAGER", "GROUP_READ_ONLY"]})
    reply = key.patch(own, {"roles": ["GROUP_OWNER"]})
    assert (reply.status, reply.code) == (403, "ROLE_NOT_GRANTABLE")
    assert key.patch(own, {"roles": ["GROUP_ACCESS_MANAGER"]}).status == 200
    owner = key_in(acme, "ORG_OWNER")
    assert owner.patch(f"/orgs/{acme.id}/apiKeys/{owner.id}", {"roles": ["ORG_READ_ONLY"]}).status == 200
    reply = owner.patch(f"/orgs/{acme.id}/apiKeys/{owner.id}", {"roles": ["ORG_OWNER"]})
    assert (reply.status, reply.code) == (401, "USER_UNAUTHORIZED")


def test_a_key_may_not_outlast_its_own_end(world, acme):
    """contract.md, Self-change: an owner until tomorrow gives itself nothing for the day after."""
    key = key_in(acme, "ORG_OWNER")
    bounds = f"/api/orgward/v1/orgs/{acme.id}/apiKeys/{key.id}/roles/ORG_OWNER"
    assert acme.key.put(bounds, {"endsAt": "2027-01-16T08:00:00Z"}).status == 200
    own = f"/orgs/{acme.id}/apiKeys/{key.id}"
    reply = key.patch(own, {"roles": ["ORG_OWNER", "ORG_READ_ONLY"]})
    assert (reply.status, reply.code) == (400, "CANNOT_MODIFY_OWN_ROLES")
    assert acme.key.patch(own, {"roles": ["ORG_OWNER", "ORG_READ_ONLY"]}).status == 200
    world.clock.advance(days=2)
    assert roles_of(acme, key) == {(acme.id, "ORG_READ_ONLY")}


def test_a_maker_raises_a_key_that_they_made(world, classic):
    """contract.md, Self-change: in Cloud Manager nobody changes their own roles; a key is somebody else."""
    maker = world.user("mia@example.org", orgs={classic.id: ["ORG_OWNER"]})
    key = key_in(classic, "ORG_MEMBER", by=maker)
    assert maker.patch(f"/orgs/{classic.id}/apiKeys/{key.id}", {"roles": ["ORG_OWNER"]}).status == 200


def test_an_owner_key_is_no_last_owner(world, acme):
    """contract.md, Last owner: the last person stays, though a key could go on; keys come and go."""
    key = key_in(acme, "ORG_OWNER")
    assert key.delete(f"/orgs/{acme.id}/users/{acme.owner}").code == "CANNOT_DELETE_LAST_ADMIN"
    assert key.delete(f"/orgs/{acme.id}/apiKeys/{key.id}").status == 204


# -- access lists


def test_an_empty_list_means_any_address_and_an_entry_restricts(world, acme):
    """Rule 82: from elsewhere the call is refused by its gate, and identical credentials pass from inside."""
    key = key_in(acme, "ORG_READ_ONLY")
    elsewhere = Caller(world, key.public_key, key.private_key, address="203.0.113.9")
    assert elsewhere.get(f"/orgs/{acme.id}").status == 200
    assert acme.key.post(list_of(acme, key), [{"cidrBlock": "127.0.0.0/8"}]).status == 200
    assert key.get(f"/orgs/{acme.id}").status == 200
    reply = elsewhere.get(f"/orgs/{acme.id}")
    assert (reply.status, reply.code) == (403, "IP_ADDRESS_NOT_ON_ACCESS_LIST")
    assert reply.json["parameters"] == ["203.0.113.9"]
    mapped = Caller(world, key.public_key, key.private_key, address="::ffff:127.0.0.1")
    assert mapped.get(f"/orgs/{acme.id}").status == 200


def test_a_list_is_closed_to_a_client_without_an_address(world, acme):
    """Rule 82: behind a socket of the file system nobody knows where a client is, so no entry lets it in."""
    key = key_in(acme, "ORG_READ_ONLY")
    acme.key.post(list_of(acme, key), [{"cidrBlock": "0.0.0.0/0"}, {"cidrBlock": "::/0"}])
    nowhere = Caller(world, key.public_key, key.private_key, address="")
    assert nowhere.get(f"/orgs/{acme.id}").code == "IP_ADDRESS_NOT_ON_ACCESS_LIST"


def test_a_list_takes_an_address_once(acme):
    """Rule 82: repeated in one body, or there already, however it is written; nothing of the body is kept."""
    key = key_in(acme, "ORG_MEMBER")
    reply = acme.key.post(list_of(acme, key), [{"ipAddress": "192.0.2.7"}, {"cidrBlock": "192.0.2.7/32"}])
    assert (reply.status, reply.code) == (400, "DUPLICATE_ADDRESSES_IN_INPUT")
    assert acme.key.post(list_of(acme, key), [{"ipAddress": "192.0.2.7"}]).status == 200
    reply = acme.key.post(list_of(acme, key), [{"ipAddress": "192.0.2.8"}, {"cidrBlock": "192.0.2.7/32"}])
    assert (reply.status, reply.code) == (409, "ADDRESS_ALREADY_IN_ACCESS_LIST")
    assert blocks_of(acme, key) == {"192.0.2.7/32"}


@pytest.mark.parametrize("role", ["ORG_OWNER", "ORG_MEMBER"])
def test_a_key_narrows_its_own_list_and_never_widens_it(acme, role):
    """contract.md, Self-change: it needs no role for that, and no role helps it."""
    key = key_in(acme, role)
    own = list_of(acme, key)
    assert key.post(own, [{"cidrBlock": "127.0.0.0/8"}, {"cidrBlock": "10.0.0.0/9"}]).status == 200
    for wider in ("10.128.0.0/9", "10.0.0.0/8", "0.0.0.0/0", "::1/128"):
        reply = key.post(own, [{"cidrBlock": "127.0.0.1/32"}, {"cidrBlock": wider}])
        assert (reply.status, reply.code) == (403, "CANNOT_WIDEN_OWN_ACCESS_LIST")
    assert key.post(own, [{"ipAddress": "127.0.0.1"}]).status == 200
    assert key.delete(f"{own}/127.0.0.0%2F8").status == 204
    assert blocks_of(acme, key) == {"127.0.0.1/32", "10.0.0.0/9"}


def test_an_owner_widens_the_list_of_another_key(acme):
    """contract.md: the limit is on the key itself; its owner adds, and removes the last entry."""
    key = key_in(acme, "ORG_MEMBER")
    acme.key.post(list_of(acme, key), [{"ipAddress": "192.0.2.7"}])
    assert acme.key.post(list_of(acme, key), [{"cidrBlock": "0.0.0.0/0"}]).status == 200
    assert acme.key.delete(f"{list_of(acme, key)}/0.0.0.0%2F0").status == 204
    assert acme.key.delete(f"{list_of(acme, key)}/192.0.2.7").status == 204
    assert blocks_of(acme, key) == set()


def test_a_key_cannot_remove_its_own_address(acme):
    """Rule 82: not the entry that lets it in; another entry that does so as well sets it free."""
    key = key_in(acme, "ORG_MEMBER")
    own = list_of(acme, key)
    acme.key.post(own, [{"ipAddress": "127.0.0.1"}, {"ipAddress": "192.0.2.7"}])
    reply = key.delete(f"{own}/127.0.0.1")
    assert (reply.status, reply.code) == (400, "CANNOT_REMOVE_CALLER_FROM_WHITELIST")
    assert reply.json["parameters"] == ["127.0.0.1"]
    assert key.delete(f"{own}/192.0.2.7").status == 204
    assert key.delete(f"{own}/127.0.0.1").code == "CANNOT_REMOVE_CALLER_FROM_WHITELIST"
    acme.key.post(own, [{"cidrBlock": "127.0.0.0/8"}])
    assert key.delete(f"{own}/127.0.0.1%2F32").status == 204
    assert blocks_of(acme, key) == {"127.0.0.0/8"}


def test_a_key_manages_no_list_but_its_own(world, acme, classic):
    """Who is not owner needs to be the key itself; an organization that it is not in stays unknown to it."""
    key, other = key_in(acme, "ORG_READ_ONLY"), key_in(acme, "ORG_MEMBER")
    reply = key.post(list_of(acme, other), [{"ipAddress": "127.0.0.1"}])
    assert (reply.status, reply.code) == (401, "USER_UNAUTHORIZED")
    reply = key.post(list_of(classic, key), [{"ipAddress": "127.0.0.1"}])
    assert (reply.status, reply.code) == (404, "ORG_NOT_FOUND")
    person = world.user("pat@example.org", orgs={acme.id: ["ORG_READ_ONLY"]})
    assert person.post(list_of(acme, key), [{"ipAddress": "127.0.0.1"}]).status == 401


def test_the_operator_removes_the_last_entry_of_a_list(world, acme):
    """Whoever can open the store takes a key out of its own lock."""
    operator = Principal("operator", "somebody-with-a-rather-long-account-name")
    key = key_in(acme, "ORG_MEMBER")
    values = {"orgId": acme.id, "apiUserId": key.id, "ipAddress": "192.0.2.7"}
    acme.key.post(list_of(acme, key), [{"ipAddress": "192.0.2.7"}])
    call = Call(REGISTRY["deleteOrgApiKeyAccessListEntry"], operator, values)
    assert world.door.write(call).result(30).result is None
    assert blocks_of(acme, key) == set()


def test_a_list_has_a_limit(tmp_path):
    """Every request of a key looks at its whole list, so that it can not grow without end."""
    with opened(tmp_path, limits=Limits(access_list_entries_per_key=2)) as world:
        acme = world.organization()
        key = key_in(acme, "ORG_MEMBER")
        reply = acme.key.post(list_of(acme, key), [{"ipAddress": f"192.0.2.{n}"} for n in range(1, 4)])
        assert (reply.status, reply.code) == (403, "ACCESS_LIST_ENTRIES_LIMIT_EXCEEDED")
        assert blocks_of(acme, key) == set()
        assert acme.key.post(list_of(acme, key), [{"ipAddress": f"192.0.2.{n}"} for n in (1, 2)]).status == 200
        reply = acme.key.post(list_of(acme, key), [{"ipAddress": "192.0.2.3"}])
        assert reply.code == "ACCESS_LIST_ENTRIES_LIMIT_EXCEEDED"

"""API keys on the wire: shapes, links, pages, and what stays unknown to whom."""

import pytest

from tests.world import Caller, path_of


@pytest.fixture
def acme(world):
    """Give an organization of the Atlas edition."""
    return world.organization()


def made(org, path, role):
    """Make a key and give it as it was shown."""
    reply = org.key.post(path, {"desc": "a key", "roles": [role]})
    assert reply.status == 200, reply.json
    return reply.json


def made_in(org, role="ORG_READ_ONLY"):
    """Make a key of the organization and give it as it was shown."""
    return made(org, f"/orgs/{org.id}/apiKeys", role)


def project_in(org, name="Apollo"):
    """Make a project and give its id."""
    return org.key.post("/groups", {"name": name, "orgId": org.id}).json["id"]


def test_a_new_key_has_the_recorded_shape(acme):
    """Members, a public key of eight letters, a UUID, one link to itself, status 200 (wire.md 3, 8)."""
    shown = made_in(acme)
    assert list(shown) == ["desc", "id", "links", "privateKey", "publicKey", "roles"]
    assert shown["roles"] == [{"orgId": acme.id, "roleName": "ORG_READ_ONLY"}]
    assert [link["rel"] for link in shown["links"]] == ["self"]
    assert path_of(shown["links"][0]["href"]) == f"/api/atlas/v2/orgs/{acme.id}/apiKeys/{shown['id']}"
    assert len(shown["publicKey"]) == 8
    assert [len(part) for part in shown["privateKey"].split("-")] == [8, 4, 4, 4, 12]


def test_a_list_holds_the_same_shape_as_the_single_key(acme):
    """Items of the list equal the answer to reading each."""
    made_in(acme)
    items = acme.key.get(f"/orgs/{acme.id}/apiKeys").json["results"]
    assert len(items) == 2
    for item in items:
        assert acme.key.get(path_of(item["links"][0]["href"])).json == item


def test_deleting_answers_204_with_no_body_and_the_version(acme):
    """An empty answer still names the resource version (wire.md 2)."""
    shown = made_in(acme)
    reply = acme.key.delete(f"/orgs/{acme.id}/apiKeys/{shown['id']}")
    assert (reply.status, reply.body) == (204, b"")
    assert reply.headers["content-type"] == "application/vnd.atlas.2023-01-01+json;charset=utf-8"


@pytest.mark.parametrize("kind", ["orgs", "groups"])
def test_lists_are_paged(acme, kind):
    """Pages follow each other without gap or repeat, and count what there is (wire.md 5)."""
    scope = acme.id if kind == "orgs" else project_in(acme)
    role = "ORG_READ_ONLY" if kind == "orgs" else "GROUP_READ_ONLY"
    path = f"/{kind}/{scope}/apiKeys"
    ids = {made(acme, path, role)["id"] for _ in range(5)}
    ids |= {item["id"] for item in acme.key.get(path).json["results"]}
    pages = [acme.key.get(f"{path}?itemsPerPage=2&pageNum={n}").json for n in (1, 2, 3)]
    assert {page["totalCount"] for page in pages} == {len(ids)}
    seen = [item["id"] for page in pages for item in page["results"]]
    assert len(seen) == len(set(seen)) == len(ids)
    assert set(seen) == ids
    assert "totalCount" not in acme.key.get(f"{path}?includeCount=false").json


def test_a_project_key_shows_its_membership_of_the_organization(acme):
    """The answer to its making names both roles (wire.md 8)."""
    project = project_in(acme)
    shown = made(acme, f"/groups/{project}/apiKeys", "GROUP_READ_ONLY")
    assert shown["roles"] == [
        {"orgId": acme.id, "roleName": "ORG_MEMBER"},
        {"groupId": project, "roleName": "GROUP_READ_ONLY"},
    ]


def test_a_project_shows_no_role_in_another_project(acme):
    """Need to know: of a key on two projects each shows its own role, and the organization's."""
    project, other = project_in(acme), project_in(acme, "Borealis")
    shown = made(acme, f"/groups/{project}/apiKeys", "GROUP_READ_ONLY")
    body = [{"roles": ["GROUP_OWNER"], "userId": shown["id"]}]
    reply = acme.key.post(f"/groups/{other}/apiKeys/{shown['id']}", body)
    assert (reply.status, reply.body) == (204, b"")
    for scope, hidden in ((project, other), (other, project)):
        page = acme.key.get(f"/groups/{scope}/apiKeys")
        assert shown["id"] in {item["id"] for item in page.json["results"]}
        assert hidden.encode() not in page.body
    changed = acme.key.patch(f"/groups/{other}/apiKeys/{shown['id']}?pageNum=1", {"roles": ["GROUP_READ_ONLY"]})
    assert changed.status == 200
    assert project.encode() not in changed.body


def test_a_member_sees_no_role_in_a_project_that_they_cannot_read(world, acme):
    """Need to know: the organization names a project to those who can read it, and to the key itself."""
    project = project_in(acme)
    shown = made(acme, f"/groups/{project}/apiKeys", "GROUP_READ_ONLY")
    member = world.user("mel@example.org", orgs={acme.id: ["ORG_MEMBER"]})
    reader = world.user("rea@example.org", orgs={acme.id: ["ORG_READ_ONLY"]})
    itself = Caller(world, shown["publicKey"], shown["privateKey"])
    path = f"/orgs/{acme.id}/apiKeys/{shown['id']}"
    assert [role["roleName"] for role in member.get(path).json["roles"]] == ["ORG_MEMBER"]
    assert project.encode() not in member.get(f"/orgs/{acme.id}/apiKeys").body
    for caller in (reader, itself, acme.key):
        assert [role["roleName"] for role in caller.get(path).json["roles"]] == [
            "ORG_MEMBER",
            "GROUP_READ_ONLY",
        ]


def test_a_key_sees_its_own_roles(world):
    """Also in a project where its role does not let it read the keys of others."""
    classic = world.organization("Classic", edition="cloud_manager")
    project = project_in(classic)
    shown = made(classic, f"/groups/{project}/apiKeys", "GROUP_DATA_ACCESS_READ_ONLY")
    itself = Caller(world, shown["publicKey"], shown["privateKey"])
    assert itself.get(f"/groups/{project}/apiKeys").status == 401
    assert itself.get(f"/orgs/{classic.id}/apiKeys/{shown['id']}").json["roles"] == shown["roles"]


def test_putting_a_key_on_a_project_twice_is_a_conflict(acme):
    """The second time changes nothing and says so; roles of several parts of the body are taken together."""
    project, shown = project_in(acme), made_in(acme)
    path = f"/groups/{project}/apiKeys/{shown['id']}"
    assert acme.key.post(path, [{"roles": ["GROUP_READ_ONLY"]}, {"roles": ["GROUP_OWNER"]}]).status == 204
    reply = acme.key.post(path, [{"roles": ["GROUP_CLUSTER_MANAGER"]}])
    assert (reply.status, reply.code) == (409, "API_KEY_ALREADY_IN_GROUP")
    roles = acme.key.get(f"/orgs/{acme.id}/apiKeys/{shown['id']}").json["roles"]
    assert [role["roleName"] for role in roles] == ["ORG_READ_ONLY", "GROUP_OWNER", "GROUP_READ_ONLY"]


def test_a_key_of_another_organization_is_unknown(world, acme):
    """The answer for a foreign key and for none differs in the id alone, for every operation on one key."""
    other = world.organization("Other", owner="otto@example.org")
    project = project_in(acme)
    foreign, none = made_in(other)["id"], "0" * 24
    calls = [
        ("GET", "/orgs/{org}/apiKeys/{key}", None),
        ("PATCH", "/orgs/{org}/apiKeys/{key}", {"desc": "mine"}),
        ("DELETE", "/orgs/{org}/apiKeys/{key}", None),
        ("GET", "/orgs/{org}/apiKeys/{key}/accessList", None),
        ("POST", "/orgs/{org}/apiKeys/{key}/accessList", [{"ipAddress": "192.0.2.7"}]),
        ("GET", "/orgs/{org}/apiKeys/{key}/accessList/192.0.2.7", None),
        ("DELETE", "/orgs/{org}/apiKeys/{key}/accessList/192.0.2.7", None),
        ("POST", "/groups/{project}/apiKeys/{key}", [{"roles": ["GROUP_OWNER"]}]),
        ("PATCH", "/groups/{project}/apiKeys/{key}", {"roles": ["GROUP_OWNER"]}),
        ("DELETE", "/groups/{project}/apiKeys/{key}", None),
    ]
    for method, template, body in calls:
        answers = []
        for key in (foreign, none):
            reply = acme.key(method, template.format(org=acme.id, project=project, key=key), body)
            assert (reply.status, reply.code) == (400, "API_KEY_NOT_FOUND"), template
            answers.append(reply.body.replace(key.encode(), b"ID"))
        assert answers[0] == answers[1]
    assert other.key.get(f"/orgs/{other.id}/apiKeys/{foreign}").json["desc"] == "a key"


def test_a_key_that_is_not_on_the_project_is_unknown_there(acme):
    """A key of the organization has to be put on the project before it is changed or taken off there."""
    project, shown = project_in(acme), made_in(acme)
    for method, body in (("PATCH", {"roles": ["GROUP_OWNER"]}), ("DELETE", None)):
        reply = acme.key(method, f"/groups/{project}/apiKeys/{shown['id']}", body)
        assert (reply.status, reply.code) == (400, "API_KEY_NOT_FOUND")


def test_an_entry_has_the_recorded_shape(acme):
    """A single address is shown as a block of one, too; a block is not shown as an address (wire.md 8)."""
    path = f"/orgs/{acme.id}/apiKeys/{made_in(acme)['id']}/accessList"
    reply = acme.key.post(
        f"{path}?includeCount=true&itemsPerPage=100&pageNum=1",
        [{"ipAddress": "192.0.2.7"}, {"cidrBlock": "198.51.100.0/24"}, {"ipAddress": "2001:db8::1"}],
    )
    assert reply.status == 200
    assert reply.json == acme.key.get(path).json
    assert reply.json["totalCount"] == 3
    by_block = {entry["cidrBlock"]: entry for entry in reply.json["results"]}
    single, block, six = by_block["192.0.2.7/32"], by_block["198.51.100.0/24"], by_block["2001:db8::1/128"]
    assert list(single) == ["cidrBlock", "count", "created", "ipAddress", "links"]
    assert (single["ipAddress"], single["count"], single["created"]) == (
        "192.0.2.7",
        0,
        "2027-01-15T08:00:00Z",
    )
    assert "ipAddress" not in block
    assert six["ipAddress"] == "2001:db8::1"
    for entry, end in ((single, "192.0.2.7"), (block, "198.51.100.0%2F24"), (six, "2001:db8::1")):
        link = path_of(entry["links"][0]["href"])
        assert link == f"/api/atlas/v2{path}/{end}"
        assert acme.key.get(link).json == entry


def test_an_added_entry_is_answered_with_a_page_of_the_list(acme):
    """The answer to adding is paged as the list is (wire.md 5)."""
    path = f"/orgs/{acme.id}/apiKeys/{made_in(acme)['id']}/accessList"
    body = [{"ipAddress": f"192.0.2.{n}"} for n in range(5)]
    reply = acme.key.post(f"{path}?itemsPerPage=2&pageNum=2", body)
    assert [entry["ipAddress"] for entry in reply.json["results"]] == ["192.0.2.2", "192.0.2.3"]
    assert reply.json["totalCount"] == 5
    assert [link["rel"] for link in reply.json["links"]] == ["self", "previous", "next"]


@pytest.mark.parametrize("written", ["192.0.2.7", "192.0.2.7%2F32", "192.0.2.7%2f32", "::ffff:192.0.2.7"])
def test_an_entry_is_found_however_it_is_written(acme, written):
    """A path may name the address, or its block percent-encoded."""
    path = f"/orgs/{acme.id}/apiKeys/{made_in(acme)['id']}/accessList"
    acme.key.post(path, [{"ipAddress": "192.0.2.7"}])
    assert acme.key.get(f"{path}/{written}").json["cidrBlock"] == "192.0.2.7/32"
    assert acme.key.delete(f"{path}/{written}").status == 204
    reply = acme.key.get(f"{path}/{written}")
    assert (reply.status, reply.code) == (404, "API_KEY_ACCESS_LIST_NOT_FOUND")


@pytest.mark.parametrize("written", ["nowhere", "192.0.2.7%2F24", "192.0.2.7%2F33", "fe80::1%25eth0"])
def test_a_path_that_names_no_address_is_malformed(world, acme, written):
    """It is refused before anything is looked up, so that a stranger learns nothing by it."""
    other = world.organization("Other", owner="otto@example.org")
    path = f"/orgs/{acme.id}/apiKeys/{'0' * 24}/accessList/{written}"
    for caller in (acme.key, other.key):
        reply = caller.get(path)
        assert (reply.status, reply.code) == (400, "PATH_PARAM_PARSE_ERROR")
        assert reply.json["parameters"] == ["ipAddress"]


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ({}, "VALIDATION_ERROR"),
        ({"ipAddress": None, "cidrBlock": None}, "VALIDATION_ERROR"),
        ({"ipAddress": "192.0.2.7", "cidrBlock": "192.0.2.7/32"}, "VALIDATION_ERROR"),
        ({"ipAddress": "192.0.2.0/24"}, "INVALID_IP_ADDRESS_OR_CIDR_NOTATION"),
        ({"cidrBlock": "192.0.2.7"}, "INVALID_IP_ADDRESS_OR_CIDR_NOTATION"),
        ({"cidrBlock": "192.0.2.7/24"}, "INVALID_IP_ADDRESS_OR_CIDR_NOTATION"),
        ({"ipAddress": "nowhere"}, "INVALID_IP_ADDRESS_OR_CIDR_NOTATION"),
        ({"ipAddress": 7}, "INVALID_ATTRIBUTE"),
        ({"ipAddress": "192.0.2.7", "comment": "mine"}, "INVALID_ATTRIBUTE"),
    ],
)
def test_a_faulty_entry_is_named_and_nothing_is_kept(acme, entry, code):
    """Rule 82: an address xor a block, each in its form; the good entry beside it is not kept either."""
    path = f"/orgs/{acme.id}/apiKeys/{made_in(acme)['id']}/accessList"
    reply = acme.key.post(path, [{"ipAddress": "198.51.100.1"}, entry])
    assert (reply.status, reply.code) == (400, code)
    assert all(fault["field"].startswith("[1]") for fault in reply.json["badRequestDetail"]["fields"])
    assert acme.key.get(path).json["totalCount"] == 0

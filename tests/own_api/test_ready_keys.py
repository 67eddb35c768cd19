"""An API key made with everything that it is to have: all of it, or nothing (rules 72-82)."""

import pytest

OWN = "/api/orgward/v1"


@pytest.fixture
def org(world):
    """Give an organization."""
    return world.organization()


@pytest.fixture
def owner(world, org):
    """Give its owner's session."""
    return world.session(org.owner)


def project_of(org, name="prod"):
    """Make a project."""
    return org.key.post("/groups", {"name": name, "orgId": org.id}).json["id"]


def make(caller, org, **body):
    """Ask for a key."""
    given = {"desc": "nightly", "roles": ["ORG_MEMBER"], **body}
    return caller.post(f"{OWN}/orgs/{org.id}/apiKeys", given, accept=None)


def keys(org):
    """Give the descriptions of all keys but the first."""
    listed = org.key.get(f"/orgs/{org.id}/apiKeys").json["results"]
    return sorted(row["desc"] for row in listed if row["publicKey"] != org.key.public_key)


def test_a_key_has_everything_from_its_first_moment(world, org, owner):
    """Roles in the organization and on projects, and addresses; both halves are answered once."""
    prod = project_of(org)
    made = make(
        owner, org, projects=[{"projectId": prod, "roles": ["GROUP_READ_ONLY"]}],
        addresses=["192.0.2.7", "203.0.113.0/24"],
    )  # fmt: skip
    assert made.status == 201, made.json
    shown = org.key.get(f"/orgs/{org.id}/apiKeys/{made.json['id']}").json
    assert shown["publicKey"] == made.json["publicKey"]
    assert shown["privateKey"] != made.json["privateKey"]
    assert {(row.get("groupId"), row["roleName"]) for row in shown["roles"]} == {
        (None, "ORG_MEMBER"),
        (prod, "GROUP_READ_ONLY"),
    }
    listed = org.key.get(f"/orgs/{org.id}/apiKeys/{made.json['id']}/accessList").json["results"]
    assert {row["cidrBlock"] for row in listed} == {"192.0.2.7/32", "203.0.113.0/24"}
    caller = type(org.key)(world, made.json["publicKey"], made.json["privateKey"])
    caller.address = "192.0.2.8"
    assert caller.get(f"/groups/{prod}").code == "IP_ADDRESS_NOT_ON_ACCESS_LIST"
    caller.address = "192.0.2.7"
    assert caller.get(f"/groups/{prod}").status == 200


def test_without_projects_and_addresses_it_is_a_key_like_any(owner, org):
    """It may be used from anywhere."""
    made = make(owner, org)
    assert made.status == 201
    assert org.key.get(f"/orgs/{org.id}/apiKeys/{made.json['id']}/accessList").json["totalCount"] == 0


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"roles": []}, "INVALID_ATTRIBUTE"),
        ({"roles": ["GROUP_OWNER"]}, "CANNOT_ADD_GROUP_ROLE"),
        ({"desc": ""}, "INVALID_API_KEY_DESC"),
        ({"addresses": ["nowhere"]}, "INVALID_IP_ADDRESS_OR_CIDR_NOTATION"),
        ({"addresses": ["192.0.2.7", "192.0.2.7/32"]}, "DUPLICATE_ADDRESSES_IN_INPUT"),
        ({"projects": [{"projectId": "a" * 24, "roles": ["GROUP_OWNER"]}]}, "GROUP_NOT_FOUND"),
        ({"projects": [{"projectId": "x", "roles": ["GROUP_OWNER"]}]}, "INVALID_ATTRIBUTE"),
    ],
)
def test_what_is_wrong_makes_no_key(owner, org, body, code):
    """Nothing of it stays."""
    assert make(owner, org, **body).code == code
    assert keys(org) == []


def test_a_fault_in_one_project_makes_no_key(owner, org):
    """A role that is none, or a project that stands twice."""
    prod = project_of(org)
    wrong = {"projectId": prod, "roles": ["ORG_OWNER"]}
    assert make(owner, org, projects=[wrong]).code == "CANNOT_ADD_ORG_ROLE"
    twice = [{"projectId": prod, "roles": ["GROUP_OWNER"]}] * 2
    assert make(owner, org, projects=twice).code == "INVALID_ATTRIBUTE"
    assert keys(org) == []


def test_a_project_of_others_looks_unknown(world, owner, org):
    """It is answered like one that does not exist."""
    other = world.organization("Other", owner="eve@example.org")
    foreign = make(owner, org, projects=[{"projectId": project_of(other), "roles": ["GROUP_OWNER"]}])
    assert (foreign.status, foreign.code) == (404, "GROUP_NOT_FOUND")
    assert keys(org) == []


def test_a_trial_makes_no_key_and_shows_no_secret(owner, org):
    """What it would gain is told; there is nothing to read of its private half afterwards."""
    tried = owner.post(
        f"{OWN}/orgs/{org.id}/apiKeys?dryRun=true", {"desc": "nightly", "roles": ["ORG_READ_ONLY"]}, accept=None
    )  # fmt: skip
    assert tried.status == 200, tried.json
    assert tried.json["gained"]
    assert keys(org) == []

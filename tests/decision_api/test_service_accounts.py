"""Decisions about service accounts: known by client id, in their own organization alone."""

import pytest

from tests.clients import new_client
from tests.empty_store import open_world

OWN = "/api/orgward/v1"


@pytest.fixture
def world(tmp_path):
    """Open a world on a store of its own."""
    found = open_world(tmp_path)
    yield found
    found.close()


@pytest.fixture
def org(world):
    """An organization with an owner's key."""
    return world.organization()


@pytest.fixture
def client(org):
    """A service account that reads the organization."""
    return new_client(org)


def asked(caller, subject, org, action="org.read"):
    """Ask whether a service account may do something with an organization, and give the decision."""
    reply = caller.post(
        "/access/v1/evaluation",
        {
            "subject": {"type": "service_account", "id": subject},
            "action": {"name": action},
            "resource": {"type": "organization", "id": org},
        },
    )
    assert reply.status == 200, reply.json
    return reply.json


@pytest.mark.parametrize("name", ["id", "account"])
def test_it_is_known_by_client_id_and_by_id(org, client, name):
    """Contract, Decisions: subjects are named by client id; the bare id does, too."""
    found = asked(org.key, getattr(client, name), org.id)
    assert found["decision"]
    (path,) = found["context"]["paths"]
    assert (path["via"], path["role"]) == ("organization_role", "ORG_READ_ONLY")


def test_what_it_lacks_is_named(org, client):
    """A denial says what is missing."""
    found = asked(org.key, client.id, org.id, "org.settings.update")
    assert not found["decision"]
    assert found["context"]["reason"] == "missing_privilege"
    assert {(g["type"], g["username"]) for g in found["context"]["grantors"]} >= {("user", "ann@example.org")}


def test_one_that_owns_is_named_among_those_who_can_grant(org, client):
    """Grantors are shown with their kind and client id."""
    owner = new_client(org, roles=("ORG_OWNER",), name="owner")
    found = asked(org.key, client.id, org.id, "org.settings.update")["context"]["grantors"]
    assert {"type": "service_account", "id": owner.account, "username": owner.id} in found


def test_one_that_is_suspended_is_denied_for_it(org, client):
    """Suspension stands before every role."""
    assert org.key.post(f"{OWN}/orgs/{org.id}/serviceAccounts/{client.id}:suspend").status < 300
    found = asked(org.key, client.id, org.id)
    assert (found["decision"], found["context"]["reason"]) == (False, "suspended")
    assert org.key.post(f"{OWN}/orgs/{org.id}/serviceAccounts/{client.id}:reactivate").status < 300
    assert asked(org.key, client.id, org.id)["decision"]


def test_it_asks_about_itself(org, client):
    """A token is enough to ask what one may do."""
    assert asked(client.caller(), client.id, org.id)["decision"]


def test_a_key_or_person_is_no_service_account(world, org, client):
    """Kinds are kept apart, and whatever is unknown looks alike."""
    other = world.organization("Other", owner="zoe@example.org")
    strange = new_client(other)
    unknown = asked(org.key, "mdb_sa_id_" + "0" * 24, org.id)["context"]
    for subject in (org.owner, strange.id, strange.account, "mdb_sa_id_", "ann@example.org"):
        found = asked(org.key, subject, org.id)
        assert not found["decision"]
        assert found["context"] == unknown, subject
    assert not asked(org.key, client.id, other.id)["decision"]

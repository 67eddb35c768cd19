"""What a bearer token stands for, and where a bare secret may stand for it."""

import pytest

from tests.clients import new_client
from tests.world import Caller

SCIM = "/scim/v2"


@pytest.fixture
def client(world):
    """Give a service account that owns its organization."""
    return new_client(world.organization(), roles=("ORG_OWNER",))


def test_row_30_a_secret_is_no_token_but_for_provisioning(world, client):
    """A secret that is sent as bearer opens the SCIM face, whose clients keep one for a year, and nothing else."""
    caller = Caller(world, token=client.secret)
    for path in (f"/orgs/{client.org}", "/api/orgward/v1/me", "/access/v1/evaluation"):
        assert caller.get(path).status in {401, 405}, path
    reply = caller.get(f"{SCIM}/{client.org}/Users", accept="application/scim+json")
    assert reply.status == 200, reply.body


def test_a_secret_opens_its_own_organization_alone(world, client):
    """Attack row 32: a machine's world is its organization."""
    other = world.organization("Other", owner="zoe@example.org")
    caller = Caller(world, token=client.secret)
    assert caller.get(f"{SCIM}/{other.id}/Users", accept="application/scim+json").status == 404


def test_a_secret_that_is_over_opens_nothing(world, client):
    """Rule 81: it ends by itself, and the token that it was good for with it."""
    secret, token = Caller(world, token=client.secret), client.caller()
    path = f"{SCIM}/{client.org}/Users"
    assert secret.get(path).status == token.get(f"/orgs/{client.org}").status == 200
    world.clock.advance(seconds=8 * 3600)
    assert secret.get(path).status == token.get(f"/orgs/{client.org}").status == 401


def test_whatever_begins_like_a_secret_is_none(world, client):
    """It is looked up whole."""
    for text in (client.secret[:-1], f"{client.secret}a", "mdb_sa_sk_", client.secret.replace("mdb_sa_sk_", "")):
        assert Caller(world, token=text).get(f"{SCIM}/{client.org}/Users").status == 401, text


def test_a_token_is_bound_to_the_list_of_addresses_when_it_is_used(client):
    """Rules 82 and 83: from another address the token is refused, though it could be asked for from there."""
    org = client.org
    body = [{"ipAddress": "192.0.2.1"}]
    owner = client.caller()
    assert owner.post(f"/orgs/{org}/serviceAccounts/{client.id}/accessList", body).status == 200
    assert client.ask(address="198.51.100.7").status == 200
    refused = client.caller(address="198.51.100.7").get(f"/orgs/{org}")
    assert (refused.status, refused.code) == (403, "IP_ADDRESS_NOT_ON_ACCESS_LIST")
    assert client.caller(address="192.0.2.1").get(f"/orgs/{org}").status == 200

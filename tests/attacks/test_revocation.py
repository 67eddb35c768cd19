"""Attack rows 13 and 26: what was taken away is refused by the next request, for everything that somebody can show.

The kinds are read from the code: each table in which something shown is kept by its hash, each table of machines, and
what gives roles by way of something else. A new one without a case here fails.
"""

import pytest

from orgward.engine.facts import MACHINE_TABLES
from orgward.store.schema import metadata
from tests.clients import new_client
from tests.devices import Device
from tests.directory.company import OWN, Company, done
from tests.federations import Federated

SHOWN = {table.name for table in metadata.tables.values() if [c.name for c in table.primary_key] == ["hash"]}
GIVING = {"role_mappings", "team_members", "members", "identity_providers", "connected_organizations"}
NOT_SHOWN = {"used_once": "what was shown and may not be shown again: it takes away and gives nothing"}


@pytest.fixture
def org(world):
    """An organization with an owner's key."""
    return world.organization()


def key(world, org):
    """An API key that is deleted."""
    made = done(org.key.post(f"/orgs/{org.id}/apiKeys", {"desc": "robot", "roles": ["ORG_READ_ONLY"]}))
    caller = type(org.key)(world, made["publicKey"], made["privateKey"])
    yield lambda: caller.get(f"/orgs/{org.id}")
    done(org.key.delete(f"/orgs/{org.id}/apiKeys/{made['id']}"))


def account(world, org):
    """A token whose service account is deleted."""
    client = new_client(org)
    caller = client.caller()
    yield lambda: caller.get(f"/orgs/{org.id}")
    done(org.key.delete(f"/orgs/{org.id}/serviceAccounts/{client.id}"))


def suspended_account(world, org):
    """A token whose service account is suspended."""
    client = new_client(org)
    caller = client.caller()
    yield lambda: caller.get(f"/orgs/{org.id}")
    done(org.key.post(f"{OWN}/orgs/{org.id}/serviceAccounts/{client.id}:suspend"))


def secret(world, org):
    """A token whose secret is deleted."""
    client = new_client(org)
    caller = client.caller()
    yield lambda: caller.get(f"/orgs/{org.id}")
    done(org.key.delete(f"/orgs/{org.id}/serviceAccounts/{client.id}/secrets/{client.secret_id}"))


def bare_secret(world, org):
    """A secret that asks for tokens, and is deleted."""
    client = new_client(org)
    yield client.ask
    done(org.key.delete(f"/orgs/{org.id}/serviceAccounts/{client.id}/secrets/{client.secret_id}"))


def token(world, org):
    """A token that is revoked."""
    client = new_client(org)
    shown = client.token()
    caller = client.caller(shown)
    yield lambda: caller.get(f"/orgs/{org.id}")
    done(client.revoke(shown))


def session(world, org):
    """A session that its person ends."""
    caller = world.session(org.owner)
    yield lambda: caller.get(f"/orgs/{org.id}")
    done(caller.delete(f"{OWN}/sessions/current"))


def erased_person(world, org):
    """A session of somebody who is erased."""
    caller = world.user("bob@example.org", orgs={org.id: ["ORG_READ_ONLY"]})
    yield lambda: caller.get(f"/orgs/{org.id}")
    world.erase("bob@example.org")


def device(world, org):
    """A program's access token, whose session its person ends."""
    person = world.session(org.owner)
    program = Device(world).signed_in(person)
    yield lambda: program.caller.get(f"/orgs/{org.id}")
    (listed,) = [each for each in done(person.get(f"{OWN}/me/sessions"))["results"] if not each["current"]]
    done(person.delete(f"{OWN}/me/sessions/{listed['id']}"))


def refresh_token(world, org):
    """A refresh token that is revoked."""
    program = Device(world).signed_in(world.session(org.owner))
    yield program.refresh
    program.revoke()


def member(world, org):
    """A member who is removed."""
    caller = world.user("bob@example.org", orgs={org.id: ["ORG_READ_ONLY"]})
    yield lambda: caller.get(f"/orgs/{org.id}")
    done(org.key.delete(f"/orgs/{org.id}/users/{caller.id}"))


def suspended_member(world, org):
    """A member who is suspended."""
    caller = world.user("bob@example.org", orgs={org.id: ["ORG_READ_ONLY"]})
    yield lambda: caller.get(f"/orgs/{org.id}")
    done(org.key.post(f"{OWN}/orgs/{org.id}/users/{caller.id}:suspend"))


def team_member(world, org):
    """Somebody who is taken out of a team."""
    company = Company(world, "atlas", org.id, world.session(org.owner), org.key)
    project, bob = company.project(), company.person("bob")
    team = done(company.ann.post(f"{company.path}/teams", {"name": "crew", "usernames": ["bob@example.org"]}))["id"]
    done(company.ann.post(f"/groups/{project}/teams", [{"teamId": team, "roleNames": ["GROUP_READ_ONLY"]}]))
    yield lambda: bob.get(f"/groups/{project}")
    done(company.ann.delete(f"{company.path}/teams/{team}/users/{bob.id}"))


def _federated(world, org):
    company = Company(world, "atlas", org.id, world.session(org.owner), org.key)
    federation = Federated.found(company)
    mapping = federation.mapped("staff", "ORG_READ_ONLY")
    return federation, mapping, federation.arrive("bob", "staff")


def mapping(world, org):
    """A role mapping that is deleted."""
    federation, made, bob = _federated(world, org)
    yield lambda: bob.get(f"/orgs/{org.id}")
    done(federation.unmap(made))


def provider_of_an_organization(world, org):
    """An organization that lets go of its identity provider."""
    federation, _, bob = _federated(world, org)
    yield lambda: bob.get(f"/orgs/{org.id}")
    done(federation.configure(identityProviderId=None))


CASES = {
    "api_keys": key, "service_accounts": account, "service_accounts suspended": suspended_account,
    "client_secrets": secret, "client_secrets asking": bare_secret, "access tokens": token, "sessions": session,
    "sessions erased": erased_person, "sessions of programs": device, "refresh_tokens": refresh_token,
    "members": member, "members suspended": suspended_member, "team_members": team_member, "role_mappings": mapping,
    "connected_organizations": provider_of_an_organization,
}  # fmt: skip

ELSEWHERE = {
    "device_grants": "own_api/test_devices.py",
    "identity_providers": "attacks/test_oidc.py",
    "links": "own_api/test_new_passwords.py",
    "tokens": "own_api/test_people.py",
}
"""Kinds that are shown once, or through a provider that really runs: taken away in the tests of their own."""


def test_every_kind_that_the_code_knows_is_here():
    """A new kind of credential, or of what gives roles, needs a case."""
    known = {name.split()[0] for name in CASES} | set(ELSEWHERE) | set(NOT_SHOWN)
    assert known >= SHOWN | set(MACHINE_TABLES) | GIVING


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_was_taken_away_is_refused_by_the_next_request(world, org, case):
    """It works, it is taken away, and the very next request is refused."""
    steps = case(world, org)
    ask = next(steps)
    assert ask().status == 200
    next(steps, None)
    assert ask().status in {400, 401, 403, 404}

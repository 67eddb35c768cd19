"""Programs that somebody has let in: what an organization allows them, and what they never do to their person."""

import pytest

from tests.devices import CLI, Device
from tests.directory.company import OWN, done, refused
from tests.federated import Federated
from tests.own_api.people import PASSWORD, account

AGENT = "some-mcp-agent"
PARTNER = "partner"


@pytest.fixture
def provider(process):
    """The provider as it behaves at first."""
    process.tell(reset=True)
    return process


@pytest.fixture
def org(world):
    """An organization with an owner's key."""
    return world.organization()


@pytest.fixture
def bob(world, org):
    """An owner of it with a session of their own."""
    return world.user("bob@example.org", orgs={org.id: ["ORG_OWNER"]})


def delegate(org, **chosen):
    """Choose what programs may do in the organization."""
    done(org.key.patch(f"/orgs/{org.id}/delegationSettings", chosen))


def decision(caller, action, org):
    """Ask whether the caller may do something, and give the decision."""
    body = {
        "subject": {"type": "user", "id": caller.id},
        "action": {"name": action},
        "resource": {"type": "organization", "id": org},
    }
    return done(caller.post("/access/v1/evaluation", body))


@pytest.mark.parametrize(("client", "setting"), [(AGENT, "delegatedMcpAccess"), (PARTNER, "delegatedPartnerAccess")])
def test_a_program_that_is_not_allowed_does_nothing_there(world, org, bob, client, setting):
    """Delegation settings: disallowed, it neither reads nor writes nor lists nor is told that it may."""
    program = Device(world, client=client).signed_in(bob).caller
    program.id = bob.id
    assert program.get(f"/orgs/{org.id}").status == 200
    delegate(org, **{setting: "DISALLOWED"})
    refused(program.get(f"/orgs/{org.id}"), 403, "PROGRAM_NOT_ALLOWED")
    refused(program.patch(f"/orgs/{org.id}", {"name": "Other"}), 403, "PROGRAM_NOT_ALLOWED")
    assert done(program.get("/orgs"))["results"] == []
    assert not decision(program, "org.read", org.id)["decision"]
    assert bob.get(f"/orgs/{org.id}").status == 200
    assert Device(world, client=CLI).signed_in(bob).caller.get(f"/orgs/{org.id}").status == 200


def test_an_agent_that_may_read_does_not_write(world, org, bob):
    """Delegation settings: READ_ONLY."""
    delegate(org, delegatedMcpAccess="READ_ONLY")
    program = Device(world, client=AGENT).signed_in(bob).caller
    program.id = bob.id
    assert program.get(f"/orgs/{org.id}").status == 200
    refused(program.patch(f"/orgs/{org.id}", {"name": "Other"}), 403, "PROGRAM_NOT_ALLOWED")
    assert decision(program, "org.read", org.id)["decision"]
    assert not decision(program, "org.settings.update", org.id)["decision"]


@pytest.mark.parametrize("client", [CLI, PARTNER])
def test_no_program_changes_its_persons_account(world, bob, client):
    """One approval, phished perhaps, is not worth an account: no address, factor, identity or proof comes of it."""
    program = Device(world, client=client).signed_in(bob).caller
    for method, path, body in (
        ("POST", "/me/address", {"username": "attacker@evil.example"}),
        ("POST", "/me/factors/totp", {"name": "mine"}),
        ("DELETE", "/me", None),
    ):
        refused(program(method, f"{OWN}{path}", body), 403, "DEVICE_SESSION_REFUSED")


def test_only_the_persons_own_command_line_does_what_is_dangerous(world, org, bob):
    """The Atlas CLI deletes projects as before; a partner does not."""
    projects = [done(bob.post("/groups", {"name": name, "orgId": org.id}))["id"] for name in ("web", "shop")]
    partner, cli = (Device(world, client=client).signed_in(bob).caller for client in (PARTNER, CLI))
    refused(partner.delete(f"/groups/{projects[0]}"), 403, "DEVICE_SESSION_REFUSED")
    done(cli.delete(f"/groups/{projects[0]}"))


class TestFactorsOfProviders:
    """What an identity provider says of second factors counts where it is the provider."""

    def test_somebodys_own_provider_opens_no_other_organization(self, world, provider):
        """Rule 86: an organization that requires a factor does not take the word of a provider that is not its own."""
        evil = Federated.found(world, provider, name="Own", owner="bob@example.org", domain="evil.example")
        strict = world.organization("Strict", owner="zoe@strict.example")
        world.user("bob@example.org", orgs={strict.id: ["ORG_OWNER"]})
        done(strict.key.patch(f"/orgs/{strict.id}/settings", {"multiFactorAuthRequired": True}))
        done(evil.link(evil.owner, sub="bob-sub"))
        session = evil.session("whoever@evil.example", sub="bob-sub", amr=["mfa"])
        assert session.id == evil.owner.id
        refused(session.get(f"/orgs/{strict.id}"), 403, "MFA_REQUIRED")

    def test_its_own_organization_takes_it_and_so_for_programs(self, world, provider):
        """Whoever has shown a factor to the provider of the organization is in, and so is their command line."""
        home = Federated.found(world, provider, name="Home", owner="ann@a.example", domain="acme.example")
        home.map("staff", "ORG_READ_ONLY")
        done(home.org.key.patch(f"/orgs/{home.org.id}/settings", {"multiFactorAuthRequired": True}))
        fay = home.session("fay@acme.example", sub="fay", groups=["staff"], amr=["mfa"])
        assert fay.get(f"/orgs/{home.org.id}").status == 200
        assert Device(world).signed_in(fay).caller.get(f"/orgs/{home.org.id}").status == 200


def test_a_program_does_not_become_a_browser(world):
    """Proving who one is gives a session that is no program's: nobody does so through a program."""
    cat = account(world, "cat@example.org")
    program = Device(world).signed_in(cat).caller
    refused(program.post(f"{OWN}/me/sessions/current:prove", {"password": PASSWORD}), 403, "DEVICE_SESSION_REFUSED")
    assert program.get(f"{OWN}/me").status == 200

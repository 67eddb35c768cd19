"""What an organization lets programs do for its people, and for how long."""

from functools import partial

import pytest

from orgward.directory import delegation, settings
from tests.devices import CLI, Device
from tests.directory.company import Company, done, fresh_name, refused
from tests.directory.test_setting_events import raised
from tests.own_api.people import is_alive
from tests.own_api.test_my_sessions import sessions_of
from tests.second_factors import outcome

IDLE, LONGEST = "idleRefreshTokenLifetime", "maximumRefreshTokenLifetime"
MCP, PARTNER = "delegatedMcpAccess", "delegatedPartnerAccess"
DEFAULTS = {MCP: "READ_WRITE", PARTNER: "READ_WRITE", IDLE: None, LONGEST: None}
REFUSED = (401, "INVALID_REFRESH_TOKEN")


def change(company, by=None, **members):
    """Change the settings."""
    return (by or company.ann).patch(f"{company.path}/delegationSettings", members)


def shown(company, by=None):
    """Give the settings."""
    return done((by or company.ann).get(f"{company.path}/delegationSettings"))


def another(company, world):
    """Found a further organization of the same edition."""
    return Company.found(world, company.edition, name=fresh_name(), owner=fresh_name())


class TestSettings:
    """Read by members, written by owners, and by nobody else (rule 93)."""

    def test_programs_may_do_what_their_people_may_by_default(self, company):
        """Nothing is bounded that nobody has bounded."""
        assert shown(company) == DEFAULTS

    def test_rule_093_members_read_and_owners_write(self, company):
        """As all settings of an organization."""
        bob = company.person("bob", "ORG_MEMBER")
        assert shown(company, bob) == DEFAULTS
        refused(change(company, bob, **{MCP: "DISALLOWED"}), 401, "USER_UNAUTHORIZED")

    def test_only_what_is_named_changes(self, company):
        """And null brings the default back."""
        assert done(change(company, **{MCP: "READ_ONLY", LONGEST: 7_200})) == {
            **DEFAULTS, MCP: "READ_ONLY", LONGEST: 7_200,
        }  # fmt: skip
        assert done(change(company, **{PARTNER: "DISALLOWED", LONGEST: None})) == {
            **DEFAULTS, MCP: "READ_ONLY", PARTNER: "DISALLOWED",
        }  # fmt: skip
        assert shown(company)[MCP] == "READ_ONLY"

    def test_they_are_no_part_of_the_other_settings(self, company):
        """Each has its place on the wire."""
        done(change(company, **{MCP: "DISALLOWED"}))
        found = done(company.ann.get(f"{company.path}/settings"))
        assert "delegation" not in found
        done(company.ann.patch(f"{company.path}/settings", {"restrictEmployeeAccess": True}))
        assert shown(company)[MCP] == "DISALLOWED"

    @pytest.mark.parametrize(
        "wrong",
        [{MCP: "SOMETIMES"}, {PARTNER: "READ_ONLY"}, {IDLE: 0}, {LONGEST: 31_536_001}, {IDLE: "60"}, {LONGEST: True},
         {IDLE: 61, LONGEST: 60}],
    )  # fmt: skip
    def test_what_is_out_of_bounds_is_refused(self, company, wrong):
        """By the values of the Admin API's description; and nothing lies idle for longer than it lasts."""
        refused(change(company, **wrong), 400, "INVALID_ATTRIBUTE")

    def test_a_change_is_told(self, company):
        """In the name of the Admin API, and only if something is another."""
        update = partial(change, company, **{MCP: "READ_ONLY"})
        assert raised(company, update) == [{"type": "ORG_DELEGATION_SETTINGS_UPDATED", "orgId": company.id}]
        assert raised(company, update) == []


class TestLifetimes:
    """How long a program keeps itself signed in for a member."""

    @pytest.fixture
    def bob(self, company):
        """Give a member."""
        return company.person("bob")

    def test_the_longest_life_bounds_the_session(self, world, company, bob):
        """Whatever the program does meanwhile, and its access token with it."""
        done(change(company, **{LONGEST: 1_800}))
        device = Device(world).signed_in(bob)
        assert device.tokens["expires_in"] == 1_800
        world.clock.advance(seconds=1_799)
        assert device.refresh().status == 200
        assert is_alive(device.caller)
        world.clock.advance(seconds=1)
        assert not is_alive(device.caller)
        assert outcome(device.refresh()) == REFUSED

    def test_an_idle_program_is_signed_out(self, world, company, bob):
        """One that refreshes in time goes on."""
        done(change(company, **{IDLE: 600}))
        device = Device(world).signed_in(bob)
        world.clock.advance(seconds=599)
        assert device.refresh().status == 200
        world.clock.advance(seconds=600)
        assert outcome(device.refresh()) == REFUSED

    @pytest.mark.parametrize(("named", "after"), [({IDLE: 600}, 600), ({LONGEST: 1_200}, 1_200)])
    def test_a_new_limit_holds_for_whoever_is_signed_in(self, world, company, bob, named, after):
        """Whoever bounds programs bounds those of today."""
        device = Device(world).signed_in(bob)
        done(change(company, **named))
        world.clock.advance(seconds=after)
        assert outcome(device.refresh()) == REFUSED

    @pytest.mark.parametrize("name", [IDLE, LONGEST])
    def test_the_shortest_of_all_their_organizations_counts(self, world, company, bob, name):
        """As with the limits of sessions (rule 90)."""
        strict = another(company, world)
        strict.person("bob")
        done(change(company, **{name: 7_200}))
        done(change(strict, **{name: 600}))
        device = Device(world).signed_in(bob)
        world.clock.advance(seconds=600)
        assert outcome(device.refresh()) == REFUSED

    def test_they_bound_no_browser(self, world, company, bob):
        """A person's own session follows rule 90 alone."""
        done(change(company, **{IDLE: 60, LONGEST: 60}))
        world.clock.advance(seconds=3_600)
        assert is_alive(bob)


class TestAccess:
    """What a program may do, by the client id that its person approved."""

    def allowed(self, world, company, person, client):
        """Say whether a program of `person` may read and write in the organization."""
        session = sessions_of(Device(world, client=client).signed_in(person).caller)[0]["id"]
        view = world.store.view
        document = settings.of_organization(view, company.id)
        return tuple(delegation.allows(view, document, session, writes=writes) for writes in (False, True))

    @pytest.mark.parametrize(("client", "named", "expected"), [
        ("mongodb-mcp-server", {}, (True, True)),
        ("mongodb-mcp-server", {MCP: "READ_ONLY"}, (True, False)),
        ("MCP.agent", {MCP: "DISALLOWED"}, (False, False)),
        ("mongodb-mcp-server", {PARTNER: "DISALLOWED"}, (True, True)),
        ("acme-deployer", {}, (True, True)),
        ("acme-deployer", {PARTNER: "DISALLOWED"}, (False, False)),
        ("acme-deployer", {MCP: "DISALLOWED"}, (True, True)),
        (CLI, {MCP: "DISALLOWED", PARTNER: "DISALLOWED"}, (True, True)),
    ])  # fmt: skip
    def test_agents_and_partners_are_bounded_and_the_cli_is_not(self, world, company, client, named, expected):
        """The CLI is its person's own hand."""
        done(change(company, **named))
        assert self.allowed(world, company, company.person("bob"), client) == expected

    def test_a_browser_is_no_program(self, world, company):
        """Whatever is said of programs."""
        done(change(company, **{MCP: "DISALLOWED", PARTNER: "DISALLOWED"}))
        bob = company.person("bob")
        session = sessions_of(bob)[0]["id"]
        view = world.store.view
        assert delegation.allows(view, settings.of_organization(view, company.id), session, writes=True)


class TestTheGate:
    """What is disallowed is refused at the next request, in that organization alone."""

    REFUSED = (403, "PROGRAM_NOT_ALLOWED")

    @pytest.fixture
    def bob(self, company):
        """Give an owner of the organization."""
        return company.person("bob", "ORG_OWNER")

    def test_who_is_disallowed_reaches_nothing_there(self, world, company, bob):
        """Neither reads nor writes; lists pass over the organization; elsewhere the program goes on."""
        program = Device(world, client="acme-deployer").signed_in(bob).caller
        elsewhere = another(company, world)
        elsewhere.person("bob", "ORG_OWNER")
        assert program.get(company.path).status == 200
        done(change(company, **{PARTNER: "DISALLOWED"}))
        assert outcome(program.get(company.path)) == self.REFUSED
        assert outcome(program.patch(company.path, {"name": fresh_name()})) == self.REFUSED
        assert {org["id"] for org in program.get("/orgs").json["results"]} == {elsewhere.id}
        assert program.get(elsewhere.path).status == 200
        assert bob.get(company.path).status == 200

    def test_who_may_read_does_not_write(self, world, company, bob):
        """An agent that may look changes nothing, of projects neither."""
        project = company.project()
        program = Device(world, client="mongodb-mcp-server").signed_in(bob).caller
        done(change(company, **{MCP: "READ_ONLY"}))
        assert program.get(company.path).status == 200
        assert program.get(f"/groups/{project}").status == 200
        assert outcome(program.patch(company.path, {"name": fresh_name()})) == self.REFUSED
        assert outcome(program.patch(f"/groups/{project}", {"name": fresh_name()})) == self.REFUSED
        assert outcome(program.post("/groups", {"name": fresh_name(), "orgId": company.id})) == self.REFUSED

    def test_the_cli_goes_on(self, world, company, bob):
        """Whatever is said of programs."""
        done(change(company, **{MCP: "DISALLOWED", PARTNER: "DISALLOWED"}))
        program = Device(world).signed_in(bob).caller
        assert program.patch(company.path, {"name": fresh_name()}).status == 200

    def test_it_holds_after_a_refresh_too(self, world, company, bob):
        """Which program it is stays known."""
        device = Device(world, client="acme-deployer").signed_in(bob)
        done(change(company, **{PARTNER: "DISALLOWED"}))
        world.clock.advance(seconds=3_600)
        assert device.refresh().status == 200
        assert outcome(device.caller.get(company.path)) == self.REFUSED

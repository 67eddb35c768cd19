"""What an organization may require of every request: an access list of keys, a second factor of people (82, 86)."""

from contextlib import closing

import pytest

from orgward.admin_api.org_settings import OrganizationSettingsBody
from orgward.admin_api.organizations import OrganizationBody
from orgward.app.execute import Call
from orgward.app.operation import REGISTRY
from orgward.kernel.errors import GateError
from orgward.kernel.principal import Principal
from orgward.store.sqlite import connect
from tests.directory.company import OWN, Company, accept, done, own_invitations, refused
from tests.second_factors import enrol_app, enrol_passkey
from tests.world import OPERATOR, Caller

NO_LIST = (403, "ORG_REQUIRES_ACCESS_LIST")
NO_FACTOR = (403, "MFA_REQUIRED")


def require(company, by=None, **switches):
    """Change what the organization requires."""
    return (by or company.owner_key).patch(f"{company.path}/settings", switches)


def require_lists(company, by=None, *, wanted=True):
    """Switch the requirement of access lists."""
    return require(company, by, apiAccessListRequired=wanted)


def require_factor(company, by=None, *, wanted=True):
    """Switch the requirement of a second factor."""
    return require(company, by, multiFactorAuthRequired=wanted)


def listed_key(company, *roles, address="127.0.0.1"):
    """Make a key that may be used from one address."""
    key = company.key(*roles)
    done(company.ann.post(f"{company.path}/apiKeys/{key.id}/accessList", [{"ipAddress": address}]))
    return key


@pytest.fixture
def other(world, company):
    """Give another organization, of which the same person is owner."""
    return Company.found(world, company.edition, name="Other")


class TestAccessList:
    """Rule 82: when the organization requires lists, a call by a key without an entry is 403."""

    def test_rule_082_a_key_without_a_list_is_refused_where_one_is_required(self, company):
        """Rule 82: everywhere in the organization, and on what concerns the key alone; with an entry it works."""
        project, key = company.project(), company.key("ORG_OWNER")
        done(key.get(company.path))
        done(require_lists(company, company.ann))
        for path in (company.path, f"/groups/{project}", "/orgs", "/groups", ""):
            refused(key.get(path), *NO_LIST)
        refused(key.patch(f"/groups/{project}", {"name": "renamed"}), *NO_LIST)
        assert key.get(company.path).json["parameters"] == ["127.0.0.1"]
        done(company.ann.post(f"{company.path}/apiKeys/{key.id}/accessList", [{"cidrBlock": "127.0.0.0/8"}]))
        done(key.get(company.path))
        done(key.patch(f"/groups/{project}", {"name": "renamed"}))

    def test_a_list_still_restricts(self, company):
        """Rule 82: a list that does not hold the caller's address is no better for being required."""
        key = listed_key(company, "ORG_OWNER", address="192.0.2.1")
        done(require_lists(company, company.ann))
        refused(key.get(company.path), 403, "IP_ADDRESS_NOT_ON_ACCESS_LIST")

    def test_a_key_that_is_refused_can_not_help_itself(self, company):
        """The gate stands before a key's own list, too, and before the switch."""
        key = company.key("ORG_OWNER")
        done(require_lists(company, company.ann))
        refused(key.post(f"{company.path}/apiKeys/{key.id}/accessList", [{"ipAddress": "127.0.0.1"}]), *NO_LIST)
        refused(require_lists(company, key, wanted=False), *NO_LIST)

    def test_it_ends_with_the_requirement(self, company):
        """Rule 82: when it is not required, an empty list means any address."""
        key = company.key("ORG_READ_ONLY")
        done(require_lists(company, company.ann))
        refused(key.get(company.path), *NO_LIST)
        done(require_lists(company, company.ann, wanted=False))
        done(key.get(company.path))

    def test_people_and_other_organizations_are_unaffected(self, company, other):
        """The requirement is about keys, and about those of this organization alone."""
        done(require_lists(company, company.ann))
        done(company.ann.get(company.path))
        done(other.owner_key.get(other.path))

    def test_unknown_stays_unknown(self, company, other):
        """Statuses, order: what the key may not see is 404 before any gate, and the privilege is asked after it."""
        key = company.key("ORG_MEMBER")
        done(require_lists(company, company.ann))
        refused(key.get(other.path), 404, "ORG_NOT_FOUND")
        refused(key.get(f"/groups/{company.project()}"), 404, "GROUP_NOT_FOUND")
        refused(key.patch(company.path, {"name": "Mine"}), *NO_LIST)


class TestSecondFactor:
    """Rule 86: members whose session has shown none can't reach an organization that requires it."""

    def test_rule_086_a_session_without_it_reaches_nothing_there(self, company):
        """Rule 86: neither the organization nor its projects, for owners as for members, to read or to write."""
        project = company.project()
        bob = company.person("bob", "ORG_MEMBER", on={project: ["GROUP_OWNER"]})
        done(bob.get(f"/groups/{project}"))
        done(require_factor(company))
        for caller in (company.ann, bob):
            refused(caller.get(company.path), *NO_FACTOR)
            refused(caller.get(f"/groups/{project}"), *NO_FACTOR)
            refused(caller.get(f"/groups/{project}/settings"), *NO_FACTOR)
            refused(caller.patch(f"/groups/{project}", {"name": "renamed"}), *NO_FACTOR)
            refused(caller.get(f"{company.path}/users"), *NO_FACTOR)
        assert company.ann.get(company.path).json["parameters"] == []

    def test_rule_086_keys_and_other_organizations_are_unaffected(self, company, other):
        """Rule 86: a key goes on, and so does the same session elsewhere."""
        project = other.project()
        done(require_factor(company))
        done(company.owner_key.get(company.path))
        done(other.ann.get(other.path))
        done(other.ann.get(f"/groups/{project}"))

    def test_lists_leave_out_what_is_behind_the_gate(self, company, other):
        """Lists over organizations, and a look-up by name, show what the session could open, and no more."""
        hidden, shown = company.project("hidden"), other.project("shown")
        done(require_factor(company))
        assert [item["id"] for item in done(company.ann.get("/orgs"))["results"]] == [other.id]
        assert [item["id"] for item in done(company.ann.get("/groups"))["results"]] == [shown]
        refused(company.ann.get("/groups/byName/hidden"), 404, "GROUP_NAME_NOT_FOUND")
        done(company.ann.get("/groups/byName/shown"))
        done(require_factor(company, wanted=False))
        assert {item["id"] for item in done(company.ann.get("/groups"))["results"]} == {hidden, shown}

    def test_the_caller_stays_reachable(self, company):
        """Who one is, one's invitations, their acceptance and signing out are no matter of the organization."""
        bob = company.outsider("bob")
        company.invited("bob", "ORG_OWNER")
        done(require_factor(company))
        (invitation,) = own_invitations(bob)
        done(accept(bob, invitation["id"]))
        assert [org["organizationId"] for org in done(bob.get(f"{OWN}/me"))["organizations"]] == [company.id]
        refused(bob.get(company.path), *NO_FACTOR)
        done(bob.delete(f"{OWN}/sessions/current"))

    def test_rule_086_whoever_switches_it_on_has_one(self, company):
        """Rule 86: an owner without a second factor would lock themself out, and is refused; a key may."""
        refused(require_factor(company, company.ann), *NO_FACTOR)
        assert done(company.ann.get(f"{company.path}/settings"))["multiFactorAuthRequired"] is False
        refused(require_factor(company, company.key("ORG_READ_ONLY")), 401, "USER_UNAUTHORIZED")
        done(require_factor(company))

    def test_the_operator_switches_it_on(self, company, world):
        """Whoever can open the store may, as everything else."""
        asked = OrganizationSettingsBody(multi_factor_auth_required=True)
        call = Call(REGISTRY["updateOrgSettings"], OPERATOR, {"orgId": company.id}, body=asked)
        world.door.write(call).result(30)
        refused(company.ann.get(company.path), *NO_FACTOR)

    def test_switching_it_off_takes_a_key(self, company):
        """The gate stands before the switch, so that a session can't take it away."""
        done(require_factor(company))
        refused(require_factor(company, company.ann, wanted=False), *NO_FACTOR)
        done(require_factor(company, wanted=False))
        done(company.ann.get(company.path))

    def test_unknown_stays_unknown_and_privileges_come_after(self, company):
        """Statuses, order: 404 before the gate, the gate before suspension and privilege."""
        project = company.bare_project()
        bob, zoe = company.person("bob"), company.outsider("zoe")
        done(company.suspend(bob.id))
        done(require_factor(company))
        refused(zoe.get(company.path), 404, "ORG_NOT_FOUND")
        refused(bob.get(f"/groups/{project}"), 404, "GROUP_NOT_FOUND")
        refused(bob.get(company.path), *NO_FACTOR)
        refused(bob.patch(company.path, {"name": "Mine"}), *NO_FACTOR)

    def test_a_command_that_waited_is_asked_again(self, company, world):
        """What was required while a write waited in the queue counts: the gate is read inside the transaction."""
        proof = world.store.keyring.hash_token(company.ann.token)
        ann = Principal("user", company.ann.id, "session", "127.0.0.1", proof)
        call = Call(REGISTRY["updateOrg"], ann, {"orgId": company.id}, body=OrganizationBody(name="Renamed"))
        world.door.precheck(call)
        done(require_factor(company))
        with pytest.raises(GateError, match="MFA_REQUIRED"):
            world.door.write(call).result(30)


class TestShownFactor:
    """Rules 86, 87: what a session has shown opens the gate at once, and what it shows no more closes it at once."""

    def test_rule_086_whoever_has_shown_one_comes_in(self, company):
        """A session from before the enrolment is confirmed by it, and reaches the organization from then on."""
        project = company.project()
        bob = company.person("bob", "ORG_MEMBER", on={project: ["GROUP_OWNER"]})
        done(require_factor(company))
        refused(bob.get(company.path), *NO_FACTOR)
        enrol_app(bob)
        done(bob.get(company.path))
        done(bob.patch(f"/groups/{project}", {"name": "renamed"}))
        assert [org["id"] for org in done(bob.get("/orgs"))["results"]] == [company.id]
        refused(company.ann.get(company.path), *NO_FACTOR)

    def test_rule_086_an_owner_who_has_shown_one_switches_it(self, company):
        """Rule 86: set by an owner who has a second factor of their own."""
        refused(require_factor(company, company.ann), *NO_FACTOR)
        enrol_passkey(company.ann)
        assert done(require_factor(company, company.ann))["multiFactorAuthRequired"] is True
        done(company.ann.get(company.path))
        done(require_factor(company, company.ann, wanted=False))

    def test_rule_086_an_owner_whose_session_has_not_shown_it_does_not(self, company, world):
        """A factor that stands in the account alone would lock the session out that switches it on."""
        app = enrol_app(company.ann)
        other = second_session(world, company.ann)
        refused(require_factor(company, other), *NO_FACTOR)
        done(other.post(f"{OWN}/me/sessions/current:proveBySecondFactor", {"code": app.next_code()}))
        done(require_factor(company, other))

    def test_rule_086_another_session_shows_it_for_itself(self, company, world):
        """What one session has shown is nothing to another one of the same person."""
        app = enrol_app(company.ann)
        other = second_session(world, company.ann)
        done(require_factor(company))
        refused(other.get(company.path), *NO_FACTOR)
        done(other.post(f"{OWN}/me/sessions/current:proveBySecondFactor", {"code": app.next_code()}))
        done(other.get(company.path))

    def test_removal_closes_at_once(self, company):
        """Every session of the person, and without waiting for anything to be forgotten."""
        app = enrol_app(company.ann)
        done(require_factor(company))
        done(company.ann.get(company.path))
        done(company.ann.delete(f"{OWN}/me/factors/{app.id}"))
        refused(company.ann.get(company.path), *NO_FACTOR)
        assert done(company.ann.get("/orgs"))["results"] == []


def second_session(world, caller):
    """Begin another session of a person, as a password alone would."""
    with closing(connect(world.store.path)) as connection:
        connection.execute(
            "INSERT INTO sessions (hash, id, user_id, created_at, expires_at, salt) VALUES (?,?,?,?,?,?)",
            (world.store.keyring.hash_token("second"), "f" * 24, caller.id, world.clock.now, 1 << 60, "00"),
        )
    return Caller(world, token="second", id=caller.id)


class TestDecisions:
    """contract.md, Decisions: gates count for the caller itself, or where `context` tells how the call is made."""

    def ask(self, caller: Caller, who, action, on, **context):
        """Give the decision about `who`, with its context."""
        kind = "organization" if action.startswith("org.") else "project"
        body = {
            "subject": {"type": "user" if who.token else "api_key", "id": who.id},
            "action": {"name": action},
            "resource": {"type": kind, "id": on},
            **({"context": context} if context else {}),
        }
        return done(caller.post("/access/v1/evaluation", body, accept=None))

    def gate(self, *asked, **context):
        """Give the gate that stands in the way, None where the decision is yes."""
        found = self.ask(*asked, **context)
        return None if found["decision"] else found["context"].get("gate", found["context"]["reason"])

    def test_a_second_factor_counts_for_the_caller_itself(self, company):
        """About oneself the session's own lack counts, unless the question tells of another request."""
        project = company.project()
        about = [
            (company.ann, company.ann, "org.read", company.id),
            (company.ann, company.ann, "project.read", project),
        ]
        assert [self.gate(*asked) for asked in about] == [None, None]
        done(require_factor(company))
        for asked in about:
            assert self.gate(*asked) == "MFA_REQUIRED"
            assert self.gate(*asked, mfa=False) == "MFA_REQUIRED"
            assert self.gate(*asked, mfa=True) is None

    def test_a_shown_factor_counts_for_the_caller_itself(self, company):
        """About oneself the session's own factor counts, unless the question tells of another request."""
        enrol_app(company.ann)
        done(require_factor(company))
        asked = (company.ann, company.ann, "org.read", company.id)
        assert self.gate(*asked) is None
        assert self.gate(*asked, mfa=True) is None
        assert self.gate(*asked, mfa=False) == "MFA_REQUIRED"

    def test_a_second_factor_of_others_counts_where_it_is_told(self, company, other):
        """About others it counts only where `context.mfa` says that there was none."""
        bob = company.person("bob", "ORG_MEMBER")
        asked = (company.owner_key, bob, "org.read", company.id)
        assert self.gate(*asked, mfa=False) is None
        done(require_factor(company))
        assert self.gate(*asked) is None
        assert self.gate(*asked, mfa=True) is None
        assert self.gate(*asked, mfa=False) == "MFA_REQUIRED"
        denied = self.ask(*asked, mfa=False)["context"]
        assert (denied["reason"], denied["missing"], denied["roles"]) == ("missing_privilege", "org.read", [])
        cleo = other.person("cleo", "ORG_MEMBER")
        assert self.gate(other.owner_key, cleo, "org.read", other.id, mfa=False) is None

    def test_a_key_has_no_second_factor(self, company):
        """What is required of people is nothing to a key."""
        key = company.key("ORG_READ_ONLY")
        done(require_factor(company))
        assert self.gate(company.owner_key, key, "org.read", company.id, mfa=False) is None

    def test_whoever_is_kept_out_learns_nothing_of_others(self, company):
        """An asker behind the gate gets no answer about anybody else, as a key at a wrong address gets none."""
        bob = company.person("bob", "ORG_MEMBER")
        assert self.gate(company.ann, bob, "org.read", company.id) is None
        done(require_factor(company))
        assert self.gate(company.ann, bob, "org.read", company.id) == "not_found"
        assert self.gate(company.ann, bob, "org.read", company.id, mfa=True) == "not_found"

    def test_a_missing_list_counts_as_a_wrong_address_does(self, company):
        """A required list counts where `context.ip` is given, and for the caller itself."""
        key = company.key("ORG_READ_ONLY")
        listed = listed_key(company, "ORG_OWNER")
        asked = (listed, key, "org.read", company.id)
        assert self.gate(*asked, ip="192.0.2.9") is None
        done(require_lists(company, company.ann))
        assert self.gate(*asked) is None
        assert self.gate(*asked, ip="192.0.2.9") == "ORG_REQUIRES_ACCESS_LIST"
        assert self.gate(key, key, "org.read", company.id) == "ORG_REQUIRES_ACCESS_LIST"
        assert self.gate(key, listed, "org.read", company.id) == "not_found"
        assert self.gate(listed, listed, "org.read", company.id) is None
        assert self.gate(listed, listed, "org.read", company.id, ip="192.0.2.9") == "IP_ADDRESS_NOT_ON_ACCESS_LIST"

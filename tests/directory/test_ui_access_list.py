"""Rule 89: from which addresses people reach an organization with their sessions."""

import pytest

from tests.directory.company import OWN, Company, done, refused
from tests.world import Caller

HERE = "127.0.0.1"
ELSEWHERE = "198.51.100.7"
OFF_LIST = (403, "IP_ADDRESS_NOT_ON_ACCESS_LIST")


def path_of(company):
    """Give the path of the list."""
    return f"{OWN}/orgs/{company.id}/uiAccessList"


def listing(company, *cidrs, by=None, enabled=True):
    """Set the list."""
    body = {"enabled": enabled, "entries": [{"cidr": cidr} for cidr in cidrs]}
    return (by or company.ann).put(path_of(company), body)


def at(caller, address):
    """Give the same session or key, calling from another address."""
    return Caller(caller.world, caller.public_key, caller.private_key, caller.token, address, caller.id)


def gate(company, caller, who, **context):
    """Give the gate that a decision about the organization names, None where it is yes."""
    body = {
        "subject": {"type": "user", "id": who.id},
        "action": {"name": "org.read"},
        "resource": {"type": "organization", "id": company.id},
        "context": context,
    }
    found = done(caller.post("/access/v1/evaluation", body, accept=None))
    return None if found["decision"] else found["context"].get("gate", found["context"]["reason"])


class TestTheList:
    """What stands on it, and who sets it."""

    def test_there_is_none_at_first(self, company):
        """Nothing is restricted until somebody says so; a list that is off may be empty or long."""
        assert done(company.ann.get(path_of(company))) == {"enabled": False, "entries": []}
        done(listing(company, "203.0.113.0/24", enabled=False))
        done(at(company.ann, ELSEWHERE).get(company.path))

    def test_it_is_kept_whole(self, company):
        """Each entry in its canonical form with its note; a new list takes the place of the old one."""
        entries = [{"cidr": HERE, "comment": "desk"}, {"cidr": "2001:DB8::/32"}, {"cidr": "::ffff:192.0.2.0/120"}]
        kept = [
            {"cidr": "127.0.0.1/32", "comment": "desk"}, {"cidr": "2001:db8::/32", "comment": ""},
            {"cidr": "192.0.2.0/24", "comment": ""},
        ]  # fmt: skip
        found = done(company.ann.put(path_of(company), {"enabled": True, "entries": entries}))
        assert found == done(company.ann.get(path_of(company))) == {"enabled": True, "entries": kept}
        assert done(listing(company, HERE))["entries"] == [{"cidr": "127.0.0.1/32", "comment": ""}]

    def test_it_is_no_member_of_the_settings(self, company):
        """The Admin API knows nothing of it, and does not take it."""
        done(listing(company, HERE))
        assert "uiAccessList" not in done(company.ann.get(f"{company.path}/settings"))
        refused(company.ann.patch(f"{company.path}/settings", {"uiAccessList": {}}), 400, "INVALID_ATTRIBUTE")

    def test_settings_leave_it_alone(self, company):
        """What is set beside it stays, and so does it."""
        done(company.ann.patch(f"{company.path}/settings", {"restrictEmployeeAccess": True}))
        done(listing(company, HERE))
        done(company.ann.patch(f"{company.path}/settings", {"restrictEmployeeAccess": False}))
        assert done(company.ann.get(path_of(company)))["enabled"] is True

    @pytest.mark.parametrize(
        "cidr", ["192.0.2.7/24", "192.0.2.0/33", "desk", "", "192.0.2.0/255.255.255.0", "fe80::1%1"]
    )
    def test_what_names_no_block_is_refused(self, company, cidr):
        """Host bits, too; each wrong entry is named."""
        reply = listing(company, HERE, cidr)
        refused(reply, 400, "INVALID_IP_ADDRESS_OR_CIDR_NOTATION")
        assert [fault["field"] for fault in reply.json["badRequestDetail"]["fields"]] == ["entries[1].cidr"]
        assert done(company.ann.get(path_of(company)))["entries"] == []

    def test_an_entry_stands_once(self, company):
        """However it is written."""
        refused(listing(company, HERE, "127.0.0.1/32"), 400, "DUPLICATE_ADDRESSES_IN_INPUT")

    def test_there_are_two_hundred_at_most(self, company):
        """The limit is the list's, and the bound belongs to it."""
        many = [f"203.0.113.{i}" for i in range(199)]
        done(listing(company, HERE, *many))
        refused(listing(company, HERE, *many, "192.0.2.1"), 403, "ACCESS_LIST_ENTRIES_LIMIT_EXCEEDED")

    @pytest.mark.parametrize("comment", ["x" * 81, "a\nb", 7])
    def test_a_comment_is_one_line(self, company, comment):
        """At most 80 characters."""
        body = {"enabled": False, "entries": [{"cidr": HERE, "comment": comment}]}
        refused(company.ann.put(path_of(company), body), 400, "INVALID_ATTRIBUTE")

    def test_rule_089_it_contains_its_setter(self, company):
        """Rule 89: enabling requires the caller's own address on it, and so does every change while it is on."""
        reply = listing(company, "203.0.113.0/24")
        refused(reply, 400, "CALLER_NOT_ON_UI_ACCESS_LIST")
        assert reply.json["parameters"] == [HERE]
        refused(listing(company), 400, "CALLER_NOT_ON_UI_ACCESS_LIST")
        done(listing(company, "127.0.0.0/8"))
        refused(listing(company, "203.0.113.0/24"), 400, "CALLER_NOT_ON_UI_ACCESS_LIST")
        done(listing(company, "203.0.113.0/24", enabled=False))

    def test_members_read_and_owners_write(self, company):
        """Rules 89, 93: whoever reads settings sees it."""
        bob = company.person("bob")
        done(bob.get(path_of(company)))
        refused(listing(company, HERE, by=bob), 401, "USER_UNAUTHORIZED")
        refused(company.outsider("zoe").get(path_of(company)), 404, "ORG_NOT_FOUND")


class TestTheGate:
    """From elsewhere a session reaches neither the organization nor its projects."""

    def test_rule_089_a_session_from_elsewhere_reaches_nothing_there(self, company):
        """Rule 89: owners and members, to read and to write; the address is named."""
        project = company.project()
        bob = company.person("bob", on={project: ["GROUP_OWNER"]})
        done(listing(company, HERE))
        for caller in (company.ann, bob):
            away = at(caller, ELSEWHERE)
            for reply in (
                away.get(company.path),
                away.get(f"/groups/{project}"),
                away.patch(f"/groups/{project}", {"name": "renamed"}),
                away.put(path_of(company), {"enabled": False, "entries": []}),
            ):
                refused(reply, *OFF_LIST)
                assert reply.json["parameters"] == [ELSEWHERE]
            done(caller.get(company.path))
            done(caller.get(f"/groups/{project}"))

    def test_other_organizations_are_unaffected(self, company, world):
        """The same session elsewhere, and lists show what it could open."""
        other = Company.found(world, company.edition, name="Other")
        hidden, shown = company.project("hidden"), other.project("shown")
        done(listing(company, HERE))
        away = at(company.ann, ELSEWHERE)
        done(away.get(other.path))
        assert [org["id"] for org in done(away.get("/orgs"))["results"]] == [other.id]
        assert [project["id"] for project in done(away.get("/groups"))["results"]] == [shown]
        assert {project["id"] for project in done(company.ann.get("/groups"))["results"]} == {hidden, shown}

    def test_keys_have_lists_of_their_own(self, company):
        """Rule 89: separate from the API's list; a key comes from anywhere, and can mend what locks people out."""
        key = at(company.owner_key, ELSEWHERE)
        done(listing(company, HERE))
        done(key.get(company.path))
        done(listing(company, "203.0.113.0/24", by=key))
        refused(company.ann.get(company.path), *OFF_LIST)
        done(listing(company, by=key, enabled=False))
        done(at(company.ann, ELSEWHERE).get(company.path))

    def test_unknown_stays_unknown(self, company):
        """Statuses, order: 404 before the gate, the gate before the privilege."""
        project, bob = company.bare_project(), company.person("bob")
        done(listing(company, HERE))
        refused(at(company.outsider("zoe"), ELSEWHERE).get(company.path), 404, "ORG_NOT_FOUND")
        refused(at(bob, ELSEWHERE).get(f"/groups/{project}"), 404, "GROUP_NOT_FOUND")
        refused(at(bob, ELSEWHERE).patch(company.path, {"name": "Mine"}), *OFF_LIST)

    def test_an_unknown_address_is_on_no_list(self, company):
        """Where the connection tells no address nothing is assumed."""
        done(listing(company, HERE))
        refused(at(company.ann, "").get(company.path), *OFF_LIST)

    def test_the_caller_stays_reachable(self, company):
        """Who one is, and signing out, are no matter of the organization."""
        done(listing(company, HERE))
        away = at(company.ann, ELSEWHERE)
        done(away.get(f"{OWN}/me"))
        done(away.delete(f"{OWN}/sessions/current"))


class TestDecisions:
    """contract.md, Decisions: the address counts for the caller itself, or where `context.ip` tells it."""

    def test_the_callers_own_address_counts(self, company):
        """Unless the question tells of another one; a told factor says nothing of the address."""
        done(listing(company, HERE))
        away = at(company.ann, ELSEWHERE)
        assert gate(company, company.ann, company.ann) is None
        assert gate(company, company.ann, company.ann, ip=ELSEWHERE) == OFF_LIST[1]
        assert gate(company, away, away) == OFF_LIST[1]
        assert gate(company, away, away, mfa=True) == OFF_LIST[1]
        assert gate(company, away, away, ip=HERE) is None

    def test_the_address_of_others_counts_where_it_is_told(self, company):
        """About others it counts only with `context.ip`, whatever is told of their second factor."""
        bob = company.person("bob")
        done(listing(company, HERE))
        asked = (company, company.owner_key, bob)
        assert [gate(*asked), gate(*asked, mfa=False), gate(*asked, ip=HERE)] == [None, None, None]
        assert gate(*asked, ip=ELSEWHERE) == OFF_LIST[1]

    def test_whoever_is_kept_out_learns_nothing_of_others(self, company):
        """From elsewhere there is no answer about anybody else."""
        bob = company.person("bob")
        done(listing(company, HERE))
        assert gate(company, company.ann, bob) is None
        assert gate(company, at(company.ann, ELSEWHERE), bob) == "not_found"

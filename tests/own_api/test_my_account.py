"""One's own account: names, address, what the console looks like, and its end (rules 43, 44; ASVS 6.3.7)."""

import pytest

from orgward.app.operator import ErasedUser
from tests.directory.company import Company, accept, own_invitations
from tests.mailbox import links_to, mailed_to
from tests.own_api.people import (
    NEWER,
    OWN,
    account,
    is_alive,
    number_of,
    request_reset,
    reset,
    reset_token,
    rows,
    session,
    sign_in,
    subjects,
    verify,
)

BOB, ROB = "bob@example.org", "rob@example.net"
READ = "GROUP_READ_ONLY"


@pytest.fixture(params=["atlas", "cloud_manager"])
def acme(world, request):
    """Give a company of either edition."""
    return Company.found(world, request.param, name="Acme")


def ask(who, username=ROB):
    """Ask for another address."""
    return who.post(f"{OWN}/me/address", {"username": username})


def asked(world, who, username=ROB):
    """Ask for another address and give the token of the link that is mailed there."""
    reply = ask(who, username)
    assert (reply.status, reply.json) == (202, {}), reply.json
    world.clock.advance(seconds=1)
    return links_to(world, username, "verify")[-1]


class TestNames:
    """Nobody changes somebody's name but themself."""

    def test_only_what_is_named_changes(self, bob):
        """A PATCH changes the members that it names."""
        reply = bob.patch(f"{OWN}/me", {"lastName": "Keller"})
        assert (reply.status, reply.json["firstName"], reply.json["lastName"]) == (200, "Bob", "Keller")
        assert bob.get(f"{OWN}/me").json == reply.json
        bob.patch(f"{OWN}/me", {"firstName": "Robert"})
        bob.patch(f"{OWN}/me", {})
        shown = bob.get(f"{OWN}/me").json
        assert (shown["firstName"], shown["lastName"], shown["username"]) == ("Robert", "Keller", BOB)

    @pytest.mark.parametrize(
        "body",
        [{"firstName": ""}, {"lastName": "x" * 91}, {"firstName": "a\nb"}, {"firstName": None}, {"username": ROB}],
    )
    def test_a_name_is_one_line(self, bob, body):
        """As when the account was set up; and an address is no name."""
        reply = bob.patch(f"{OWN}/me", body)
        assert (reply.status, reply.code) == (400, "INVALID_ATTRIBUTE")

    def test_it_happens_only_to_what_was_seen(self, bob):
        """If-Match holds here as everywhere."""
        tag = bob.get(f"{OWN}/me").headers["etag"]
        assert bob.patch(f"{OWN}/me", {"firstName": "Rob"}, headers={"if-match": tag}).status == 200
        assert bob.patch(f"{OWN}/me", {"firstName": "Bo"}, headers={"if-match": tag}).code == "ETAG_MISMATCH"

    def test_the_log_holds_no_name(self, world, bob):
        """The log can't forget a person."""
        bob.patch(f"{OWN}/me", {"lastName": "Featherstonehaugh"})
        found = world.store.reader.execute("SELECT body, deltas FROM log").fetchall()
        assert not any(b"Feather" in bytes(part) for row in found for part in row)


class TestPreferences:
    """What somebody wants the console to look like."""

    def test_they_have_defaults(self, bob):
        """Whoever has chosen nothing: as the browser and the system want it."""
        assert bob.get(f"{OWN}/me/preferences").json == {
            "density": "comfortable",
            "language": None,
            "shortcuts": True,
            "theme": "system",
            "timeZone": None,
        }

    def test_what_is_chosen_is_kept(self, world, bob):
        """For the one who chose it; what is left out next time is as if nobody had chosen."""
        chosen = {
            "density": "compact", "language": "de", "shortcuts": False, "theme": "dark", "timeZone": "Europe/Berlin",
        }  # fmt: skip
        reply = bob.put(f"{OWN}/me/preferences", chosen)
        assert (reply.status, reply.json) == (200, chosen)
        assert bob.get(f"{OWN}/me/preferences").json == chosen
        assert account(world, "carl@example.org").get(f"{OWN}/me/preferences").json["language"] is None
        bob.put(f"{OWN}/me/preferences", {"language": "en"})
        shown = bob.get(f"{OWN}/me/preferences").json
        assert (shown["language"], shown["theme"], shown["timeZone"]) == ("en", "system", None)

    @pytest.mark.parametrize(
        "body",
        [
            {"language": "fr"},
            {"theme": "blue"},
            {"density": 3},
            {"shortcuts": "yes"},
            {"timeZone": "Europe/Nowhere"},
            {"timeZone": "../../etc/passwd"},
            {"timeZone": ""},
            {"colour": "red"},
        ],
    )
    def test_only_what_there_is_can_be_chosen(self, bob, body):
        """Anything else is refused by its name."""
        reply = bob.put(f"{OWN}/me/preferences", body)
        assert (reply.status, reply.code) == (400, "INVALID_ATTRIBUTE")
        assert reply.json["badRequestDetail"]["fields"][0]["field"] == next(iter(body))


class TestAddress:
    """Another address counts once a link that was mailed to it was followed."""

    def test_nothing_changes_before(self, world, bob):
        """The old address signs in until the new one is proven; then the new one does."""
        token = asked(world, bob)
        assert bob.get(f"{OWN}/me").json["username"] == BOB
        assert (sign_in(world, BOB).status, sign_in(world, ROB).status) == (201, 401)
        reply = verify(world, token)
        assert (reply.status, reply.body) == (204, b"")
        assert bob.get(f"{OWN}/me").json["username"] == ROB
        assert (sign_in(world, BOB).status, sign_in(world, ROB).status) == (401, 201)
        assert sign_in(world, ROB).json["userId"] == bob.id

    def test_both_addresses_are_told(self, world, bob):
        """ASVS 6.3.7: the old one when it is asked for and when it has happened, the new one gets the link."""
        token = asked(world, bob)
        assert subjects(mailed_to(world, BOB))[-1] == "Another address was asked for"
        assert subjects(mailed_to(world, ROB)) == ["Confirm your address for Orgward"]
        assert BOB in mailed_to(world, ROB)[0].get_content()
        assert ROB not in mailed_to(world, BOB)[-1].get_content()
        verify(world, token)
        world.clock.advance(seconds=1)
        assert subjects(mailed_to(world, BOB))[-1] == "Your address was changed"
        assert len(mailed_to(world, ROB)) == 1

    def test_a_password_goes_to_the_new_address(self, world, bob):
        """A link to a new password that was mailed to the old one is worthless, as is one for the old one."""
        before = reset_token(world, BOB)
        assert verify(world, asked(world, bob)).status == 204
        assert reset(world, before).code == "TOKEN_NOT_FOUND"
        request_reset(world, BOB)
        assert len(links_to(world, BOB, "reset")) == 1
        assert reset(world, reset_token(world, ROB)).status == 204

    def test_dead_links_answer_alike(self, world, bob):
        """contract.md, People: used, replaced, expired and made-up tokens are all 404, all alike."""
        dead = {"other": asked(world, bob, "other@example.net"), "used": asked(world, bob)}
        assert verify(world, dead["used"]).status == 204
        dead["expired"] = asked(world, bob, "late@example.net")
        world.clock.advance(seconds=3_600)
        dead["made up"], dead["of a reset"] = "A" * 43, reset_token(world, ROB)
        replies = {name: verify(world, token) for name, token in dead.items()}
        assert {(reply.status, reply.code) for reply in replies.values()} == {(404, "TOKEN_NOT_FOUND")}
        assert len({reply.body for reply in replies.values()}) == 1
        assert bob.get(f"{OWN}/me").json["username"] == ROB

    def test_a_new_password_makes_it_worthless(self, world, bob):
        """Whoever had got hold of the account can't take it along."""
        token = asked(world, bob)
        assert reset(world, reset_token(world, BOB)).status == 204
        assert verify(world, token).code == "TOKEN_NOT_FOUND"

    @pytest.mark.parametrize("username", ["no address", "", "=?utf-8?q?x?=@example.org"])
    def test_what_is_no_address_is_refused(self, bob, username):
        """As everywhere."""
        assert (ask(bob, username).status, ask(bob, username).code) == (400, "INVALID_EMAIL_ADDRESS")

    def test_an_address_belongs_to_one_account(self, world, bob):
        """Who has it is told to nobody but who reads its mail, and nothing changes."""
        carl = account(world, ROB)
        reply = verify(world, asked(world, bob))
        assert (reply.status, reply.code) == (409, "ADDRESS_IN_USE")
        assert bob.get(f"{OWN}/me").json["username"] == BOB
        assert carl.get(f"{OWN}/me").json["username"] == ROB
        assert sign_in(world, ROB).json["userId"] == carl.id

    def test_of_two_who_want_it_the_first_gets_it(self, world, bob):
        """Uniqueness is settled when the link is followed."""
        carl = account(world, "carl@example.org")
        first, second = asked(world, bob), asked(world, carl, "ROB@Example.NET")
        assert verify(world, second).status == 204
        assert verify(world, first).code == "ADDRESS_IN_USE"
        assert number_of(world, "person_data") == 2

    def test_ones_own_can_be_written_otherwise(self, world, bob):
        """Other capitals are another way to write it, and no second address."""
        assert verify(world, asked(world, bob, "Bob@Example.org")).status == 204
        assert bob.get(f"{OWN}/me").json["username"] == "Bob@Example.org"
        assert sign_in(world, BOB).status == 201

    def test_it_is_asked_for_three_times_an_hour(self, world, bob):
        """Nobody mails the world through us."""
        for number in range(3):
            assert ask(bob, f"friend{number}@example.net").status == 202
        reply = ask(bob, "friend4@example.net")
        assert (reply.status, reply.code) == (429, "RATE_LIMITED")
        world.clock.advance(seconds=3_600)
        assert ask(session(world, BOB), "friend4@example.net").status == 202

    def test_a_mailbox_gets_three_within_the_hour(self, world, bob):
        """Nobody's mailbox is filled by many who want its address; who asks is told nothing of it."""
        for number in range(5):
            who = account(world, f"carl{number}@example.org")
            assert ask(who).status == 202
        assert len(mailed_to(world, ROB)) == 3


class TestInvitationsOfANewAddress:
    """Whoever proves an address has the invitations that were sent to it."""

    def test_open_ones_become_ones_own(self, world, acme, bob):
        """They are answered like any other, and give what they gave."""
        project = acme.project("web")
        invitation = acme.invited(ROB, "ORG_READ_ONLY", on={project: [READ]})
        assert verify(world, asked(world, bob)).status == 204
        assert [shown["id"] for shown in own_invitations(bob)] == [invitation]
        assert acme.status_of(bob.id) == "PENDING"
        assert acme.invitation_of(ROB) == invitation
        assert accept(bob, invitation).status == 200
        assert (acme.roles_of(bob.id), acme.project_roles_of(project, bob.id)) == (["ORG_READ_ONLY"], [READ])

    def test_nobody_is_left_behind(self, world, acme, bob):
        """Whoever was known by the address alone is gone, and so are the links that were mailed to them."""
        acme.invited(ROB)
        (mailed,) = links_to(world, ROB)
        (placeholder,) = rows(world, "person_data", username_key=ROB)
        assert verify(world, asked(world, bob)).status == 204
        for table in ("members", "invitations", "tokens", "outbox", "team_members"):
            assert rows(world, table, user_id=placeholder["id"]) == [], table
        assert number_of(world, "person_data") == 2
        body = {"token": mailed, "password": NEWER, "firstName": "Eve", "lastName": "Doe"}
        assert world.nobody.post(f"{OWN}/accounts:setup", body).code == "TOKEN_NOT_FOUND"

    def test_a_team_comes_along(self, world, acme, bob):
        """A place in a team waits as it did."""
        team = acme.team("crew", acme.person("tess"))
        pia = acme.invite(ROB).json["id"]
        assert acme.put_in(team, pia).status == 200
        assert verify(world, asked(world, bob)).status == 204
        assert bob.id in acme.users_in(team)
        assert pia not in acme.users_in(team)
        (invitation,) = own_invitations(bob)
        assert accept(bob, invitation["id"]).status == 200
        assert bob.id in acme.users_in(team)

    def test_ones_own_open_one_stands(self, world, acme, bob):
        """Two for the same place would be one too many: the one that was sent to the account counts."""
        mine, other = acme.invited(BOB, "ORG_READ_ONLY"), acme.invited(ROB, "ORG_BILLING_ADMIN")
        assert verify(world, asked(world, bob)).status == 204
        assert [shown["id"] for shown in own_invitations(bob)] == [mine]
        assert accept(bob, other).status == 404
        assert accept(bob, mine).status == 200
        assert acme.roles_of(bob.id) == ["ORG_READ_ONLY"]

    def test_an_own_one_that_is_over_makes_room(self, world, acme, bob):
        """What can't be accepted any more stands in nobody's way."""
        acme.invited(BOB)
        world.clock.advance(days=31)
        acme.ann = world.session(acme.ann.id)
        invitation = acme.invited(ROB)
        assert verify(world, asked(world, session(world, BOB))).status == 204
        bob = session(world, ROB)
        assert [shown["id"] for shown in own_invitations(bob)] == [invitation]
        assert accept(bob, invitation).status == 200

    def test_what_is_over_is_not_handed_over(self, world, acme, bob):
        """An expired invitation gives nobody anything."""
        acme.invited(ROB)
        world.clock.advance(days=31)
        assert verify(world, asked(world, session(world, BOB))).status == 204
        assert own_invitations(session(world, ROB)) == []
        assert own_invitations(session(world, ROB), "EXPIRED") == []

    def test_a_member_keeps_what_they_hold(self, world, acme):
        """Somebody who is in already, and is invited by another address, can accept what is new."""
        bob, project = account(world, BOB), acme.project("web")
        world.user(BOB, orgs={acme.id: ["ORG_READ_ONLY"]})
        invitation = acme.invited(ROB, on={project: [READ]})
        assert verify(world, asked(world, bob)).status == 204
        assert acme.status_of(bob.id) == "ACTIVE"
        assert accept(bob, invitation).status == 200
        assert set(acme.roles_of(bob.id)) == {"ORG_READ_ONLY", "ORG_MEMBER"}
        assert acme.project_roles_of(project, bob.id) == [READ]


class TestEnd:
    """An account ends by its owner's wish, once it is in nothing any more."""

    def test_rule_044_only_who_is_in_nothing_can_end_it(self, world, acme, bob):
        """Rule 44: in no organization and no project; a suspended member is in."""
        project = acme.project("web")
        world.user(BOB, projects={project: [READ]})
        reply = bob.delete(f"{OWN}/me")
        assert (reply.status, reply.code) == (409, "ACCOUNT_IN_USE")
        assert acme.suspend(bob.id).status == 200
        assert bob.delete(f"{OWN}/me").code == "ACCOUNT_IN_USE"
        assert acme.reactivate(bob.id).status == 200
        assert bob.post(f"{OWN}/me/projects/{project}:leave").status == 200
        assert bob.delete(f"{OWN}/me").code == "ACCOUNT_IN_USE"
        assert bob.post(f"{OWN}/me/organizations/{acme.id}:leave").status == 200
        assert bob.delete(f"{OWN}/me").status == 204
        assert (is_alive(bob), sign_in(world, BOB).status) == (False, 401)

    def test_nothing_but_an_id_stays(self, world, acme, bob):
        """As when the operator erases somebody: nothing of the person, no invitation, no link, in no file."""
        acme.invited(BOB)
        bob.put(f"{OWN}/me/preferences", {"theme": "dark"})
        bob.patch(f"{OWN}/me", {"lastName": "Featherstonehaugh"})
        ask(bob)
        request_reset(world, BOB)
        assert bob.delete(f"{OWN}/me").status == 204
        for table in ("sessions", "links", "preferences", "members", "outbox", "tokens"):
            assert rows(world, table, user_id=bob.id) == [], table
        assert rows(world, "person_data", id=bob.id) == []
        assert rows(world, "credentials", owner_id=bob.id) == []
        assert number_of(world, "session_facts") == 0
        world.store.scrub()
        for path in world.store.path.parent.glob("orgward.db*"):
            raw = path.read_bytes().lower()
            for word in (BOB.encode(), ROB.encode(), b"featherstonehaugh"):
                assert word not in raw, (path.name, word)

    def test_the_address_is_free_again(self, world, bob):
        """Nothing is kept by which it would be known: whoever comes back is somebody new (see `accounts.close`)."""
        assert bob.delete(f"{OWN}/me").status == 204
        assert account(world, BOB).id != bob.id

    def test_a_pending_invitation_is_no_reason_to_stay(self, world, acme, bob):
        """Whoever is only invited is in nothing."""
        invitation = acme.invited(BOB)
        assert bob.delete(f"{OWN}/me").status == 204
        assert acme.user(bob.id) is None
        assert world.store.view.get("invitations", invitation)["state"] == "cancelled"

    def test_keys_have_no_account(self, acme):
        """A key is no person."""
        assert acme.owner_key.delete(f"{OWN}/me").code == "SESSION_REQUIRED"


class TestErasure:
    """What the operator's erasure takes along of what is new."""

    def test_nothing_of_the_person_stays(self, world, bob):
        """Facts of sessions, links, choices and factors go with them."""
        bob.put(f"{OWN}/me/preferences", {"theme": "dark"})
        ask(bob)
        world.erase(BOB)
        tables = ("session_facts", "links", "preferences", "drafts", "second_factors", "sessions", "outbox")
        assert [number_of(world, table) for table in tables] == [0] * len(tables)

    def test_who_was_about_to_have_the_address_does_not_get_it(self, world, bob):
        """An address that is to be forgotten stands in nobody else's link either, though it is nobody's yet."""
        token = asked(world, bob)
        world.operate("eraseUser", ErasedUser(username=ROB.upper()))
        assert verify(world, token).code == "TOKEN_NOT_FOUND"
        assert number_of(world, "links") == 0

    def test_nor_do_they_get_that_of_an_account(self, world, bob):
        """The same where the address was somebody's."""
        token = asked(world, bob)
        account(world, ROB)
        world.erase(ROB)
        assert verify(world, token).code == "TOKEN_NOT_FOUND"
        assert bob.get(f"{OWN}/me").json["username"] == BOB

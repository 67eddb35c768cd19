"""Attacks that look for accounts: who exists is told to nobody who does not read their mail (ASVS 6.3.8)."""

import pytest

from tests.app.test_mail import Recorder, dispatcher
from tests.directory.company import Company, log_rows
from tests.own_api.people import OWN, account, add_factor, session

KNOWN, BARE, INVITED, GONE = "known@example.org", "bare@example.org", "invited@example.org", "gone@example.org"
UNKNOWN = "nobody@example.org"
CHANGING = {"orgward-revision", "x-request-id", "content-length"}


@pytest.fixture
def company(world):
    """Give an organization, and people of every kind around it."""
    found = Company.found(world, "atlas")
    account(world, KNOWN)
    world.user(BARE)
    found.invited(INVITED)
    account(world, GONE)
    world.erase(GONE)
    account(world, "guarded@example.org")
    add_factor(world, world.store.view.find("person_data", username_key="guarded@example.org")[0]["id"])
    world.clock.advance(days=1)
    dispatcher(world, Recorder()).send_waiting()
    return found


EVERYBODY = (KNOWN, "KNOWN@Example.org", BARE, INVITED, GONE, "guarded@example.org", UNKNOWN, "no address", "")


def seen(reply):
    """Give all that a caller sees of an answer."""
    headers = {name: value for name, value in reply.headers.items() if name not in CHANGING}
    return reply.status, headers, reply.body


def differing(replies):
    """Give what is answered otherwise than to the unknown address."""
    return {who: seen(reply) for who, reply in replies.items() if seen(reply) != seen(replies[UNKNOWN])}


class TestAskingForAPassword:
    """Whether an address is anybody's does not show in how a forgotten password is answered."""

    @pytest.mark.parametrize(
        ("query", "status"),
        [("", 202), ("?dryRun=true", 200), ("?envelope=true&pretty=true", 200), ("?dryRun=perhaps", 400)],
    )
    def test_every_address_is_answered_alike(self, world, company, query, status):
        """Byte for byte, headers with it."""
        path = f"{OWN}/accounts:requestReset{query}"
        replies = {who: world.nobody.post(path, {"username": who}) for who in EVERYBODY}
        assert differing(replies) == {}
        assert replies[UNKNOWN].status == status

    @pytest.mark.parametrize("headers", [{"If-Match": '"x"'}, {"If-Match": "*"}, {"Idempotency-Key": "once"}])
    def test_conditions_tell_nothing_either(self, world, company, headers):
        """Nor do headers that make a write depend on what is there."""
        path = f"{OWN}/accounts:requestReset"
        replies = {who: world.nobody.post(path, {"username": who}, headers=dict(headers)) for who in EVERYBODY}
        assert differing(replies) == {}

    def test_every_address_leaves_as_much(self, world, company):
        """One row in the log, and one message that leaves the outbox: the revision moves alike, then and later."""
        path = f"{OWN}/accounts:requestReset"
        for who in EVERYBODY:
            before = world.store.snapshot.revision
            reply = world.nobody.post(path, {"username": who})
            assert reply.headers["orgward-revision"] == str(before + 1), who
            assert world.store.view.rows("SELECT COUNT(*) FROM outbox", {})[0][0] == 1, who
            assert dispatcher(world, Recorder()).send_waiting() == 1, who
            assert world.store.snapshot.revision == before + 2, who

    def test_the_limit_of_a_mailbox_shows_nowhere(self, world, company):
        """A mailbox that had its share is answered, and leaves as much, as before."""
        path = f"{OWN}/accounts:requestReset"
        for _ in range(6):
            before = world.store.snapshot.revision
            replies = {who: world.nobody.post(path, {"username": who}) for who in (KNOWN, BARE, UNKNOWN)}
            assert differing(replies) == {}
            dispatcher(world, Recorder()).send_waiting()
            assert world.store.snapshot.revision == before + 6

    def test_no_address_stands_in_the_log(self, world, company):
        """Neither that of an account nor what somebody typed."""
        world.nobody.post(f"{OWN}/accounts:requestReset", {"username": KNOWN})
        world.nobody.post(f"{OWN}/accounts:requestReset", {"username": UNKNOWN})
        assert "@" not in str(log_rows(world)[-2:])


class TestSigningIn:
    """Whether an address is anybody's does not show in how a wrong password is answered."""

    def test_every_wrong_pair_is_answered_alike(self, world, company):
        """An account, one without a password, one with a second factor, an invited person, and nobody."""
        replies = {
            who: world.nobody.post(f"{OWN}/sessions", {"username": who, "password": "a wrong guess"})
            for who in EVERYBODY
        }
        told = {who: (reply.status, reply.body) for who, reply in replies.items()}
        assert set(told.values()) == {(401, replies[UNKNOWN].body)}

    def test_a_second_factor_shows_only_after_the_password(self, world, company):
        """Who has one is told to whoever knows the password."""
        wrong = world.nobody.post(f"{OWN}/sessions", {"username": "guarded@example.org", "password": "a wrong guess"})
        right = world.nobody.post(f"{OWN}/sessions", {"username": "guarded@example.org", "password": "correct horse"})
        assert (wrong.status, right.status) == (401, 202)


class TestAskingForAnAddress:
    """Whether an address is anybody's does not show in how it is asked for."""

    @pytest.mark.parametrize("query", ["", "?dryRun=true", "?envelope=true"])
    def test_every_address_is_answered_alike(self, world, company, query):
        """Taken, invited, erased, or nobody's; and what is sent is as many messages."""
        replies, moved = {}, {}
        for who in (KNOWN, BARE, INVITED, GONE, UNKNOWN):
            account(world, f"asker-{who}")
            asker = session(world, f"asker-{who}")
            dispatcher(world, Recorder()).send_waiting()
            before = world.store.snapshot.revision
            replies[who] = asker.post(f"{OWN}/me/address{query}", {"username": who})
            dispatcher(world, Recorder()).send_waiting()
            moved[who] = world.store.snapshot.revision - before
        assert differing(replies) == {}
        assert len(set(moved.values())) == 1, moved

    def test_the_limit_of_a_mailbox_shows_nowhere(self, world, company):
        """Somebody who wants an address that many want learns nothing of it."""
        for number in range(5):
            asker = account(world, f"asker{number}@example.org")
            dispatcher(world, Recorder()).send_waiting()
            before = world.store.snapshot.revision
            reply = asker.post(f"{OWN}/me/address", {"username": UNKNOWN})
            assert (reply.status, reply.json) == (202, {})
            assert dispatcher(world, Recorder()).send_waiting() == 2
            assert world.store.snapshot.revision == before + 3


class TestMadeUpLinks:
    """A made-up token tells nothing, whatever comes with it."""

    @pytest.mark.parametrize(
        ("path", "body"),
        [
            ("accounts:setup", {"password": "short", "firstName": "Eve", "lastName": "Doe"}),
            ("accounts:setup", {"password": "correct horse", "firstName": "Eve", "lastName": "Doe"}),
            ("accounts:reset", {"password": "short"}),
            ("accounts:reset", {"password": "password1"}),
            ("accounts:reset", {"password": "correct horse"}),
            ("accounts:verify", {}),
        ],
    )
    def test_it_is_unknown_before_anything_else_is_looked_at(self, world, company, path, body):
        """A bad password is told to nobody who has no link."""
        reply = world.nobody.post(f"{OWN}/{path}", {"token": "A" * 43, **body})
        assert (reply.status, reply.code) == (404, "TOKEN_NOT_FOUND")

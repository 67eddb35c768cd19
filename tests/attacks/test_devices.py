"""Attacks on programs that sign in for people: replays, guesses, other programs, access without end (RFC 9700)."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from orgward.app.forgetting import forget_expired
from orgward.directory import device_sessions
from orgward.directory.sessions import ended_by_provider
from orgward.store.sqlite import connect
from tests.devices import OWN, Device, decide, look
from tests.own_api.people import account, is_alive, number_of
from tests.second_factors import outcome
from tests.store_checker import check_store
from tests.world import Caller

BOB, EVE = "bob@example.org", "eve@example.org"
EXPIRED = (400, "DEVICE_AUTHORIZATION_EXPIRED")
REFUSED = (401, "INVALID_REFRESH_TOKEN")


@pytest.fixture
def world(world):
    """Give a world without anybody in it, in whose store nothing may be left hanging."""
    yield world
    assert check_store(world.store.path) == []


@pytest.fixture
def bob(world):
    """Give a person, signed in."""
    return account(world, BOB)


@pytest.fixture
def eve(world):
    """Give another one."""
    return account(world, EVE)


class TestReplays:
    """Each code and each refresh token counts once, whoever shows it again, and however fast."""

    def test_a_device_code_begins_one_session(self, world, bob):
        """Whoever has read it from a log comes too late."""
        device = Device(world).signed_in(bob)
        assert outcome(device.poll()) == EXPIRED
        assert number_of(world, "refresh_tokens") == 1
        assert is_alive(device.caller)

    def test_a_device_code_shown_at_once_begins_one_session(self, world, bob, monkeypatch):
        """Of many that were found good before any of them was carried out, one is."""
        device = Device(world).begin()
        assert decide(bob, device.user_code).status == 200
        monkeypatch.setattr(world.door.token_limits.device_polls, "begin", lambda who: 0)
        with ThreadPoolExecutor(8) as pool:
            replies = list(pool.map(lambda _: outcome(device.poll()), range(8)))
        assert sorted(replies) == sorted([(200, "")] + [EXPIRED] * 7)
        assert number_of(world, "refresh_tokens") == 1

    def test_a_short_code_is_approved_once(self, world, bob, eve):
        """The second person who types it is told that nothing waits."""
        device = Device(world).begin()
        assert decide(bob, device.user_code).status == 200
        assert outcome(decide(eve, device.user_code)) == (404, "DEVICE_CODE_NOT_FOUND")
        device.tokens = device.poll().json
        assert device.caller.get(f"{OWN}/me").json["userId"] == bob.id

    def test_a_replayed_refresh_token_ends_the_session(self, world, bob):
        """One of the two who have it has stolen it: neither goes on (RFC 9700, 4.14.2)."""
        device = Device(world).signed_in(bob)
        stolen = device.tokens["refresh_token"]
        assert device.refresh().status == 200
        assert is_alive(device.caller)
        thief = Device(world, address="203.0.113.66")
        assert outcome(thief.refresh(stolen)) == REFUSED
        assert not is_alive(device.caller)
        assert outcome(device.refresh()) == REFUSED
        assert is_alive(bob)

    def test_however_long_ago_it_was_used(self, world, bob):
        """It is remembered as long as its session lasts."""
        device = Device(world).signed_in(bob)
        stolen = device.tokens["refresh_token"]
        for _ in range(11):
            world.clock.advance(seconds=3600)
            assert device.refresh().status == 200
        assert outcome(Device(world).refresh(stolen)) == REFUSED
        assert not is_alive(device.caller)

    def test_a_refresh_token_shown_at_once_counts_once(self, world, bob):
        """Two at once are a replay, too: the session ends, and no two chains go on."""
        device = Device(world).signed_in(bob)
        token = device.tokens["refresh_token"]
        with ThreadPoolExecutor(8) as pool:
            replies = list(pool.map(lambda _: Device(world).refresh(token).status, range(8)))
        assert sorted(replies) == [200] + [401] * 7
        assert not is_alive(device.caller)
        assert number_of(world, "refresh_tokens") == 0

    def test_nothing_counts_on_trial(self, world, bob):
        """Or a stolen token would give further ones without being used up."""
        device = Device(world).signed_in(bob)
        before = world.store.snapshot.revision
        shown = {"refresh_token": device.tokens["refresh_token"], "grant_type": "refresh_token"}
        assert outcome(device.send("token?dryRun=true", **shown)) == (400, "INVALID_QUERY_PARAMETER")
        assert world.store.snapshot.revision == before
        assert device.refresh().status == 200

    def test_a_revoked_token_is_refused_by_the_next_request(self, world, bob):
        """Nothing remembers it as good."""
        device = Device(world).signed_in(bob)
        assert is_alive(device.caller)
        assert device.revoke("access_token").status == 200
        assert not is_alive(device.caller)


class TestOtherPrograms:
    """What is one program's is no other's."""

    def test_a_code_is_good_for_the_program_that_asked(self, world, bob):
        """Another client id learns nothing, not even that it was approved."""
        device = Device(world).begin()
        assert decide(bob, device.user_code).status == 200
        device.client = "another"
        assert outcome(device.poll()) == EXPIRED
        device.client = "0oabtxactgS3gHIR0297"
        assert device.poll().status == 200

    def test_a_refresh_token_is_good_for_its_program(self, world, bob):
        """Another client id can't keep the session up."""
        device = Device(world).signed_in(bob)
        assert outcome(Device(world, client="another").refresh(device.tokens["refresh_token"])) == REFUSED
        assert device.refresh().status == 200

    @pytest.mark.parametrize("kind", ["refresh_token", "id_token"])
    def test_only_the_access_token_opens_anything(self, world, bob, kind):
        """Neither what keeps a session up nor what says whose it is."""
        device = Device(world).signed_in(bob)
        assert not is_alive(Caller(world, token=device.tokens[kind]))

    @pytest.mark.parametrize("kind", ["access_token", "id_token"])
    def test_only_the_refresh_token_refreshes(self, world, bob, kind):
        """An hour's token stays one."""
        device = Device(world).signed_in(bob)
        assert outcome(device.refresh(device.tokens[kind])) == REFUSED

    def test_a_code_is_no_token(self, world, bob):
        """Neither code opens or refreshes anything."""
        device = Device(world).begin()
        assert decide(bob, device.user_code).status == 200
        for code in (device.device_code, device.user_code):
            assert not is_alive(Caller(world, token=code))
            assert outcome(device.refresh(code)) == REFUSED

    def test_a_browsers_session_is_no_refresh_token(self, world, bob):
        """Nor does revoking it end it: that takes the session's own request."""
        device = Device(world)
        assert outcome(device.refresh(bob.token)) == REFUSED
        device.tokens = {"refresh_token": bob.token}
        assert device.revoke().status == 200
        assert is_alive(bob)


class TestGuesses:
    """Short codes are short; nobody gets to try many."""

    def test_whoever_guesses_is_stopped(self, world, bob):
        """After ten wrong ones in a minute even the right one waits."""
        device = Device(world).begin()
        for _ in range(5):
            assert outcome(look(bob, "BBBBBBBB"))[0] == 404
            assert outcome(decide(bob, "BBBBBBBB"))[0] == 404
        assert outcome(decide(bob, device.user_code)) == (429, "RATE_LIMITED")
        assert outcome(look(bob, device.user_code)) == (429, "RATE_LIMITED")
        world.clock.advance(seconds=60)
        assert decide(bob, device.user_code).status == 200

    def test_guesses_of_one_person_don_t_stop_another(self, world, bob, eve):
        """They are counted by who is signed in."""
        for _ in range(10):
            look(eve, "BBBBBBBB")
        assert decide(bob, Device(world).begin().user_code).status == 200

    def test_an_unknown_refresh_token_ends_nothing(self, world, bob):
        """Guessing does nobody harm."""
        device = Device(world).signed_in(bob)
        assert outcome(Device(world).refresh("x" * 43)) == REFUSED
        assert is_alive(device.caller)


class TestAccessWithoutEnd:
    """What was approved once ends, whatever the program does."""

    def test_a_program_approves_no_other(self, world, bob):
        """Or a stolen session could be handed on from program to program."""
        device = Device(world).signed_in(bob)
        further = Device(world).begin()
        assert outcome(decide(device.caller, further.user_code)) == (403, "DEVICE_SESSION_REFUSED")
        assert outcome(further.poll()) == (400, "DEVICE_AUTHORIZATION_PENDING")

    def test_nor_after_its_refresh_tokens_are_over(self, world, bob):
        """What it is stays known as long as its session lasts."""
        device = Device(world).signed_in(bob)
        for _ in range(11):
            world.clock.advance(seconds=3600)
            device.refresh()
            forget_expired(world.door)
        further = Device(world).begin()
        assert outcome(decide(device.caller, further.user_code)) == (403, "DEVICE_SESSION_REFUSED")

    def test_what_an_identity_provider_began_ends_with_it(self, world, bob, monkeypatch):
        """Programs that were approved by such a session, too, and those that have not begun yet."""
        monkeypatch.setattr(device_sessions, "knows", lambda *_: True)
        provider = "0123456789abcdef01234567"
        with closing(connect(world.store.path)) as connection:
            proof = world.store.keyring.hash_token(bob.token)
            connection.execute("INSERT INTO federated_sessions VALUES (?, ?, ?, '00')", (proof, provider, bob.id))
        Device(world).signed_in(bob)
        assert decide(bob, Device(world).begin().user_code).status == 200
        ended = [delta.table for delta in ended_by_provider(world.store.view, provider) if delta.row is None]
        assert (ended.count("sessions"), ended.count("refresh_tokens"), ended.count("device_grants")) == (2, 1, 1)
        assert ended_by_provider(world.store.view, "f" * 24) == []
        with closing(connect(world.store.path)) as connection:
            connection.execute("DELETE FROM federated_sessions")

    def test_used_tokens_are_bounded(self, world, bob):
        """A program that refreshes without end fills nothing."""
        device = Device(world).signed_in(bob)
        for _ in range(60):
            assert device.refresh().status == 200
        assert number_of(world, "refresh_tokens") <= 52

    def test_a_program_proves_nothing(self, world, bob):
        """Whoever has its tokens need not know the password; who does signs in with a browser."""
        device = Device(world).signed_in(bob)
        proven = device.caller.post(f"{OWN}/me/sessions/current:prove", {"password": "correct horse"})
        assert outcome(proven) == (403, "DEVICE_SESSION_REFUSED")
        assert device.refresh().status == 200

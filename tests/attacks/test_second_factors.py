"""Attacks on second factors: replays, other places, other people, guessing, stolen sessions (rules 86, 87)."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from orgward.app.execute import NOBODY, Call
from orgward.app.operation import REGISTRY
from orgward.edge.security_log import SecurityLog
from orgward.kernel.errors import GateError, UnauthenticatedError
from orgward.kernel.principal import Principal
from orgward.own_api.factors import TotpBody
from orgward.own_api.second_step import SignedBody, VerifyBody
from tests.authenticator import Authenticator, code_at, encoded
from tests.matrix.cases import ENDPOINT
from tests.second_factors import (
    FACTORS,
    OWN,
    PASSWORD,
    done,
    enrol_app,
    enrol_passkey,
    outcome,
    pending,
    question,
    session_of,
    sign_in,
    verify,
    with_password,
)
from tests.store_checker import check_store
from tests.world import Caller

BOB, EVE = "bob@example.org", "eve@example.org"
REFUSED = (403, "PROOF_REFUSED")
PROVE = f"{OWN}/me/sessions/current:proveBySecondFactor"


@pytest.fixture
def world(world):
    """Give a world without anybody in it, in whose store nothing may be left hanging."""
    yield world
    assert check_store(world.store.path) == []


@pytest.fixture
def bob(world):
    """Give a person who has just chosen a password."""
    return with_password(world, BOB)


@pytest.fixture
def eve(world):
    """Give another one."""
    return with_password(world, EVE)


def statuses(replies):
    """Give how often each status was answered."""
    found = [reply.status for reply in replies]
    return {status: found.count(status) for status in found}


def alone(world, passkey, **asked):
    """Give the answer to a sign-in by a passkey alone."""
    options, state = question(world.nobody, "sessions/passkey:begin")
    body = {"state": state, "credential": passkey.signed(options), **asked}
    return world.nobody.post(f"{OWN}/sessions/passkey", body)


def prepared(world, operation, body):
    """Give a call that was found good, and waits for its command."""
    call = Call(REGISTRY[operation], NOBODY, body=body, base_url="http://orgward.test", address="127.0.0.1")
    call.prepared = ENDPOINT[operation].prepare(world.door, call)
    return call


class TestReplays:
    """What was shown once counts once, whoever shows it again, and however fast."""

    def test_a_code_counts_once(self, world, bob):
        """Not for another sign-in, not for a proof, and neither does an older one that is still in the window."""
        app = enrol_app(bob)
        older, code = app.next_code(), app.next_code()
        first, second = pending(world, BOB), pending(world, BOB)
        session_of(world, verify(world, first, code=code))
        for replayed in (code, older):
            assert outcome(verify(world, second, code=replayed)) == REFUSED
            assert outcome(bob.post(PROVE, {"code": replayed})) == REFUSED
        session_of(world, verify(world, second, code=app.next_code()))

    def test_the_code_that_activated_is_used_up(self, world, bob):
        """Whoever looked over a shoulder at enrolment has nothing."""
        app = enrol_app(bob)
        assert outcome(verify(world, pending(world, BOB), code=app.code())) == REFUSED

    def test_what_was_verified_before_the_command_is_looked_at_again(self, world, bob):
        """Two requests that were both found good before either was done: one of them begins a session."""
        app, (passkey, _) = enrol_app(bob), enrol_passkey(bob)
        code = app.next_code()
        options, state = question(world.nobody, "sessions/passkey:begin")
        signed = SignedBody(state=state, credential=passkey.signed(options))
        tokens = [pending(world, BOB) for _ in range(5)]
        pairs = [
            ("verifySession", [VerifyBody(pending=token, code=code) for token in tokens[:2]]),
            ("verifySession", [VerifyBody(pending=token, code=app.recovery[0]) for token in tokens[2:4]]),
            ("verifySession", [VerifyBody(pending=tokens[4], code=recovery) for recovery in app.recovery[1:3]]),
            ("createPasskeySession", [signed, signed]),
        ]
        for operation, bodies in pairs:
            first, second = (prepared(world, operation, body) for body in bodies)
            world.door.write(first).result(30)
            with pytest.raises(GateError, match="PROOF_REFUSED"):
                world.door.write(second).result(30)

    def test_two_requests_at_once_are_no_way_around(self, world, bob):
        """Of many that show one code, or one recovery code, at the same time one gets a session."""
        app = enrol_app(bob)
        for shown in (app.next_code(), app.recovery[0]):
            tokens = [pending(world, BOB) for _ in range(8)]
            with ThreadPoolExecutor(8) as pool:
                replies = list(pool.map(lambda token, shown=shown: verify(world, token, code=shown), tokens))
            assert statuses(replies).get(201) == 1
            world.clock.advance(seconds=3_600)

    def test_one_pending_token_begins_one_session(self, world, bob):
        """Even with a good recovery code for each of many requests at once."""
        app = enrol_app(bob)
        token = pending(world, BOB)
        with ThreadPoolExecutor(8) as pool:
            replies = list(pool.map(lambda code: verify(world, token, code=code), app.recovery[:8]))
        assert statuses(replies).get(201) == 1

    def test_a_challenge_is_answered_once(self, world, bob):
        """The same answer again, and another answer to the same question, are worth nothing."""
        passkey, _ = enrol_passkey(bob)
        options, state = question(world.nobody, "sessions/passkey:begin")
        body = {"state": state, "credential": passkey.signed(options)}
        session_of(world, world.nobody.post(f"{OWN}/sessions/passkey", body))
        assert outcome(world.nobody.post(f"{OWN}/sessions/passkey", body)) == REFUSED
        again = {"state": state, "credential": passkey.signed(options)}
        assert outcome(world.nobody.post(f"{OWN}/sessions/passkey", again)) == REFUSED

    def test_an_enrolment_is_answered_once(self, world, bob):
        """One question enrols one passkey."""
        options, state = question(bob, "me/factors/passkeys:begin")
        bodies = [{"state": state, "credential": Authenticator().made(options)} for _ in range(2)]
        done(bob.post(f"{FACTORS}/passkeys", bodies[0]), 201)
        assert outcome(bob.post(f"{FACTORS}/passkeys", bodies[1])) == REFUSED

    def test_a_challenge_lasts_five_minutes(self, world, bob):
        """Then a new one has to be asked for, to enrol as to sign in."""
        passkey, _ = enrol_passkey(bob)
        enrolling = question(bob, "me/factors/passkeys:begin")
        signing = question(world.nobody, "sessions/passkey:begin")
        world.clock.advance(seconds=300)
        body = {"state": enrolling[1], "credential": Authenticator().made(enrolling[0])}
        assert outcome(bob.post(f"{FACTORS}/passkeys", body)) == (400, "PASSKEY_REFUSED")
        body = {"state": signing[1], "credential": passkey.signed(signing[0])}
        assert outcome(world.nobody.post(f"{OWN}/sessions/passkey", body)) == REFUSED

    def test_a_cloned_authenticator_is_found_out(self, world, bob):
        """A counter that does not go on was copied."""
        passkey, _ = enrol_passkey(bob)
        clone = passkey.but()
        session_of(world, alone(world, passkey))
        session_of(world, alone(world, passkey))
        assert outcome(alone(world, clone)) == REFUSED


class TestOtherPlaces:
    """A passkey is for one host, and a browser tells from where it was asked."""

    @pytest.mark.parametrize(
        "origin", ["http://orgward.test.evil.example", "http://evil.example", "http://orgward.test:8080", "null"]
    )
    def test_another_origin_is_refused(self, world, bob, origin):
        """What a page elsewhere had signed neither enrols nor signs in."""
        options, state = question(bob, "me/factors/passkeys:begin")
        body = {"state": state, "credential": Authenticator(origin=origin).made(options)}
        assert outcome(bob.post(f"{FACTORS}/passkeys", body)) == (400, "PASSKEY_REFUSED")
        passkey, _ = enrol_passkey(bob)
        assert outcome(alone(world, passkey.but(origin=origin))) == REFUSED
        session_of(world, alone(world, passkey))

    def test_another_host_is_refused(self, world, bob):
        """A passkey for another relying party is none here."""
        options, state = question(bob, "me/factors/passkeys:begin")
        asked = {**options, "rp": {"id": "evil.example"}}
        body = {"state": state, "credential": Authenticator().made(asked)}
        assert outcome(bob.post(f"{FACTORS}/passkeys", body)) == (400, "PASSKEY_REFUSED")
        passkey, _ = enrol_passkey(bob)
        assert outcome(alone(world, passkey.but(host="evil.example"))) == REFUSED

    def test_a_question_asked_at_another_host_is_not_answered_here(self, world, bob):
        """Neither a lying Host header nor a state from there makes a passkey for another host good."""
        evil, header = Authenticator(origin="http://evil.example"), {"host": "evil.example"}
        begun = done(bob.post(f"{FACTORS}/passkeys:begin", headers=dict(header)))
        body = {"state": begun["state"], "credential": evil.made(begun["options"])}
        assert outcome(bob.post(f"{FACTORS}/passkeys", body)) == (400, "PASSKEY_REFUSED")
        lying = {"state": begun["state"], "credential": Authenticator().made(begun["options"])}
        assert outcome(bob.post(f"{FACTORS}/passkeys", lying)) == (400, "PASSKEY_REFUSED")
        done(bob.post(f"{FACTORS}/passkeys", body, headers=dict(header)), 201)
        assert outcome(alone(world, evil)) == REFUSED
        assert outcome(alone(world, evil.but(origin="http://orgward.test", host="orgward.test"))) == REFUSED


class TestOtherPeople:
    """What was begun for one person, session or purpose is no use to another."""

    def test_somebody_elses_factor_is_no_second_step(self, world, bob, eve):
        """Neither codes nor passkeys of one's own open another's sign-in."""
        enrol_app(bob)
        app, (passkey, _) = enrol_app(eve), enrol_passkey(eve)
        token = pending(world, BOB)
        for code in (app.next_code(), app.recovery[0]):
            assert outcome(verify(world, token, code=code)) == REFUSED
        enrol_passkey(bob)
        options, state = question(world.nobody, "sessions/verify:begin", {"pending": token})
        assert outcome(verify(world, token, state=state, credential=passkey.signed(options))) == REFUSED

    def test_a_question_belongs_to_who_was_asked(self, world, bob, eve):
        """A state of another pending sign-in, session, person or purpose is none."""
        passkey, _ = enrol_passkey(bob)
        enrol_passkey(eve)
        ours, theirs, other = pending(world, BOB), pending(world, EVE), pending(world, BOB)
        questions = [
            question(world.nobody, "sessions/verify:begin", {"pending": theirs}),
            question(world.nobody, "sessions/verify:begin", {"pending": other}),
            question(world.nobody, "sessions/passkey:begin"),
            question(bob, "me/sessions/current:beginProof"),
            question(bob, "me/factors/passkeys:begin"),
        ]
        for options, state in questions:
            shown = {"state": state, "credential": passkey.signed(options)}
            assert outcome(verify(world, ours, **shown)) == REFUSED
        options, state = question(bob, "me/factors/passkeys:begin")
        shown = {"state": state, "credential": passkey.signed({**options, "rpId": "orgward.test"})}
        assert outcome(bob.post(PROVE, shown)) == REFUSED
        options, state = question(world.nobody, "sessions/verify:begin", {"pending": ours})
        shown = {"state": state, "credential": passkey.signed(options)}
        assert outcome(world.nobody.post(f"{OWN}/sessions/passkey", shown)) == REFUSED
        assert outcome(bob.post(PROVE, shown)) == REFUSED
        session_of(world, verify(world, ours, **shown))

    def test_an_enrolment_belongs_to_one_session(self, world, bob, eve):
        """Eve can't enrol her passkey with what Bob was asked, nor Bob in another of his sessions."""
        options, state = question(bob, "me/factors/passkeys:begin")
        body = {"state": state, "credential": Authenticator().made(options)}
        other = session_of(world, sign_in(world, BOB))
        for caller in (eve, other):
            assert outcome(caller.post(f"{FACTORS}/passkeys", body)) == (400, "PASSKEY_REFUSED")
        done(bob.post(f"{FACTORS}/passkeys", body), 201)

    def test_one_passkey_is_one_persons(self, world, bob, eve):
        """A credential that somebody has enrolled can't be taken over by enrolling it again."""
        passkey, _ = enrol_passkey(bob)
        options, state = question(eve, "me/factors/passkeys:begin")
        forged = Authenticator(id=passkey.id).made(options)
        reply = eve.post(f"{FACTORS}/passkeys", {"state": state, "credential": forged})
        assert outcome(reply) == (409, "PASSKEY_ALREADY_ENROLLED")

    def test_a_passkey_says_whose_it_is(self, world, bob, eve):
        """A discovered passkey that names another user, or none, signs nobody in."""
        passkey, _ = enrol_passkey(bob)
        for user in (encoded(eve.id.encode()), "", encoded(b"\xff")):
            assert outcome(alone(world, passkey.but(user=user, counter=passkey.counter + 5))) == REFUSED

    def test_a_key_of_ones_own_signs_for_nobody_else(self, world, bob, eve):
        """The id of another's passkey with a signature of one's own is refused."""
        passkey, _ = enrol_passkey(bob)
        mine, _ = enrol_passkey(eve)
        assert outcome(alone(world, passkey.but(key=mine.key))) == REFUSED
        assert outcome(alone(world, Authenticator(host=passkey.host, user=passkey.user))) == REFUSED

    def test_possession_alone_signs_nobody_in(self, world, bob):
        """A passkey that did not verify its owner is one factor, which a stolen one is, too."""
        passkey, _ = enrol_passkey(bob)
        assert outcome(alone(world, passkey.but(verifies=False))) == REFUSED


class TestPendingSignIn:
    """Between the steps nothing is open, and what changes meanwhile counts."""

    def test_it_is_no_session(self, world, bob):
        """Used as one, it is a made-up token."""
        enrol_app(bob)
        assert Caller(world, token=pending(world, BOB)).get(f"{OWN}/me").status == 401

    def test_it_ends_when_the_password_changes(self, world, bob):
        """Whoever knew the old password and the telephone has to know the new one."""
        app = enrol_app(bob)
        token = pending(world, BOB)
        done(bob.post(f"{OWN}/me/password", {"current": PASSWORD, "new": "another lake, number 8"}))
        assert verify(world, token, code=app.next_code()).status == 401
        assert world.nobody.post(f"{OWN}/sessions/verify:begin", {"pending": token}).status == 401

    def test_it_ends_with_the_factor(self, world, bob):
        """A factor that was removed meanwhile shows nothing."""
        app = enrol_app(bob)
        token = pending(world, BOB)
        assert bob.delete(f"{FACTORS}/{app.id}").status == 204
        assert outcome(verify(world, token, code=app.next_code())) == REFUSED

    def test_it_ends_with_the_person(self, world, bob):
        """Whoever was erased meanwhile signs in no more."""
        app = enrol_app(bob)
        token = pending(world, BOB)
        world.erase(BOB)
        assert verify(world, token, code=app.next_code()).status == 401


class TestGuessing:
    """A code has a million values; nobody gets to try many."""

    def test_ten_an_hour_for_one_person_wherever_from(self, world, bob):
        """From however many addresses, with however many pending tokens, and for a session, too."""
        app = enrol_app(bob)
        tokens = [pending(world, BOB, address=f"198.51.100.{i}") for i in range(12)]
        replies = [verify(world, t, code="000000", address=f"198.51.100.{i}") for i, t in enumerate(tokens)]
        assert statuses(replies) == {403: 10, 429: 2}
        assert verify(world, tokens[0], code=app.next_code(), address="203.0.113.1").status == 429
        assert bob.post(PROVE, {"code": app.next_code()}).status == 429
        assert verify(world, tokens[0], code=app.recovery[0], address="203.0.113.1").status == 429
        reply = verify(world, tokens[0], code=app.code(), address="203.0.113.1")
        assert reply.json["parameters"] == ["failed attempts", "10", "60"]
        world.clock.advance(seconds=3_600)
        session_of(world, verify(world, pending(world, BOB), code=app.next_code()))

    def test_many_at_once_are_no_way_around(self, world, bob):
        """An attempt counts from its beginning."""
        enrol_app(bob)
        token = pending(world, BOB)
        with ThreadPoolExecutor(16) as pool:
            replies = list(
                pool.map(lambda i: verify(world, token, code="000000", address=f"198.51.100.{i}"), range(40))
            )
        assert statuses(replies)[403] <= 10

    def test_ten_a_minute_from_one_address(self, world, bob):
        """Whomever it is tried for, with passkeys as with codes."""
        enrol_passkey(bob)
        stranger = Authenticator(host="orgward.test")
        assert statuses([alone(world, stranger) for _ in range(12)]) == {403: 10, 429: 2}
        assert outcome(bob.post(PROVE, {"code": "000000"}))[0] == 429
        world.clock.advance(seconds=60)
        assert outcome(bob.post(PROVE, {"code": "000000"})) == REFUSED

    def test_ten_a_minute_from_one_network(self, world, bob):
        """Somebody with a whole /64 of addresses guesses no more often than somebody with one (RFC 6177)."""
        app = enrol_app(bob)
        body = {"state": "x", "credential": {"id": "x"}}
        callers = [Caller(world, address=f"2001:db8::{i}") for i in range(12)]
        assert statuses([caller.post(f"{OWN}/sessions/passkey", body) for caller in callers]) == {403: 10, 429: 2}
        token = pending(world, BOB)
        assert verify(world, token, code="000000", address="2001:db8::99").status == 429
        session_of(world, verify(world, token, code=app.next_code(), address="2001:db8:0:1::1"))

    def test_a_right_one_takes_no_wrong_ones_back(self, world, bob):
        """Somebody who guesses gains nothing when the owner signs in meanwhile."""
        app = enrol_app(bob)
        for i in range(9):
            verify(world, pending(world, BOB), code="000000", address=f"198.51.100.{i}")
        session_of(world, verify(world, pending(world, BOB), code=app.next_code()))
        token = pending(world, BOB)
        assert statuses([verify(world, token, code="000000", address="203.0.113.9") for _ in range(2)]) == {
            403: 1,
            429: 1,
        }

    def test_a_trial_is_no_oracle(self, world, bob):
        """contract.md, dryRun: a guess counts, whether or not it was meant."""
        enrol_app(bob)
        body = {"pending": pending(world, BOB), "code": "000000"}
        replies = [
            Caller(world, address=f"198.51.100.{i}").post(f"{OWN}/sessions:verify?dryRun=true", body) for i in range(11)
        ]
        assert statuses(replies) == {403: 10, 429: 1}

    def test_it_stands_in_the_security_log(self, world, bob, monkeypatch):
        """Who was refused what, from where."""
        lines = []
        monkeypatch.setattr(SecurityLog, "note", lambda self, error, *rest, **facts: lines.append((error.code, facts)))
        enrol_app(bob)
        verify(world, pending(world, BOB), code="000000", address="198.51.100.7")
        code, facts = lines[-1]
        assert (code, facts["address"], facts["caller"].id) == ("PROOF_REFUSED", "198.51.100.7", bob.id)


class TestStolenSessions:
    """Somebody else's session gives no lasting hold of the account."""

    def test_an_old_session_enrols_nothing(self, world, bob):
        """A session is stolen later than its password was typed."""
        world.clock.advance(seconds=900)
        for reply in (bob.post(f"{FACTORS}/totp", {}), bob.post(f"{FACTORS}/passkeys:begin")):
            assert outcome(reply) == (403, "REAUTHENTICATION_REQUIRED")

    def test_an_enrolment_does_not_outlive_the_proof(self, world, bob):
        """What was begun in time is finished in time."""
        begun = done(bob.post(f"{FACTORS}/totp", {}), 201)
        world.clock.advance(seconds=900)
        code = code_at(begun["secret"], world.clock.now)
        reply = bob.post(f"{FACTORS}/{begun['id']}:activate", {"code": code})
        assert outcome(reply) == (403, "REAUTHENTICATION_REQUIRED")

    def test_a_session_without_the_factor_touches_no_factor(self, world, bob):
        """However fresh the password: a session from before the enrolment has to show the factor first."""
        other = session_of(world, sign_in(world, BOB))
        app = enrol_app(bob)
        touching = [
            other.post(f"{FACTORS}/totp", {}), other.post(f"{FACTORS}/recoveryCodes"),
            other.post(f"{FACTORS}/passkeys:begin"), other.delete(f"{FACTORS}/{app.id}"),
        ]  # fmt: skip
        assert {outcome(reply) for reply in touching} == {(403, "SECOND_FACTOR_REQUIRED")}
        done(other.post(PROVE, {"code": app.next_code()}))
        assert other.delete(f"{FACTORS}/{app.id}").status == 204

    def test_a_half_enrolled_app_of_another_session_is_not_activated(self, world, bob):
        """An app that a thief began with before the owner enrolled one counts for nothing afterwards."""
        thief = session_of(world, sign_in(world, BOB))
        begun = done(thief.post(f"{FACTORS}/totp", {}), 201)
        enrol_passkey(bob)
        reply = thief.post(f"{FACTORS}/{begun['id']}:activate", {"code": code_at(begun["secret"], world.clock.now)})
        assert outcome(reply) == (403, "SECOND_FACTOR_REQUIRED")

    def test_a_factor_lost_while_a_command_waited_is_no_proof(self, world, bob):
        """Attack row 13: the session is looked at again inside the transaction."""
        app = enrol_app(bob)
        proof = world.store.keyring.hash_token(bob.token)
        session = Principal("user", bob.id, "session", "127.0.0.1", proof, "totp", world.clock.now)
        call = Call(REGISTRY["createTotpFactor"], session, body=TotpBody())
        world.door.precheck(call)
        assert bob.delete(f"{FACTORS}/{app.id}").status == 204
        with pytest.raises(UnauthenticatedError):
            world.door.write(call).result(30)

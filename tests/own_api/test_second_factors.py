"""Second factors: enrolled, shown when signing in, shown once more, removed (rules 86, 87, 90)."""

import base64
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.authenticator import Authenticator, code_at, decoded
from tests.mailbox import deliver
from tests.second_factors import (
    FACTORS,
    OWN,
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
from tests.world import Caller

BOB = "bob@example.org"
REFUSED = (403, "PROOF_REFUSED")
OLD_PROOF = (403, "REAUTHENTICATION_REQUIRED")


@pytest.fixture
def bob(world):
    """Give a person who has just chosen a password."""
    return with_password(world, BOB)


def factors(caller):
    """Give the caller's own factors and how many recovery codes are left."""
    found = done(caller.get(FACTORS))
    return found["results"], found["recoveryCodesLeft"]


class TestAuthenticatorApp:
    """Rule 87: codes of an authenticator app; the seed is shown once, and a code counts once."""

    def test_the_seed_is_shown_once_and_counts_after_a_code(self, world, bob):
        """The seed has 160 bits, stands in the address for the picture, and nowhere in the store."""
        begun = done(bob.post(f"{FACTORS}/totp", {"name": "Telephone"}), 201)
        uri = urlsplit(begun["uri"])
        assert (uri.scheme, uri.netloc, set(begun)) == ("otpauth", "totp", {"id", "secret", "uri"})
        assert parse_qs(uri.query)["secret"] == [begun["secret"]]
        assert parse_qs(uri.query)["issuer"] == ["Orgward"]
        assert len(base64.b32decode(begun["secret"])) == 20
        (shown,), left = factors(bob)
        assert (shown["name"], shown["kind"], shown["active"], left) == ("Telephone", "totp", False, 0)
        assert shown["lastUsedAt"] is None
        assert sign_in(world, BOB).status == 201, "what is not active asks nobody for anything"
        assert begun["secret"] not in str(done(bob.get(FACTORS)))
        for path in world.store.path.parent.glob("orgward.db*"):
            assert begun["secret"].encode() not in path.read_bytes()

    def test_only_the_last_begun_can_be_activated(self, world, bob):
        """At most one app waits for its first code."""
        first, second = (done(bob.post(f"{FACTORS}/totp", {}), 201) for _ in range(2))
        code = code_at(first["secret"], world.clock.now)
        assert bob.post(f"{FACTORS}/{first['id']}:activate", {"code": code}).code == "SECOND_FACTOR_NOT_FOUND"
        assert [factor["id"] for factor in factors(bob)[0]] == [second["id"]]

    def test_a_wrong_code_activates_nothing(self, world, bob):
        """Neither does the code of another step than the ones around now."""
        begun = done(bob.post(f"{FACTORS}/totp", {}), 201)
        path = f"{FACTORS}/{begun['id']}:activate"
        for steps in (-3, -2, 2, 3):
            code = code_at(begun["secret"], world.clock.now, steps=steps)
            assert outcome(bob.post(path, {"code": code})) == REFUSED
        assert outcome(bob.post(path, {"code": "abc"})) == REFUSED
        assert bob.post(path, {"code": ""}).status == 400
        assert factors(bob)[0][0]["active"] is False

    @pytest.mark.parametrize("steps", [-1, 0, 1])
    def test_a_clock_may_be_one_step_away(self, world, bob, steps):
        """RFC 6238: the step before and the step after count; spaces between the digits don't."""
        begun = done(bob.post(f"{FACTORS}/totp", {}), 201)
        code = code_at(begun["secret"], world.clock.now, steps=steps)
        found = done(bob.post(f"{FACTORS}/{begun['id']}:activate", {"code": f"{code[:3]} {code[3:]}"}))
        assert found["active"] is True

    def test_an_active_app_is_not_activated_again(self, world, bob):
        """Activation happens once."""
        app = enrol_app(bob)
        assert outcome(bob.post(f"{FACTORS}/{app.id}:activate", {"code": app.next_code()})) == REFUSED

    def test_a_code_signs_in(self, world, bob):
        """After the password the code, and a session that has shown it."""
        app = enrol_app(bob)
        answer = done(sign_in(world, BOB), 202)
        assert set(answer) == {"expiresAt", "factors", "pending"}
        assert answer["factors"] == ["recovery", "totp"]
        session = session_of(world, verify(world, answer["pending"], code=app.next_code()))
        assert done(session.get(f"{OWN}/me"))["userId"] == bob.id
        facts = world.store.view.get("session_facts", world.store.keyring.hash_token(session.token))
        assert facts["factor"] == "totp"
        assert factors(session)[0][0]["lastUsedAt"] == "2027-01-15T08:00:30Z"

    def test_each_of_several_apps_will_do(self, world, bob):
        """Two methods are advised (rule 87), and each is enough."""
        apps = [enrol_app(bob), enrol_app(bob, name="Tablet")]
        assert [app.recovery == [] for app in apps] == [False, True], "codes come with the first factor"
        for app in apps:
            session_of(world, verify(world, pending(world, BOB), code=app.next_code()))


class TestRecoveryCodes:
    """Rule 87: ten codes for whoever has lost everything else, each once."""

    def test_ten_come_with_the_first_factor(self, world, bob):
        """They are shown this once, and stored as hashes."""
        app = enrol_app(bob)
        assert (len(set(app.recovery)), factors(bob)[1]) == (10, 10)
        for path in world.store.path.parent.glob("orgward.db*"):
            raw = path.read_bytes()
            assert not any(code.encode() in raw or code.replace("-", "").encode() in raw for code in app.recovery)

    def test_each_works_once(self, world, bob):
        """However it is written, and whoever else's it is not."""
        app = enrol_app(bob)
        first, second = app.recovery[0], app.recovery[1].upper().replace("-", " ")
        session_of(world, verify(world, pending(world, BOB), code=first))
        assert outcome(verify(world, pending(world, BOB), code=first)) == REFUSED
        session = session_of(world, verify(world, pending(world, BOB), code=second))
        assert factors(session)[1] == 8
        zoe = with_password(world, "zoe@example.org")
        enrol_app(zoe)
        assert outcome(verify(world, pending(world, "zoe@example.org"), code=app.recovery[2])) == REFUSED

    def test_new_ones_end_the_old_ones(self, world, bob):
        """A new set takes the place of what was left."""
        app = enrol_app(bob)
        new = done(bob.post(f"{FACTORS}/recoveryCodes"), 201)["recoveryCodes"]
        assert len(set(new)) == 10
        assert outcome(verify(world, pending(world, BOB), code=app.recovery[0])) == REFUSED
        session_of(world, verify(world, pending(world, BOB), code=new[0]))

    def test_without_a_factor_there_is_nothing_to_recover(self, bob):
        """Recovery codes alone are no second factor."""
        assert outcome(bob.post(f"{FACTORS}/recoveryCodes")) == (403, "SECOND_FACTOR_REQUIRED")


class TestPasskeys:
    """Rule 87: a passkey is a second factor, and alone both when it verifies its owner."""

    def test_what_a_browser_is_asked(self, world, bob):
        """The host of the request, an opaque user, and none of the passkeys that there are already."""
        passkey, made = enrol_passkey(bob, name="Laptop")
        options, _ = question(bob, "me/factors/passkeys:begin")
        assert options["rp"]["id"] == "orgward.test"
        assert BOB.encode() not in decoded(options["user"]["id"])
        assert len(decoded(options["challenge"])) == 32
        assert [decoded(other["id"]) for other in options["excludeCredentials"]] == [passkey.id]
        assert options["authenticatorSelection"]["residentKey"] == "preferred"
        assert options["attestation"] == "none"
        assert (made["name"], made["kind"], made["active"]) == ("Laptop", "passkey", True)
        assert len(made["recoveryCodes"]) == 10

    def test_a_passkey_is_the_second_step(self, world, bob):
        """After the password any passkey of that person, verified owner or not."""
        passkey, _ = enrol_passkey(bob)
        passkey.verifies = False
        token = pending(world, BOB)
        options, state = question(world.nobody, "sessions/verify:begin", {"pending": token})
        assert [decoded(each["id"]) for each in options["allowCredentials"]] == [passkey.id]
        session_of(world, verify(world, token, state=state, credential=passkey.signed(options)))

    def test_a_passkey_alone_signs_in(self, world, bob):
        """Nobody says who they are: the passkey does, and it has to have verified its owner."""
        passkey, _ = enrol_passkey(bob)
        options, state = question(world.nobody, "sessions/passkey:begin")
        assert (options["allowCredentials"], options["userVerification"]) == ([], "required"), "empty is any"
        body = {"state": state, "credential": passkey.signed(options)}
        session = session_of(world, world.nobody.post(f"{OWN}/sessions/passkey", body))
        assert session.id == bob.id
        facts = world.store.view.get("session_facts", world.store.keyring.hash_token(session.token))
        assert facts["factor"] == "passkey"

    def test_a_passkey_that_counts_not_is_as_good(self, world, bob):
        """Passkeys that live in several devices always say zero."""
        passkey, _ = enrol_passkey(bob, Authenticator(step=0))
        for _ in range(2):
            options, state = question(world.nobody, "sessions/passkey:begin")
            body = {"state": state, "credential": passkey.signed(options)}
            session_of(world, world.nobody.post(f"{OWN}/sessions/passkey", body))

    def test_https_ended_by_a_proxy_is_no_other_origin(self, world, bob):
        """The browser knows the origin by https, whatever the proxy speaks with us."""
        enrol_passkey(bob, Authenticator(origin="https://orgward.test"))

    def test_nobody_without_a_passkey_is_asked_for_one(self, world, bob):
        """There is nothing to be asked."""
        enrol_app(bob)
        reply = world.nobody.post(f"{OWN}/sessions/verify:begin", {"pending": pending(world, BOB)})
        assert outcome(reply) == (404, "SECOND_FACTOR_NOT_FOUND")
        assert outcome(bob.post(f"{OWN}/me/sessions/current:beginProof")) == (404, "SECOND_FACTOR_NOT_FOUND")

    def test_what_is_no_answer_is_refused(self, world, bob):
        """Whatever stands in the place of an answer, nothing breaks by it."""
        options, state = question(bob, "me/factors/passkeys:begin")
        good = Authenticator().made(options)
        answers = [
            {}, {"rawId": 7}, {**good, "response": {}}, {**good, "rawId": "%%"}, {**good, "type": "password"},
            {**good, "response": {**good["response"], "attestationObject": "AAAA"}},
            {**good, "response": {**good["response"], "clientDataJSON": "e30"}},
        ]  # fmt: skip
        for credential in answers:
            reply = bob.post(f"{FACTORS}/passkeys", {"state": state, "credential": credential})
            assert outcome(reply) == (400, "PASSKEY_REFUSED"), credential
        options, state = question(world.nobody, "sessions/passkey:begin")
        for credential in answers:
            reply = world.nobody.post(f"{OWN}/sessions/passkey", {"state": state, "credential": credential})
            assert outcome(reply) == REFUSED, credential
        assert bob.post(f"{FACTORS}/passkeys", {"state": state, "credential": [1]}).status == 400

    @pytest.mark.parametrize("transports", [None, "usb", 7, ["internal", "pigeon", 7]])
    def test_how_it_is_reached_is_a_hint(self, bob, transports):
        """What a browser says of transports is taken where it is known, and never refused."""
        options, state = question(bob, "me/factors/passkeys:begin")
        credential = Authenticator().made(options)
        credential["response"]["transports"] = transports
        done(bob.post(f"{FACTORS}/passkeys", {"state": state, "credential": credential}), 201)


class TestSecondStep:
    """Between the password and the second factor: ten minutes, once, one thing to be shown."""

    def test_it_lasts_ten_minutes(self, world, bob):
        """Then it is as if no password had been given."""
        app = enrol_app(bob)
        first, second = pending(world, BOB), pending(world, BOB)
        world.clock.advance(seconds=599)
        session_of(world, verify(world, first, code=app.code()))
        world.clock.advance(seconds=1)
        assert verify(world, second, code=app.next_code()).status == 401

    def test_it_works_once(self, world, bob):
        """A token that has begun a session begins no other."""
        app = enrol_app(bob)
        token = pending(world, BOB)
        session_of(world, verify(world, token, code=app.next_code()))
        assert verify(world, token, code=app.next_code()).status == 401

    def test_every_dead_token_answers_alike(self, world, bob):
        """Made up, cut, of another kind: all the 401 of a wrong password."""
        app, (_, state) = enrol_app(bob), question(world.nobody, "sessions/passkey:begin")
        token = pending(world, BOB)
        replies = [verify(world, dead, code=app.code()) for dead in ("", "é", "AAAA", token[:-4], state, bob.token)]
        replies.append(world.nobody.post(f"{OWN}/sessions/verify:begin", {"pending": "AAAA"}))
        assert {reply.status for reply in replies} == {401}
        assert len({reply.body for reply in replies}) == 1

    def test_one_thing_is_shown(self, world, bob):
        """A code, or a credential with its state; neither, both and halves are malformed."""
        enrol_app(bob)
        token = pending(world, BOB)
        for shown in ({}, {"code": "123456", "credential": {}, "state": "s"}, {"credential": {}}, {"state": "s"}):
            assert outcome(verify(world, token, **shown)) == (400, "VALIDATION_ERROR")

    def test_a_wrong_password_tells_nothing_of_factors(self, world, bob):
        """The second step is asked for only after the first."""
        before = sign_in(world, BOB, password="wrong")
        enrol_app(bob)
        after = sign_in(world, BOB, password="wrong")
        assert (before.status, before.body) == (after.status, after.body)

    def test_the_sign_in_names_the_factor_in_the_log(self, world, bob):
        """Attack row 29: the audit row has the person, the session and the factor."""
        app = enrol_app(bob)
        session_of(world, verify(world, pending(world, BOB), code=app.next_code()))
        (actor, body) = world.store.reader.execute(
            "SELECT actor_id, body FROM log WHERE action = 'verifySession'"
        ).fetchone()  # fmt: skip
        assert actor == bob.id
        assert app.id.encode() in body


class TestProvingAgain:
    """Rule 87: what is dangerous asks for a fresh proof, which a second factor is."""

    def test_a_code_proves_again(self, world, bob):
        """After fifteen minutes factors are out of reach until somebody proves who they are."""
        app = enrol_app(bob)
        world.clock.advance(seconds=900)
        assert outcome(bob.post(f"{FACTORS}/totp", {})) == OLD_PROOF
        found = done(bob.post(f"{OWN}/me/sessions/current:proveBySecondFactor", {"code": app.next_code()}))
        assert found == {"factor": "totp", "provenAt": "2027-01-15T08:15:30Z", "token": bob.token}
        done(bob.post(f"{FACTORS}/totp", {}), 201)

    def test_a_passkey_proves_again(self, world, bob):
        """The same with what a passkey signs for this session."""
        passkey, _ = enrol_passkey(bob)
        world.clock.advance(seconds=900)
        options, state = question(bob, "me/sessions/current:beginProof")
        body = {"state": state, "credential": passkey.signed(options)}
        assert done(bob.post(f"{OWN}/me/sessions/current:proveBySecondFactor", body))["factor"] == "passkey"

    def test_everything_about_factors_is_dangerous(self, world, bob):
        """Enrolment, activation, removal and new recovery codes ask for it; looking and naming don't."""
        app = enrol_app(bob)
        world.clock.advance(seconds=900)
        dangerous = [
            bob.post(f"{FACTORS}/totp", {}), bob.post(f"{FACTORS}/{app.id}:activate", {"code": app.code()}),
            bob.post(f"{FACTORS}/passkeys:begin"), bob.post(f"{FACTORS}/passkeys", {"state": "", "credential": {}}),
            bob.post(f"{FACTORS}/recoveryCodes"), bob.delete(f"{FACTORS}/{app.id}"),
        ]  # fmt: skip
        assert {outcome(reply) for reply in dangerous} == {OLD_PROOF}
        done(bob.get(FACTORS))
        assert done(bob.patch(f"{FACTORS}/{app.id}", {"name": "Phone"}))["name"] == "Phone"


class TestRemoval:
    """Rule 87: a factor is removed by its owner; with the last one everything that hangs on it goes."""

    def test_the_last_one_takes_everything_along(self, world, bob):
        """Recovery codes go, the next sign-in asks for the password alone, and no session has shown anything."""
        app = enrol_app(bob)
        other = session_of(world, verify(world, pending(world, BOB), code=app.next_code()))
        assert bob.delete(f"{FACTORS}/{app.id}").status == 204
        assert factors(bob) == ([], 0)
        session_of(world, sign_in(world, BOB))
        for session in (bob, other):
            facts = world.store.view.get("session_facts", world.store.keyring.hash_token(session.token))
            assert facts["factor"] == ""

    def test_one_of_two_takes_nothing_along(self, world, bob):
        """What is left goes on."""
        app = enrol_app(bob)
        enrol_passkey(bob)
        assert bob.delete(f"{FACTORS}/{app.id}").status == 204
        ((left,), codes) = factors(bob)
        assert (left["kind"], codes) == ("passkey", 10)
        assert done(sign_in(world, BOB), 202)["factors"] == ["passkey", "recovery"]

    def test_somebody_elses_looks_unknown(self, world, bob):
        """So do recovery codes, which are nobody's factor to name or remove."""
        zoe = with_password(world, "zoe@example.org")
        app = enrol_app(zoe)
        codes = world.store.view.find("second_factors", user_id=zoe.id, kind="recovery")[0]["id"]
        for caller, factor in ((bob, app.id), (bob, codes), (zoe, codes), (zoe, "0" * 24)):
            path = f"{FACTORS}/{factor}"
            replies = [caller.delete(path), caller.patch(path, {"name": "x"}),
                       caller.post(f"{path}:activate", {"code": "123456"})]  # fmt: skip
            assert {outcome(reply) for reply in replies} == {(404, "SECOND_FACTOR_NOT_FOUND")}

    def test_the_owner_is_told(self, world, bob):
        """Each factor that begins or ends to count is mailed to its owner."""
        before = len(deliver(world))
        done(bob.post(f"{FACTORS}/totp", {}), 201)
        assert len(deliver(world)) == before, "what does not count yet is no news"
        app = enrol_app(bob)
        assert len(deliver(world)) == before + 1
        world.clock.advance(seconds=1)
        assert bob.delete(f"{FACTORS}/{app.id}").status == 204
        assert len(deliver(world)) == before + 2

    def test_erasing_a_person_leaves_no_factor(self, world, bob):
        """contract.md, CLI: what is erased is in no table."""
        enrol_app(bob)
        enrol_passkey(bob)
        world.erase(BOB)
        assert world.store.view.find("second_factors", user_id=bob.id) == []


class TestBounds:
    """Names are one line, and nobody has more factors than twenty."""

    @pytest.mark.parametrize("name", ["", "x" * 65, "a\nb", 7])
    def test_names_are_one_line(self, bob, name):
        """1 to 64 characters without control characters."""
        assert bob.post(f"{FACTORS}/totp", {"name": name}).status == 400

    def test_there_are_twenty_at_most(self, bob):
        """The next one is refused, of whatever kind."""
        for _ in range(20):
            enrol_passkey(bob)
        options, state = question(bob, "me/factors/passkeys:begin")
        body = {"state": state, "credential": Authenticator().made(options)}
        assert outcome(bob.post(f"{FACTORS}/passkeys", body)) == (400, "MAX_SECOND_FACTORS_EXCEEDED")
        assert outcome(bob.post(f"{FACTORS}/totp", {})) == (400, "MAX_SECOND_FACTORS_EXCEEDED")

    def test_keys_have_none(self, world):
        """What concerns people alone is refused to keys."""
        key = world.organization().key
        for reply in (key.get(FACTORS), key.post(f"{FACTORS}/totp", {}), key.post(f"{FACTORS}/passkeys:begin")):
            assert outcome(reply) == (403, "SESSION_REQUIRED")

    def test_a_trial_begins_nothing(self, world, bob):
        """contract.md, dryRun: neither a factor nor a session is left, and no code is used up."""
        app = enrol_app(bob)
        token, code = pending(world, BOB), app.next_code()
        tried = world.nobody.post(f"{OWN}/sessions:verify?dryRun=true", {"pending": token, "code": code})
        assert tried.status == 200
        assert Caller(world, token=tried.json["result"]["token"]).get(f"{OWN}/me").status == 401
        session_of(world, verify(world, token, code=code))

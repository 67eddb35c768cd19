"""Signing in on a device: codes, approval, tokens that are kept up, and their end (RFC 8628; wire.md 4)."""

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from orgward.app.forgetting import forget_expired
from orgward.app.operator import NewUser
from tests.clients import FORM, KEYS, send_form
from tests.devices import AGENT, CLI, DEVICE, OWN, Device, decide, look
from tests.own_api.people import is_alive, number_of, request_reset, reset, reset_token, rows, session, sign_in
from tests.own_api.test_my_sessions import flush, sessions_of
from tests.second_factors import PASSWORD, enrol_app, outcome, pending, session_of, verify, with_password
from tests.world import Caller

BOB, EVE = "bob@example.org", "eve@example.org"
UNKNOWN = "BCDF-GHJK"
PENDING = (400, "DEVICE_AUTHORIZATION_PENDING")
EXPIRED = (400, "DEVICE_AUTHORIZATION_EXPIRED")
REFUSED = (401, "INVALID_REFRESH_TOKEN")
TIMEOUTS = "customSessionTimeouts"


@pytest.fixture
def device(world, bob):
    """Give a program that has asked for its codes, while there is somebody who may approve it."""
    return Device(world).begin()


class TestCodes:
    """What a device gets to begin with."""

    def test_the_reply_is_that_of_the_real_service(self, world):
        """Its members and their types are those that the CLI reads."""
        reply = Device(world).send("authorize", scope="openid profile offline_access")
        assert reply.status == 200
        assert reply.headers["content-type"] == "application/json"
        found = reply.json
        assert set(found) == {"device_code", "expires_in", "interval", "user_code", "verification_uri"}
        assert (found["expires_in"], found["interval"]) == (600, 5)
        assert found["verification_uri"] == "http://orgward.test/device"
        assert len(found["user_code"]) == 8
        assert set(found["user_code"]) <= set("BCDFGHJKLMNPQRSTVWXZ")

    def test_what_is_kept_opens_nothing(self, world, device):
        """Neither code stands in the store."""
        (row,) = rows(world, "device_grants", client=CLI)
        assert device.device_code not in str(dict(row))
        assert device.user_code not in str(dict(row))

    @pytest.mark.parametrize("client", ["", "a" * 65, "a b", "<b>", "a\n"])
    def test_a_client_names_itself(self, world, client):
        """By a short plain word."""
        reply = Device(world, client=client).send("authorize")
        assert outcome(reply) in {(400, "INVALID_ATTRIBUTE"), (400, "MISSING_ATTRIBUTE")}

    def test_json_is_no_form(self, world):
        """The media type is that of forms."""
        reply = world.nobody.post(f"{DEVICE}/authorize", {"client_id": CLI})
        assert outcome(reply) == (400, "NOT_A_FORM")

    def test_an_address_gets_sixty_an_hour(self, world):
        """Each is a row in the store."""
        for _ in range(60):
            Device(world).begin()
        waiting = Device(world).send("authorize")
        assert outcome(waiting) == (429, "RATE_LIMITED")
        assert 0 < int(waiting.headers["retry-after"]) <= 3600
        Device(world, address="198.51.100.9").begin()

    def test_codes_are_forgotten_once_they_are_over(self, world, device):
        """By the hourly job."""
        world.clock.advance(seconds=599)
        assert forget_expired(world.door) == 0
        world.clock.advance(seconds=1)
        assert forget_expired(world.door) == 1
        assert number_of(world, "device_grants") == 0


class TestWaiting:
    """A device asks every five seconds until somebody has decided."""

    def test_it_waits_until_it_is_approved(self, world, device, bob):
        """What it asks meanwhile writes nothing."""
        before = world.store.snapshot.revision
        assert outcome(device.poll()) == PENDING
        assert outcome(device.poll()) == PENDING
        assert world.store.snapshot.revision == before
        assert decide(bob, device.user_code).status == 200
        assert device.poll().status == 200

    def test_it_must_not_ask_too_often(self, world, device):
        """RFC 8628, 3.5: slow_down; a second less than it was told is let pass, for clocks are no two alike."""
        assert outcome(device.poll()) == PENDING
        world.clock.advance(seconds=-2)  # three seconds after the last
        assert outcome(device.poll()) == (400, "SLOW_DOWN")
        assert outcome(device.poll()) == PENDING

    def test_it_waits_for_ten_minutes(self, world, device, bob):
        """Whoever comes later begins anew."""
        world.clock.advance(seconds=594)
        assert outcome(device.poll()) == PENDING
        world.clock.advance(seconds=1)
        assert outcome(device.poll()) == EXPIRED
        assert outcome(decide(bob, device.user_code)) == (404, "DEVICE_CODE_NOT_FOUND")

    def test_what_was_denied_is_told_so(self, device, bob):
        """It stops asking."""
        assert decide(bob, device.user_code, "deny").json == {"state": "denied"}
        assert outcome(device.poll()) == (400, "DEVICE_AUTHORIZATION_DENIED")
        assert outcome(decide(bob, device.user_code)) == (404, "DEVICE_CODE_NOT_FOUND")

    @pytest.mark.parametrize("grant", ["password", "client_credentials", ""])
    def test_other_grants_are_unsupported(self, device, grant):
        """A code or a refresh token, and nothing else."""
        reply = device.send("token", grant_type=grant, device_code=device.device_code)
        assert outcome(reply) in {(400, "UNSUPPORTED_GRANT_TYPE"), (400, "MISSING_ATTRIBUTE")}


class TestApproving:
    """A person sees what waits, and decides for themselves."""

    def test_what_waits_is_shown(self, device, bob):
        """Which program, from where, since when; however the code is typed."""
        for typed in (device.user_code, device.user_code.lower(), f"{device.user_code[:4]}-{device.user_code[4:]}"):
            reply = look(bob, typed)
            assert reply.json == {
                "address": device.address,
                "clientId": CLI,
                "createdAt": "2027-01-15T08:00:01Z",
                "device": AGENT,
                "expiresAt": "2027-01-15T08:10:01Z",
                "isAtlasCli": True,
                "userCode": f"{device.user_code[:4]}-{device.user_code[4:]}",
            }

    def test_another_program_is_not_called_the_cli(self, world, bob):
        """Its own word for itself is shown."""
        device = Device(world, client="acme-deployer").begin()
        shown = look(bob, device.user_code).json
        assert (shown["clientId"], shown["isAtlasCli"]) == ("acme-deployer", False)

    @pytest.mark.parametrize("code", [UNKNOWN, "x", "%20", "BCDFGHJKL"])
    def test_an_unknown_code_is_unknown(self, bob, code):
        """Looked at or decided on."""
        assert outcome(look(bob, code)) == (404, "DEVICE_CODE_NOT_FOUND")
        assert outcome(decide(bob, code)) == (404, "DEVICE_CODE_NOT_FOUND")

    def test_a_key_approves_nothing(self, world, device):
        """Only people sign in."""
        key = world.organization().key
        assert outcome(look(key, device.user_code)) == (403, "SESSION_REQUIRED")
        assert outcome(decide(key, device.user_code)) == (403, "SESSION_REQUIRED")

    def test_nobody_approves_nothing(self, world, device):
        """It takes a session."""
        assert look(world.nobody, device.user_code).status == 401
        assert decide(world.nobody, device.user_code).status == 401


class TestTokens:
    """What a program gets once it was approved."""

    def test_the_reply_is_that_of_the_real_service(self, world, bob):
        """Its members are those that the CLI reads; the token says whose it is (`sub`)."""
        found = Device(world).signed_in(bob).tokens
        assert set(found) == {"access_token", "expires_in", "id_token", "refresh_token", "scope", "token_type"}
        assert (found["expires_in"], found["token_type"]) == (3600, "Bearer")
        keys = KeySet.import_key_set(world.nobody.get(KEYS).json)
        said = jwt.decode(found["access_token"], keys, ["ES256"])
        assert (said.header["typ"], said.claims["sub"]) == ("at+jwt", BOB)
        identity = jwt.decode(found["id_token"], keys, ["ES256"])
        assert (identity.header["typ"], identity.claims["aud"], identity.claims["sub"]) == ("JWT", CLI, BOB)

    def test_the_program_acts_as_its_person(self, world, bob):
        """It reaches what they reach."""
        device = Device(world).signed_in(bob)
        assert device.caller.get(f"{OWN}/me").json["userId"] == bob.id

    def test_its_session_is_one_of_theirs(self, world, bob):
        """Listed with where the program is, and ended like any other."""
        device = Device(world).signed_in(bob)
        newest = sessions_of(bob)[0]
        assert (newest["address"], newest["device"], newest["current"]) == (device.address, AGENT, False)
        assert sessions_of(device.caller)[0]["current"]
        assert bob.delete(f"{OWN}/me/sessions/{newest['id']}").status == 204
        assert not is_alive(device.caller)
        assert outcome(device.refresh()) == REFUSED
        assert number_of(world, "refresh_tokens") == 0

    def test_a_refreshed_token_goes_on(self, world, bob):
        """An hour later the program asks again, and keeps its session."""
        device = Device(world).signed_in(bob)
        old = device.caller
        world.clock.advance(seconds=3600)
        assert not is_alive(old)
        reply = device.refresh()
        assert reply.status == 200
        assert set(reply.json) == {"access_token", "expires_in", "id_token", "refresh_token", "scope", "token_type"}
        assert is_alive(device.caller)
        assert len(sessions_of(bob)) == 2

    def test_it_lasts_as_long_as_a_session(self, world, bob):
        """Twelve hours in all (rule 90): a token never lives longer than its session."""
        device = Device(world).signed_in(bob)
        for _ in range(11):
            world.clock.advance(seconds=3600)
            assert device.refresh().status == 200
        world.clock.advance(seconds=1800)
        assert device.refresh().json["expires_in"] == 1800
        world.clock.advance(seconds=1800)
        assert outcome(device.refresh()) == REFUSED
        assert not is_alive(device.caller)

    @pytest.mark.parametrize(("timeouts", "lives", "is_over"), [
        ({"absoluteSessionTimeoutInSeconds": 3600}, 3599, 1),
        ({"idleSessionTimeoutInSeconds": 600}, 599, 600),
    ])  # fmt: skip
    def test_what_its_persons_organizations_want_counts(self, world, bob, timeouts, lives, is_over):
        """The shortest of each limit (rule 90)."""
        org = world.organization()
        assert org.key.patch(f"/orgs/{org.id}/settings", {TIMEOUTS: timeouts}).status == 200
        world.operate("enrolUser", NewUser(username=BOB, organizations={org.id: ["ORG_MEMBER"]}))
        device = Device(world).signed_in(bob)
        world.clock.advance(seconds=lives)
        assert is_alive(device.caller)
        flush(world)
        world.clock.advance(seconds=is_over)
        assert not is_alive(device.caller)
        assert outcome(device.refresh()) == REFUSED

    def test_refreshing_is_use(self, world, bob):
        """A program that keeps itself signed in is not idle (rule 90)."""
        org = world.organization()
        timeouts = {TIMEOUTS: {"idleSessionTimeoutInSeconds": 600}}
        assert org.key.patch(f"/orgs/{org.id}/settings", timeouts).status == 200
        world.operate("enrolUser", NewUser(username=BOB, organizations={org.id: ["ORG_MEMBER"]}))
        device = Device(world).signed_in(bob)
        for _ in range(3):
            world.clock.advance(seconds=599)
            assert device.refresh().status == 200
        assert is_alive(device.caller)

    @pytest.mark.parametrize("kind", ["refresh_token", "access_token"])
    def test_revoking_either_token_ends_the_session(self, world, bob, kind):
        """The CLI revokes when its person signs out."""
        device = Device(world).signed_in(bob)
        reply = device.revoke(kind)
        assert (reply.status, reply.json) == (200, {})
        assert not is_alive(device.caller)
        assert outcome(device.refresh()) == REFUSED
        assert is_alive(bob)
        assert device.revoke(kind).status == 200

    def test_revoking_nothing_changes_nothing(self, world):
        """RFC 7009, 2.2."""
        before = world.store.snapshot.revision
        reply = send_form(world, f"{DEVICE}/revoke", {"token": "nonsense"})
        assert (reply.status, reply.json) == (200, {})
        assert world.store.snapshot.revision == before

    def test_a_new_password_ends_it(self, world, bob):
        """As every other session; so does what was approved and not begun (ASVS 7.4.3)."""
        device = Device(world).signed_in(bob)
        approved = Device(world).begin()
        assert decide(bob, approved.user_code).status == 200
        assert reset(world, reset_token(world, BOB)).status == 204
        assert not is_alive(device.caller)
        assert outcome(device.refresh()) == REFUSED
        assert outcome(approved.poll()) == EXPIRED

    def test_a_person_who_is_erased_leaves_nothing(self, world, bob):
        """Neither sessions of programs nor what they approved."""
        Device(world).signed_in(bob)
        assert decide(bob, Device(world).begin().user_code).status == 200
        world.erase(BOB)
        assert [number_of(world, table) for table in ("sessions", "refresh_tokens", "device_grants")] == [0, 0, 0]


class TestSecondFactors:
    """A program's session has shown what the session had that approved it (rules 86, 87)."""

    @pytest.fixture
    def eve(self, world):
        """Give somebody who has chosen a password."""
        return with_password(world, EVE)

    def factor_of(self, device):
        """Give what the program's session has shown."""
        return sessions_of(device.caller)[0]["factor"]

    def test_without_a_factor_it_has_shown_none(self, world, eve):
        """Nobody gains one by a program."""
        assert self.factor_of(Device(world).signed_in(eve)) is None

    def test_with_a_factor_it_has_shown_that(self, world, eve):
        """What the approving session showed counts for it."""
        app = enrol_app(eve)
        browser = session_of(world, verify(world, pending(world, EVE), code=app.next_code()))
        assert self.factor_of(Device(world).signed_in(browser)) == "totp"

    def test_a_session_that_lacks_its_persons_factor_approves_nothing(self, world, eve):
        """Whoever stole a password before must not keep what it opened."""
        older = session_of(world, sign_in(world, EVE, PASSWORD))
        enrol_app(eve)
        device = Device(world).begin()
        assert outcome(decide(older, device.user_code)) == (403, "SECOND_FACTOR_REQUIRED")
        assert outcome(device.poll()) == PENDING

    def test_a_factor_that_was_taken_away_meanwhile_was_not_shown(self, world, eve):
        """Between the approval and the beginning."""
        app = enrol_app(eve)
        device = Device(world).begin()
        assert decide(eve, device.user_code).status == 200
        assert eve.delete(f"{OWN}/me/factors/{app.id}").status == 204
        device.tokens = device.poll().json
        assert self.factor_of(device) is None

    def test_it_is_proven_as_lately_as_the_session_that_approved(self, world, eve):
        """What is dangerous asks for a proof of the last quarter of an hour, of programs too."""
        org = eve.post("/orgs", {"name": "Eve's"}).json["organization"]["id"]
        projects = [eve.post("/groups", {"name": name, "orgId": org}).json["id"] for name in ("web", "shop")]
        assert Device(world).signed_in(eve).caller.delete(f"/groups/{projects[0]}").status == 202
        world.clock.advance(seconds=900)
        later = Device(world).signed_in(eve).caller
        assert outcome(later.delete(f"/groups/{projects[1]}")) == (403, "REAUTHENTICATION_REQUIRED")


def test_a_reset_link_is_no_session(world, bob):
    """Asking for a new password ends nothing by itself."""
    device = Device(world).signed_in(bob)
    request_reset(world, BOB)
    assert is_alive(device.caller)
    assert is_alive(session(world, BOB))


def test_forms_are_forms_everywhere(world, device):
    """A body that is no form is refused with a code."""
    for path in ("authorize", "token", "revoke"):
        reply = Caller(world).post(f"{DEVICE}/{path}", raw=b"\xff", headers={"content-type": FORM}, accept=None)
        assert outcome(reply) == (400, "MALFORMED_FORM")

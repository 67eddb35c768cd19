"""Where somebody is signed in: shown, ended, used, and proven once more (rule 90; ASVS 7.4.3 to 7.5.2)."""

import pytest

from orgward.app.gates import RECENT_PROOF
from orgward.app.operator import NewUser
from orgward.kernel.instants import rfc3339
from orgward.store.sqlite import connect
from tests.directory.company import Company, fresh_name
from tests.own_api.people import LAPTOP, OWN, PASSWORD, account, is_alive, number_of, rows, session

BOB = "bob@example.org"
UNKNOWN = "0123456789abcdef01234567"


def sessions_of(who, query=""):
    """List the sessions of whoever asks."""
    reply = who.get(f"{OWN}/me/sessions{query}")
    assert reply.status == 200, reply.json
    return reply.json["results"]


def prove(who, password=PASSWORD):
    """Prove who one is, once more."""
    return who.post(f"{OWN}/me/sessions/current:prove", {"password": password})


def flush(world):
    """Write noted uses down, as the server does once a minute, and say whether there were any."""
    submitted = world.app.router.default.pipeline.session_use.flush()
    if submitted is not None:
        submitted.result(30)
    return submitted is not None


class TestList:
    """What is shown of a session."""

    def test_a_session_is_shown_with_where_it_is_from(self, world, bob):
        """Device, address, begin, end, last use and second factor, and which one is asking."""
        world.clock.advance(seconds=60)
        session(world, BOB, address="192.0.2.7", headers={"user-agent": LAPTOP})
        world.clock.advance(seconds=5)
        newer, own = sessions_of(bob)
        assert {key: value for key, value in newer.items() if key != "id"} == {
            "address": "192.0.2.7",
            "current": False,
            "device": LAPTOP,
            "endsAt": "2027-01-15T20:01:01Z",
            "factor": None,
            "lastUsedAt": "2027-01-15T08:01:01Z",
            "startedAt": "2027-01-15T08:01:01Z",
        }
        assert (own["current"], own["startedAt"], own["lastUsedAt"]) == (
            True,
            "2027-01-15T08:00:00Z",
            "2027-01-15T08:01:06Z",
        )

    def test_only_ones_own_are_shown_and_only_those_that_live(self, world, bob):
        """Neither other people's nor what is over."""
        account(world, "carl@example.org")
        world.clock.advance(seconds=43_000)
        later = session(world, BOB)
        world.clock.advance(seconds=200)
        assert [shown["current"] for shown in sessions_of(later)] == [True]

    def test_an_idle_limit_shows_in_the_end(self, world, bob):
        """Rule 90: a session that is left alone ends earlier than one that is used."""
        acme = Company.found(world, "atlas")
        limit = {"customSessionTimeouts": {"idleSessionTimeoutInSeconds": 600}}
        assert acme.ann.patch(f"{acme.path}/settings", limit).status == 200
        world.operate("enrolUser", NewUser(username=BOB, organizations={acme.id: ["ORG_MEMBER"]}))
        limited = session(world, BOB)
        assert [shown["endsAt"] for shown in sessions_of(bob)] == ["2027-01-15T08:10:01Z", "2027-01-15T20:00:00Z"]
        world.clock.advance(seconds=300)
        assert is_alive(limited)
        flush(world)
        assert [shown["endsAt"] for shown in sessions_of(bob)] == ["2027-01-15T08:15:01Z", "2027-01-15T20:00:00Z"]
        world.clock.advance(seconds=600)
        assert len(sessions_of(bob)) == 1

    def test_the_list_has_pages(self, world, bob):
        """As every list."""
        for _ in range(2):
            world.clock.advance(seconds=1)
            session(world, BOB)
        reply = bob.get(f"{OWN}/me/sessions?itemsPerPage=1&pageNum=3")
        assert (reply.json["totalCount"], [shown["current"] for shown in reply.json["results"]]) == (3, [True])

    def test_no_token_is_shown(self, world, bob):
        """Neither a token nor what is stored of it."""
        body = bob.get(f"{OWN}/me/sessions").body
        assert bob.token.encode() not in body
        assert world.store.keyring.hash_token(bob.token).encode() not in body

    def test_a_long_device_is_cut(self, world, bob):
        """What a browser says of itself has room for 400 characters."""
        session(world, BOB, headers={"user-agent": "x" * 5_000})
        assert [len(shown["device"]) for shown in sessions_of(bob) if not shown["current"]] == [400]

    def test_keys_have_none(self, world):
        """A key is no person."""
        key = world.organization().key
        assert key.get(f"{OWN}/me/sessions").code == "SESSION_REQUIRED"


class TestEnd:
    """A session that is ended elsewhere is dead at its next request."""

    def test_one_is_ended(self, world, bob):
        """With all that hung on it; the others go on."""
        lost, kept = session(world, BOB, address="192.0.2.7"), session(world, BOB)
        assert is_alive(lost)
        (found,) = [shown["id"] for shown in sessions_of(bob) if shown["address"] == "192.0.2.7"]
        assert bob.delete(f"{OWN}/me/sessions/{found}").status == 204
        assert [is_alive(who) for who in (lost, kept, bob)] == [False, True, True]
        assert (number_of(world, "sessions"), number_of(world, "session_facts")) == (2, 2)

    def test_ones_own_can_be_ended_too(self, world, bob):
        """It is one of them."""
        (own,) = sessions_of(bob)
        assert bob.delete(f"{OWN}/me/sessions/{own['id']}").status == 204
        assert not is_alive(bob)

    def test_those_of_others_look_unknown(self, world, bob):
        """Attack row 6: unknown and forbidden are one."""
        carl = account(world, "carl@example.org")
        (other,) = sessions_of(carl)
        replies = [bob.delete(f"{OWN}/me/sessions/{id}") for id in (other["id"], UNKNOWN)]
        assert {(reply.status, reply.code) for reply in replies} == {(404, "SESSION_NOT_FOUND")}
        assert replies[0].body.replace(other["id"].encode(), b"?") == replies[1].body.replace(UNKNOWN.encode(), b"?")
        assert is_alive(carl)

    def test_all_others_are_ended_at_once(self, world, bob):
        """ASVS 7.4.3: everywhere but here."""
        others = [session(world, BOB) for _ in range(3)]
        carl = account(world, "carl@example.org")
        reply = bob.post(f"{OWN}/me/sessions:endOthers")
        assert (reply.status, reply.json) == (200, {"ended": 3})
        assert [is_alive(who) for who in (*others, bob, carl)] == [False] * 3 + [True] * 2
        assert bob.post(f"{OWN}/me/sessions:endOthers").json == {"ended": 0}

    def test_a_draft_ends_with_its_session(self, world, bob):
        """What a session was about to do is nothing any more."""
        world.clock.advance(seconds=1)
        session(world, BOB)
        other, own = (shown["id"] for shown in sessions_of(bob))
        connection = connect(world.store.path)
        for number, of in enumerate((own, other)):
            row = (f"{number:024x}", bob.id, of, "sealed", world.clock.now + 60_000, "00")
            connection.execute("INSERT INTO drafts VALUES (?, ?, ?, ?, ?, ?)", row)
        connection.close()
        assert bob.delete(f"{OWN}/sessions/current").status == 204
        assert [row["session_id"] for row in rows(world, "drafts", user_id=bob.id)] == [other]


class TestUse:
    """When a session was used last is written down now and then."""

    def test_a_use_is_written_once_in_ten_minutes(self, world, bob):
        """A busy session costs a row every ten minutes, and shows elsewhere."""
        other = session(world, BOB)
        for _ in range(9):
            world.clock.advance(seconds=60)
            assert is_alive(bob)
            assert not flush(world)
        world.clock.advance(seconds=60)
        assert is_alive(bob)
        assert flush(world)
        assert not flush(world)
        shown = {one["current"]: one["lastUsedAt"] for one in sessions_of(other)}
        assert shown[False] == "2027-01-15T08:10:01Z"

    def test_a_session_that_nobody_uses_is_not_written(self, world, bob):
        """Time alone is no use."""
        world.clock.advance(seconds=3_600)
        assert not flush(world)

    def test_a_session_that_ended_meanwhile_stays_ended(self, world, bob):
        """A late use brings no facts back."""
        other = session(world, BOB)
        world.clock.advance(seconds=900)
        assert is_alive(other)
        bob.post(f"{OWN}/me/sessions:endOthers")
        assert flush(world), "the other one was used, too"
        assert (number_of(world, "session_facts"), is_alive(other)) == (1, False)


class TestProof:
    """What is dangerous asks that somebody has proven who they are within a quarter of an hour (ASVS 7.5.1, 7.5.2)."""

    @pytest.fixture
    def acme(self, world, bob):
        """Give an organization that bob owns."""
        found = Company.found(world, "atlas")
        world.user(BOB, orgs={found.id: ["ORG_OWNER"]})
        return found

    def dangerous(self, acme, who):
        """Try everything that is, where nothing but a project comes of it, and give the codes."""
        acme.ann = acme.world.session(acme.ann.id)
        project, kept = acme.project(fresh_name()), acme.project(fresh_name())
        replies = [
            who.delete(f"/groups/{project}"),
            who.post(f"/groups/{kept}:migrate", {"destinationOrgId": acme.id}),
            who.delete(acme.path),
            who.delete(f"{OWN}/me"),
            who.post(f"{OWN}/me/address", {"username": "new@example.org"}),
        ]
        return [reply.code for reply in replies]

    def test_an_old_session_is_asked_again(self, world, acme, bob):
        """And says so with one code, whatever it is about to do; nothing is done."""
        world.clock.advance(seconds=RECENT_PROOF / 1000 - 2)
        assert "REAUTHENTICATION_REQUIRED" not in self.dangerous(acme, bob)
        world.clock.advance(seconds=2)
        assert self.dangerous(acme, bob) == ["REAUTHENTICATION_REQUIRED"] * 5
        assert bob.get(acme.path).status == 200

    def test_a_trial_is_asked_too(self, world, acme, bob):
        """A trial is refused exactly as the real write would be."""
        world.clock.advance(seconds=3_600)
        assert bob.delete(f"{acme.path}?dryRun=true").code == "REAUTHENTICATION_REQUIRED"

    def test_the_password_proves_it(self, world, acme, bob):
        """For this session, for the next quarter of an hour."""
        other = session(world, BOB)
        world.clock.advance(seconds=3_600)
        reply = prove(bob)
        assert (reply.status, reply.json["provenAt"]) == (200, rfc3339(world.clock.now))
        assert "REAUTHENTICATION_REQUIRED" not in self.dangerous(acme, bob)
        assert other.delete(acme.path).code == "REAUTHENTICATION_REQUIRED"
        world.clock.advance(seconds=RECENT_PROOF / 1000)
        assert bob.delete(acme.path).code == "REAUTHENTICATION_REQUIRED"

    def test_whoever_lacks_the_right_is_told_that_alone(self, world, acme, bob):
        """What one may not do at all needs no password: unknown stays unknown, and a privilege is missing as before."""
        carl = account(world, "carl@example.org")
        world.clock.advance(seconds=3_600)
        assert carl.delete(acme.path).code == "ORG_NOT_FOUND"
        world.user("carl@example.org", orgs={acme.id: ["ORG_MEMBER"]})
        old = session(world, "carl@example.org")
        world.clock.advance(seconds=3_600)
        assert old.delete(acme.path).code == "USER_UNAUTHORIZED"

    def test_keys_are_never_asked(self, world, acme):
        """A key proves itself with each request."""
        world.clock.advance(days=30)
        assert acme.owner_key.delete(acme.path).status == 204

    def test_a_wrong_password_ends_nothing_and_proves_nothing(self, world, acme, bob):
        """403 and not 401: the session goes on."""
        world.clock.advance(seconds=3_600)
        reply = prove(bob, "wrong password")
        assert (reply.status, reply.code) == (403, "PROOF_REFUSED")
        assert "www-authenticate" not in reply.headers
        assert is_alive(bob)
        assert bob.delete(acme.path).code == "REAUTHENTICATION_REQUIRED"

    def test_guessing_is_slowed_down(self, world, acme, bob):
        """A stolen session finds no password out."""
        assert [prove(bob, "guess").status for _ in range(10)] == [403] * 10
        assert (prove(bob).status, prove(bob).code) == (429, "RATE_LIMITED")
        assert is_alive(bob)

    def test_somebody_elses_password_proves_nothing(self, world, bob):
        """A session is proven by its own person."""
        account(world, "carl@example.org", "of nobody else")
        assert prove(bob, "of nobody else").code == "PROOF_REFUSED"

    def test_a_session_that_began_before_facts_were_kept_can_be_proven(self, world, bob):
        """Its proof is its begin, until another."""
        old = world.session(bob.id)
        world.clock.advance(seconds=3_600)
        assert old.post(f"{OWN}/me/address", {"username": "new@example.org"}).code == "REAUTHENTICATION_REQUIRED"
        assert prove(old).status == 200
        assert old.post(f"{OWN}/me/address", {"username": "new@example.org"}).status == 202
        assert [shown["device"] for shown in sessions_of(old) if shown["current"]] == [""]

    def test_keys_have_nothing_to_prove(self, world):
        """A key is no person."""
        assert prove(world.organization().key).code == "SESSION_REQUIRED"

"""Passwords that are forgotten, changed, or not taken (ASVS 6.2.4, 6.3.7, 7.4.3; contract.md, People)."""

import threading

import pytest

from tests.mailbox import links_to, mailed_to
from tests.own_api.people import (
    NEWER,
    OWN,
    PASSWORD,
    account,
    add_factor,
    is_alive,
    number_of,
    request_reset,
    reset,
    reset_token,
    rows,
    session,
    sign_in,
    subjects,
)

BOB = "bob@example.org"


def change(who, current=PASSWORD, new=NEWER):
    """Change the password of whoever asks."""
    return who.post(f"{OWN}/me/password", {"current": current, "new": new})


class TestRequest:
    """Whoever has forgotten a password gets a link, if there is anybody to get one."""

    def test_a_link_is_mailed_to_the_account(self, world, bob):
        """An account with a proven address gets a link to a new password, whatever capitals it is asked for in."""
        assert request_reset(world, "BOB@Example.org").status == 202
        assert len(links_to(world, BOB, "reset")) == 1
        assert subjects(mailed_to(world, BOB))[-1] == "A new password for Orgward"

    def test_the_token_is_stored_hashed_and_waits_sealed(self, world, bob):
        """contract.md, People: a token is in the message alone."""
        token = reset_token(world, BOB)
        (row,) = rows(world, "links", user_id=bob.id)
        assert row["hash"] == world.store.keyring.hash_token(token)
        for path in world.store.path.parent.glob("orgward.db*"):
            assert token.encode() not in path.read_bytes()

    @pytest.mark.parametrize("username", ["nobody@example.org", "invited@example.org", "no address", "", "x" * 100_000])
    def test_nobody_else_is_mailed_anything(self, world, username):
        """An address that nobody has, or that was only invited, gets no mail; neither does what is no address."""
        org = world.organization()
        body = {"username": "invited@example.org", "roles": ["ORG_MEMBER"]}
        assert world.session(org.owner).post(f"/orgs/{org.id}/invites", body).status == 200
        before = len(mailed_to(world, "invited@example.org"))
        assert request_reset(world, username).status == 202
        assert len(mailed_to(world, "invited@example.org")) == before
        assert (number_of(world, "links"), number_of(world, "outbox")) == (0, 0)

    def test_an_account_without_a_password_gets_a_set_up_link(self, world):
        """Whom the operator vouched for, and who lost the first message, gets another that does the same."""
        carl = world.user("carl@example.org")
        first = links_to(world, "carl@example.org")
        world.clock.advance(seconds=1)
        assert request_reset(world, "carl@example.org").status == 202
        assert links_to(world, "carl@example.org", "reset") == []
        (_, token) = links_to(world, "carl@example.org")
        assert token not in first
        body = {"token": token, "password": PASSWORD, "firstName": "Carl", "lastName": "Doe"}
        assert world.nobody.post(f"{OWN}/accounts:setup", body).json["userId"] == carl.id
        assert rows(world, "tokens", user_id=carl.id) == []

    @pytest.mark.parametrize("has_password", [True, False])
    def test_a_mailbox_gets_three_within_the_hour(self, world, has_password):
        """Nobody's mailbox is filled in their name; whoever asks is told nothing of it."""
        page = "reset" if has_password else "setup"
        who = account(world, BOB) if has_password else world.user(BOB)
        world.clock.advance(days=1)
        before = len(links_to(world, BOB, page))
        for number in range(8):
            assert request_reset(world, BOB, address=f"192.0.2.{number}").status == 202
        assert len(links_to(world, BOB, page)) == before + 3
        world.clock.advance(seconds=3_600)
        request_reset(world, BOB)
        assert len(links_to(world, BOB, page)) == before + 4
        assert who.id

    def test_an_address_asks_thirty_times_within_the_hour(self, world, bob):
        """Whoever goes through a list of addresses is stopped, whether or not they are anybody's."""
        asked = [request_reset(world, f"nobody{number}@example.org") for number in range(29)]
        assert {reply.status for reply in asked} == {202}
        assert request_reset(world, BOB).status == 202
        for username in (BOB, "nobody@example.org"):
            reply = request_reset(world, username)
            assert (reply.status, reply.code) == (429, "RATE_LIMITED")
            assert int(reply.headers["retry-after"]) == 3_600
        assert request_reset(world, BOB, address="192.0.2.9").status == 202
        world.clock.advance(seconds=3_601)
        assert request_reset(world, BOB).status == 202

    def test_neighbours_in_one_network_count_as_one(self, world):
        """In IPv6 one customer has at least a whole /64."""
        for number in range(30):
            assert request_reset(world, "nobody@example.org", address=f"2001:db8::{number:x}").status == 202
        assert request_reset(world, "nobody@example.org", address="2001:db8::ffff").status == 429
        assert request_reset(world, "nobody@example.org", address="2001:db8:0:1::1").status == 202


class TestReset:
    """The link gives the account another password, once."""

    def test_the_new_password_signs_in_and_the_old_one_does_not(self, world, bob):
        """That is what it is for; nobody is signed in by it."""
        reply = reset(world, reset_token(world, BOB))
        assert (reply.status, reply.body) == (204, b"")
        assert number_of(world, "sessions") == 0
        assert sign_in(world, BOB).status == 401
        assert sign_in(world, BOB, NEWER).status == 201

    def test_every_session_ends(self, world, bob):
        """ASVS 7.4.3: whoever was signed in with the old password is not any more."""
        others = [bob, session(world, BOB), session(world, BOB)]
        assert reset(world, reset_token(world, BOB)).status == 204
        assert [is_alive(who) for who in others] == [False] * 3
        assert [number_of(world, table) for table in ("sessions", "session_facts", "idle_limits")] == [0, 0, 0]

    def test_the_owner_is_told(self, world, bob):
        """ASVS 6.3.7: a message says that the password was changed."""
        reset(world, reset_token(world, BOB))
        message = mailed_to(world, BOB)[-1]
        assert message["Subject"] == "Your password was changed"
        assert "https://orgward.test/reset\n" in message.get_content()

    def test_a_second_factor_stays(self, world, bob):
        """Whoever reads somebody's mail does not get past their second factor."""
        add_factor(world, bob.id)
        assert reset(world, reset_token(world, BOB)).status == 204
        assert [row["kind"] for row in rows(world, "second_factors", user_id=bob.id)] == ["totp"]
        reply = sign_in(world, BOB, NEWER)
        assert (reply.status, "token" in reply.json) == (202, False)

    def test_dead_links_answer_alike(self, world, bob):
        """contract.md, People: used, expired, made-up and other tokens are all 404, all alike."""
        world.user("carl@example.org")
        first, second = reset_token(world, BOB), reset_token(world, BOB)
        assert reset(world, first).status == 204
        late = reset_token(world, BOB)
        world.clock.advance(seconds=3_600)
        dead = {"used": first, "with it": second, "expired": late, "made up": "A" * 43, "empty": ""}
        dead["of a set-up"] = links_to(world, "carl@example.org")[0]
        replies = {name: reset(world, token, "a third secret") for name, token in dead.items()}
        assert {(reply.status, reply.code) for reply in replies.values()} == {(404, "TOKEN_NOT_FOUND")}
        assert len({reply.body for reply in replies.values()}) == 1
        assert sign_in(world, BOB, NEWER).status == 201

    def test_a_link_works_for_an_hour(self, world, bob):
        """And to the last second of it."""
        token = reset_token(world, BOB)
        world.clock.advance(seconds=3_598)
        assert reset(world, token).status == 204

    def test_a_reset_link_sets_nothing_else(self, world, bob):
        """A link does what it was mailed for, and nothing else."""
        token = reset_token(world, BOB)
        assert world.nobody.post(f"{OWN}/accounts:verify", {"token": token}).code == "TOKEN_NOT_FOUND"
        body = {"token": token, "password": NEWER, "firstName": "Eve", "lastName": "Doe"}
        assert world.nobody.post(f"{OWN}/accounts:setup", body).code == "TOKEN_NOT_FOUND"
        assert reset(world, token).status == 204

    @pytest.mark.parametrize("password", ["short", "x" * 129, "iloveyou1", "my-orgward-secret"])
    def test_a_refused_password_does_not_burn_the_link(self, world, bob, password):
        """contract.md, People: after a refused password the same link works."""
        token = reset_token(world, BOB)
        assert reset(world, token, password).status == 400
        assert is_alive(bob)
        assert reset(world, token).status == 204

    def test_many_at_once_change_it_once(self, world, bob):
        """Attack row 3: one link in many hands at once gives one new password."""
        token, replies = reset_token(world, BOB), []
        threads = [
            threading.Thread(target=lambda n=n: replies.append(reset(world, token, f"secret number {n}")))
            for n in range(10)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted((reply.status, reply.code) for reply in replies) == [(204, "")] + [(404, "TOKEN_NOT_FOUND")] * 9

    def test_a_link_that_waited_is_looked_at_again(self, world, bob):
        """A link that died while a password was hashed changes nothing."""
        token = reset_token(world, BOB)
        assert change(bob).status == 200
        assert reset(world, token, "a third secret").code == "TOKEN_NOT_FOUND"
        assert sign_in(world, BOB, NEWER).status == 201

    def test_the_log_names_whose_password_it_was_and_no_address(self, world, bob):
        """Attack row 29: the audit rows have the person; nothing in them can't be forgotten."""
        reset(world, reset_token(world, BOB))
        connection = world.store.reader
        found = connection.execute(
            "SELECT action, target, body FROM log WHERE action LIKE '%Reset' OR action LIKE 'reset%' ORDER BY revision"
        ).fetchall()
        assert [(action, target) for action, target, _ in found] == [
            ("requestPasswordReset", bob.id),
            ("resetPassword", bob.id),
        ]
        assert not any(b"@" in bytes(body) for *_, body in found)


class TestChange:
    """Whoever knows a password changes it."""

    def test_the_new_one_counts_and_this_session_goes_on(self, world, bob):
        """The other sessions end: somebody else may have begun them."""
        other = session(world, BOB)
        reply = change(bob)
        assert (reply.status, reply.json["token"]) == (200, bob.token)
        assert (is_alive(bob), is_alive(other)) == (True, False)
        assert (sign_in(world, BOB).status, sign_in(world, BOB, NEWER).status) == (401, 201)

    def test_a_wrong_one_ends_nothing_and_changes_nothing(self, world, bob):
        """403 and not 401: the session is as good as before."""
        reply = change(bob, current="wrong password")
        assert (reply.status, reply.code) == (403, "PROOF_REFUSED")
        assert "www-authenticate" not in reply.headers
        assert is_alive(bob)
        assert sign_in(world, BOB).status == 201

    @pytest.mark.parametrize(
        ("password", "code"),
        [("short", "INVALID_PASSWORD"), ("iloveyou1", "PASSWORD_IS_KNOWN"), ("with-orgward-in", "PASSWORD_IS_KNOWN")],
    )
    def test_a_bad_one_is_not_taken(self, world, bob, password, code):
        """ASVS 6.2.4: the same rules as for a first password."""
        reply = change(bob, new=password)
        assert (reply.status, reply.code) == (400, code)
        assert sign_in(world, BOB).status == 201

    def test_guessing_is_slowed_down(self, world, bob):
        """A stolen session does not find the password out: failures count with those of signing in."""
        for _ in range(5):
            assert change(bob, current="guess").status == 403
        for _ in range(5):
            assert sign_in(world, BOB, "guess").status == 401
        assert (change(bob).status, change(bob).code) == (429, "RATE_LIMITED")
        world.clock.advance(seconds=61)
        assert change(bob).status == 200

    def test_the_owner_is_told_and_links_die(self, world, bob):
        """ASVS 6.3.7: what was mailed before, by whomever it was asked for, is worthless."""
        token = reset_token(world, BOB)
        assert change(bob).status == 200
        assert subjects(mailed_to(world, BOB))[-1] == "Your password was changed"
        assert reset(world, token).code == "TOKEN_NOT_FOUND"

    def test_it_is_a_proof_of_who_one_is(self, world, bob):
        """Whoever has just shown the password need not do so again."""
        world.clock.advance(seconds=3_600)
        assert bob.post(f"{OWN}/me/address", {"username": "new@example.org"}).code == "REAUTHENTICATION_REQUIRED"
        assert change(bob).status == 200
        assert bob.post(f"{OWN}/me/address", {"username": "new@example.org"}).status == 202

    def test_keys_have_none(self, world):
        """A key is no person."""
        org = world.organization()
        reply = change(org.key)
        assert (reply.status, reply.code) == (403, "SESSION_REQUIRED")

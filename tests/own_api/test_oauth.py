"""Tokens of service accounts: asked for by Basic, bounded, revoked, and the keys that everybody may read."""

import json

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from orgward.kernel.instants import parse_rfc3339
from tests.clients import FORM, KEYS, REVOKE, TOKEN, basic, new_client, send_form
from tests.own_api.people import rows
from tests.world import Caller

HOUR = 3_600_000
GRANT = {"grant_type": "client_credentials"}


@pytest.fixture
def org(world):
    """Give an organization."""
    return world.organization()


@pytest.fixture
def client(org):
    """Give a service account that may read the organization."""
    return new_client(org)


def error_of(reply):
    """Give status and name of an error in the form of OAuth."""
    assert set(reply.json) == {"error", "error_description"}
    assert reply.headers["content-type"] == "application/json"
    assert reply.headers["cache-control"] == "no-store"
    return reply.status, reply.json["error"]


class TestIssuing:
    """A right secret gives a token for an hour, and nothing else does."""

    @pytest.mark.parametrize("escaped", [True, False])
    def test_a_secret_gives_a_token(self, client, escaped):
        """Go escapes both halves of Basic, others neither (wire.md 5.2)."""
        reply = client.ask(escaped=escaped)
        assert reply.status == 200
        assert set(reply.json) == {"access_token", "expires_in", "token_type"}
        assert (reply.json["expires_in"], reply.json["token_type"]) == (3600, "Bearer")
        assert reply.headers["content-type"] == "application/json"
        assert reply.headers["cache-control"] == "no-store"

    def test_what_the_token_says(self, world, client):
        """Anybody can check it with the public keys: whose it is, for what, and until when (RFC 9068)."""
        token = client.token()
        keys = KeySet.import_key_set(world.nobody.get(KEYS).json)
        found = jwt.decode(token, keys, ["ES256"])
        assert found.header["typ"] == "at+jwt"
        assert found.claims["sub"] == client.id
        assert found.claims["sid"] == client.secret_id
        assert found.claims["exp"] - found.claims["iat"] == 3600
        assert found.claims["iat"] == world.clock.now // 1000

    def test_the_token_opens_what_the_account_may(self, org, client):
        """Its roles decide, as those of a key do."""
        caller = client.caller()
        assert caller.get(f"/orgs/{org.id}").status == 200
        assert caller.patch(f"/orgs/{org.id}", {"name": "Other"}).code == "USER_UNAUTHORIZED"

    def test_no_two_tokens_are_one(self, client):
        """Each can be revoked by itself."""
        assert client.token() != client.token()

    def test_nothing_is_written_for_a_token(self, world, client):
        """The first notes that the secret is in use; those soon after leave the store as it is."""
        client.token()
        before = world.store.snapshot.revision
        client.token()
        assert world.store.snapshot.revision == before

    def test_the_secrets_last_use_is_noted(self, world, org, client):
        """Whoever rotates secrets sees which one is in use."""
        client.token()
        used = world.clock.now
        world.clock.advance(seconds=600)
        client.token()
        (row,) = rows(world, "service_account_secrets", id=client.secret_id)
        assert row["last_used_at"] == used + 600_000
        shown = org.key.get(f"/orgs/{org.id}/serviceAccounts/{client.id}").json["secrets"][0]
        assert parse_rfc3339(shown["lastUsedAt"]) == used + 600_000

    def test_a_token_ends_with_its_secret(self, world, client):
        """It never lives longer than what it was issued for (rule 81)."""
        world.clock.advance(seconds=8 * 3600 - 60)
        reply = client.ask()
        assert reply.json["expires_in"] == 60

    def test_it_is_asked_for_from_anywhere(self, org, client):
        """The access list is about the token's use (rule 83)."""
        made = org.key.post(f"/orgs/{org.id}/serviceAccounts/{client.id}/accessList", [{"ipAddress": "192.0.2.7"}])
        assert made.status < 300, made.json
        token = client.ask(address="198.51.100.1").json["access_token"]
        assert client.caller(token, address="192.0.2.7").get(f"/orgs/{org.id}").status == 200
        elsewhere = client.caller(token, address="198.51.100.1").get(f"/orgs/{org.id}")
        assert elsewhere.code == "IP_ADDRESS_NOT_ON_ACCESS_LIST"

    def test_the_secret_may_stand_in_the_form(self, world, client):
        """RFC 6749, 2.3.1 allows it to clients that can't send Basic."""
        reply = send_form(world, TOKEN, {**GRANT, "client_id": client.id, "client_secret": client.secret})
        assert reply.status == 200


class TestRefusals:
    """Every refusal of a client looks alike, in the form of OAuth."""

    def wrong(self, client):
        """Give requests that prove nothing."""
        other = "mdb_sa_id_0123456789abcdef01234567"
        yield basic(client.id, "mdb_sa_sk_" + "x" * 40)
        yield basic(client.id, "")
        yield basic(client.id, client.secret + "x")
        yield basic(other, client.secret)
        yield basic(client.account, client.secret)
        yield basic("", "")
        yield "Basic ???"
        yield "Basic"
        yield f"Bearer {client.secret}"
        yield ""

    def test_a_client_that_proves_nothing_gets_nothing(self, world, client):
        """Unknown accounts and wrong secrets are not told apart."""
        answers = set()
        for number, shown in enumerate(self.wrong(client)):
            headers = {"authorization": shown} if shown else {}
            reply = send_form(world, TOKEN, GRANT, address=f"192.0.2.{number}", **headers)
            assert error_of(reply) == (401, "invalid_client"), shown
            assert reply.headers["www-authenticate"] == 'Basic realm="Orgward"'
            answers.add(reply.body)
        assert len(answers) == 1

    def test_a_secret_that_has_ended_gives_nothing(self, world, client):
        """At its end, and after it."""
        world.clock.advance(seconds=8 * 3600 - 1)
        assert client.ask().status == 200
        world.clock.advance(seconds=1)
        assert error_of(client.ask()) == (401, "invalid_client")

    def test_a_deleted_secret_gives_nothing(self, org, client):
        """From the next request on; its tokens fall with it."""
        token = client.token()
        gone = org.key.delete(f"/orgs/{org.id}/serviceAccounts/{client.id}/secrets/{client.secret_id}")
        assert gone.status == 204
        assert error_of(client.ask()) == (401, "invalid_client")
        assert client.caller(token).get(f"/orgs/{org.id}").status == 401

    def test_a_deleted_account_gets_nothing(self, org, client):
        """From the next request on; its tokens fall with it."""
        token = client.token()
        assert org.key.delete(f"/orgs/{org.id}/serviceAccounts/{client.id}").status == 204
        assert error_of(client.ask()) == (401, "invalid_client")
        assert client.caller(token).get(f"/orgs/{org.id}").status == 401

    def test_a_suspended_account_gets_nothing(self, world, org, client):
        """Until it is taken back."""
        own = f"/api/orgward/v1/orgs/{org.id}/serviceAccounts/{client.id}"
        assert org.key.post(f"{own}:suspend").status < 300
        assert error_of(client.ask()) == (401, "invalid_client")
        assert org.key.post(f"{own}:reactivate").status < 300
        assert client.ask().status == 200

    @pytest.mark.parametrize("grant", ["password", "authorization_code", "refresh_token", "Client_Credentials"])
    def test_other_grants_are_unsupported(self, client, grant):
        """There is one way to a token of a service account."""
        assert error_of(client.ask(grant_type=grant)) == (400, "unsupported_grant_type")

    @pytest.mark.parametrize(
        "form",
        ["", "grant_type=", "scope=x", "grant_type=client_credentials&grant_type=client_credentials", "grant_type=%ff",
         "&".join(f"a{number}=1" for number in range(40)), "{}"],
    )  # fmt: skip
    def test_a_form_that_is_none_is_an_invalid_request(self, world, client, form):
        """RFC 6749, 5.2: a parameter is missing, there twice, or can't be read."""
        reply = send_form(world, TOKEN, form, authorization=basic(client.id, client.secret))
        assert error_of(reply) == (400, "invalid_request")

    def test_a_secret_stands_in_one_place(self, world, client):
        """RFC 6749, 2.3: by Basic or in the form, and not in both."""
        form = {**GRANT, "client_id": client.id, "client_secret": client.secret}
        reply = send_form(world, TOKEN, form, authorization=basic(client.id, client.secret))
        assert error_of(reply) == (400, "invalid_request")

    def test_a_form_is_bounded(self, world, client):
        """No form of ours is as long as that."""
        reply = send_form(world, TOKEN, {**GRANT, "scope": "x" * 20_000}, authorization=basic(client.id, client.secret))
        assert error_of(reply) == (413, "invalid_request")

    def test_json_is_no_form(self, world, client):
        """The one media type is that of OAuth."""
        headers = {"authorization": basic(client.id, client.secret), "content-type": "application/json"}
        reply = world.nobody.post(TOKEN, raw=json.dumps(GRANT).encode(), headers=headers, accept=None)
        assert error_of(reply) == (400, "invalid_request")
        assert "application/x-www-form-urlencoded, not application/json" in reply.json["error_description"]

    @pytest.mark.parametrize("address", ["127.0.0.1", "2001:db8::1"])
    def test_failures_are_counted_by_address(self, world, client, address):
        """After ten in a minute even the right secret waits; from elsewhere it does not."""
        wrong = basic(client.id, "mdb_sa_sk_wrong")
        for _ in range(10):
            assert send_form(world, TOKEN, GRANT, address=address, authorization=wrong).status == 401
        waiting = client.ask(address=address)
        assert error_of(waiting) == (429, "rate_limited")
        assert 0 < int(waiting.headers["retry-after"]) <= 60
        assert client.ask(address="198.51.100.1").status == 200
        world.clock.advance(seconds=60)
        assert client.ask(address=address).status == 200

    def test_an_account_gets_a_hundred_tokens_an_hour(self, world, org, client):
        """Clients that ask for one each time are told to keep it; other accounts get theirs."""
        for _ in range(100):
            assert client.ask().status == 200
        waiting = client.ask()
        assert error_of(waiting) == (429, "rate_limited")
        assert 0 < int(waiting.headers["retry-after"]) <= 3600
        assert new_client(org, name="other").ask().status == 200
        world.clock.advance(seconds=3600)
        assert client.ask().status == 200

    def test_the_limit_is_the_accounts_whatever_the_secret(self, org, client):
        """A second secret is no second hundred."""
        body = {"secretExpiresAfterHours": 8}
        made = org.key.post(f"/orgs/{org.id}/serviceAccounts/{client.id}/secrets", body).json
        second = client.with_secret(made["secret"])
        for _ in range(50):
            assert (client.ask().status, second.ask().status) == (200, 200)
        assert second.ask().status == 429


class TestRevoking:
    """A revoked token is refused by the next request; revoking tells nothing (RFC 7009)."""

    @pytest.mark.parametrize("fields", [{}, {"token_type_hint": "access_token"}, {"token_type_hint": "refresh_token"}])
    def test_a_revoked_token_opens_nothing(self, org, client, fields):
        """At once; another one of the same secret goes on."""
        token, other = client.token(), client.token()
        assert client.caller(token).get(f"/orgs/{org.id}").status == 200
        reply = client.revoke(token, **fields)
        assert (reply.status, reply.json) == (200, {})
        assert client.caller(token).get(f"/orgs/{org.id}").status == 401
        assert client.caller(other).get(f"/orgs/{org.id}").status == 200
        assert client.revoke(token).status == 200

    def test_a_revocation_leaves_an_audit_row(self, world, client):
        """Who revoked which token."""
        client.revoke(client.token())
        (row,) = rows(world, "log", action="revokeAccessToken")
        assert (row["actor_kind"], row["actor_id"], row["credential"]) == (
            "service_account", client.account, client.secret_id,
        )  # fmt: skip

    def test_the_token_of_another_account_stays(self, org, client):
        """Nobody ends what is not theirs, and nobody learns whether it was good."""
        token = new_client(org, name="other").token()
        reply = client.revoke(token)
        assert (reply.status, reply.json) == (200, {})
        assert client.caller(token).get(f"/orgs/{org.id}").status == 200

    @pytest.mark.parametrize("token", ["nonsense", "a.b.c", "é"])
    def test_what_is_no_token_is_as_good_as_revoked(self, world, client, token):
        """RFC 7009, 2.2; and it leaves nothing in the store."""
        before = world.store.snapshot.revision
        reply = client.revoke(token)
        assert (reply.status, reply.json) == (200, {})
        assert world.store.snapshot.revision == before

    def test_a_token_that_is_over_is_as_good_as_revoked(self, world, client):
        """It leaves nothing in the store."""
        token = client.token()
        world.clock.advance(seconds=3600)
        before = world.store.snapshot.revision
        assert client.revoke(token).status == 200
        assert world.store.snapshot.revision == before

    def test_revoking_needs_the_secret(self, world, client):
        """A token alone ends nothing."""
        token = client.token()
        assert error_of(send_form(world, REVOKE, {"token": token})) == (401, "invalid_client")
        shown = basic(client.id, "mdb_sa_sk_wrong")
        assert error_of(send_form(world, REVOKE, {"token": token}, authorization=shown)) == (401, "invalid_client")
        assert client.caller(token).get(f"/orgs/{client.org}").status == 200

    def test_a_token_must_be_named(self, world, client):
        """RFC 7009, 2.1."""
        reply = send_form(world, REVOKE, {"x": "y"}, authorization=basic(client.id, client.secret))
        assert error_of(reply) == (400, "invalid_request")


class TestKeys:
    """The public halves of what tokens are signed with."""

    def test_anybody_reads_them(self, world, client):
        """They are no secret, and there are none before the first token."""
        assert world.nobody.get(KEYS).json == {"keys": []}
        client.token()
        (key,) = world.nobody.get(KEYS).json["keys"]
        assert {name: key[name] for name in ("alg", "crv", "kty", "use")} == {
            "alg": "ES256", "crv": "P-256", "kty": "EC", "use": "sig",
        }  # fmt: skip
        assert "d" not in key


def test_a_bare_secret_is_no_token(org, client):
    """Shown as a bearer it opens nothing of the API."""
    assert Caller(org.key.world, token=client.secret).get(f"/orgs/{org.id}").status == 401


def test_errors_elsewhere_are_those_of_the_api(world):
    """Only what OAuth's clients ask is answered in OAuth's form."""
    reply = world.nobody.post("/api/oauth/tokens", raw=b"a=b", headers={"content-type": FORM}, accept=None)
    assert (reply.status, reply.code) == (404, "RESOURCE_NOT_FOUND")

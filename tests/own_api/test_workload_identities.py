"""Programs that another issuer knows: which may act as a service account, by which token, and what ends it."""

from urllib.parse import urlencode

import pytest

from orgward.app.oidc import Providers
from orgward.app.passwords import HashingPool
from orgward.app.turns import Behalf
from orgward.kernel.errors import UnavailableError
from tests.clients import TOKEN, Client, basic, new_client, send_form
from tests.federated import OIDC, OWN, Federated
from tests.own_api.people import number_of
from tests.world import START, Caller

KIND = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
NAME = "repo:acme/deploy:ref:refs/heads/main"
HOUR = 3_600


class Program:
    """A program with an issuer of its own, and the service account that it acts as."""

    def __init__(self, world, process):
        """Make the account, the provider, and let the program act."""
        process.tell(reset=True)
        self.world = world
        self.acme = Federated.found(world, process, domain="")
        self.client = new_client(self.acme.org)
        self.provider = self.acme.add_provider(
            idpType="WORKLOAD", displayName="CI", audience="orgward", clientId=None, associatedDomains=None
        )
        reply = self.let(NAME)
        assert reply.status == 201, reply.json
        self.identity = reply.json["id"]

    @property
    def path(self):
        """Give where the identities of the account are."""
        return self.path_of(self.client)

    def path_of(self, client: Client):
        """Give where the identities of an account are."""
        return f"{OWN}/orgs/{self.acme.org.id}/serviceAccounts/{client.id}/workloadIdentities"

    def let(self, name, *, client=None, provider="", caller=None):
        """Let a program act as an account."""
        body = {"identityProviderId": provider or self.provider, "subject": name}
        return (caller or self.acme.owner).post(self.path_of(client or self.client), body)

    def ask(self, assertion, *, client="", **fields):
        """Ask for a token."""
        form = {
            "grant_type": "client_credentials", "client_id": client or self.client.id, "client_assertion": assertion,
            "client_assertion_type": KIND, **fields,
        }  # fmt: skip
        return send_form(self.world, TOKEN, {name: value for name, value in form.items() if value})

    def assertion(self, **claims):
        """Give a token of the issuer."""
        return self.acme.idp.workload_token(**{"sub": NAME, "aud": "orgward", **claims})

    def caller(self):
        """Give the program with a token."""
        reply = self.ask(self.assertion())
        assert reply.status == 200, reply.json
        return Caller(self.world, token=reply.json["access_token"])

    def reaches(self, caller):
        """Say whether a token still works."""
        reply = caller.get(f"/orgs/{self.acme.org.id}")
        assert reply.status in {200, 401}, reply.json
        return reply.status == 200


@pytest.fixture
def program(world, process):
    """Give a program that may act."""
    return Program(world, process)


class TestTokens:
    """Which token of another issuer gives one of ours."""

    def test_a_program_acts_as_its_account(self, program):
        """Its issuer's token gives a token of ours, with the roles of the account and no others."""
        reply = program.ask(program.assertion())
        assert set(reply.json) == {"access_token", "expires_in", "token_type"}
        found = program.caller()
        assert found.get(f"/orgs/{program.acme.org.id}").status == 200
        assert found.patch(f"/orgs/{program.acme.org.id}", {"name": "Mine"}).status in {401, 403}

    def test_a_token_lasts_no_longer_than_what_it_was_given_for(self, program):
        """Nor than an hour."""
        assert program.ask(program.assertion(exp=START // 1000 + 90)).json["expires_in"] == 90
        assert program.ask(program.assertion(exp=START // 1000 + 9 * HOUR)).json["expires_in"] == HOUR

    def test_an_access_token_of_the_issuer_does(self, program):
        """Whether or not its issuer calls it an access token."""
        program.acme.idp.tell(header={"typ": "at+jwt"})
        assert program.ask(program.assertion()).status == 200

    @pytest.mark.parametrize(
        "claims",
        [
            {"sub": "repo:evil/deploy"}, {"sub": NAME + "x"}, {"sub": NAME.upper()}, {"sub": None}, {"sub": [NAME]},
            {"aud": "other"}, {"aud": None}, {"aud": ["orgward", "other"]}, {"iss": "https://other.example.org"},
            {"iss": None}, {"exp": START // 1000 - 61}, {"exp": None}, {"iat": START // 1000 + 61}, {"iat": None},
            {"nbf": START // 1000 + 61},
        ],
    )  # fmt: skip
    def test_a_token_for_something_else_gives_none(self, program, claims):
        """Another program, audience, issuer or time is refused like a wrong secret (attack row 20)."""
        reply = program.ask(program.assertion(**claims))
        assert (reply.status, reply.json["error"]) == (401, "invalid_client")

    @pytest.mark.parametrize("fault", ["unsigned", "signed by the public key", "signed by another key"])
    def test_a_token_that_nobody_signed_gives_none(self, program, fault):
        """Neither does one that our public knowledge would do for."""
        program.acme.idp.tell(faults=[fault])
        assert program.ask(program.assertion()).status == 401

    @pytest.mark.parametrize("kind", ["logout+jwt", "secevent+jwt"])
    def test_tokens_of_other_kinds_give_none(self, program, kind):
        """What is signed for something else is no proof."""
        program.acme.idp.tell(header={"typ": kind})
        assert program.ask(program.assertion()).status == 401

    def test_nonsense_gives_none(self, program):
        """What is no token is a wrong one."""
        for nonsense in ("x", "a.b.c", "e30.e30.e30", "é"):
            assert program.ask(nonsense).status == 401

    def test_a_secret_waits_for_no_other_server(self, program, monkeypatch):
        """However many calls out are waited for, a secret gives a token; only tokens of other issuers wait."""

        def full(self, function):
            raise UnavailableError("UNAVAILABLE")

        monkeypatch.setattr(HashingPool, "submit", full)
        assert program.ask(program.assertion()).status == 503
        assert program.client.ask().status == 200

    def test_keys_are_asked_for_on_behalf_of_the_federation(self, program, monkeypatch):
        """Programs of one federation, one account or one address keep no others waiting."""
        seen = []
        monkeypatch.setattr(Providers, "on_behalf", lambda providers, behalf: seen.append(behalf) or providers)
        assert program.ask(program.assertion()).status == 200
        assert seen == [Behalf(program.acme.federation, program.client.account, "127.0.0.1")]

    def test_one_proof_and_not_two(self, program):
        """A secret beside the token is refused, and so is a token of another type (RFC 6749, 2.3; RFC 7521)."""
        assert program.ask(program.assertion(), client_secret=program.client.secret).status == 400
        shown = basic(program.client.id, program.client.secret)
        form = {"grant_type": "client_credentials", "client_assertion": program.assertion()}
        form |= {"client_assertion_type": KIND}
        assert send_form(program.world, TOKEN, urlencode(form), authorization=shown).status == 400
        assert program.ask(program.assertion(), client_assertion_type="urn:other").status == 400

    def test_a_program_is_of_one_account(self, program):
        """The token of one account's program gives no token of another account."""
        other = new_client(program.acme.org, name="other")
        assert program.ask(program.assertion(), client=other.id).status == 401
        assert program.ask(program.assertion(), client="mdb_sa_id_" + "0" * 24).status == 401
        assert program.ask(program.assertion(), client="nobody").status == 401
        assert program.let(NAME, client=other).code == "WORKLOAD_IDENTITY_EXISTS"

    def test_nobody_makes_us_ask(self, program):
        """An issuer that no identity of the account names is never asked for anything."""
        before = program.acme.idp.tell()
        other = new_client(program.acme.org, name="other")
        program.ask(program.assertion(), client=other.id)
        assert program.acme.idp.tell() == before

    def test_guesses_are_counted(self, program):
        """After ten wrong tokens in a minute a right one has to wait, too."""
        for _ in range(10):
            assert program.ask("a.b.c").status == 401
        assert program.ask(program.assertion()).status == 429

    def test_an_issuer_that_is_gone(self, program):
        """Where the issuer does not answer the program is told to try again."""
        program.acme.idp.tell(faults=["jwks error"])
        assert program.ask(program.assertion()).status == 503


class TestEnds:
    """What ends a token that was given to a program."""

    def ended(self, program, way):
        """End it in one of the ways that there are."""
        owner, org = program.acme.owner, program.acme.org.id
        federation = f"{OIDC}/{program.acme.federation}"
        provider = f"{federation}/identityProviders/{program.provider}"
        account = f"/orgs/{org}/serviceAccounts/{program.client.id}"
        return {
            "identity deleted": lambda: owner.delete(f"{program.path}/{program.identity}"),
            "provider switched off": lambda: owner.patch(provider, {"status": "INACTIVE"}),
            "provider deleted": lambda: owner.delete(provider),
            "another issuer": lambda: owner.patch(provider, {"issuerUri": "https://other.example.org"}),
            "federation deleted": lambda: owner.delete(federation),
            "account suspended": lambda: owner.post(f"{OWN}{account}:suspend"),
            "account deleted": lambda: owner.delete(account),
        }[way]()

    @pytest.mark.parametrize(
        "way",
        [
            "identity deleted", "provider switched off", "provider deleted", "another issuer", "federation deleted",
            "account suspended", "account deleted",
        ],
    )  # fmt: skip
    def test_tokens_end_at_once(self, program, way):
        """A token is refused by the next request, and no other is given."""
        found = program.caller()
        assert program.reaches(found)
        reply = self.ended(program, way)
        assert reply.status in {200, 204}, reply.json
        assert found.get(f"/orgs/{program.acme.org.id}").status in {401, 403}
        assert program.ask(program.assertion()).status == 401

    def test_another_claim_names_nobody(self, program, world):
        """Whoever owns the federation makes no program of theirs act as an account by changing who is meant."""
        path = f"{OIDC}/{program.acme.federation}/identityProviders/{program.provider}"
        assert program.acme.owner.patch(path, {"userClaim": "email"}).status == 200
        assert number_of(world, "workload_identities") == 0
        assert program.ask(program.assertion(email=NAME)).status == 401


class TestIdentities:
    """Who lets a program act."""

    def test_they_are_listed_and_ended(self, program):
        """What was let act stands in the list, until it is ended."""
        listed = program.acme.owner.get(program.path).json
        assert [(item["subject"], item["identityProviderId"]) for item in listed["results"]] == [
            (NAME, program.provider)
        ]
        assert program.acme.owner.delete(f"{program.path}/{program.identity}").status == 204
        assert program.acme.owner.get(program.path).json["results"] == []
        assert program.acme.owner.delete(f"{program.path}/{program.identity}").code == "WORKLOAD_IDENTITY_NOT_FOUND"

    def test_the_provider_is_one_for_programs_of_ones_own_federation(self, program, world, process):
        """One for people, one of another federation, and one that is not there are refused (attack row 5)."""
        for_people = program.acme.add_provider(displayName="People", clientId="another")
        assert program.let("x", provider=for_people).status == 400
        assert program.let("x", provider="0" * 24).code == "IDENTITY_PROVIDER_DOES_NOT_EXIST"
        other = Federated.found(world, process, name="Other", owner="eve@other.test", domain="")
        client = new_client(other.org)
        path = f"{OWN}/orgs/{other.org.id}/serviceAccounts/{client.id}/workloadIdentities"
        body = {"identityProviderId": program.provider, "subject": "x"}
        assert other.owner.post(path, body).code == "IDENTITY_PROVIDER_DOES_NOT_EXIST"

    def test_only_who_may_change_the_account_lets_a_program_act(self, program):
        """A member who may not change service accounts lets nobody act as one, the account itself included."""
        for caller in (program.caller(), new_client(program.acme.org, name="reader").caller()):
            assert program.let("another", caller=caller).status == 401

    @pytest.mark.parametrize("name", ["", "x" * 256, "a\nb", None, 5])
    def test_a_program_has_a_name(self, program, name):
        """Of one to 255 characters, none of which ends a line."""
        assert program.let(name).status == 400

    def test_there_are_so_many(self, program):
        """Twenty programs act as one account at most."""
        for number in range(19):
            assert program.let(f"program {number}").status == 201
        assert program.let("one more").code == "FEDERATION_LIMIT_EXCEEDED"

"""Signing in by an identity provider, attacked: by other browsers, other providers, and by the provider itself.

The provider is a process that really runs, and lies as it is told. Tokens that it could never sign are tried one by
one in tests/app/test_id_tokens.py.
"""

import json
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from orgward.app.operator import ProvenDomain
from orgward.app.tickets import PendingSignIn
from tests.federated import OWN, Federated
from tests.identity_provider import CLIENT, IdentityProvider
from tests.own_api.people import account, is_alive
from tests.world import START

FAY = "fay@acme.example"
REFUSED = (403, "IDENTITY_NOT_PROVEN")


@pytest.fixture(scope="module")
def second():
    """Give another provider that runs."""
    with IdentityProvider.started() as found:
        yield found


@pytest.fixture
def evil(world, second):
    """Give another company, whose provider says whatever its owner likes, and whose domain is its own."""
    second.tell(reset=True)
    return Federated.found(world, second, name="Evil", owner="eve@evil.test", domain="evil.example")


def outcome(reply):
    """Give status and code of an answer."""
    return reply.status, reply.code


class TestState:
    """What the browser brings back has to be what it left with, once."""

    @pytest.mark.parametrize("state", ["", "x", "ü", "' OR 1=1"])
    def test_another_state_signs_nobody_in(self, acme, state):
        """A missing or made-up state is worth nothing."""
        assert outcome(acme.finish(acme.returned(acme.begin(), state=state))) == REFUSED

    def test_the_state_of_another_browser_signs_nobody_in(self, acme):
        """A code and a state that somebody else was given fit no other browser's attempt (login CSRF)."""
        victim, attacker = acme.begin(), acme.returned(acme.begin())
        assert outcome(acme.finish({**attacker, "pending": victim.json["pending"]})) == REFUSED

    def test_the_code_of_another_browser_signs_nobody_in(self, acme):
        """A code is bound to the browser that asked for it, by PKCE and nonce (code injection)."""
        mine, stolen = acme.returned(acme.begin()), acme.returned(acme.begin())
        assert outcome(acme.finish({**mine, "code": stolen["code"]})) == REFUSED

    def test_nothing_counts_twice(self, acme):
        """The same return signs in once, even where the provider honours its code again."""
        acme.idp.tell(faults=["codes count twice"])
        returned = acme.returned(acme.begin())
        assert acme.finish(returned).status == 201
        assert outcome(acme.finish(returned)) == REFUSED
        assert outcome(acme.finish({**acme.returned(acme.begin()), "pending": returned["pending"]})) == REFUSED

    def test_an_attempt_is_over_after_a_while(self, acme, world):
        """Whoever takes longer than ten minutes begins again."""
        returned = acme.returned(acme.begin())
        world.clock.advance(seconds=600)
        assert outcome(acme.finish(returned)) == REFUSED

    def test_an_attempt_can_not_be_made(self, acme, world):
        """What is not sealed by us, or for something else, is no attempt."""
        returned = acme.returned(acme.begin())
        other = PendingSignIn(expires_at=START + 10**9, user="0" * 24, proven_against="").sealed(world.store.keyring)
        for pending in ("", "x", "AAAA", other, returned["pending"][:-4] + "AAAA", returned["pending"][4:]):
            assert outcome(acme.finish({**returned, "pending": pending})) == REFUSED

    def test_a_refusal_of_the_provider_signs_nobody_in(self, acme):
        """Without a code there is nothing to sign in with."""
        acme.idp.tell(faults=["denied"])
        assert outcome(acme.finish(acme.returned(acme.begin()))) == REFUSED


class TestTokens:
    """What the provider signs has to be for us, now, and for this attempt."""

    @pytest.mark.parametrize(
        "told",
        [
            {"drop": ["nonce"]}, {"claims": {"nonce": "another"}}, {"claims": {"nonce": ""}},
            {"claims": {"aud": "another-client"}}, {"claims": {"aud": [CLIENT, "another-client"]}}, {"drop": ["aud"]},
            {"claims": {"azp": "another-client"}}, {"claims": {"iss": "https://other.example.org"}}, {"drop": ["iss"]},
            {"claims": {"exp": START // 1000 - 61}}, {"drop": ["exp"]}, {"claims": {"iat": START // 1000 + 61}},
            {"claims": {"iat": START // 1000 - 601}}, {"drop": ["sub"]}, {"claims": {"sub": ""}},
            {"faults": ["unsigned"]}, {"faults": ["signed by the public key"]}, {"faults": ["signed by another key"]},
            {"header": {"kid": "nobody"}}, {"header": {"kid": "PS256-1"}}, {"header": {"typ": "at+jwt"}},
        ],
        ids=lambda told: json.dumps(told)[:60],
    )  # fmt: skip
    def test_a_token_that_is_not_right_signs_nobody_in(self, acme, told):
        """Missing or other nonce, audience, issuer, time, signature, algorithm, key or type: each is refused."""
        assert acme.session()
        acme.idp.tell(**told)
        assert outcome(acme.sign_in()) == REFUSED

    def test_keys_of_another_provider_are_no_keys_here(self, acme, evil):
        """A token that another provider has signed, naming a key of ours, is refused."""
        evil.idp.tell(claims={"iss": acme.idp.issuer})
        acme.idp.tell(discovery={"token_endpoint": f"{evil.idp.issuer}/token"})
        begun = acme.begin()
        asked = dict(parse_qsl(urlsplit(begun.json["location"]).query))
        back = evil.idp.visited(f"{evil.idp.issuer}/authorize?{urlencode(asked)}")
        returned = {"pending": begun.json["pending"], **dict(parse_qsl(urlsplit(back).query)), "iss": acme.idp.issuer}
        assert outcome(acme.finish(returned)) == REFUSED

    def test_the_provider_has_to_say_who_answers(self, acme):
        """An answer in the name of another issuer, or of none where names were promised, is refused (RFC 9207)."""
        for issuer in ("https://other.example.org", f"{acme.idp.issuer}/", ""):
            assert outcome(acme.finish(acme.returned(acme.begin(), iss=issuer))) == REFUSED

    def test_an_answer_of_one_provider_is_none_of_another(self, acme, evil):
        """Whoever is sent to one provider and comes back from another one is not signed in (mix-up)."""
        acme.idp.tell(faults=["no response issuer"])
        acme.world.door.providers._known.clear()  # noqa: SLF001 - as an hour later
        begun = acme.begin()
        asked = dict(parse_qsl(urlsplit(begun.json["location"]).query))
        back = evil.idp.visited(f"{evil.idp.issuer}/authorize?{urlencode(asked)}")
        answer = dict(parse_qsl(urlsplit(back).query))
        returned = {"pending": begun.json["pending"], "code": answer["code"], "state": answer["state"]}
        assert outcome(acme.finish({**returned, "iss": answer["iss"]})) == REFUSED
        assert outcome(acme.finish(returned)) == REFUSED


class TestPeople:
    """Nobody becomes somebody else (attack row 28)."""

    @pytest.mark.parametrize("address", [FAY, "ann@acme.test", "new@acme.example", "x@evil.example.acme.example"])
    def test_nobody_vouches_for_somebody_elses_domain(self, acme, evil, address):
        """A provider that claims an address in the domain of another company makes no account, and opens none."""
        account(acme.world, "ann2@acme.test")
        evil.idp.person(sub="sub-1", email=address)
        reply = evil.finish(evil.returned(evil.begin("x@evil.example")))
        assert outcome(reply) == (403, "IDENTITY_NOT_VOUCHED_FOR")

    def test_two_providers_may_call_two_people_by_one_name(self, acme, evil):
        """Somebody with the same name at another provider is somebody else."""
        fay = acme.session(sub="sub-1")
        eve = evil.session("eve@evil.example", sub="sub-1")
        assert eve.id != fay.id

    def test_a_second_provider_of_the_same_federation_is_another_one(self, acme):
        """A second provider, at the same address even, knows nobody whom the first one knows."""
        fay = acme.session()
        first, acme.provider = acme.provider, acme.add_provider(displayName="Second", clientId="second-client")
        other = account(acme.world, "other@acme.test")
        assert acme.owner.id != fay.id
        assert outcome(acme.link(other)) == (404, "IDENTITY_PROVIDER_DOES_NOT_EXIST")
        acme.configure(identityProviderId=acme.provider)
        assert outcome(acme.begin()) == (200, "")
        acme.provider = first
        assert acme.session().id == fay.id

    def test_an_account_is_not_linked_by_its_address(self, acme, world):
        """Signing in at the provider with the address of an account opens it neither before nor after trying."""
        there = account(world, FAY)
        for _ in range(2):
            assert outcome(acme.sign_in()) == (403, "IDENTITY_NOT_LINKED")
        assert is_alive(there)

    def test_a_domain_is_of_one_federation(self, acme, evil, world):
        """A second federation can't have the same domain, so it never gets to vouch for it."""
        body = ProvenDomain(domain="acme.example", federation=evil.federation)
        with pytest.raises(Exception, match="DOMAIN_IN_USE"):
            world.operate("vouchForDomain", body)
        assert evil.change_provider(associatedDomains=["acme.example"]).status == 400

    def test_linking_needs_who_began_it(self, acme, world):
        """A link that an attacker began, sent to a victim, links nothing to the victim's account."""
        attacker, victim = account(world, "mallory@acme.example"), account(world, FAY)
        begun = attacker.post(f"{OWN}/me/identities:begin", {"identityProviderId": acme.provider})
        returned = acme.returned(begun)
        assert outcome(victim.post(f"{OWN}/me/identities", returned)) == REFUSED
        assert outcome(victim.post(f"{OWN}/me/identities", {**returned, "pending": ""})) == REFUSED

    def test_linking_needs_a_proof_just_now(self, acme, world):
        """A session that somebody left open links nothing (rule 90)."""
        victim = account(world, FAY)
        begun = victim.post(f"{OWN}/me/identities:begin", {"identityProviderId": acme.provider})
        returned = acme.returned(begun)
        world.clock.advance(seconds=901)
        for path, body in (("me/identities:begin", {"identityProviderId": acme.provider}), ("me/identities", returned)):
            assert outcome(victim.post(f"{OWN}/{path}", body)) == (403, "REAUTHENTICATION_REQUIRED")

    def test_keys_have_no_identity(self, acme):
        """An API key signs in nowhere and links nothing."""
        wanted = {"identityProviderId": acme.provider}
        for method, path, body in (
            ("GET", "me/identities", None), ("POST", "me/identities:begin", wanted), ("POST", "me/identities", {}),
            ("DELETE", f"me/identities/{acme.provider}", None),
        ):  # fmt: skip
            assert outcome(acme.org.key(method, f"{OWN}/{path}", body)) == (403, "SESSION_REQUIRED")

    def test_nobody_learns_who_is_here(self, acme, world):
        """Whether an address has an account shows in nothing but the provider's own answer."""
        account(world, "there@acme.example")
        bodies = []
        for name in ("there@acme.example", "nobody@acme.example"):
            body = acme.begin(name).json
            query = dict(parse_qsl(urlsplit(body.pop("location")).query))
            assert query.pop("login_hint") == name
            bodies.append((sorted(query), sorted(body), len(body.pop("pending")), body))
        assert bodies[0] == bodies[1]


def test_sessions_of_a_provider_that_ended_do_not_write_either(acme):
    """A session whose provider is gone changes nothing, even if it was known a moment ago."""
    acme.map("staff", "ORG_OWNER")
    fay = acme.session(groups=["staff"])
    assert fay.get(f"/orgs/{acme.org.id}").status == 200
    assert acme.delete_provider().status == 204
    assert fay.patch(f"/orgs/{acme.org.id}", {"name": "Mine"}).status == 401


def test_many_at_once_count_once(acme):
    """Of many that come back with the same return one signs in."""
    acme.idp.tell(faults=["codes count twice"])
    returned = acme.returned(acme.begin())
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda _: acme.finish(returned), range(8)))
    replies.append(acme.finish(returned))  # and nobody who comes later
    assert sum(reply.status == 201 for reply in replies) == 1
    assert {outcome(reply) for reply in replies} <= {
        (201, ""), REFUSED, (403, "PROOF_REFUSED"), (503, "IDENTITY_PROVIDER_UNAVAILABLE"),
    }  # fmt: skip

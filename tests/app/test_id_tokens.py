"""Which signed tokens prove something, claim by claim, and what is read from them."""

import base64
import hmac
import json

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from joserfc import jwk, jws

from orgward.app.id_tokens import ClaimNames, Expected, asserted, claims_of, header_of, key_of
from orgward.kernel.errors import GateError

NOW = 1_800_000_000
EXPECTED = Expected("https://idp.example.org", "client", "nonce-1")
CLAIMS = {
    "iss": "https://idp.example.org", "aud": "client", "sub": "s", "exp": NOW + 300, "iat": NOW, "nonce": "nonce-1",
}  # fmt: skip
KEYS = {
    "RS256": jwk.RSAKey.generate_key(2048, {"kid": "r"}),
    "PS256": jwk.RSAKey.generate_key(2048, {"kid": "p"}),
    "ES256": jwk.ECKey.generate_key("P-256", {"kid": "e"}),
    "EdDSA": jwk.OKPKey.generate_key("Ed25519", {"kid": "d"}),
}
PUBLISHED = [key.as_dict(private=False) for key in KEYS.values()]


class _Any(jws.JWSRegistry):
    """What signs with whatever algorithm there is."""

    def get_alg(self, name):
        return self.algorithms[name]


def token_of(claims, alg="ES256", key=None, **header):
    """Sign `claims`; a member that is None is left out."""
    found = {"alg": alg, "kid": KEYS.get(alg, KEYS["RS256"]).kid, **header}
    given = {name: value for name, value in claims.items() if value is not None}
    payload = json.dumps(given).encode()
    kept = {name: value for name, value in found.items() if value is not None}
    return jws.serialize_compact(kept, payload, key or KEYS[alg], registry=_Any(strict_check_header=False))


def verified(token, published=PUBLISHED, expected=EXPECTED):
    """Give the claims of a token that counts, None of one that doesn't."""
    try:
        key = key_of(header_of(token), published)
        return None if key is None else claims_of(token, key, expected, NOW * 1000)
    except GateError:
        return None


@pytest.mark.parametrize("alg", KEYS)
def test_a_good_token_counts(alg):
    """A token that is signed by a published key of its algorithm counts."""
    assert verified(token_of(CLAIMS, alg)) == CLAIMS


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://idp.example.org/"}, {"iss": "https://other.example.org"}, {"iss": None}, {"iss": ["x"]},
        {"aud": "other"}, {"aud": None}, {"aud": []}, {"aud": ["client", "other"]}, {"aud": {"client": 1}},
        {"aud": ["client", "other"], "azp": "other"}, {"azp": "other"},
        {"exp": NOW - 60}, {"exp": None}, {"exp": "never"}, {"exp": True}, {"exp": 1e300},
        {"iat": NOW + 61}, {"iat": NOW - 601}, {"iat": None}, {"nbf": NOW + 61},
        {"nonce": "nonce-2"}, {"nonce": None}, {"nonce": 1}, {"nonce": ""}, {"nonce": "ü"},
    ],
)  # fmt: skip
def test_a_token_for_something_else_does_not(changed):
    """Another issuer, audience, time or nonce, or one that is missing, proves nothing."""
    assert verified(token_of({**CLAIMS, **changed})) is None


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": ["client"]}, {"aud": ["client", "other"], "azp": "client"}, {"azp": "client"}, {"exp": NOW - 59},
        {"iat": NOW + 60}, {"iat": NOW - 600}, {"nbf": NOW},
    ],
)  # fmt: skip
def test_what_may_differ_may(changed):
    """Clocks may be a minute apart, and an audience may be a list that names whom it was made for."""
    assert verified(token_of({**CLAIMS, **changed})) is not None


def encoded(content):
    """Give bytes as a token has them."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def part(value):
    """Give a part of a token."""
    return encoded(json.dumps(value).encode())


class TestSignatures:
    """Who signed, and with what."""

    def test_unsigned_tokens_prove_nothing(self):
        """A token that says it needs no signature has none, in whatever letters."""
        for alg in ("none", "None", "NONE", "", None, 1, ["ES256"]):
            for tail in ("", "x"):
                assert verified(f"{part({'alg': alg, 'kid': 'e'})}.{part(CLAIMS)}.{tail}") is None

    @pytest.mark.parametrize("size", [256, 384, 512])
    def test_a_public_key_is_no_secret(self, size):
        """What is signed with a public key as a shared secret proves nothing, however the key is written."""
        for key in KEYS.values():
            for secret in (key.as_pem(private=False), json.dumps(key.as_dict(private=False)).encode()):
                signed = f"{part({'alg': f'HS{size}', 'kid': key.kid})}.{part(CLAIMS)}"
                mac = hmac.digest(secret, signed.encode(), f"sha{size}")
                assert verified(f"{signed}.{encoded(mac)}") is None

    @pytest.mark.parametrize("alg", ["RS384", "RS512", "RS1"])
    def test_other_algorithms_do_not_count(self, alg):
        """An algorithm that is not on the list does not count, even if the key fits."""
        if alg in _Any.algorithms:
            assert verified(token_of(CLAIMS, alg, KEYS["RS256"])) is None
        assert verified(f"{part({'alg': alg, 'kid': 'r'})}.{part(CLAIMS)}.eA") is None

    def test_another_key_does_not_count(self):
        """A token that names a key which did not sign it proves nothing."""
        other = jwk.ECKey.generate_key("P-256", {"kid": "e"})
        assert verified(token_of(CLAIMS, "ES256", other)) is None
        assert verified(token_of(CLAIMS, "RS256", kid="p")) is None
        assert verified(token_of(CLAIMS, kid="nobody")) is None

    def test_keys_in_the_token_are_not_looked_at(self):
        """A token that brings its own key, or says where it is, proves nothing by it."""
        other = jwk.ECKey.generate_key("P-256")
        for header in ({"jwk": other.as_dict(private=False)}, {"jku": "https://evil.example.org/keys"}):
            assert verified(token_of(CLAIMS, "ES256", other, kid="e", **header)) is None
            assert verified(token_of(CLAIMS, "ES256", other, kid=None, **header)) is None

    def test_a_key_for_something_else_does_not_count(self):
        """A published key counts for what it is published for."""
        key = KEYS["ES256"].as_dict(private=False)
        for changed in ({"use": "enc"}, {"alg": "ES384"}, {"crv": "P-384"}, {"kty": "oct", "k": "AAAA"}, {"x": 5}):
            assert verified(token_of(CLAIMS), [{**key, **changed}]) is None

    def test_a_short_key_does_not_count(self):
        """An RSA key of less than 2048 bits is as good as none."""
        short = rsa.generate_private_key(65_537, 1024)  # noqa: S505 - to be refused
        public = short.public_key().public_numbers()
        sizes = {"n": public.n.to_bytes(128, "big"), "e": public.e.to_bytes(3, "big")}
        key = {"kty": "RSA", "kid": "r", **{name: encoded(number) for name, number in sizes.items()}}
        signed = f"{part({'alg': 'RS256', 'kid': 'r'})}.{part(CLAIMS)}"
        signature = short.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        assert verified(f"{signed}.{encoded(signature)}", [key]) is None

    def test_without_a_name_only_one_key_may_fit(self):
        """A token that names no key is verified by the only one that fits, and by none if there are more."""
        token = token_of(CLAIMS, kid=None)
        assert verified(token) is not None
        second = jwk.ECKey.generate_key("P-256", {"kid": "e2"}).as_dict(private=False)
        assert verified(token, [*PUBLISHED, second]) is None

    def test_tokens_of_other_kinds_prove_nothing(self):
        """An access token, a logout token or an event of the same issuer is no identity."""
        for kind in ("at+jwt", "logout+jwt", "SECEVENT+JWT"):
            assert verified(token_of(CLAIMS, typ=kind)) is None
        assert verified(token_of(CLAIMS, typ="JWT")) is not None

    @pytest.mark.parametrize(
        "token",
        ["", ".", "..", "...", "a.b.c", "é.é.é", "\ud800", "e30.e30.e30", f"{'W1' * 30000}.e30.e30", "W10.W10.W10"],
    )
    def test_nonsense_proves_nothing(self, token):
        """What is no token is refused."""
        assert verified(token) is None

    def test_what_is_signed_has_to_be_an_object(self):
        """Signed nonsense is nonsense."""
        for payload in (b"[]", b"1", b"{", b"\xff", b"[" * 50_000):
            token = jws.serialize_compact({"alg": "ES256", "kid": "e"}, payload, KEYS["ES256"])
            assert verified(token) is None


class TestAssertions:
    """What is read from claims."""

    def read(self, **claims):
        """Read `claims`."""
        return asserted({"sub": "s", **claims}, ClaimNames(), NOW * 1000)

    def test_an_address_is_proven_only_if_said_so(self):
        """`true` proves an address, as does the text that some providers write; nothing else does."""
        assert all(self.read(email="a@b.example", email_verified=said).is_proven for said in (True, "true"))
        for said in (False, "false", "yes", 1, None, [True], {}):
            assert not self.read(email="a@b.example", email_verified=said).is_proven

    def test_groups_are_a_list_or_one(self):
        """Names of groups are texts, each once, at most 200 of at most 200 characters (rule 96)."""
        assert self.read(groups="one").external == ("one",)
        assert self.read(groups=["b", "a", "b", 1, None, "", "x" * 201, "nul\0", "\ud800"]).external == ("b", "a")
        assert len(self.read(groups=[str(n) for n in range(200)]).external) == 200

    def test_only_an_empty_list_is_no_group(self):
        """What is missing, too long or no list of names says nothing of the groups that somebody is in."""
        assert self.read(groups=[]).external == ()
        too_many = [str(n) for n in range(201)]
        for said in (None, 5, "", {"a": 1}, [["a"]], [""], ["x" * 201], too_many):
            assert self.read(groups=said).external is None
        assert self.read().external is None
        assert asserted({"sub": "s", "groups": ["g"]}, ClaimNames("sub", ""), NOW * 1000).external == ()

    def test_names(self):
        """Given and family name are taken as they are, a whole name is parted at its first space."""
        found = self.read(given_name="Fay", family_name="von Berg", name="X Y")
        assert (found.first_name, found.last_name) == ("Fay", "von Berg")
        found = self.read(name="Fay von Berg")
        assert (found.first_name, found.last_name) == ("Fay", "von Berg")
        found = self.read(given_name="F" * 500, family_name="bad\nname")
        assert (found.first_name, found.last_name) == ("F" * 90, "")

    def test_methods_that_are_a_second_factor(self):
        """`mfa`, `otp` and `hwk` are a second factor; a password is none."""
        for methods, expected in (
            (["pwd", "mfa"], True), (["otp"], True), (["hwk"], True), (["pwd"], False), ([], False), ("mfa", False),
            (None, False), ([["mfa"], {}], False),
        ):  # fmt: skip
            assert self.read(amr=methods).has_second_factor is expected

    def test_when_somebody_signed_in(self):
        """The time of the sign-in is the provider's if it tells one, and never lies ahead."""
        for said, expected in ((NOW - 50, NOW - 50), (NOW + 500, NOW), (-5, 0)):
            assert self.read(auth_time=said).proven_at == expected * 1000
        assert [self.read(auth_time=said).proven_at for said in ("x", None, 1e300, True)] == [None] * 4

    def test_another_claim_may_name_people(self):
        """Where a provider names people and groups in other claims, those are read."""
        names = ClaimNames("oid", "roles")
        found = asserted({"sub": "s", "oid": "o", "roles": ["r"], "groups": ["g"]}, names, NOW * 1000)
        assert (found.sub, found.external) == ("o", ("r",))

    @pytest.mark.parametrize("sub", ["", None, 5, "x" * 256, "a\0b", "\ud800", ["a"]])
    def test_somebody_has_a_name(self, sub):
        """Claims about nobody prove nothing."""
        with pytest.raises(GateError):
            self.read(sub=sub)

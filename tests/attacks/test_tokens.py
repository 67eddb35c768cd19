"""Attacks on access tokens: confused algorithms, keys, types, audiences and stores (RFC 8725)."""

import base64
import hmac
import json

import pytest
from joserfc import jws, jwt
from joserfc.jwk import ECKey
from joserfc.jws import JWSRegistry

from orgward.app import access_tokens
from orgward.app.access_tokens import Claims, audience_of, issue, issuer_of, looks_like_token, verify
from orgward.app.execute import Call
from orgward.app.signing_keys import KEPT_AFTER, RENEW, SIGNS_FOR, keys_of, renew_signing_keys
from orgward.kernel.errors import NotFoundError, UnauthenticatedError
from orgward.kernel.principal import Principal
from orgward.store.sqlite import connect
from tests.empty_store import open_world

HOUR = 3_600_000
ACCOUNT = "5f0e0f0a0b0c0d0e0f0a0b0c"


@pytest.fixture
def world(tmp_path):
    """Give a world whose store has a key to sign with."""
    found = open_world(tmp_path)
    renew_signing_keys(found.door)
    yield found
    found.close()


@pytest.fixture
def other(tmp_path):
    """Give another one, with another key, another keyring and another name."""
    folder = tmp_path / "other"
    folder.mkdir()
    found = open_world(folder)
    found.store.id = "0123456789abcdef01234567"
    renew_signing_keys(found.door)
    yield found
    found.close()


def claims(world, **changed):
    """Give what a token of a service account says."""
    now = world.clock.now
    said = {
        "kind": "service_account", "id": ACCOUNT, "sid": "a" * 24, "jti": "b" * 24, "issued_at": now,
        "expires_at": now + HOUR, "sub": f"mdb_sa_id_{ACCOUNT}",
    }  # fmt: skip
    return Claims(**{**said, **changed})


def said_by(token):
    """Give the header and the claims of a token, whoever signed it."""
    parts = token.split(".")
    return tuple(json.loads(base64.urlsafe_b64decode(part + "==")) for part in parts[:2])


def signed(world, *, header=None, without=(), key=None, algorithms=("ES256",), **changed):
    """Give a token that differs from a good one in what is named; signed with the store's own key if no other."""
    good_header, good = said_by(issue(world.store, claims(world)))
    said = {name: value for name, value in {**good, **changed}.items() if name not in without}
    shown = {**good_header, **(header or {})}
    shown = {name: value for name, value in shown.items() if value is not None}
    found = key or keys_of(world.store).newest(world.store)
    registry = JWSRegistry(algorithms=list(algorithms), strict_check_header=False)
    return jwt.encode(shown, said, found, registry=registry, default_type=None)


def is_good(world, token):
    """Say whether the store takes a token for its own."""
    try:
        verify(world.store, token, world.clock.now)
    except UnauthenticatedError:
        return False
    return True


def unsigned(header, said):
    """Give a token with no signature at all."""
    return ".".join([*(encoded(json.dumps(part).encode()) for part in (header, said)), ""])


def encoded(raw):
    """Give bytes as they stand in a token."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class TestGoodTokens:
    """What was issued here is taken, and says what it said."""

    def test_a_token_says_what_it_was_issued_with(self, world):
        """Every claim comes back, times in milliseconds."""
        said = claims(world)
        assert verify(world.store, issue(world.store, said), world.clock.now) == said

    def test_its_header_names_type_algorithm_and_key(self, world):
        """RFC 9068: the type sets it apart; RFC 7515: the key is named."""
        header, said = said_by(issue(world.store, claims(world)))
        assert header == {"alg": "ES256", "typ": "at+jwt", "kid": keys_of(world.store).newest(world.store).kid}
        assert said["iss"] == f"orgward:{world.store.id}"
        assert said["aud"] == f"orgward:{world.store.id}/api"

    def test_one_that_is_forged_here_with_nothing_changed_is_good(self, world):
        """The attacks below fail for what they change, and for nothing else."""
        assert is_good(world, signed(world))

    def test_tokens_are_told_from_other_secrets(self, world):
        """Three parts between two dots."""
        assert looks_like_token(issue(world.store, claims(world)))
        assert not looks_like_token("mdb_sa_sk_abcdef")
        assert not looks_like_token("a.b")

    def test_another_process_takes_it_too(self, world, tmp_path):
        """The keys are the store's, and no process's own."""
        token = issue(world.store, claims(world))
        twin = type(world).open(tmp_path)
        try:
            twin.clock.now = world.clock.now
            assert twin.store.id == world.store.id
            assert is_good(twin, token)
        finally:
            twin.close()


class TestAlgorithms:
    """One algorithm, whatever the token says of itself (RFC 8725, 3.1)."""

    @pytest.mark.parametrize("name", ["none", "None", "NONE"])
    def test_none_is_none(self, world, name):
        """A token without a signature proves nothing."""
        header, said = said_by(issue(world.store, claims(world)))
        assert not is_good(world, unsigned({**header, "alg": name}, said))

    @pytest.mark.parametrize("form", ["pem", "der", "jwk"])
    def test_the_public_key_is_no_shared_secret(self, world, form):
        """HS256 keyed with what everybody may read."""
        public = keys_of(world.store).newest(world.store)
        raw = (
            json.dumps(public.as_dict(private=False)).encode() if form == "jwk"
            else public.as_bytes(encoding=form.upper(), private=False)
        )  # fmt: skip
        header, said = said_by(issue(world.store, claims(world)))
        text = unsigned({**header, "alg": "HS256"}, said)
        mac = hmac.digest(raw, text[:-1].encode(), "sha256")
        assert not is_good(world, text + encoded(mac))

    def test_another_curve_does_not_do(self, world):
        """ES384 under a key of its own."""
        key = ECKey.generate_key("P-384")
        assert not is_good(world, signed(world, header={"alg": "ES384"}, key=key, algorithms=["ES384"]))


class TestKeys:
    """Only the store's own keys count, and only under their own names."""

    def test_another_key_under_the_name_of_ours_does_not_do(self, world):
        """The name is no proof."""
        assert not is_good(world, signed(world, key=ECKey.generate_key("P-256")))

    @pytest.mark.parametrize("kid", ["f" * 24, "", None, "../../etc/passwd", "' OR 1=1 --"])
    def test_an_unknown_name_does_not_do(self, world, kid):
        """Nor none at all, nor one that is no name."""
        assert not is_good(world, signed(world, header={"kid": kid}))

    def test_the_name_of_another_of_our_keys_does_not_do(self, world):
        """Names can't be swapped, though both keys are kept."""
        first = keys_of(world.store).newest(world.store).kid
        world.clock.advance(days=30)
        renew_signing_keys(world.door)
        assert keys_of(world.store).newest(world.store).kid != first
        assert is_good(world, signed(world))
        assert not is_good(world, signed(world, header={"kid": first}))

    @pytest.mark.parametrize("member", ["jwk", "jku", "x5u", "x5c"])
    def test_a_key_that_the_token_brings_along_is_not_looked_at(self, world, member):
        """RFC 8725, 3.10: what the token says about its key is the attacker's word."""
        key = ECKey.generate_key("P-256")
        brought = {"jwk": key.as_dict(private=False), "x5c": ["MIIB"]}.get(member, "https://evil.example.org/keys")
        assert not is_good(world, signed(world, header={member: brought}, key=key))

    def test_a_token_of_another_store_does_not_do(self, world, other):
        """Its key, its issuer and its audience are others."""
        token = issue(other.store, claims(other))
        assert is_good(other, token)
        assert not is_good(world, token)


class TestClaims:
    """A signature of ours is not enough: it must be an access token, for here, and for now."""

    @pytest.mark.parametrize("name", ["JWT", "id_token", "jwt", "at+JWT", "", None])
    def test_another_type_does_not_do(self, world, name):
        """RFC 8725, 3.11: what says who somebody is, or what logs out, opens nothing."""
        assert not is_good(world, signed(world, header={"typ": name}))

    def test_another_audience_does_not_do(self, world):
        """What was made for another service opens nothing here."""
        audience = audience_of(world.store)
        assert not is_good(world, signed(world, aud="https://elsewhere.example.org"))
        assert not is_good(world, signed(world, aud=[audience, "https://elsewhere.example.org"]))
        assert not is_good(world, signed(world, aud=issuer_of(world.store)))

    def test_another_issuer_does_not_do(self, world):
        """Not even with our audience and our key."""
        assert not is_good(world, signed(world, iss="orgward:0123456789abcdef01234567"))

    @pytest.mark.parametrize("name", ["iss", "aud", "sub", "iat", "exp", "jti", "kind", "uid", "sid"])
    def test_every_claim_is_needed(self, world, name):
        """One that lives forever, or is for anybody, is none of ours."""
        assert not is_good(world, signed(world, without=[name]))

    def test_it_is_over_at_its_end(self, world):
        """At that instant, and not after it."""
        token = issue(world.store, claims(world))
        world.clock.now += HOUR - 1
        assert is_good(world, token)
        world.clock.now += 1
        assert not is_good(world, token)

    def test_it_is_over_at_its_end_for_whoever_sees_it_then_first(self, world):
        """What was verified before is no reason to take it."""
        token = issue(world.store, claims(world))
        world.clock.now += HOUR
        assert not is_good(world, token)

    def test_it_is_not_good_before_it_begins(self, world):
        """Neither what was issued in the future nor what is for later."""
        later = world.clock.now // 1000 + 60
        assert not is_good(world, signed(world, iat=later))
        assert not is_good(world, signed(world, nbf=later))

    @pytest.mark.parametrize("end", [float("nan"), float("inf"), "9999999999", None, True])
    def test_an_end_is_a_number_of_seconds(self, world, end):
        """Nothing that compares oddly makes a token live forever."""
        assert not is_good(world, signed(world, exp=end))


class TestForm:
    """Every byte counts, and no form of a token makes an error of ours."""

    def test_no_character_of_it_can_be_another(self, world):
        """Header, claims or signature: whichever is touched, the token is none."""
        token = issue(world.store, claims(world))
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        for at, character in enumerate(token):
            if character != ".":
                flipped = letters[letters.index(character) ^ 1]
                assert not is_good(world, token[:at] + flipped + token[at + 1 :])

    @pytest.mark.parametrize(
        "text",
        ["", "..", "a.b.c", "...", ".e30.", "e30.e30.e30", "é.é.é", "\ud800.a.b", "W10.W10.W10", "x" * 9_000],
    )
    def test_whatever_is_no_token_is_refused_alike(self, world, text):
        """Without a word on what is wrong with it."""
        assert not is_good(world, text)

    def test_a_token_that_says_a_list_is_none(self, world):
        """Though our own key signed it."""
        header, _ = said_by(issue(world.store, claims(world)))
        key = keys_of(world.store).newest(world.store)
        assert not is_good(world, jws.serialize_compact(header, b"[]", key, ["ES256"]))
        assert not is_good(world, jws.serialize_compact(header, b"\xff", key, ["ES256"]))


class TestSigningKeys:
    """Sealed, renewed, kept as long as what they signed, and no longer."""

    def test_what_lies_in_the_store_is_no_key(self, world):
        """The private half opens only with the key outside the database."""
        connection = connect(world.store.path)
        (sealed,) = connection.execute("SELECT sealed_key FROM signing_keys").fetchone()
        connection.close()
        secret = keys_of(world.store).newest(world.store).as_dict(private=True)["d"]
        assert secret not in sealed
        assert b"kty" not in base64.urlsafe_b64decode(sealed)

    def test_the_public_list_has_no_private_half(self, world):
        """Everybody may read it."""
        (shown,) = keys_of(world.store).public(world.store)
        assert set(shown) == {"kty", "crv", "x", "y", "kid", "alg", "use"}

    def test_a_key_signs_for_thirty_days(self, world):
        """Then another one does."""
        first = keys_of(world.store).newest(world.store).kid
        world.clock.now += SIGNS_FOR - 1
        renew_signing_keys(world.door)
        assert keys_of(world.store).newest(world.store).kid == first
        world.clock.now += 1
        renew_signing_keys(world.door)
        assert keys_of(world.store).newest(world.store).kid != first

    def test_a_token_outlives_the_change_of_keys(self, world):
        """It is good until its own end."""
        world.clock.now += SIGNS_FOR
        token = issue(world.store, claims(world))
        renew_signing_keys(world.door)
        world.clock.now += HOUR - 1
        renew_signing_keys(world.door)
        assert is_good(world, token)
        assert len(keys_of(world.store).public(world.store)) == 2

    def test_an_old_key_is_dropped_once_all_that_it_signed_is_over(self, world):
        """Who finds it later can sign nothing with it."""
        key = keys_of(world.store).newest(world.store)
        world.clock.now += SIGNS_FOR
        renew_signing_keys(world.door)
        world.clock.now += KEPT_AFTER - 1
        renew_signing_keys(world.door)
        assert is_good(world, signed(world, key=key, header={"kid": key.kid}))
        world.clock.now += 1
        renew_signing_keys(world.door)
        assert len(keys_of(world.store).public(world.store)) == 1
        assert not is_good(world, signed(world, key=key, header={"kid": key.kid}))

    def test_what_was_verified_falls_with_its_key(self, world):
        """A token that is remembered as good is refused once its key is gone, before its end."""
        key = keys_of(world.store).newest(world.store)
        world.clock.now += SIGNS_FOR
        renew_signing_keys(world.door)
        world.clock.now += KEPT_AFTER
        token = signed(world, key=key, header={"kid": key.kid})
        assert is_good(world, token)
        renew_signing_keys(world.door)
        assert not is_good(world, token)

    def test_two_processes_make_one_key(self, world):
        """Whoever comes second finds that nothing is due."""
        for _ in range(2):
            world.door.write(Call(RENEW, Principal("operator", "server"))).result(30)
        assert len(keys_of(world.store).public(world.store)) == 1

    def test_the_job_is_the_operators_alone(self, world):
        """No network edge reaches it, and nobody but the operator may run it."""
        with pytest.raises(NotFoundError):
            world.door.write(Call(RENEW, Principal("user", "a" * 24))).result(30)

    def test_what_is_remembered_is_bounded(self, world, monkeypatch):
        """However many tokens are shown, memory holds so many."""
        monkeypatch.setattr(access_tokens, "_CACHED", 3)
        for number in range(10):
            assert is_good(world, issue(world.store, claims(world, jti=f"{number:024}")))
        assert len(access_tokens._VERIFIED[world.store]) <= 3  # noqa: SLF001 - the bound is what this is about

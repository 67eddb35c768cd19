"""A real identity provider, asked for where it is, for its keys, and for who has signed in."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import pytest

from orgward.app.connecting import OutboundError
from orgward.app.id_tokens import Expected
from orgward.app.oidc import Asking, Attempt, Client, Providers
from orgward.app.outbound import Bounds, Outbound
from orgward.app.turns import Behalf
from orgward.kernel.errors import GateError, OrgwardError, UnavailableError
from tests.identity_provider import CLIENT, IdentityProvider
from tests.world import START, Clock

BACK = "https://orgward.test/signin/callback"
ATTEMPT = Attempt("state-1", "nonce-1", "verifier-" + "v" * 40, BACK)


@pytest.fixture
def idp(process):
    """Give the provider as it behaves at first."""
    process.tell(reset=True, now=START // 1000)
    return process


@pytest.fixture
def clock():
    """Give a clock that stands still."""
    return Clock()


@pytest.fixture
def providers(clock):
    """Give what asks providers, of whom it knows nothing yet."""
    return Providers(Outbound(allow_loopback=True), clock)


def sign_in(providers, idp, *, client=None, attempt=ATTEMPT):
    """Sign the provider's person in and give the claims."""
    found = client or Client(idp.issuer, CLIENT)
    back = idp.visited(providers.authorization_url(found, attempt, Asking()))
    code = dict(pair.split("=") for pair in back.partition("?")[2].split("&"))["code"]
    return providers.signed_in(found, attempt, code, providers._clock())  # noqa: SLF001 - the clock of the test


def is_unavailable(call):
    """Say whether a call fails because the provider is of no use."""
    with pytest.raises(UnavailableError) as caught:
        call()
    return caught.value.code == "IDENTITY_PROVIDER_UNAVAILABLE"


@pytest.mark.parametrize("alg", ["RS256", "PS256", "ES256", "EdDSA"])
def test_a_person_signs_in(providers, idp, alg):
    """Whoever the provider signs in is known by what it claims, with every algorithm that counts."""
    idp.tell(alg=alg)
    claims = sign_in(providers, idp)
    assert (claims["sub"], claims["email"], claims["nonce"]) == ("sub-1", "fay@acme.example", "nonce-1")


def test_a_client_with_a_secret_shows_it(providers, idp):
    """A provider that asks for a secret gets it, and refuses another."""
    idp.tell(client_secret="se cret:1")
    assert sign_in(providers, idp, client=Client(idp.issuer, CLIENT, "se cret:1"))["sub"] == "sub-1"
    for secret in ("", "another"):
        with pytest.raises(GateError):
            sign_in(providers, idp, client=Client(idp.issuer, CLIENT, secret))


def test_a_code_without_its_verifier_is_worth_nothing(providers, idp):
    """Whoever has a code and not the verifier of PKCE gets nothing."""
    client = Client(idp.issuer, CLIENT)
    back = idp.visited(providers.authorization_url(client, ATTEMPT, Asking()))
    code = dict(pair.split("=") for pair in back.partition("?")[2].split("&"))["code"]
    with pytest.raises(GateError):
        providers.signed_in(client, replace(ATTEMPT, verifier="another"), code, START)


def test_what_a_provider_is_asked(providers, idp):
    """The request names scopes, a hint, and whether to sign in anew."""
    url = providers.authorization_url(
        Client(idp.issuer, CLIENT), ATTEMPT, Asking(["groups", "email"], "fay@acme.example", again=True)
    )  # fmt: skip
    assert url.startswith(f"{idp.issuer}/authorize?response_type=code&")
    assert "scope=openid+email+profile+groups&" in url
    assert "login_hint=fay%40acme.example&prompt=login&max_age=0" in url
    assert "code_challenge_method=S256" in url


def test_a_description_is_asked_for_once_an_hour(providers, idp, clock):
    """What a provider says of itself is remembered for an hour."""
    providers.described(idp.issuer)
    providers.described(idp.issuer)
    assert idp.tell() == ["discovery"]
    clock.advance(seconds=3600)
    providers.described(idp.issuer)
    assert idp.tell() == ["discovery"] * 2


@pytest.mark.parametrize(
    "fault",
    ["another issuer", "discovery garbage", "discovery list", "discovery error", "discovery redirect"],
)
def test_a_description_has_to_be_one(providers, idp, fault):
    """A provider that describes another one, or nothing, is of no use."""
    idp.tell(faults=[fault])
    assert is_unavailable(lambda: providers.described(idp.issuer))


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "javascript:alert(1)", "https://a@b.example/", "//x", "", None, 5]
)
def test_where_it_is_has_to_be_an_address(providers, idp, name, url):
    """A provider that describes itself as lying where nobody may be sent is of no use."""
    idp.tell(discovery={name: url})
    assert is_unavailable(lambda: providers.described(idp.issuer))


def test_the_slash_at_the_end_counts(providers, idp):
    """An issuer is another one with a slash at its end, though it is found at the same place."""
    assert is_unavailable(lambda: providers.described(f"{idp.issuer}/"))


class TestKeys:
    """Which keys are asked for, and how often."""

    def verified(self, providers, idp):
        """Verify a token of the provider for a program."""
        token = idp.workload_token(sub="program", aud="orgward")
        return providers.verified(token, Expected(idp.issuer, "orgward"), providers._clock())  # noqa: SLF001

    def test_new_keys_are_found(self, providers, idp, clock):
        """After the provider has changed its keys, tokens count again some seconds later at most."""
        self.verified(providers, idp)
        idp.tell(rotate=True)
        with pytest.raises(GateError):
            self.verified(providers, idp)  # keys were asked for just before
        clock.advance(seconds=5)
        assert self.verified(providers, idp)["sub"] == "program"

    def test_unknown_keys_make_nobody_ask_on_and_on(self, providers, idp, clock):
        """However many tokens name keys that there are not, keys are asked for once in a while."""
        self.verified(providers, idp)
        clock.advance(seconds=6)
        idp.tell(header={"kid": "nobody"})
        for _ in range(5):
            with pytest.raises(GateError):
                self.verified(providers, idp)
        assert idp.tell(header={}).count("jwks") == 2

    def test_keys_that_are_gone_are_forgotten(self, providers, idp, clock):
        """A key that a provider has taken back counts no longer than an hour."""
        token = idp.workload_token(sub="program", aud="orgward", exp=START // 1000 + 100_000)
        expected = Expected(idp.issuer, "orgward")
        providers.verified(token, expected, START)
        idp.tell(rotate=True)
        clock.advance(seconds=3600)
        with pytest.raises(GateError):
            providers.verified(token, expected, START)

    def test_revoked_keys_are_not_used(self, providers, idp, clock):
        """Keys that were fetched before somebody revoked them are asked for again, whenever that was."""
        self.verified(providers, idp)
        token = idp.workload_token(sub="program", aud="orgward")
        clock.advance(seconds=1)
        providers.verified(token, Expected(idp.issuer, "orgward", keys_after=clock.now), clock.now)
        assert idp.tell(rotate=True).count("jwks") == 2
        clock.advance(seconds=1)
        with pytest.raises(GateError):
            providers.verified(token, Expected(idp.issuer, "orgward", keys_after=clock.now), clock.now)

    @pytest.mark.parametrize("fault", ["jwks garbage", "jwks list", "jwks error", "jwks redirect"])
    def test_nonsense_is_no_key(self, providers, idp, fault):
        """A provider whose keys can't be read is of no use."""
        idp.tell(faults=[fault])
        assert is_unavailable(lambda: self.verified(providers, idp))


@pytest.mark.parametrize("fault", ["token garbage", "token list", "token error", "token redirect"])
def test_nonsense_is_no_token(providers, idp, fault):
    """A provider that answers a code with nonsense is of no use."""
    idp.tell(faults=[fault])
    assert is_unavailable(lambda: sign_in(providers, idp))


def test_a_slow_provider_is_left(idp, clock):
    """A provider that takes too long is left alone."""
    slow = Providers(Outbound(allow_loopback=True, bounds=Bounds(connect=2, total=2)), clock)
    idp.tell(faults=["discovery slow"])
    assert is_unavailable(lambda: slow.described(idp.issuer))


def test_a_provider_that_failed_rests(providers, idp, clock):
    """For ten seconds nobody waits again for a provider that failed; then it is asked again."""
    idp.tell(faults=["discovery error"])
    assert is_unavailable(lambda: providers.described(idp.issuer))
    idp.tell(faults=[])
    assert is_unavailable(lambda: providers.described(idp.issuer))
    clock.advance(seconds=10)
    assert providers.described(idp.issuer).issuer == idp.issuer


def test_a_dead_provider_is_of_no_use(clock):
    """Nobody signs in by a provider that is gone."""
    providers = Providers(Outbound(allow_loopback=True), clock)
    with IdentityProvider.started() as idp:
        idp.tell(now=START // 1000)
        back = idp.visited(providers.authorization_url(Client(idp.issuer, CLIENT), ATTEMPT, Asking()))
        assert "code=" in back
        idp.kill()
        assert is_unavailable(lambda: providers.signed_in(Client(idp.issuer, CLIENT), ATTEMPT, "code", START))


def test_the_answer_says_from_whom_it_is(providers, idp, clock):
    """Where a provider announces that it says who answers, it has to, and truly (RFC 9207)."""
    providers.require_answered_by(idp.issuer, idp.issuer)
    for said in ("", "https://other.example.org"):
        with pytest.raises(GateError):
            providers.require_answered_by(idp.issuer, said)
    idp.tell(faults=["no response issuer"])
    clock.advance(seconds=3600)
    providers.require_answered_by(idp.issuer, "")
    with pytest.raises(GateError):
        providers.require_answered_by(idp.issuer, "https://other.example.org")


def outcome(providers, idp, **changed):
    """Give whom the provider signs in, or the code by which nobody is."""
    try:
        return sign_in(providers, idp, **changed)["sub"]
    except OrgwardError as error:
        return error.code


@pytest.mark.parametrize("fault", ["unsigned", "signed by another key"])
def test_a_provider_that_gives_nonsense_rests(providers, idp, clock, fault):
    """A token that is none is a failure, of that client alone: what it is given may be of its own making."""
    idp.tell(faults=[fault])
    assert outcome(providers, idp) == "IDENTITY_NOT_PROVEN"
    idp.tell(faults=[])
    assert outcome(providers, idp) == "IDENTITY_PROVIDER_UNAVAILABLE"
    assert outcome(providers, idp, client=Client(idp.issuer, "another")) == "sub-1"
    clock.advance(seconds=10)
    assert outcome(providers, idp) == "sub-1"


def test_nobody_puts_a_provider_to_rest_by_a_token_of_another_sign_in(providers, idp):
    """A token that is one, and not for this sign-in, is refused, and is no failure of its provider."""
    idp.tell(claims={"nonce": "another"})
    assert outcome(providers, idp) == "IDENTITY_NOT_PROVEN"
    idp.tell(claims={})
    assert outcome(providers, idp) == "sub-1"


class Silent:
    """A client whose calls out wait until the end of the test, and come to nothing."""

    def __init__(self):
        self.called = threading.Semaphore(0)
        self.over = threading.Event()

    def get(self, url):
        """Wait."""
        self.called.release()
        self.over.wait(10)
        raise OutboundError("no_answer", url)


@contextmanager
def waiting(behalf, calls):
    """Let so many calls wait on the same behalf, each for another provider."""
    silent = Silent()
    asking = Providers(silent, lambda: START)
    with ThreadPoolExecutor(20) as pool:
        try:
            for number in range(calls):
                pool.submit(asking.on_behalf(behalf).described, f"https://{number}.example")
            assert all(silent.called.acquire(timeout=20) for _ in range(calls))
            yield asking, silent, pool
        finally:
            silent.over.set()


@pytest.mark.parametrize(("kind", "most"), [("federation", 2), ("principal", 2), ("address", 8), ("attempt", 1)])
def test_nobody_keeps_others_waiting(kind, most):
    """Whoever has so many calls waiting makes no further one, whatever the provider; others do."""
    with waiting(Behalf(**{kind: "one"}), most) as (asking, silent, pool):
        assert is_unavailable(lambda: asking.on_behalf(Behalf(**{kind: "one"})).described("https://next.example"))
        assert not silent.called.acquire(blocking=False)
        pool.submit(asking.on_behalf(Behalf(**{kind: "another"})).described, "https://next.example")
        assert silent.called.acquire(timeout=20)


def test_turns_are_given_back():
    """Once calls have come to an end, others are made on the same behalf."""
    behalf = Behalf(federation="one")
    with waiting(behalf, 2) as (asking, silent, pool):
        silent.over.set()
        pool.shutdown()
        assert is_unavailable(lambda: asking.on_behalf(behalf).described("https://next.example"))
        assert silent.called.acquire(blocking=False)

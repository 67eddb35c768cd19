"""What is kept between going to an identity provider and coming back."""

from orgward.app.federated_sign_in import FederatedAttempt, attempt_of, known_as
from orgward.store.keyring import Keyring
from tests.world import START

KEYRING = Keyring(b"k" * 32)
OTHER = Keyring(b"o" * 32)


def attempt(**changed):
    """Make an attempt."""
    kept = {
        "expires_at": START + 1, "purpose": "sign in", "provider": "0" * 24, "issuer": "https://idp.example.org",
        "state": "s", "said_once": "n", "verifier": "a verifier of some length",
        "redirect_uri": "https://orgward.test/", "begun_at": START,
    }  # fmt: skip
    return FederatedAttempt(**{**kept, **changed})


def test_the_same_name_elsewhere_is_somebody_else():
    """Whom two issuers call by one name are two people, and what is kept tells nobody who they are."""
    issuers = ("https://idp.example.org", "https://idp.example.org/", "https://other.example.org")
    kept = {known_as(KEYRING, issuer, "sub-1") for issuer in issuers}
    assert len(kept) == 3
    assert known_as(OTHER, issuers[0], "sub-1") not in kept


def test_an_attempt_is_kept_sealed_until_it_is_over():
    """Nobody reads or makes an attempt but this server, and it opens no longer than it counts."""
    found = attempt()
    sealed = found.sealed(KEYRING)
    assert attempt_of(KEYRING, sealed, START) == found
    assert attempt_of(KEYRING, sealed, START + 1) is None
    assert attempt_of(OTHER, sealed, START) is None
    assert found.verifier not in sealed

"""Authenticators made of software: an app that shows codes, and passkeys that sign with keys of their own."""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field, replace
from typing import Any, Self

import cbor2
import pyotp
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

ORIGIN = "http://orgward.test"
_PRESENT, _VERIFIED, _HAS_CREDENTIAL = 0x01, 0x04, 0x40


def encoded(raw: bytes) -> str:
    """Give `raw` in base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """Give what base64url without padding stands for."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def code_at(seed: str, now: int, *, steps: int = 0) -> str:
    """Give the code of `seed` at `now` in milliseconds, or some steps of thirty seconds away."""
    return pyotp.TOTP(seed).generate_otp(now // 30_000 + steps)


@dataclass(slots=True)
class Authenticator:
    """One passkey: a key pair, the host that it is for, and what it says of itself.

    Everything that a page could lie about can be changed: from which `origin` it was asked, whether its owner was
    verified, and its counter, which stays where it is if `step` is zero.
    """

    origin: str = ORIGIN
    verifies: bool = True
    counter: int = 0
    step: int = 1
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    host: str = ""
    user: str = ""

    def made(self, options: dict[str, Any]) -> dict[str, Any]:
        """Answer `navigator.credentials.create` with a credential without attestation."""
        self.host, self.user = options["rp"]["id"], options["user"]["id"]
        credential = bytes(16) + len(self.id).to_bytes(2) + self.id + self._public_key()
        attestation = {"fmt": "none", "attStmt": {}, "authData": self._told(_HAS_CREDENTIAL) + credential}
        response = {"attestationObject": encoded(cbor2.dumps(attestation)), "transports": ["internal", "hybrid"]}
        return self._credential(self._asked("webauthn.create", options["challenge"]), response)

    def signed(self, options: dict[str, Any]) -> dict[str, Any]:
        """Answer `navigator.credentials.get`."""
        self.counter += self.step
        asked, told = self._asked("webauthn.get", options["challenge"]), self._told(0)
        signature = self.key.sign(told + hashlib.sha256(asked).digest(), ec.ECDSA(SHA256()))
        response = {"authenticatorData": encoded(told), "signature": encoded(signature), "userHandle": self.user}
        return self._credential(asked, response)

    def but(self, **changed: Any) -> Self:
        """Give the same passkey as somebody would have it who lies about some of it."""
        return replace(self, **changed)

    def _credential(self, asked: bytes, response: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": encoded(self.id),
            "rawId": encoded(self.id),
            "response": {"clientDataJSON": encoded(asked), **response},
            "type": "public-key",
            "clientExtensionResults": {},
        }

    def _asked(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}).encode()

    def _told(self, flags: int) -> bytes:
        flags |= _PRESENT | (_VERIFIED if self.verifies else 0)
        return hashlib.sha256(self.host.encode()).digest() + bytes([flags]) + self.counter.to_bytes(4)

    def _public_key(self) -> bytes:
        numbers = self.key.public_key().public_numbers()
        x, y = (number.to_bytes(32) for number in (numbers.x, numbers.y))
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})

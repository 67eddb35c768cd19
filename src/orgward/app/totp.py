"""Codes of authenticator apps: six digits that follow from a shared seed and the time (RFC 6238; rule 87)."""

import re
from typing import Final

import pyotp
from pyotp.exceptions import OTPVerificationError

_ISSUER: Final = "Orgward"
_CODE: Final = re.compile(r"[0-9]{6}")
_STEPS_APART: Final = 1
"""How many steps of 30 seconds the clock of a telephone may be away from ours, either way."""


def new_seed() -> str:
    """Return a fresh seed of 160 random bits, in base32."""
    return pyotp.random_base32()


def uri_of(seed: str, username: str) -> str:
    """Return the address of `seed` that authenticator apps read from a picture."""
    return pyotp.TOTP(seed).provisioning_uri(name=username, issuer_name=_ISSUER)


def is_code(text: str) -> bool:
    """Say whether `text` has the form of a code."""
    return _CODE.fullmatch(_plain(text)) is not None


def step_of(seed: str, code: str, now: int) -> int | None:
    """Return the step whose code is `code` where it counts at `now`, None if it is wrong."""
    if not is_code(code):
        return None
    try:
        return pyotp.TOTP(seed).verify_and_get_timecode(_plain(code), for_time=now // 1000, valid_window=_STEPS_APART)
    except OTPVerificationError:
        return None


def _plain(text: str) -> str:
    """Return `text` without the spaces by which apps part the digits."""
    return text.replace(" ", "")

"""How often tokens and codes of clients may be asked for (contract.md, Limits)."""

from collections.abc import Callable
from typing import Final

from orgward.app.attempts import HOUR, FailedAttempts

TOKENS_AN_HOUR: Final = 100
"""How many tokens one service account gets: each lives for an hour, so that one is enough (wire.md 4)."""

CODES_AN_HOUR: Final = 60
"""How many programs may ask for a device's codes from one address: an office full of people has one."""

SHORTEST_WAIT: Final = 4_000
"""How long a device has to wait between two questions, in milliseconds: a second less than it is told to (RFC 8628)."""


class TokenLimits:
    """What was issued and asked in the last while, in this process."""

    def __init__(self, clock: Callable[[], int]) -> None:
        """Begin with nothing, at the time that `clock` tells."""
        self.device_codes = FailedAttempts(clock, window=HOUR, most=CODES_AN_HOUR, what="device codes")
        self.device_polls = FailedAttempts(clock, window=SHORTEST_WAIT, most=1, what="questions")
        self.tokens = FailedAttempts(clock, window=HOUR, most=TOKENS_AN_HOUR, what="access tokens")

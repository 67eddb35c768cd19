"""What becomes of a service account's secret in use: when it was used last, and which of its tokens are revoked."""

from typing import Final

from orgward.directory.ground import Change, Ground, View, put
from orgward.kernel.delta import Delta

NOTED_EVERY: Final = 10 * 60_000
"""How often at most the last use of a secret is written down, in milliseconds."""


def use_to_write(view: View, secret: str, now: int) -> Delta | None:
    """Return the delta that writes down that `secret` is used at `now`; None if it is gone, or was used just before."""
    row = view.get("service_account_secrets", secret)
    if row is None or now < (row["last_used_at"] or 0) + NOTED_EVERY:
        return None
    return put("service_account_secrets", secret, **{**row, "last_used_at": now})


def record_use(ground: Ground, secret: str) -> Change:
    """Write down that `secret` is used now."""
    delta = use_to_write(ground.view, secret, ground.now)
    return Change([] if delta is None else [delta], {"secret": secret})


def revoke(ground: Ground, mark: str, until: int) -> Change:
    """Let the token that leaves `mark` count no more; the mark stays `until` the token would have ended."""
    return Change([put("used_once", mark, hash=mark, expires_at=until, salt=ground.mint.salt())])

"""Cookies: the session, the visit of somebody who has none yet, and the token against forged forms.

Over TLS the names begin with `__Host-`, which binds a cookie to this host and to TLS (RFC 6265bis).
"""

import hmac
import secrets
from collections.abc import Mapping
from typing import Final

from starlette.responses import Response

from orgward.store.keyring import Keyring

SESSION: Final = "orgward"
VISIT: Final = "orgward-visit"
PENDING: Final = "orgward-pending"
FEDERATED: Final = "orgward-federated"
TOAST: Final = "orgward-toast"
PLACES: Final = "orgward-places"

_YEAR: Final = 31_536_000
_LASTING: Final = {"orgward-language": _YEAR, "orgward-theme": _YEAR, "orgward-zone": _YEAR, PLACES: _YEAR}
"""Cookies that outlive the browser; they hold nothing that anybody could misuse."""


def name_of(cookie: str, *, is_secure: bool) -> str:
    """Return the name under which `cookie` is sent."""
    return f"__Host-{cookie}" if is_secure else cookie


def read(cookies: Mapping[str, str], cookie: str, *, is_secure: bool) -> str:
    """Return the value of `cookie`, empty if there is none."""
    return cookies.get(name_of(cookie, is_secure=is_secure), "")


def put(response: Response, cookie: str, value: str | None, *, is_secure: bool) -> None:
    """Set `cookie`, or end it where `value` is None."""
    name = cookie if cookie in _LASTING else name_of(cookie, is_secure=is_secure)
    if value is None:
        response.delete_cookie(name, path="/", secure=is_secure, httponly=True, samesite="lax")
    else:
        response.set_cookie(
            name, value, max_age=_LASTING.get(cookie), path="/", secure=is_secure, httponly=True, samesite="lax"
        )


def new_visit() -> str:
    """Return what tells this browser from others before anybody has signed in."""
    return secrets.token_urlsafe(24)


def form_token(keyring: Keyring, bound_to: str) -> str:
    """Return the token that forms of this session, or visit, carry."""
    return keyring.hash_token(f"form {bound_to}")


def fits(keyring: Keyring, bound_to: str, token: str) -> bool:
    """Say whether `token` is the one that a form of this session, or visit, carries."""
    return bool(bound_to) and hmac.compare_digest(form_token(keyring, bound_to).encode(), token.encode())

"""Who asks for a page: the person of the session, if there is one, and everything that the answer depends on."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.requests import Request

from orgward.app.execute import NOBODY
from orgward.console.changing.calls import Caller
from orgward.console.frame import cookies
from orgward.console.frame.look import Look, look_of
from orgward.edge.authenticate import Authenticator
from orgward.edge.proxies import Network, address_of, host_of
from orgward.kernel.errors import UnauthenticatedError
from orgward.kernel.principal import Principal
from orgward.store.opening import Store


@dataclass(slots=True)
class Visitor:
    """One request's visitor; `bound_to` is the session or visit that its forms belong to."""

    principal: Principal
    session: str
    visit: str
    is_new: bool
    is_secure: bool
    base_url: str
    address: str
    device: str
    request_id: str
    look: Look

    @property
    def bound_to(self) -> str:
        """Return the token of the session, or else of the visit."""
        return self.session if self.principal.id else self.visit

    @property
    def caller(self) -> Caller:
        """Return who makes the calls of this visitor's forms."""
        return Caller(self.principal, self.base_url, self.request_id, self.address, self.device)


class Doorkeeper:
    """Tells visitors by their cookies."""

    def __init__(self, store: Store, authenticator: Authenticator, trusted: Sequence[Network], public_url: str) -> None:
        """Look sessions up with `authenticator`; `public_url` is where people reach this server."""
        self._store = store
        self._authenticator = authenticator
        self._trusted = trusted
        self.has_secure_url = urlsplit(public_url).scheme == "https"

    def visitor(self, request: Request) -> Visitor:
        """Return the visitor of `request`; blocks on the disk where the session is not known yet."""
        host = host_of(request)
        is_secure = request.scope["scheme"] == "https" or self.has_secure_url
        session = cookies.read(request.cookies, cookies.SESSION, is_secure=is_secure)
        address = address_of(request, self._trusted)
        principal = self._principal(session, address)
        visit = cookies.read(request.cookies, cookies.VISIT, is_secure=is_secure)
        look = look_of(
            self._store.view, principal.id, request.cookies, request.headers.get("accept-language", "")
        )  # fmt: skip
        return Visitor(
            principal, session, visit or cookies.new_visit(), not visit, is_secure,
            f"{'https' if is_secure else 'http'}://{host}", address, request.headers.get("user-agent", ""),
            secrets.token_hex(8), look,
        )  # fmt: skip

    def _principal(self, session: str, address: str) -> Principal:
        try:
            return self._authenticator.session(session, address) if session else NOBODY
        except UnauthenticatedError:
            return NOBODY


def comes_from_here(request: Request) -> bool:
    """Say whether a post comes from a page of this server, as far as the browser tells.

    Browsers say so in Sec-Fetch-Site, older ones in Origin; what says neither still needs the form's token.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host", "")

"""The client's address and scheme, as trusted proxies or the connection say (attack row 12); and whom it asked."""

import ipaddress
import re
from collections.abc import Sequence
from typing import Final

from starlette.requests import Request

from orgward.kernel.errors import MalformedError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_HOST: Final = re.compile(r"[A-Za-z0-9.\-]+(:\d+)?|\[[0-9a-fA-F:]+\](:\d+)?")


def host_of(request: Request) -> str:
    """Return the host that `request` is for, perhaps with its port; MalformedError for what is none."""
    host = request.headers.get("host", "")
    if not _HOST.fullmatch(host):
        raise MalformedError("INVALID_ATTRIBUTE", "Host")
    return host


def address_of(request: Request, trusted: Sequence[Network]) -> str:
    """Return the address that `request` comes from, empty if it comes from none."""
    peer = request.client.host if request.client else ""
    return client_address(peer, request.headers.getlist("x-forwarded-for"), trusted) if trusted else peer


def scheme_of(request: Request, trusted: Sequence[Network]) -> str:
    """Return by which scheme the caller came: what a trusted proxy says, which ends TLS, else the connection's."""
    said = request.headers.get("x-forwarded-proto", "").rpartition(",")[2].strip().lower()
    peer = request.client.host if request.client else ""
    believed = said in {"http", "https"} and _is_trusted(peer, trusted)
    return said if believed else str(request.scope["scheme"])


def client_address(peer: str, forwarded_for: Sequence[str], trusted: Sequence[Network]) -> str:
    """Return the last address in the chain that no trusted proxy vouches for.

    `forwarded_for` are the X-Forwarded-For headers as received; they count only if `peer` is trusted, and only
    from the right, as far as each further hop is trusted too.
    """
    chain = [part.strip() for header in forwarded_for for part in header.split(",") if part.strip()]
    address = peer
    while chain and _is_trusted(address, trusted):
        address = chain.pop()
        if not _is_address(address):
            return peer
    return address


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _is_trusted(address: str, trusted: Sequence[Network]) -> bool:
    if not _is_address(address):
        return False
    parsed = ipaddress.ip_address(address)
    return any(parsed in network for network in trusted)

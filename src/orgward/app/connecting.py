# ruff: noqa: ARG002 - the signatures are those of httpcore
"""Where a call out may connect to, and for how long: addresses that are checked, and connections with a deadline."""

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import httpcore

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Sequence[str]]

Reason = Literal["not_allowed", "no_answer", "wrong_answer"]
"""What outsiders may know: the address is not one to call, nothing answered, or what answered is of no use.

Whether a port is closed, silent, or ours and never asked looks the same.
"""

_GLOBAL_V6: Final = ipaddress.ip_network("2000::/3")
"""Where public addresses lie; those that hold an IPv4 address (mapped, NAT64) lie elsewhere."""
_NEVER: Final = tuple(
    ipaddress.ip_network(block)
    for block in (
        "168.63.129.16/32",  # metadata of Azure, a public address by its looks
        "192.0.0.0/24",  # metadata of Oracle, among others
        "192.88.99.0/24",  # relays of 6to4
        "2001::/23",  # Teredo, which holds an IPv4 address, and protocols
        "2002::/16",  # 6to4, which holds an IPv4 address
        "3fff::/20",  # documentation
    )
)


class OutboundError(Exception):
    """A call out came to nothing; `cause` is for the operator's log alone."""

    def __init__(self, reason: Reason, cause: str) -> None:
        """Keep what outsiders may know, and what happened."""
        super().__init__(reason)
        self.reason = reason
        self.cause = cause


def resolved(host: str, port: int) -> Sequence[str]:
    """Return every address of `host`, as the operating system knows them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Lookups:
    """Names that are looked up just now, each once and shared: nobody can end what the system has begun."""

    def __init__(self, most: int) -> None:
        """Look up so many names at once."""
        self._most = most
        self._pool = ThreadPoolExecutor(most, thread_name_prefix="resolver")
        self._going: dict[tuple[Resolve, str], Future[Sequence[str]]] = {}
        self._lock = threading.Lock()

    def begun(self, resolve: Resolve, host: str, port: int) -> "Future[Sequence[str]]":
        """Return the look-up of `host`, begun already or now; raise if as many others go on as there may be."""
        key = (resolve, host.lower().rstrip("."))
        with self._lock:
            found = self._going.get(key)
            if found is not None:
                return found
            if len(self._going) >= self._most:
                raise OutboundError("no_answer", "many names")
            found = self._going[key] = self._pool.submit(resolve, host, port)
        found.add_done_callback(lambda _: self._forget(key))
        return found

    def _forget(self, key: tuple[Resolve, str]) -> None:
        with self._lock:
            self._going.pop(key, None)


_LOOKUPS: Final = Lookups(64)
"""Names without a server take a resolver half a minute: these are more than anybody's turns fill in that time."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Which addresses may be asked; a connection that `is_plain` goes to this machine alone."""

    resolve: Resolve
    allow_loopback: bool
    is_plain: bool

    def of(self, host: str, port: int, seconds: float) -> list[str]:
        """Return the addresses of `host`, or raise unless every one of them may be asked."""
        found = list(_LOOKUPS.begun(self.resolve, host, port).result(seconds))
        if not found or not all(self._may_ask(text) for text in found):
            raise OutboundError("no_answer", "address")
        return found

    def _may_ask(self, text: str) -> bool:
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            return False
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
            return False  # some versions of Python look inside, and some don't
        if address.is_loopback:
            return self.allow_loopback
        return not self.is_plain and is_public(address)


def is_public(address: Address) -> bool:
    """Say whether `address` is one of the public internet, and of no network within."""
    if isinstance(address, ipaddress.IPv6Address) and (address.scope_id or address not in _GLOBAL_V6):
        return False
    kept = any(address.version == block.version and address in block for block in _NEVER)
    return address.is_global and not address.is_multicast and not address.is_reserved and not kept


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment after which nothing is waited for any more, however little comes each time."""

    seconds: float
    began: float = field(default_factory=time.monotonic)

    def left(self) -> float:
        """Return how many seconds are left, or raise if none are."""
        found = self.began + self.seconds - time.monotonic()
        if found <= 0:
            raise OutboundError("no_answer", "late")
        return found


class CheckedBackend(httpcore.NetworkBackend):
    """Connects to an address that was checked: the name is resolved once, and not again."""

    def __init__(self, addresses: Addresses, connecting: Deadline, total: Deadline) -> None:
        """Connect to one of `addresses` until the deadline `connecting`; all is over with that of `total`."""
        self._addresses = addresses
        self._connecting = connecting
        self._total = total

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:  # fmt: skip
        """Return a connection to the first address of `host` that takes one."""
        refused: Exception = OSError("no address")
        for address in self._addresses.of(host, port, self._connecting.left()):
            try:
                stream = httpcore.SyncBackend().connect_tcp(address, port, self._connecting.left())
            except (httpcore.NetworkError, httpcore.TimeoutException) as error:
                refused = error
            else:
                return _TimedStream(stream, self._total)
        raise refused


class _TimedStream(httpcore.NetworkStream):
    """A connection that ends with its deadline."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        """Read and write through `stream` until the `deadline`."""
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Return what came."""
        return self._stream.read(max_bytes, self._deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send `buffer`."""
        self._stream.write(buffer, self._deadline.left())

    def close(self) -> None:
        """End the connection."""
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """Return the connection under TLS, whose other end has shown that it is `server_hostname`."""
        secured = self._stream.start_tls(ssl_context, server_hostname, self._deadline.left())
        return _TimedStream(secured, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        """Return what is known of the connection beneath."""
        return self._stream.get_extra_info(info)

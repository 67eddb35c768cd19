"""Everything that calls out calls through here: one guarded client (attack rows of server-side request forgery).

Whoever configures an identity provider makes this server ask an address of their choice. So nothing of our own network
is ever asked, whatever a name resolves to; nothing is followed elsewhere; and nobody can keep a thread or its memory.
"""

import asyncio
import base64
import json
import re
import ssl
from collections.abc import Mapping
from concurrent.futures import TimeoutError as LateError
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final
from urllib.parse import SplitResult, quote_plus, urlencode, urlsplit

import httpcore
import structlog

from orgward.app.connecting import Addresses, CheckedBackend, Deadline, OutboundError, Resolve, resolved

_LONGEST_URL: Final = 2_048
_URL: Final = re.compile(r"[\x21-\x5b\x5d-\x7e]+")
"""No spaces, control characters or letters that two parsers read in two ways."""
_PORTS: Final = {"https": 443, "http": 80}
_REDIRECTS: Final = range(300, 400)

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long connecting and the whole call may take, in seconds, and how many bytes an answer may have."""

    connect: float = 3.0
    total: float = 5.0
    size: int = 256 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whatever its status; never a redirect."""

    status: int
    content_type: str
    body: bytes

    def json(self) -> Any:
        """Return the decoded body, or raise unless it says that it is JSON, and is."""
        if self.content_type != "application/json" and not self.content_type.endswith("+json"):
            raise OutboundError("wrong_answer", "type")
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise OutboundError("wrong_answer", "json") from None


@dataclass(frozen=True)
class Outbound:
    """The client; `allow_loopback` lets it ask this machine, by http too, as tests and single machines need it.

    `trusted` are other authorities than the system's, for a company that has its own.
    """

    allow_loopback: bool = False
    bounds: Bounds = Bounds()
    resolve: Resolve = resolved
    trusted: ssl.SSLContext | None = None

    @cached_property
    def _authorities(self) -> ssl.SSLContext:
        return self.trusted or ssl.create_default_context()

    def get(self, url: str) -> Answer:
        """Return what answers at `url`."""
        return self.call("GET", url)

    def post_form(self, url: str, fields: Mapping[str, str], *, client: tuple[str, str] | None = None) -> Answer:
        """Return what answers a form that is posted to `url`, by the `client` with this id and secret if one is given.

        Both halves are encoded as RFC 6749, section 2.3.1, asks for.
        """
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if client is not None:
            pair = ":".join(quote_plus(half) for half in client)
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        return self.call("POST", url, headers=headers, content=urlencode(fields).encode())

    def call(self, method: str, url: str, *, headers: Mapping[str, str] | None = None, content: bytes = b"") -> Answer:
        """Return what answers at `url`, or raise OutboundError; blocks for as long as its bounds allow."""
        _require_thread()
        parts = self.checked(url)
        try:
            return self._asked(method, parts, headers or {}, content)
        except OutboundError as error:
            found = error
        except (httpcore.TimeoutException, LateError):
            found = OutboundError("no_answer", "late")
        except (httpcore.NetworkError, OSError) as error:
            found = OutboundError("no_answer", f"unreachable: {error}")
        except (httpcore.ProtocolError, UnicodeError) as error:
            found = OutboundError("wrong_answer", f"protocol: {error}")
        _log.warning("call_out_failed", host=parts.hostname, port=parts.port, cause=found.cause)
        raise found from None

    def checked(self, url: str) -> SplitResult:
        """Return the parts of `url`, or raise unless it is of the form that may be called; asks nobody."""
        if len(url) > _LONGEST_URL or not _URL.fullmatch(url):
            raise OutboundError("not_allowed", "form")
        try:
            parts = urlsplit(url)
            _ = parts.port
        except ValueError:
            raise OutboundError("not_allowed", "form") from None
        if not parts.hostname or "@" in parts.netloc or parts.fragment or parts.scheme not in self._schemes:
            raise OutboundError("not_allowed", "form")
        return parts

    @property
    def _schemes(self) -> frozenset[str]:
        return frozenset({"https", "http"} if self.allow_loopback else {"https"})

    def _asked(self, method: str, parts: SplitResult, headers: Mapping[str, str], content: bytes) -> Answer:
        # A pool of its own: no connection outlives its call, so each one is checked.
        connecting, total = Deadline(self.bounds.connect), Deadline(self.bounds.total)
        addresses = Addresses(self.resolve, self.allow_loopback, is_plain=parts.scheme == "http")
        backend = CheckedBackend(addresses, connecting, total)
        with httpcore.ConnectionPool(self._authorities, network_backend=backend, retries=0) as pool:
            sent = {**_headers(parts), **headers}
            with pool.stream(method, _target(parts), headers=_listed(sent), content=content) as response:
                return self._read(response)

    def _read(self, response: httpcore.Response) -> Answer:
        headers = {name.lower(): value for name, value in response.headers}
        if response.status in _REDIRECTS:
            raise OutboundError("wrong_answer", "redirect")
        # What is compressed was not asked for, and nothing is unpacked here that could be large.
        if headers.get(b"content-encoding", b"identity").lower() != b"identity":
            raise OutboundError("wrong_answer", "encoding")
        body = bytearray()
        for part in response.iter_stream():
            body += part
            if len(body) > self.bounds.size:
                raise OutboundError("wrong_answer", "size")
        media_type = headers.get(b"content-type", b"").decode("latin-1").partition(";")[0]
        return Answer(response.status, media_type.strip().lower(), bytes(body))


def _require_thread() -> None:
    """Raise on an event loop: whoever waits there keeps everybody waiting."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    message = "calls out are made in threads"
    raise RuntimeError(message)


def _headers(parts: SplitResult) -> Mapping[str, str]:
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    named = host if parts.port is None else f"{host}:{parts.port}"
    return {"Host": named, "Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "orgward"}


def _listed(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("ascii"), value.encode("ascii")) for name, value in headers.items()]


def _target(parts: SplitResult) -> httpcore.URL:
    query = f"?{parts.query}" if parts.query else ""
    return httpcore.URL(
        scheme=parts.scheme.encode(),
        host=(parts.hostname or "").encode("ascii"),
        port=parts.port or _PORTS[parts.scheme],
        target=f"{parts.path or '/'}{query}".encode("ascii"),
    )

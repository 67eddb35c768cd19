"""The life of a request: authenticate, pick the version, parse, pass the door, render.

See docs/life-of-a-request.md for the same in prose.
"""

import asyncio
import re
import secrets
from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import parse_qsl

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from orgward.app.attempts import address_bucket
from orgward.app.execute import NOBODY, Call, Door
from orgward.app.key_use import KeyUse
from orgward.app.operation import Public
from orgward.app.session_use import SessionUse
from orgward.edge.authenticate import Authenticator, RequestFacts, StaleNonceError
from orgward.edge.bodies import MAX_BODY
from orgward.edge.dialects import dialect_of
from orgward.edge.endpoint import ENDPOINTS, Endpoint
from orgward.edge.paging import LazyQuery, boolean
from orgward.edge.preconditions import tag_of
from orgward.edge.proxies import Network, address_of, host_of, scheme_of
from orgward.edge.rate_limits import Allowance, RateLimits
from orgward.edge.replies import (
    SECURITY_HEADERS,
    STRICT_TRANSPORT,
    Presentation,
    Reply,
    dialect_failure,
    failure,
    oauth_failure,
    success,
)
from orgward.edge.results import Finisher
from orgward.edge.router import Router, check_values
from orgward.edge.running import Runner, Sent
from orgward.edge.security_log import SecurityLog
from orgward.edge.versions import MediaTypeError, negotiate
from orgward.kernel.errors import MalformedError, OrgwardError, UnauthenticatedError
from orgward.kernel.principal import Principal

_log = structlog.get_logger(__name__)
_WAIT_FOR_REVISION_SECONDS: Final = 1.0
_REQUEST_ID: Final = re.compile(r"[\w.:-]{1,64}", re.ASCII)


class Pipeline:
    """Serves every declared endpoint over ASGI."""

    def __init__(self, door: Door, *, trusted_proxies: Sequence[Network] = (), rate_limits: float = 1) -> None:
        """Serve the endpoints that are declared so far through `door`, with rate limits of this factor."""
        self._door = door
        self._store = door.store
        self._router = Router(ENDPOINTS)
        self._oauth_paths = {endpoint.path for endpoint in ENDPOINTS if endpoint.is_oauth}
        self.session_use = SessionUse(door)
        self.authenticator = Authenticator(door.store, self.session_use)
        self.trusted = trusted_proxies
        self._rates = RateLimits(ENDPOINTS, rate_limits)
        self.runner = Runner(door, ENDPOINTS, self._rates)
        self.key_use = KeyUse(door)
        self.security_log = SecurityLog(door.store.path.parent)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        scope["scheme"] = scheme_of(request, self.trusted)
        given = _request_id(request)
        pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        how = Presentation()
        try:
            how = _presentation(pairs)
            reply = await self._answer(request, pairs, how, given)
        except ClientDisconnect:
            return
        except OrgwardError as error:
            challenge = self.authenticator.nonces.challenge(stale=isinstance(error, StaleNonceError))
            reply = self._refusal(scope["path"], error, challenge, how)
            caller, address = _caller(scope), address_of(request, self.trusted)
            self.security_log.note(
                error, request.method, request.url.path, caller=caller, request_id=given, address=address
            )
        except Exception:  # noqa: BLE001 - whatever it is, the caller gets an answer without internals
            _log.exception("request_failed", request_id=given, path=request.url.path)
            fault = OrgwardError("UNEXPECTED_ERROR", given)
            reply = self._refusal(scope["path"], fault, "", how)
        await self._send(reply, given, scope, receive, send)

    def _refusal(self, path: str, error: OrgwardError, challenge: str, how: Presentation) -> Reply:
        """Return the reply to a refused call in the form that `path` has: OAuth's, that of a dialect, or ours."""
        if path in self._oauth_paths:
            return oauth_failure(error)
        dialect = dialect_of(path)
        if dialect is not None:
            return dialect_failure(dialect, error, challenge, path)
        return failure(error, challenge, how)

    async def _send(self, reply: Reply, request_id: str, scope: Scope, receive: Receive, send: Send) -> None:
        response = Response(reply.body, reply.status, reply.headers)
        if scope["method"] == "HEAD":
            response.body = b""  # its length stays announced, as GET would
        response.raw_headers += [
            *_about_connection(scope),
            (b"content-type", reply.content_type.encode()),
            (b"orgward-revision", str(self._store.snapshot.revision).encode()),
            (b"x-request-id", request_id.encode()),
            *SECURITY_HEADERS,
        ]
        await response(scope, receive, send)

    async def _answer(
        self, request: Request, pairs: Sequence[tuple[str, str]], how: Presentation, request_id: str
    ) -> Reply:
        raw_path = request.scope.get("raw_path", b"").decode("latin-1")
        method = "GET" if request.method == "HEAD" else request.method
        self._store.follow()
        match = self._router.match(method, raw_path)
        endpoint = match.endpoint
        address = address_of(request, self.trusted)
        principal = await self._principal(request, endpoint, raw_path, address)
        request.scope["orgward.principal"] = principal
        self._take_allowance(request, endpoint, principal.id or address_bucket(address))
        await self._reach_revision(request)
        header, now = request.headers.get, self._store.clock()
        version = negotiate(endpoint, header("accept"), header("content-type"), now=now)
        check_values(match.values)
        query = LazyQuery(endpoint, pairs)
        call = Call(
            endpoint.operation, principal, dict(match.values), None, query, version.date if version else "",
            f"{request.scope['scheme']}://{host_of(request)}", request_id, address,
            request.headers.get("user-agent", ""),
        )  # fmt: skip
        request.scope["orgward.call"] = call
        finisher = Finisher(endpoint, call, f"{call.base_url}{raw_path.rstrip('/')}")
        result = await self.runner.run(finisher, await _sent(request, endpoint))
        # What a trial tells can be long.
        finished = (
            await self.runner.in_thread(finisher.finished, result) if call.is_trial else finisher.finished(result)
        )
        reply = success(endpoint, version, finished, how)
        tag = tag_of(finished) if self.runner.is_tagged(endpoint) and not call.is_trial else ""
        if tag:
            reply.headers["ETag"] = tag
        return reply

    def _take_allowance(self, request: Request, endpoint: Endpoint, bucket: str) -> None:
        buckets = self._rates.buckets_of(endpoint)
        if buckets is not None:
            allowance = buckets.take(bucket)
            request.scope["orgward.allowance"] = allowance
            if allowance.wait:
                raise buckets.refusal(allowance)

    async def _principal(self, request: Request, endpoint: Endpoint, raw_path: str, address: str) -> Principal:
        if isinstance(endpoint.operation.requires, Public):
            return NOBODY
        header = request.headers.get("authorization")
        if not header:
            raise UnauthenticatedError
        query = request.scope["query_string"].decode("latin-1")
        target = f"{raw_path}?{query}" if query else raw_path
        facts = RequestFacts(request.method, target, header, address)
        found = self.authenticator.cached(facts)
        principal = await self.runner.in_thread(self.authenticator.look_up, facts) if found is None else found
        self.key_use.note(principal)
        return principal

    async def _reach_revision(self, request: Request) -> None:
        text = request.headers.get("orgward-min-revision")
        if text is None:
            return
        if not (text.isascii() and text.isdigit()) or len(text) > 18:
            raise MalformedError("INVALID_QUERY_PARAMETER", "Orgward-Min-Revision")
        deadline = asyncio.get_running_loop().time() + _WAIT_FOR_REVISION_SECONDS
        while self._store.snapshot.revision < int(text):
            if asyncio.get_running_loop().time() >= deadline:
                raise MalformedError("REVISION_NOT_REACHED", text)
            await asyncio.sleep(0.02)
            self._store.follow()


def _caller(scope: Scope) -> Principal | None:
    """Return who called; of a public operation whoever the body's secret has proven so far."""
    call: Call | None = scope.get("orgward.call")
    found: Principal | None = scope.get("orgward.principal") if call is None else call.principal
    return found


def _about_connection(scope: Scope) -> Iterator[tuple[bytes, bytes]]:
    """Yield the headers that follow from how, and how often, the caller came."""
    allowance: Allowance | None = scope.get("orgward.allowance")
    if allowance is not None:
        yield b"ratelimit-limit", str(allowance.limit).encode()
        yield b"ratelimit-remaining", str(allowance.remaining).encode()
    if scope["scheme"] == "https":
        yield STRICT_TRANSPORT


def _request_id(request: Request) -> str:
    given = request.headers.get("x-request-id", "")
    return given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)


def _presentation(pairs: Sequence[tuple[str, str]]) -> Presentation:
    given = {name: [value] for name, value in pairs if name in {"pretty", "envelope"}}
    return Presentation(
        pretty=boolean(given, "pretty", default=False), envelope=boolean(given, "envelope", default=False)
    )


async def _sent(request: Request, endpoint: Endpoint) -> Sent:
    header = request.headers.get
    has_body = endpoint.operation.writes or endpoint.bodies
    return Sent(
        await read_body(request) if has_body else b"", header("content-type"), header("accept"), header("if-match"),
        header("idempotency-key"), header("authorization"),
    )  # fmt: skip


async def read_body(request: Request) -> bytes:
    """Return the body of `request`; MediaTypeError once it is larger than any may be."""
    parts = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > MAX_BODY:
            raise MediaTypeError("PAYLOAD_TOO_LARGE", str(MAX_BODY))
        parts.append(part)
    return b"".join(parts)

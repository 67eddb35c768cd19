"""A store with people in it, built through commands and asked through the front door."""

import asyncio
import json
import threading
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import httpx

from orgward.app.execute import Call, Door
from orgward.app.operation import REGISTRY
from orgward.app.operator import ErasedUser, NewOrganization, NewUser
from orgward.catalog import DEFAULT_LIMITS, Limits
from orgward.cli.faces import declare_everything
from orgward.console.frame.serving import Console
from orgward.edge.server import build_app
from orgward.kernel.principal import Principal
from orgward.store.opening import Store
from orgward.store.sqlite import connect

VERSION = "application/vnd.atlas.2025-03-12+json"
OPERATOR = Principal("operator", "tester")
START = 1_800_000_000_000
"""Where the clock of a world stands at first, in milliseconds."""


@dataclass(slots=True)
class Clock:
    """A clock that stands still until it is moved."""

    now: int = START

    def __call__(self) -> int:
        """Return the time."""
        return self.now

    def advance(self, *, seconds: float = 0, days: float = 0) -> None:
        """Move the clock forward."""
        self.now += int((seconds + days * 86_400) * 1000)


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """Return the decoded body, None if there is none."""
        return json.loads(self.body) if self.body else None

    @property
    def code(self) -> str:
        """Return the error code, empty if there is none; some bodies have no room for it, and it is in the header."""
        found = self.json if self.body else None
        in_header = self.headers.get("x-error-code", "")
        return str(found.get("errorCode", in_header)) if isinstance(found, dict) else ""


@dataclass(frozen=True, slots=True)
class Organization:
    """What `bootstrap` made: an organization, its owner, and a key with the owner role."""

    id: str
    owner: str
    username: str
    key: "Caller"
    setup_token: str | None


@dataclass(slots=True)
class Caller:
    """Somebody who calls: an API key with its Digest, or a person with a session."""

    world: "World"
    public_key: str = ""
    private_key: str = ""
    token: str = ""
    address: str = "127.0.0.1"
    id: str = ""

    def __call__(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        accept: str | None = VERSION,
        headers: Mapping[str, str] | None = None,
        raw: bytes | None = None,
    ) -> Reply:
        """Send one request; a path that names no face is taken below `/api/atlas/v2`."""
        full = path if path.startswith(("/api/", "/access/", "/scim/", "/.", "/openapi")) else f"/api/atlas/v2{path}"
        reply = self.world.send(self, method, full, body, accept=accept, headers=dict(headers or {}), raw=raw)
        if self.token and "/me/" in full and reply.status in {200, 201} and "dryRun" not in full:
            self.token = self._goes_on(reply)
        return reply

    def _goes_on(self, reply: Reply) -> str:
        """Return the token that the session has from now on: another one after a proof of who one is."""
        found = reply.json
        return str(found.get("token", self.token)) if isinstance(found, dict) else self.token

    def get(self, path: str, **options: Any) -> Reply:
        """Send a GET."""
        return self("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> Reply:
        """Send a POST."""
        return self("POST", path, body, **options)

    def patch(self, path: str, body: Any = None, **options: Any) -> Reply:
        """Send a PATCH."""
        return self("PATCH", path, body, **options)

    def put(self, path: str, body: Any = None, **options: Any) -> Reply:
        """Send a PUT."""
        return self("PUT", path, body, **options)

    def delete(self, path: str, **options: Any) -> Reply:
        """Send a DELETE."""
        return self("DELETE", path, **options)


class LoopThread:
    """An event loop that runs until it is stopped: one for each request would cost more than the request."""

    def __init__(self) -> None:
        """Start the loop."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="asgi", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run `work` on the loop and return its result; callable from any thread."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def stop(self) -> None:
        """End the loop."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(10)
            self._loop.close()


@dataclass(slots=True)
class World:
    """A store on disk with the application in front of it."""

    store: Store
    door: Door
    clock: Clock
    app: Any
    nobody: Caller = field(init=False)
    _asgi: LoopThread = field(default_factory=LoopThread, init=False)
    _digests: dict[tuple[str, ...], httpx.DigestAuth] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        """Make the caller without credentials."""
        self.nobody = Caller(self)

    @classmethod
    def open(cls, folder: Path, *, limits: Limits = DEFAULT_LIMITS, clock: Clock | None = None) -> Self:
        """Open a world whose store lies in `folder`."""
        declare_everything()
        clock = clock or Clock()
        store = Store.open(f"sqlite:///{folder}/orgward.db", clock=clock)
        door = Door(store, limits=limits)
        return cls(store, door, clock, build_app(door, rate_limits=0, pages=partial(Console, door)))

    def close(self) -> None:
        """Close the store."""
        self._asgi.stop()
        self.store.close()

    # -- building, by the operator's operations

    def operate(self, operation: str, body: Any) -> Any:
        """Run an operator's operation and return its result."""
        return self.door.write(Call(REGISTRY[operation], OPERATOR, body=body)).result(30).result

    def organization(
        self, name: str = "Acme", *, edition: str = "atlas", owner: str = "ann@example.org"
    ) -> Organization:
        """Make an organization with an owner and an owner key."""
        made = self.operate("bootstrap", NewOrganization(name=name, owner=owner, edition=edition))
        key = Caller(self, made["publicKey"], made["privateKey"])
        return Organization(made["organizationId"], made["userId"], made["username"], key, made["setupToken"])

    def user(
        self,
        username: str,
        *,
        orgs: Mapping[str, Sequence[str]] | None = None,
        projects: Mapping[str, Sequence[str]] | None = None,
    ) -> Caller:
        """Make an active user with these roles, signed in."""
        made = self.operate("enrolUser", NewUser(username=username, organizations=orgs or {}, projects=projects or {}))
        return self.session(made["userId"])

    def key(
        self,
        username: str,
        *,
        orgs: Mapping[str, Sequence[str]] | None = None,
        projects: Mapping[str, Sequence[str]] | None = None,
    ) -> Caller:
        """Make an API key with these roles (and a user who holds the same)."""
        body = NewUser(username=username, organizations=orgs or {}, projects=projects or {}, api_key=True)
        made = self.operate("enrolUser", body)
        return Caller(self, made["publicKey"], made["privateKey"])

    def erase(self, username: str) -> Any:
        """Erase a person."""
        return self.operate("eraseUser", ErasedUser(username=username))

    def session(self, user: str) -> Caller:
        """Return `user` signed in, without a password: the row that signing in would leave."""
        token = f"test-{user}"
        proof = self.store.keyring.hash_token(token)
        # Signing in costs 20 ms of hashing each; the tests of signing in go through the door.
        connection = connect(self.store.path)
        connection.execute(
            "INSERT OR REPLACE INTO sessions (hash, id, user_id, created_at, expires_at, salt) VALUES (?,?,?,?,?,?)",
            (proof, user, user, self.clock.now, self.clock.now + 365 * 86_400_000, "00"),
        )
        connection.close()
        return Caller(self, token=token, id=user)

    # -- asking

    def send(
        self,
        caller: Caller,
        method: str,
        path: str,
        body: Any,
        *,
        accept: str | None,
        headers: dict[str, str],
        raw: bytes | None,
    ) -> Reply:
        """Send one request over ASGI, with the Digest handshake for a key."""
        content = raw if raw is not None else None if body is None else json.dumps(body).encode()
        if content is not None:
            headers.setdefault("content-type", "application/json")
        if accept is not None:
            headers.setdefault("accept", accept)
        if caller.token:
            headers["authorization"] = f"Bearer {caller.token}"
        request = httpx.Request(method, f"http://orgward.test{path}", headers=headers, content=content)
        if not caller.public_key:
            return self._reply(self._ask(caller.address, request))
        flow = self._digest(caller).auth_flow(request)
        answer = self._ask(caller.address, next(flow))
        while True:
            try:
                request = flow.send(answer)
            except StopIteration:
                return self._reply(answer)
            answer = self._ask(caller.address, request)

    def over_tls(self, path: str) -> Reply:
        """Send a GET as it comes over TLS."""
        return self._reply(self._ask("127.0.0.1", httpx.Request("GET", f"https://orgward.test{path}")))

    def _digest(self, caller: Caller) -> httpx.DigestAuth:
        """Return the handshake of `caller`, which answers the last challenge again until it is stale."""
        credentials = (caller.public_key, caller.private_key)
        # One for each thread: its count of the uses of a nonce is not made for two at once.
        return self._digests.setdefault((*credentials, str(threading.get_ident())), httpx.DigestAuth(*credentials))

    @staticmethod
    def _reply(answer: httpx.Response) -> Reply:
        return Reply(answer.status_code, answer.headers, answer.content)

    def _ask(self, address: str, request: httpx.Request) -> httpx.Response:
        """Put `request` to the application; faults of the application are raised here."""
        return self._asgi.run(self._asked(address, request))

    async def _asked(self, address: str, request: httpx.Request) -> httpx.Response:
        url = request.url
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": request.method,
            "headers": [(name.lower(), value) for name, value in request.headers.raw], "scheme": url.scheme,
            "path": url.path, "raw_path": url.raw_path.split(b"?")[0], "query_string": url.query,
            "server": (url.host, 80), "client": (address, 1234), "root_path": "",
        }  # fmt: skip
        body = [request.content]
        start: dict[str, Any] = {}
        parts: list[bytes] = []

        async def receive() -> dict[str, Any]:
            if not body:
                return {"type": "http.disconnect"}
            return {"type": "http.request", "body": body.pop(), "more_body": False}

        async def send(message: Mapping[str, Any]) -> None:
            start.update(message) if message["type"] == "http.response.start" else parts.append(message["body"])

        await self.app(scope, receive, send)
        return httpx.Response(start["status"], headers=start["headers"], content=b"".join(parts), request=request)


def path_of(url: str) -> str:
    """Return the path of a link."""
    return urlsplit(url).path


@contextmanager
def opened(folder: Path, **options: Any) -> Iterator[World]:
    """Open a world for the length of a block."""
    world = World.open(folder, **options)
    try:
        yield world
    finally:
        world.close()

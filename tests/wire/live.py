"""A served store: `orgward serve` in a process of its own, and clients that speak to it over loopback."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.auth import HTTPDigestAuth

from tests.world import VERSION, Caller, Organization, World

TRUSTED_PROXY = "127.0.0.9"
"""An address of loopback that the server takes for its proxy; whoever calls from another is not believed."""

_PATIENCE = 30
_COMMAND = Path(sys.executable).with_name("orgward")


class WallClock:
    """The time in milliseconds, as the served process reads it."""

    @property
    def now(self) -> int:
        """Return the time."""
        return time.time_ns() // 1_000_000

    def __call__(self) -> int:
        """Return the time."""
        return self.now


@dataclass(slots=True)
class Client:
    """Somebody who calls a running server; connections are kept, as a real client keeps them."""

    url: str
    auth: Any = None
    bearer: str = ""
    session: requests.Session = field(default_factory=requests.Session)

    def __call__(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        accept: str | None = VERSION,
        headers: Mapping[str, str] | None = None,
        raw: bytes | None = None,
    ) -> requests.Response:
        """Send one request; a path that names no face is taken below `/api/atlas/v2`."""
        full = path if path.startswith(("/api/", "/access/", "/scim/", "/.", "/openapi")) else f"/api/atlas/v2{path}"
        sent: dict[str, Any] = {"Accept": accept, **(headers or {})}
        if self.bearer:
            sent["Authorization"] = f"Bearer {self.bearer}"
        if raw is not None:
            sent.setdefault("Content-Type", "application/json")
        return self.session.request(
            method, f"{self.url}{full}", json=body, data=raw, headers=sent, auth=self.auth,
            timeout=_PATIENCE, allow_redirects=False,
        )  # fmt: skip

    def get(self, path: str, **options: Any) -> requests.Response:
        """Send a GET."""
        return self("GET", path, **options)

    def done(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        """Send a request that has to go well and return its decoded body, None where there is none."""
        reply = self(method, path, body, **options)
        assert reply.ok, f"{method} {path}: {reply.status_code} {reply.text}"
        return reply.json() if reply.content else None


class From(HTTPAdapter):
    """Connections from another address of loopback."""

    def __init__(self, address: str) -> None:
        """Bind to `address`."""
        self._address = address
        super().__init__()

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        """Make the connections' pool."""
        super().init_poolmanager(*arguments, source_address=(self._address, 0), **options)


def asked_from(client: Client, address: str) -> Client:
    """Return a client with the same credentials that connects from `address`."""
    session = requests.Session()
    session.mount("http://", From(address))
    return Client(client.url, client.auth, session=session)


@dataclass(slots=True)
class Live:
    """A running server, and its store opened a second time to make what no network may make."""

    url: str
    world: World

    @property
    def address(self) -> tuple[str, int]:
        """Return host and port."""
        host, _, port = self.url.removeprefix("http://").partition(":")
        return host, int(port)

    @property
    def nobody(self) -> Client:
        """Return a client without credentials."""
        return Client(self.url)

    def client(self, caller: Caller) -> Client:
        """Return a client with the credentials of `caller`."""
        if caller.token:
            return Client(self.url, bearer=caller.token)
        return Client(self.url, HTTPDigestAuth(caller.public_key, caller.private_key))

    def owner(self, organization: Organization) -> Client:
        """Return a client with the owner key of `organization`."""
        return self.client(organization.key)

    def person(self, username: str) -> Client:
        """Return a new person who has set up an account and so is signed in, founder of an organization."""
        made = self.world.organization(f"Home of {username.split('@', maxsplit=1)[0]}", owner=username)
        body = {"token": made.setup_token, "password": "correct horse 7", "firstName": "A", "lastName": "B"}
        session = self.nobody.done("POST", "/api/orgward/v1/accounts:setup", body)
        return Client(self.url, bearer=session["token"])

    def exchange(self, request: bytes, *, then_leave: bool = False) -> bytes:
        """Send bytes as they are on a connection of their own, and return all that comes back before it ends."""
        with socket.create_connection(self.address, timeout=_PATIENCE) as connection:
            connection.sendall(request)
            if then_leave:
                connection.shutdown(socket.SHUT_WR)
            parts = []
            while part := connection.recv(65536):
                parts.append(part)
        return b"".join(parts)


@contextmanager
def serving(folder: Path, *, rate_limits: int = 0) -> Iterator[Live]:
    """Serve the store in `folder` on a free port of loopback until the block ends; it has to end well.

    Nothing is limited unless a factor says otherwise: tests and benches ask faster than anybody should.
    """
    store = f"sqlite:///{folder}/orgward.db"
    command = [str(_COMMAND), "serve", "--port", "0", "--store", store, "--trusted-proxy", f"{TRUSTED_PROXY}/32"]
    command += ["--rate-limits", str(rate_limits)]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, cwd=folder)
    assert process.stdout is not None
    try:
        said = process.stdout.readline()
        assert said.startswith("serving "), (folder / "server.log").read_text()
        clock: Any = WallClock()
        world = World.open(folder, clock=clock)
        try:
            yield Live(said.split()[1], world)
        finally:
            world.close()
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(_PATIENCE)
        process.stdout.close()
    assert process.returncode == 0, (folder / "server.log").read_text()
    assert "request_failed" not in (folder / "server.log").read_text(), "the server met something unexpected"

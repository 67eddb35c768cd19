"""The one client that calls out: what it returns, what it bounds, and that there is no other."""

import ast
import asyncio
import base64
import threading
from pathlib import Path

import pytest

from orgward.app.connecting import Lookups, OutboundError
from orgward.app.outbound import Bounds, Outbound
from tests.loopback import answering, certified, reply

SRC = Path(__file__).parents[2] / "src" / "orgward"
CALLING_OUT = {"aiohttp", "http.client", "httpcore", "httpx", "requests", "urllib.request", "urllib3"}
SOCKETS = {"asyncio.streams", "smtplib", "socket"}
BRIEF = Bounds(connect=0.5, total=0.5)


def failed(outbound, url):
    """Give the reason and the cause for which a call came to nothing."""
    with pytest.raises(OutboundError) as caught:
        outbound.get(url)
    return caught.value.reason, caught.value.cause


def drip(connection, head=b""):
    """Send a byte now and then, for as long as anybody takes it."""
    connection.send(head)
    while connection.send(b"x") and not connection.over.wait(0.05):
        pass


class TestAnswers:
    """What comes back."""

    def test_json_is_returned(self):
        """An answer that says it is JSON is read as such, by any media type that ends so."""
        for media_type in ("application/json", "application/jwk-set+json; charset=utf-8"):
            with answering(reply(b'{"a": 1}', headers=f"Content-Type: {media_type}")) as server:
                answer = Outbound(allow_loopback=True).get(f"{server.url}/path?with=query")
            assert (answer.status, answer.json()) == (200, {"a": 1})
            assert server.requests[0].startswith(b"GET /path?with=query HTTP/1.1\r\n")

    def test_an_error_is_an_answer(self):
        """A status of an error comes back for the caller to judge."""
        with answering(reply(b'{"error": "invalid_grant"}', status="400 Bad Request")) as server:
            answer = Outbound(allow_loopback=True).get(server.url)
        assert (answer.status, answer.json()) == (400, {"error": "invalid_grant"})

    @pytest.mark.parametrize(
        ("body", "media_type", "cause"),
        [
            (b"<html>", "text/html", "type"),
            (b"{", "application/json", "json"),
            (b"[" * 100_000, "application/json", "json"),
        ],
    )
    def test_what_is_no_json_is_none(self, body, media_type, cause):
        """What is not said to be JSON is not read, and what is none is refused."""
        with answering(reply(body, headers=f"Content-Type: {media_type}")) as server:
            answer = Outbound(allow_loopback=True).get(server.url)
        with pytest.raises(OutboundError) as caught:
            answer.json()
        assert (caught.value.reason, caught.value.cause) == ("wrong_answer", cause)

    def test_a_form_is_posted_with_the_secret_of_a_client(self):
        """Id and secret of a client go encoded in the header (RFC 6749, section 2.3.1)."""
        with answering(reply()) as server:
            fields = {"grant_type": "x", "code": "a b&c"}
            Outbound(allow_loopback=True).post_form(server.url, fields, client=("an id", "s:cret"))
        head, _, body = server.requests[0].partition(b"\r\n\r\n")
        assert body in {b"", b"grant_type=x&code=a+b%26c"}  # may come after the head
        sent = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"authorization: basic "))
        assert base64.b64decode(sent.split()[-1]) == b"an+id:s%3Acret"

    def test_tls_is_spoken_with_whom_one_trusts(self, tmp_path):
        """The name of the certificate is that of the address that was asked."""
        shown = certified(tmp_path, "localhost")
        with answering(reply(), tls=shown.server) as server:
            outbound = Outbound(allow_loopback=True, trusted=shown.client, resolve=lambda *_: ["127.0.0.1"])
            assert outbound.get(f"https://localhost:{server.port}/").status == 200


class TestBounds:
    """Nobody keeps a thread or its memory."""

    @pytest.mark.parametrize(
        "rest",
        [b"", b"HTTP/1.1 200 OK\r\nA: ", b"HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n"],
        ids=["first line", "header", "body"],
    )
    def test_a_drip_ends(self, rest):
        """Whoever sends a byte now and then is left after a while, in the first line as in headers and body."""
        with answering(lambda connection: drip(connection, rest)) as server:
            assert failed(Outbound(allow_loopback=True, bounds=BRIEF), server.url) == ("no_answer", "late")

    def test_silence_ends(self):
        """Whoever says nothing is left after a while."""
        with answering(lambda connection: connection.over.wait(30)) as server:
            assert failed(Outbound(allow_loopback=True, bounds=BRIEF), server.url) == ("no_answer", "late")

    def test_a_silent_resolver_ends(self):
        """A name that is looked up for long is left after a while."""
        over = threading.Event()
        outbound = Outbound(allow_loopback=True, bounds=BRIEF, resolve=lambda *_: [str(over.wait(30))])
        try:
            assert failed(outbound, "https://idp.example.org/") == ("no_answer", "late")
        finally:
            over.set()

    def test_names_without_a_server_stop_no_other(self):
        """However long some names are looked up, another one is found meanwhile."""
        over = threading.Event()
        bounds = Bounds(connect=0.05, total=5)
        dead = Outbound(allow_loopback=True, bounds=bounds, resolve=lambda *_: [str(over.wait(30))])
        alive = Outbound(allow_loopback=True, resolve=lambda *_: ["127.0.0.1"])
        try:
            for number in range(8):
                assert failed(dead, f"https://dead{number}.example.org/") == ("no_answer", "late")
            with answering(reply()) as server:
                assert alive.get(f"http://idp.example.org:{server.port}/").status == 200
        finally:
            over.set()

    def test_a_name_is_looked_up_once_at_a_time(self):
        """Whoever asks for a name again waits for the same look-up, and for no thread; nor are there endlessly many."""
        over, asked = threading.Event(), []

        def resolve(host, port):
            asked.append(host)
            over.wait(30)
            return [host]

        lookups = Lookups(2)
        try:
            first = lookups.begun(resolve, "dead.example", 443)
            assert all(lookups.begun(resolve, name, 443) is first for name in ("dead.example", "DEAD.example."))
            lookups.begun(resolve, "other.example", 443)
            with pytest.raises(OutboundError):
                lookups.begun(resolve, "third.example", 443)
        finally:
            over.set()
        assert first.result(20) == ["dead.example"]
        assert sorted(asked) == ["dead.example", "other.example"]

    def test_a_large_body_ends(self):
        """No more is read than an answer may have, whether or not its length is told."""
        endless = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

        def flood(connection):
            connection.send(endless)
            while connection.send(b"10000\r\n" + b"x" * 65_536 + b"\r\n"):
                pass

        for answer in (flood, reply(b"x" * 300_000)):
            with answering(answer) as server:
                assert failed(Outbound(allow_loopback=True), server.url) == ("wrong_answer", "size")

    def test_it_is_no_work_for_an_event_loop(self):
        """A call on an event loop is a fault of ours."""

        async def on_the_loop():
            Outbound().get("https://example.org/")

        with pytest.raises(RuntimeError):
            asyncio.run(on_the_loop())


def imported(path):
    """Give the modules that a module imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


def importers(modules):
    """Give the modules of ours that import one of `modules`."""
    return {
        path.relative_to(SRC).as_posix()
        for path in SRC.rglob("*.py")
        if any(name in modules or name.split(".")[0] in modules for name in imported(path))
    }


def test_nothing_else_calls_out():
    """HTTP is spoken to others by the guarded client alone; mail has its own carrier, and a server its listener."""
    assert importers(CALLING_OUT) == {"app/outbound.py", "app/connecting.py"}
    assert importers(SOCKETS) == {"app/connecting.py", "app/mail.py", "cli/serving.py"}

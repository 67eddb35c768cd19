"""Servers on loopback that answer byte by byte what a test wants, over TLS too."""

import datetime as dt
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Answering = Callable[["Connection"], None]


@dataclass(slots=True)
class Connection:
    """One connection: what was asked, and how to answer; `over` is set when the test has ended."""

    request: bytes
    over: threading.Event
    _socket: socket.socket

    def send(self, content: bytes) -> bool:
        """Send bytes, and say whether somebody still takes them."""
        try:
            self._socket.sendall(content)
        except OSError:
            return False
        return True


@dataclass(slots=True)
class Loopback:
    """A server that answers, and what it was asked."""

    port: int
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0

    @property
    def url(self) -> str:
        """Return where it is asked in the clear."""
        return f"http://127.0.0.1:{self.port}"


def reply(body: bytes = b"{}", *, status: str = "200 OK", headers: str = "Content-Type: application/json") -> bytes:
    """Return a whole answer."""
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n{headers}\r\n\r\n"
    return head.encode() + body


@contextmanager
def answering(answer: bytes | Answering, *, tls: ssl.SSLContext | None = None) -> Iterator[Loopback]:
    """Serve `answer` to every request for the length of a block."""
    listener = socket.create_server(("127.0.0.1", 0))
    found, over = Loopback(listener.getsockname()[1]), threading.Event()

    def serve() -> None:
        while not over.is_set():
            try:
                raw, _ = listener.accept()
            except OSError:
                return
            found.connections += 1
            threading.Thread(target=one, args=(raw,), daemon=True).start()

    def one(raw: socket.socket) -> None:
        with suppress(OSError, ssl.SSLError), raw:
            stream = raw if tls is None else tls.wrap_socket(raw, server_side=True)
            with stream:
                found.requests.append(_request(stream))
                connection = Connection(found.requests[-1], over, stream)
                connection.send(answer) if isinstance(answer, bytes) else answer(connection)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        over.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(10)


def _request(stream: socket.socket) -> bytes:
    found = b""
    while b"\r\n\r\n" not in found:
        part = stream.recv(65_536)
        if not part:
            return found
        found += part
    return found


@dataclass(frozen=True, slots=True)
class Certified:
    """What a server shows that is called by one name, and what trusts it."""

    server: ssl.SSLContext
    client: ssl.SSLContext


def certified(folder: Path, name: str) -> Certified:
    """Return a certificate for `name` that has signed itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    called = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    alternatives = x509.SubjectAlternativeName([_general(name)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder(issuer_name=called, subject_name=called, public_key=key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(alternatives, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    shown = certificate.public_bytes(serialization.Encoding.PEM)
    hidden = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )  # fmt: skip
    path = folder / f"{name}.pem"
    path.write_bytes(hidden + shown)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path)
    return Certified(server, ssl.create_default_context(cadata=shown.decode()))


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)

"""A client that costs next to nothing: requests as bytes, one kept connection, replies read to their length."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any, Self

import psutil


@dataclass(slots=True)
class Peer:
    """A kept connection to a server, and the process that answers."""

    process: psutil.Process
    address: tuple[str, int]
    _connection: socket.socket = field(init=False)
    _read: Any = field(init=False)

    def __post_init__(self) -> None:
        """Connect."""
        self._connection = socket.create_connection(self.address, timeout=60)
        self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._read = self._connection.makefile("rb")

    @classmethod
    def of(cls, process: psutil.Process, url: str) -> Self:
        """Connect to the server that `process` runs at `url`."""
        host, _, port = url.removeprefix("http://").partition(":")
        return cls(process, (host, int(port)))

    def ask(self, request: bytes) -> bytes:
        """Send one request and return the body of its reply, which has to be 200."""
        self._connection.sendall(request)
        status = self._read.readline()
        length = 0
        while (line := self._read.readline()) != b"\r\n":
            if line[:15].lower() == b"content-length:":
                length = int(line[15:])
        body: bytes = self._read.read(length)
        assert b" 200 " in status, (status, body)
        return body

    def cpu_of(self, requests: Sequence[bytes]) -> float:
        """Return the processor time that the server takes for one of `requests`."""
        before = self._cpu()
        for request in requests:
            self.ask(request)
        return (self._cpu() - before) / len(requests)

    def time_of(self, request: bytes, times: int) -> float:
        """Return the shortest round trip of `times`: whatever is longer waited for somebody else."""
        found = []
        for _ in range(times):
            began = perf_counter()
            self.ask(request)
            found.append(perf_counter() - began)
        return min(found)

    def _cpu(self) -> float:
        """Return the seconds that all threads of the server have run; the accounts of `times` tick too coarsely."""
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9


def message(
    method: str, path: str, body: Any = None, *, authorization: str = "", accept: str = "application/json"
) -> bytes:
    """Return a request as bytes."""
    raw = b"" if body is None else json.dumps(body).encode()
    headers: Mapping[str, str] = {
        "Host": "127.0.0.1",
        "Accept": accept,
        **({"Authorization": authorization} if authorization else {}),
        **({"Content-Type": "application/json", "Content-Length": str(len(raw))} if raw else {}),
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + raw


@contextmanager
def bare() -> Iterator[Peer]:
    """Serve the yardstick for the length of a block."""
    with subprocess.Popen([sys.executable, "-m", "bench.bare"], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().split()[1]
            yield Peer.of(psutil.Process(process.pid), url)
        finally:
            process.kill()


def served_process() -> psutil.Process:
    """Return the process of the store that this process serves."""
    return next(child for child in psutil.Process().children() if "serve" in child.cmdline())

"""A server that may be killed: `orgward serve` on one store, started again and again, and commands beside it."""

import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 60
COMMAND = Path(sys.executable).with_name("orgward")


def url_of(folder: Path) -> str:
    """Return the URL of the store in `folder`."""
    return f"sqlite:///{folder}/orgward.db"


def command(folder: Path, *arguments: str) -> "subprocess.Popen[str]":
    """Start a command on the store in `folder`."""
    return subprocess.Popen(
        [COMMAND, *arguments, "--store", url_of(folder)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=folder,
    )  # fmt: skip


def run(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run a command on the store in `folder` and return how it ended."""
    return finished(command(folder, *arguments))


def finished(process: "subprocess.Popen[str]") -> "subprocess.CompletedProcess[str]":
    """Wait for a command and return how it ended."""
    out, err = process.communicate(timeout=PATIENCE)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def unverified(ended: "subprocess.CompletedProcess[str]") -> str:
    """Return what `audit verify` found, nothing if all is well."""
    return "" if ended.returncode == 0 else f"audit verify ended with {ended.returncode}: {ended.stdout}{ended.stderr}"


@dataclass(slots=True)
class Server:
    """`orgward serve` on the store in `folder`, on a free port of loopback."""

    folder: Path
    url: str = ""
    _process: "subprocess.Popen[str] | None" = None

    def spawn(self) -> None:
        """Start the process without waiting for it."""
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [COMMAND, "serve", "--port", "0", "--rate-limits", "0", "--store", url_of(self.folder)],
                stdout=subprocess.PIPE, stderr=log, text=True, cwd=self.folder,
            )  # fmt: skip

    def start(self) -> str:
        """Start the process; return what is wrong if it does not come to serve, else nothing."""
        self.spawn()
        assert self._process is not None
        assert self._process.stdout is not None
        said = self._process.stdout.readline()
        if said.startswith("serving "):
            self.url = said.split()[1]
            return ""
        self.kill()
        return f"the server does not start: {self.log()[-2000:]}"

    def kill(self) -> None:
        """End the process as a power cut would: it learns nothing of it."""
        self._end(signal.SIGKILL)

    def stop(self) -> str:
        """End the process as an operator would; return what is wrong if it does not end well."""
        code = self._end(signal.SIGTERM)
        return "" if code == 0 else f"the server ended with {code}: {self.log()[-2000:]}"

    def _end(self, number: signal.Signals) -> int:
        process = self._process
        assert process is not None
        assert process.stdout is not None
        process.send_signal(number)
        code = process.wait(PATIENCE)
        process.stdout.close()
        return code

    def log(self) -> str:
        """Return what every process of this folder wrote to its log."""
        return (self.folder / "server.log").read_text()

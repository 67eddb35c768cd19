"""The command line on a store of its own, in this process, and served in another."""

import json
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from orgward.cli.main import app
from tests.empty_store import copy_to

COMMAND = Path(sys.executable).with_name("orgward")


class CommandLine:
    """Runs commands on one store."""

    def __init__(self, url):
        """Run on the store at `url`."""
        self.url = url

    def __call__(self, *arguments):
        """Run a command and give its result, whatever it is."""
        result = CliRunner().invoke(app, [*arguments, "--store", self.url])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    def json(self, *arguments, code=0):
        """Run a command that is to exit with `code` and give the JSON that it prints."""
        result = self(*arguments, "--json")
        assert result.exit_code == code, (result.stdout, result.stderr)
        return json.loads(result.stdout)

    def refusal(self, *arguments):
        """Run a command that a rule refuses and give the error object."""
        result = self(*arguments, "--json")
        assert (result.exit_code, result.stdout) == (3, ""), result.stdout
        return json.loads(result.stderr)

    def bootstrap(self, name="Acme", owner="ann@example.org", **options):
        """Make an organization."""
        more = [part for option, value in options.items() for part in (f"--{option}", value)]
        return self.json("bootstrap", "--organization", name, "--owner", owner, *more)


@pytest.fixture
def orgward(tmp_path):
    """Give the command line on an empty store."""
    return CommandLine(copy_to(tmp_path))


@contextmanager
def started(*arguments, **options):
    """Run the real command until the block ends; give the process and its first line."""
    process = subprocess.Popen(
        [COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options
    )
    try:
        yield process, process.stdout.readline()
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)

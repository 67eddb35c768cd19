"""The skip policy itself, and the closed network."""

import socket

import pytest
from pytest_socket import SocketConnectBlockedError

from tests.requirements_of_tests import require


def test_what_is_there_is_not_skipped(monkeypatch):
    """A condition that holds neither skips nor fails."""
    monkeypatch.setenv("CI", "true")
    require("/usr/bin/node", "node", installable=True)


@pytest.mark.parametrize(("ci", "installable"), [("", True), ("", False), ("true", False)])
def test_what_is_absent_is_skipped_with_its_reason(monkeypatch, ci, installable):
    """Outside CI anything may be absent; in CI only what nobody can install."""
    monkeypatch.setenv("CI", ci)
    with pytest.raises(pytest.skip.Exception, match="node is not installed"):
        require(None, "node is not installed", installable=installable)


def test_ci_does_not_skip_what_it_could_install(monkeypatch):
    """In CI a skip for want of something installable is a failure."""
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="CI has to provide this: node"):
        require(None, "node is not installed", installable=True)


def test_tests_reach_no_network():
    """A connection to anything but this machine is refused before a packet leaves."""
    with (
        socket.socket() as outward,
        pytest.warns(UserWarning, match="tried to use"),
        pytest.raises(SocketConnectBlockedError),
    ):
        outward.connect(("192.0.2.1", 80))


def test_tests_reach_this_machine():
    """A server on loopback can be reached."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=5).close()

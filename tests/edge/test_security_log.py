"""What the security log says of refused requests, and that it says nothing of others."""

import json

import pytest

from orgward.edge.security_log import SecurityLog
from orgward.kernel.errors import DeniedError, MalformedError, UnauthenticatedError
from orgward.kernel.principal import Principal


@pytest.fixture
def noted(tmp_path):
    """Return a function that notes errors and gives back the lines that were written."""

    def note(*errors):
        log = SecurityLog(tmp_path)
        log.open()
        for error in errors:
            log.note(
                error,
                "GET",
                "/api/atlas/v2/orgs",
                caller=Principal("api_key", "k", "abc", "::1"),
                request_id="r1",
                address="::1",
            )
        log.close()
        return [json.loads(line) for line in (tmp_path / "security.log").read_text().splitlines()]

    return note


def test_a_refused_request_is_a_line(noted):
    """Who was refused what, and why, stands in one line of JSON."""
    (line,) = noted(DeniedError(["org.read"], ["ORG_MEMBER"]))
    assert line["code"] == "USER_UNAUTHORIZED"
    assert (line["kind"], line["id"], line["credential"], line["address"]) == ("api_key", "k", "abc", "::1")
    assert (line["method"], line["path"], line["requestId"]) == ("GET", "/api/atlas/v2/orgs", "r1")


def test_a_failed_authentication_is_a_line_and_a_malformed_request_is_none(noted):
    """Typing errors are no matter of security."""
    assert [line["code"] for line in noted(UnauthenticatedError(), MalformedError("MALFORMED_JSON"))] == [
        "UNAUTHENTICATED"
    ]


def test_the_file_is_for_its_owner_alone(noted, tmp_path):
    """Addresses of callers stand in it."""
    noted(UnauthenticatedError())
    assert (tmp_path / "security.log").stat().st_mode & 0o777 == 0o600


def test_nothing_is_written_before_it_is_open(tmp_path):
    """Outside a running server nobody is there to rotate it."""
    SecurityLog(tmp_path).note(UnauthenticatedError(), "GET", "/", caller=None, request_id="r", address="")
    assert list(tmp_path.iterdir()) == []

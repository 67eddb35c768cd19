"""The table of calls is whole, and each of them goes well, in each version."""

import pytest

from tests.wire.calls import ADMIN_API, CALLS, EACH_VERSION


def test_every_operation_has_a_call():
    """Whoever serves an operation of the Admin API says here how it is called, so that every test sees it."""
    assert set(CALLS) == set(ADMIN_API)


@pytest.mark.parametrize(("operation", "version"), EACH_VERSION)
def test_it_goes_well(scene, operation, version):
    """Every operation answers in every version with its status, its media type and keys in order."""
    endpoint = ADMIN_API[operation]
    accept = f"application/vnd.atlas.{version}+json"
    reply = scene.send(operation, CALLS[operation](scene), accept=accept)
    assert (reply.status_code, reply.headers["Content-Type"]) == (endpoint.status, f"{accept};charset=utf-8"), (
        reply.text
    )
    assert reply.content or endpoint.status == 204

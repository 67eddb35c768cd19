"""The operations that anybody may call stand in a file, so that one more of them shows in a diff."""

from pathlib import Path

from orgward.app.operation import Public
from orgward.edge.endpoint import ENDPOINTS
from tests.matrix.cases import ENDPOINT

GOLDEN = Path(__file__).parent / "public_operations.txt"


def public():
    """Give each public operation with its place and the reason that it states."""
    return sorted(
        f"{e.operation.id}: {e.method} {e.path} – {e.operation.requires.reason}"
        for e in ENDPOINTS
        if isinstance(e.operation.requires, Public)
    )


def test_the_public_operations_are_those_of_the_file():
    """Nothing is open to everybody but what somebody has read and written down."""
    assert public() == GOLDEN.read_text(encoding="utf-8").splitlines()


def test_nothing_else_answers_without_credentials(neighbours):
    """Every other operation answers 401 with the challenge, whatever else is wrong with the request."""
    world = neighbours["atlas"][0].world
    known = {line.split(":")[0] for line in public()}
    for name, endpoint in ENDPOINT.items():
        if name in known:
            continue
        for accept in ("application/vnd.atlas.2025-03-12+json", "text/html"):
            reply = world.nobody(endpoint.method, endpoint.path, {"nonsense": 1}, accept=accept)
            assert reply.status == 401, name
            assert reply.headers["www-authenticate"].startswith("Digest "), name

"""What the Go SDK sends, to the letter, for every operation served: the CLI and the Terraform provider are built on it.

Its defaults stand in every query, one dated type in `Accept`, the same as the type of the body, and a line feed ends
the body. Each call takes two requests: it asks for a fresh challenge every time, and sends the body along both times.
"""

import csv
import json
import re

import pytest
import requests

from tests.wire.calls import ADMIN_API, CALLS, path_of
from tests.wire.test_digest import Digest, refused
from tests.wire.test_errors import ORACLE

RELEASE = "2025-03-12"
AGENT = "go-atlas-sdk-admin/v20250312023.1.0 (linux;amd64)"
OPEN = {"listControlPlaneIpAddresses"}
"""What it gets without a challenge."""

JSON = re.compile(r"(?i:(?:application|text)/(?:vnd\.[^;]+\+)?json)")
"""What the SDK takes for JSON; a body of any other type is an error to it."""


def _listed():
    with (ORACLE / "admin_operations.csv").open(encoding="utf-8", newline="") as file:
        return {row["operationId"]: row for row in csv.DictReader(file)}


LISTED = _listed()


def media_type(operation):
    """Return the type of the newest version that a release of that date knows; previews are not in it."""
    return f"application/vnd.atlas.{_known(operation)[-1]}+json"


def _known(operation):
    return [version for version in LISTED[operation]["versions"].split() if version <= RELEASE]


def target_of(operation, values):
    """Return path and query as the SDK writes them."""
    query = LISTED[operation]["query_defaults"]
    return path_of(ADMIN_API[operation], values) + (f"?{query}" if query else "")


def send(scene, operation, request):
    """Send the call twice as the SDK does, or once with the token of a person, and return the last reply."""
    method, target, accept = ADMIN_API[operation].method, target_of(operation, request.values), media_type(operation)
    headers = {"User-Agent": AGENT, "Accept": accept}
    body = None
    if request.body is not None:
        headers["Content-Type"] = accept
        body = json.dumps(request.body, separators=(",", ":")).encode() + b"\n"

    def sent(**more):
        url = f"{scene.live.url}{target}"
        return session.request(method, url, data=body, headers={**headers, **more}, timeout=30)

    with requests.Session() as session:
        if request.client:
            return sent(Authorization=f"Bearer {request.client.bearer}")
        first = sent()
        if operation in OPEN:
            return first
        assert refused(first)
        digest = Digest(scene.live.url, scene.owner_key.public_key, scene.owner_key.private_key)
        digest.challenge(first)
        return sent(Authorization=digest.header(target, method=method))


@pytest.mark.parametrize("operation", sorted(filter(_known, ADMIN_API)))
def test_a_call_of_the_sdk_goes_well(scene, operation):
    """Every operation takes the SDK's query, types and body, and answers with what it can decode."""
    reply = send(scene, operation, CALLS[operation](scene))
    assert reply.status_code == ADMIN_API[operation].status, reply.text
    assert reply.headers["Content-Type"].startswith(media_type(operation))
    assert JSON.match(reply.headers["Content-Type"])
    if reply.content:
        json.loads(reply.content)


def test_the_defaults_are_those_of_lists(scene):
    """Nothing changes by sending them: a list is the same with and without."""
    for operation in ("listOrgs", "listGroups", "getOrgGroups", "listOrgUsers", "listGroupUsers", "listOrgApiKeys"):
        request = CALLS[operation](scene)
        with_defaults = send(scene, operation, request).json()
        plain = scene.send(operation, request, accept=media_type(operation)).json()
        assert (with_defaults["results"], with_defaults["totalCount"]) == (plain["results"], plain["totalCount"])

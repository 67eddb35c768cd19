"""The checks of scim2-tester, which others wrote, against a server on loopback: none finds a fault."""

import uuid
from collections import Counter

import httpx
import pytest
from scim2_client import BaseSyncSCIMClient
from scim2_tester import Status, check_server

from tests.scim.conftest import DOMAIN, provider_of
from tests.wire.live import serving

pytestmark = pytest.mark.client

LEFT_OUT = {"search_with_attributes"}
"""Searching several types at once is not served, and says so: 501."""


class Client(BaseSyncSCIMClient):
    """The client of scim2-tester, over a connection of httpx."""

    def __init__(self, connection):
        """Speak through `connection`."""
        super().__init__()
        self.connection = connection

    def _stays_under_base_url(self, endpoint):
        asked = str(self.connection.build_request("GET", endpoint).url)
        return asked.startswith(str(self.connection.base_url))

    def _parse_json(self, response):
        return response.json()

    def request(self, method, url, **sent):
        """Send one request."""
        return self.connection.request(method, url, **sent)


@pytest.fixture
def client(tmp_path):
    """Give a client that has found out what is served, with the secret of a service account."""
    with serving(tmp_path) as live:
        provider = provider_of(live.world)
        body = {"name": "scim", "description": "SCIM", "roles": ["ORG_OWNER"], "secretExpiresAfterHours": 24}
        made = provider.caller.post(f"/orgs/{provider.org}/serviceAccounts", body).json
        headers = {"authorization": f"Bearer {made['secrets'][0]['secret']}"}
        with httpx.Client(base_url=f"{live.url}/scim/v2/{provider.org}", headers=headers) as connection:
            found = Client(connection)
            found.discover()
            yield found


def test_others_find_no_fault(client):
    """Discovery, creation, reading, lists, replacement, deletion and every kind of PATCH are as the RFCs have them."""
    # No schema can say that a userName is an address in a domain of the federation.
    addresses = [f"{uuid.uuid4()}@{DOMAIN}" for _ in range(1_000)]
    client.get_resource_model("User").model_fields["user_name"].examples = addresses
    results = check_server(client)
    faults = [
        (result.resource_type, result.title, result.reason)
        for result in results
        if result.status != Status.SUCCESS and not (result.status == Status.SKIPPED and result.title in LEFT_OUT)
    ]
    assert faults == []
    seen = Counter((result.resource_type, result.title) for result in results)
    assert seen["User", "check_replace_attribute"] > 20
    assert seen["Group", "check_replace_attribute"] == 3
    assert {"object_creation", "object_replacement", "object_deletion", "check_remove_attribute", "random_url"} < {
        title for _, title in seen
    }

"""What the tests of SCIM start from: an organization whose federation owns a domain, and who provisions it."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import pytest

from orgward.app.operator import ProvenDomain
from tests.directory.company import done
from tests.empty_store import open_world
from tests.store_checker import check_store
from tests.world import Caller, Reply, World

OWN = "/api/orgward/v1"
DOMAIN = "acme.example"
"""The domain that the federation has proven to be its own."""

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"


@dataclass
class Provider:
    """An identity provider that pushes people and teams to one organization."""

    world: World
    org: str
    caller: Caller
    federation: str = ""
    numbers: list[int] = field(default_factory=list)

    def __call__(self, method: str, path: str, body: Any = None, **options: Any) -> Reply:
        """Send one request below the organization's place."""
        headers = {"content-type": "application/scim+json", **options.pop("headers", {})}
        query = options.pop("query", None)
        place = f"/scim/v2/{self.org}{path}{f'?{urlencode(query)}' if query else ''}"
        return self.caller(method, place, body, accept="application/scim+json", headers=headers, **options)

    def get(self, path: str, **options: Any) -> Any:
        """Read what has to be there."""
        return self.done("GET", path, **options)

    def done(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        """Send what has to succeed and give the answer."""
        reply = self(method, path, body, **options)
        assert reply.status < 300, (method, path, body, reply.status, reply.body)
        return reply.json

    def address(self, domain: str = DOMAIN) -> str:
        """Give an address that nobody has yet."""
        self.numbers.append(len(self.numbers))
        return f"person{len(self.numbers)}@{domain}"

    def user(self, address: str = "", **members: Any) -> Any:
        """Bring somebody."""
        body = {"schemas": [USER], "userName": address or self.address(), **members}
        return self.done("POST", "/Users", body)

    def team(self, name: str, *people: Any) -> Any:
        """Bring a team of these people."""
        members = [{"value": person["id"]} for person in people]
        return self.done("POST", "/Groups", {"schemas": [GROUP], "displayName": name, "members": members})

    def patch(self, path: str, *operations: dict[str, Any], **options: Any) -> Reply:
        """Send changes."""
        return self("PATCH", path, {"schemas": [PATCH], "Operations": list(operations)}, **options)

    def patched(self, path: str, *operations: dict[str, Any]) -> Any:
        """Send changes that have to succeed and give the resource."""
        reply = self.patch(path, *operations)
        assert reply.status == 200, (path, operations, reply.status, reply.body)
        return reply.json


def provider_of(world: World, *, domain: str = DOMAIN, owner: str = "ann@example.org", name: str = "Acme") -> Provider:
    """Give the provider of a new organization whose federation owns `domain`."""
    made = world.organization(name, owner=owner)
    caller = world.session(made.owner)
    federation = done(caller.post(f"{OWN}/orgs/{made.id}/federation"))["id"]
    world.operate("vouchForDomain", ProvenDomain(domain=domain, federation=federation))
    return Provider(world, made.id, caller, federation)


def refusal(reply: Reply) -> tuple[int, str]:
    """Give status and scimType of a refusal, which has the form of RFC 7644."""
    assert reply.headers["content-type"] == "application/scim+json"
    assert reply.json["schemas"] == [ERROR]
    assert reply.json["status"] == str(reply.status)
    assert reply.json["detail"]
    return reply.status, reply.json.get("scimType", "")


@pytest.fixture
def world(tmp_path):
    """Open a world on a store of its own, in which nothing may be left hanging."""
    found = open_world(tmp_path)
    yield found
    found.close()
    assert check_store(found.store.path) == []


@pytest.fixture
def provider(world):
    """Give the provider of an organization whose federation owns a domain."""
    return provider_of(world)

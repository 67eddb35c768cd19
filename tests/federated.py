"""A company whose people sign in by an identity provider that really runs."""

from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from orgward.app.oidc import Providers
from orgward.app.operator import ProvenDomain
from orgward.app.outbound import Outbound
from tests.identity_provider import CLIENT, IdentityProvider
from tests.world import Caller, Organization, Reply, World

OWN = "/api/orgward/v1"
OIDC = "/api/atlas/v2/federationSettings"


@dataclass(slots=True)
class Federated:
    """An organization, its federation, and the provider of its people."""

    world: World
    org: Organization
    owner: Caller
    idp: IdentityProvider
    federation: str
    provider: str

    @classmethod
    def found(
        cls, world: World, idp: IdentityProvider, *, name: str = "Acme", owner: str = "ann@acme.test",
        domain: str = "acme.example",
    ) -> Self:  # fmt: skip
        """Found a federation with one organization; its provider vouches for `domain` if one is named."""
        world.door.providers = Providers(Outbound(allow_loopback=True), world.clock)
        idp.tell(now=world.clock.now // 1000)
        org = world.organization(name, owner=owner)
        caller = world.session(org.owner)
        federation = _done(caller.post(f"{OWN}/orgs/{org.id}/federation"))["id"]
        found = cls(world, org, caller, idp, federation, "")
        if domain:
            world.operate("vouchForDomain", ProvenDomain(domain=domain, federation=federation))
        found.provider = found.add_provider(domains=[domain] if domain else [])
        found.configure(identityProviderId=found.provider)
        return found

    def add_provider(self, *, domains: list[str] = [], **described: Any) -> str:  # noqa: B006 - read only
        """Add a provider and give its id."""
        body = {
            "protocol": "OIDC", "idpType": "WORKFORCE", "displayName": "Acme Login", "issuerUri": self.idp.issuer,
            "clientId": CLIENT, "groupsClaim": "groups", "associatedDomains": domains, **described,
        }  # fmt: skip
        sent = {name: value for name, value in body.items() if value is not None}
        return str(_done(self.owner.post(f"{OIDC}/{self.federation}/identityProviders", sent))["id"])

    def change_provider(self, **described: Any) -> Reply:
        """Change the provider."""
        return self.owner.patch(f"{OIDC}/{self.federation}/identityProviders/{self.provider}", described)

    def delete_provider(self) -> Reply:
        """Delete the provider."""
        return self.owner.delete(f"{OIDC}/{self.federation}/identityProviders/{self.provider}")

    def configure(self, **changed: Any) -> None:
        """Change how the organization uses its federation."""
        _done(self.owner.patch(f"{OIDC}/{self.federation}/connectedOrgConfigs/{self.org.id}", changed))

    def map(self, external: str, *roles: str, **in_projects: str) -> str:
        """Map a group of the provider to roles of the organization, and of projects by id, and give the mapping."""
        given = [{"orgId": self.org.id, "role": role} for role in roles]
        given += [{"groupId": project, "role": role} for project, role in in_projects.items()]
        body = {"externalGroupName": external, "roleAssignments": given}
        path = f"{OIDC}/{self.federation}/connectedOrgConfigs/{self.org.id}/roleMappings"
        return str(_done(self.owner.post(path, body))["id"])

    # ------------------------------------------------------------ signing in

    def begin(self, username: str = "fay@acme.example", **body: Any) -> Reply:
        """Begin to sign in."""
        return self.world.nobody.post(f"{OWN}/sessions/federated:begin", {"username": username, **body})

    def returned(self, begun: Reply, **changed: Any) -> dict[str, Any]:
        """Go to the provider and give what a browser brings back from there."""
        assert begun.status == 200, begun.json
        back = dict(parse_qsl(urlsplit(self.idp.visited(begun.json["location"])).query))
        found = {"pending": begun.json["pending"], "code": back.get("code", ""), "state": back["state"]}
        return {**found, "iss": back.get("iss", ""), **changed}

    def finish(self, returned: dict[str, Any]) -> Reply:
        """Begin a session with what a browser has brought back."""
        return self.world.nobody.post(f"{OWN}/sessions/federated", returned)

    def sign_in(self, username: str = "fay@acme.example", **person: Any) -> Reply:
        """Sign in from the beginning to the end, as whom `person` changes."""
        if person:
            self.idp.person(**{"email": username, **person})
        return self.finish(self.returned(self.begin(username)))

    def session(self, username: str = "fay@acme.example", **person: Any) -> Caller:
        """Sign in and give the session."""
        reply = self.sign_in(username, **person)
        assert reply.status == 201, reply.json
        return Caller(self.world, token=reply.json["token"], id=reply.json["userId"])

    def link(self, caller: Caller, provider: str = "", **person: Any) -> Reply:
        """Let somebody who has signed in link the provider."""
        if person:
            self.idp.person(**person)
        begun = caller.post(f"{OWN}/me/identities:begin", {"identityProviderId": provider or self.provider})
        if begun.status != 200:
            return begun
        return caller.post(f"{OWN}/me/identities", self.returned(begun))


def _done(reply: Reply) -> Any:
    assert reply.status in {200, 201}, (reply.status, reply.json)
    return reply.json

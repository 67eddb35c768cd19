"""Programs that sign in on a device, as the Atlas CLI does, and the people who approve them."""

from dataclasses import dataclass, field

from tests.clients import send_form
from tests.world import Caller, Reply, World

DEVICE = "/api/private/unauth/account/device"
OWN = "/api/orgward/v1"
CLI = "0oabtxactgS3gHIR0297"
"""The client id of the Atlas CLI (atlas-cli-core, transport/oauth.go)."""

BY_CODE = "urn:ietf:params:oauth:grant-type:device_code"
AGENT = "atlascli/1.50.0 (linux;amd64)"


@dataclass
class Device:
    """A program that asks for a code, waits for its person, and keeps its tokens."""

    world: World
    client: str = CLI
    address: str = "192.0.2.44"
    agent: str = AGENT
    user_code: str = ""
    device_code: str = ""
    tokens: dict[str, str] = field(default_factory=dict)

    def send(self, path: str, **fields: str) -> Reply:
        """Send a form as this program."""
        form = {"client_id": self.client, **fields}
        return send_form(self.world, f"{DEVICE}/{path}", form, address=self.address, **{"user-agent": self.agent})

    def begin(self) -> "Device":
        """Ask for the codes, as the CLI does."""
        reply = self.send("authorize", scope="openid profile offline_access")
        assert reply.status == 200, reply.json
        self.user_code, self.device_code = reply.json["user_code"], reply.json["device_code"]
        return self

    def poll(self) -> Reply:
        """Ask for the tokens, five seconds after whatever was before."""
        self.world.clock.advance(seconds=5)
        return self.send("token", device_code=self.device_code, grant_type=BY_CODE)

    def refresh(self, token: str | None = None) -> Reply:
        """Ask for further tokens."""
        shown = self.tokens["refresh_token"] if token is None else token
        reply = self.send("token", refresh_token=shown, grant_type="refresh_token", scope="openid")
        if reply.status == 200:
            self.tokens = reply.json
        return reply

    def revoke(self, kind: str = "refresh_token") -> Reply:
        """End the session by one of its tokens."""
        return self.send("revoke", token=self.tokens[kind], token_type_hint=kind)

    def signed_in(self, person: Caller) -> "Device":
        """Have `person` approve, and take the tokens."""
        self.begin()
        assert decide(person, self.user_code).json == {"state": "approved"}
        reply = self.poll()
        assert reply.status == 200, reply.json
        self.tokens = reply.json
        return self

    @property
    def caller(self) -> Caller:
        """Return who calls with the access token."""
        return Caller(self.world, token=self.tokens["access_token"], address=self.address)


def decide(person: Caller, code: str, verb: str = "approve") -> Reply:
    """Decide on a device."""
    return person.post(f"{OWN}/device/{code}:{verb}")


def look(person: Caller, code: str) -> Reply:
    """Look at a device that waits."""
    return person.get(f"{OWN}/device/{code}")

"""Service accounts as their clients see them: the account made, and its tokens asked for by HTTP Basic."""

import base64
from dataclasses import dataclass, replace
from urllib.parse import quote_plus, urlencode

from tests.world import Caller, Organization, Reply, World

TOKEN, REVOKE, KEYS = "/api/oauth/token", "/api/oauth/revoke", "/api/oauth/jwks"
FORM = "application/x-www-form-urlencoded"


def basic(client: str, secret: str, *, escaped: bool = False) -> str:
    """Give the header that shows a client's secret; some clients escape both halves, others neither."""
    halves = [quote_plus(half) if escaped else half for half in (client, secret)]
    return f"Basic {base64.b64encode(':'.join(halves).encode()).decode()}"


def send_form(
    world: World, path: str, fields: dict[str, str] | str, *, address: str = "127.0.0.1", **headers: str
) -> Reply:
    """Send a form."""
    raw = fields if isinstance(fields, str) else urlencode(fields)
    sent = {"content-type": FORM, **headers}
    return Caller(world, address=address).post(path, raw=raw.encode(), headers=sent, accept=None)


@dataclass(frozen=True)
class Client:
    """A service account, and the secret that was shown when it was made."""

    world: World
    org: str
    id: str
    secret: str
    secret_id: str

    @property
    def account(self) -> str:
        """Return the id of the account itself."""
        return self.id.removeprefix("mdb_sa_id_")

    def ask(self, *, address: str = "127.0.0.1", escaped: bool = False, **fields: str) -> Reply:
        """Ask for a token."""
        shown = basic(self.id, self.secret, escaped=escaped)
        form = {"grant_type": "client_credentials", **fields}
        return send_form(self.world, TOKEN, form, address=address, authorization=shown)

    def token(self) -> str:
        """Give a token."""
        reply = self.ask()
        assert reply.status == 200, reply.json
        return str(reply.json["access_token"])

    def caller(self, token: str | None = None, *, address: str = "127.0.0.1") -> Caller:
        """Give who calls with a token."""
        return Caller(self.world, token=token or self.token(), address=address)

    def revoke(self, token: str, **fields: str) -> Reply:
        """Revoke a token."""
        shown = basic(self.id, self.secret)
        return send_form(self.world, REVOKE, {"token": token, **fields}, authorization=shown)

    def with_secret(self, secret: str, secret_id: str = "") -> "Client":
        """Give the same account with another secret."""
        return replace(self, secret=secret, secret_id=secret_id)


def new_client(
    org: Organization, *, roles: tuple[str, ...] = ("ORG_READ_ONLY",), hours: int = 8, name: str = "deployer"
) -> Client:
    """Make a service account by the organization's own key."""
    body = {"name": name, "description": "", "roles": list(roles), "secretExpiresAfterHours": hours}
    reply = org.key.post(f"/orgs/{org.id}/serviceAccounts", {**body, "description": "in the tests"})
    assert reply.status == 201, reply.json
    (secret,) = reply.json["secrets"]
    return Client(org.key.world, org.id, reply.json["clientId"], secret["secret"], secret["id"])

"""The root of the Admin API: what answers here, and from which addresses it calls out."""

from typing import Any

from orgward import __version__
from orgward.admin_api.key_shapes import key_roles
from orgward.admin_api.links import self_link
from orgward.app.execute import Context
from orgward.app.operation import Oneself, Public
from orgward.app.targets import Nowhere
from orgward.edge.endpoint import ATLAS, V2023_01, V2023_11, endpoint

TAG = "Root"


@endpoint(
    "GET", ATLAS, id="getSystemStatus", requires=Oneself("names the API and the caller's own key"), on=Nowhere(),
    versions=(V2023_01,), tag=TAG, brief=True,
)  # fmt: skip
def read_status(context: Context) -> dict[str, Any]:
    """Return the name of the API, the build, and the caller's API key."""
    return {
        "apiKey": _own_key(context),
        "appName": "MongoDB Atlas",
        "build": __version__,
        "links": self_link(context.call.base_url, ""),
        "throttling": False,
    }


def _own_key(context: Context) -> dict[str, Any] | None:
    if context.principal.kind != "api_key":
        return None
    key = context.view.get("api_keys", context.principal.id) or {}
    entries = context.view.find("api_key_access", key_id=key["id"])
    return {
        "accessList": [{"cidrBlock": entry["cidr"], "ipAddress": entry["ip"]} for entry in entries],
        "id": key["id"],
        "publicKey": key["public_key"],
        "roles": key_roles(context.view, key, context.now),
    }


@endpoint(
    "GET", f"{ATLAS}/unauth/controlPlaneIPAddresses", id="listControlPlaneIpAddresses",
    requires=Public("addresses of the control plane are asked for before anybody can sign in"), on=Nowhere(),
    versions=(V2023_11,), tag=TAG,
)  # fmt: skip
def list_control_plane_addresses(context: Context) -> dict[str, Any]:
    """Return the addresses from which the control plane calls out: a self-hosted one has none in any cloud."""
    del context
    return {"inbound": {"aws": {}, "azure": {}, "gcp": {}}, "outbound": {"aws": {}, "azure": {}, "gcp": {}}}

"""The caller's own address, which clients of the Admin API ask for before they put it on an access list."""

from ipaddress import ip_address
from typing import Any

from orgward.app.execute import Context
from orgward.app.operation import Public
from orgward.app.targets import Nowhere
from orgward.directory.addresses import block_of, lone_address
from orgward.edge.endpoint import endpoint


@endpoint(
    "GET", "/api/private/ipinfo", id="getIpInfo", on=Nowhere(), tag="Root",
    requires=Public("it tells whoever asks nothing but where they ask from"),
)  # fmt: skip
def read_caller_address(context: Context) -> dict[str, Any]:
    """Return the IPv4 address that the caller comes from, null where it comes by IPv6."""
    block = block_of(context.call.address)
    address = lone_address(block) if block else None
    return {"currentIpv4Address": address if address and ip_address(address).version == 4 else None}

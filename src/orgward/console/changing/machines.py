"""What forms about API keys and service accounts have in common: addresses as written, and roles as they stand."""

from collections.abc import Sequence

import msgspec

from orgward.console.changing.summary import Chip
from orgward.console.frame.page import Posted
from orgward.console.listing.naming import place_named
from orgward.directory.addresses import block_of, lone_address
from orgward.kernel.errors import FieldFault, MalformedError


def held_chips(posted: Posted, machine: str, scope: str) -> list[Chip]:
    """Return the roles of the machine in force there, as the check of a change shows them before it."""
    rows = posted.view.find("assignments", holder_id=machine, scope_id=scope)
    is_org = posted.facts.attribute("organizations", scope) is not None
    source = "organization" if is_org else "direct"
    return [Chip(role=row["role"], source=source) for row in rows if row["starts"] <= posted.now < row["ends"]]


def chips_by_place(posted: Posted, machine: str, org: str) -> list[Chip]:
    """Return every role of the machine in force, the organization's first; those on projects say where."""
    rows = posted.view.find("assignments", holder_id=machine, org_id=org)
    scopes = sorted({row["scope_id"] for row in rows}, key=lambda scope: (scope != org, scope))
    return [
        msgspec.structs.replace(chip, via="" if scope == org else place_named(posted.view, scope))
        for scope in scopes
        for chip in held_chips(posted, machine, scope)
    ]


def addresses_posted(posted: Posted) -> list[str]:
    """Return the canonical blocks that the field `addresses` names; raise what is wrong with one of them."""
    texts = posted.one("addresses").replace(",", " ").split()
    blocks = {text: block_of(text) for text in texts}
    for text, block in blocks.items():
        if block is None:
            fault = FieldFault("addresses", posted.words("keys.no_address", text=text[:64]))
            raise MalformedError("INVALID_IP_ADDRESS_OR_CIDR_NOTATION", text[:64], fields=[fault])
    return [block for block in dict.fromkeys(blocks.values()) if block is not None]


def listed(blocks: Sequence[str]) -> str:
    """Return canonical blocks as a sentence names them: a single address without its length."""
    return ", ".join(lone_address(block) or block for block in blocks)

"""What the access lists of API keys and of service accounts have in common on the wire (rules 82, 83)."""

from collections.abc import Callable
from typing import Any

from orgward.admin_api.tolerant import Body
from orgward.app.acting import ground_of, outcome_of
from orgward.app.execute import Context
from orgward.directory import access_lists
from orgward.directory.addresses import block_of, blocks_of
from orgward.edge.paging import Page
from orgward.kernel.instants import rfc3339
from orgward.store.reads.machines import access_page
from orgward.store.view import Row, SqlView
from orgward.store.writer import Outcome

Json = dict[str, Any]
Shape = Callable[[Context, Row], Json]
"""Returns an entry as the list that the call is about shows it."""


class AccessEntryBody(Body, frozen=True, kw_only=True):
    """A new entry: an address xor a block."""

    ip_address: str | None = None
    cidr_block: str | None = None


def address_and_use(row: Row, last_used: str) -> Json:
    """Return what is shown of the addresses of an entry, and of its last use, whose instant is called `last_used`.

    A block of one address is shown as that address, too.
    """
    shape = {"cidrBlock": row["cidr"]}
    if row["ip"]:
        shape["ipAddress"] = row["ip"]
    if row["last_used_at"]:
        shape[last_used] = rfc3339(row["last_used_at"])
        # Of a larger block it is not kept who called: it would be a trail of somebody's whereabouts.
        shape |= {"lastUsedAddress": row["ip"]} if row["ip"] else {}
    return shape


def entries_of(context: Context, view: SqlView, machine: str, shape: Shape) -> Page:
    """Return the page of the access list of `machine` that the call asks for."""
    query = context.call.query.parsed
    rows, total = access_page(view, machine, query.per_page, query.offset)
    return Page([shape(context, row) for row in rows], total)


def added(context: Context, machine: str, shape: Shape) -> Outcome:
    """Add the addresses of the body to the access list of `machine`; answers the whole list."""
    body: list[AccessEntryBody] = context.call.body
    blocks = blocks_of([(entry.ip_address, entry.cidr_block) for entry in body])
    change = access_lists.add_addresses(ground_of(context), machine, blocks)
    return outcome_of(change, lambda view: entries_of(context, view, machine, shape))


def removed(context: Context, machine: str) -> Outcome:
    """Remove the address or block in the path from the access list of `machine`."""
    return outcome_of(access_lists.remove_address(ground_of(context), machine, named_block(context)))


def named_block(context: Context) -> str:
    """Return the block that the path names; that it is one was checked with the path."""
    return block_of(context.call.values["ipAddress"]) or ""

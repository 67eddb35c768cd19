"""Access lists of API keys on the wire: the addresses from which a key may be used (rule 82)."""

from typing import Any
from urllib.parse import quote

from orgward.admin_api.api_keys import TAG
from orgward.admin_api.links import self_link
from orgward.admin_api.tolerant import Body
from orgward.app.acting import ground_of, outcome_of
from orgward.app.execute import Context
from orgward.app.targets import InOrganization
from orgward.directory import access_lists
from orgward.directory.addresses import block_of, blocks_of
from orgward.edge.endpoint import ATLAS, V2023_01, endpoint
from orgward.edge.inner import api_key_access_entry, key_of_organization
from orgward.edge.paging import Page
from orgward.kernel.instants import rfc3339
from orgward.store.reads.api_keys import access_page
from orgward.store.view import Row, SqlView
from orgward.store.writer import Outcome

_LIST = f"{ATLAS}/orgs/{{orgId}}/apiKeys/{{apiUserId}}/accessList"
_ENTRY = f"{_LIST}/{{ipAddress}}"


class AccessEntryBody(Body, frozen=True, kw_only=True):
    """A new entry: an address xor a block."""

    ip_address: str | None = None
    cidr_block: str | None = None


def entry_object(row: Row, base_url: str) -> dict[str, Any]:
    """Return an entry of an access list; a block of one address is shown as that address, too."""
    name = row["ip"] or row["cidr"]
    path = f"/orgs/{row['org_id']}/apiKeys/{row['key_id']}/accessList/{quote(name, safe=':')}"
    shape = {
        "cidrBlock": row["cidr"],
        "count": row["use_count"],
        "created": rfc3339(row["created_at"]),
        "links": self_link(base_url, path),
    }
    if row["ip"]:
        shape["ipAddress"] = row["ip"]
    if row["last_used_at"]:
        shape["lastUsed"] = rfc3339(row["last_used_at"])
        # Of a larger block it is not kept who called: it would be a trail of somebody's whereabouts.
        shape |= {"lastUsedAddress": row["ip"]} if row["ip"] else {}
    return shape


def _page(context: Context, view: SqlView) -> Page:
    query = context.call.query.parsed
    rows, total = access_page(view, context.call.values["apiUserId"], query.per_page, query.offset)
    return Page([entry_object(row, context.call.base_url) for row in rows], total)


@endpoint(
    "GET", _LIST, id="listOrgApiKeyAccessListEntries", requires=("org.api_keys.read",), on=InOrganization(),
    inner=key_of_organization, versions=(V2023_01,), tag=TAG, paged=True,
)  # fmt: skip
def list_access_entries(context: Context) -> Page:
    """List the addresses from which an API key may be used; an empty list means any."""
    return _page(context, context.view)


@endpoint(
    "POST", _LIST, id="createOrgApiKeyAccessListEntry", requires=("org.api_keys.access_list.manage",),
    on=InOrganization(), inner=key_of_organization, open_to_own_key=True, versions=(V2023_01,), tag=TAG, paged=True,
    body=list[AccessEntryBody],
)  # fmt: skip
def create_access_entries(context: Context) -> Outcome:
    """Add addresses to the access list of an API key; answers the whole list."""
    body: list[AccessEntryBody] = context.call.body
    blocks = blocks_of([(entry.ip_address, entry.cidr_block) for entry in body])
    change = access_lists.add_addresses(ground_of(context), context.call.values["apiUserId"], blocks)
    return outcome_of(change, lambda view: _page(context, view))


@endpoint(
    "GET", _ENTRY, id="getOrgApiKeyAccessListEntry", requires=("org.api_keys.read",), on=InOrganization(),
    inner=api_key_access_entry, versions=(V2023_01,), tag=TAG,
)  # fmt: skip
def read_access_entry(context: Context) -> dict[str, Any]:
    """Return one entry of the access list of an API key."""
    return entry_object(context.view.get("api_key_access", *_key_of_entry(context)) or {}, context.call.base_url)


@endpoint(
    "DELETE", _ENTRY, id="deleteOrgApiKeyAccessListEntry", requires=("org.api_keys.access_list.manage",),
    on=InOrganization(), inner=api_key_access_entry, open_to_own_key=True, versions=(V2023_01,),
    tag=TAG, status=204,
)  # fmt: skip
def delete_access_entry(context: Context) -> Outcome:
    """Remove an entry from the access list of an API key."""
    return outcome_of(access_lists.remove_address(ground_of(context), *_key_of_entry(context)))


def _key_of_entry(context: Context) -> tuple[str, str]:
    values = context.call.values
    return values["apiUserId"], block_of(values["ipAddress"]) or ""

"""Access lists of API keys on the wire: the addresses from which a key may be used (rule 82)."""

from typing import Any
from urllib.parse import quote

from orgward.admin_api.access_entries import AccessEntryBody, added, address_and_use, entries_of, named_block, removed
from orgward.admin_api.api_keys import TAG
from orgward.admin_api.links import self_link
from orgward.app.execute import Context
from orgward.app.targets import InOrganization
from orgward.edge.endpoint import ATLAS, V2023_01, endpoint
from orgward.edge.inner import api_key_access_entry, key_of_organization
from orgward.edge.paging import Page
from orgward.kernel.instants import rfc3339
from orgward.store.view import Row
from orgward.store.writer import Outcome

_LIST = f"{ATLAS}/orgs/{{orgId}}/apiKeys/{{apiUserId}}/accessList"
_ENTRY = f"{_LIST}/{{ipAddress}}"


def _entry(context: Context, row: Row) -> dict[str, Any]:
    name = row["ip"] or row["cidr"]
    path = f"/orgs/{row['org_id']}/apiKeys/{row['key_id']}/accessList/{quote(name, safe=':')}"
    return {
        **address_and_use(row, "lastUsed"),
        "count": row["use_count"],
        "created": rfc3339(row["created_at"]),
        "links": self_link(context.call.base_url, path),
    }


@endpoint(
    "GET", _LIST, id="listOrgApiKeyAccessListEntries", requires=("org.api_keys.read",), on=InOrganization(),
    inner=key_of_organization, versions=(V2023_01,), tag=TAG, paged=True,
)  # fmt: skip
def list_access_entries(context: Context) -> Page:
    """List the addresses from which an API key may be used; an empty list means any."""
    return entries_of(context, context.view, context.call.values["apiUserId"], _entry)


@endpoint(
    "POST", _LIST, id="createOrgApiKeyAccessListEntry", requires=("org.api_keys.access_list.manage",),
    on=InOrganization(), inner=key_of_organization, open_to_own_key=True, versions=(V2023_01,), tag=TAG, paged=True,
    body=list[AccessEntryBody],
)  # fmt: skip
def create_access_entries(context: Context) -> Outcome:
    """Add addresses to the access list of an API key; answers the whole list."""
    return added(context, context.call.values["apiUserId"], _entry)


@endpoint(
    "GET", _ENTRY, id="getOrgApiKeyAccessListEntry", requires=("org.api_keys.read",), on=InOrganization(),
    inner=api_key_access_entry, versions=(V2023_01,), tag=TAG,
)  # fmt: skip
def read_access_entry(context: Context) -> dict[str, Any]:
    """Return one entry of the access list of an API key."""
    row = context.view.get("api_key_access", context.call.values["apiUserId"], named_block(context))
    return _entry(context, row or {})


@endpoint(
    "DELETE", _ENTRY, id="deleteOrgApiKeyAccessListEntry", requires=("org.api_keys.access_list.manage",),
    on=InOrganization(), inner=api_key_access_entry, open_to_own_key=True, versions=(V2023_01,),
    tag=TAG, status=204,
)  # fmt: skip
def delete_access_entry(context: Context) -> Outcome:
    """Remove an entry from the access list of an API key."""
    return removed(context, context.call.values["apiUserId"])

"""Access lists of service accounts on the wire: the addresses from which their tokens work (rules 78, 82, 83)."""

from typing import Any, Final

from orgward.admin_api.api_key_access_list import AccessEntryBody
from orgward.admin_api.service_accounts import TAG
from orgward.app.acting import ground_of, outcome_of
from orgward.app.execute import Context
from orgward.app.targets import InOrganization, InProject
from orgward.directory import access_lists
from orgward.directory.addresses import block_of, blocks_of
from orgward.edge import inner
from orgward.edge.endpoint import ATLAS, V2024_08, endpoint
from orgward.edge.inner import account_in
from orgward.edge.paging import Page
from orgward.kernel.instants import rfc3339
from orgward.store.reads.api_keys import access_page
from orgward.store.view import Row, SqlView
from orgward.store.writer import Outcome

_LIST: Final = "serviceAccounts/{clientId}/accessList"
_OF_ORGANIZATION: Final = f"{ATLAS}/orgs/{{orgId}}/{_LIST}"
_OF_PROJECT: Final = f"{ATLAS}/groups/{{groupId}}/{_LIST}"


def _entry(row: Row) -> dict[str, Any]:
    shape = {"cidrBlock": row["cidr"], "createdAt": rfc3339(row["created_at"]), "requestCount": row["use_count"]}
    if row["ip"]:
        shape["ipAddress"] = row["ip"]
    if row["last_used_at"]:
        shape["lastUsedAt"] = rfc3339(row["last_used_at"])
        # Of a larger block it is not kept who called: it would be a trail of somebody's whereabouts.
        shape |= {"lastUsedAddress": row["ip"]} if row["ip"] else {}
    return shape


def _page(context: Context, view: SqlView) -> Page:
    query = context.call.query.parsed
    rows, total = access_page(view, account_in(context.call.values), query.per_page, query.offset)
    return Page([_entry(row) for row in rows], total)


def _added(context: Context) -> Outcome:
    body: list[AccessEntryBody] = context.call.body
    blocks = blocks_of([(entry.ip_address, entry.cidr_block) for entry in body])
    change = access_lists.add_addresses(ground_of(context), account_in(context.call.values), blocks)
    return outcome_of(change, lambda view: _page(context, view))


def _removed(context: Context) -> Outcome:
    values = context.call.values
    block = block_of(values["ipAddress"]) or ""
    return outcome_of(access_lists.remove_address(ground_of(context), account_in(values), block))


@endpoint(
    "GET", _OF_ORGANIZATION, id="listOrgServiceAccountAccessList", requires=("org.service_accounts.read",),
    on=InOrganization(), inner=inner.account_of_organization, versions=(V2024_08,), tag=TAG, paged=True,
)  # fmt: skip
def list_entries(context: Context) -> Page:
    """List the addresses from which a service account works; an empty list means any."""
    return _page(context, context.view)


@endpoint(
    "POST", _OF_ORGANIZATION, id="createOrgServiceAccountAccessList",
    requires=("org.service_accounts.access_list.manage",), on=InOrganization(), inner=inner.account_of_organization,
    open_to_own_key=True, versions=(V2024_08,), tag=TAG, paged=True, body=list[AccessEntryBody],
)  # fmt: skip
def create_entries(context: Context) -> Outcome:
    """Add addresses to the access list of a service account; answers the whole list."""
    return _added(context)


@endpoint(
    "DELETE", f"{_OF_ORGANIZATION}/{{ipAddress}}", id="deleteOrgServiceAccountAccessListEntry",
    requires=("org.service_accounts.access_list.manage",), on=InOrganization(), inner=inner.account_access_entry,
    open_to_own_key=True, versions=(V2024_08,), tag=TAG, status=204,
)  # fmt: skip
def delete_entry(context: Context) -> Outcome:
    """Remove an entry from the access list of a service account."""
    return _removed(context)


@endpoint(
    "GET", _OF_PROJECT, id="listGroupServiceAccountAccessList", requires=("project.service_accounts.read",),
    on=InProject(), inner=inner.account_on_project, versions=(V2024_08,), tag=TAG, paged=True,
)  # fmt: skip
def list_project_entries(context: Context) -> Page:
    """List the addresses from which a service account on the project works; an empty list means any."""
    return _page(context, context.view)


@endpoint(
    "POST", _OF_PROJECT, id="createGroupServiceAccountAccessList",
    requires=("project.service_accounts.access_list.manage",), on=InProject(), inner=inner.account_on_project,
    versions=(V2024_08,), tag=TAG, paged=True, body=list[AccessEntryBody],
)  # fmt: skip
def create_project_entries(context: Context) -> Outcome:
    """Add addresses to the access list of a service account on the project; answers the whole list."""
    return _added(context)


@endpoint(
    "DELETE", f"{_OF_PROJECT}/{{ipAddress}}", id="deleteGroupServiceAccountAccessListEntry",
    requires=("project.service_accounts.access_list.manage",), on=InProject(), inner=inner.project_account_access_entry,
    versions=(V2024_08,), tag=TAG, status=204,
)  # fmt: skip
def delete_project_entry(context: Context) -> Outcome:
    """Remove an entry from the access list of a service account on the project."""
    return _removed(context)

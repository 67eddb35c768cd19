"""Access lists of service accounts on the wire: the addresses from which their tokens work (rules 78, 82, 83)."""

from typing import Any, Final

from orgward.admin_api.access_entries import AccessEntryBody, added, address_and_use, entries_of, removed
from orgward.admin_api.project_service_accounts import PROJECT_ACCOUNT, in_project, on_project_account
from orgward.admin_api.service_accounts import ACCOUNT, in_organization, on_account
from orgward.app.execute import Context
from orgward.edge.inner import account_access_entry, account_in, project_account_access_entry
from orgward.edge.paging import Page
from orgward.kernel.instants import rfc3339
from orgward.store.view import Row
from orgward.store.writer import Outcome

_LIST: Final = f"{ACCOUNT}/accessList"
_PROJECT_LIST: Final = f"{PROJECT_ACCOUNT}/accessList"


def _entry(_: Context, row: Row) -> dict[str, Any]:
    uses = {"createdAt": rfc3339(row["created_at"]), "requestCount": row["use_count"]}
    return {**address_and_use(row, "lastUsedAt"), **uses}


def _page(context: Context) -> Page:
    return entries_of(context, context.view, account_in(context.call.values), _entry)


def _added(context: Context) -> Outcome:
    return added(context, account_in(context.call.values), _entry)


def _removed(context: Context) -> Outcome:
    return removed(context, account_in(context.call.values))


@on_account("GET", _LIST, id="listOrgServiceAccountAccessList", requires=("org.service_accounts.read",), paged=True)
def list_entries(context: Context) -> Page:
    """List the addresses from which a service account works; an empty list means any."""
    return _page(context)


@on_account(
    "POST", _LIST, id="createOrgServiceAccountAccessList", requires=("org.service_accounts.access_list.manage",),
    open_to_own_key=True, paged=True, body=list[AccessEntryBody],
)  # fmt: skip
def create_entries(context: Context) -> Outcome:
    """Add addresses to the access list of a service account; answers the whole list."""
    return _added(context)


@in_organization(
    "DELETE", f"{_LIST}/{{ipAddress}}", id="deleteOrgServiceAccountAccessListEntry",
    requires=("org.service_accounts.access_list.manage",), inner=account_access_entry, open_to_own_key=True, status=204,
)  # fmt: skip
def delete_entry(context: Context) -> Outcome:
    """Remove an entry from the access list of a service account."""
    return _removed(context)


@on_project_account(
    "GET", _PROJECT_LIST, id="listGroupServiceAccountAccessList", requires=("project.service_accounts.read",),
    paged=True,
)  # fmt: skip
def list_project_entries(context: Context) -> Page:
    """List the addresses from which a service account on the project works; an empty list means any."""
    return _page(context)


@on_project_account(
    "POST", _PROJECT_LIST, id="createGroupServiceAccountAccessList",
    requires=("project.service_accounts.access_list.manage",), paged=True, body=list[AccessEntryBody],
)  # fmt: skip
def create_project_entries(context: Context) -> Outcome:
    """Add addresses to the access list of a service account on the project; answers the whole list."""
    return _added(context)


@in_project(
    "DELETE", f"{_PROJECT_LIST}/{{ipAddress}}", id="deleteGroupServiceAccountAccessListEntry",
    requires=("project.service_accounts.access_list.manage",), inner=project_account_access_entry, status=204,
)  # fmt: skip
def delete_project_entry(context: Context) -> Outcome:
    """Remove an entry from the access list of a service account on the project."""
    return _removed(context)

"""Service accounts of an organization on the wire: list, create, read, change, delete, and the projects they are on."""

from typing import Annotated, Any, Final

import msgspec

from orgward.admin_api.service_account_shapes import account_object, account_objects, project_objects
from orgward.admin_api.tolerant import Body
from orgward.app.acting import ground_of, outcome_of
from orgward.app.execute import Context
from orgward.app.targets import InOrganization
from orgward.directory import service_accounts
from orgward.edge.endpoint import ATLAS, V2024_08, Parameter, endpoint
from orgward.edge.inner import account_in, account_of_organization
from orgward.edge.paging import Page
from orgward.store.reads.service_accounts import accounts_page
from orgward.store.writer import Outcome

TAG: Final = "Service Accounts"
_ACCOUNTS: Final = f"{ATLAS}/orgs/{{orgId}}/serviceAccounts"
_ACCOUNT: Final = f"{_ACCOUNTS}/{{clientId}}"

WITH_SYSTEM_MANAGED: Final = Parameter(name="includeSystemManaged", kind=bool)
"""Accepted for whoever sends it: no account here is made by anybody but the organization itself."""

Roles = Annotated[list[str], msgspec.Meta(min_length=1)]


class CreateAccountBody(Body, frozen=True, kw_only=True):
    """A new service account, and for how many hours its first secret is good."""

    name: str
    description: str
    roles: Roles
    secret_expires_after_hours: int


class UpdateAccountBody(Body, frozen=True, kw_only=True):
    """What may be changed of a service account; what is null or not named stays."""

    name: str | None = None
    description: str | None = None
    roles: Roles | None = None


def new_account(body: CreateAccountBody) -> service_accounts.NewAccount:
    """Return what the rules make of a body."""
    return service_accounts.NewAccount(body.name, body.description, body.roles, body.secret_expires_after_hours)


def account_changes(body: UpdateAccountBody) -> service_accounts.AccountChanges:
    """Return what the rules change by a body."""
    return service_accounts.AccountChanges(body.name, body.description, body.roles)


@endpoint(
    "GET", _ACCOUNTS, id="listOrgServiceAccounts", requires=("org.service_accounts.read",), on=InOrganization(),
    versions=(V2024_08,), tag=TAG, paged=True, parameters=(WITH_SYSTEM_MANAGED,),
)  # fmt: skip
def list_accounts(context: Context) -> Page:
    """List the service accounts of an organization."""
    query = context.call.query.parsed
    rows, total = accounts_page(context.view, context.resource.id, query.per_page, query.offset)
    return Page(account_objects(context, context.view, rows), total)


@endpoint(
    "POST", _ACCOUNTS, id="createOrgServiceAccount", requires=("org.service_accounts.create",), on=InOrganization(),
    versions=(V2024_08,), tag=TAG, status=201, body=CreateAccountBody,
)  # fmt: skip
def create_account(context: Context) -> Outcome:
    """Create a service account with organization roles; its first secret is shown this once."""
    change = service_accounts.create(ground_of(context), new_account(context.call.body))
    return outcome_of(change, lambda view: account_object(context, view, str(change.target), change.secret))


@endpoint(
    "GET", _ACCOUNT, id="getOrgServiceAccount", requires=("org.service_accounts.read",), on=InOrganization(),
    inner=account_of_organization, versions=(V2024_08,), tag=TAG, brief=True,
)  # fmt: skip
def read_account(context: Context) -> dict[str, Any]:
    """Return one service account of an organization."""
    return account_object(context, context.view, account_in(context.call.values))


@endpoint(
    "PATCH", _ACCOUNT, id="updateOrgServiceAccount", requires=("org.service_accounts.update",), on=InOrganization(),
    inner=account_of_organization, versions=(V2024_08,), tag=TAG, body=UpdateAccountBody,
)  # fmt: skip
def update_account(context: Context) -> Outcome:
    """Change a service account's name, description or organization roles."""
    account = account_in(context.call.values)
    change = service_accounts.update(ground_of(context), account, account_changes(context.call.body))
    return outcome_of(change, lambda view: account_object(context, view, account))


@endpoint(
    "DELETE", _ACCOUNT, id="deleteOrgServiceAccount", requires=("org.service_accounts.delete",), on=InOrganization(),
    inner=account_of_organization, versions=(V2024_08,), tag=TAG, status=204,
)  # fmt: skip
def delete_account(context: Context) -> Outcome:
    """Delete a service account from its organization and every project."""
    return outcome_of(service_accounts.delete(ground_of(context), account_in(context.call.values)))


@endpoint(
    "GET", f"{_ACCOUNT}/groups", id="getOrgServiceAccountGroups", requires=("org.service_accounts.read",),
    on=InOrganization(), inner=account_of_organization, versions=(V2024_08,), tag=TAG, paged=True,
)  # fmt: skip
def list_projects(context: Context) -> Page:
    """List the projects that a service account is on, with its roles there."""
    query, found = context.call.query.parsed, project_objects(context, account_in(context.call.values))
    return Page(found[query.offset : query.offset + query.per_page], len(found))

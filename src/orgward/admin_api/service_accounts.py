"""Service accounts of an organization on the wire: list, create, read, change, delete, and the projects they are on."""

from functools import partial
from typing import Annotated, Any, Final

import msgspec

from orgward.admin_api.service_account_shapes import account_object, account_outcome, account_page, project_objects
from orgward.admin_api.tolerant import Body
from orgward.app.acting import ground_of, outcome_of
from orgward.app.execute import Context
from orgward.app.targets import InOrganization
from orgward.directory import service_accounts
from orgward.edge.endpoint import ATLAS, V2024_08, Parameter, endpoint
from orgward.edge.inner import account_in, account_of_organization
from orgward.edge.paging import Page
from orgward.store.reads.machines import machines_page
from orgward.store.writer import Outcome

TAG: Final = "Service Accounts"
_ACCOUNTS: Final = f"{ATLAS}/orgs/{{orgId}}/serviceAccounts"
ACCOUNT: Final = f"{_ACCOUNTS}/{{clientId}}"

in_organization = partial(endpoint, on=InOrganization(), versions=(V2024_08,), tag=TAG)
on_account = partial(in_organization, inner=account_of_organization)

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


@in_organization(
    "GET", _ACCOUNTS, id="listOrgServiceAccounts", requires=("org.service_accounts.read",), paged=True,
    parameters=(WITH_SYSTEM_MANAGED,),
)  # fmt: skip
def list_accounts(context: Context) -> Page:
    """List the service accounts of an organization."""
    return account_page(context, machines_page)


@in_organization(
    "POST", _ACCOUNTS, id="createOrgServiceAccount", requires=("org.service_accounts.create",), status=201,
    body=CreateAccountBody,
)  # fmt: skip
def create_account(context: Context) -> Outcome:
    """Create a service account with organization roles; its first secret is shown this once."""
    return account_outcome(context, service_accounts.create(ground_of(context), new_account(context.call.body)))


@on_account("GET", ACCOUNT, id="getOrgServiceAccount", requires=("org.service_accounts.read",), brief=True)
def read_account(context: Context) -> dict[str, Any]:
    """Return one service account of an organization."""
    return account_object(context, context.view, account_in(context.call.values))


@on_account(
    "PATCH", ACCOUNT, id="updateOrgServiceAccount", requires=("org.service_accounts.update",), body=UpdateAccountBody,
)  # fmt: skip
def update_account(context: Context) -> Outcome:
    """Change a service account's name, description or organization roles."""
    account, changes = account_in(context.call.values), account_changes(context.call.body)
    return account_outcome(context, service_accounts.update(ground_of(context), account, changes))


@on_account("DELETE", ACCOUNT, id="deleteOrgServiceAccount", requires=("org.service_accounts.delete",), status=204)
def delete_account(context: Context) -> Outcome:
    """Delete a service account from its organization and every project."""
    return outcome_of(service_accounts.delete(ground_of(context), account_in(context.call.values)))


@on_account(
    "GET", f"{ACCOUNT}/groups", id="getOrgServiceAccountGroups", requires=("org.service_accounts.read",), paged=True,
)  # fmt: skip
def list_projects(context: Context) -> Page:
    """List the projects that a service account is on, with its roles there."""
    query, found = context.call.query.parsed, project_objects(context, account_in(context.call.values))
    return Page(found[query.offset : query.offset + query.per_page], len(found))

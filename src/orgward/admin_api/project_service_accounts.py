"""Service accounts of a project on the wire: list, create, read, change, take off, and put on the project."""

from typing import Any, Final

from orgward.admin_api.service_account_shapes import account_object, account_objects
from orgward.admin_api.service_accounts import (
    TAG,
    WITH_SYSTEM_MANAGED,
    CreateAccountBody,
    Roles,
    UpdateAccountBody,
    account_changes,
    new_account,
)
from orgward.admin_api.tolerant import Body
from orgward.app.acting import ground_of, outcome_of
from orgward.app.execute import Context
from orgward.app.targets import InProject
from orgward.directory import service_accounts
from orgward.edge.endpoint import ATLAS, V2024_08, endpoint
from orgward.edge.inner import account_in, account_of_organization, account_on_project
from orgward.edge.paging import Page
from orgward.store.reads.service_accounts import project_accounts_page
from orgward.store.writer import Outcome

_ACCOUNTS: Final = f"{ATLAS}/groups/{{groupId}}/serviceAccounts"
_ACCOUNT: Final = f"{_ACCOUNTS}/{{clientId}}"


class InvitedAccountBody(Body, frozen=True, kw_only=True):
    """Roles that a service account is put on the project with."""

    roles: Roles


@endpoint(
    "GET", _ACCOUNTS, id="listGroupServiceAccounts", requires=("project.service_accounts.read",), on=InProject(),
    versions=(V2024_08,), tag=TAG, paged=True, parameters=(WITH_SYSTEM_MANAGED,),
)  # fmt: skip
def list_project_accounts(context: Context) -> Page:
    """List the service accounts on a project."""
    query = context.call.query.parsed
    rows, total = project_accounts_page(context.view, context.resource.id, query.per_page, query.offset)
    return Page(account_objects(context, context.view, rows), total)


@endpoint(
    "POST", _ACCOUNTS, id="createGroupServiceAccount", requires=("project.service_accounts.create",), on=InProject(),
    versions=(V2024_08,), tag=TAG, status=201, body=CreateAccountBody,
)  # fmt: skip
def create_project_account(context: Context) -> Outcome:
    """Create a service account with project roles; its first secret is shown this once."""
    change = service_accounts.create_in_project(ground_of(context), new_account(context.call.body))
    return outcome_of(change, lambda view: account_object(context, view, str(change.target), change.secret))


@endpoint(
    "POST", f"{_ACCOUNT}:invite", id="inviteGroupServiceAccount", requires=("org.service_accounts.assign_to_project",),
    on=InProject(), inner=account_of_organization, versions=(V2024_08,), tag=TAG, body=InvitedAccountBody,
)  # fmt: skip
def invite_account(context: Context) -> Outcome:
    """Put a service account of the organization on the project."""
    account = account_in(context.call.values)
    change = service_accounts.add_to_project(ground_of(context), account, context.call.body.roles)
    return outcome_of(change, lambda view: account_object(context, view, account))


@endpoint(
    "GET", _ACCOUNT, id="getGroupServiceAccount", requires=("project.service_accounts.read",), on=InProject(),
    inner=account_on_project, versions=(V2024_08,), tag=TAG, brief=True,
)  # fmt: skip
def read_project_account(context: Context) -> dict[str, Any]:
    """Return one service account on a project, with its roles there."""
    return account_object(context, context.view, account_in(context.call.values))


@endpoint(
    "PATCH", _ACCOUNT, id="updateGroupServiceAccount", requires=("project.service_accounts.update",), on=InProject(),
    inner=account_on_project, versions=(V2024_08,), tag=TAG, body=UpdateAccountBody,
)  # fmt: skip
def update_project_account(context: Context) -> Outcome:
    """Change a service account's name, description or roles in the project."""
    account = account_in(context.call.values)
    change = service_accounts.update_in_project(ground_of(context), account, account_changes(context.call.body))
    return outcome_of(change, lambda view: account_object(context, view, account))


@endpoint(
    "DELETE", _ACCOUNT, id="deleteGroupServiceAccount", requires=("project.service_accounts.delete",), on=InProject(),
    inner=account_on_project, versions=(V2024_08,), tag=TAG, status=204,
)  # fmt: skip
def remove_project_account(context: Context) -> Outcome:
    """Take a service account off the project; the organization keeps it."""
    return outcome_of(service_accounts.remove_from_project(ground_of(context), account_in(context.call.values)))

"""Service accounts of a project on the wire: list, create, read, change, take off, and put on the project."""

from functools import partial
from typing import Any, Final

from orgward.admin_api.service_account_shapes import account_object, account_outcome, account_page
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
from orgward.store.reads.machines import project_machines_page
from orgward.store.writer import Outcome

_ACCOUNTS: Final = f"{ATLAS}/groups/{{groupId}}/serviceAccounts"
PROJECT_ACCOUNT: Final = f"{_ACCOUNTS}/{{clientId}}"

in_project = partial(endpoint, on=InProject(), versions=(V2024_08,), tag=TAG)
on_project_account = partial(in_project, inner=account_on_project)


class InvitedAccountBody(Body, frozen=True, kw_only=True):
    """Roles that a service account is put on the project with."""

    roles: Roles


@in_project(
    "GET", _ACCOUNTS, id="listGroupServiceAccounts", requires=("project.service_accounts.read",), paged=True,
    parameters=(WITH_SYSTEM_MANAGED,),
)  # fmt: skip
def list_project_accounts(context: Context) -> Page:
    """List the service accounts on a project."""
    return account_page(context, project_machines_page)


@in_project(
    "POST", _ACCOUNTS, id="createGroupServiceAccount", requires=("project.service_accounts.create",), status=201,
    body=CreateAccountBody,
)  # fmt: skip
def create_project_account(context: Context) -> Outcome:
    """Create a service account with project roles; its first secret is shown this once."""
    asked = new_account(context.call.body)
    return account_outcome(context, service_accounts.create_in_project(ground_of(context), asked))


@in_project(
    "POST", f"{PROJECT_ACCOUNT}:invite", id="inviteGroupServiceAccount",
    requires=("org.service_accounts.assign_to_project",), inner=account_of_organization, body=InvitedAccountBody,
)  # fmt: skip
def invite_account(context: Context) -> Outcome:
    """Put a service account of the organization on the project."""
    account, roles = account_in(context.call.values), context.call.body.roles
    return account_outcome(context, service_accounts.add_to_project(ground_of(context), account, roles))


@on_project_account(
    "GET", PROJECT_ACCOUNT, id="getGroupServiceAccount", requires=("project.service_accounts.read",), brief=True,
)  # fmt: skip
def read_project_account(context: Context) -> dict[str, Any]:
    """Return one service account on a project, with its roles there."""
    return account_object(context, context.view, account_in(context.call.values))


@on_project_account(
    "PATCH", PROJECT_ACCOUNT, id="updateGroupServiceAccount", requires=("project.service_accounts.update",),
    body=UpdateAccountBody,
)  # fmt: skip
def update_project_account(context: Context) -> Outcome:
    """Change a service account's name, description or roles in the project."""
    account, changes = account_in(context.call.values), account_changes(context.call.body)
    return account_outcome(context, service_accounts.update_in_project(ground_of(context), account, changes))


@on_project_account(
    "DELETE", PROJECT_ACCOUNT, id="deleteGroupServiceAccount", requires=("project.service_accounts.delete",),
    status=204,
)  # fmt: skip
def remove_project_account(context: Context) -> Outcome:
    """Take a service account off the project; the organization keeps it."""
    return outcome_of(service_accounts.remove_from_project(ground_of(context), account_in(context.call.values)))

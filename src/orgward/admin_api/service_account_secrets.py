"""Secrets of service accounts on the wire: a second one is made before the first is deleted (rules 78, 80, 81)."""

from typing import Any, Final

from orgward.admin_api.project_service_accounts import PROJECT_ACCOUNT, in_project, on_project_account
from orgward.admin_api.service_account_shapes import secret_object, with_secret
from orgward.admin_api.service_accounts import ACCOUNT, in_organization, on_account
from orgward.admin_api.tolerant import Body
from orgward.app.acting import ground_of, outcome_of
from orgward.app.execute import Context
from orgward.directory import account_secrets
from orgward.directory.ground import Change
from orgward.edge.inner import account_in, account_secret, project_account_secret
from orgward.store.view import SqlView
from orgward.store.writer import Outcome

_SECRETS: Final = f"{ACCOUNT}/secrets"
_PROJECT_SECRETS: Final = f"{PROJECT_ACCOUNT}/secrets"


class SecretBody(Body, frozen=True, kw_only=True):
    """For how many hours a new secret is good."""

    secret_expires_after_hours: int


def _created(context: Context) -> Outcome:
    body: SecretBody = context.call.body
    account = account_in(context.call.values)
    change = account_secrets.create(ground_of(context), account, body.secret_expires_after_hours)
    return outcome_of(change, lambda view: _shown(view, change))


def _shown(view: SqlView, change: Change) -> dict[str, Any]:
    row = view.get("service_account_secrets", change.body["secret"]) or {}
    return with_secret(secret_object(row), change.secret or "")


def _deleted(context: Context) -> Outcome:
    account, secret = account_in(context.call.values), context.call.values["secretId"]
    return outcome_of(account_secrets.delete(ground_of(context), account, secret))


@on_account(
    "POST", _SECRETS, id="createOrgServiceAccountSecret", requires=("org.service_accounts.secrets.create",),
    status=201, body=SecretBody,
)  # fmt: skip
def create_secret(context: Context) -> Outcome:
    """Create a further secret of a service account; it is shown this once."""
    return _created(context)


@in_organization(
    "DELETE", f"{_SECRETS}/{{secretId}}", id="deleteOrgServiceAccountSecret",
    requires=("org.service_accounts.secrets.delete",), inner=account_secret, status=204,
)  # fmt: skip
def delete_secret(context: Context) -> Outcome:
    """Delete a secret of a service account; what was issued with it ends at once."""
    return _deleted(context)


@on_project_account(
    "POST", _PROJECT_SECRETS, id="createGroupServiceAccountSecret",
    requires=("project.service_accounts.secrets.create",), status=201, body=SecretBody,
)  # fmt: skip
def create_project_secret(context: Context) -> Outcome:
    """Create a further secret of a service account on the project; it is shown this once."""
    return _created(context)


@in_project(
    "DELETE", f"{_PROJECT_SECRETS}/{{secretId}}", id="deleteGroupServiceAccountSecret",
    requires=("project.service_accounts.secrets.delete",), inner=project_account_secret, status=204,
)  # fmt: skip
def delete_project_secret(context: Context) -> Outcome:
    """Delete a secret of a service account on the project; what was issued with it ends at once."""
    return _deleted(context)

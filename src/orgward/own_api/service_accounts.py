"""Service accounts beyond Atlas' API: suspended and reactivated."""

from typing import Any, Final

from orgward.app.acting import ground_of, outcome_of
from orgward.app.execute import Context
from orgward.app.targets import InOrganization
from orgward.directory import service_accounts
from orgward.edge.endpoint import OWN, endpoint
from orgward.edge.inner import account_in, account_of_organization
from orgward.kernel.client_ids import client_id_of
from orgward.store.view import SqlView
from orgward.store.writer import Outcome

TAG: Final = "Service Accounts"
_ACCOUNT: Final = f"{OWN}/orgs/{{orgId}}/serviceAccounts/{{clientId}}"


@endpoint(
    "GET", _ACCOUNT, id="getOrgServiceAccountState", requires=("org.service_accounts.read",), on=InOrganization(),
    inner=account_of_organization, tag=TAG, brief=True,
)  # fmt: skip
def read_state(context: Context) -> dict[str, Any]:
    """Return whether a service account is suspended, which the Admin API has no member for."""
    return _state(context.view, account_in(context.call.values))


@endpoint(
    "POST", f"{_ACCOUNT}:suspend", id="suspendOrgServiceAccount", requires=("org.service_accounts.update",),
    on=InOrganization(), inner=account_of_organization, tag=TAG,
)  # fmt: skip
def suspend(context: Context) -> Outcome:
    """Suspend a service account: its tokens are refused and it gets no new ones, until it is reactivated."""
    return _set_suspended(context, suspended=True)


@endpoint(
    "POST", f"{_ACCOUNT}:reactivate", id="reactivateOrgServiceAccount", requires=("org.service_accounts.update",),
    on=InOrganization(), inner=account_of_organization, tag=TAG,
)  # fmt: skip
def reactivate(context: Context) -> Outcome:
    """End the suspension of a service account."""
    return _set_suspended(context, suspended=False)


def _set_suspended(context: Context, *, suspended: bool) -> Outcome:
    account = account_in(context.call.values)
    change = service_accounts.set_suspended(ground_of(context), account, suspended=suspended)
    return outcome_of(change, lambda view: _state(view, account))


def _state(view: SqlView, account: str) -> dict[str, Any]:
    row = view.get("service_accounts", account) or {}
    return {"clientId": client_id_of(account), "suspended": row["suspended"]}

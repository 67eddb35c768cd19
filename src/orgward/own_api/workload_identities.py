"""Workload identities: which programs of another issuer act as a service account, without a secret of ours."""

from typing import Annotated, Any, Final

import msgspec

from orgward.app.acting import ground_of, outcome_of
from orgward.app.execute import Context
from orgward.app.targets import InOrganization
from orgward.directory import workload_identities
from orgward.edge.bodies import Body
from orgward.edge.endpoint import OWN, endpoint
from orgward.edge.inner import account_in, account_of_organization, account_workload
from orgward.edge.paging import Page
from orgward.kernel.instants import rfc3339
from orgward.own_api.service_accounts import TAG
from orgward.store.view import Row
from orgward.store.writer import Outcome

_IDENTITIES: Final = f"{OWN}/orgs/{{orgId}}/serviceAccounts/{{clientId}}/workloadIdentities"


class WorkloadBody(Body, frozen=True, kw_only=True):
    """A provider for workloads of the organization's federation, and what it calls the program."""

    identity_provider_id: Annotated[str, msgspec.Meta(pattern="^[a-f0-9]{24}$")]
    subject: Annotated[str, msgspec.Meta(min_length=1, max_length=255, pattern=r"^[^\x00-\x1f\x7f]*$")]


def _shown(row: Row) -> dict[str, Any]:
    return {
        "createdAt": rfc3339(row["created_at"]),
        "id": row["id"],
        "identityProviderId": row["identity_provider_id"],
        "subject": row["match"],
    }


@endpoint(
    "GET", _IDENTITIES, id="listServiceAccountWorkloadIdentities", requires=("org.service_accounts.read",),
    on=InOrganization(), inner=account_of_organization, tag=TAG, paged=True,
)  # fmt: skip
def list_workload_identities(context: Context) -> Page:
    """List which programs of other issuers act as the service account."""
    query = context.call.query.parsed
    rows = workload_identities.of(context.view, account_in(context.call.values))
    return Page([_shown(row) for row in rows[query.offset :][: query.per_page]], len(rows))


@endpoint(
    "POST", _IDENTITIES, id="createServiceAccountWorkloadIdentity", requires=("org.service_accounts.update",),
    on=InOrganization(), inner=account_of_organization, tag=TAG, status=201, body=WorkloadBody,
)  # fmt: skip
def create_workload_identity(context: Context) -> Outcome:
    """Let a program of another issuer act as the service account."""
    body: WorkloadBody = context.call.body
    account = account_in(context.call.values)
    change = workload_identities.create(ground_of(context), account, body.identity_provider_id, body.subject)
    return outcome_of(change, lambda view: _shown(view.get("workload_identities", change.target or "") or {}))


@endpoint(
    "DELETE", f"{_IDENTITIES}/{{workloadIdentityId}}", id="deleteServiceAccountWorkloadIdentity",
    requires=("org.service_accounts.update",), on=InOrganization(), inner=account_workload, tag=TAG, status=204,
)  # fmt: skip
def delete_workload_identity(context: Context) -> Outcome:
    """End a workload identity; tokens that were given for it are refused by the next request."""
    values = context.call.values
    change = workload_identities.delete(ground_of(context), account_in(values), values["workloadIdentityId"])
    return outcome_of(change)

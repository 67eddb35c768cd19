"""What an organization lets programs do for its people, on the wire (contract.md, Decisions)."""

from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import UNSET, UnsetType

from orgward.admin_api.organizations import TAG
from orgward.admin_api.tolerant import Body
from orgward.app.acting import ground_of, outcome_of
from orgward.app.execute import Context
from orgward.app.targets import InOrganization
from orgward.directory import delegation
from orgward.edge.endpoint import ATLAS, V2025_03, endpoint
from orgward.store.writer import Outcome

_DELEGATION: Final = f"{ATLAS}/orgs/{{orgId}}/delegationSettings"

_Lifetime = Annotated[int, msgspec.Meta(ge=1, le=31_536_000)]


class DelegationBody(Body, frozen=True, kw_only=True):
    """What may be changed of the delegation settings; what is not named stays, and null brings the default back."""

    delegated_mcp_access: Literal["DISALLOWED", "READ_ONLY", "READ_WRITE"] | UnsetType | None = UNSET
    delegated_partner_access: Literal["DISALLOWED", "READ_WRITE"] | UnsetType | None = UNSET
    idle_refresh_token_lifetime: _Lifetime | UnsetType | None = UNSET
    maximum_refresh_token_lifetime: _Lifetime | UnsetType | None = UNSET


@endpoint(
    "GET", _DELEGATION, id="getOrgDelegationSettings", requires=("org.settings.read",), on=InOrganization(),
    versions=(V2025_03,), tag=TAG,
)  # fmt: skip
def read_delegation(context: Context) -> dict[str, Any]:
    """Return what an organization lets programs do for its people, and for how long."""
    return delegation.of_organization(context.view, context.resource.id)


@endpoint(
    "PATCH", _DELEGATION, id="updateOrgDelegationSettings", requires=("org.settings.update",), on=InOrganization(),
    versions=(V2025_03,), tag=TAG, body=DelegationBody,
)  # fmt: skip
def update_delegation(context: Context) -> Outcome:
    """Change what an organization lets programs do for its people, and for how long."""
    change = delegation.update(ground_of(context), msgspec.to_builtins(context.call.body))
    return outcome_of(change, lambda view: delegation.of_organization(view, context.resource.id))

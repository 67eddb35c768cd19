"""Organizations are founded: with their first key and service account, and in a federation (rules 41, 95)."""

from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

import msgspec

from orgward.admin_api.key_shapes import everything, key_object
from orgward.admin_api.organizations import TAG, single
from orgward.admin_api.service_account_shapes import account_object
from orgward.admin_api.service_accounts import CreateAccountBody, new_account
from orgward.admin_api.tolerant import Body
from orgward.app.acting import ground_of, outcome_of
from orgward.app.execute import Context
from orgward.app.operation import Oneself
from orgward.app.targets import InFederation, Nowhere
from orgward.catalog import EDITIONS
from orgward.directory import api_keys, federation, organizations, service_accounts
from orgward.directory.ground import Change
from orgward.edge.endpoint import ATLAS, V2023_01, endpoint
from orgward.kernel.errors import MalformedError
from orgward.kernel.resource import ResourceRef
from orgward.store.view import SqlView
from orgward.store.writer import Outcome

_JOINING: Final = ("org.federation.update",)

_Id = Annotated[str, msgspec.Meta(pattern="^[a-f0-9]{24}$")]


class FirstApiKeyBody(Body, frozen=True, kw_only=True):
    """The API key that an organization may be founded with."""

    desc: Annotated[str, msgspec.Meta(min_length=1, max_length=250)]
    roles: Annotated[list[str], msgspec.Meta(min_length=1)]


class CreateOrganizationBody(Body, frozen=True, kw_only=True):
    """A new organization; `edition` is our own member."""

    name: str
    edition: Literal["atlas", "cloud_manager"] = "atlas"
    skip_default_alerts_settings: bool = False
    org_owner_id: str | None = None
    api_key: FirstApiKeyBody | None = None
    federation_settings_id: _Id | None = None
    service_account: CreateAccountBody | None = None


@dataclass(frozen=True, slots=True)
class _Founded:
    """A new organization, and whom it was founded with."""

    org: str
    federation: str | None
    key: api_keys.FirstKey | None = None
    account: service_accounts.FirstAccount | None = None


@endpoint(
    "POST", f"{ATLAS}/orgs", id="createOrg", on=Nowhere(), versions=(V2023_01,), tag=TAG, status=201,
    requires=Oneself("any person may found an organization", keys_refused="API_KEY_CANNOT_CREATE_ORG"),
    body=CreateOrganizationBody,
)  # fmt: skip
def create_organization(context: Context) -> Outcome:
    """Create an organization of which the caller is the owner, with a first API key and service account if asked."""
    body: CreateOrganizationBody = context.call.body
    ground, owner = ground_of(context), context.principal.id
    if body.org_owner_id not in {None, owner}:
        raise MalformedError("INVALID_ATTRIBUTE", "orgOwnerId")
    change = organizations.create(
        ground, body.name, body.edition, owner, skip_default_alerts=body.skip_default_alerts_settings
    )
    founded = _furnished(context, change, body)
    return outcome_of(change, lambda view: _shown(context, view, founded))


def _furnished(context: Context, change: Change, body: CreateOrganizationBody) -> _Founded:
    """Add to `change` what the organization is to begin with, and return it."""
    ground, org, edition = ground_of(context), str(change.target), EDITIONS[body.edition]
    key = account = None
    if body.federation_settings_id is not None:
        _require_managed(context, body.federation_settings_id)
        change.deltas += federation.founded_in(ground, body.federation_settings_id, org)
    if body.api_key is not None:
        key = api_keys.first_key(ground, org, edition, body.api_key.desc, body.api_key.roles)
        change.deltas += key.deltas
    if body.service_account is not None:
        account = service_accounts.first_account(ground, org, edition, new_account(body.service_account))
        change.deltas += account.deltas
    return _Founded(org, body.federation_settings_id, key, account)


def _require_managed(context: Context, federation_id: str) -> None:
    """Raise unless the caller manages the federation through an organization that is in it (rule 95)."""
    values = {"federationSettingsId": federation_id}
    place = InFederation().locate(context.facts, context.view, values, lambda at: context.refusal_on(_JOINING, at))
    context.authorized_on(_JOINING, place)


def _shown(context: Context, view: SqlView, founded: _Founded) -> dict[str, Any]:
    found, key, account = single(context, view, founded.org), founded.key, founded.account
    shown: dict[str, Any] = {
        "organization": found,
        "orgOwnerId": context.principal.id,
        "skipDefaultAlertsSettings": found["skipDefaultAlertsSettings"],
    }
    if founded.federation is not None:
        shown["federationSettingsId"] = founded.federation
    if key is not None:
        shown["apiKey"] = key_object(context, view, key.id, everything, key.private)
    if account is not None:
        place = ResourceRef("organization", founded.org, org=founded.org)
        shown["serviceAccount"] = account_object(context, view, account.id, account.secret, place=place)
    return shown

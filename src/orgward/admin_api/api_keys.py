"""API keys of an organization on the wire: list, create, read, change, delete."""

from typing import Any

import msgspec

from orgward.admin_api.key_shapes import everything_visible, key_object, key_objects
from orgward.admin_api.tolerant import Body, given
from orgward.app.acting import ground_of, outcome_of
from orgward.app.execute import Context
from orgward.app.targets import InOrganization
from orgward.directory import api_keys
from orgward.edge.endpoint import ATLAS, V2023_01, endpoint
from orgward.edge.inner import key_of_organization
from orgward.edge.paging import Page
from orgward.store.reads.machines import machines_page
from orgward.store.view import SqlView
from orgward.store.writer import Outcome

TAG = "Programmatic API Keys"
_KEYS = f"{ATLAS}/orgs/{{orgId}}/apiKeys"
_KEY = f"{_KEYS}/{{apiUserId}}"


class CreateKeyBody(Body, frozen=True, kw_only=True):
    """A new API key."""

    desc: str
    roles: list[str]


class UpdateKeyBody(Body, frozen=True, kw_only=True):
    """What may be changed of an API key; what is not named stays."""

    desc: str | msgspec.UnsetType = msgspec.UNSET
    roles: list[str] | msgspec.UnsetType = msgspec.UNSET


def _single(context: Context, view: SqlView, key: str, private: str | None = None) -> dict[str, Any]:
    return key_object(context, view, key, everything_visible(context), private)


@endpoint(
    "GET", _KEYS, id="listOrgApiKeys", requires=("org.api_keys.read",), on=InOrganization(),
    versions=(V2023_01,), tag=TAG, paged=True,
)  # fmt: skip
def list_api_keys(context: Context) -> Page:
    """List the API keys of an organization."""
    query = context.call.query.parsed
    rows, total = machines_page(context.view, "api_key", context.resource.id, query.per_page, query.offset)
    return Page(key_objects(context, context.view, rows, everything_visible(context)), total)


@endpoint(
    "POST", _KEYS, id="createOrgApiKey", requires=("org.api_keys.create",), on=InOrganization(),
    versions=(V2023_01,), tag=TAG, body=CreateKeyBody,
)  # fmt: skip
def create_api_key(context: Context) -> Outcome:
    """Create an API key with organization roles; its private key is shown this once."""
    body: CreateKeyBody = context.call.body
    change = api_keys.create(ground_of(context), body.desc, body.roles)
    return outcome_of(change, lambda view: _single(context, view, str(change.target), change.secret))


@endpoint(
    "GET", _KEY, id="getOrgApiKey", requires=("org.api_keys.read",), on=InOrganization(), inner=key_of_organization,
    versions=(V2023_01,), tag=TAG, brief=True,
)  # fmt: skip
def read_api_key(context: Context) -> dict[str, Any]:
    """Return one API key of an organization."""
    return _single(context, context.view, context.call.values["apiUserId"])


@endpoint(
    "PATCH", _KEY, id="updateOrgApiKey", requires=("org.api_keys.update",), on=InOrganization(),
    inner=key_of_organization, versions=(V2023_01,), tag=TAG, body=UpdateKeyBody,
)  # fmt: skip
def update_api_key(context: Context) -> Outcome:
    """Change an API key's description or organization roles."""
    body: UpdateKeyBody = context.call.body
    key = context.call.values["apiUserId"]
    change = api_keys.update(ground_of(context), key, description=given(body.desc), roles=given(body.roles))
    return outcome_of(change, lambda view: _single(context, view, key))


@endpoint(
    "DELETE", _KEY, id="deleteOrgApiKey", requires=("org.api_keys.delete",), on=InOrganization(),
    inner=key_of_organization, versions=(V2023_01,), tag=TAG, status=204,
)  # fmt: skip
def delete_api_key(context: Context) -> Outcome:
    """Delete an API key from its organization and every project."""
    return outcome_of(api_keys.delete(ground_of(context), context.call.values["apiUserId"]))

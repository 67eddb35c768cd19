"""Organizations on the wire: list, read, create, rename, delete, and their projects."""

from typing import Annotated, Any, Literal

import msgspec

from orgward.admin_api.key_shapes import everything, key_object
from orgward.admin_api.links import self_link, with_parts
from orgward.admin_api.projects import project_item
from orgward.admin_api.tolerant import Body, Ignored, given
from orgward.app.acting import ground_of, outcome_of
from orgward.app.execute import Context
from orgward.app.operation import Oneself
from orgward.app.targets import InOrganization, Nowhere
from orgward.catalog import EDITIONS
from orgward.directory import api_keys, organizations
from orgward.edge.endpoint import ATLAS, V2023_01, Parameter, endpoint
from orgward.edge.paging import Page
from orgward.kernel.errors import MalformedError, RefusedError
from orgward.store.reads.hierarchy import organizations_page, projects_page
from orgward.store.view import Row, SqlView
from orgward.store.writer import Outcome

TAG = "Organizations"
_PARTS = ("groups", "teams", "users")


class OrganizationBody(Body, frozen=True, kw_only=True):
    """What may be changed of an organization; what is not named stays."""

    name: str | msgspec.UnsetType = msgspec.UNSET
    skip_default_alerts_settings: bool | msgspec.UnsetType = msgspec.UNSET
    id: Ignored = None
    is_deleted: Ignored = None
    links: Ignored = None


class FirstApiKeyBody(Body, frozen=True, kw_only=True):
    """The API key that an organization may be created with."""

    desc: Annotated[str, msgspec.Meta(min_length=1, max_length=250)]
    roles: Annotated[list[str], msgspec.Meta(min_length=1)]


class CreateOrganizationBody(Body, frozen=True, kw_only=True):
    """A new organization; `edition` is our own member."""

    name: str
    edition: Literal["atlas", "cloud_manager"] = "atlas"
    skip_default_alerts_settings: bool = False
    org_owner_id: str | None = None
    api_key: FirstApiKeyBody | None = None
    federation_settings_id: str | None = None
    service_account: dict[str, Any] | None = None


def organization_item(row: Row, base_url: str) -> dict[str, Any]:
    """Return an organization as it stands in a list."""
    return {
        "id": row["id"],
        "isDeleted": False,
        "links": self_link(base_url, f"/orgs/{row['id']}"),
        "name": row["name"],
        "skipDefaultAlertsSettings": row["skip_default_alerts"],
    }


def organization_object(row: Row, base_url: str) -> dict[str, Any]:
    """Return an organization by itself, with the links to its collections."""
    return {**organization_item(row, base_url), "links": with_parts(base_url, f"/orgs/{row['id']}", _PARTS)}


def _single(context: Context, view: SqlView, org: str) -> dict[str, Any]:
    return organization_object(view.get("organizations", org) or {}, context.call.base_url)


@endpoint(
    "GET", f"{ATLAS}/orgs", id="listOrgs", requires=Oneself("lists the organizations that the caller is in"),
    on=Nowhere(), versions=(V2023_01,), tag=TAG, paged=True, parameters=(Parameter(name="name", in_link=True),),
)  # fmt: skip
def list_organizations(context: Context) -> Page:
    """List the organizations that the caller is in."""
    query = context.call.query.parsed
    rows, total = organizations_page(
        context.view, context.visible("org.read"), query.values["name"], query.per_page, query.offset
    )
    return Page([organization_item(row, context.call.base_url) for row in rows], total)


@endpoint(
    "GET", f"{ATLAS}/orgs/{{orgId}}", id="getOrg", requires=("org.read",), on=InOrganization(),
    versions=(V2023_01,), tag=TAG, brief=True,
)  # fmt: skip
def read_organization(context: Context) -> dict[str, Any]:
    """Return one organization."""
    return _single(context, context.view, context.resource.id)


@endpoint(
    "POST", f"{ATLAS}/orgs", id="createOrg", on=Nowhere(), versions=(V2023_01,), tag=TAG, status=201,
    requires=Oneself("any person may found an organization", keys_refused="API_KEY_CANNOT_CREATE_ORG"),
    body=CreateOrganizationBody,
)  # fmt: skip
def create_organization(context: Context) -> Outcome:
    """Create an organization of which the caller is the owner, with a first API key if one is asked for."""
    body: CreateOrganizationBody = context.call.body
    for name in ("federation_settings_id", "service_account"):
        if getattr(body, name) is not None:
            raise RefusedError("FEDERATION_UNSUPPORTED", name)
    owner, ground = context.principal.id, ground_of(context)
    if body.org_owner_id not in {None, owner}:
        raise MalformedError("INVALID_ATTRIBUTE", "orgOwnerId")
    change = organizations.create(
        ground, body.name, body.edition, owner, skip_default_alerts=body.skip_default_alerts_settings
    )
    key = None
    if body.api_key is not None:
        edition = EDITIONS[body.edition]
        key = api_keys.first_key(ground, str(change.target), edition, body.api_key.desc, body.api_key.roles)
        change.deltas += key.deltas
    return outcome_of(change, lambda view: _created(context, view, str(change.target), key))


def _created(context: Context, view: SqlView, org: str, key: api_keys.FirstKey | None) -> dict[str, Any]:
    found = _single(context, view, org)
    reply = {
        "organization": found,
        "orgOwnerId": context.principal.id,
        "skipDefaultAlertsSettings": found["skipDefaultAlertsSettings"],
    }
    return reply if key is None else {**reply, "apiKey": key_object(context, view, key.id, everything, key.private)}


@endpoint(
    "PATCH", f"{ATLAS}/orgs/{{orgId}}", id="updateOrg", requires=("org.rename",), on=InOrganization(),
    versions=(V2023_01,), tag=TAG, body=OrganizationBody,
)  # fmt: skip
def update_organization(context: Context) -> Outcome:
    """Rename an organization."""
    body: OrganizationBody = context.call.body
    change = organizations.update(
        ground_of(context),
        name=given(body.name),
        skip_default_alerts=given(body.skip_default_alerts_settings),
    )
    return outcome_of(change, lambda view: _single(context, view, context.resource.id))


@endpoint(
    "DELETE", f"{ATLAS}/orgs/{{orgId}}", id="deleteOrg", requires=("org.delete",), on=InOrganization(),
    versions=(V2023_01,), tag=TAG, status=204, needs_recent_proof=True,
)  # fmt: skip
def delete_organization(context: Context) -> Outcome:
    """Delete an organization that has no projects left."""
    return outcome_of(organizations.delete(ground_of(context)))


@endpoint(
    "GET", f"{ATLAS}/orgs/{{orgId}}/groups", id="getOrgGroups", requires=("org.projects.list",), on=InOrganization(),
    versions=(V2023_01,), tag=TAG, paged=True, parameters=(Parameter(name="name"),),
)  # fmt: skip
def list_organization_projects(context: Context) -> Page:
    """List the projects of an organization that the caller can read."""
    query = context.call.query.parsed
    rows, total = projects_page(
        context.view,
        context.visible("project.read"),
        org=context.resource.id,
        name=query.values["name"],
        limit=query.per_page,
        offset=query.offset,
    )
    return Page([project_item(row, context.call.base_url) for row in rows], total)

"""Organizations on the wire: list, read, rename, delete, and their projects."""

from typing import Any

import msgspec

from orgward.admin_api.links import self_link, with_parts
from orgward.admin_api.projects import project_item
from orgward.admin_api.tolerant import Body, Ignored, given
from orgward.app.acting import ground_of, outcome_of
from orgward.app.execute import Context
from orgward.app.operation import Oneself
from orgward.app.targets import InOrganization, Nowhere
from orgward.directory import organizations
from orgward.edge.endpoint import ATLAS, V2023_01, Parameter, endpoint
from orgward.edge.paging import Page
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


def single(context: Context, view: SqlView, org: str) -> dict[str, Any]:
    """Return the organization `org` by itself as `view` has it."""
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
    return single(context, context.view, context.resource.id)


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
    return outcome_of(change, lambda view: single(context, view, context.resource.id))


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

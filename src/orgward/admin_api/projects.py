"""Projects on the wire: list, read, find by name, create, change, delete."""

import json
from typing import Annotated, Any

import msgspec

from orgward.admin_api.links import self_link, with_parts
from orgward.admin_api.tolerant import Body, Ignored, given
from orgward.app.acting import ground_of, outcome_of
from orgward.app.execute import Context
from orgward.app.operation import Oneself
from orgward.app.targets import InOrganization, InProject, Nowhere
from orgward.directory import projects
from orgward.edge.endpoint import ATLAS, V2023_01, Parameter, endpoint
from orgward.edge.paging import Page
from orgward.engine.authorized import denied
from orgward.kernel.errors import MalformedError, NotFoundError, RefusedError
from orgward.kernel.ids import is_id
from orgward.kernel.instants import rfc3339
from orgward.store.reads.hierarchy import projects_named, projects_page
from orgward.store.view import Row, SqlView
from orgward.store.writer import Outcome

TAG = "Projects"
_PARTS = ("containers", "clusters", "databaseUsers", "peers", "processes", "whitelist")
_Text = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]


class TagBody(Body, frozen=True, kw_only=True):
    """One tag of a project."""

    key: _Text
    value: _Text


class CreateProjectBody(Body, frozen=True, kw_only=True):
    """A new project."""

    name: str
    org_id: str
    tags: tuple[TagBody, ...] = ()
    with_default_alerts_settings: bool = True
    region_usage_restrictions: Ignored = None
    cluster_count: Ignored = None
    created: Ignored = None
    id: Ignored = None
    links: Ignored = None


class UpdateProjectBody(Body, frozen=True, kw_only=True):
    """What may be changed of a project; what is not named stays."""

    name: str | msgspec.UnsetType = msgspec.UNSET
    tags: list[TagBody] | msgspec.UnsetType = msgspec.UNSET
    with_default_alerts_settings: bool | msgspec.UnsetType = msgspec.UNSET


def project_item(row: Row, base_url: str) -> dict[str, Any]:
    """Return a project as it stands in a list."""
    return {
        "clusterCount": 0,
        "created": rfc3339(row["created_at"]),
        "id": row["id"],
        "links": self_link(base_url, f"/groups/{row['id']}"),
        "name": row["name"],
        "orgId": row["org_id"],
        "tags": json.loads(row["tags"]),
        "withDefaultAlertsSettings": row["with_default_alerts"],
    }


def project_object(row: Row, base_url: str) -> dict[str, Any]:
    """Return a project by itself, with the links to its collections."""
    return {**project_item(row, base_url), "links": with_parts(base_url, f"/groups/{row['id']}", _PARTS)}


def _single(context: Context, view: SqlView, project: str) -> dict[str, Any]:
    return project_object(view.get("projects", project) or {}, context.call.base_url)


@endpoint(
    "GET", f"{ATLAS}/groups", id="listGroups", requires=Oneself("lists the projects that the caller can read"),
    on=Nowhere(), versions=(V2023_01,), tag=TAG, paged=True,
)  # fmt: skip
def list_projects(context: Context) -> Page:
    """List the projects that the caller can read."""
    query = context.call.query.parsed
    rows, total = projects_page(
        context.view,
        context.visible("project.read"),
        org=None,
        name="",
        limit=query.per_page,
        offset=query.offset,
    )
    return Page([project_item(row, context.call.base_url) for row in rows], total)


@endpoint(
    "GET", f"{ATLAS}/groups/{{groupId}}", id="getGroup", requires=("project.read",), on=InProject(),
    versions=(V2023_01,), tag=TAG, brief=True,
)  # fmt: skip
def read_project(context: Context) -> dict[str, Any]:
    """Return one project."""
    return _single(context, context.view, context.resource.id)


@endpoint(
    "GET", f"{ATLAS}/groups/byName/{{groupName}}", id="getGroupByName",
    requires=Oneself("finds among the projects that the caller can read"), on=Nowhere(), versions=(V2023_01,), tag=TAG,
)  # fmt: skip
def read_project_by_name(context: Context) -> dict[str, Any]:
    """Return the project of this name that the caller can read."""
    name = context.call.values["groupName"]
    rows = projects_named(context.view, context.visible("project.read"), name)
    if not rows:
        raise NotFoundError("GROUP_NAME_NOT_FOUND", name)
    if len(rows) > 1:
        raise RefusedError("MULTIPLE_GROUPS", name)
    return project_object(rows[0], context.call.base_url)


@endpoint(
    "POST", f"{ATLAS}/groups", id="createGroup", requires=("org.projects.create",), on=InOrganization(),
    versions=(V2023_01,), tag=TAG, status=201, body=CreateProjectBody, body_names_resource="orgId",
    parameters=(Parameter(name="projectOwnerId"),),
)  # fmt: skip
def create_project(context: Context) -> Outcome:
    """Create a project in the organization that the body names."""
    body: CreateProjectBody = context.call.body
    tags = [(tag.key, tag.value) for tag in body.tags]
    change = projects.create(
        ground_of(context),
        body.name,
        _owner(context),
        with_default_alerts=body.with_default_alerts_settings,
        tags=tags,
    )
    return outcome_of(change, lambda view: _created(context, view, str(change.target)))


def _created(context: Context, view: SqlView, project: str) -> dict[str, Any]:
    """Return the new project; unlike all other replies, this one leaves tags out where there are none."""
    shape = _single(context, view, project)
    return shape if shape["tags"] else {name: value for name, value in shape.items() if name != "tags"}


def _owner(context: Context) -> tuple[str, str]:
    named = context.call.query.parsed.values["projectOwnerId"]
    if not named:
        return context.principal.kind, context.principal.id
    if not is_id(named):
        raise MalformedError("INVALID_QUERY_PARAMETER", "projectOwnerId")
    member = context.view.get("members", context.resource.id, named)
    if member is None or member["state"] != "active" or member["suspended"]:
        raise NotFoundError("USER_NOT_FOUND", named)
    return "user", named


@endpoint(
    "PATCH", f"{ATLAS}/groups/{{groupId}}", id="updateGroup", requires=("project.rename", "project.tags.update"),
    on=InProject(), versions=(V2023_01,), tag=TAG, body=UpdateProjectBody,
)  # fmt: skip
def update_project(context: Context) -> Outcome:
    """Change a project's name or tags, each with the privilege that it needs."""
    body: UpdateProjectBody = context.call.body
    _require(context, "project.rename", body.name, body.with_default_alerts_settings)
    _require(context, "project.tags.update", body.tags)
    change = projects.update(
        ground_of(context),
        name=given(body.name),
        tags=None if body.tags is msgspec.UNSET else [(tag.key, tag.value) for tag in body.tags],
        with_default_alerts=given(body.with_default_alerts_settings),
    )
    return outcome_of(change, lambda view: _single(context, view, context.resource.id))


def _require(context: Context, privilege: str, *members: Any) -> None:
    if any(member is not msgspec.UNSET for member in members) and privilege not in context.authorized.held:
        raise denied(context.facts, [privilege], context.resource)


@endpoint(
    "DELETE", f"{ATLAS}/groups/{{groupId}}", id="deleteGroup", requires=("project.delete",), on=InProject(),
    versions=(V2023_01,), tag=TAG, status=202, needs_recent_proof=True,
)  # fmt: skip
def delete_project(context: Context) -> Outcome:
    """Delete a project."""
    return outcome_of(projects.delete(ground_of(context)), lambda _: {})

"""API keys of a project on the wire: list, create, put on the project, change, take off."""

from typing import Any

from orgward.admin_api.api_keys import TAG, CreateKeyBody, UpdateKeyBody
from orgward.admin_api.key_shapes import key_object, key_objects, only_here
from orgward.admin_api.tolerant import Body, Ignored, given
from orgward.app.acting import ground_of, outcome_of
from orgward.app.execute import Context
from orgward.app.targets import InProject
from orgward.directory import api_keys
from orgward.edge.endpoint import ATLAS, V2023_01, endpoint
from orgward.edge.inner import key_of_organization, key_on_project
from orgward.edge.paging import Page
from orgward.store.reads.machines import project_machines_page
from orgward.store.view import SqlView
from orgward.store.writer import Outcome

_KEYS = f"{ATLAS}/groups/{{groupId}}/apiKeys"
_KEY = f"{_KEYS}/{{apiUserId}}"


class AssignedRolesBody(Body, frozen=True, kw_only=True):
    """Roles that a key is put on the project with; the path says which key."""

    roles: list[str]
    user_id: Ignored = None


def _single(context: Context, view: SqlView, key: str, private: str | None = None) -> dict[str, Any]:
    return key_object(context, view, key, only_here(context), private)


@endpoint(
    "GET", _KEYS, id="listGroupApiKeys", requires=("project.api_keys.read",), on=InProject(),
    versions=(V2023_01,), tag=TAG, paged=True,
)  # fmt: skip
def list_project_api_keys(context: Context) -> Page:
    """List the API keys on a project."""
    query = context.call.query.parsed
    rows, total = project_machines_page(context.view, "api_key", context.resource.id, query.per_page, query.offset)
    return Page(key_objects(context, context.view, rows, only_here(context)), total)


@endpoint(
    "POST", _KEYS, id="createGroupApiKey", requires=("project.api_keys.create",), on=InProject(),
    versions=(V2023_01,), tag=TAG, body=CreateKeyBody,
)  # fmt: skip
def create_project_api_key(context: Context) -> Outcome:
    """Create an API key with project roles; its private key is shown this once."""
    body: CreateKeyBody = context.call.body
    change = api_keys.create_in_project(ground_of(context), body.desc, body.roles)
    return outcome_of(change, lambda view: _single(context, view, str(change.target), change.secret))


@endpoint(
    "POST", _KEY, id="addGroupApiKey", requires=("project.api_keys.assign",), on=InProject(), inner=key_of_organization,
    versions=(V2023_01,), tag=TAG, body=list[AssignedRolesBody], status=204,
)  # fmt: skip
def add_project_api_key(context: Context) -> Outcome:
    """Put an API key of the organization on the project."""
    body: list[AssignedRolesBody] = context.call.body
    roles = [role for part in body for role in part.roles]
    return outcome_of(api_keys.add_to_project(ground_of(context), context.call.values["apiUserId"], roles))


@endpoint(
    "PATCH", _KEY, id="updateGroupApiKeyRoles", requires=("project.api_keys.update_roles",), on=InProject(),
    inner=key_on_project, versions=(V2023_01,), tag=TAG, body=UpdateKeyBody,
)  # fmt: skip
def update_project_api_key(context: Context) -> Outcome:
    """Change an API key's description or its roles in the project."""
    body: UpdateKeyBody = context.call.body
    key = context.call.values["apiUserId"]
    change = api_keys.update_in_project(ground_of(context), key, description=given(body.desc), roles=given(body.roles))
    return outcome_of(change, lambda view: _single(context, view, key))


@endpoint(
    "DELETE", _KEY, id="removeGroupApiKey", requires=("project.api_keys.remove",), on=InProject(),
    inner=key_on_project, versions=(V2023_01,), tag=TAG, status=204,
)  # fmt: skip
def remove_project_api_key(context: Context) -> Outcome:
    """Take an API key off the project; the organization keeps it."""
    return outcome_of(api_keys.remove_from_project(ground_of(context), context.call.values["apiUserId"]))

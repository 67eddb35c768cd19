"""Limits of projects on the wire: what stands in one project, and what stands by default (rules 147-150)."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from orgward.admin_api.projects import TAG
from orgward.admin_api.tolerant import Body, Ignored
from orgward.app.acting import ground_of, outcome_of
from orgward.app.execute import Context
from orgward.app.operation import Oneself
from orgward.app.targets import InProject, Nowhere
from orgward.catalog.project_limits import DEFAULT_LIMITS_BY_TITLE, PROJECT_LIMITS, ProjectLimit
from orgward.directory import project_limits
from orgward.edge.endpoint import ATLAS, PREVIEW, V2023_01, endpoint
from orgward.edge.paging import Page
from orgward.kernel.errors import FieldFault, MalformedError, NotFoundError
from orgward.kernel.resource import ResourceRef
from orgward.store.view import SqlView
from orgward.store.writer import Outcome

_LIMITS: Final = f"{ATLAS}/groups/{{groupId}}/limits"
_LIMIT: Final = f"{_LIMITS}/{{limitName}}"
_DEFAULTS: Final = f"{ATLAS}/defaultGroupLimits"
_DEFAULTS_TAG: Final = "Limit Description"
_READING_DEFAULTS: Final = Oneself("tells what stands in every project where nobody has set anything else")


class LimitBody(Body, frozen=True, kw_only=True):
    """The new value of a limit."""

    value: int
    name: str | msgspec.UnsetType = msgspec.UNSET
    current_usage: Ignored = None
    default_limit: Ignored = None
    maximum_limit: Ignored = None


def known_limit(view: SqlView, resource: ResourceRef, values: Mapping[str, str]) -> None:
    """Raise unless `limitName` is the name of a limit of projects."""
    if values["limitName"] not in PROJECT_LIMITS:
        raise NotFoundError("RESOURCE_NOT_FOUND", values["limitName"])


def limit_object(limit: ProjectLimit, value: int) -> dict[str, Any]:
    """Return a limit of a project; nothing of what these limits bound is there yet, so nothing is used."""
    bounds = {"defaultLimit": limit.default, "maximumLimit": limit.maximum}
    known = {name: bound for name, bound in bounds.items() if bound is not None}
    return {"currentUsage": 0, **known, "name": limit.name, "value": value}


def default_object(limit: ProjectLimit) -> dict[str, Any]:
    """Return what stands of a limit by default."""
    return {
        "defaultLimit": limit.default,
        "description": limit.description,
        "maximumLimit": limit.maximum,
        "name": limit.title,
    }


def _single(context: Context, view: SqlView) -> dict[str, Any]:
    limit = PROJECT_LIMITS[context.call.values["limitName"]]
    value = project_limits.value_of(view, context.resource.id, limit)
    if value is None:
        raise NotFoundError("RESOURCE_NOT_FOUND", limit.name)
    return limit_object(limit, value)


@endpoint(
    "GET", _LIMITS, id="listGroupLimits", requires=("project.limits.read",), on=InProject(), versions=(V2023_01,),
    tag=TAG,
)  # fmt: skip
def list_limits(context: Context) -> list[dict[str, Any]]:
    """List the limits that stand in a project; a limit without a default does so once it is set."""
    return [limit_object(*found) for found in project_limits.limits_of(context.view, context.resource.id)]


@endpoint(
    "GET", _LIMIT, id="getGroupLimit", requires=("project.limits.read",), on=InProject(), inner=known_limit,
    versions=(V2023_01,), tag=TAG,
)  # fmt: skip
def read_limit(context: Context) -> dict[str, Any]:
    """Return one limit that stands in a project."""
    return _single(context, context.view)


@endpoint(
    "PATCH", _LIMIT, id="setGroupLimit", requires=("project.limits.update",), on=InProject(), inner=known_limit,
    versions=(V2023_01,), tag=TAG, body=LimitBody,
)  # fmt: skip
def set_limit(context: Context) -> Outcome:
    """Set one limit of a project."""
    body: LimitBody = context.call.body
    name = context.call.values["limitName"]
    if body.name not in {msgspec.UNSET, name}:
        raise MalformedError("INVALID_ATTRIBUTE", "name", fields=[FieldFault("name", "is not the limit of the path")])
    change = project_limits.set_limit(ground_of(context), name, body.value)
    return outcome_of(change, lambda view: _single(context, view))


@endpoint(
    "DELETE", _LIMIT, id="deleteGroupLimit", requires=("project.limits.update",), on=InProject(), inner=known_limit,
    versions=(V2023_01,), tag=TAG, status=204,
)  # fmt: skip
def reset_limit(context: Context) -> Outcome:
    """Bring the default of a limit back; a limit that has none ends."""
    return outcome_of(project_limits.reset_limit(ground_of(context), context.call.values["limitName"]))


@endpoint(
    "GET", _DEFAULTS, id="listDefaultGroupLimits", requires=_READING_DEFAULTS, on=Nowhere(), versions=(PREVIEW,),
    tag=_DEFAULTS_TAG, paged=True,
)  # fmt: skip
def list_defaults(context: Context) -> Page:
    """List what stands by default in every project."""
    query = context.call.query.parsed
    limits = list(PROJECT_LIMITS.values())
    page = limits[query.offset : query.offset + query.per_page]
    return Page([default_object(limit) for limit in page], len(limits))


@endpoint(
    "GET", f"{_DEFAULTS}/{{limitName}}", id="getDefaultGroupLimit", requires=_READING_DEFAULTS, on=Nowhere(),
    versions=(PREVIEW,), tag=_DEFAULTS_TAG,
)  # fmt: skip
def read_default(context: Context) -> dict[str, Any]:
    """Return what stands by default of one limit."""
    name = context.call.values["limitName"]
    if name not in DEFAULT_LIMITS_BY_TITLE:
        raise NotFoundError("RESOURCE_NOT_FOUND", name)
    return default_object(DEFAULT_LIMITS_BY_TITLE[name])

"""Every role that is held at an organization or project, those included that are yet to begin or have ended."""

from typing import Any, Final

from orgward.app.execute import Context
from orgward.app.targets import InOrganization, InProject
from orgward.edge.endpoint import OWN, Parameter, endpoint
from orgward.edge.paging import Page
from orgward.kernel.client_ids import account_of
from orgward.kernel.errors import MalformedError
from orgward.kernel.ids import is_id
from orgward.own_api.instants import shown_end, shown_start
from orgward.store.reads.role_assignments import assignments_of, assignments_page
from orgward.store.view import Row

TAG: Final = "Role Assignments"
_KINDS: Final = {"userId": "user", "teamId": "team", "apiUserId": "api_key", "clientId": "service_account"}
_HOLDERS: Final = tuple(Parameter(name=name) for name in _KINDS)


@endpoint(
    "GET", f"{OWN}/orgs/{{orgId}}/roles", id="listOrgRoleAssignments", requires=("org.users.read",),
    on=InOrganization(), tag=TAG, paged=True, parameters=_HOLDERS,
)  # fmt: skip
def list_of_organization(context: Context) -> Page:
    """List the organization roles of everybody, or of one holder, with their bounds."""
    return _listed(context)


@endpoint(
    "GET", f"{OWN}/groups/{{groupId}}/roles", id="listGroupRoleAssignments", requires=("project.user_roles.read",),
    on=InProject(), tag=TAG, paged=True, parameters=_HOLDERS,
)  # fmt: skip
def list_of_project(context: Context) -> Page:
    """List the roles in a project of everybody, or of one holder, with their bounds."""
    return _listed(context)


def _listed(context: Context) -> Page:
    query, scope = context.call.query.parsed, context.resource.scope_id
    named = {name: _holder(name, value) for name in _KINDS if (value := query.values[name])}
    for name in named if len(named) > 1 else ():
        raise MalformedError("INVALID_QUERY_PARAMETER", name)
    if not named:
        rows, total = assignments_page(context.view, scope, limit=query.per_page, offset=query.offset)
    else:
        ((name, holder),) = named.items()
        found = assignments_of(context.view, scope, _KINDS[name], holder)
        rows, total = found[query.offset : query.offset + query.per_page], len(found)
    return Page([_assignment(row, context.now) for row in rows], total)


def _holder(name: str, value: str) -> str:
    """Return the id of the holder that a parameter names."""
    found = account_of(value) if name == "clientId" else value if is_id(value) else None
    if found is None:
        raise MalformedError("INVALID_QUERY_PARAMETER", name)
    return found


def _assignment(row: Row, now: int) -> dict[str, Any]:
    state = "SCHEDULED" if now < row["starts"] else "IN_FORCE" if now < row["ends"] else "ENDED"
    return {
        "addedByOwner": row["added_by_owner"],
        "endsAt": shown_end(row["ends"]),
        "holder": {"id": row["holder_id"], "type": row["holder_kind"]},
        "role": row["role"],
        "startsAt": shown_start(row["starts"]),
        "state": state,
    }

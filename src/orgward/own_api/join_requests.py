"""Requests to join a project: asked, seen and withdrawn by a person; listed, approved and denied on the project."""

import json
from typing import Annotated, Any, Final

import msgspec

from orgward.app.acting import ground_of, outcome_of
from orgward.app.execute import Context
from orgward.app.operation import Oneself
from orgward.app.targets import InProject, Nowhere
from orgward.directory import join_requests
from orgward.directory.ground import Ground
from orgward.edge.bodies import Body, decode
from orgward.edge.endpoint import OWN, Parameter, endpoint
from orgward.edge.inner import join_request
from orgward.edge.paging import Page
from orgward.kernel.errors import MalformedError
from orgward.kernel.instants import rfc3339
from orgward.own_api.instants import instant, shown_end
from orgward.own_api.sessions import PEOPLE_ONLY
from orgward.store.reads.join_requests import requests_page
from orgward.store.reads.named import usernames
from orgward.store.view import Row
from orgward.store.writer import Outcome

TAG: Final = "Join Requests"
_MINE: Final = f"{OWN}/me/joinRequests"
_TO_PROJECT: Final = f"{OWN}/groups/{{groupId}}/joinRequests"
_ONE: Final = f"{_TO_PROJECT}/{{joinRequestId}}"
_STATE: Final = (Parameter(name="state"),)

_Message = Annotated[str, msgspec.Meta(max_length=1000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$")]
_Roles = Annotated[list[str], msgspec.Meta(max_length=50)]


class AskBody(Body, frozen=True, kw_only=True):
    """What somebody says who asks to join, and the roles that they wish for, until when."""

    message: _Message = ""
    roles: _Roles = msgspec.field(default_factory=list)
    ends_at: str | None = None


class ApprovalBody(Body, frozen=True, kw_only=True):
    """The roles that are given, and until when."""

    roles: _Roles
    ends_at: str | None = None


def _decode_optional(raw: bytes, kind: Any) -> Any:
    return decode(raw or b"{}", kind)


@endpoint(
    "POST", _TO_PROJECT, id="askToJoinGroup", on=Nowhere(), tag=TAG, status=202, body=AskBody, decode=_decode_optional,
    requires=Oneself("answers alike whatever the path names: nothing is learnt of it", keys_refused=PEOPLE_ONLY),
)  # fmt: skip
def ask(context: Context) -> Outcome:
    """Ask to join a project; the answer is the same whether or not there is one."""
    body: AskBody = context.call.body
    project, ends = context.call.values["groupId"], instant("endsAt", body.ends_at)
    change = join_requests.ask(ground_of(context), project, body.message, body.roles, ends)
    return outcome_of(change, lambda _: {})


@endpoint(
    "GET", _MINE, id="listMyJoinRequests", on=Nowhere(), tag=TAG, paged=True, parameters=_STATE,
    requires=Oneself("lists the caller's own requests", keys_refused=PEOPLE_ONLY),
)  # fmt: skip
def list_mine(context: Context) -> Page:
    """List the caller's own requests, withdrawn ones only where they are asked for."""
    query, asked = context.call.query.parsed, _state_asked(context)
    rows = context.view.find("join_requests", user_id=context.principal.id)
    shown = [row for row in rows if (row["state"] == asked if asked else row["state"] != join_requests.WITHDRAWN)]
    page = shown[query.offset : query.offset + query.per_page]
    return Page([{"projectId": row["project_id"], **_request(row)} for row in page], len(shown))


def _state_asked(context: Context) -> str:
    state: str = context.call.query.parsed.values["state"].lower()
    if state and state not in join_requests.STATES:
        raise MalformedError("INVALID_QUERY_PARAMETER", "state")
    return state


def _request(row: Row) -> dict[str, Any]:
    return {
        "createdAt": rfc3339(row["created_at"]),
        "endsAt": shown_end(row["ends_at"]),
        "id": row["id"],
        "message": row["message"],
        "roles": json.loads(row["roles"]),
        "state": row["state"].upper(),
    }


@endpoint(
    "DELETE", f"{_MINE}/{{joinRequestId}}", id="withdrawJoinRequest", on=Nowhere(), tag=TAG, status=204,
    requires=Oneself("takes the caller's own request back", keys_refused=PEOPLE_ONLY),
)  # fmt: skip
def withdraw(context: Context) -> Outcome:
    """Take an open request of the caller back."""
    return outcome_of(join_requests.withdraw(ground_of(context), context.call.values["joinRequestId"]))


@endpoint(
    "GET", _TO_PROJECT, id="listGroupJoinRequests", requires=("project.join_requests.read",), on=InProject(), tag=TAG,
    paged=True, parameters=_STATE,
)  # fmt: skip
def list_of_project(context: Context) -> Page:
    """List who asked to join a project, in one state: the open requests unless another is asked for."""
    query, state = context.call.query.parsed, _state_asked(context) or join_requests.OPEN
    project = context.resource.id
    rows, total = requests_page(context.view, project, state, limit=query.per_page, offset=query.offset)
    names = usernames(context.view, {row["user_id"] for row in rows})
    shown = [{"userId": r["user_id"], "username": names.get(r["user_id"]), **_request(r)} for r in rows]
    return Page(shown, total)


@endpoint(
    "POST", f"{_ONE}:approve", id="approveGroupJoinRequest", requires=("project.join_requests.approve",),
    on=InProject(), inner=join_request, tag=TAG, body=ApprovalBody,
)  # fmt: skip
def approve(context: Context) -> Outcome:
    """Let somebody join who asked to, with the roles that the body names."""
    body: ApprovalBody = context.call.body
    ground, ends = ground_of(context), instant("endsAt", body.ends_at)
    change = join_requests.approve(ground, _named(context), body.roles, ends)
    given = {"endsAt": shown_end(ends), "roles": change.body["roles"], "state": "APPROVED", "userId": change.target}
    return outcome_of(change, lambda _: given)


def _named(context: Context) -> Row:
    return context.view.get("join_requests", context.call.values["joinRequestId"]) or {}


@endpoint(
    "POST", f"{_ONE}:deny", id="denyGroupJoinRequest", requires=("project.join_requests.deny",), on=InProject(),
    inner=join_request, tag=TAG,
)  # fmt: skip
def deny(context: Context) -> Outcome:
    """Turn a request down; the answer lists what who asked still holds on the project by other ways."""
    ground: Ground = ground_of(context)
    change = join_requests.deny(ground, _named(context))
    held = [{"role": role, "via": via} for role, via in join_requests.still_held(ground, str(change.target))]
    return outcome_of(change, lambda _: {"state": "DENIED", "stillHas": held})

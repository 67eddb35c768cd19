"""Requests to join a project: who waits, who was answered, and answering them (rules 61-64)."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from orgward.app.targets import InProject
from orgward.console.changing.calls import ApiCall, Finished
from orgward.console.changing.checking import checked, project_roles_posted
from orgward.console.changing.days import day_of, end_posted
from orgward.console.changing.role_choices import choices_of, edition_at, roles_to_give
from orgward.console.changing.summary import Chip, Difference, Summary
from orgward.console.frame.declaration import Batch, End, Goto, Plan, Show, export, form, page
from orgward.console.frame.page import Page, Posted
from orgward.console.frame.problems import problem_of, problems_of
from orgward.console.listing.chips import chip_of, chips_of, word_of
from orgward.console.listing.naming import actor_named, person_named
from orgward.edge.inner import join_request
from orgward.kernel.errors import OrgwardError
from orgward.kernel.instants import FOREVER, parse_rfc3339, rfc3339
from orgward.store.reads.keyset import START, place_of
from orgward.store.reads.request_list import ANSWERED, OPEN, request_list
from orgward.store.view import Row

_READ: Final = ("project.join_requests.read",)
_APPROVE: Final = ("project.join_requests.approve",)
_PATH: Final = "/p/{groupId}/requests"
_ONE: Final = f"{_PATH}/{{joinRequestId}}"
_SIZE: Final = 25
_BATCH: Final = 500


@page(_PATH, id="showRequests", requires=_READ, on=InProject(), template="requests.html", scope="project")
def show_requests(page: Page) -> Mapping[str, Any]:
    """Return the requests that wait, or those that were answered."""
    is_answered = page.one("tab") == "answered"
    place = place_of(page.one("after")) or START
    part = request_list(page.view, page.resource.id, _states(page), place, _SIZE)
    return {
        "url": page.asked.path,
        "tabs": _tabs(page, is_answered=is_answered),
        "is_answered": is_answered,
        "rows": [_row(page, row) for row in part.rows],
        "part": part,
        "may_deny": not is_answered and page.can("denyGroupJoinRequest"),
        "problem": problem_of(page),
        "n_refused": 0,
    }


def _states(page: Page) -> Sequence[str]:
    return ANSWERED if page.one("tab") == "answered" else OPEN


def _tabs(page: Page, *, is_answered: bool) -> list[dict[str, Any]]:
    def tab(name: str, states: Sequence[str], *, current: bool) -> dict[str, Any]:
        n = sum(page.view.count("join_requests", project_id=page.resource.id, state=state) for state in states)
        href = page.link(tab=None if name == "open" else name, after=None)
        return {"href": href, "label": page.t(f"requests.tab_{name}"), "count": n, "current": current}

    return [tab("open", OPEN, current=not is_answered), tab("answered", ANSWERED, current=is_answered)]


def _row(page: Page, request: Row) -> dict[str, Any]:
    return {
        **request,
        "person": person_named(page.view, page.t, request["user_id"]),
        "wishes": _wishes(page, request),
        "held": chips_of(page, request["user_id"], page.resource, why=page.can("listGroupRoleAssignments")),
        "by": _decider(page, request),
        "menu": list(_menu(page, request)),
    }


def _decider(page: Page, request: Row) -> str:
    by = request["decided_by"]
    return actor_named(page.view, page.t, request["decided_by_kind"], by) if by else ""


def _wishes(page: Page, request: Row) -> list[dict[str, Any]]:
    """Return the roles that are wished for; the edition may not have all of them, for nobody looked when they asked."""
    known = edition_at(page, page.resource.org or "").roles
    names = [name for name in json.loads(request["roles"]) if name in known]
    return [chip_of(page, name, ends=request["ends_at"]) for name in names]


def _menu(page: Page, request: Row) -> Iterator[dict[str, Any]]:
    here = f"{page.asked.path}/{request['id']}"
    if request["state"] != "open":
        return
    if page.can("approveGroupJoinRequest") and request["user_id"] != page.principal.id:
        yield {"label": page.t("requests.approve_step"), "icon": "check", "href": here}
    if page.can("denyGroupJoinRequest"):
        yield {"label": page.t("shared.deny"), "icon": "x", "danger": True, "action": f"{here}/deny"}


@export(
    f"{_PATH}.csv", id="exportRequests", requires=_READ, on=InProject(),
    columns=("id", "userId", "username", "state", "roles", "endsAt", "message", "createdAt"),
)  # fmt: skip
def export_requests(page: Page, after: str | None) -> Batch:
    """Return the requests of the tab, some at a time."""
    part = request_list(page.view, page.resource.id, _states(page), place_of(after or "") or START, _BATCH)
    return Batch([_line(page, row) for row in part.rows], part.after.text if part.after else None)


def _line(page: Page, row: Row) -> Sequence[Any]:
    person = page.view.get("person_data", row["user_id"])
    ends = rfc3339(row["ends_at"]) if row["ends_at"] else None
    return (
        row["id"], row["user_id"], person["username"] if person else None, row["state"].upper(),
        " ".join(json.loads(row["roles"])), ends, row["message"], rfc3339(row["created_at"]),
    )  # fmt: skip


# ---------------------------------------------------------------- approve


@page(
    _ONE, id="showRequest", requires=_APPROVE, on=InProject(), inner=join_request, template="request.html",
    scope="project", entry="showRequests",
)  # fmt: skip
def show_request(page: Page) -> Mapping[str, Any]:
    """Return the form that answers a request, with what was asked for as far as the viewer may give it."""
    request = page.view.get("join_requests", page.values["joinRequestId"]) or {}
    offered = roles_to_give(page, page.resource)
    names = {role.name for role in offered}
    asked: list[str] = json.loads(request["roles"])
    posted, zone = page.asked.posted, page.asked.look.zone
    return {
        "url": page.asked.path,
        "list": f"/p/{page.resource.id}/requests",
        "request": _row(page, request),
        "is_open": request["state"] == "open",
        "is_own": request["user_id"] == page.principal.id,
        "families": choices_of(page, offered, page.resource.org or ""),
        "chosen": posted.get("roles", [name for name in asked if name in names]),
        "ends": page.posted("ends", day_of(request["ends_at"], zone)),
        "today": day_of(page.now, zone),
        "not_given": [chip for chip in _wishes(page, request) if chip["name"] not in names],
        **problems_of(page),
        "may_deny": page.can("denyGroupJoinRequest"),
    }


@form(_ONE, acts=["approveGroupJoinRequest"])
def approve_request(posted: Posted) -> Plan:
    """Lead to the check of letting somebody join with these roles, perhaps until the end of a day."""
    values = {"groupId": posted.values["groupId"], "joinRequestId": posted.values["joinRequestId"]}
    roles, ends = project_roles_posted(posted, values["groupId"]), end_posted(posted, "ends")
    body = {"roles": roles, **({"endsAt": ends} if ends else {})}
    call = ApiCall(operation="approveGroupJoinRequest", values=values, body=body)
    return checked(posted, [call], _summary(posted, roles, ends))


def _summary(posted: Posted, roles: Sequence[str], ends: str | None) -> Summary:
    view, words, project = posted.view, posted.words, posted.values["groupId"]
    request = view.get("join_requests", posted.values["joinRequestId"]) or {"user_id": ""}
    place = view.get("projects", project) or {"name": project}
    held = view.find("assignments", holder_id=request["user_id"], scope_id=project)
    before = [row for row in held if row["starts"] <= posted.now < row["ends"] and row["role"] not in roles]
    until = parse_rfc3339(ends) if ends else None
    kept = [Chip(role=row["role"], ends=row["ends"] if row["ends"] < FOREVER else None) for row in before]
    line = Difference(
        icon="user-plus", name=person_named(view, words, request["user_id"]).name,
        place=words("projects.on_place", place=place["name"]), before=kept,
        after=[*kept, *(Chip(role=role, ends=until) for role in roles)],
    )  # fmt: skip
    url = f"/p/{project}/requests"
    return Summary(
        title=words("requests.approve_title", person=line.name), lines=[line], back=posted.path, then=url,
        done="requests.approved", crumbs=[(words("requests.title"), url)],
    )  # fmt: skip


# ---------------------------------------------------------------- deny


@form(f"{_ONE}/deny", acts=["denyGroupJoinRequest"])
def deny_request(posted: Posted) -> Plan:
    """Turn a request down, and tell what its asker keeps by other ways (rule 63)."""
    request = posted.view.get("join_requests", posted.values["joinRequestId"]) or {"user_id": ""}
    person = person_named(posted.view, posted.words, request["user_id"]).name
    return Plan(
        calls=[_denial(posted, posted.values["joinRequestId"])],
        then=lambda results: _denied(posted, person, results[0]),
    )


def _denial(posted: Posted, request: str) -> ApiCall:
    return ApiCall(
        operation="denyGroupJoinRequest", values={"groupId": posted.values["groupId"], "joinRequestId": request}
    )


def _denied(posted: Posted, person: str, result: Finished) -> Goto:
    words, project, held = posted.words, posted.values["groupId"], result.body["stillHas"]
    url = f"/p/{project}/requests"
    if not held:
        return Goto(url=url, done="requests.denied", params={"person": person})
    roles = edition_at(posted, posted.facts.attribute("projects", project) or "").roles
    first = roles[held[0]["role"]]
    title = first.title.removeprefix(f"{word_of(first)} ") if first.scope == "project" else first.title
    params = {"person": person, "role": title, "source": words(f"requests.via_{held[0]['via']}")}
    return Goto(url=url, done="shared.denied_keeps", params=params)


@form(_PATH, acts=["denyGroupJoinRequest"])
def deny_requests(posted: Posted) -> Plan:
    """Turn down the requests that were selected, one by one."""
    calls = [_denial(posted, request) for request in dict.fromkeys(posted.many("id"))]
    return Plan(calls=calls, then=lambda results: _denied_together(posted, results), each=True)


def _denied_together(posted: Posted, results: Sequence[Any]) -> End:
    refused = [result for result in results if isinstance(result, OrgwardError)]
    if refused and len(refused) == len(results):
        raise refused[0]
    if refused:
        return Show(model={"n_refused": len(refused)}, status=409)
    return Goto(url=posted.path, done="requests.denied_n", params={"n": len(results)})

"""Asking for access to a project: the answer is the same whether or not there is one (rule 61)."""

from collections.abc import Mapping
from typing import Any, Final

from orgward.app.operation import Oneself
from orgward.app.targets import Nowhere
from orgward.catalog import PRIVILEGES
from orgward.console.changing.calls import ApiCall
from orgward.console.explaining.asking import DAYS, asking_of, missing_there
from orgward.console.explaining.sight import place_of, sees
from orgward.console.frame.declaration import Goto, Plan, form, page
from orgward.console.frame.page import Page, Posted
from orgward.console.frame.problems import problem_of
from orgward.console.listing.naming import place_named
from orgward.kernel.instants import rfc3339

_DAY: Final = 86_400_000


@page(
    "/p/{groupId}/ask", id="showAsking", on=Nowhere(), template="ask.html", scope="none",
    requires=Oneself("asks for something of the caller's own, and tells nothing of the project"),
)  # fmt: skip
def show_asking(page: Page) -> Mapping[str, Any]:
    """Return the form; `privilege` is what it is wanted for."""
    project = page.values["groupId"]
    found = place_of(page, f"project:{project}")
    place = found if found is not None and sees(page, found) and not page.closed_gate(found) else None
    privilege = page.one("privilege")
    wanted = PRIVILEGES.get(privilege)
    missing = missing_there(page, privilege, place) if place and wanted and wanted.resource == "project" else None
    if place is not None:
        page.asked.shown, page.asked.scope = place, "project"
    return {
        "where": place_named(page.view, project) if place else "",
        "missing": missing,
        "asking": asking_of(page, place, missing, project),
        "problem": problem_of(page),
    }


@form("/p/{groupId}/ask", acts=["askToJoinGroup"])
def ask(posted: Posted) -> Plan:
    """Ask to join a project, with the role that is wished for, until when and what for."""
    days = int(posted.one("days")) if posted.one("days") in {str(n) for n in DAYS} else 0
    body: dict[str, Any] = {"message": posted.one("message"), "roles": posted.many("role")}
    if days:
        body["endsAt"] = rfc3339(posted.now + days * _DAY)
    call = ApiCall(operation="askToJoinGroup", values={"groupId": posted.values["groupId"]}, body=body)
    return Plan(calls=[call], then=Goto(url="/me/invitations?tab=requests", done="refusal.asked"))

"""Why somebody has access, as a page of its own; and what would be if every way of it ended."""

from collections.abc import Mapping
from typing import Any

from orgward.app.operation import Oneself
from orgward.app.targets import Nowhere
from orgward.catalog import EDITIONS
from orgward.console.changing.ending import ENDING, calls_to_end
from orgward.console.changing.summary import Chip, Difference, Summary
from orgward.console.explaining.reasons import reason_of, shown_as, ways, why_href
from orgward.console.explaining.sight import may_ask, place_of, sees
from orgward.console.frame.declaration import Goto, Plan, form, page
from orgward.console.frame.page import Page, Posted
from orgward.console.listing.naming import named, place_named
from orgward.engine.authorized import NOT_LISTED
from orgward.kernel.errors import GateError, NotFoundError
from orgward.kernel.ids import is_id
from orgward.kernel.resource import ResourceRef


@page(
    "/why", id="showWhy", requires=Oneself("what may be asked is limited question by question"), on=Nowhere(),
    template="why.html", scope="none",
)  # fmt: skip
def show_why(page: Page) -> Mapping[str, Any]:
    """Return the answer to one question; what may not be asked looks like what is not there."""
    place = place_of(page, page.one("resource"))
    if place is not None and sees(page, place):
        _stand_in(page, place)
    found = reason_of(page, page.one("subject"), page.one("resource"), page.one("action"))
    if found is None:
        raise NotFoundError("RESOURCE_NOT_FOUND", "why")
    return {"model": {**found, "here": "/why", "level": 2}}


def _stand_in(page: Page, place: ResourceRef) -> None:
    """Let the frame be that of the place, unless its gate is closed."""
    closed = page.closed_gate(place)
    if closed:
        raise GateError(closed, *([page.principal.address] if closed == NOT_LISTED else []))
    page.asked.shown, page.asked.scope = place, place.scope_kind


@form("/why", acts=ENDING)
def end_every_way(posted: Posted) -> Plan:
    """Prepare the end of every way by which somebody reaches a project."""
    who, place = posted.one("subject").partition(":")[2], place_of(posted, posted.one("resource"))
    if place is None or not place.project or not is_id(who) or not may_ask(posted, who, place):
        raise NotFoundError("RESOURCE_NOT_FOUND", "why")
    back = why_href(posted.one("subject"), posted.one("resource"))
    calls = calls_to_end(posted, who, place)
    then = posted.one("back") or back
    return Plan(calls=calls, summary=_summary(posted, who, place, then) if calls else None, then=Goto(url=back))


def _summary(posted: Posted, who: str, place: ResourceRef, then: str) -> Summary:
    names = {"person": named(posted.view, place.org or "", who).name, "place": place_named(posted.view, place.scope_id)}
    edition = EDITIONS[posted.facts.attribute("organizations", place.org or "") or ""]
    found = [(shown_as(edition, path, place), path.ends) for _, path in ways(posted, who, place)]
    before = [Chip(role=role, source=source, ends=ends) for (role, source), ends in dict.fromkeys(found)]
    line = Difference(icon="scissors", name=names["person"], place=names["place"], before=before)
    title = posted.words("why.ending_title", **names)
    return Summary(title=title, lines=[line], back=then, then=then, done="why.ended", params=names)

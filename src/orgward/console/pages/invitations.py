"""Invitations to an organization: what became of each; sent again, withdrawn, cleared away, many at once (46-56)."""

from collections.abc import Callable, Mapping, Sequence
from itertools import chain, islice
from typing import Any, Final

from orgward.app.targets import InOrganization
from orgward.console.changing.checking import checked
from orgward.console.changing.summary import Difference, Summary
from orgward.console.frame.declaration import Batch, End, Goto, Plan, Show, export, form, page
from orgward.console.frame.page import Page, Posted
from orgward.console.frame.problems import problem_of
from orgward.console.listing.invitations_shown import (
    INVITATION_COLUMNS,
    asked,
    batch_of,
    call_to,
    filters_of,
    listing_of,
)
from orgward.console.pages.invitation_csv import send_invitation_file
from orgward.kernel.errors import NotFoundError, OrgwardError
from orgward.kernel.ids import is_id
from orgward.kernel.resource import ResourceRef
from orgward.store.reads.invitation_list import InvitationListing, inviters
from orgward.store.reads.invitation_rows import ListedInvitation, invitation_rows

_READ: Final = ("org.invitations.read",)
_PATH: Final = "/o/{orgId}/invitations"
_MOST: Final = 500
_IN_ORGANIZATION: Final = ("resendOrgInvitation", "deleteOrgInvite")
IN_PROJECT: Final = ("resendGroupInvitation", "deleteGroupInvite")


@page(
    _PATH, id="showInvitations", requires=_READ, on=InOrganization(), template="invitations.html",
    scope="organization",
)  # fmt: skip
def show_invitations(page: Page) -> Mapping[str, Any]:
    """Return the invitations that tab and filters ask for; after a file was sent what became of its lines."""
    org = page.resource.id
    query = asked(page.asked.query)
    people = inviters(page.view, org) if page.can("listOrgUsers") else []
    return {
        **listing_of(page),
        "heading": page.t("invitations.title"),
        "lead": page.t("invitations.lead"),
        "filters": filters_of(people, _projects(page), query),
        "invite": f"/o/{org}/members/invite" if page.can("createOrgUser") else "",
        "file": f"{page.asked.path}/csv" if page.can("createOrgUser") else "",
        "problem": problem_of(page),
    }


def _projects(page: Page) -> dict[str, str]:
    """Return the projects of the organization whose people the viewer may see, by id."""
    rows = page.view.find("projects", org_id=page.resource.id)
    refs = {row["id"]: ResourceRef("project", row["id"], org=row["org_id"], project=row["id"]) for row in rows}
    return {row["id"]: row["name"] for row in rows if page.holds("project.user_roles.read", refs[row["id"]])}


@export(f"{_PATH}.csv", id="exportInvitations", requires=_READ, on=InOrganization(), columns=INVITATION_COLUMNS)
def export_invitations(page: Page, after: str | None) -> Batch:
    """Return the invitations that tab and filters ask for, some at a time."""
    return batch_of(page, after)


@form(_PATH, acts=["createOrgUser", *_IN_ORGANIZATION, *IN_PROJECT])
def act_on_invitations(posted: Posted) -> Plan:
    """Send the lines of a file, or send again or withdraw the invitations that are selected."""
    if posted.has("text"):
        return send_invitation_file(posted)
    return acting_on(posted, posted.values["orgId"], "")


def acting_on(posted: Posted, org: str, project: str) -> Plan:
    """Return the plan for the invitations that are selected; to withdraw several goes through a check."""
    act = _ACTS.get(posted.one("do"))
    if act is None:
        raise NotFoundError("INVITATION_NOT_FOUND", "")
    return act(posted, _selected(posted, org, project), project)


def _selected(posted: Posted, org: str, project: str) -> list[ListedInvitation]:
    """Return the invitations that were ticked, or all that match, up to a bound; none that the list does not show."""
    privilege = "project.invitations.read" if project else "org.invitations.read"
    if not posted.facts.check(posted.principal.id, privilege, project or org, posted.now):
        return []
    ids: Sequence[str] = [each for each in dict.fromkeys(posted.many("id")) if is_id(each)][:_MOST]
    if posted.has("all"):
        chunks = InvitationListing(posted.view, org, asked(posted.query, project), posted.now).chunks()
        ids = list(islice(chain.from_iterable(chunks), _MOST))
    rows = [each for each in invitation_rows(posted.view, ids, posted.now) if each.org_id == org]
    return [each for each in rows if not project or any(there.id == project for there in each.projects)]


def _list_of(posted: Posted, project: str) -> str:
    return f"/p/{project}/invitations" if project else f"/o/{posted.values['orgId']}/invitations"


def _resend(posted: Posted, chosen: Sequence[ListedInvitation], project: str) -> Plan:
    calls = [call_to("resend", each, each.org_id, project) for each in chosen]
    url = _list_of(posted, project)

    def then(results: Sequence[Any]) -> End:
        refused = [result for result in results if isinstance(result, OrgwardError)]
        if len(refused) == len(results):
            raise refused[0] if refused else NotFoundError("INVITATION_NOT_FOUND", "")
        if refused:
            return Show(model={"n_refused": len(refused), "n_sent": len(results) - len(refused)}, status=409)
        params = {"n": len(results), "address": chosen[0].address}
        return Goto(url=url, done="invitations.sent_again", params=params)

    return Plan(calls=calls, then=then, each=True)


def _delete(posted: Posted, chosen: Sequence[ListedInvitation], project: str) -> Plan:
    calls = [call_to("delete", each, each.org_id, project) for each in chosen]
    words, url = posted.words, _list_of(posted, project)
    if not calls:
        raise NotFoundError("INVITATION_NOT_FOUND", "")
    if len(calls) == 1:
        return Plan(calls=calls, then=Goto(url=url, done="invitations.gone", params={"address": chosen[0].address}))
    title = words("invitations.withdraw_n", n=len(calls))
    lines = [Difference(icon="mail-x", name=each.address) for each in chosen]
    summary = Summary(
        title=title, lines=lines, back=url, then=url, done="invitations.gone_n", params={"n": len(calls)}, act=title,
        crumbs=[(words("invitations.title"), url)],
    )  # fmt: skip
    return checked(posted, calls, summary)


_ACTS: Final[Mapping[str, Callable[[Posted, Sequence[ListedInvitation], str], Plan]]] = {
    "resend": _resend,
    "delete": _delete,
}

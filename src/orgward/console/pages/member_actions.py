"""What is done about one member without a form of its own: suspended, reactivated, removed, by way of a check."""

from collections.abc import Callable, Iterable

from orgward.console.changing.checking import offered
from orgward.console.changing.member_changes import Proposal, reactivated, removed, shown_name, suspended
from orgward.console.changing.summary import Summary
from orgward.console.frame.declaration import Plan, form
from orgward.console.frame.page import Posted
from orgward.console.frame.words import Words
from orgward.kernel.errors import NotFoundError
from orgward.store.reads.member_rows import Member, member_rows

_HERE = "/o/{orgId}/members/{userId}"


def member_posted(posted: Posted) -> Member:
    """Return the member whom the path names."""
    org, user = posted.values["orgId"], posted.values["userId"]
    found = member_rows(posted.view, org, [user], posted.now)
    if not found:
        raise NotFoundError("USER_NOT_FOUND", user)
    return found[0]


def place_posted(posted: Posted, default: str) -> str:
    """Return the page of this organization that the form was sent from, `default` if it names none."""
    url = posted.one("next")
    return url if url.startswith(f"/o/{posted.values['orgId']}/") else default


@form(f"{_HERE}/suspend", acts=["suspendOrgUser"])
def suspend(posted: Posted) -> Plan:
    """Lead to the check of a suspension."""
    return _checked(posted, suspended, "suspend")


@form(f"{_HERE}/reactivate", acts=["reactivateOrgUser"])
def reactivate(posted: Posted) -> Plan:
    """Lead to the check of the end of a suspension."""
    return _checked(posted, reactivated, "reactivate")


@form(f"{_HERE}/remove", acts=["removeOrgUser"])
def remove(posted: Posted) -> Plan:
    """Lead to the check of a removal, or of an invitation that is withdrawn."""
    return _checked(posted, removed, "remove")


def _checked(posted: Posted, proposed: Callable[[Words, str, Iterable[Member]], Proposal], verb: str) -> Plan:
    member, words, org = member_posted(posted), posted.words, posted.values["orgId"]
    name, people = shown_name(member), f"/o/{org}/members"
    proposal = proposed(words, org, [member])
    here = f"{people}/{member.user_id}"
    verb = "withdraw" if verb == "remove" and member.state == "pending" else verb
    summary = Summary(
        title=words(f"members.{verb}_name", name=name),
        lines=proposal.lines,
        back=place_posted(posted, here),
        then=place_posted(posted, people if verb in {"remove", "withdraw"} else here),
        done=f"members.done_{verb}",
        params={"name": name},
        act=words(f"members.{verb}_name", name=name),
        crumbs=[(words("members.title"), people), (name, here)],
    )
    return offered(posted, proposal.calls, summary)

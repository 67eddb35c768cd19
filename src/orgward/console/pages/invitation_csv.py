"""Many invitations at once: a file is read, every line judged by the server's own rehearsal, and then they are sent."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from orgward.app.targets import InOrganization
from orgward.app.trial import Rehearsal
from orgward.console.changing.calls import ApiCall
from orgward.console.changing.role_choices import edition_at
from orgward.console.frame.declaration import Plan, Show, form, page
from orgward.console.frame.exporting import lines_of as as_csv
from orgward.console.frame.page import Page, Posted
from orgward.console.frame.words import Words
from orgward.console.listing.invitation_judging import Judge, Judged
from orgward.console.listing.invitation_lines import MOST_LINES, UnreadableError, lines_of, text_of
from orgward.engine.authorized import can_read

_INVITE: Final = ("org.invitations.create", "org.users.add")
_PATH: Final = "/o/{orgId}/invitations/csv"
_SENT: Final = "SENT"


@page(
    _PATH, id="showInvitationFile", requires=_INVITE, on=InOrganization(), template="invitation_csv.html",
    scope="organization", entry="showInvitations",
)  # fmt: skip
def show_invitation_file(page: Page) -> Mapping[str, Any]:
    """Return the form for a file, and after one was posted what would become of each of its lines."""
    text = str(page.asked.extra.get("text", ""))
    found, fault = _judged(_judge(page, page.t, page.asked.rehearse), text) if text else ([], "")
    return {
        "url": page.asked.path,
        "list": f"/o/{page.resource.id}/invitations",
        "text": text,
        "fault": page.t(f"invitation_csv.{fault}", n=MOST_LINES) if fault else "",
        "lines": found,
        "n_good": sum(each.call is not None for each in found),
        "once": secrets.token_urlsafe(16),
    }


@form(_PATH, acts=[])
def check_invitation_file(posted: Posted) -> Plan:
    """Show what would become of each line; nothing is sent yet."""
    file = posted.files.get("file") or b""
    return Plan(then=Show(model={"text": text_of(file) if file else posted.raw("text") or " "}))


def _judge(looking: Page | Posted, words: Words, rehearse: Callable[[Sequence[ApiCall]], Rehearsal]) -> Judge:
    org, view, facts = looking.values["orgId"], looking.view, looking.facts
    projects = [
        row for row in view.find("projects", org_id=org) if can_read(facts, looking.principal, row["id"], looking.now)
    ]
    return Judge(
        view, words, org, edition_at(looking, org), {row["name"]: row["id"] for row in projects},
        {row["name"]: row["id"] for row in view.find("teams", org_id=org)}, rehearse,
        shows_members=facts.check(looking.principal.id, "org.users.read", org, looking.now),
    )  # fmt: skip


def _judged(judge: Judge, text: str) -> tuple[list[Judged], str]:
    """Return what would become of each line of a file, or the word for what is wrong with the file."""
    try:
        return judge.judged(lines_of(text)), ""
    except UnreadableError as error:
        return [], error.key


# ------------------------------------------------------------ sending


def send_invitation_file(posted: Posted) -> Plan:
    """Send what can be sent of the file; what became of each line stands in the answer, and nowhere else."""
    judge = _judge(posted, posted.words, posted.rehearse)
    found, _ = _judged(judge, posted.raw("text"))
    calls = [each.call for each in found if each.call is not None]

    def then(results: Sequence[Any]) -> Show:
        answers = iter(results)
        done = [each if each.call is None else judge.outcome(each, next(answers)) for each in found]
        return Show(model={"sent": _outcome(posted, done)})

    return Plan(calls=calls, then=then, each=True, once=True)


def _outcome(posted: Posted, done: Sequence[Judged]) -> dict[str, Any]:
    """Return the panel that tells of the file: the lines that were not sent, and all of them as a file."""
    rows = [(e.line.number, e.line.address, _SENT if e.call else e.code, "" if e.call else e.told) for e in done]
    return {
        "title": posted.words("invitation_csv.n_sent", n=sum(each.call is not None for each in done), total=len(done)),
        "n": sum(each.call is not None for each in done),
        "lines": [each for each in done if each.call is None],
        "csv": "data:text/csv;charset=utf-8," + quote(as_csv([("row", "username", "result", "detail"), *rows])),
    }

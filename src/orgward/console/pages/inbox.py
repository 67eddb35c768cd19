"""What waits for the viewer's own answer, what they asked for, and what came of it (rules 46, 47, 61-63)."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from orgward.app.operation import Oneself
from orgward.app.targets import Nowhere
from orgward.catalog import EDITIONS, Edition
from orgward.console.changing.calls import ApiCall
from orgward.console.explaining.allowing import allowed_by_kind
from orgward.console.frame.declaration import Goto, Plan, form, page
from orgward.console.frame.page import Page, Posted
from orgward.console.frame.problems import problem_of
from orgward.console.listing.chips import chip_of
from orgward.console.listing.naming import full_name, initials, place_named
from orgward.directory import join_requests
from orgward.directory.invitation_parts import Part, parts_of
from orgward.directory.invitations import is_open
from orgward.kernel.errors import NotFoundError
from orgward.kernel.resource import ResourceRef
from orgward.store.reads.keyset import START, cut, place_of
from orgward.store.reads.keyset import Page as Slice
from orgward.store.view import Row

_TABS: Final = ("open", "requests", "answered")
_SIZE: Final = 25
_RECENT: Final = 3
_SOON: Final = 2 * 86_400_000
"""Two days before an invitation ends its date is a warning."""


@page(
    "/me/invitations", id="showMyInvitations", requires=Oneself("shows the caller's own invitations and requests"),
    on=Nowhere(), template="inbox.html", scope="account",
)  # fmt: skip
def show_my_invitations(page: Page) -> Mapping[str, Any]:
    """Return the viewer's open invitations, open requests, or what was answered, whichever the tab names."""
    tab = page.one("tab") if page.one("tab") in _TABS else "open"
    waiting, asked, answered = _invitations(page), _requests(page), _answered(page)
    place = place_of(page.one("after")) or START
    ids = cut([row["id"] for row in answered], place, _SIZE if tab == "answered" else _RECENT)
    listed: Slice[Row] = ids.of([row for row in answered if row["id"] in ids.rows])
    return {
        "tab": tab,
        "counts": {"open": len(waiting), "requests": len(asked), "answered": len(answered)},
        "address": (page.view.get("person_data", page.principal.id) or {}).get("username", ""),
        "invitations": [_card(page, row) for row in waiting] if tab == "open" else [],
        "requests": [_request(page, row) for row in asked] if tab == "requests" else [],
        "answered": [_outcome(page, row) for row in listed.rows],
        "slice": listed,
        "problem": problem_of(page),
    }


def _invitations(page: Page) -> list[Row]:
    rows = page.view.find("invitations", user_id=page.principal.id, state="pending")
    return [row for row in rows if is_open(row, page.now) and page.view.get("organizations", row["org_id"])]


def _requests(page: Page) -> list[Row]:
    rows = page.view.find("join_requests", user_id=page.principal.id)
    return [row for row in reversed(rows) if row["state"] == join_requests.OPEN]


def _answered(page: Page) -> list[Row]:
    """Return invitations and requests that are over, the newest first; cancelled and withdrawn ones are nowhere."""
    invited = page.view.find("invitations", user_id=page.principal.id)
    asked = page.view.find("join_requests", user_id=page.principal.id)
    over = [row for row in invited if row["state"] != "cancelled" and not is_open(row, page.now)]
    over += [row for row in asked if row["state"] in {join_requests.APPROVED, join_requests.DENIED}]
    return sorted(over, key=lambda row: (row["created_at"], row["id"]), reverse=True)


# ------------------------------------------------------------ an open invitation


def _card(page: Page, row: Row) -> dict[str, Any]:
    org = page.view.get("organizations", row["org_id"]) or {}
    project = page.view.get("projects", row["project_id"]) if row["project_id"] else None
    edition, parts = EDITIONS[org["edition"]], parts_of(row)
    title = project["name"] if project else org["name"]
    return {
        "id": row["id"],
        "title": title,
        "initials": initials(title),
        "kind": page.t("inbox.project_of", name=org["name"]) if project else page.t("inbox.organization"),
        "inviter": _inviter(page, row),
        "sent": row["created_at"],
        "roles": [_chip(page, found, role) for found in _of(parts, "organization") for role in found.roles],
        "projects": [_chip(page, found, role) for found in _of(parts, "project") for role in found.roles],
        "teams": [team["name"] for found in _of(parts, "team") if (team := page.view.get("teams", found.id))],
        "allows": list(_allows(page, edition, row["org_id"], parts)),
        "until": row["expires_at"],
        "is_soon": row["expires_at"] < page.now + _SOON,
        "days": (row["expires_at"] - page.now) // 86_400_000,
    }


def _of(parts: Sequence[Part], scope: str) -> list[Part]:
    return [found for found in parts if found.scope == scope]


def _inviter(page: Page, row: Row) -> str:
    """Return who invited, as far as somebody from outside is told: a person's name, of a program that it is one."""
    person = page.view.get("person_data", row["inviter_id"]) if row["inviter_kind"] == "user" else None
    if person is not None:
        return full_name(person)
    return page.t("inbox.by_key") if row["inviter_kind"] == "api_key" else page.t("shared.actor_operator")


def _chip(page: Page, found: Part, role: str) -> dict[str, Any]:
    org = found.id if found.scope == "organization" else page.facts.attribute("projects", found.id)
    place = ResourceRef("", found.id, org=org)
    if found.scope == "organization":
        return chip_of(page, role, resource=place, source="organization", in_full=True)
    via = page.t("inbox.on", place=place_named(page.view, found.id))
    return chip_of(page, role, resource=place, via=via, in_full=True)


def _allows(page: Page, edition: Edition, org: str, parts: Sequence[Part]) -> Iterator[dict[str, Any]]:
    """Yield what would be allowed: in the organization, on each project that is named, and on every other one."""
    roles = {role for found in _of(parts, "organization") for role in found.roles}
    own = frozenset[str]().union(*(edition.privileges_of(role, added_by_owner=False) for role in roles))
    reach = frozenset[str]().union(*(edition.in_projects_of(role) for role in roles))
    on_projects = _on_projects(page, edition, org, parts)
    if own:
        yield _allowed(page, edition, "organization", own, page.t("inbox.in_organization", n=len(own)))
    for project, privileges in on_projects.items():
        held = privileges | reach
        text = page.t("inbox.on_project", n=len(held), place=place_named(page.view, project))
        yield _allowed(page, edition, "project", held, text)
    if reach:
        key = "inbox.on_every_other" if on_projects else "inbox.on_every"
        yield _allowed(page, edition, "project", reach, page.t(key, n=len(reach)))


def _allowed(page: Page, edition: Edition, scope: Any, privileges: frozenset[str], text: str) -> dict[str, Any]:
    return {"text": text, "groups": allowed_by_kind(page, edition.name, scope, privileges)}


def _on_projects(page: Page, edition: Edition, org: str, parts: Sequence[Part]) -> dict[str, frozenset[str]]:
    """Return the privileges that roles on single projects give there, those by way of teams among them."""
    given = [(found.id, role, found.by_owner) for found in _of(parts, "project") for role in found.roles]
    for found in _of(parts, "team"):
        for project, grants in page.facts.edges(found.id).items():
            if page.facts.attribute("projects", project) == org:
                given += [(project, grant.role, False) for grant in grants if grant.starts <= page.now < grant.ends]
    held: dict[str, frozenset[str]] = {}
    for project, role, by_owner in given:
        held[project] = held.get(project, frozenset()) | edition.privileges_of(role, added_by_owner=by_owner)
    return held


# ------------------------------------------------------------ requests, and what came of things


def _request(page: Page, row: Row) -> dict[str, Any]:
    name = _project_seen(page, row["project_id"])
    return {
        "id": row["id"],
        "title": name,
        "id_of_project": row["project_id"],
        "initials": initials(name) if name else None,
        "sent": row["created_at"],
        "message": row["message"],
        "roles": [_wish(page, role) for role in json.loads(row["roles"])],
        "until": row["ends_at"],
    }


def _project_seen(page: Page, project: str) -> str:
    """Return the name of a project that the viewer can read, empty for any other: a request tells nothing of it."""
    if not page.facts.check(page.principal.id, "project.read", project, page.now):
        return ""
    return place_named(page.view, project)


def _wish(page: Page, role: str) -> str:
    found = next((edition.roles[role] for edition in EDITIONS.values() if role in edition.roles), None)
    return found.title if found else role


def _outcome(page: Page, row: Row) -> dict[str, Any]:
    if "inviter_kind" not in row:
        return {
            "what": _project_seen(page, row["project_id"]),
            "id_of_what": row["project_id"],
            "from": page.t("inbox.you_asked"),
            "state": row["state"],
            "at": row["decided_at"],
            "note": _kept(page, row["project_id"]) if row["state"] == join_requests.DENIED else "",
            "sent": row["created_at"],
        }
    org = page.view.get("organizations", row["org_id"])
    state = "expired" if row["state"] == "pending" else row["state"]
    return {
        "what": org["name"] if org else "",
        "id_of_what": row["org_id"],
        "from": _inviter(page, row),
        "state": state,
        "at": row["expires_at"] if state == "expired" else None,
        "note": "",
        "sent": row["created_at"],
    }


def _kept(page: Page, project: str) -> str:
    """Return by which roles the viewer reaches a project though their request was denied (rule 63)."""
    paths = page.facts.paths(page.principal.id, project, page.now)
    held = {(path.role, path.via, path.team) for allowed, path in paths if allowed}
    sentences = []
    for role, via, team in sorted(held, key=str):
        source = page.t(f"inbox.through_{via}", name=place_named(page.view, team) if team else "")
        sentences.append(page.t("inbox.you_keep", role=_wish(page, role), source=source))
    return " ".join(sentences)


# ------------------------------------------------------------ answers

_ANSWERS: Final[Mapping[str, tuple[str, str]]] = {
    "join": ("acceptInvitation", "inbox.joined"),
    "decline": ("declineInvitation", "inbox.declined"),
}


@form("/me/invitations", acts=["acceptInvitation", "declineInvitation", "withdrawJoinRequest"])
def answer(posted: Posted) -> Plan:
    """Join, decline, or take a request of one's own back: each at once, for it concerns nobody else's access."""
    request = posted.one("withdraw")
    if request:
        call = ApiCall(operation="withdrawJoinRequest", values={"joinRequestId": request})
        return Plan(calls=[call], then=Goto(url="/me/invitations?tab=requests", done="inbox.withdrawn"))
    for field, (operation, done) in _ANSWERS.items():
        invitation = posted.one(field)
        if invitation:
            call = ApiCall(operation=operation, values={"invitationId": invitation})
            then = Goto(url=_after(posted, field, invitation), done=done, params={"name": _joined(posted, invitation)})
            return Plan(calls=[call], then=then)
    raise NotFoundError("INVITATION_NOT_FOUND", "")


def _after(posted: Posted, field: str, invitation: str) -> str:
    row = posted.view.get("invitations", invitation)
    return f"/o/{row['org_id']}" if row is not None and field == "join" else "/me/invitations"


def _joined(posted: Posted, invitation: str) -> str:
    """Return what the viewer's own invitation is to; of anybody else's nothing is told."""
    row = posted.view.get("invitations", invitation)
    if row is None or row["user_id"] != posted.principal.id:
        return ""
    place = posted.view.get("projects", row["project_id"]) if row["project_id"] else None
    return str((place or posted.view.get("organizations", row["org_id"]) or {"name": ""})["name"])

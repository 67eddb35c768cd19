"""Invitations as lists show them: what became of each, what it brings, and what may be done about it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, get_args
from urllib.parse import urlencode

from orgward.console.changing.calls import ApiCall
from orgward.console.frame.declaration import Batch
from orgward.console.frame.page import Page, Values
from orgward.console.listing.chips import chip_of
from orgward.kernel.instants import rfc3339
from orgward.kernel.resource import ResourceRef
from orgward.store.reads.actors import Actor
from orgward.store.reads.invitation_list import InvitationListing, InvitationQuery, invitation_page
from orgward.store.reads.invitation_rows import Brought, ListedInvitation, invitation_rows
from orgward.store.reads.invitation_tabs import InvitationTab, invitation_tabs
from orgward.store.reads.keyset import START, place_of

INVITATION_COLUMNS: Final = (
    "id", "username", "state", "roles", "groupRoleAssignments", "teams", "inviterUsername", "createdAt", "expiresAt",
)  # fmt: skip

OPEN: Final = frozenset({"pending", "failed", "expired"})
"""States in which an invitation waits for nobody but whoever was invited: it can be sent again, and withdrawn."""

_KNOWN_TABS: Final[Mapping[str, InvitationTab]] = {tab: tab for tab in get_args(InvitationTab)}
_TABS: Final = ("all", "pending", "expired", "failed", "declined")
_SIZE: Final = 25
_BATCH: Final = 500
_SOLE: Final = 1
_REFUSALS: Final = {"5.1.1": "no_mailbox", "5.1.0": "no_mailbox", "5.1.2": "no_host", "5.2.2": "full"}
"""What the detail of a server's refusal means (RFC 3463), where it can be said in words."""


def asked(values: Values, project: str = "") -> InvitationQuery:
    """Return which invitations an address, or a form, asks for."""

    def last(name: str) -> str:
        return ["", *values.get(name, ())][-1].strip()

    tab = _KNOWN_TABS.get(last("tab"), "all")
    return InvitationQuery(tab=tab, q=last("q"), inviter=last("by"), project=project or last("project"))


def listing_of(page: Page) -> dict[str, Any]:
    """Return the page of the list that the address names, its tabs, and each invitation with what may be done."""
    org, project = page.resource.org or "", page.resource.project or ""
    query, place = asked(page.asked.query, project), place_of(page.one("after"))
    part = invitation_page(page.view, org, query, place or START, size=_SIZE, now=page.now)
    tabs = invitation_tabs(page.view, org, page.now, project=project)
    return {
        "url": page.asked.path,
        "q": query.q,
        "tab": query.tab,
        "tabs": [_tab(page, name, getattr(tabs, name), query.tab) for name in _TABS],
        "n": tabs.all,
        "n_expired": tabs.expired,
        "part": part,
        "rows": [_row(page, each) for each in part.rows],
        "is_filtered": bool(query.q or query.inviter or page.one("project")),
        "is_lost": place is None,
        "csv": page.link(after=None).replace(page.asked.path, f"{page.asked.path}.csv", 1),
        "may_send": page.can("resendGroupInvitation" if project else "resendOrgInvitation"),
        "may_cancel": page.can("deleteGroupInvite" if project else "deleteOrgInvite"),
        "here": page.link(after=None, id=None),
        "again": page.asked.path + "?" + urlencode({"tab": "expired"}),
        "n_refused": 0,
    }


def _tab(page: Page, name: str, n: int, current: str) -> dict[str, Any]:
    href = page.link(tab=None if name == "all" else name, after=None)
    label = page.t("shared.all") if name == "all" else page.t(f"frame.state_{name}")
    return {"href": href, "label": label, "count": n, "current": name == current}


def _row(page: Page, each: ListedInvitation) -> dict[str, Any]:
    return {
        "id": each.id,
        "address": each.address or page.t("shared.actor_erased"),
        "state": each.state,
        "note": _note(page, each),
        "chips": _chips(page, each),
        "brings": _brings(page, each),
        "by": _label(page, each.inviter),
        "sent": each.sent_at,
        "again": each.state in {"failed", "expired"} and _may(page, each, "resend"),
        "may": _may(page, each, "resend") or _may(page, each, "delete"),
        "menu": _menu(page, each),
    }


def _label(page: Page, actor: Actor) -> str:
    return page.t("shared.actor_operator") if actor.kind == "operator" else actor.label or page.t("shared.actor_erased")


def _note(page: Page, each: ListedInvitation) -> str:
    """Return until when it is open, since when it is not, or why it could not be delivered."""
    match each.state:
        case "pending":
            return page.t("shared.until_date", date=page.formats.when(each.expires_at, "brief"))
        case "expired":
            return page.t("shared.on_date", date=page.formats.when(each.expires_at, "brief"))
        case "failed":
            detail = _REFUSALS.get(each.reason.rpartition(" ")[2], "")
            return page.t(f"invitations.{detail}") if detail else page.t("invitations.refused", reason=each.reason)
        case "declined":
            return page.t("invitations.by_invited")
        case _:
            return ""


def _chips(page: Page, each: ListedInvitation) -> list[dict[str, Any]]:
    """Return the organization roles, on a project's list those that it gives there."""
    if page.resource.project is None:
        return [chip_of(page, role, source="organization") for role in each.roles]
    return [chip_of(page, role) for here in each.projects if here.id == page.resource.id for role in here.roles]


def _brings(page: Page, each: ListedInvitation) -> str:
    """Return the projects and teams that it brings besides, as far as the viewer may know of the projects."""
    if page.resource.project:
        return ""
    projects, said = [there for there in each.projects if _is_seen(page, there)], []
    if len(projects) == _SOLE:
        said.append(_on_project(page, projects[0]))
    elif projects:
        said.append(page.t("shared.projects_n", n=len(projects)))
    if len(each.teams) == _SOLE:
        said.append(page.t("invitations.team", name=each.teams[0].name))
    elif each.teams:
        said.append(page.t("shared.teams_n", n=len(each.teams)))
    return ", ".join(said)


def _is_seen(page: Page, there: Brought) -> bool:
    return page.facts.check(page.principal.id, "project.user_roles.read", there.id, page.now)


def _on_project(page: Page, there: Brought) -> str:
    ref = ResourceRef("project", there.id, org=page.resource.org, project=there.id)
    roles = ", ".join(str(chip_of(page, role, resource=ref)["title"]) for role in there.roles)
    return page.t("invitations.project_as", project=there.name, roles=roles)


# ------------------------------------------------------------ what may be done


def place_to_act(each: ListedInvitation, org: str, project: str) -> ResourceRef:
    """Return where an invitation is sent again and withdrawn: one to a project alone there, any other where it is."""
    where = project or each.project_id
    if where:
        return ResourceRef("project", where, org=org, project=where)
    return ResourceRef("organization", org, org=org)


def _may(page: Page, each: ListedInvitation, what: str) -> bool:
    where = place_to_act(each, page.resource.org or "", page.resource.project or "")
    if what == "resend":
        operation = "resendGroupInvitation" if where.project else "resendOrgInvitation"
        return each.state in OPEN and page.can(operation, where)
    operation = "deleteGroupInvite" if where.project else "deleteOrgInvite"
    return each.state in {*OPEN, "declined"} and page.can(operation, where)


def _menu(page: Page, each: ListedInvitation) -> list[dict[str, Any]]:
    where, here = place_to_act(each, page.resource.org or "", page.resource.project or ""), page.link(after=None)
    change = "updateGroupInviteById" if where.project else "updateOrgInviteById"
    form = f"/{'p' if where.project else 'o'}/{where.scope_id}/invitations/{each.id}"
    found: list[dict[str, Any]] = []
    if _may(page, each, "resend"):
        again = {"label": page.t("shared.send_again"), "icon": "send", "action": here}
        found.append({**again, "fields": {"do": "resend", "id": each.id}})
    if each.state in {"pending", "failed"} and page.can(change, where):
        found.append({"label": page.t("invitations.change"), "icon": "pencil", "href": form})
    if _may(page, each, "delete"):
        label = page.t("invitations.cancel" if each.state == "pending" else "invitations.clear")
        gone = {"label": label, "icon": "trash", "danger": True, "action": here}
        found.append({**gone, "fields": {"do": "delete", "id": each.id}})
    return found


def call_to(what: str, each: ListedInvitation, org: str, project: str) -> ApiCall:
    """Return the call that sends an invitation again, or withdraws it."""
    where = place_to_act(each, org, project)
    values = {"groupId" if where.project else "orgId": where.scope_id, "invitationId": each.id}
    operations = {
        "resend": "resendGroupInvitation" if where.project else "resendOrgInvitation",
        "delete": "deleteGroupInvite" if where.project else "deleteOrgInvite",
    }
    return ApiCall(operation=operations[what], values=values)


# ------------------------------------------------------------ the file


def batch_of(page: Page, after: str | None) -> Batch:
    """Return some lines of the file of the list, as it is filtered."""
    org, project = page.resource.org or "", page.resource.project or ""
    query = asked(page.asked.query, project)
    part = InvitationListing(page.view, org, query, page.now).page(place_of(after or "") or START, _BATCH)
    rows = invitation_rows(page.view, part.rows, page.now)
    return Batch([_line(page, each) for each in rows], part.after.text if part.after else None)


def _line(page: Page, each: ListedInvitation) -> Sequence[Any]:
    here = page.resource.project
    projects = [there for there in each.projects if (there.id == here if here else _is_seen(page, there))]
    given = "; ".join(f"{there.name}={role}" for there in projects for role in there.roles)
    return (
        each.id, each.address, each.state.upper(), "" if here else " ".join(each.roles), given,
        "" if here else "; ".join(team.name for team in each.teams), each.inviter.mark or each.inviter.name,
        rfc3339(each.sent_at), rfc3339(each.expires_at),
    )  # fmt: skip


def filters_of(people: Sequence[Actor], projects: Mapping[str, str], query: InvitationQuery) -> dict[str, Any]:
    """Return the choices of the filters of an organization's list, with those that are chosen."""
    named = sorted(projects.items(), key=lambda each: each[1].casefold())
    return {
        "by": ([(actor.id, actor.label) for actor in people if actor.label], [query.inviter] if query.inviter else []),
        "project": (named, [query.project] if query.project else []),
    }

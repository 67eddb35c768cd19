"""The frame around every page: where one is, where one can go, and who one is.

An entry of the sidebar is there exactly if there is a page for it and the viewer may see it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final, NamedTuple

from orgward.console.frame.page import Page
from orgward.console.listing.naming import full_name, initials
from orgward.directory.sessions import live_sessions
from orgward.kernel.resource import ResourceRef
from orgward.store.reads.counts import open_invitations, organization_counts, project_counts


class Entry(NamedTuple):
    """One entry of a sidebar: the page it leads to, its label, icon, and the count that stands beside it."""

    page: str
    path: str
    icon: str
    counter: str = ""


SECTIONS: Final[Mapping[str, Mapping[str, Sequence[Entry]]]] = {
    "account": {
        "account": (
            Entry("showMyInvitations", "/me/invitations", "inbox", "invitations"),
            Entry("showMyAccess", "/me/access", "route"),
            Entry("showMyProfile", "/me/profile", "user-circle"),
            Entry("showMySecurity", "/me/security", "shield-lock"),
            Entry("showMySessions", "/me/sessions", "devices", "sessions"),
        ),
    },
    "organization": {
        "access": (
            Entry("showProjects", "/o/{org}/projects", "cube", "projects"),
            Entry("showMembers", "/o/{org}/members", "user", "members"),
            Entry("showTeams", "/o/{org}/teams", "users", "teams"),
            Entry("showInvitations", "/o/{org}/invitations", "mail", "invitations"),
            Entry("showKeys", "/o/{org}/keys", "key", "keys"),
            Entry("showServiceAccounts", "/o/{org}/accounts", "robot", "accounts"),
        ),
        "understand": (
            Entry("showGraph", "/o/{org}/graph", "sitemap"),
            Entry("showWhoCan", "/o/{org}/who-can", "user-question"),
            Entry("showRoles", "/o/{org}/roles", "table"),
            Entry("showActivity", "/o/{org}/activity", "history"),
        ),
        "organization": (Entry("showSettings", "/o/{org}/settings/general", "settings"),),
    },
    "project": {
        "access": (
            Entry("showAccess", "/p/{project}/access", "user"),
            Entry("showProjectTeams", "/p/{project}/teams", "users", "teams"),
            Entry("showProjectInvitations", "/p/{project}/invitations", "mail", "invitations"),
            Entry("showRequests", "/p/{project}/requests", "user-plus", "requests"),
            Entry("showProjectKeys", "/p/{project}/keys", "key", "keys"),
            Entry("showProjectServiceAccounts", "/p/{project}/accounts", "robot", "accounts"),
        ),
        "understand": (
            Entry("showProjectWhoCan", "/p/{project}/who-can", "user-question"),
            Entry("showProjectActivity", "/p/{project}/activity", "history"),
        ),
        "project": (
            Entry("showTags", "/p/{project}/tags", "tags"),
            Entry("showProjectSettings", "/p/{project}/settings/general", "settings"),
        ),
    },
}
"""The sidebar of each scope: sections, and the pages in them."""


@dataclass(frozen=True, slots=True)
class Link:
    """An entry as the sidebar shows it."""

    href: str
    label: str
    icon: str
    count: int | None
    current: bool


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the sidebar."""

    label: str
    entries: Sequence[Link]


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks."""

    id: str
    name: str
    username: str
    initials: str


@dataclass(slots=True)
class Shell:
    """Everything of the frame."""

    lang: str
    theme: str
    density: str
    shortcuts: bool
    viewer: Viewer | None
    scope: str
    organization: Mapping[str, Any] | None
    project: Mapping[str, Any] | None
    sections: Sequence[Section]
    inbox: int
    search_url: str
    csrf: str
    toasts: Sequence[Mapping[str, Any]] = ()
    breadcrumb: Sequence[tuple[str, str]] = ()
    banner: Mapping[str, Any] | None = None
    drawer: tuple[str, Mapping[str, Any]] | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)


def shell_of(page: Page) -> Shell:
    """Return the frame of `page` for its viewer."""
    asked = page.asked
    resource = page.resource if asked.scope in {"organization", "project"} else ResourceRef("store", "store")
    inbox = open_invitations(page.view, page.principal.id, page.now) if page.principal.id else 0
    org = _organization(page, resource.org)
    return Shell(
        lang=page.t.language,
        theme=asked.look.theme,
        density=asked.look.density,
        shortcuts=asked.look.shortcuts,
        viewer=_viewer(page),
        scope=asked.scope,
        organization=org,
        project=_project(page, resource.project),
        sections=list(_sections(page, resource, inbox)),
        inbox=inbox,
        search_url=f"/search?in={resource.org}" if resource.org else "/search",
        csrf=asked.csrf,
        toasts=[{"text": asked.toast, "undo": None}] if asked.toast else [],
    )


def _viewer(page: Page) -> Viewer | None:
    if not page.principal.id:
        return None
    person = page.view.get("person_data", page.principal.id)
    if person is None:
        return None
    name = full_name(person)
    return Viewer(page.principal.id, name, person["username"], initials(name))


def _organization(page: Page, org: str | None) -> Mapping[str, Any] | None:
    row = page.view.get("organizations", org) if org else None
    if row is None:
        return None
    mine = [m["org_id"] for m in page.view.find("members", user_id=page.principal.id, state="active")]
    editions = {(page.view.get("organizations", each) or row)["edition"] for each in mine}
    return {"id": row["id"], "name": row["name"], "edition": row["edition"], "show_edition": len(editions) > 1}


def _project(page: Page, project: str | None) -> Mapping[str, Any] | None:
    row = page.view.get("projects", project) if project else None
    return None if row is None else {"id": row["id"], "name": row["name"]}


def _sections(page: Page, resource: ResourceRef, inbox: int) -> Iterable[Section]:
    """Yield the sections that have an entry; a scope that the viewer is not in has none."""
    scope = page.asked.scope
    if not page.principal.id:
        return
    counts = _counts(page, resource, inbox)
    names = {"org": resource.org or "", "project": resource.project or ""}
    for section, entries in SECTIONS.get(scope, {}).items():
        shown = [_link(page, entry, names, counts) for entry in entries if page.can(entry.page)]
        if shown:
            yield Section(page.t(f"shell.section_{section}"), shown)
    if scope in {"account", "none"}:
        yield from _organizations(page)


def _counts(page: Page, resource: ResourceRef, inbox: int) -> Mapping[str, int]:
    match page.asked.scope:
        case "organization":
            return asdict(organization_counts(page.view, resource.org or "", page.now))
        case "project":
            return asdict(project_counts(page.view, resource.project or "", page.now))
        case _:
            sessions = live_sessions(page.view, page.principal.id, page.now)
            return {"invitations": inbox, "sessions": len(sessions)}


def _link(page: Page, entry: Entry, names: Mapping[str, str], counts: Mapping[str, int]) -> Link:
    return Link(
        entry.path.format(**names),
        page.t(f"shell.entry_{entry.page}"),
        entry.icon,
        counts.get(entry.counter),
        page.asked.entry == entry.page,
    )


def _organizations(page: Page) -> Iterable[Section]:
    mine = [m["org_id"] for m in page.view.find("members", user_id=page.principal.id, state="active")][:10]
    rows = sorted((row for org in mine if (row := page.view.get("organizations", org))), key=lambda row: row["name"])
    links = [Link(f"/o/{row['id']}", row["name"], "building", None, current=False) for row in rows]
    if links:
        yield Section(page.t("shell.section_organizations"), links)

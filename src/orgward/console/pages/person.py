"""One member: who they are, by which ways they reach which projects, their teams, and the keys that they made."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from orgward.app.targets import InOrganization
from orgward.console.changing.member_changes import shown_name
from orgward.console.explaining.person_access import n_project_privileges, reached_page, sees_every_project
from orgward.console.frame.declaration import page
from orgward.console.frame.page import Page
from orgward.console.listing.chips import chip_of
from orgward.console.listing.machines_made import machines_made
from orgward.console.listing.naming import initials
from orgward.console.listing.since import since_all
from orgward.console.pages.members import factor_icons, menu_of, role_chip
from orgward.console.pages.teams import role_chips
from orgward.edge.inner import member as inner_member
from orgward.store.folding import folded
from orgward.store.reads.member_rows import Member, member_rows, roles_held
from orgward.store.reads.team_list import projects_of_teams

_MOST_KEYS: Final = 100


@page(
    "/o/{orgId}/members/{userId}", id="showMember", requires=("org.users.read",), on=InOrganization(),
    inner=inner_member, template="person.html", scope="organization", entry="showMembers",
)  # fmt: skip
def show_member(page: Page) -> Mapping[str, Any]:
    """Return one member with what the chosen tab shows of them."""
    org, user = page.resource.id, page.values["userId"]
    found = member_rows(page.view, org, [user], page.now)[0]
    name, url = shown_name(found), f"/o/{org}/members/{user}"
    tabs = dict(_tabs(page))
    tab = page.one("tab") if page.one("tab") in {*tabs} & {*_TABS} else "access"
    return {
        "url": url,
        "list": f"/o/{org}/members",
        "name": name or page.t("shared.actor_erased"),
        "address": found.username if found.username != name else "",
        "initials": initials(name or "?"),
        "member": found,
        "is_oneself": user == page.principal.id,
        "factors": [(icon, text, kind) for icon, text, kind in factor_icons(page, found)],
        "since": since_all(page, "members", [(org, user)]).get((org, user)),
        "roles": list(_organization_roles(page, found)),
        "menu": list(menu_of(page, user, found.state)),
        "tabs": [_tab(page, url, each, n, current=each == tab) for each, n in tabs.items()],
        "tab": tab,
        **_TABS[tab](page, found),
    }


def _organization_roles(page: Page, found: Member) -> Iterator[dict[str, Any]]:
    org, user = page.resource.id, found.user_id
    since = since_all(page, "assignments", [(user, org, held.role) for held in found.roles])
    for held in found.roles:
        chip = role_chip(page, user, held, is_held=found.state != "pending")
        yield {"chip": chip, "since": since.get((user, org, held.role))}


def _tabs(page: Page) -> Iterator[tuple[str, int | None]]:
    """Yield the tabs that the viewer may open, with how much there is behind them."""
    org, user = page.resource.id, page.values["userId"]
    yield "access", None
    if page.can("listOrgTeams"):
        yield "teams", len(page.view.find("team_members", org_id=org, user_id=user))
    if kinds := _kinds_listed(page):
        yield "keys", sum(made.org == org for made in machines_made(page.view, user, kinds=kinds))
    if page.can("showActivity"):
        yield "activity", None


def _tab(page: Page, url: str, name: str, n: int | None, *, current: bool) -> dict[str, Any]:
    href = url if name == "access" else f"{url}?tab={name}"
    if name == "activity":
        href = f"/o/{page.resource.id}/activity?about={page.values['userId']}"
    return {"href": href, "label": page.t(f"person.tab_{name}"), "count": n, "current": current}


def _access(page: Page, found: Member) -> dict[str, Any]:
    reached = reached_page(page, found)
    return {
        "reached": reached,
        "total": n_project_privileges(page),
        "sees_all": sees_every_project(page) or found.user_id == page.principal.id,
        "previous": page.link(after=reached.before.text) if reached.before else None,
        "next": page.link(after=reached.after.text) if reached.after else None,
    }


def _teams(page: Page, found: Member) -> dict[str, Any]:
    org, user = page.resource.id, found.user_id
    ids = [row["team_id"] for row in page.view.find("team_members", org_id=org, user_id=user)]
    seen = page.context.visible("project.teams.read").resources
    projects = projects_of_teams(page.view, ids, page.now, visible=seen)
    since = since_all(page, "team_members", [(user, id_) for id_ in ids])
    rows = [
        {
            "id": row["id"],
            "name": row["name"],
            "href": f"/o/{org}/teams/{row['id']}",
            "people": page.view.count("team_members", team_id=row["id"]),
            "chips": role_chips(page, projects.get(row["id"], ())),
            "since": since.get((user, row["id"])),
        }
        for id_ in ids
        if (row := page.view.get("teams", id_))
    ]
    return {"teams": sorted(rows, key=lambda row: folded(row["name"]))}


def _kinds_listed(page: Page) -> list[str]:
    """Return the kinds of machines that the viewer may list here."""
    operations = {"key": "listOrgApiKeys", "service": "listOrgServiceAccounts"}
    return [kind for kind, operation in operations.items() if page.can(operation)]


def _keys(page: Page, found: Member) -> dict[str, Any]:
    org = page.resource.id
    made = [each for each in machines_made(page.view, found.user_id, kinds=_kinds_listed(page)) if each.org == org]
    held = roles_held(page.view, org, [each.id for each in made[:_MOST_KEYS]], page.now)
    keys = [
        {
            "name": each.name,
            "mark": each.mark,
            "kind": each.kind,
            "href": each.path if page.can(_PAGES[each.kind]) else None,
            "chips": [
                chip_of(page, role.role, source="organization", ends=role.ends) for role in held.get(each.id, ())
            ],
            "created": each.created,
        }
        for each in made[:_MOST_KEYS]
    ]
    return {"keys": keys}


_PAGES: Final = {"key": "showKey", "service": "showServiceAccount"}
_TABS: Final[Mapping[str, Callable[[Page, Member], dict[str, Any]]]] = {
    "access": _access,
    "teams": _teams,
    "keys": _keys,
}

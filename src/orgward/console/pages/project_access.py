"""People with access to a project: by a role of their own, by a team, or by a role in the organization."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from orgward.app.targets import InProject
from orgward.catalog.privilege_groups import groups_of
from orgward.console.frame.declaration import Batch, export, page
from orgward.console.frame.page import Page
from orgward.console.listing.access_query import SOURCES, Asking, asking, counts_of, filters_given
from orgward.console.listing.chips import Shown, chip_of, edition_of, word_of
from orgward.console.listing.mapped import source_of
from orgward.console.listing.naming import initials
from orgward.kernel.instants import rfc3339
from orgward.kernel.resource import ResourceRef
from orgward.store.reads.keyset import START, Place, place_of
from orgward.store.reads.keyset import Page as Cut
from orgward.store.reads.member_filters import STATES
from orgward.store.reads.member_rows import Held
from orgward.store.reads.project_access import AccessQuery, ProjectPerson, access_page
from orgward.store.reads.request_list import OPEN, request_list

_READ: Final = ("project.user_roles.read",)
"""Whoever may read the roles may read who the people are: so it is in every edition."""

_PATH: Final = "/p/{groupId}/access"
_SIZE: Final = 25
_BATCH: Final = 500
_ICONS: Final = {"direct": "user", "by_team": "users", "inherited": "building"}


@page(_PATH, id="showAccess", requires=_READ, on=InProject(), template="project_access.html", scope="project")
def show_access(page: Page) -> Mapping[str, Any]:
    """Return the people whom the filters ask for, each with all roles and where these come from."""
    asked, place = _asking(page), place_of(page.one("after"))
    found = _page(page, asked.query, place or START, _SIZE)
    bulk = [act for act in ("updateGroupUserRoles", "removeGroupUser") if page.can(act)]
    return {
        "url": page.asked.path,
        "rows": [_row(page, person) for person in found.rows],
        "found": found,
        "query": asked.query,
        "wrong": [*asked.wrong, *(["after"] if place is None else [])],
        "segments": list(_segments(page, asked.query)),
        "filters": _filters(page),
        "given": filters_given(page.asked.query),
        "bulk": bulk,
        "waiting": _waiting(page),
    }


def _roles(page: Page) -> dict[str, str]:
    """Return what the project roles of the edition are called, by their names."""
    roles = [role for role in edition_of(page).roles.values() if role.scope == "project"]
    return {role.name: role.title.removeprefix(f"{word_of(role)} ") for role in roles}


def _asking(page: Page) -> Asking:
    return asking(page, page.asked.query, page.resource)


def _page(page: Page, query: AccessQuery, place: Place, size: int) -> Cut[ProjectPerson]:
    place_here = page.resource.org or "", page.resource.id
    return access_page(page.view, *place_here, query, place=place, size=size, now=page.now)


def _segments(page: Page, query: AccessQuery) -> Iterator[dict[str, Any]]:
    """Yield the choice between sources, each with how many people come from there."""
    counts = counts_of(page, query, page.resource.id)
    yield {
        "href": page.link(source=None, after=None), "label": page.t("shared.all"), "count": counts["all"],
        "current": not query.chosen,
    }  # fmt: skip
    for source in SOURCES:
        yield {
            "href": page.link(source=source, after=None), "label": page.t(f"project_access.source_{source}"),
            "icon": _ICONS[source], "count": counts[source], "current": [*query.chosen] == [source],
        }  # fmt: skip


def _filters(page: Page) -> dict[str, Any]:
    return {
        "role": (list(_roles(page).items()), page.many("role")),
        "state": ([(state, page.t(f"frame.state_{state}")) for state in STATES], page.many("state")),
    }


def _waiting(page: Page) -> dict[str, Any] | None:
    """Return how many ask to join and since when the first one has, None if nobody does or the viewer may not know."""
    n = page.view.count("join_requests", project_id=page.resource.id, state="open")
    if not n or not page.can("listGroupJoinRequests"):
        return None
    oldest = request_list(page.view, page.resource.id, OPEN, START, 1).rows[0]
    return {"n": n, "since": oldest["created_at"], "href": f"/p/{page.resource.id}/requests"}


# ---------------------------------------------------------------- a row


def _row(page: Page, person: ProjectPerson) -> dict[str, Any]:
    # What somebody invited is called elsewhere is for them to say: here they are the address that was invited.
    member, is_here = person.member, person.state != "pending"
    name = (member.name if is_here else member.username) or page.t("shared.actor_erased")
    held = {name for allowed, _ in page.facts.paths(member.user_id, page.resource.id, page.now) for name in allowed}
    return {
        "id": member.user_id,
        "name": name,
        "address": member.username if is_here and member.username != name else "",
        "initials": initials(name),
        "href": f"{page.asked.path}/{member.user_id}",
        "why": page.link(why=_why(page, member.user_id)) if is_here else None,
        "state": person.state,
        "expires": None if is_here else person.expires_at,
        "chips": list(chips_of_person(page, person)),
        "n": len(held),
        "of": sum(len(names) for names in groups_of(edition_of(page).name, "project").values()),
        "seen": member.last_auth_at if is_here else None,
        "invited": None if is_here else member.created_at,
        "is_added": is_added(person),
        "menu": list(_menu(page, person)),
    }


def is_added(person: ProjectPerson) -> bool:
    """Say whether somebody was added to the project, or is invited to it; what became of an old invitation is past."""
    return person.added_at is not None and (person.expires_at is None or person.state == "pending")


def _why(page: Page, user: str) -> str:
    return f"user:{user},project:{page.resource.id}"


def chips_of_person(page: Page, person: ProjectPerson) -> Iterator[Shown]:
    """Yield every role that somebody has here with its source, suspended and invited people's included."""
    why = page.link(why=_why(page, person.member.user_id)) if person.state != "pending" else None
    roles = edition_of(page).roles
    who, organization = person.member.user_id, ResourceRef("organization", page.resource.org or "", page.resource.org)
    for held in person.direct:
        source = source_of(page, who, held, page.resource, "direct")
        yield chip_of(page, held.role, **{"via": _start(page, held), "ends": held.ends, "href": why, **source})
    for team in person.teams:
        for held in team.roles:
            yield chip_of(page, held.role, source="team", via=team.name, ends=held.ends, href=why)
    for held in person.inherited:
        role = roles[held.role]
        reached = role.in_projects or role.name
        source = source_of(page, who, held, organization, "inherited")
        via = ", ".join(filter(None, (role.title, source.get("via"))))
        yield chip_of(page, reached, source=source["source"], via=via, ends=held.ends, href=why)


def _start(page: Page, held: Held) -> str | None:
    if held.starts <= page.now:
        return None
    return page.t("shared.starts_date", date=page.formats.text(held.starts, "date"))


def _menu(page: Page, person: ProjectPerson) -> Iterator[dict[str, Any]]:
    user = person.member.user_id
    here = f"{page.asked.path}/{user}"
    if person.state != "pending":
        why = page.link(why=_why(page, user))
        yield {"label": page.t("projects.why"), "icon": "route", "href": why, "drawer": True}
    if not is_added(person):
        if page.can("addGroupUsers"):
            yield {
                "label": page.t("project_access.add_directly"), "icon": "user-plus",
                "href": f"{page.asked.path}/add?user={user}",
            }  # fmt: skip
        return
    if page.can("updateGroupUserRoles"):
        yield {"label": page.t("shared.change_roles"), "icon": "pencil", "href": f"{here}/roles"}
    if page.can("setGroupUserRoleBounds") and person.state != "pending":
        yield {"label": page.t("project_access.ends_step"), "icon": "hourglass", "href": f"{here}/ends"}
    if page.can("removeGroupUser"):
        text = page.t("shared.remove_step")
        yield {"label": text, "icon": "user-minus", "action": f"{here}/remove", "danger": True}


# ---------------------------------------------------------------- the file


@export(
    f"{_PATH}.csv", id="exportAccess", requires=_READ, on=InProject(),
    columns=(
        "id", "username", "firstName", "lastName", "state", "roles", "teamRoles", "inheritedRoles", "privileges",
        "lastAuth",
    ),
)  # fmt: skip
def export_access(page: Page, after: str | None) -> Batch:
    """Return the people whom the filters ask for, some at a time."""
    found = _page(page, _asking(page).query, place_of(after or "") or START, _BATCH)
    return Batch([_line(page, person) for person in found.rows], found.after.text if found.after else None)


def _line(page: Page, person: ProjectPerson) -> Sequence[Any]:
    member, row = person.member, _row(page, person)
    named = (member.first_name, member.last_name) if person.state != "pending" else ("", "")
    return (
        member.user_id, member.username, *named, person.state, _names(person.direct),
        " ".join(_names(team.roles) for team in person.teams), _names(person.inherited), row["n"],
        rfc3339(row["seen"]) if row["seen"] else "",
    )  # fmt: skip


def _names(roles: Sequence[Held]) -> str:
    return " ".join(held.role for held in roles)

"""By which ways a member reaches which projects: for the page of one person, as far as the viewer may know."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from orgward.catalog import PRIVILEGES
from orgward.console.frame.page import Page
from orgward.console.listing.chips import Shown, chip_of, edition_of, held_at, path_chips
from orgward.console.listing.since import Since, since_all
from orgward.directory.invitation_parts import Part, parts_of
from orgward.engine.compile import Path
from orgward.engine.facts import ACTIVE
from orgward.engine.layer import Layer, Overlay
from orgward.engine.overlay import everything
from orgward.engine.search import reaches_every_project
from orgward.kernel.delta import Delta
from orgward.kernel.resource import ResourceRef
from orgward.store.folding import folded
from orgward.store.reads.keyset import START, cut, place_of
from orgward.store.reads.keyset import Page as Rows
from orgward.store.reads.member_rows import Member

_SIZE: Final = 25
_SEEN_BY: Final = "project.user_roles.read"


@dataclass(frozen=True, slots=True)
class Way:
    """One way into a project: its chip, and since when and by whom."""

    chip: Shown
    since: Since | None


@dataclass(frozen=True, slots=True)
class Reached:
    """A project that somebody reaches; with a link where the viewer may open it, and what else they may do."""

    id: str
    name: str
    ways: Sequence[Way]
    n: int
    href: str | None
    menu: Sequence[Mapping[str, Any]]


def reached_page(page: Page, member: Member) -> Rows[Reached]:
    """Return the projects that the member reaches, or that their invitation brings, by name."""
    if member.state == "pending":
        return _brought(page, member)
    facts = _as_if_active(page, member)
    names = {id_: place["name"] for id_ in _reached(page, facts, member) if (place := page.view.get("projects", id_))}
    ids = sorted(names, key=lambda id_: (folded(names[id_]), id_))
    found = cut(ids, place_of(page.one("after")) or START, _SIZE)
    return found.of([_project(page, facts, member, id_, names[id_]) for id_ in found.rows])


def _as_if_active(page: Page, member: Member) -> Layer:
    """Return the facts in which a suspension counts for nothing: what it stops is shown, too."""
    if member.state != "suspended":
        return page.facts
    lifted = Overlay(page.facts)
    lifted.fold([Delta("members", (page.resource.id, member.user_id), {"state": ACTIVE, "suspended": False})])
    return lifted


def _reached(page: Page, facts: Layer, member: Member) -> list[str]:
    """Return the projects of the organization that the member reaches and of whose people the viewer may know."""
    org = page.resource.id
    places = [place for place, held in everything(facts, member.user_id, page.now) if held]
    here = [place for place in places if facts.attribute("projects", place) == org]
    if member.user_id == page.principal.id or sees_every_project(page):
        return here
    seen = page.context.visible(_SEEN_BY).resources
    return [place for place in here if place in seen]


def sees_every_project(page: Page) -> bool:
    """Say whether the viewer may know who holds what on every project."""
    return reaches_every_project(page.facts, page.principal.id, _SEEN_BY, page.resource.id, page.now)


def _project(page: Page, facts: Layer, member: Member, project: str, name: str) -> Reached:
    place = ResourceRef("project", project, org=page.resource.id, project=project)
    chips = path_chips(page, member.user_id, place, facts=facts, why=member.state == "active")
    since = {path: _since(page, member.user_id, path) for path, _ in chips}
    held = frozenset[str]().union(*(allowed for allowed, _ in page.facts.paths(member.user_id, project, page.now)))
    return Reached(
        project,
        name,
        [Way(chip, since[path]) for path, chip in chips],
        len(held),
        f"/p/{project}/access/{member.user_id}" if page.can("showAccessOfPerson", place) else None,
        list(_menu(page, member, place)),
    )


def _menu(page: Page, member: Member, place: ResourceRef) -> Iterator[dict[str, Any]]:
    if member.state == "active":
        why = page.link(why=f"user:{member.user_id},project:{place.id}")
        yield {"label": page.t("members.why"), "icon": "route", "href": why, "drawer": True}
    is_added = page.view.get("project_members", place.id, member.user_id) is not None
    if is_added and page.can("showRolesOfPerson", place):
        href = f"/p/{place.id}/access/{member.user_id}/roles"
        yield {"label": page.t("shared.change_roles"), "icon": "shield", "href": href}


def _since(page: Page, user: str, path: Path) -> Since | None:
    """Return since when a way is there: a place in a team, or a role given on the project or the organization."""
    if path.via == "team":
        key: tuple[str, ...] = (user, path.team or "")
        return since_all(page, "team_members", [key]).get(key)
    key = (user, held_at(edition_of(page).roles[path.role], path), path.role)
    return since_all(page, "assignments", [key]).get(key)


def _brought(page: Page, member: Member) -> Rows[Reached]:
    row = page.view.get("invitations", member.invitation_id) if member.invitation_id else None
    parts = [part for part in (parts_of(row) if row else []) if part.scope == "project"]
    seen = page.context.visible(_SEEN_BY).resources
    shown = [part for part in parts if part.id in seen]
    return Rows([_brought_one(page, part) for part in shown], 1 if shown else 0, len(shown))


def _brought_one(page: Page, part: Part) -> Reached:
    name = (page.view.get("projects", part.id) or {"name": part.id})["name"]
    place = ResourceRef("project", part.id, org=page.resource.id, project=part.id)
    ways = [Way(chip_of(page, role, resource=place), None) for role in part.roles]
    return Reached(part.id, name, ways, 0, None, ())


def n_project_privileges(page: Page) -> int:
    """Return how many privileges there are on a project in the edition of the organization."""
    return sum(PRIVILEGES[name].resource == "project" for name in edition_of(page).all_privileges)

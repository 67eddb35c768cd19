"""Role chips: each role with where it comes from, as every page shows it."""

from collections.abc import Iterator
from typing import Any

from orgward.catalog import EDITIONS, ORGANIZATION_OWNER, PROJECT_OWNER, Edition, Role
from orgward.console.changing.summary import Chip
from orgward.console.frame.page import Page
from orgward.console.listing.mapped import MappedBy, mapped_by
from orgward.engine.compile import Path
from orgward.engine.layer import Layer
from orgward.kernel.resource import ResourceRef

_OWNERS = {ORGANIZATION_OWNER, PROJECT_OWNER}
_SOURCES = {"organization_role": "inherited", "direct": "direct", "team": "team", "mapping": "mapping"}

Shown = dict[str, Any]


def edition_of(page: Page, resource: ResourceRef | None = None) -> Edition:
    """Return the edition of the organization that the page, or `resource`, lies in."""
    return EDITIONS[page.facts.attribute("organizations", (resource or page.resource).org or "") or ""]


def chips_of(
    page: Page, principal: str, resource: ResourceRef, *, facts: Layer | None = None, why: bool = True,
    by: MappedBy = mapped_by,
) -> list[Shown]:  # fmt: skip
    """Return the roles by which `principal` holds anything on `resource`, each once for each source.

    `facts` are those to look at where they are not the page's, `by` says then which mapping gives a role; with `why`
    each chip opens its path.
    """
    return [chip for _, chip in path_chips(page, principal, resource, facts=facts, why=why, by=by)]


def path_chips(
    page: Page, principal: str, resource: ResourceRef, *, facts: Layer | None = None, why: bool = True,
    by: MappedBy = mapped_by,
) -> list[tuple[Path, Shown]]:  # fmt: skip
    """Return each path by which `principal` holds anything on `resource`, with its chip; what allows nothing is none.

    `facts` are those to look at where they are not the page's, `by` says then which mapping gives a role; with `why`
    each chip opens its path.
    """
    href = page.link(why=f"user:{principal},{resource.scope_kind}:{resource.scope_id}") if why else None
    paths = (facts or page.facts).paths(principal, resource.scope_id, page.now)
    found = {(path.via, path.role, path.team): path for allowed, path in paths if allowed}
    return [(path, _shown(page, principal, path, resource, href=href, by=by)) for path in found.values()]


def chip_of(page: Page, role: str, *, resource: ResourceRef | None = None, **more: Any) -> Shown:
    """Return a chip for `role` given directly on `resource`, the page's own if none is given."""
    return _chip(page, edition_of(page, resource).roles[role], **{"source": "direct", **more})


def chips_of_summary(page: Page, chips: Iterator[Chip] | Any) -> list[Shown]:
    """Return the chips of one side of a change, in full words."""
    known = {name: role for edition in EDITIONS.values() for name, role in edition.roles.items()}
    return [_chip(page, known[c.role], source=c.source, ends=c.ends, via=c.via or None, in_full=True) for c in chips]


def _shown(page: Page, who: str, path: Path, resource: ResourceRef, *, href: str | None, by: MappedBy) -> Shown:
    edition = edition_of(page, resource)
    held = edition.roles[path.role]
    shown = edition.roles[held.in_projects or held.name] if resource.project else held
    via = held.title if shown is not held else None
    if path.via == "mapping":
        named = by(page, who, path.org, held_at(held, path), path.role)
        via = ", ".join(filter(None, (via, named))) or None
    elif path.team:
        via = (page.view.get("teams", path.team) or {"name": None})["name"]
    source = "organization" if path.via == "organization_role" and not resource.project else _SOURCES[path.via]
    return _chip(page, shown, source=source, via=via, ends=path.ends, href=href)


def _chip(page: Page, role: Role, *, in_full: bool = False, **more: Any) -> Shown:
    """Return the chip; the scope's word is dropped from sight where the column names it, and never said twice."""
    word = None if in_full else page.t(f"shell.scope_{role.scope}")
    title = role.title if in_full else role.title.removeprefix(f"{word_of(role)} ")
    shown = {"source": "direct", "via": None, "ends": None, "href": None, **more}
    return {**shown, "name": role.name, "title": title, "owner": role.name in _OWNERS, "scope_word": word}


def held_at(role: Role, path: Path) -> str:
    """Return the project or organization at which `role`, that of a path, is held: a path into a project names both."""
    return path.project or path.org if role.scope == "project" else path.org


def word_of(role: Role) -> str:
    """Return the word with which the titles of roles of this scope begin."""
    return "Organization" if role.scope == "organization" else "Project"

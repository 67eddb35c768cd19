"""The search: people, teams, projects, machines that the viewer may see, roles, privileges; and who can do what."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from orgward.app.operation import Oneself
from orgward.app.targets import Nowhere
from orgward.catalog.privilege_groups import groups_of
from orgward.console.explaining.matrix import is_about
from orgward.console.explaining.sight import sees_others
from orgward.console.frame.declaration import Goto, page
from orgward.console.frame.page import Page
from orgward.console.frame.places import places_of
from orgward.console.listing.chips import edition_of
from orgward.console.listing.naming import initials
from orgward.engine.authorized import can_read
from orgward.kernel.resource import ResourceRef
from orgward.store.folding import folded
from orgward.store.reads.member_filters import FEWEST_LETTERS
from orgward.store.reads.search import Found, Named, Sight, search

_FEW: Final = 5
_MANY: Final = 25
_MOST_ORGANIZATIONS: Final = 10
_WHO: Final = re.compile(r"\s*(?:who can|wer darf|wer kann)\s+(.+)", re.IGNORECASE | re.DOTALL)
_ON: Final = frozenset({"on", "in", "auf"})


@dataclass(frozen=True, slots=True)
class _Hit:
    """One thing that was found."""

    href: str
    title: str
    second: str = ""
    kind: str = "person"

    @property
    def initials(self) -> str | None:
        """Return the initials of a person."""
        return initials(self.title) if self.kind == "person" else None


@page(
    "/search", id="showSearch", on=Nowhere(), template="search.html", scope="account",
    requires=Oneself("finds what the caller may see, each thing by its own privilege"),
)  # fmt: skip
def show_search(page: Page) -> Mapping[str, Any] | Goto:
    """Return what was found, in the organization that `in` names or in all of one's own; or lead to who can do it."""
    text, mine = page.one("q"), list(_organizations(page))
    here = next((ref for ref in mine if ref.id == page.one("in")), None)
    answer = _who_can(page, here or (mine[0] if mine else None))
    if answer is not None:
        return Goto(url=answer)
    if here is not None:
        page.asked.shown, page.asked.scope = here, "organization"
    sections = [_section(page, ref, text) for ref in ([here] if here else mine)] if len(folded(text)) > 1 else []
    return {
        "q": text,
        "here": here.id if here else "",
        "sections": [section for section in sections if section["kinds"]],
        "fewest": FEWEST_LETTERS,
        "is_short": len(folded(text)) < FEWEST_LETTERS,
        "everywhere": f"/search?q={quote(text)}" if here and len(mine) > 1 else None,
        "more": f"/search?in={here.id if here else ''}&q={quote(text)}" if page.one("few") else None,
        "names_places": here is None and len(mine) > 1,
    }


def _organizations(page: Page) -> Iterator[ResourceRef]:
    """Yield the organizations of the viewer whose gates are open, those of last time first."""
    mine = [row["org_id"] for row in page.view.find("members", user_id=page.principal.id, state="active")]
    last = [org for org in places_of(page.asked.cookies) if org in mine]
    for org in list(dict.fromkeys([*last, *mine]))[:_MOST_ORGANIZATIONS]:
        ref = ResourceRef("organization", org, org=org)
        is_open = page.facts.state(org, page.principal.id) == "active" and not page.closed_gate(ref)
        if is_open and page.facts.attribute("organizations", org) is not None:
            yield ref


def _section(page: Page, ref: ResourceRef, text: str) -> dict[str, Any]:
    """Return what was found of one organization, by kind."""
    limit = _FEW if page.one("few") else _MANY
    found = search(page.view, ref.id, text, sight_of(page, ref), now=page.now, limit=limit)
    row = page.view.get("organizations", ref.id) or {"name": ref.id}
    kinds = [*_stored(page, ref, found), *_catalogued(page, ref, text, limit)]
    return {"name": row["name"], "kinds": [(page.t(f"search.{kind}"), hits) for kind, hits in kinds if hits]}


def sight_of(page: Page, ref: ResourceRef) -> Sight:
    """Return what of the organization the viewer may come across."""
    return Sight(
        people=None if page.can("showMember", ref) else (),
        projects=[p for p in page.facts.projects_in(ref.id) if can_read(page.facts, page.principal, p, page.now)],
        teams=page.can("showTeam", ref),
        keys=page.can("showKey", ref),
        accounts=page.can("showServiceAccount", ref),
    )


def _stored(page: Page, ref: ResourceRef, found: Found) -> Iterator[tuple[str, Sequence[_Hit]]]:
    base = f"/o/{ref.id}"
    people = [
        _Hit(f"{base}/members/{member.user_id}", member.name, member.username if member.name != member.username else "")
        for member in found.people
    ]
    yield "people", people
    yield "teams", [_hit(f"{base}/teams/", named, "team") for named in found.teams]
    yield "projects", [_hit("/p/", named, "project") for named in found.projects]
    yield "keys", [_hit(f"{base}/keys/", named, "key") for named in found.keys]
    yield "accounts", [_Hit(f"{base}/accounts/{each.mark}", each.name, each.mark, "service") for each in found.accounts]


def _hit(base: str, named: Named, kind: str) -> _Hit:
    return _Hit(base + named.id, named.name, named.mark, kind)


def _catalogued(page: Page, ref: ResourceRef, text: str, limit: int) -> Iterator[tuple[str, Sequence[_Hit]]]:
    """Yield roles of the edition by their name, and privileges by name and sentence."""
    edition, base = edition_of(page, ref), f"/o/{ref.id}"
    if page.can("showRole", ref):
        fitting = [r for r in edition.roles.values() if folded(text) in folded(f"{r.title} {r.name}")]
        yield "roles", [_Hit(f"{base}/roles/{r.name}", r.title, r.name, "word") for r in fitting[:limit]]
    if page.can("showWhoCan", ref):
        known = [
            name
            for scope in ("project", "organization")
            for held in groups_of(edition.name, scope).values()
            for name in held
        ]
        names = [name for name in known if is_about(page.t, name, text)][:limit]
        yield (
            "privileges",
            [_Hit(f"{base}/who-can?privilege={name}", page.t.privilege(name), name, "word") for name in names],
        )


# -- who can …


def _who_can(page: Page, ref: ResourceRef | None) -> str | None:
    """Return where `who can restore prod` is answered, None if nothing of that kind was asked."""
    asked = _WHO.fullmatch(page.one("q"))
    if asked is None or ref is None:
        return None
    words = asked[1].rstrip(" ?").split()
    for first in range(1, len(words)):
        project = _project(page, ref, " ".join(words[first:]))
        if project is not None:
            what = words[:first] if words[first - 1].lower() not in _ON or first == 1 else words[: first - 1]
            return f"/p/{project}/who-can?privilege={quote(' '.join(what))}"
    return f"/o/{ref.id}/who-can?privilege={quote(' '.join(words))}" if page.can("showWhoCan", ref) else None


def _project(page: Page, ref: ResourceRef, name: str) -> str | None:
    """Return the project of this name on which the viewer may ask about others."""
    for row in page.view.find("projects", org_id=ref.id):
        place = ResourceRef("project", row["id"], org=ref.id, project=row["id"])
        if folded(row["name"]) == folded(name) and sees_others(page, place):
            return str(row["id"])
    return None

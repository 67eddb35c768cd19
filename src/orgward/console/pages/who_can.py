"""Who may do something on an organization or project: people and keys, each with the ways by which they may."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Final, cast

from orgward.app.targets import InOrganization, InProject
from orgward.catalog import PRIVILEGES
from orgward.catalog.privilege_groups import groups_of
from orgward.console.explaining.matrix import is_about
from orgward.console.explaining.reasons import path_chip
from orgward.console.explaining.sight import place_of, sees_accounts, sees_keys, sees_others
from orgward.console.frame.declaration import Batch, export, page
from orgward.console.frame.page import Page
from orgward.console.listing.called import called
from orgward.console.listing.chips import edition_of
from orgward.console.listing.naming import named, place_named
from orgward.engine.arrays import united
from orgward.engine.compile import Path
from orgward.engine.decide import explain
from orgward.engine.facts import kind_of
from orgward.engine.sources import Source, holders_by_source
from orgward.kernel.instants import rfc3339
from orgward.kernel.resource import ResourceRef
from orgward.store.reads import keyset
from orgward.store.reads.member_filters import MemberQuery
from orgward.store.reads.member_list import MemberListing

SOURCES: Final = ("direct", "team", "organization_role", "mapping")
_SIZE: Final = 25
_BATCH: Final = 500
_MOST_MATCHES: Final = 40
_COLUMNS: Final = ("kind", "id", "name", "username", "via", "role", "team", "endsAt")


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked: a privilege, None while it is not chosen yet, and where."""

    privilege: str | None
    place: ResourceRef


@page(
    "/o/{orgId}/who-can", id="showWhoCan", requires=("org.users.read",), on=InOrganization(),
    template="who_can.html", scope="organization",
)  # fmt: skip
def show_who_can(page: Page) -> Mapping[str, Any]:
    """Return who may do something on the organization, or on one of its projects that `on` names."""
    projects = sorted((_option(page, ref) for ref in _projects(page)), key=itemgetter(1))
    return {**_model(page, _asked_in_organization(page)), "places": [_option(page, page.resource), *projects]}


@page(
    "/p/{groupId}/who-can", id="showProjectWhoCan", requires=("project.user_roles.read",), on=InProject(),
    template="who_can.html", scope="project",
)  # fmt: skip
def show_project_who_can(page: Page) -> Mapping[str, Any]:
    """Return who may do something on the project."""
    return {**_model(page, _asked(page, page.resource)), "places": []}


@export(
    "/o/{orgId}/who-can.csv", id="exportWhoCan", requires=("org.users.read",), on=InOrganization(),
    columns=_COLUMNS,
)  # fmt: skip
def export_who_can(page: Page, after: str | None) -> Batch:
    """Return everybody who may, with each way."""
    return _exported(page, _asked_in_organization(page), after)


@export(
    "/p/{groupId}/who-can.csv", id="exportProjectWhoCan", requires=("project.user_roles.read",), on=InProject(),
    columns=_COLUMNS,
)  # fmt: skip
def export_project_who_can(page: Page, after: str | None) -> Batch:
    """Return everybody who may, with each way."""
    return _exported(page, _asked(page, page.resource), after)


# -- the question


def _projects(page: Page) -> list[ResourceRef]:
    """Return the projects of the organization on which the viewer may ask about others."""
    org = page.resource.id
    refs = (ResourceRef("project", each, org=org, project=each) for each in page.facts.projects_in(org))
    return [ref for ref in refs if sees_others(page, ref)]


def _option(page: Page, place: ResourceRef) -> tuple[str, str]:
    return f"{place.scope_kind}:{place.scope_id}", place_named(page.view, place.scope_id)


def _asked_in_organization(page: Page) -> _Question:
    """Return the question; a project that may not be asked about is as good as none."""
    place = place_of(page, page.one("on"))
    if place is None or place.org != page.resource.id or not sees_others(page, place):
        place = page.resource
    asked = _asked(page, place)
    privilege = PRIVILEGES.get(asked.privilege or "")
    if privilege is not None and privilege.resource == "organization":
        return _Question(asked.privilege, page.resource)
    return asked


def _asked(page: Page, place: ResourceRef) -> _Question:
    """Return the question: the privilege of that name, or the only one that the text fits."""
    text = page.one("privilege")
    known = [name for _, names in _kinds(page, place) for name in names]
    if text in known:
        return _Question(text, place)
    found = [name for name in known if text and is_about(page.t, name, text)]
    return _Question(found[0] if len(found) == 1 else None, place)


def _kinds(page: Page, place: ResourceRef) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield the privileges that can be asked about there; in an organization also those of its projects."""
    edition = edition_of(page, place).name
    if not page.resource.project:
        yield from groups_of(edition, "organization").items()
    yield from groups_of(edition, "project").items()


# -- the answer


def _model(page: Page, asked: _Question) -> dict[str, Any]:
    privilege, place = asked.privilege, asked.place
    is_project_needed = privilege is not None and PRIVILEGES[privilege].resource != place.scope_kind
    return {
        "url": page.asked.path,
        "privilege": privilege,
        "sentence": page.t.privilege(privilege) if privilege else "",
        "text": page.one("privilege"),
        "on": f"{place.scope_kind}:{place.scope_id}",
        "where": place_named(page.view, place.scope_id),
        "known": [(name, page.t.privilege(name)) for _, names in _kinds(page, place) for name in names],
        "matches": [] if privilege else _matches(page, place),
        "is_project_needed": is_project_needed,
        "found": _found(page, asked) if privilege and not is_project_needed else None,
    }


def _matches(page: Page, place: ResourceRef) -> list[dict[str, Any]]:
    """Return the privileges that the text fits, all of them without a text, by kind."""
    text, found = page.one("privilege"), []
    for key, names in _kinds(page, place):
        fitting = [name for name in names if not text or is_about(page.t, name, text)]
        if fitting:
            rows = [(name, page.t.privilege(name), page.link(privilege=name, after=None)) for name in fitting]
            found.append({"label": page.t(f"catalogue.group.{key}"), "rows": rows, "open": bool(text)})
    return found


def _found(page: Page, asked: _Question) -> dict[str, Any]:
    """Return a page of those who may, people or keys."""
    by_source = _holders(page, asked)
    people, keys = _people_and_keys(page, by_source, asked.place)
    shows_keys = page.one("tab") == "keys" and _sees_machines(page, asked.place)
    part = _keys_page(page, keys) if shows_keys else _people_page(page, asked.place, people)
    return {
        "tabs": _tabs(page, asked.place, len(people), len(keys), shows_keys=shows_keys),
        "shows_keys": shows_keys,
        "part": part,
        "rows": [_row(page, who, asked) for who in part.rows],
        "sources": [(source, page.t(f"who_can.source_{source}"), len(by_source[source])) for source in _offered(asked)],
        "chosen": page.many("source"),
    }


def _offered(asked: _Question) -> Sequence[Source]:
    return cast("Sequence[Source]", SOURCES) if asked.place.project else ()


def _holders(page: Page, asked: _Question) -> Mapping[Source, frozenset[str]]:
    return holders_by_source(page.facts, asked.privilege or "", asked.place.scope_id, page.now)


def _people_and_keys(
    page: Page, by_source: Mapping[Source, frozenset[str]], place: ResourceRef
) -> tuple[AbstractSet[str], list[str]]:
    """Return the people who may, and the machines by what they are called: only of kinds that the viewer may see."""
    chosen = [source for source in page.many("source") if source in SOURCES] or SOURCES
    wanted = united(by_source[cast("Source", source)] for source in chosen)
    keys = {row["id"]: row["description"] for row in page.view.find("api_keys", org_id=page.resource.org)}
    accounts = {row["id"]: row["name"] for row in page.view.find("service_accounts", org_id=page.resource.org)}
    seen = {**(keys if sees_keys(page, place) else {}), **(accounts if sees_accounts(page, place) else {})}
    return wanted.difference(keys, accounts), sorted(wanted.intersection(seen), key=lambda id_: (seen[id_], id_))


def _sees_machines(page: Page, place: ResourceRef) -> bool:
    return sees_keys(page, place) or sees_accounts(page, place)


def _people_page(page: Page, place: ResourceRef, people: AbstractSet[str]) -> keyset.Page[str]:
    query = MemberQuery(q=page.one("q"), among=people)
    start = keyset.place_of(page.one("after")) or keyset.START
    return MemberListing(page.view, place.org or "", query, page.now).page(start, _SIZE)


def _keys_page(page: Page, keys: Sequence[str]) -> keyset.Page[str]:
    return keyset.cut(keys, keyset.place_of(page.one("after")) or keyset.START, _SIZE)


def _tabs(page: Page, place: ResourceRef, people: int, keys: int, *, shows_keys: bool) -> list[dict[str, Any]]:
    tabs = [{"href": page.link(tab=None, after=None), "label": page.t("who_can.people"), "count": people}]
    if _sees_machines(page, place):
        tabs.append({"href": page.link(tab="keys", q=None, after=None), "label": page.t("who_can.keys"), "count": keys})
    return [{**tab, "current": (number == 1) == shows_keys} for number, tab in enumerate(tabs)]


def _row(page: Page, who: str, asked: _Question) -> dict[str, Any]:
    place, paths = asked.place, _paths(page, who, asked)
    kind = kind_of(page.facts, who)
    why = page.link(why=f"{kind}:{who},{place.scope_kind}:{place.scope_id},{asked.privilege}")
    ends = [path.ends for path in paths]
    return {
        "who": called(page, who, place.org or ""),
        "chips": [path_chip(page, path, place, href=why) for path in paths],
        "why": why,
        "until": None if None in ends else max((end for end in ends if end is not None), default=None),
    }


def _paths(page: Page, who: str, asked: _Question) -> list[Path]:
    return explain(page.facts, who, asked.privilege or "", asked.place.scope_id, page.now)


# -- the file


def _exported(page: Page, asked: _Question, after: str | None) -> Batch:
    if not asked.privilege or PRIVILEGES[asked.privilege].resource != asked.place.scope_kind:
        return Batch((), None)
    people, keys = _people_and_keys(page, _holders(page, asked), asked.place)
    query = MemberQuery(q=page.one("q"), among=people)
    start = keyset.place_of(after or "") or keyset.START
    part = MemberListing(page.view, asked.place.org or "", query, page.now).page(start, _BATCH)
    rows = [row for user in part.rows for row in _lines(page, user, asked)]
    if part.after is None and not page.one("q"):
        rows += [row for key in keys for row in _lines(page, key, asked)]
    return Batch(rows, part.after.text if part.after else None)


def _lines(page: Page, who: str, asked: _Question) -> Iterator[Sequence[Any]]:
    found = named(page.view, asked.place.org or "", who)
    kind = kind_of(page.facts, who)
    for path in _paths(page, who, asked):
        ends = rfc3339(path.ends) if path.ends else None
        yield kind, who, found.name, found.address, path.via, path.role, path.team, ends

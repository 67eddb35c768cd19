"""The activity of an organization or project: every change and every refusal, in sentences, day by day (6.9)."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from orgward.app.targets import InOrganization, InProject
from orgward.catalog import Edition
from orgward.catalog.event_types import EVENT_TYPES, EventType
from orgward.console.frame.declaration import Batch, export, page
from orgward.console.frame.page import Page
from orgward.console.listing.chips import edition_of
from orgward.console.listing.happened import Happened, happened
from orgward.console.listing.naming import place_named
from orgward.console.pages.search import sight_of
from orgward.engine.facts import kind_of, machine_home
from orgward.engine.search import reaches_every_project
from orgward.kernel.ids import is_id
from orgward.kernel.instants import parse_rfc3339, rfc3339
from orgward.kernel.principal import MACHINES
from orgward.kernel.resource import ResourceRef
from orgward.store.reads import keyset
from orgward.store.reads.activity import ActivityListing, ActivityQuery
from orgward.store.reads.actors import actors
from orgward.store.reads.chain_walk import WALKS, newest_anchor
from orgward.store.reads.logged import Logged, RoleOf, Shown, logged_row
from orgward.store.reads.search import search

PERIODS: Final = (1, 7, 30, 90)
"""For how many days activity can be asked."""

KINDS: Final = ("people", "teams", "keys", "accounts", "projects", "organization")
ACTORS: Final = ("user", "api_key", "service_account", "operator")
_KINDS_SHOWN: Final = {"user": "people", "team": "teams", "api_key": "keys", "service_account": "accounts"}

_DAY: Final = 86_400_000
_SECOND: Final = 1_000
_SIZE: Final = 25
_STRETCH: Final = 200
_STRETCHES: Final = 10
_BATCH: Final = 500
_MOST_PRIVILEGES: Final = 8
_COLUMNS: Final = (
    "created", "revision", "actorKind", "actorId", "actorName", "operation", "outcome", "errorCode", "eventTypes",
    "targetId", "requestId",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked for: what the log finds by itself, and whom or what every row has to be about."""

    shown: Shown
    query: ActivityQuery
    about: str = ""


@page(
    "/o/{orgId}/activity", id="showActivity", requires=("org.events.read",), on=InOrganization(),
    template="activity.html", scope="organization",
)  # fmt: skip
def show_activity(page: Page) -> Mapping[str, Any]:
    """Return the activity of the organization; what happened in a project only to whoever reads its events."""
    known = _known_projects(page)
    projects = sorted(page.facts.projects_in(page.resource.id) if known is None else known, key=_named_by(page))
    options = [(each, place_named(page.view, each)) for each in projects]
    chain = _chain(page) if known is None else None
    return {**_model(page, _in_organization(page, known)), "projects": options, "chain": chain}


@page(
    "/p/{groupId}/activity", id="showProjectActivity", requires=("project.activity.read",), on=InProject(),
    template="activity.html", scope="project",
)  # fmt: skip
def show_project_activity(page: Page) -> Mapping[str, Any]:
    """Return the activity of the project."""
    return {**_model(page, _in_project(page)), "projects": [], "chain": None}


@export(
    "/o/{orgId}/activity.csv", id="exportActivity", requires=("org.events.read",), on=InOrganization(),
    columns=_COLUMNS,
)  # fmt: skip
def export_activity(page: Page, after: str | None) -> Batch:
    """Return a row for each entry that is asked for."""
    return _exported(page, _in_organization(page, _known_projects(page)), after)


@export(
    "/p/{groupId}/activity.csv", id="exportProjectActivity", requires=("project.activity.read",), on=InProject(),
    columns=_COLUMNS,
)  # fmt: skip
def export_project_activity(page: Page, after: str | None) -> Batch:
    """Return a row for each entry that is asked for."""
    return _exported(page, _in_project(page), after)


# -- the question


def _known_projects(page: Page) -> frozenset[str] | None:
    """Return the projects about which the viewer has a need to know, None for all."""
    org, privilege = page.resource.id, "project.events.read"
    if reaches_every_project(page.facts, page.principal.id, privilege, org, page.now):
        return None
    return page.context.visible(privilege).resources.intersection(page.facts.projects_in(org))


def _named_by(page: Page) -> Any:
    return lambda project: place_named(page.view, project).casefold()


def _in_organization(page: Page, known: frozenset[str] | None) -> _Asked:
    org, project = page.resource.id, page.one("project")
    is_known = page.facts.attribute("projects", project) == org and (known is None or project in known)
    shown = Shown(org, project=project) if is_known else Shown(org, projects=known)
    return _asked(page, shown)


def _in_project(page: Page) -> _Asked:
    return _asked(page, Shown(page.resource.org or "", project=page.resource.id))


def _asked(page: Page, shown: Shown) -> _Asked:
    since, until = _instant(page.one("minDate")), _instant(page.one("maxDate"))
    period = page.one("period")
    if period in {str(days) for days in PERIODS}:
        since = page.now - int(period) * _DAY
    query = ActivityQuery(
        since=since,
        until=None if until is None else until - until % _SECOND + _SECOND - 1,
        types=_types(page),
        actor=page.one("actor"),
        kinds=[kind for kind in ACTORS if kind in page.many("who")],
        refused=page.one("refused") == "1",
    )
    return _Asked(shown, query, page.one("about") or _meant(page))


def _instant(text: str) -> int | None:
    """Return the time that a link of the API names, None for none that can be read."""
    for written in (text, f"{text}Z"):
        with suppress(ValueError):
            return parse_rfc3339(written)
    return None


def _types(page: Page) -> tuple[str, ...]:
    """Return the types of the kinds that are asked for, and those that a link of the API names."""
    chosen = page.many("what")
    of_kinds = [kind.name for kind in EVENT_TYPES.values() if _kind_of(kind) in chosen]
    return (*of_kinds, *(name for name in page.many("eventType") if name in EVENT_TYPES))


def _kind_of(kind: EventType) -> str:
    if kind.kind in _KINDS_SHOWN:
        return _KINDS_SHOWN[kind.kind]
    return "projects" if "project" in kind.feeds or kind.names_lost_project else "organization"


def _meant(page: Page) -> str:
    """Return whom or what the text of the search means, if it is an id or fits only one."""
    text = page.one("q")
    if is_id(text):
        return text
    found = _fitting(page)
    return found[0][0] if len(found) == 1 else ""


def _fitting(page: Page) -> list[tuple[str, str]]:
    """Return people, teams, projects, keys and accounts that the text of the search fits, with their names."""
    text, org = page.one("q"), page.resource.org or ""
    if not text or is_id(text):
        return []
    ref = ResourceRef("organization", org, org=org)
    found = search(page.view, org, text, sight_of(page, ref), now=page.now)
    people = [(member.user_id, member.name) for member in found.people]
    others = (*found.teams, *found.projects, *found.keys, *found.accounts)
    return people + [(named.id, named.name) for named in others]


# -- the list


def _model(page: Page, asked: _Asked) -> dict[str, Any]:
    part = _part(page, asked)
    opened = _opened(page, asked)
    rows = list(part.rows)
    is_apart = opened is not None and all(row.revision != opened.revision for row in rows)
    told = happened(page, ([opened] if is_apart and opened else []) + rows)
    return {
        "url": page.asked.path,
        "apart": _entry(page, told[0]) if is_apart else None,
        "days": list(_days(page, told[1:] if is_apart else told)),
        "part": part,
        "n": len(rows),
        "periods": [(str(days), page.t("activity.days", n=days)) for days in PERIODS],
        "kinds": [(kind, page.t(f"activity.kind_{kind}")) for kind in KINDS],
        "actors": [(kind, page.t(f"activity.actor_{kind}")) for kind in ACTORS],
        "tokens": list(_tokens(page, asked)),
        "choices": [(page.link(q=None, about=who, after=None), name) for who, name in _choices(page)],
        "zone": page.asked.look.zone,
        "is_filtered": _is_filtered(page),
        "csv": page.link(after=None, open=None).replace(page.asked.path, f"{page.asked.path}.csv", 1),
    }


def _choices(page: Page) -> list[tuple[str, str]]:
    found = [] if page.one("about") else _fitting(page)
    return found if len(found) > 1 else []


def _is_filtered(page: Page) -> bool:
    names = ("q", "about", "actor", "what", "eventType", "who", "project", "refused", "period", "minDate", "maxDate")
    return any(page.one(name) for name in names)


def _part(page: Page, asked: _Asked) -> keyset.Page[Logged]:
    listing = ActivityListing(page.view, asked.shown, asked.query)
    place = keyset.place_of(page.one("after")) or keyset.START
    if page.one("q") and not asked.about and not _choices(page):
        return keyset.Page([], 0, 0)
    return _about(listing, asked.about, place, _SIZE) if asked.about else listing.page(place, _SIZE)


def _about(listing: ActivityListing, who: str, place: keyset.Place, size: int) -> keyset.Page[Logged]:
    """Return the rows after a place that are about `who`; fewer where they lie far apart."""
    rows, at = list[Logged](), place
    for _ in range(_STRETCHES):
        part = listing.page(at, _STRETCH)
        for row in part.rows:
            if _names(row, who):
                rows.append(row)
            if len(rows) == size:
                return _cut(rows, place, keyset.Place(str(row.revision), place.passed + size))
        if part.after is None:
            return _cut(rows, place, None)
        at = part.after
    return _cut(rows, place, keyset.Place(at.id, place.passed + len(rows)))


def _cut(rows: Sequence[Logged], place: keyset.Place, after: keyset.Place | None) -> keyset.Page[Logged]:
    return keyset.Page(rows, place.passed + 1 if rows else 0, None, after)


def _names(row: Logged, who: str) -> bool:
    holders = {given.holder for given in (*row.given, *row.taken)}
    return who in {row.actor_id, row.target} | holders or any(who in event.values() for event in row.events)


def _opened(page: Page, asked: _Asked) -> Logged | None:
    """Return the row whose details are open, wherever it stands."""
    text = page.one("open")
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(2**62))):
        return None
    return logged_row(page.view, asked.shown, int(text))


def _days(page: Page, told: Sequence[Happened]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    for day, entries in groupby(told, key=lambda each: page.formats.text(each.row.at, "day")):
        yield day, [_entry(page, each) for each in entries]


def _entry(page: Page, told: Happened) -> dict[str, Any]:
    is_open = page.one("open") == str(told.row.revision)
    href = page.link(open=None if is_open else told.row.revision) + f"#e{told.row.revision}"
    return {"told": told, "is_open": is_open, "href": href, "facts": _facts(page, told) if is_open else None}


def _facts(page: Page, told: Happened) -> dict[str, Any]:
    """Return the details of an entry: what its roles give, where it stands in the log, and what else to look at."""
    row = told.row
    gained, lost = _difference(page, row)
    return {
        "gained": gained[:_MOST_PRIVILEGES],
        "n_gained": len(gained),
        "lost": lost[:_MOST_PRIVILEGES],
        "n_lost": len(lost),
        "links": list(_links(page, row)),
    }


def _difference(page: Page, row: Logged) -> tuple[list[str], list[str]]:
    """Return what the given roles give that the taken ones did not, and the other way round."""
    edition = edition_of(page)
    given, taken = _privileges(edition, row.given), _privileges(edition, row.taken)
    return sorted(given - taken), sorted(taken - given)


def _privileges(edition: Edition, roles: Sequence[RoleOf]) -> frozenset[str]:
    known = {given.role for given in roles if given.role in edition.roles}
    return frozenset[str]().union(*(edition.privileges_of(name, added_by_owner=False) for name in known))


def _links(page: Page, row: Logged) -> Iterator[tuple[str, str]]:
    """Yield the way to everything of whoever acted, and of whom it was about."""
    cleared = dict.fromkeys(("open", "after", "q", "about", "actor", "what", "who", "refused", "period"))
    targets = [event["targetUserId"] for event in row.events if "targetUserId" in event]
    asked = [(row.actor_kind, row.actor_id), *(("user", who) for who in targets)]
    names = actors(page.view, asked)
    name = names[asked[0]].label or page.t("shared.actor_erased")
    if row.actor_kind == "operator":
        name = page.t("shared.actor_operator")
    yield page.link(**{**cleared, "actor": row.actor_id}), page.t("activity.everything_by", name=name)
    for who in dict.fromkeys(targets):
        name = names["user", who].label or page.t("shared.actor_erased")
        yield page.link(**{**cleared, "about": who}), page.t("activity.everything_about", name=name)


def _tokens(page: Page, asked: _Asked) -> Iterator[tuple[str, str, str]]:
    """Yield the filters that have no menu: label, value, and the address without it."""
    if asked.query.actor:
        yield page.t("activity.by"), _called(page, asked.query.actor), page.link(actor=None, after=None)
    if asked.about:
        yield page.t("activity.about"), _called(page, asked.about), page.link(about=None, q=None, after=None)
    for name in page.many("eventType"):
        others = [each for each in page.many("eventType") if each != name]
        yield page.t("shared.filter_what"), name, page.link(eventType=others, after=None)
    for name, label in (("minDate", "shared.filter_since"), ("maxDate", "shared.filter_until")):
        at = _instant(page.one(name))
        if at is not None:
            yield page.t(label), page.formats.text(at, "long"), page.link(**{name: None, "after": None})


def _called(page: Page, who: str) -> str:
    """Return the name of whoever or whatever a filter names; nothing is told of what the viewer may not see here."""
    found = actors(page.view, [("user", who), *((kind, who) for kind in MACHINES)])
    org = page.resource.org or ""
    if page.view.get("members", org, who) is not None:
        return found["user", who].label or who
    if machine_home(page.facts, who) == org:
        return found[kind_of(page.facts, who), who].label
    team, project = page.view.get("teams", who), page.view.get("projects", who)
    if team is not None and team["org_id"] == org:
        return str(team["name"])
    return str(project["name"]) if project is not None and page.can("showProject", _project(who, org)) else who


def _project(project: str, org: str) -> ResourceRef:
    return ResourceRef("project", project, org=org, project=project)


def _chain(page: Page) -> dict[str, Any]:
    """Return how far the organization's chain was checked, and which anchor there is."""
    walk = WALKS.on(page.view, page.resource.id, page.asked.keyring, page.now)
    anchor = newest_anchor(page.view)
    return {"walk": walk, "anchor": anchor}


# -- the file


def _exported(page: Page, asked: _Asked, after: str | None) -> Batch:
    place = keyset.place_of(after or "") or keyset.START
    part = ActivityListing(page.view, asked.shown, asked.query).page(place, _BATCH)
    rows = [row for row in part.rows if not asked.about or _names(row, asked.about)]
    names = actors(page.view, {(row.actor_kind, row.actor_id) for row in rows})
    lines = [
        (
            rfc3339(row.at), row.revision, row.actor_kind, row.actor_id, names[row.actor_kind, row.actor_id].label,
            row.action, row.outcome, row.code, " ".join(event["type"] for event in row.events), row.target,
            row.request_id,
        )
        for row in rows
    ]  # fmt: skip
    return Batch(lines, part.after.text if part.after else None)

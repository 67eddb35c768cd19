"""Who gains and who loses what: the effects of a rehearsal, by person and by kind of privilege."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from orgward.app.trial import Effect, Rehearsal
from orgward.catalog import EDITIONS, PRIVILEGES
from orgward.catalog.privilege_groups import groups_of
from orgward.console.changing.calls import ApiCall
from orgward.console.changing.mapped_after import mapped_after
from orgward.console.frame.page import Page
from orgward.console.listing.called import affected
from orgward.console.listing.chips import chips_of
from orgward.console.listing.mapped import MappedBy
from orgward.console.listing.naming import Named, place_named
from orgward.engine.authorized import is_in
from orgward.engine.decide import organization_of
from orgward.engine.facts import kind_of, machine_home
from orgward.engine.layer import Layer
from orgward.kernel.principal import MACHINES, Principal
from orgward.kernel.resource import ResourceRef

MOST_PEOPLE: Final = 20
"""How many of those affected a check shows; the file holds them all."""

_MOST_PLACES: Final = 3
_MOST_SOUGHT: Final = 50


@dataclass(slots=True)
class Tally:
    """What one user or key gains and loses, and where."""

    gained: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)
    scopes: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Touched:
    """Somebody whom a change concerns: how much they gain and lose, and what they have afterwards by place.

    Where that is nothing, it is said once.
    """

    who: Named
    gained: int
    lost: int
    afterwards: Sequence[Mapping[str, Any]]
    n_scopes: int


@dataclass(frozen=True, slots=True)
class Effects:
    """How many different privileges are gained and lost, by kind; and whom the change concerns, sorted by loss.

    `place` is the only place where the people shown have anything afterwards, empty if there are several. `unchanged`
    are those among them for whom nothing changes though they are concerned.
    """

    gained: Sequence[Mapping[str, Any]]
    lost: Sequence[Mapping[str, Any]]
    n_gained: int
    n_lost: int
    people: Sequence[Touched]
    n_people: int
    n_keys: int
    n_accounts: int
    place: str
    unchanged: Sequence[str]
    digest: str


def effects_of(page: Page, found: Rehearsal, calls: Sequence[ApiCall]) -> Effects:
    """Return the effects of the rehearsal of `calls`, for their check."""
    tallies = tallies_of(page, found)
    gained = {effect.privilege for effect in found.preview.gained}
    lost = {effect.privilege for effect in found.preview.lost}
    everybody = sorted(tallies, key=lambda who: (-len(tallies[who].lost), -len(tallies[who].gained), who))
    elsewhere = _places_of(page.facts, page.resource.org, calls)
    telling = _Telling(page, found, elsewhere, mapped_after(page, calls))
    people = [_touched(telling, who, tallies[who]) for who in everybody[:MOST_PEOPLE]]
    places = {each["place"] for person in people for each in person.afterwards}
    kinds = Counter(_kind(found, page.facts, who) for who in tallies)
    return Effects(
        _by_kind(page, gained),
        _by_kind(page, lost),
        len(gained),
        len(lost),
        people,
        kinds["user"],
        kinds["api_key"],
        kinds["service_account"],
        places.pop() if len(places) == 1 else "",
        [person.who.name for person in people if not person.gained and not person.lost],
        digest_of(found, page.facts),
    )


def digest_of(found: Rehearsal, facts: Layer) -> str:
    """Return what tells these effects from others: a check that was read holds for no other ones.

    `facts` are those of before: what a trial makes has another id each time.
    """
    effects = [[_known(facts, e) for e in side] for side in (found.preview.gained, found.preview.lost)]
    errors = [error.code if error else "" for error in found.errors]
    return hashlib.sha256(repr([effects, found.preview.warnings, errors]).encode()).hexdigest()[:32]


def _known(facts: Layer, effect: Effect) -> tuple[str, ...]:
    is_new_key = effect.principal_kind in MACHINES and machine_home(facts, effect.principal) is None
    is_new_place = organization_of(facts, effect.scope) is None
    return "" if is_new_key else effect.principal, "" if is_new_place else effect.scope, effect.privilege


def tallies_of(page: Page, found: Rehearsal) -> dict[str, Tally]:
    """Return what each user and key that the change concerns gains and loses.

    Whoever is only invited gains nothing yet, and is left out: nothing is told of whom nobody has brought here.
    """
    org = page.resource.org or ""
    tallies = {who: Tally() for who in found.affected if _is_here(page.facts, org, who)}
    for effect in found.preview.gained:
        _entered(tallies, effect).gained.add(effect.privilege)
    for effect in found.preview.lost:
        _entered(tallies, effect).lost.add(effect.privilege)
    return tallies


def _is_here(facts: Layer, org: str, who: str) -> bool:
    return is_in(facts, Principal(kind_of(facts, who), who), org)


def _entered(tallies: dict[str, Tally], effect: Effect) -> Tally:
    tally = tallies.setdefault(effect.principal, Tally())
    tally.scopes.add(effect.scope)
    return tally


def _places_of(facts: Layer, org: str | None, calls: Sequence[ApiCall]) -> list[str]:
    """Return the projects that `calls` are about, by name or by a team; else the organization: of `org` alone."""
    projects = {call.values["groupId"] for call in calls if "groupId" in call.values}
    for team in {call.values["teamId"] for call in calls if "teamId" in call.values and not projects}:
        projects.update(facts.edges(team))
    found = projects or {call.values["orgId"] for call in calls if "orgId" in call.values} or {org or ""}
    return sorted(place for place in found if organization_of(facts, place) == org)


def _by_kind(page: Page, wanted: Iterable[str]) -> list[dict[str, Any]]:
    """Return the privileges by their kind, in the order of the catalogue."""
    found: list[dict[str, Any]] = []
    for scope in ("organization", "project"):
        kinds: dict[str, dict[str, None]] = {}
        for edition in EDITIONS:
            for kind, held in groups_of(edition, scope).items():
                kinds.setdefault(kind, {}).update(dict.fromkeys(name for name in held if name in wanted))
        for kind, names in kinds.items():
            here = [{"code": name} for name in names if PRIVILEGES[name].resource == scope]
            if here:
                found.append({"label": page.t(f"catalogue.group.{kind}"), "n": len(here), "privileges": here})
    if found:
        found[0]["open"] = True
    return found


@dataclass(frozen=True, slots=True)
class _Telling:
    """What it takes to say how things stand afterwards; `elsewhere` is what the calls are about."""

    page: Page
    found: Rehearsal
    elsewhere: Sequence[str]
    by: MappedBy


def _touched(telling: _Telling, who: str, tally: Tally) -> Touched:
    """Return what somebody has afterwards where they gain or lose; if it is nothing, what they keep elsewhere.

    A change of the organization that takes all their projects still leaves them a member of it.
    """
    page = telling.page
    scopes = sorted(tally.scopes, key=lambda scope: place_named(page.view, scope)) or list(telling.elsewhere)
    shown, n = [_afterwards(telling, who, scope) for scope in scopes[:_MOST_PLACES]], len(scopes)
    if not any(where["chips"] for where in shown):
        here = [scope for scope in telling.elsewhere if scope == page.resource.org]
        sought = (_afterwards(telling, who, scope) for scope in (*here, *scopes[_MOST_PLACES:_MOST_SOUGHT]))
        kept = next((where for where in sought if where["chips"]), None)
        shown, n = [kept] if kept else shown[:1], 1
    return Touched(_named(page, telling.found, who), len(tally.gained), len(tally.lost), shown, n)


def _kind(found: Rehearsal, before: Layer, who: str) -> str:
    """Return whether it is a user or a machine of either kind, which may be there on one side alone."""
    return next((kind for facts in (before, found.after) if (kind := kind_of(facts, who)) in MACHINES), "user")


def _named(page: Page, found: Rehearsal, who: str) -> Named:
    """Return what `who` is called; a machine that the change makes has no name yet, and its id is another one later."""
    if machine_home(page.facts, who) is None and machine_home(found.after, who) is not None:
        is_key = kind_of(found.after, who) == "api_key"
        return Named("", page.t("keys.new_one" if is_key else "accounts.new_one"), "", "key" if is_key else "service")
    return affected(page, who)


def _afterwards(telling: _Telling, who: str, scope: str) -> dict[str, Any]:
    page, after = telling.page, telling.found.after
    org = organization_of(after, scope) or organization_of(page.facts, scope)
    resource = ResourceRef("", scope, org=org, project=None if scope == org else scope)
    chips = chips_of(page, who, resource, facts=after, why=False, by=telling.by)
    return {"place": place_named(page.view, scope), "chips": chips}

"""A no, and what would make it a yes: the privilege that is missing, the roles that have it, who can give one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from orgward.catalog import Role, Scope
from orgward.console.explaining.matrix import given
from orgward.console.explaining.sight import sees_others
from orgward.console.frame.page import Page
from orgward.console.listing.called import called
from orgward.console.listing.chips import Shown, chip_of, edition_of
from orgward.console.listing.naming import Named, place_named
from orgward.engine.decide import Denial, deny, grantors, hands_out
from orgward.engine.facts import machine_home
from orgward.engine.layer import Layer
from orgward.kernel.resource import ResourceRef

MOST_GRANTORS: Final = 20


@dataclass(frozen=True, slots=True)
class Grantor:
    """Somebody who can give what is missing, and by which role of theirs."""

    who: Named
    by: str


@dataclass(frozen=True, slots=True)
class Missing:
    """What is missing; `roles` are those that have it, the one that adds least first."""

    privilege: str
    sentence: str
    reason: str
    roles: Sequence[Role]
    chips: Sequence[Shown]
    grantors: Sequence[Grantor]


def missing_of(page: Page, who: str, privilege: str, place: ResourceRef) -> Missing:
    """Return what `who` lacks for `privilege` on `place`, with such grantors as the viewer may see."""
    denial = deny(page.facts, who, privilege, place.scope_id, page.now)
    edition = edition_of(page, place)
    held = privileges_held(page.facts, who, place, page.now)
    fitting = [edition.roles[name] for name in denial.roles if name in edition.roles]
    roles = sorted(fitting, key=lambda role: len(given(edition, role, scope_of(place)) - held))
    return Missing(
        privilege,
        page.t.privilege(privilege),
        denial.reason,
        roles,
        [full_chip(page, role, place, "organization" if role.scope == "organization" else "direct") for role in roles],
        list(islice(_grantors(page, denial, place, leaving_out=who), MOST_GRANTORS)),
    )


def privileges_held(facts: Layer, who: str, place: ResourceRef, now: int) -> frozenset[str]:
    """Return every privilege that `who` holds on `place`."""
    return frozenset[str]().union(*(allowed for allowed, _ in facts.paths(who, place.scope_id, now)))


def scope_of(place: ResourceRef) -> Scope:
    """Return the kind of scope that the place is."""
    return "project" if place.project else "organization"


def full_chip(page: Page, role: Role, place: ResourceRef, source: str, *, ends: int | None = None) -> Shown:
    """Return a chip for a role of `place` with its whole title, for where nothing else names the scope."""
    return chip_of(page, role.name, resource=place, in_full=True, source=source, ends=ends)


def _grantors(page: Page, denial: Denial, place: ResourceRef, *, leaving_out: str) -> Iterator[Grantor]:
    """Yield the people who could give a role that has it; keys give too, but nobody asks them."""
    edition = edition_of(page, place)
    wanted = [edition.roles[name] for name in denial.roles if name in edition.roles]
    sees = sees_others(page, place)
    for who in grantors(page.facts, denial, place.scope_id, page.now):
        is_shown = who == page.principal.id or (sees and machine_home(page.facts, who) is None)
        if is_shown and who != leaving_out:
            yield Grantor(called(page, who, place.org or ""), _by(page, who, wanted, place))


def _by(page: Page, who: str, wanted: Sequence[Role], place: ResourceRef) -> str:
    """Return by which of their roles somebody could give one of those that are wanted."""
    edition = edition_of(page, place)
    for _, path in page.facts.paths(who, place.scope_id, page.now):
        holder = edition.roles[path.role]
        if any(hands_out(holder, role) for role in wanted):
            if holder.scope == "organization":
                return holder.title
            return page.t("denials.role_of", role=holder.title, place=place_named(page.view, place.scope_id))
    return ""

"""Who and what is named on pages that explain access, with the address of its own page where the viewer may open it."""

from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from orgward.console.frame.page import Page
from orgward.console.frame.shell import initials
from orgward.console.listing.naming import actor_named, named
from orgward.kernel.resource import ResourceRef

_PAGES: Final = {
    "person": ("showMember", "/o/{org}/members/{id}"),
    "key": ("showKey", "/o/{org}/keys/{id}"),
    "team": ("showTeam", "/o/{org}/teams/{id}"),
}
"""The page of each kind of holder: the operation that shows it, and its address."""


@dataclass(frozen=True, slots=True)
class Called:
    """Somebody or something as lists show it; `href` is None where the viewer may not open its page."""

    id: str
    name: str
    second: str
    kind: str
    href: str | None = None

    @property
    def initials(self) -> str | None:
        """Return the initials of a person; whatever else it is has a glyph."""
        return initials(self.name) if self.kind == "person" else None

    @property
    def linked(self) -> Markup:
        """Return the name, as a link where there is a page to open."""
        return Markup('<a href="{}">{}</a>').format(self.href, self.name) if self.href else Markup.escape(self.name)


def called(page: Page, holder: str, org: str) -> Called:
    """Return what the user, key or team `holder` of `org` is called."""
    team = page.view.get("teams", holder)
    if team is not None:
        return Called(holder, team["name"], "", "team", _href(page, "team", holder, org))
    found = named(page.view, org, holder)
    if found.name == holder:
        return Called(holder, page.t("shared.actor_erased"), "", "person")
    second = found.address if found.address != found.name else ""
    return Called(holder, found.name, second, found.kind, _href(page, found.kind, holder, org))


def by_whom(page: Page, kind: str, who: str) -> str:
    """Return whoever did something as it stands after `by`; the operator has no name here."""
    return page.t("why.operator") if kind == "operator" else actor_named(page.view, page.t, kind, who)


def _href(page: Page, kind: str, holder: str, org: str) -> str | None:
    operation, path = _PAGES[kind]
    is_shown = page.can(operation, ResourceRef("organization", org, org=org))
    return path.format(org=org, id=holder) if is_shown else None


def place_href(page: Page, ref: ResourceRef) -> str | None:
    """Return the address of the organization's or project's first page, None where the viewer may not open it."""
    operation, path = ("showProject", "/p") if ref.project else ("showOrganization", "/o")
    return f"{path}/{ref.scope_id}" if page.can(operation, ref) else None

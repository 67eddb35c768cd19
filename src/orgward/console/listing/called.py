"""Who and what is named on pages that explain access, with the address of its own page where the viewer may open it."""

from dataclasses import replace
from typing import Final

from orgward.console.frame.page import Page
from orgward.console.listing.naming import Named, actor_named, member_named, named, place_named
from orgward.directory.federation import connected_to
from orgward.kernel.principal import CLIENT_ID_PREFIX
from orgward.kernel.resource import ResourceRef

_PAGES: Final = {
    "person": ("showMember", "/o/{org}/members/{id}"),
    "key": ("showKey", "/o/{org}/keys/{id}"),
    "service": ("showServiceAccount", f"/o/{{org}}/accounts/{CLIENT_ID_PREFIX}{{id}}"),
    "team": ("showTeam", "/o/{org}/teams/{id}"),
}
"""The page of each kind of holder: the operation that shows it, and its address."""


def called(page: Page, holder: str, org: str) -> Named:
    """Return what the user, machine or team `holder` of `org` is called."""
    team = page.view.get("teams", holder)
    if team is not None:
        return Named(holder, team["name"], "", "team", _href(page, "team", holder, org))
    found = named(page.view, org, holder)
    if found.name == holder:
        return Named(holder, page.t("shared.actor_erased"))
    return replace(found, href=_href(page, found.kind, holder, org))


def affected(page: Page, who: str) -> Named:
    """Return what somebody is called whom a change concerns.

    A sign-in of a federation can concern people who are in none of its organizations yet: of these only that much is
    told, and a name of those whom the viewer sees in a connected organization.
    """
    org = page.resource.org or ""
    found = named(page.view, org, who)
    if found.name != who:
        return found
    places = (ResourceRef("organization", each, org=each) for each in _connected(page, org))
    known = (member_named(page.view, ref.id, who) for ref in places if page.can("showMember", ref))
    outside = Named("", page.t("naming.outside", organization=place_named(page.view, org)), kind="outside")
    return next((each for each in known if each is not None), outside)


def _connected(page: Page, org: str) -> list[str]:
    """Return the other organizations in the federation of `org`."""
    here = page.view.get("connected_organizations", org)
    rows = connected_to(page.view, here["federation_id"]) if here else ()
    return [row["org_id"] for row in rows if row["org_id"] != org]


def by_whom(page: Page, kind: str, who: str) -> str:
    """Return whoever did something as it stands after `by`; the operator has no name here, nor a sign-in by itself."""
    if not who:
        return page.t("naming.by_sign_in")
    return page.t("why.operator") if kind == "operator" else actor_named(page.view, page.t, kind, who)


def _href(page: Page, kind: str, holder: str, org: str) -> str | None:
    operation, path = _PAGES[kind]
    is_shown = page.can(operation, ResourceRef("organization", org, org=org))
    return path.format(org=org, id=holder) if is_shown else None


def place_href(page: Page, ref: ResourceRef) -> str | None:
    """Return the address of the organization's or project's first page, None where the viewer may not open it."""
    operation, path = ("showProject", "/p") if ref.project else ("showOrganization", "/o")
    return f"{path}/{ref.scope_id}" if page.can(operation, ref) else None

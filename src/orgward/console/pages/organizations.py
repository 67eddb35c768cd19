"""Where one begins: the last organization, or the list of all of them; and founding another."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from orgward.app.operation import Oneself
from orgward.app.targets import Nowhere
from orgward.catalog import EDITIONS, Edition
from orgward.console.changing.calls import ApiCall
from orgward.console.frame.declaration import Batch, End, Goto, Plan, export, form, page
from orgward.console.frame.page import Page, Posted
from orgward.console.frame.places import places_of
from orgward.console.frame.problems import problems_of
from orgward.console.listing.chips import chips_of
from orgward.console.listing.naming import initials
from orgward.engine.authorized import can_read
from orgward.kernel.resource import ResourceRef
from orgward.store.folding import folded
from orgward.store.reads import keyset
from orgward.store.view import Row

_MINE: Final = Oneself("shows the organizations that the caller is in")
_SIZE: Final = 25


@page("/home", id="showHome", requires=_MINE, on=Nowhere(), template="home.html", scope="account")
def show_home(page: Page) -> Mapping[str, Any] | Goto:
    """Lead to the organization that the viewer was in last, else to what waits for an answer; or say what to do."""
    mine = {row["id"] for row in _organizations(page)}
    last = next((org for org in places_of(page.asked.cookies) if org in mine), None)
    if last is not None or len(mine) == 1:
        return Goto(url=f"/o/{last or next(iter(mine))}")
    if mine:
        return Goto(url="/o")
    if any(row["expires_at"] > page.now for row in _waiting(page)):
        return Goto(url="/me/invitations")
    return {"address": (page.view.get("person_data", page.principal.id) or {"username": ""})["username"]}


def _waiting(page: Page) -> Sequence[Row]:
    return page.view.find("invitations", user_id=page.principal.id, state="pending")


def _organizations(page: Page) -> Iterator[Row]:
    for member in page.view.find("members", user_id=page.principal.id, state="active"):
        row = page.view.get("organizations", member["org_id"])
        if row is not None:
            yield row


@page("/o", id="showOrganizations", requires=_MINE, on=Nowhere(), template="organizations.html", scope="account")
def show_organizations(page: Page) -> Mapping[str, Any]:
    """Return the organizations of the viewer: those that they were in last, and all by name."""
    rows = sorted(_organizations(page), key=lambda row: (folded(row["name"]), row["id"]))
    known = {row["id"]: row for row in rows}
    fitting = {row["id"]: row for row in rows if folded(page.one("q")) in folded(row["name"])}
    place = keyset.place_of(page.one("after")) or keyset.START
    part = keyset.cut(list(fitting), place, _SIZE)
    last = [org for org in places_of(page.asked.cookies) if org in known][:4] if len(rows) > 1 else []
    return {
        "q": page.one("q"),
        "last": [{"id": org, "name": known[org]["name"], "initials": initials(known[org]["name"])} for org in last],
        "rows": [_row(page, fitting[org]) for org in part.rows],
        "part": part,
        "n": len(rows),
        "has_editions": len({row["edition"] for row in rows}) > 1,
    }


@export(
    "/o.csv", id="exportOrganizations", requires=_MINE, on=Nowhere(),
    columns=("id", "name", "edition", "orgRoles", "people", "projects"),
)  # fmt: skip
def export_organizations(page: Page, after: str | None) -> Batch:
    """Return the organizations of the viewer that are searched for, all at once."""
    wanted = folded(page.one("q"))
    found = [row for row in _organizations(page) if wanted in folded(row["name"])]
    rows = [_row(page, row) for row in sorted(found, key=lambda row: (folded(row["name"]), row["id"]))]
    return Batch([_line(row) for row in rows], None)


def _line(row: Mapping[str, Any]) -> tuple[Any, ...]:
    roles = " ".join(dict.fromkeys(chip["name"] for chip in row["roles"]))
    return row["id"], row["name"], row["edition"], roles, row["people"], row["projects"]


def _row(page: Page, row: Row) -> dict[str, Any]:
    """Return one organization with the projects that the viewer reaches; who else is in it, not everybody may know."""
    org = row["id"]
    ref = ResourceRef("organization", org, org=org)
    member = page.view.get("members", org, page.principal.id) or {"suspended": False}
    return {
        "id": org,
        "name": row["name"],
        "initials": initials(row["name"]),
        "edition": EDITIONS[row["edition"]].title,
        "is_suspended": member["suspended"],
        "roles": chips_of(page, page.principal.id, ref, why=False),
        "people": page.view.count("members", org_id=org, state="active") if page.can("showMembers", ref) else None,
        "projects": sum(can_read(page.facts, page.principal, each, page.now) for each in page.facts.projects_in(org)),
    }


@page(
    "/o/new", id="showNewOrganization", on=Nowhere(), template="organization_form.html", scope="account",
    requires=Oneself("any person may found an organization"), entry="showOrganizations",
)  # fmt: skip
def show_new_organization(page: Page) -> Mapping[str, Any]:
    """Return the form of a new organization."""
    return {
        "name": page.posted("name"),
        "edition": page.posted("edition", "atlas"),
        "editions": [(name, edition.title, _described(page, edition)) for name, edition in EDITIONS.items()],
        **problems_of(page),
    }


def _described(page: Page, edition: Edition) -> str:
    scopes = [role.scope for role in edition.roles.values()]
    n = {"projects": scopes.count("project"), "organizations": scopes.count("organization")}
    return page.t(f"organizations.{edition.name}", **n)


@form("/o/new", acts=["createOrg"])
def found_organization(posted: Posted) -> Plan:
    """Found an organization, of which whoever does is the owner."""
    body = {"name": posted.one("name"), "edition": posted.one("edition", "atlas")}

    def then(results: Sequence[Any]) -> End:
        org = results[0].body["organization"]["id"]
        return Goto(url=f"/o/{org}", done="organizations.founded", params={"name": body["name"]})

    return Plan(calls=[ApiCall(operation="createOrg", body=body)], then=then)

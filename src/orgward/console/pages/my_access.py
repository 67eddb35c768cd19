"""What the viewer may reach and why: organizations, projects, roles with their sources, and machines that they made."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from orgward.app.operation import Oneself
from orgward.app.targets import Nowhere
from orgward.catalog.privilege_groups import groups_of
from orgward.console.changing.calls import ApiCall
from orgward.console.changing.checking import checked
from orgward.console.changing.summary import Chip, Difference, Summary
from orgward.console.frame.declaration import Batch, Plan, export, form, page
from orgward.console.frame.page import Page, Posted
from orgward.console.listing.chips import chips_of, edition_of
from orgward.console.listing.machines_made import Made, machines_made
from orgward.console.listing.naming import full_name, initials, place_named
from orgward.engine.compile import Path
from orgward.kernel.errors import NotFoundError
from orgward.kernel.instants import rfc3339
from orgward.kernel.resource import ResourceRef
from orgward.store.folding import folded
from orgward.store.reads.keyset import START, cut, place_of
from orgward.store.view import Row

_OWN: Final = Oneself("shows the caller's own access")
_SIZE: Final = 10
_KEYS: Final = 25


@page("/me/access", id="showMyAccess", requires=_OWN, on=Nowhere(), template="my_access.html", scope="account")
def show_my_access(page: Page) -> Mapping[str, Any]:
    """Return the viewer's organizations with their projects, those that the search finds, and the viewer's keys."""
    wanted = folded(page.one("q"))
    mine = _organizations(page)
    found = [row for row in mine if not wanted or wanted in _text_of(page, row)]
    part = cut([row["id"] for row in found], place_of(page.one("after")) or START, _SIZE)
    shown = [row for row in found if row["id"] in part.rows]
    keys = {made.id: made for made in _keys(page)} if part.first <= 1 else {}
    made = cut(list(keys), place_of(page.one("keys")) or START, _KEYS)
    return {
        "url": page.asked.path,
        "q": page.one("q"),
        "n": len(mine),
        "part": part,
        "organizations": [_organization(page, row, wanted) for row in shown],
        "keys": made.of([_key(page, keys[key]) for key in made.rows]),
    }


def _organizations(page: Page) -> list[Row]:
    members = page.view.find("members", user_id=page.principal.id, state="active")
    rows = [row for member in members if (row := page.view.get("organizations", member["org_id"]))]
    return sorted(rows, key=lambda row: (row["name"].casefold(), row["id"]))


def _text_of(page: Page, org: Row) -> str:
    """Return what a search for an organization looks at: its name, and those of the viewer's projects in it."""
    names = [place_named(page.view, project) for project in _projects(page, org["id"])]
    return "\n".join(folded(name) for name in [org["name"], *names])


def _projects(page: Page, org: str) -> list[str]:
    """Return the projects of `org` on which the viewer holds a role of their own, or by a team."""
    found: set[str] = set()
    for target in page.facts.edges(page.principal.id):
        by_team = page.facts.edges(target) if page.facts.attribute("teams", target) == org else ()
        found.update(place for place in (target, *by_team) if page.facts.attribute("projects", place) == org)
    return sorted(found, key=lambda project: (place_named(page.view, project).casefold(), project))


def _organization(page: Page, org: Row, wanted: str) -> dict[str, Any]:
    me, place = page.principal.id, ResourceRef("organization", org["id"], org=org["id"])
    member = page.view.get("members", org["id"], me) or {"suspended": False}
    projects = _projects(page, org["id"])
    found = [each for each in projects if wanted in folded(place_named(page.view, each))]
    reach = page.facts.row(me, page.now).reach.get(org["id"], frozenset())
    return {
        "id": org["id"],
        "name": org["name"],
        "initials": initials(org["name"]),
        "href": f"/o/{org['id']}",
        "is_suspended": member["suspended"],
        "chips": chips_of(page, me, place),
        "projects": [_project(page, org["id"], each) for each in (found or projects)],
        "reach": {"n": len(reach), "of": _all(page, place)} if reach else None,
        "may_leave": not member["suspended"],
    }


def _all(page: Page, place: ResourceRef) -> int:
    return sum(len(names) for names in groups_of(edition_of(page, place).name, "project").values())


def _project(page: Page, org: str, project: str) -> dict[str, Any]:
    place, me = ResourceRef("project", project, org=org, project=project), page.principal.id
    name = place_named(page.view, project)
    held = page.facts.row(me, page.now).allowed.get(project, frozenset())
    own = page.view.get("project_members", project, me)
    menu: list[dict[str, Any]] = []
    if held and len(held) < _all(page, place):
        menu.append({"label": page.t("my_access.ask"), "icon": "message", "href": f"/p/{project}/ask"})
    if own is not None and own["state"] == "active":
        fields = {"project": project}
        leave = {"label": page.t("shared.leave_step"), "icon": "logout", "danger": True}
        menu.append({**leave, "action": page.asked.path, "fields": fields})
    return {
        "name": name,
        "href": f"/p/{project}/access" if page.can("showAccess", place) else None,
        "chips": chips_of(page, me, place),
        "n": len(held),
        "of": _all(page, place),
        "menu": menu,
    }


def _keys(page: Page) -> list[Made]:
    """Return the keys and service accounts that the viewer made, in organizations that they are in."""
    return [made for made in machines_made(page.view, page.principal.id) if page.is_member(made.org)]


def _key(page: Page, made: Made) -> dict[str, Any]:
    org = ResourceRef("organization", made.org, org=made.org)
    shown = "showKey" if made.kind == "key" else "showServiceAccount"
    return {
        "name": made.name,
        "mark": made.mark,
        "kind": made.kind,
        "organization": place_named(page.view, made.org),
        "created": made.created,
        "href": made.path if page.can(shown, org) else None,
    }


@export(
    "/me/access.csv", id="exportMyAccess", requires=_OWN, on=Nowhere(),
    columns=("organizationId", "organizationName", "projectId", "projectName", "role", "via", "teamName", "endsAt"),
)  # fmt: skip
def export_my_access(page: Page, after: str | None) -> Batch:
    """Return the viewer's roles with their sources, one organization at a time."""
    mine = _organizations(page)
    at = next((i for i, row in enumerate(mine) if row["id"] == after), 0)
    if not mine:
        return Batch([], None)
    rows = list(_lines(page, mine[at]))
    return Batch(rows, mine[at + 1]["id"] if at + 1 < len(mine) else None)


def _lines(page: Page, org: Row) -> Iterator[Sequence[Any]]:
    """Yield the roles in the organization; what they carry into its projects is not said once more a project."""
    me = page.principal.id
    roles = edition_of(page, ResourceRef("organization", org["id"], org=org["id"])).roles
    for _, path in page.facts.paths(me, org["id"], page.now):
        yield _line(page, org, "", path)
    for project in _projects(page, org["id"]):
        for _, path in page.facts.paths(me, project, page.now):
            if roles[path.role].scope == "project":
                yield _line(page, org, project, path)


def _line(page: Page, org: Row, project: str, path: Path) -> Sequence[Any]:
    name = place_named(page.view, project) if project else ""
    team = place_named(page.view, path.team) if path.team else ""
    ends = rfc3339(path.ends) if path.ends is not None else ""
    return org["id"], org["name"], project, name, path.role, path.via, team, ends


# ------------------------------------------------------------ leaving


@form("/me/access", acts=["leaveOrg", "leaveGroup"])
def leave(posted: Posted) -> Plan:
    """Lead to the check of leaving an organization or a project."""
    org, project = posted.one("organization"), posted.one("project")
    if org:
        call = ApiCall(operation="leaveOrg", values={"organizationId": org})
        return checked(posted, [call], _summary(posted, "members", org))
    if project:
        call = ApiCall(operation="leaveGroup", values={"projectId": project})
        return checked(posted, [call], _summary(posted, "project_members", project))
    raise NotFoundError("ORG_NOT_FOUND", "")


def _summary(posted: Posted, table: str, place: str) -> Summary:
    view, words, me = posted.view, posted.words, posted.principal.id
    # The name of a place that the viewer is not in is told to nobody: the call is refused, and this with it.
    name = place_named(view, place) if view.get(table, place, me) else place
    held = view.find("assignments", holder_id=me, scope_id=place)
    before = [row["role"] for row in held if row["starts"] <= posted.now < row["ends"]]
    source = "organization" if table == "members" else "direct"
    line = Difference(
        icon="logout", name=full_name(view.get("person_data", me) or {}), place=name,
        before=[Chip(role=role, source=source) for role in before], note=words(f"my_access.leaving_{table}"),
    )  # fmt: skip
    return Summary(
        title=words("shared.leave_name", name=name), lines=[line], back=posted.path, then=posted.path,
        done="my_access.left", params={"name": name}, act=words("shared.leave_name", name=name),
        crumbs=[(words("my_access.title"), posted.path)],
    )  # fmt: skip

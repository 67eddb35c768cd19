"""Projects of an organization, as far as the viewer may see them; and where an organization or project begins."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, cast, get_args

from orgward.app.targets import InOrganization, InProject
from orgward.console.changing.calls import ApiCall, Finished
from orgward.console.frame.declaration import Batch, Goto, Plan, export, form, page
from orgward.console.frame.page import Page, Posted
from orgward.console.frame.problems import problem_of
from orgward.console.frame.shell import SECTIONS
from orgward.console.listing.chips import chip_of, chips_of, edition_of
from orgward.kernel.instants import rfc3339
from orgward.kernel.resource import ResourceRef
from orgward.store.reads.keyset import START, place_of
from orgward.store.reads.project_list import ListedProject, ProjectQuery, ProjectSort, project_page, tags_used

_LIST: Final = ("org.projects.list",)
_PATH: Final = "/o/{orgId}/projects"
_SORTS: Final = get_args(ProjectSort)
_FILTERS: Final = ("q", "tag", "role", "ownerless")
_SIZE: Final = 25
_BATCH: Final = 250


# ---------------------------------------------------------------- where it begins


@page(
    "/o/{orgId}", id="showOrganization", on=InOrganization(), scope="organization",
    requires=(
        "org.projects.list", "org.users.read", "org.teams.read", "org.invitations.read", "org.api_keys.read",
        "org.events.read", "org.settings.read",
    ),
)  # fmt: skip
def show_organization(page: Page) -> Goto:
    """Lead to the first page of the organization that the viewer may see."""
    return _first(page, "organization", org=page.resource.id)


@page("/p/{groupId}", id="showProject", requires=("project.read",), on=InProject(), scope="project")
def show_project(page: Page) -> Goto:
    """Lead to the first page of the project that the viewer may see."""
    return _first(page, "project", project=page.resource.id)


def _first(page: Page, scope: str, **names: str) -> Goto:
    entries = (entry for section in SECTIONS[scope].values() for entry in section if page.can(entry.page))
    return Goto(url=next((entry.path.format(**names) for entry in entries), "/"))


# ---------------------------------------------------------------- the list


@page(_PATH, id="showProjects", requires=_LIST, on=InOrganization(), template="projects.html", scope="organization")
def show_projects(page: Page) -> Mapping[str, Any]:
    """Return the projects that the viewer may see and the filters ask for, a page of them."""
    visible, place, query = _visible(page), place_of(page.one("after")), _query(page)
    found = project_page(page.view, page.resource.id, query, place or START, size=_SIZE, now=page.now)
    roles = sorted(_roles_held(page))
    return {
        "url": page.asked.path,
        "rows": [_row(page, project) for project in found.rows],
        "found": found,
        "n": len(visible),
        "q": query.q,
        "sort": query.sort,
        "tags": [(f"{tag.key}={tag.value}", f"{tag.key}: {tag.value}") for tag in _tags(page, visible)],
        "roles": [(role, chip_of(page, role)["title"]) for role in roles],
        "chosen": {"tag": page.many("tag"), "role": page.many("role")},
        "ownerless": query.without_owner,
        "is_filtered": any(page.many(name) for name in _FILTERS),
        "wrong": list(_wrong(page, roles, has_place=place is not None)),
    }


def _visible(page: Page) -> frozenset[str]:
    return page.context.visible("project.read").resources & {*page.facts.projects_in(page.resource.id)}


def _tags(page: Page, visible: frozenset[str]) -> Sequence[Any]:
    return tags_used(page.view, page.resource.id, visible)


def _query(page: Page) -> ProjectQuery:
    visible, roles, sort = _visible(page), {*page.many("role")}, page.one("sort")
    if roles & _roles_held(page):
        visible = frozenset(project for project in visible if roles & _roles_on(page, project))
    return ProjectQuery(
        visible=visible,
        q=page.one("q"),
        tags=page.many("tag"),
        without_owner=bool(page.one("ownerless")),
        sort=cast("ProjectSort", sort) if sort in _SORTS else "name",
    )


def _wrong(page: Page, roles: Sequence[str], *, has_place: bool) -> Iterator[str]:
    """Yield the parameters whose values could not be used."""
    if not {*page.many("role")} <= {*roles}:
        yield "role"
    if page.one("sort", _SORTS[0]) not in _SORTS:
        yield "sort"
    if not has_place:
        yield "after"


def _roles_held(page: Page) -> set[str]:
    """Return the project roles that the viewer has on any project here, organization roles as what they come to."""
    return {role for project in _visible(page) for role in _roles_on(page, project)}


def _roles_on(page: Page, project: str) -> set[str]:
    roles = edition_of(page).roles
    paths = page.facts.paths(page.principal.id, project, page.now)
    return {(path.via == "organization_role" and roles[path.role].in_projects) or path.role for _, path in paths}


def _row(page: Page, project: ListedProject) -> dict[str, Any]:
    place = ResourceRef("project", project.id, org=page.resource.id, project=project.id)
    return {
        "id": project.id,
        "name": project.name,
        "href": f"/p/{project.id}",
        "chips": chips_of(page, page.principal.id, place),
        "people": project.people if page.can("listGroupUsers", place) else None,
        "teams": project.teams if page.can("listGroupTeams", place) else None,
        "owners": project.owners if page.can("listGroupRoleAssignments", place) else None,
        "tags": [f"{tag.key}: {tag.value}" for tag in project.tags],
        "created": project.created_at,
        "menu": list(_menu(page, project.id, place)),
    }


def _menu(page: Page, project: str, place: ResourceRef) -> Iterator[dict[str, Any]]:
    yield {"label": page.t("shared.open"), "icon": "cube", "href": f"/p/{project}"}
    why = page.link(why=f"user:{page.principal.id},project:{project}")
    yield {"label": page.t("projects.why"), "icon": "route", "href": why, "drawer": True}
    danger = f"/p/{project}/settings/danger"
    if page.can("migrateGroup", place):
        yield {"label": page.t("project_settings.move_step"), "icon": "arrows-exchange", "href": danger}
    if page.can("deleteGroup", place):
        yield {"label": page.t("shared.delete_step"), "icon": "trash", "href": danger, "danger": True}


@export(
    f"{_PATH}.csv", id="exportProjects", requires=_LIST, on=InOrganization(),
    columns=("id", "name", "created", "tags", "roles", "usersCount", "teamsCount", "ownersCount"),
)  # fmt: skip
def export_projects(page: Page, after: str | None) -> Batch:
    """Return the projects that the viewer may see and the filters ask for, some at a time."""
    place = place_of(after or "") or START
    found = project_page(page.view, page.resource.id, _query(page), place, size=_BATCH, now=page.now)
    rows = [_line(row) for row in (_row(page, project) for project in found.rows)]
    return Batch(rows, found.after.text if found.after else None)


def _line(row: Mapping[str, Any]) -> Sequence[Any]:
    roles = " ".join(dict.fromkeys(chip["name"] for chip in row["chips"]))
    tags = "; ".join(row["tags"])
    return row["id"], row["name"], rfc3339(row["created"]), tags, roles, row["people"], row["teams"], row["owners"]


# ---------------------------------------------------------------- a new one


@page(
    f"{_PATH}/new", id="showNewProject", requires=("org.projects.create",), on=InOrganization(),
    template="project_new.html", scope="organization", entry="showProjects",
)  # fmt: skip
def show_new_project(page: Page) -> Mapping[str, Any]:
    """Return the form that makes a project."""
    fault = problem_of(page, "name")
    return {
        "url": page.asked.path,
        "list": page.asked.path.removesuffix("/new"),
        "name": page.posted("name"),
        "fault": fault,
    }


@form(f"{_PATH}/new", acts=["createGroup"])
def create_project(posted: Posted) -> Plan:
    """Make a project, whose owner is whoever makes it."""
    body = {"name": posted.one("name"), "orgId": posted.values["orgId"]}
    return Plan(calls=[ApiCall(operation="createGroup", body=body)], then=_created)


def _created(results: Sequence[Finished]) -> Goto:
    made = results[0].body
    return Goto(url=f"/p/{made['id']}", done="projects.created", params={"name": made["name"]})

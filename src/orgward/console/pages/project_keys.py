"""API keys on a project: which there are; put on it, given other roles there, taken off it (rules 73-79)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from orgward.app.targets import InProject
from orgward.console.changing.calls import ApiCall
from orgward.console.changing.checking import checked, project_roles_posted
from orgward.console.changing.machines import held_chips
from orgward.console.changing.role_choices import choices_of
from orgward.console.changing.summary import Chip, Difference, Summary
from orgward.console.frame.declaration import Batch, Plan, export, form, page
from orgward.console.frame.page import Page, Posted
from orgward.console.frame.problems import problem_of
from orgward.console.listing.key_listing import KEY_COLUMNS, key_batch, key_listing
from orgward.console.listing.keys_shown import roles_for_key
from orgward.console.listing.naming import place_named
from orgward.edge.inner import key_on_project
from orgward.kernel.errors import NotFoundError
from orgward.kernel.ids import is_id
from orgward.kernel.resource import ResourceRef
from orgward.store.folding import folded
from orgward.store.reads.key_list import ListedKey
from orgward.store.view import Row

_READ: Final = ("project.api_keys.read",)
_ASSIGN: Final = ("project.api_keys.assign",)
_UPDATE: Final = ("project.api_keys.update_roles",)
_PATH: Final = "/p/{groupId}/keys"
_KEY: Final = f"{_PATH}/{{apiUserId}}"
_MOST_FOUND: Final = 20


@page(_PATH, id="showProjectKeys", requires=_READ, on=InProject(), template="keys.html", scope="project")
def show_project_keys(page: Page) -> Mapping[str, Any]:
    """Return the keys on the project that the filters ask for, with their roles here and in the organization."""
    org = ResourceRef("organization", page.resource.org or "", org=page.resource.org)
    return {
        **key_listing(page, _menu),
        "heading": page.t("project_keys.heading", project=place_named(page.view, page.resource.id)),
        "lead": page.t("project_keys.lead"),
        "empty": page.t("project_keys.empty"),
        "key_href": f"/o/{org.id}/keys/" if page.can("showKey", org) else "",
        "new": page.asked.path + "/new" if page.can("createGroupApiKey") else "",
        "add": page.asked.path + "/add" if page.can("addGroupApiKey") else "",
        "bulk": "",
    }


def _menu(page: Page, key: ListedKey) -> Sequence[Mapping[str, Any] | None]:
    here, found = f"{page.asked.path}/{key.id}", list[Mapping[str, Any] | None]()
    if page.can("updateGroupApiKeyRoles"):
        found.append({"label": page.t("shared.change_roles"), "icon": "shield", "href": here})
    if page.can("removeGroupApiKey"):
        text = page.t("keys.take_off_step")
        found.append({"label": text, "icon": "trash", "danger": True, "action": f"{here}/remove"})
    return found


@export(f"{_PATH}.csv", id="exportProjectKeys", requires=_READ, on=InProject(), columns=KEY_COLUMNS)
def export_project_keys(page: Page, after: str | None) -> Batch:
    """Return the keys on the project that the filters ask for, some at a time."""
    return key_batch(page, after)


# ------------------------------------------------------------ put on


@page(
    f"{_PATH}/add", id="showProjectKeyAdding", requires=_ASSIGN, on=InProject(), template="project_key.html",
    scope="project", entry="showProjectKeys",
)  # fmt: skip
def show_project_key_adding(page: Page) -> Mapping[str, Any]:
    """Return the form that puts a key of the organization on the project."""
    rows = page.view.find("assignments", scope_id=page.resource.id, holder_kind="api_key")
    on = {row["holder_id"] for row in rows}
    free = [row for row in page.view.find("api_keys", org_id=page.resource.org or "") if row["id"] not in on]
    wanted, chosen = folded(page.one("q")), page.posted("key", page.one("key"))
    found = [row for row in free if wanted in folded(f"{row['description']} {row['public_key']}")]
    first = sorted(found, key=lambda row: (row["id"] != chosen, folded(row["description"])))[:_MOST_FOUND]
    return {
        **_form(page),
        "key": None,
        "q": page.one("q"),
        "keys": [(row["id"], row["description"], row["public_key"]) for row in first],
        "n_free": len(free),
        "n_more": len(found) - len(first),
        "chosen_key": chosen,
        "chosen": page.asked.posted.get("roles", ()),
    }


def _form(page: Page) -> dict[str, Any]:
    return {
        "url": page.asked.path,
        "list": f"/p/{page.resource.id}/keys",
        "families": choices_of(page, roles_for_key(page, page.resource), page.resource.org or ""),
        "fault": problem_of(page),
    }


@form(f"{_PATH}/add", acts=["addGroupApiKey"])
def put_key_on(posted: Posted) -> Plan:
    """Lead to the check of a key of the organization on the project."""
    key = posted.one("key")
    if not is_id(key):
        raise NotFoundError("API_KEY_NOT_FOUND", key)
    roles = project_roles_posted(posted, posted.values["groupId"])
    return _checked(posted, "addGroupApiKey", key, roles, body=[{"roles": roles}])


# ------------------------------------------------------------ other roles, and off


@page(
    _KEY, id="showProjectKey", requires=_UPDATE, on=InProject(), inner=key_on_project, template="project_key.html",
    scope="project", entry="showProjectKeys",
)  # fmt: skip
def show_project_key(page: Page) -> Mapping[str, Any]:
    """Return the form with the roles of the key on the project."""
    key = page.values["apiUserId"]
    held = [row["role"] for row in page.view.find("assignments", holder_id=key, scope_id=page.resource.id)]
    row: Row = page.view.get("api_keys", key) or {}
    return {**_form(page), "key": row["description"], "chosen": page.asked.posted.get("roles", held)}


@form(_KEY, acts=["updateGroupApiKeyRoles"])
def change_project_key(posted: Posted) -> Plan:
    """Lead to the check of other roles for the key on the project."""
    roles = project_roles_posted(posted, posted.values["groupId"])
    return _checked(posted, "updateGroupApiKeyRoles", posted.values["apiUserId"], roles, body={"roles": roles})


@form(f"{_KEY}/remove", acts=["removeGroupApiKey"])
def take_key_off(posted: Posted) -> Plan:
    """Lead to the check of a key that is taken off the project; the organization keeps it (rule 79)."""
    return _checked(posted, "removeGroupApiKey", posted.values["apiUserId"], [])


def _checked(posted: Posted, operation: str, key: str, roles: Sequence[str], *, body: Any = None) -> Plan:
    project, words = posted.values["groupId"], posted.words
    row = posted.view.get("api_keys", key)
    is_here = row is not None and row["org_id"] == posted.facts.attribute("projects", project)
    name, url = row["description"] if row is not None and is_here else key, f"/p/{project}/keys"
    line = Difference(
        icon="key", name=name, place=place_named(posted.view, project), before=held_chips(posted, key, project),
        after=[Chip(role=role) for role in roles], note="" if roles else words("project_keys.still_there"),
    )  # fmt: skip
    summary = Summary(
        title=words("keys.key_name", name=name), lines=[line], back=posted.path if roles else url, then=url,
        done="keys.changed" if roles else "project_keys.taken_off", params={"name": name},
        crumbs=[(words("keys.title"), url)],
    )  # fmt: skip
    call = ApiCall(operation=operation, values={"groupId": project, "apiUserId": key}, body=body)
    return checked(posted, [call], summary)

"""One API key: what it may do and from where; given other roles, put on projects, tied to addresses, deleted."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from orgward.app.targets import InOrganization
from orgward.console.changing.calls import ApiCall
from orgward.console.changing.checking import checked, project_roles_posted
from orgward.console.changing.machines import addresses_posted, held_chips, listed
from orgward.console.changing.role_choices import choices_of, edition_at
from orgward.console.changing.summary import Chip, Difference, Summary
from orgward.console.frame.declaration import Goto, Plan, form, page
from orgward.console.frame.page import Page, Posted
from orgward.console.frame.problems import problem_of
from orgward.console.listing.keys_shown import key_shown, places_of, projects_seen, roles_for_key
from orgward.console.listing.naming import place_named
from orgward.directory.addresses import block_of, lone_address
from orgward.directory.roles import organization_roles
from orgward.edge.inner import key_of_organization
from orgward.kernel.errors import NotFoundError, RefusedError
from orgward.kernel.ids import is_id
from orgward.kernel.resource import ResourceRef
from orgward.store.reads.key_list import listed_key
from orgward.store.view import Row

_READ: Final = ("org.api_keys.read",)
_UPDATE: Final = ("org.api_keys.update",)
_KEY: Final = "/o/{orgId}/keys/{apiUserId}"
_MOST_FOUND: Final = 20


def _row(looking: Page | Posted) -> Row:
    return looking.view.get("api_keys", looking.values["apiUserId"]) or {}


@page(
    _KEY, id="showKey", requires=_READ, on=InOrganization(), inner=key_of_organization, template="key.html",
    scope="organization", entry="showKeys",
)  # fmt: skip
def show_key(page: Page) -> Mapping[str, Any]:
    """Return the key with its roles by place, the addresses that may use it, and what may be done with it."""
    org = page.resource.id
    entries = page.view.find("api_key_access", key_id=page.values["apiUserId"])
    key = listed_key(page.view, org, page.values["apiUserId"], visible=projects_seen(page), now=page.now)
    return {
        "url": page.asked.path,
        "list": f"/o/{page.resource.id}/keys",
        "key": key_shown(page, key),
        "organization": place_named(page.view, org),
        "places": [{**place, "menu": _menu(page, place)} for place in places_of(page, key)],
        "entries": entries,
        "own": page.principal.address,
        "fault": problem_of(page, "addresses"),
        "faulty": _faulty(page),
        "may_put": any(True for _ in _assignable(page)),
    }


def _faulty(page: Page) -> str:
    """Return which form of the page was refused, if one was."""
    return next((field for field in _ACTS if field in page.asked.posted), "")


def _menu(page: Page, place: Mapping[str, Any]) -> list[dict[str, Any]]:
    ref: ResourceRef = place["ref"]
    if not ref.project:
        may = page.can("updateOrgApiKey", ref)
        change = {"label": page.t("shared.change_roles"), "icon": "shield", "href": f"{page.asked.path}/roles"}
        return [change] if may else []
    here, menu = f"/p/{ref.project}/keys/{page.values['apiUserId']}", list[dict[str, Any]]()
    if page.can("updateGroupApiKeyRoles", ref):
        menu.append({"label": page.t("shared.change_roles"), "icon": "shield", "href": here})
    if page.can("removeGroupApiKey", ref):
        menu.append(
            {"label": page.t("keys.take_off_step"), "icon": "trash", "danger": True, "action": f"{here}/remove"}
        )  # fmt: skip
    return menu


def _said(posted: Posted, name: str, lines: Sequence[Difference], **more: Any) -> Summary:
    """Return the summary of a change to the key called `name`, which leads back to the key's page."""
    words, org = posted.words, posted.values["orgId"]
    here = f"/o/{org}/keys/{posted.values['apiUserId']}"
    crumbs = [(words("keys.title"), f"/o/{org}/keys"), (name, here)]
    told = {"back": posted.path, "then": here, "crumbs": crumbs, "params": {"name": name}}
    return Summary(title=words("keys.key_name", name=name), lines=lines, **{**told, **more})


# ------------------------------------------------------------ roles


@page(
    f"{_KEY}/roles", id="showKeyRoles", requires=_UPDATE, on=InOrganization(), inner=key_of_organization,
    template="key_roles.html", scope="organization", entry="showKeys",
)  # fmt: skip
def show_key_roles(page: Page) -> Mapping[str, Any]:
    """Return the form with the organization roles of the key."""
    row = _row(page)
    held = [each["role"] for each in page.view.find("assignments", holder_id=row["id"], scope_id=row["org_id"])]
    return {**_form(page, row, page.resource), "chosen": page.asked.posted.get("roles", held), "projects": ()}


def _form(page: Page, row: Row, ref: ResourceRef) -> dict[str, Any]:
    return {
        "url": page.asked.path,
        "list": f"/o/{row['org_id']}/keys",
        "key": {"name": row["description"], "href": f"/o/{row['org_id']}/keys/{row['id']}"},
        "place": place_named(page.view, ref.scope_id),
        "families": choices_of(page, roles_for_key(page, ref), row["org_id"]),
        "fault": problem_of(page),
        "lead": page.t("keys.roles_lead"),
    }


@form(f"{_KEY}/roles", acts=["updateOrgApiKey"])
def change_key_roles(posted: Posted) -> Plan:
    """Lead to the check of other organization roles for the key."""
    org, key = posted.values["orgId"], posted.values["apiUserId"]
    roles = organization_roles(edition_at(posted, org), posted.many("roles"), org)
    call = ApiCall(operation="updateOrgApiKey", values={"orgId": org, "apiUserId": key}, body={"roles": roles})
    name = _name(posted)
    line = Difference(
        icon="key", name=name, place=place_named(posted.view, org), before=held_chips(posted, key, org),
        after=[Chip(role=role, source="organization") for role in roles],
    )  # fmt: skip
    return checked(posted, [call], _said(posted, name, [line], done="keys.changed"))


def _name(posted: Posted) -> str:
    """Return what the key of the path is called; of another organization's nothing is told."""
    row = _row(posted)
    return str(row["description"]) if row and row["org_id"] == posted.values["orgId"] else ""


# ------------------------------------------------------------ on a project


@page(
    f"{_KEY}/project", id="showKeyProject", requires=_READ, on=InOrganization(), inner=key_of_organization,
    template="key_roles.html", scope="organization", entry="showKeys",
)  # fmt: skip
def show_key_project(page: Page) -> Mapping[str, Any]:
    """Return the form that puts the key on a project: the projects that it is not on, then the roles there."""
    row, chosen = _row(page), page.one("project")
    on = {each["scope_id"] for each in page.view.find("assignments", holder_id=row["id"])}
    free = {each["id"]: each["name"] for each in _assignable(page) if each["id"] not in on}
    ref = ResourceRef("project", chosen, org=page.resource.id, project=chosen) if chosen in free else None
    wanted = page.one("q").casefold()
    found = [(id_, name) for id_, name in free.items() if wanted in name.casefold()]
    return {
        **_form(page, row, ref or page.resource),
        "chosen": page.asked.posted.get("roles", ()),
        "project": chosen if ref else "",
        "projects": sorted(found, key=lambda each: each[1].casefold())[:_MOST_FOUND],
        "n_free": len(free),
        "q": page.one("q"),
    }


def _assignable(page: Page) -> Iterator[Row]:
    """Yield the projects of the organization that the viewer may put keys on."""
    for row in page.view.find("projects", org_id=page.resource.id):
        if page.can("addGroupApiKey", _project(row)):
            yield row


def _project(row: Row) -> ResourceRef:
    return ResourceRef("project", row["id"], org=row["org_id"], project=row["id"])


@form(f"{_KEY}/project", acts=["addGroupApiKey"])
def put_key_on_project(posted: Posted) -> Plan:
    """Lead to the check of the key on one more project."""
    project, key = posted.one("project"), posted.values["apiUserId"]
    if not is_id(project) or posted.facts.attribute("projects", project) != posted.values["orgId"]:
        raise NotFoundError("GROUP_NOT_FOUND", project)
    roles = project_roles_posted(posted, project)
    call = ApiCall(
        operation="addGroupApiKey", values={"groupId": project, "apiUserId": key}, body=[{"roles": roles}]
    )  # fmt: skip
    name = _name(posted)
    line = Difference(
        icon="key", name=name, place=place_named(posted.view, project),
        before=held_chips(posted, key, project), after=[Chip(role=role) for role in roles],
    )  # fmt: skip
    back = f"{posted.path}?project={project}"
    return checked(posted, [call], _said(posted, name, [line], done="keys.changed", back=back))


# ------------------------------------------------------------ name, addresses, and the end

_LIST: Final = ("createOrgApiKeyAccessListEntry", "deleteOrgApiKeyAccessListEntry")


@form(_KEY, acts=["updateOrgApiKey", *_LIST, "deleteOrgApiKey"])
def change_key(posted: Posted) -> Plan:
    """Rename the key at once; lead to the check of another access list, or of deleting it."""
    for field, act in _ACTS.items():
        if field in posted.fields:
            return act(posted, {"orgId": posted.values["orgId"], "apiUserId": posted.values["apiUserId"]})
    raise NotFoundError("API_KEY_NOT_FOUND", posted.values["apiUserId"])


def _rename(posted: Posted, values: Mapping[str, str]) -> Plan:
    call = ApiCall(operation="updateOrgApiKey", values=values, body={"desc": posted.one("desc")})
    return Plan(calls=[call], then=Goto(url=posted.path, done="keys.renamed", params={"name": posted.one("desc")}))


def _add_addresses(posted: Posted, values: Mapping[str, str]) -> Plan:
    blocks, is_first = addresses_posted(posted), not posted.view.find("api_key_access", key_id=values["apiUserId"])
    body = [{"ipAddress": lone} if (lone := lone_address(block)) else {"cidrBlock": block} for block in blocks]
    call = ApiCall(operation="createOrgApiKeyAccessListEntry", values=values, body=body)
    then = "keys.then_only" if is_first else ""
    return checked(posted, [call], _addressed(posted, "keys.address_added", listed(blocks), then))


def _remove_address(posted: Posted, values: Mapping[str, str]) -> Plan:
    gone = block_of(posted.one("remove")) or ""
    held = [entry["cidr"] for entry in posted.view.find("api_key_access", key_id=values["apiUserId"])]
    call = ApiCall(operation="deleteOrgApiKeyAccessListEntry", values={**values, "ipAddress": posted.one("remove")})
    then = "keys.then_any" if held == [gone] else ""
    return checked(posted, [call], _addressed(posted, "keys.address_gone", listed([gone] if gone else []), then))


def _addressed(posted: Posted, what: str, addresses: str, then: str) -> Summary:
    name, words = _name(posted), posted.words
    notes = [words(what, addresses=addresses), words(then) if then else ""]
    line = Difference(icon="world-pin", name=name, note=" ".join(note for note in notes if note))
    return _said(posted, name, [line], done="keys.list_changed", act=words("keys.change_list"))


def _delete(posted: Posted, values: Mapping[str, str]) -> Plan:
    name, org = _name(posted), values["orgId"]
    lines = [
        Difference(icon="key", name=name, place=place_named(posted.view, scope), before=chips)
        for scope in _scopes(posted, values)
        if (chips := held_chips(posted, values["apiUserId"], scope))
    ]
    told = {"then": f"/o/{org}/keys", "done": "keys.deleted", "act": posted.words("shared.delete_name", name=name)}
    call = ApiCall(operation="deleteOrgApiKey", values=values)
    plan = checked(posted, [call], _said(posted, name, lines, **told))
    if posted.one("name") != name.strip():
        raise RefusedError("NAME_NOT_TYPED", name)
    return plan


def _scopes(posted: Posted, values: Mapping[str, str]) -> list[str]:
    """Return where the key has roles, the organization first."""
    rows = posted.view.find("assignments", holder_id=values["apiUserId"], org_id=values["orgId"])
    return sorted({row["scope_id"] for row in rows}, key=lambda scope: (scope != values["orgId"], scope))


_ACTS: Final[Mapping[str, Callable[[Posted, Mapping[str, str]], Plan]]] = {
    "desc": _rename,
    "addresses": _add_addresses,
    "remove": _remove_address,
    "name": _delete,
}
"""What the form does, by the field that it was sent with."""

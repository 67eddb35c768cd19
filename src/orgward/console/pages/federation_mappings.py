"""Role mappings of an organization: listed, made, changed and deleted, each by way of its check (rules 96-98)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from orgward.app.targets import InOrganization
from orgward.console.changing.calls import ApiCall
from orgward.console.changing.checking import checked, offered
from orgward.console.changing.role_choices import choices_of, roles_to_give
from orgward.console.changing.summary import Chip, Difference
from orgward.console.frame.declaration import Batch, Plan, Show, export, form, page
from orgward.console.frame.page import Page, Posted
from orgward.console.listing.chips import chip_of
from orgward.console.listing.naming import place_named, project_named
from orgward.console.pages.federation import HERE, federation_posted, model_of, said
from orgward.directory.mapping_rows import mapping_of
from orgward.kernel.errors import NotFoundError
from orgward.kernel.resource import ResourceRef
from orgward.store.view import Row, SqlView

_LIST: Final = f"{HERE}/mappings"
_ONE: Final = f"{_LIST}/{{mappingId}}"
_READ: Final = ("org.federation.read",)
_MANAGE: Final = ("org.role_mappings.manage",)
_MORE: Final = 3
"""How many empty lines for projects a form has, beside those that are filled in."""


def _inside(view: SqlView, resource: ResourceRef, values: Mapping[str, str]) -> None:
    """Raise unless `mappingId` is a role mapping of the organization."""
    row = view.get("role_mappings", values["mappingId"])
    if row is None or row["org_id"] != resource.org:
        raise NotFoundError("ROLE_MAPPING_NOT_FOUND", values["mappingId"])


def _rows(page: Page) -> list[Row]:
    """Return the mappings whose name holds what is searched for, by name."""
    q = page.one("q").casefold()
    found = (row for row in page.view.find("role_mappings", org_id=page.resource.id) if q in _name(row).casefold())
    return sorted(found, key=_name)


def _name(row: Row) -> str:
    return str(row["external_group"])


@page(
    _LIST, id="showRoleMappings", requires=_READ, on=InOrganization(), template="federation_mappings.html",
    scope="organization", entry="showSettings",
)  # fmt: skip
def show_mappings(page: Page) -> Mapping[str, Any]:
    """Return the role mappings that are searched for."""
    may = page.can("updateFederationSettingConnectedOrgConfigRoleMapping")
    rows = [
        {
            "name": row["external_group"],
            "href": f"{page.asked.path}/{row['id']}" if may else None,
            "chips": _chips(page, row),
            "menu": _menu(page, f"{page.asked.path}/{row['id']}") if may else [],
        }
        for row in _rows(page)
    ]
    total = page.view.count("role_mappings", org_id=page.resource.id)
    csv = page.link(after=None).replace("/mappings", "/mappings.csv", 1)
    return {**model_of(page, "mappings"), "rows": rows, "q": page.one("q"), "n": total, "csv": csv}


def _menu(page: Page, here: str) -> list[dict[str, Any]]:
    return [
        {"label": page.t("shared.change"), "icon": "pencil", "href": here},
        {"label": page.t("shared.delete_step"), "icon": "trash", "danger": True, "action": f"{here}/delete"},
    ]


def _chips(page: Page, row: Row) -> list[dict[str, Any]]:
    org = row["org_id"]
    return [
        chip_of(
            page, role, source="mapping",
            via=None if scope == org else page.t("person.on", project=place_named(page.view, scope)),
        )
        for scope, role in sorted(mapping_of(row).given, key=lambda given: (given[0] != org, given))
    ]  # fmt: skip


@export(
    f"{_LIST}.csv", id="exportRoleMappings", requires=_READ, on=InOrganization(),
    columns=("id", "externalGroupName", "roleAssignments"),
)  # fmt: skip
def export_mappings(page: Page, after: str | None) -> Batch:
    """Return the mappings that are searched for, all at once: there are a thousand at most."""
    return Batch([(row["id"], row["external_group"], _written(page, row)) for row in _rows(page)], None)


def _written(page: Page, row: Row) -> str:
    return "; ".join(f"{place_named(page.view, scope)}: {role}" for scope, role in sorted(mapping_of(row).given))


# ---------------------------------------------------------------- the form


@page(
    f"{_LIST}/new", id="showNewRoleMapping", requires=_MANAGE, on=InOrganization(),
    template="federation_mapping.html", scope="organization", entry="showSettings",
)  # fmt: skip
def show_new_mapping(page: Page) -> Mapping[str, Any]:
    """Return the form of a new mapping."""
    return _form(page, None)


@page(
    _ONE, id="showRoleMapping", requires=_MANAGE, on=InOrganization(), inner=_inside,
    template="federation_mapping.html", scope="organization", entry="showSettings",
)  # fmt: skip
def show_mapping(page: Page) -> Mapping[str, Any]:
    """Return the form of a mapping that is there."""
    return _form(page, page.view.get("role_mappings", page.values["mappingId"]))


def _form(page: Page, row: Row | None) -> dict[str, Any]:
    org, given = page.resource.org or "", mapping_of(row).given if row else frozenset()
    again, kept = page.asked.posted, sorted((scope, role) for scope, role in given if scope != org)
    families = choices_of(page, roles_to_give(page, page.resource), org)
    places = sorted(
        ((project, place_named(page.view, project)) for project in page.facts.projects_in(org)),
        key=lambda pair: pair[1].casefold(),
    )
    filled = list(zip(again.get("project", ()), again.get("role", ()), strict=False)) if again else kept
    lines = [pair for pair in filled if any(pair)]
    return {
        **model_of(page, "mappings"),
        "mapping": row,
        "name": page.posted("name", row["external_group"] if row else ""),
        "options": [option for family in families for option in family["options"]],
        "chosen": again.get("roles", ()) if again else [role for scope, role in given if scope == org],
        "lines": [*lines, *[("", "")] * _MORE],
        "projects": [("", page.t("federation.no_project")), *places],
        "project_roles": _project_roles(page, org),
    }


def _project_roles(page: Page, org: str) -> list[tuple[str, Any]]:
    """Return the project roles that can be given, by family; an owner of the organization hands out them all."""
    every = next(iter(page.facts.projects_in(org)), "")
    place = ResourceRef("project", every, org=org, project=every or None)
    families = choices_of(page, roles_to_give(page, place), org) if every else []
    return [("", "–"), *((each["label"], [(name, title) for name, title, _ in each["options"]]) for each in families)]


@form(f"{_LIST}/new", acts=["createFederationSettingConnectedOrgConfigRoleMapping"])
def make_mapping(posted: Posted) -> Plan:
    """Lead to the check of a new mapping."""
    return _planned(posted, "createFederationSettingConnectedOrgConfigRoleMapping", _values(posted))


@form(_ONE, acts=["updateFederationSettingConnectedOrgConfigRoleMapping"])
def change_mapping(posted: Posted) -> Plan:
    """Lead to the check of another mapping in place of the one that is there."""
    values = {**_values(posted), "id": posted.values["mappingId"]}
    return _planned(posted, "updateFederationSettingConnectedOrgConfigRoleMapping", values)


def _values(posted: Posted) -> dict[str, str]:
    return {"federationSettingsId": federation_posted(posted), "orgId": posted.values["orgId"]}


def _planned(posted: Posted, operation: str, values: Mapping[str, str]) -> Plan:
    org, words, name = posted.values["orgId"], posted.words, posted.one("name")
    pairs = zip(posted.fields.get("project", ()), posted.fields.get("role", ()), strict=False)
    given = [(project, role) for project, role in pairs if project and role]
    body = {
        "externalGroupName": name,
        "roleAssignments": [
            *({"orgId": org, "role": role} for role in posted.many("roles")),
            *({"groupId": project, "role": role} for project, role in given),
        ],
    }
    then = _LIST.format(orgId=org)
    if posted.one("do") == "more":
        return Plan(then=Show(model={}))
    after = _chips_posted(posted, [*((org, role) for role in posted.many("roles")), *given])
    line = Difference(icon="link", name=name, before=_before(posted), after=after)
    summary = said(posted, words("federation.mapping"), [line], then=then, done="federation.mapping_saved")
    return checked(posted, [ApiCall(operation=operation, values=values, body=body)], summary)


def _before(posted: Posted) -> Sequence[Chip]:
    row = posted.view.get("role_mappings", posted.values.get("mappingId", ""))
    if row is None or row["org_id"] != posted.values["orgId"]:
        return []
    return _chips_posted(posted, sorted(mapping_of(row).given, key=lambda given: (given[0] != row["org_id"], given)))


def _chips_posted(posted: Posted, given: Iterable[tuple[str, str]]) -> list[Chip]:
    """Return the roles of a mapping as the head of a check shows them, each with its project."""
    org, words = posted.values["orgId"], posted.words

    def via(scope: str) -> str:
        return "" if scope == org else words("person.on", project=project_named(posted.view, org, scope))

    return [Chip(role=role, source="mapping", via=via(scope)) for scope, role in given]


@form(f"{_ONE}/delete", acts=["deleteFederationSettingConnectedOrgConfigRoleMapping"])
def delete_mapping(posted: Posted) -> Plan:
    """Lead to the check of the end of a mapping: what it alone gives ends with it."""
    words, then = posted.words, _LIST.format(orgId=posted.values["orgId"])
    row = posted.view.get("role_mappings", posted.values["mappingId"])
    name = str(row["external_group"]) if row and row["org_id"] == posted.values["orgId"] else ""
    summary = said(
        posted, words("federation.mapping_delete"), [Difference(icon="link", name=name, before=_before(posted))],
        back=then, then=then, done="federation.mapping_deleted", act=words("federation.mapping_delete"),
    )  # fmt: skip
    values = {**_values(posted), "id": posted.values["mappingId"]}
    call = ApiCall(operation="deleteFederationSettingConnectedOrgConfigRoleMapping", values=values)
    return offered(posted, [call], summary)

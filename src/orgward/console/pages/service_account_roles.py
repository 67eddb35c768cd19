"""The roles of a service account, in its organization or on a project; put on a project, and taken off (76-79)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from orgward.app.targets import InOrganization, InProject
from orgward.console.changing.account_acts import account_row, home_of_account, said
from orgward.console.changing.calls import ApiCall
from orgward.console.changing.checking import checked, project_roles_posted
from orgward.console.changing.machines import held_chips
from orgward.console.changing.role_choices import choices_of, edition_at
from orgward.console.changing.summary import Chip, Difference, Summary
from orgward.console.frame.declaration import Plan, form, page
from orgward.console.frame.page import Page, Posted
from orgward.console.frame.problems import problem_of
from orgward.console.listing.keys_shown import roles_for_key
from orgward.console.listing.naming import place_named
from orgward.directory.roles import organization_roles
from orgward.edge.inner import account_in, account_of_organization, account_on_project
from orgward.kernel.client_ids import account_of, client_id_of
from orgward.kernel.errors import NotFoundError
from orgward.store.folding import folded

_IN_ORGANIZATION: Final = "/o/{orgId}/accounts/{clientId}/roles"
_ON_PROJECT: Final = "/p/{groupId}/accounts/{clientId}/roles"
_ADDING: Final = "/p/{groupId}/accounts/add"
_TEMPLATE: Final = "account_roles.html"
_MOST_FOUND: Final = 20


@page(
    _IN_ORGANIZATION, id="showServiceAccountRoles", requires=("org.service_accounts.update",), on=InOrganization(),
    inner=account_of_organization, template=_TEMPLATE, scope="organization", entry="showServiceAccounts",
)  # fmt: skip
def show_roles(page: Page) -> Mapping[str, Any]:
    """Return the form with the organization roles of the account."""
    return _of_account(page)


@page(
    _ON_PROJECT, id="showProjectServiceAccountRoles", requires=("project.service_accounts.update",), on=InProject(),
    inner=account_on_project, template=_TEMPLATE, scope="project", entry="showProjectServiceAccounts",
)  # fmt: skip
def show_project_roles(page: Page) -> Mapping[str, Any]:
    """Return the form with the roles of the account on the project."""
    return _of_account(page)


def _of_account(page: Page) -> dict[str, Any]:
    held = page.view.find("assignments", holder_id=account_in(page.values), scope_id=page.resource.id)
    here = page.asked.path.removesuffix("/roles")
    return {
        **_form(page),
        "list": here.rpartition("/")[0],
        "account": {"name": account_row(page)["name"], "href": here},
        "chosen": page.asked.posted.get("roles", [row["role"] for row in held]),
    }


def _form(page: Page) -> dict[str, Any]:
    return {
        "url": page.asked.path,
        "place": place_named(page.view, page.resource.id),
        "families": choices_of(page, roles_for_key(page, page.resource), page.resource.org or ""),
        "fault": problem_of(page),
    }


@form(_IN_ORGANIZATION, acts=["updateOrgServiceAccount"])
def change_roles(posted: Posted) -> Plan:
    """Lead to the check of other organization roles for the account."""
    org = posted.values["orgId"]
    roles = organization_roles(edition_at(posted, org), posted.many("roles"), org)
    after = [Chip(role=role, source="organization") for role in roles]
    call = ApiCall(operation="updateOrgServiceAccount", values=posted.values, body={"roles": roles})
    return checked(posted, [call], _said(posted, org, after))


@form(_ON_PROJECT, acts=["updateGroupServiceAccount"])
def change_project_roles(posted: Posted) -> Plan:
    """Lead to the check of other roles for the account on the project."""
    project = posted.values["groupId"]
    roles = project_roles_posted(posted, project)
    call = ApiCall(operation="updateGroupServiceAccount", values=posted.values, body={"roles": roles})
    return checked(posted, [call], _said(posted, project, [Chip(role=role) for role in roles]))


@form("/p/{groupId}/accounts/{clientId}/remove", acts=["deleteGroupServiceAccount"])
def take_off(posted: Posted) -> Plan:
    """Lead to the check of an account that is taken off the project; the organization keeps it (rule 79)."""
    url = home_of_account(posted).rpartition("/")[0]
    more = {"note": posted.words("accounts.still_there"), "back": url, "then": url, "done": "accounts.taken_off"}
    call = ApiCall(operation="deleteGroupServiceAccount", values=posted.values)
    return checked(posted, [call], _said(posted, posted.values["groupId"], [], **more))


def _said(posted: Posted, scope: str, after: Sequence[Chip], *, note: str = "", **more: str) -> Summary:
    line = Difference(
        icon="robot", name=str(account_row(posted)["name"]), place=place_named(posted.view, scope),
        before=held_chips(posted, account_in(posted.values), scope), after=after, note=note,
    )  # fmt: skip
    return said(posted, [line], **{"done": "accounts.changed", **more})


# ------------------------------------------------------------ put on


@page(
    _ADDING, id="showProjectServiceAccountAdding", requires=("org.service_accounts.assign_to_project",),
    on=InProject(), template=_TEMPLATE, scope="project", entry="showProjectServiceAccounts",
)  # fmt: skip
def show_adding(page: Page) -> Mapping[str, Any]:
    """Return the form that puts a service account of the organization on the project."""
    given = page.view.find("assignments", scope_id=page.resource.id, holder_kind="service_account")
    on = {row["holder_id"] for row in given}
    free = [row for row in page.view.find("service_accounts", org_id=page.resource.org or "") if row["id"] not in on]
    wanted, chosen = folded(page.one("q")), page.posted("account", page.one("account"))
    found = [row for row in free if wanted in folded(f"{row['name']} {row['description']}")]
    first = sorted(found, key=lambda row: (client_id_of(row["id"]) != chosen, folded(row["name"])))[:_MOST_FOUND]
    return {
        **_form(page),
        "list": page.asked.path.removesuffix("/add"),
        "account": None,
        "q": page.one("q"),
        "accounts": [(client_id_of(row["id"]), row["name"], row["description"]) for row in first],
        "n_free": len(free),
        "n_more": len(found) - len(first),
        "chosen_account": chosen,
        "chosen": page.asked.posted.get("roles", ()),
    }


@form(_ADDING, acts=["inviteGroupServiceAccount"])
def put_on(posted: Posted) -> Plan:
    """Lead to the check of a service account of the organization on the project."""
    project, client = posted.values["groupId"], posted.one("account")
    account = account_of(client)
    if account is None:
        raise NotFoundError("SERVICE_ACCOUNT_NOT_FOUND", client)
    roles, words = project_roles_posted(posted, project), posted.words
    row = posted.view.get("service_accounts", account)
    is_here = row is not None and row["org_id"] == posted.facts.attribute("projects", project)
    name, url = row["name"] if row is not None and is_here else client, f"/p/{project}/accounts"
    line = Difference(
        icon="robot", name=name, place=place_named(posted.view, project), before=held_chips(posted, account, project),
        after=[Chip(role=role) for role in roles],
    )  # fmt: skip
    summary = Summary(
        title=words("accounts.account_name", name=name), lines=[line], back=posted.path, then=url,
        done="accounts.changed", params={"name": name}, crumbs=[(words("accounts.title"), url)],
    )  # fmt: skip
    values = {"groupId": project, "clientId": client}
    call = ApiCall(operation="inviteGroupServiceAccount", values=values, body={"roles": roles})
    return checked(posted, [call], summary)

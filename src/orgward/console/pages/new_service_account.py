"""A new service account: its roles are checked, and then its first secret is shown, once (rules 76, 80, 81)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from orgward.app.targets import InOrganization, InProject
from orgward.console.changing.calls import ApiCall
from orgward.console.changing.checking import checked, project_roles_posted
from orgward.console.changing.role_choices import choices_of, edition_at
from orgward.console.changing.secret_hours import hours_offered, hours_posted
from orgward.console.changing.summary import Chip, Difference, Summary
from orgward.console.frame.declaration import Plan, form, page
from orgward.console.frame.page import Page, Posted
from orgward.console.frame.problems import problems_of
from orgward.console.listing.keys_shown import roles_for_key
from orgward.console.listing.naming import place_named
from orgward.directory.roles import organization_roles

_IN_ORGANIZATION: Final = "/o/{orgId}/accounts/new"
_IN_PROJECT: Final = "/p/{groupId}/accounts/new"
_TEMPLATE: Final = "new_account.html"


@page(
    _IN_ORGANIZATION, id="showNewServiceAccount", requires=("org.service_accounts.create",), on=InOrganization(),
    template=_TEMPLATE, scope="organization", entry="showServiceAccounts",
)  # fmt: skip
def show_new_account(page: Page) -> Mapping[str, Any]:
    """Return the form of a service account with organization roles."""
    return _form(page, page.t("accounts.new"))


def _form(page: Page, heading: str) -> dict[str, Any]:
    return {
        "url": page.asked.path,
        "list": page.asked.path.removesuffix("/new"),
        "heading": heading,
        "families": choices_of(page, roles_for_key(page, page.resource), page.resource.org or ""),
        "chosen": page.asked.posted.get("roles", ()),
        "name": page.posted("name"),
        "description": page.posted("description"),
        **hours_offered(page),
        **problems_of(page),
    }


@form(_IN_ORGANIZATION, acts=["createOrgServiceAccount"])
def make_account(posted: Posted) -> Plan:
    """Lead to the check of a new service account; what it is, is made only then."""
    org = posted.values["orgId"]
    roles = organization_roles(edition_at(posted, org), posted.many("roles"), org)
    call = ApiCall(operation="createOrgServiceAccount", values={"orgId": org}, body=_body(posted, roles))
    after = [Chip(role=role, source="organization") for role in roles]
    return checked(posted, [call], _summary(posted, org, after, f"/o/{org}/accounts"))


def _body(posted: Posted, roles: Sequence[str]) -> dict[str, Any]:
    texts = {"name": posted.one("name"), "description": posted.one("description")}
    return {**texts, "roles": list(roles), "secretExpiresAfterHours": hours_posted(posted)}


def _summary(posted: Posted, place: str, after: Sequence[Chip], url: str) -> Summary:
    words = posted.words
    line = Difference(
        icon="robot", name=posted.one("name"), place=place_named(posted.view, place), after=after,
        note=words("accounts.from_anywhere"),
    )  # fmt: skip
    return Summary(
        title=words("accounts.new"), lines=[line], back=posted.path, then=url, act=words("accounts.create"),
        crumbs=[(words("accounts.title"), url)], reveal="account_secret.html",
    )  # fmt: skip


@page(
    _IN_PROJECT, id="showNewProjectServiceAccount", requires=("project.service_accounts.create",), on=InProject(),
    template=_TEMPLATE, scope="project", entry="showProjectServiceAccounts",
)  # fmt: skip
def show_new_project_account(page: Page) -> Mapping[str, Any]:
    """Return the form of an account with roles on this project; it becomes a member of the organization (rule 76)."""
    return _form(page, page.t("accounts.new_on"))


@form(_IN_PROJECT, acts=["createGroupServiceAccount"])
def make_project_account(posted: Posted) -> Plan:
    """Lead to the check of a new service account on the project."""
    project = posted.values["groupId"]
    roles = project_roles_posted(posted, project)
    call = ApiCall(operation="createGroupServiceAccount", values={"groupId": project}, body=_body(posted, roles))
    after = [Chip(role=role) for role in roles]
    return checked(posted, [call], _summary(posted, project, after, f"/p/{project}/accounts"))

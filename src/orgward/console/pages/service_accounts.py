"""The service accounts of an organization, and those on a project: what they may do, and which need a look (72-83)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from orgward.app.targets import InOrganization, InProject
from orgward.console.frame.declaration import Batch, export, page
from orgward.console.frame.page import Page
from orgward.console.listing.accounts_shown import ACCOUNT_COLUMNS, account_batch, account_listing
from orgward.console.listing.naming import place_named
from orgward.kernel.client_ids import client_id_of
from orgward.store.reads.account_list import ListedAccount

_READ: Final = ("org.service_accounts.read",)
_READ_HERE: Final = ("project.service_accounts.read",)
_IN_ORGANIZATION: Final = "/o/{orgId}/accounts"
_IN_PROJECT: Final = "/p/{groupId}/accounts"
_TEMPLATE: Final = "accounts.html"


@page(
    _IN_ORGANIZATION, id="showServiceAccounts", requires=_READ, on=InOrganization(), template=_TEMPLATE,
    scope="organization",
)  # fmt: skip
def show_accounts(page: Page) -> Mapping[str, Any]:
    """Return the service accounts that the filters ask for."""
    return {
        **account_listing(page, _menu),
        "heading": page.t("accounts.title"),
        "lead": page.t("accounts.lead"),
        "empty": page.t("accounts.empty"),
        "new": page.asked.path + "/new" if page.can("createOrgServiceAccount") else "",
        "add": "",
        "bulk": f"{page.asked.path}/bulk" if page.can("deleteOrgServiceAccount") else "",
    }


def _menu(page: Page, account: ListedAccount) -> Sequence[Mapping[str, Any] | None]:
    here, found = f"{page.asked.path}/{client_id_of(account.id)}", list[Mapping[str, Any] | None]()
    if page.can("updateOrgServiceAccount"):
        found.append({"label": page.t("shared.change_roles"), "icon": "shield", "href": f"{here}/roles"})
    if page.can("createOrgServiceAccountSecret"):
        found.append({"label": page.t("accounts.secrets_step"), "icon": "key", "href": f"{here}#secrets"})
    if page.can("createOrgServiceAccountAccessList"):
        found.append({"label": page.t("accounts.addresses_step"), "icon": "world-pin", "href": f"{here}#addresses"})
    if page.can("deleteOrgServiceAccount"):
        delete = {"label": page.t("shared.delete_step"), "icon": "trash", "danger": True, "href": f"{here}#danger"}
        found += [None, delete]
    return found


@export(
    f"{_IN_ORGANIZATION}.csv", id="exportServiceAccounts", requires=_READ, on=InOrganization(),
    columns=ACCOUNT_COLUMNS,
)  # fmt: skip
def export_accounts(page: Page, after: str | None) -> Batch:
    """Return the service accounts that the filters ask for, some at a time."""
    return account_batch(page, after)


# ------------------------------------------------------------ on a project


@page(
    _IN_PROJECT, id="showProjectServiceAccounts", requires=_READ_HERE, on=InProject(), template=_TEMPLATE,
    scope="project",
)  # fmt: skip
def show_project_accounts(page: Page) -> Mapping[str, Any]:
    """Return the service accounts on the project that the filters ask for, with their roles here and above."""
    return {
        **account_listing(page, _menu_here),
        "heading": page.t("accounts.heading_on", project=place_named(page.view, page.resource.id)),
        "lead": page.t("accounts.lead_on"),
        "empty": page.t("accounts.empty_on"),
        "new": page.asked.path + "/new" if page.can("createGroupServiceAccount") else "",
        "add": page.asked.path + "/add" if page.can("inviteGroupServiceAccount") else "",
        "bulk": "",
    }


def _menu_here(page: Page, account: ListedAccount) -> Sequence[Mapping[str, Any] | None]:
    here, found = f"{page.asked.path}/{client_id_of(account.id)}", list[Mapping[str, Any] | None]()
    if page.can("updateGroupServiceAccount"):
        found.append({"label": page.t("shared.change_roles"), "icon": "shield", "href": f"{here}/roles"})
    if page.can("deleteGroupServiceAccount"):
        text = page.t("accounts.take_off_step")
        found.append({"label": text, "icon": "trash", "danger": True, "action": f"{here}/remove"})
    return found


@export(
    f"{_IN_PROJECT}.csv", id="exportProjectServiceAccounts", requires=_READ_HERE, on=InProject(),
    columns=ACCOUNT_COLUMNS,
)  # fmt: skip
def export_project_accounts(page: Page, after: str | None) -> Batch:
    """Return the service accounts on the project that the filters ask for, some at a time."""
    return account_batch(page, after)

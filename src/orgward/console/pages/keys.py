"""The API keys of an organization: what they may do, from where, and which of them need a look (rules 72-82)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from orgward.app.targets import InOrganization
from orgward.console.frame.declaration import Batch, export, page
from orgward.console.frame.page import Page
from orgward.console.listing.key_listing import KEY_COLUMNS, key_batch, key_listing
from orgward.store.reads.key_list import ListedKey

_READ: Final = ("org.api_keys.read",)
_PATH: Final = "/o/{orgId}/keys"


@page(_PATH, id="showKeys", requires=_READ, on=InOrganization(), template="keys.html", scope="organization")
def show_keys(page: Page) -> Mapping[str, Any]:
    """Return the keys that the filters ask for, with such roles on projects as the viewer may know of."""
    return {
        **key_listing(page, _menu),
        "heading": page.t("keys.title"),
        "lead": page.t("keys.lead"),
        "empty": page.t("keys.empty"),
        "key_href": f"/o/{page.resource.id}/keys/",
        "new": page.asked.path + "/new" if page.can("createOrgApiKey") else "",
        "add": "",
        "bulk": f"{page.asked.path}/bulk" if page.can("deleteOrgApiKey") else "",
    }


def _menu(page: Page, key: ListedKey) -> Sequence[Mapping[str, Any] | None]:
    here, found = f"{page.asked.path}/{key.id}", list[Mapping[str, Any] | None]()
    if page.can("updateOrgApiKey"):
        found.append({"label": page.t("shared.change_roles"), "icon": "shield", "href": f"{here}/roles"})
    if page.can("createOrgApiKeyAccessListEntry"):
        found.append({"label": page.t("keys.addresses_step"), "icon": "world-pin", "href": f"{here}#addresses"})
    if page.can("deleteOrgApiKey"):
        delete = {"label": page.t("shared.delete_step"), "icon": "trash", "danger": True, "href": f"{here}#danger"}
        found += [None, delete]
    return found


@export(f"{_PATH}.csv", id="exportKeys", requires=_READ, on=InOrganization(), columns=KEY_COLUMNS)
def export_keys(page: Page, after: str | None) -> Batch:
    """Return the keys that the filters ask for, some at a time."""
    return key_batch(page, after)

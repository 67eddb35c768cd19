"""The federation of an organization: founded, used, joined by others, left (rules 45, 58, 95-101)."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from orgward.app.targets import InOrganization
from orgward.console.changing.calls import ApiCall
from orgward.console.changing.checking import checked
from orgward.console.changing.role_choices import choices_of, roles_to_give
from orgward.console.changing.summary import Chip, Difference, Summary
from orgward.console.frame.declaration import Goto, Plan, form, page
from orgward.console.frame.page import Page, Posted
from orgward.console.listing.naming import place_named
from orgward.console.pages.settings import settings_model
from orgward.directory import federation, identity_providers
from orgward.store.view import Row, SqlView

HERE: Final = "/o/{orgId}/settings/federation"
_UPDATE: Final = "org.federation.update"
_NOWHERE: Final = "0" * 24
"""What stands for the federation of an organization that is in none: nothing has this id."""

TABS: Final = (("overview", ""), ("providers", "/providers"), ("domains", "/domains"), ("mappings", "/mappings"))
"""The parts of the pages about a federation."""


def connected(view: SqlView, org: str) -> Row | None:
    """Return how the organization is in a federation, None if it is in none."""
    return view.get("connected_organizations", org)


def federation_posted(posted: Posted) -> str:
    """Return the federation of the organization that the form is about; the API answers whoever may not know it."""
    row = connected(posted.view, posted.values["orgId"])
    return _NOWHERE if row is None else str(row["federation_id"])


def model_of(page: Page, current: str) -> dict[str, Any]:
    """Return what every page about a federation shows: the frame of the settings, and its parts."""
    base = f"/o/{page.resource.org}/settings/federation"
    row = connected(page.view, page.resource.org or "")
    return {
        **settings_model(page, "federation"),
        "url": page.asked.path,
        "base": base,
        "federation": row and row["federation_id"],
        "may_update": page.holds(_UPDATE),
        "parts": [
            {"href": base + path, "label": page.t(f"federation.{name}"), "current": name == current}
            for name, path in TABS
        ],
    }


def said(posted: Posted, title: str, lines: Sequence[Difference], **more: Any) -> Summary:
    """Return the summary of a change of the federation, which leads back to the page with the form."""
    base, words = HERE.format(orgId=posted.values["orgId"]), posted.words
    crumbs = [(words("settings.title"), base.replace("federation", "general")), (words("settings.federation"), base)]
    told = {"back": posted.path, "then": base, "crumbs": crumbs, "org": posted.values["orgId"], **more}
    return Summary(title=title, lines=lines, **told)


@page(
    HERE, id="showFederationSettings", requires=("org.federation.read",), on=InOrganization(),
    template="federation.html", scope="organization", entry="showSettings",
)  # fmt: skip
def show_federation(page: Page) -> Mapping[str, Any]:
    """Return how the organization uses its federation, and which others are in it."""
    row = connected(page.view, page.resource.org or "")
    return {**model_of(page, "overview"), **({} if row is None else _used(page, row))}


def _used(page: Page, row: Row) -> dict[str, Any]:
    document, org = json.loads(row["document"]), page.resource.org or ""
    providers = identity_providers.of_federation(page.view, row["federation_id"])
    people = [(each["id"], each["display_name"]) for each in providers if each["kind"] == "WORKFORCE"]
    families = choices_of(page, roles_to_give(page, page.resource), org)
    again = bool(page.asked.posted)
    return {
        "row": row,
        "providers": [("", page.t("federation.no_provider")), *people],
        "provider": page.posted("provider", row["identity_provider_id"] or ""),
        "options": [option for family in families for option in family["options"]],
        "defaults": page.asked.posted.get("roles", ()) if again else document[federation.DEFAULT_ROLES],
        "lines": page.posted("domains", "\n".join(document[federation.ALLOW_LIST])),
        **_neighbours(page, row),
    }


def _neighbours(page: Page, row: Row) -> dict[str, Any]:
    """Return the organizations of the federation that the viewer manages, how many others, and who could join."""
    mine = page.context.visible(_UPDATE).resources
    rows = federation.connected_to(page.view, row["federation_id"])
    free = [org for org in sorted(mine) if page.facts.attribute("organizations", org) and not connected(page.view, org)]
    shown = [each["org_id"] for each in rows if each["org_id"] in mine]
    return {
        "connected": [(org, place_named(page.view, org)) for org in shown],
        "n_connected": len(rows),
        "free": [(org, place_named(page.view, org)) for org in free],
    }


@form(
    HERE,
    acts=[
        "createOrgFederation", "connectOrgToFederation", "updateFederationSettingConnectedOrgConfig",
        "removeFederationSettingConnectedOrgConfig", "deleteFederationSetting",
    ],
)  # fmt: skip
def change_federation(posted: Posted) -> Plan:
    """Found the federation or take an organization in at once; lead to the check of everything else."""
    org, act = posted.values["orgId"], posted.one("do")
    here, words = HERE.format(orgId=org), posted.words
    values = {"federationSettingsId": federation_posted(posted)}
    if act == "found":
        call = ApiCall(operation="createOrgFederation", values={"orgId": org})
        return Plan(calls=[call], then=Goto(url=here, done="federation.founded"))
    if act == "connect":
        call = ApiCall(operation="connectOrgToFederation", values=values, body={"orgId": posted.one("org")})
        return Plan(calls=[call], then=Goto(url=here, done="federation.joined"))
    if act in _ENDS:
        operation, title, scope = _ENDS[act]
        values |= {"orgId": org} if scope else {}
        line = Difference(icon="unlink", name=words(title), note=words(f"{title}_note"))
        summary = said(posted, words(title), [line], done=f"{title}_done", act=words(title))
        return checked(posted, [ApiCall(operation=operation, values=values)], summary)
    return _configured(posted, {**values, "orgId": org})


_ENDS: Final[Mapping[str, tuple[str, str, bool]]] = {
    "leave": ("removeFederationSettingConnectedOrgConfig", "federation.leave", True),
    "delete": ("deleteFederationSetting", "federation.delete", False),
}
"""What ends something: the operation, the words, and whether it is about the organization alone."""


def _configured(posted: Posted, values: Mapping[str, str]) -> Plan:
    words, row = posted.words, connected(posted.view, values["orgId"])
    before = json.loads(row["document"])[federation.DEFAULT_ROLES] if row else []
    body = {
        "identityProviderId": posted.one("provider") or None,
        "postAuthRoleGrants": posted.many("roles"),
        "instantUserProvisioningDisabled": not posted.has("joins"),
        "domainRestrictionEnabled": posted.has("restricted"),
        "domainAllowList": posted.raw("domains").split(),
    }
    states = {True: words("settings.on"), False: words("settings.off")}
    provider = identity_provider_name(posted, posted.one("provider")) or words("federation.no_provider")
    lines = [
        Difference(icon="login", name=words("federation.provider"), place=provider),
        Difference(
            icon="shield", name=words("federation.defaults"), before=_chips(before), after=_chips(posted.many("roles"))
        ),
        Difference(icon="user-plus", name=words("federation.joins"), place=states[posted.has("joins")]),
        Difference(icon="world", name=words("federation.restricted"), place=states[posted.has("restricted")]),
    ]
    call = ApiCall(operation="updateFederationSettingConnectedOrgConfig", values=values, body=body)
    return checked(posted, [call], said(posted, words("federation.use"), lines, done="settings.saved"))


def _chips(roles: Sequence[str]) -> list[Chip]:
    return [Chip(role=role, source="mapping") for role in roles]


def identity_provider_name(posted: Posted, provider: str) -> str:
    """Return what a provider of the organization's federation is called, nothing for any other one."""
    row = posted.view.get("identity_providers", provider) if provider else None
    return str(row["display_name"]) if row and row["federation_id"] == federation_posted(posted) else ""

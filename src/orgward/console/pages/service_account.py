"""One service account: its roles, secrets and addresses; suspended and deleted, in its organization or on a project."""

from collections.abc import Mapping
from typing import Any, Final

from orgward.app.targets import InOrganization, InProject
from orgward.console.changing.account_acts import (
    FIELDS,
    IN_ORGANIZATION,
    ON_PROJECT,
    Acts,
    account_row,
    change_account,
    said,
)
from orgward.console.changing.account_programs import LET_IN, PROGRAMS, PUT_OUT, programs_shown
from orgward.console.changing.calls import ApiCall
from orgward.console.changing.checking import checked
from orgward.console.changing.machines import held_chips
from orgward.console.changing.secret_hours import hours_offered
from orgward.console.changing.summary import Difference
from orgward.console.frame.declaration import Plan, form, page
from orgward.console.frame.page import Page, Posted
from orgward.console.frame.problems import faults_of, problem_of
from orgward.console.listing.accounts_shown import account_shown
from orgward.console.listing.keys_shown import places_of
from orgward.console.listing.naming import place_named
from orgward.edge.inner import account_in, account_of_organization, account_on_project
from orgward.kernel.errors import RefusedError
from orgward.kernel.resource import ResourceRef
from orgward.store.reads.account_list import listed_account

_ACCOUNT: Final = "/o/{orgId}/accounts/{clientId}"
_ACCOUNT_HERE: Final = "/p/{groupId}/accounts/{clientId}"
_TEMPLATE: Final = "account.html"
_STATES: Final = {"suspend": "suspendOrgServiceAccount", "reactivate": "reactivateOrgServiceAccount"}


@page(
    _ACCOUNT, id="showServiceAccount", requires=("org.service_accounts.read",), on=InOrganization(),
    inner=account_of_organization, template=_TEMPLATE, scope="organization", entry="showServiceAccounts",
)  # fmt: skip
def show_account(page: Page) -> Mapping[str, Any]:
    """Return the account with its roles by place, its secrets, its addresses, and what may be done with it."""
    return _shown(page, IN_ORGANIZATION)


@page(
    _ACCOUNT_HERE, id="showProjectServiceAccount", requires=("project.service_accounts.read",), on=InProject(),
    inner=account_on_project, template=_TEMPLATE, scope="project", entry="showProjectServiceAccounts",
)  # fmt: skip
def show_project_account(page: Page) -> Mapping[str, Any]:
    """Return the account with its roles here, its secrets, its addresses, and what may be done with it here."""
    return _shown(page, ON_PROJECT)


def _shown(page: Page, acts: Acts) -> dict[str, Any]:
    org, id_ = page.resource.org or "", account_in(page.values)
    account = listed_account(page.view, org, id_, now=page.now, only=page.resource.project or "")
    secrets = page.view.find("service_account_secrets", account_id=id_)
    return {
        "url": page.asked.path,
        "list": page.asked.path.rpartition("/")[0],
        "account": account_shown(page, account),
        "acts": acts,
        "organization": place_named(page.view, org),
        "places": [{**place, "menu": _menu(page, place["ref"])} for place in places_of(page, account)],
        "secrets": [{**row, "is_over": row["expires_at"] <= page.now} for row in secrets],
        "entries": page.view.find("api_key_access", key_id=id_),
        "own": page.principal.address,
        "fault": problem_of(page),
        "faults": faults_of(page.t, page.asked.problem),
        "faulty": next((field for field in (*FIELDS, *_STATES, *PROGRAMS, "name") if field in page.asked.posted), ""),
        **hours_offered(page),
        **programs_shown(page),
    }


def _menu(page: Page, ref: ResourceRef) -> list[dict[str, Any]]:
    client, menu = page.values["clientId"], list[dict[str, Any]]()
    change = {"label": page.t("shared.change_roles"), "icon": "shield"}
    if not ref.project:
        here = f"/o/{ref.id}/accounts/{client}"
        may = page.can("updateOrgServiceAccount", ref)
        return [{**change, "href": f"{here}/roles"}] if may else []
    here = f"/p/{ref.project}/accounts/{client}"
    if page.can("updateGroupServiceAccount", ref):
        menu.append({**change, "href": f"{here}/roles"})
    if page.can("deleteGroupServiceAccount", ref):
        text = page.t("accounts.take_off_step")
        menu.append({"label": text, "icon": "trash", "danger": True, "action": f"{here}/remove"})
    return menu


@form(_ACCOUNT_HERE, acts=ON_PROJECT.all)
def change_project_account(posted: Posted) -> Plan:
    """Describe the account at once; lead to the check of a secret, or of another access list."""
    return change_account(posted, ON_PROJECT)


@form(_ACCOUNT, acts=[*IN_ORGANIZATION.all, *_STATES.values(), LET_IN, PUT_OUT, "deleteOrgServiceAccount"])
def change_organization_account(posted: Posted) -> Plan:
    """Describe the account at once; lead to the check of everything else that is done to it."""
    for verb in _STATES:
        if verb in posted.fields:
            return _set_state(posted, verb)
    for field, act in PROGRAMS.items():
        if field in posted.fields:
            return act(posted)
    return _delete(posted) if "name" in posted.fields else change_account(posted, IN_ORGANIZATION)


def _set_state(posted: Posted, verb: str) -> Plan:
    words, name = posted.words, str(account_row(posted)["name"])
    line = Difference(icon="robot", name=name, note=words(f"accounts.{verb}_text"))
    summary = said(posted, [line], act=words(f"shared.{verb}_name", name=name), done=f"accounts.{verb}_done")
    return checked(posted, [ApiCall(operation=_STATES[verb], values=posted.values)], summary)


def _delete(posted: Posted) -> Plan:
    words, name, org = posted.words, str(account_row(posted)["name"]), posted.values["orgId"]
    account = account_in(posted.values)
    rows = posted.view.find("assignments", holder_id=account, org_id=org)
    lines = [
        Difference(icon="robot", name=name, place=place_named(posted.view, scope), before=chips)
        for scope in sorted({row["scope_id"] for row in rows}, key=lambda scope: (scope != org, scope))
        if (chips := held_chips(posted, account, scope))
    ]
    told = {"then": f"/o/{org}/accounts", "done": "accounts.deleted", "act": words("shared.delete_name", name=name)}
    call = ApiCall(operation="deleteOrgServiceAccount", values=posted.values)
    plan = checked(posted, [call], said(posted, lines, **told))
    if posted.one("name") != name.strip():
        raise RefusedError("NAME_NOT_TYPED", name)
    return plan

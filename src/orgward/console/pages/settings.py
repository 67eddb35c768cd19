"""Settings of an organization: name and contacts, security, sessions, addresses, its end (rules 82, 86-93, 102)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from orgward.app.targets import InOrganization
from orgward.console.changing.calls import ApiCall
from orgward.console.changing.summary import Difference, Summary
from orgward.console.frame.declaration import Goto, Plan, form, page
from orgward.console.frame.page import Page, Posted
from orgward.console.frame.problems import problems_of
from orgward.directory import settings, ui_access_list
from orgward.engine.authorized import is_in
from orgward.kernel.errors import FieldFault, MalformedError, NotFoundError, RefusedError
from orgward.store.reads.counts import member_tiles
from orgward.store.view import Row, SqlView

_READ: Final = ("org.settings.read",)
TABS: Final = (
    ("general", "id"),
    ("security", "shield-lock"),
    ("sessions", "clock"),
    ("addresses", "world-pin"),
    ("federation", "login"),
    ("danger", "alert-triangle"),
)
"""The pages of the settings, with their icons."""

_ABSOLUTE_HOURS: Final = range(1, 13)
_IDLE_MINUTES: Final = (5, 10, 15, 30, 60, 120, 240, 480, 720)


Reading = Callable[[Page], Mapping[str, Any]]


def _page_of(name: str) -> str:
    return "showSettings" if name == "general" else f"show{name.title()}Settings"


def _tab(name: str) -> Callable[[Reading], Reading]:
    return page(
        f"/o/{{orgId}}/settings/{name}", id=_page_of(name),
        requires=_READ, on=InOrganization(), template=f"settings_{name}.html", scope="organization",
        entry="showSettings",
    )  # fmt: skip


def settings_model(page: Page, current: str) -> dict[str, Any]:
    """Return what every page of the settings shows: the organization, the list of pages, what was wrong."""
    org = page.resource.org or ""
    base = f"/o/{org}/settings"
    return {
        "organization": page.view.get("organizations", org),
        "tabs": [
            {"href": f"{base}/{name}", "label": page.t(f"settings.{name}"), "icon": icon, "current": name == current,
             "danger": name == "danger"}
            for name, icon in TABS
            if page.can(_page_of(name))
        ],
        **problems_of(page),
        "settings": settings.of_organization(page.view, org),
        "contacts": settings.contacts_of(page.view, org),
    }  # fmt: skip


def _path(posted: Posted, tab: str) -> str:
    return f"/o/{posted.values['orgId']}/settings/{tab}"


def _update(posted: Posted, body: Mapping[str, Any]) -> ApiCall:
    return ApiCall(operation="updateOrgSettings", values={"orgId": posted.values["orgId"]}, body=body)


# ---------------------------------------------------------------- general


@_tab("general")
def show_general(page: Page) -> Mapping[str, Any]:
    """Return name and contacts of the organization."""
    model, problem = settings_model(page, "general"), page.asked.problem
    is_about_name = problem is not None and problem.code == "INVALID_ORG_NAME"
    fault = model["faults"].get("name") or (model["problem"] if is_about_name else "")
    return {**model, "name_fault": fault, "problem": "" if fault else model["problem"]}


@form("/o/{orgId}/settings/general", acts=["updateOrg", "updateOrgSettings"])
def save_general(posted: Posted) -> Plan:
    """Save name and contacts; what the form did not show stays."""
    calls = []
    row = posted.view.get("organizations", posted.values["orgId"]) or {}
    if "name" in posted.fields and posted.one("name") != row["name"]:
        values = {"orgId": posted.values["orgId"]}
        calls.append(ApiCall(operation="updateOrg", values=values, body={"name": posted.one("name")}))
    kept = settings.contacts_of(posted.view, posted.values["orgId"])
    named = {kind: posted.one(kind) for kind in settings.CONTACTS if kind in posted.fields}
    changed = {kind: address or None for kind, address in named.items() if address != kept.get(kind, "")}
    if changed:
        calls.append(_update(posted, changed))
    return Plan(calls=calls, then=Goto(url=_path(posted, "general"), done="settings.saved"))


# ---------------------------------------------------------------- security


@_tab("security")
def show_security(page: Page) -> Mapping[str, Any]:
    """Return what the organization requires, and whom that would lock out."""
    org = page.resource.org or ""
    return {
        **settings_model(page, "security"),
        "without_factor": _without_factor(page.view, org, page.now),
        "n_members": page.view.count("members", org_id=org, state="active"),
        "without_list": _without_list(page.view, org),
        "n_keys": page.view.count("api_keys", org_id=org),
        "can_mfa": page.holds("org.mfa_requirement.update"),
        "can_list": page.holds("org.api_access_list_requirement.update"),
        "has_factor": bool(page.principal.factor),
    }


def _without_factor(view: SqlView, org: str, now: int) -> int:
    return member_tiles(view, org, idle_since=now, now=now).without_factor


def _without_list(view: SqlView, org: str) -> int:
    listed = {row["key_id"] for row in view.find("api_key_access", org_id=org)}
    return view.count("api_keys", org_id=org) - len(listed)


@form("/o/{orgId}/settings/security", acts=["updateOrgSettings"])
def save_security(posted: Posted) -> Plan:
    """Check, then save what the organization requires of people and keys."""
    org = posted.values["orgId"]
    kept = settings.of_organization(posted.view, org)
    shown = [name for name in (settings.MFA_REQUIRED, settings.LIST_REQUIRED) if f"shown_{name}" in posted.fields]
    changed = {name: posted.has(name) for name in shown if posted.has(name) != kept[name]}
    if not changed:
        return Plan(then=Goto(url=_path(posted, "security"), done="settings.nothing_changed"))
    lines = [_line(posted, name, wanted=wanted) for name, wanted in changed.items()]
    return _checked(posted, "security", [_update(posted, changed)], lines)


def _line(posted: Posted, name: str, *, wanted: bool) -> Difference:
    org, words = posted.values["orgId"], posted.words
    note = ""
    if wanted and name == settings.MFA_REQUIRED:
        note = words("settings.mfa_locks", n=_without_factor(posted.view, org, posted.now))
    elif wanted:
        note = words("settings.list_locks", n=_without_list(posted.view, org))
    state = words("settings.on" if wanted else "settings.off")
    icon = "shield-lock" if name == settings.MFA_REQUIRED else "key"
    return Difference(icon=icon, name=words(f"settings.{name}"), place=state, note=note)


def _checked(posted: Posted, tab: str, calls: Sequence[ApiCall], lines: Sequence[Difference]) -> Plan:
    path = _path(posted, tab)
    words = posted.words
    crumbs = [(words("settings.title"), _path(posted, "general")), (words(f"settings.{tab}"), path)]
    summary = Summary(
        title=words("settings.check"), lines=lines, back=path, then=path, done="settings.saved", crumbs=crumbs
    )  # fmt: skip
    return Plan(calls=calls, summary=summary, then=Goto(url=path))


# ---------------------------------------------------------------- sessions


@_tab("sessions")
def show_sessions(page: Page) -> Mapping[str, Any]:
    """Return how long sessions of members last (rule 90)."""
    return {
        **settings_model(page, "sessions"),
        "hours": [(hour * 3600, page.t("settings.hours", n=hour)) for hour in _ABSOLUTE_HOURS],
        "minutes": [(minute * 60, page.t("settings.minutes", n=minute)) for minute in _IDLE_MINUTES],
        "can_save": page.holds("org.session_timeouts.update"),
    }


@form("/o/{orgId}/settings/sessions", acts=["updateOrgSettings"])
def save_sessions(posted: Posted) -> Plan:
    """Check, then save how long sessions of members last; they count from the next sign-in."""
    absolute, idle = (_seconds(posted, name) for name in ("absolute", "idle"))
    limits = {settings.ABSOLUTE: absolute, settings.IDLE: idle}
    words = posted.words
    shown = [
        words("settings.hours", n=absolute // 3600) if absolute else words("settings.no_limit"),
        words("settings.minutes", n=idle // 60) if idle else words("settings.no_limit"),
    ]
    lines = [
        Difference(icon="clock", name=words("settings.absolute"), place=shown[0]),
        Difference(icon="clock", name=words("settings.idle"), place=shown[1], note=words("settings.next_sign_in")),
    ]
    return _checked(posted, "sessions", [_update(posted, {settings.TIMEOUTS: limits})], lines)


def _seconds(posted: Posted, name: str) -> int | None:
    text = posted.one(name)
    if text and not (text.isascii() and text.isdigit() and len(text) < 7):
        raise MalformedError("INVALID_ATTRIBUTE", name, fields=[FieldFault(name, "is no number")])
    return int(text) if text else None


# ---------------------------------------------------------------- addresses


@_tab("addresses")
def show_addresses(page: Page) -> Mapping[str, Any]:
    """Return from which addresses people open the organization (rule 89)."""
    found = ui_access_list.of(page.view, page.resource.org or "")
    lines = "\n".join(f"{entry.cidr} {entry.comment}".strip() for entry in found.entries)
    return {
        **settings_model(page, "addresses"),
        "is_on": found.enabled,
        "entries": found.entries,
        "lines": page.posted("entries", lines),
        "mine": page.principal.address,
    }


@form("/o/{orgId}/settings/addresses", acts=["replaceOrgUiAccessList"])
def save_addresses(posted: Posted) -> Plan:
    """Check, then save the list: a line is an address or a block, and a note behind it."""
    parts = [line.strip().partition(" ") for line in posted.raw("entries").split("\n") if line.strip()]
    entries = [{"cidr": cidr, "comment": comment.strip()} for cidr, _, comment in parts]
    is_on, words = posted.has("enabled"), posted.words
    call = ApiCall(
        operation="replaceOrgUiAccessList", values={"orgId": posted.values["orgId"]},
        body={"enabled": is_on, "entries": entries},
    )  # fmt: skip
    note = words("settings.addresses_lock") if is_on else ""
    line = Difference(
        icon="world-pin", name=words("settings.addresses"), place=words("settings.on" if is_on else "settings.off"),
        note=" ".join([words("settings.n_entries", n=len(entries)), note]).strip(),
    )  # fmt: skip
    return _checked(posted, "addresses", [call], [line])


# ---------------------------------------------------------------- danger


@_tab("danger")
def show_danger(page: Page) -> Mapping[str, Any]:
    """Return what leaving and deleting the organization would mean."""
    org = page.resource.org or ""
    return {
        **settings_model(page, "danger"),
        "n_members": page.view.count("members", org_id=org, state="active"),
        "n_teams": page.view.count("teams", org_id=org),
        "n_keys": page.view.count("api_keys", org_id=org),
        "n_projects": page.view.count("projects", org_id=org),
    }


@form("/o/{orgId}/settings/leave", acts=["leaveOrg"])
def leave(posted: Posted) -> Plan:
    """Check, then leave the organization."""
    org, words = posted.values["orgId"], posted.words
    row = _organization(posted)
    back = _path(posted, "danger")
    line = Difference(icon="logout", name=words("settings.you"), place=words("settings.leave_place", name=row["name"]))
    summary = Summary(title=words("settings.leave"), lines=[line], back=back, then="/", done="settings.left")
    call = ApiCall(operation="leaveOrg", values={"organizationId": org})
    return Plan(calls=[call], summary=summary, then=Goto(url="/"))


@form("/o/{orgId}/settings/danger", acts=["deleteOrg"])
def delete(posted: Posted) -> Plan:
    """Delete the organization, if its name was typed."""
    org, row = posted.values["orgId"], _organization(posted)
    if posted.one("name") != row["name"]:
        raise RefusedError("NAME_NOT_TYPED", row["name"])
    call = ApiCall(operation="deleteOrg", values={"orgId": org})
    return Plan(calls=[call], then=Goto(url="/", done="settings.deleted", params={"name": row["name"]}))


def _organization(posted: Posted) -> Row:
    """Return the organization that the form is about, if whoever posts it is in it."""
    org = posted.values["orgId"]
    row = posted.view.get("organizations", org)
    if row is None or not is_in(posted.facts, posted.principal, org):
        raise NotFoundError("ORG_NOT_FOUND", org)
    return row

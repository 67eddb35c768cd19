"""Settings of a project: its name, what is switched on in it, and what is hard to undo (rules 94, 105, 106, 130)."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from orgward.app.gates import require_recent_proof
from orgward.app.targets import InProject
from orgward.console.changing.calls import ApiCall
from orgward.console.changing.checking import checked
from orgward.console.changing.role_choices import edition_at
from orgward.console.changing.summary import Chip, Difference, Summary
from orgward.console.frame.declaration import Goto, Plan, form, page
from orgward.console.frame.page import Page, Posted
from orgward.console.frame.problems import problem_of
from orgward.directory.settings import of_project
from orgward.kernel.errors import FieldFault, MalformedError, OrgwardError
from orgward.kernel.instants import FOREVER
from orgward.kernel.resource import ResourceRef
from orgward.store.reads.counts import project_counts

_READ: Final = ("project.settings.read",)
_GENERAL: Final = "/p/{groupId}/settings/general"
_DANGER: Final = "/p/{groupId}/settings/danger"
_MOVE: Final = "org.projects.move"

_OTHERWISE: Final = "project.settings.update"
_SWITCHES: Final[Mapping[str, Mapping[str, str]]] = {
    "data_explorer": {
        "isDataExplorerEnabled": "project.settings.data_explorer.toggle",
        "isDataExplorerGenAIFeaturesEnabled": _OTHERWISE,
        "isDataExplorerGenAISampleDocumentPassingEnabled": _OTHERWISE,
        "isSchemaAdvisorEnabled": _OTHERWISE,
        "isDataValidationEnabled": _OTHERWISE,
    },
    "performance": {
        "isPerformanceAdvisorEnabled": "project.settings.performance_advisor.toggle",
        "isRealtimePerformancePanelEnabled": "project.settings.rtpp.toggle",
        "isCollectDatabaseSpecificsStatisticsEnabled": _OTHERWISE,
    },
    "clusters": {
        "isExtendedStorageSizesEnabled": _OTHERWISE,
        "isNativeRerankingEnabled": _OTHERWISE,
    },
    "assistants": {
        "isAtlasHomePageAiAssistantEnabled": _OTHERWISE,
        "isClusterAiAssistantEnabled": _OTHERWISE,
    },
}
"""The switches of a project in groups, each with the privilege that turns it."""


def _side_tabs(page: Page, current: str) -> list[dict[str, Any]]:
    base = f"/p/{page.resource.id}/settings"
    tabs = [("general", "id", False), ("danger", "alert-triangle", True)]
    return [
        {
            "href": f"{base}/{name}", "label": page.t(f"project_settings.tab_{name}"), "icon": icon,
            "current": name == current, "danger": danger,
        }
        for name, icon, danger in tabs
    ]  # fmt: skip


# ---------------------------------------------------------------- general


@page(
    _GENERAL, id="showProjectSettings", requires=_READ, on=InProject(), template="project_settings.html",
    scope="project",
)  # fmt: skip
def show_project_settings(page: Page) -> Mapping[str, Any]:
    """Return the name of the project and its switches, each with whether the viewer may turn it."""
    row = page.view.get("projects", page.resource.id) or {}
    return {
        "url": page.asked.path,
        "side_tabs": _side_tabs(page, "general"),
        "project": row,
        "name": page.posted("name", row["name"]),
        "may_rename": page.holds("project.rename"),
        "groups": list(_cards(page)),
        "fault": problem_of(page, "name"),
        "faulty": page.posted("part"),
    }


def _cards(page: Page) -> Iterator[dict[str, Any]]:
    settings = of_project(page.view, page.resource.id)
    for group, switches in _SWITCHES.items():
        rows = [
            {"name": name, "is_on": bool(settings[name]), "may_turn": page.holds(privilege)}
            for name, privilege in switches.items()
        ]
        yield {"key": group, "rows": rows, "may_turn": any(row["may_turn"] for row in rows)}


@form(_GENERAL, acts=["updateGroup", "updateGroupSettings"])
def change_project(posted: Posted) -> Plan:
    """Rename the project, or turn the switches of a group that differ."""
    values, then = {"groupId": posted.values["groupId"]}, Goto(url=posted.path, done="project_settings.saved")
    if posted.one("part") == "name":
        call = ApiCall(operation="updateGroup", values=values, body={"name": posted.one("name")})
        return Plan(calls=[call], then=then)
    before = of_project(posted.view, values["groupId"])
    switches = _SWITCHES.get(posted.one("part"), {})
    changed = {name: posted.has(name) for name in switches if posted.has(name) != before[name]}
    if not changed:
        return Plan(then=Goto(url=posted.path))
    return Plan(calls=[ApiCall(operation="updateGroupSettings", values=values, body=changed)], then=then)


# ---------------------------------------------------------------- danger zone


@page(
    _DANGER, id="showProjectDanger", requires=_READ, on=InProject(), template="project_danger.html", scope="project",
    entry="showProjectSettings",
)  # fmt: skip
def show_project_danger(page: Page) -> Mapping[str, Any]:
    """Return what is hard to undo: leaving, moving, deleting; each with what it does, in numbers."""
    project = page.resource.id
    return {
        "url": page.asked.path,
        "side_tabs": _side_tabs(page, "danger"),
        "name": (page.view.get("projects", project) or {"name": project})["name"],
        "leaving": _leaving(page),
        "destinations": _destinations(page) if page.can("migrateGroup") else None,
        "destination": page.posted("destination"),
        "numbers": project_counts(page.view, project, page.now),
        "may_delete": page.can("deleteGroup"),
        "is_proven": _is_proven(page),
        "fault": problem_of(page, "name"),
        "faulty": page.posted("part"),
        "edition": edition_at(page, page.resource.org or "").title,
    }


def _leaving(page: Page) -> dict[str, Any] | None:
    """Return how many roles somebody gives up who leaves, and which stay; None for whoever was never added."""
    project, me = page.resource.id, page.principal.id
    row = page.view.get("project_members", project, me)
    if row is None or row["state"] != "active":
        return None
    direct = page.view.find("assignments", holder_id=me, scope_id=project)
    stays = any(path.via != "direct" for _, path in page.facts.paths(me, project, page.now))
    return {"n": len(direct), "stays": stays}


def _destinations(page: Page) -> list[tuple[str, str]]:
    """Return the other organizations of this edition that the viewer may move a project to."""
    return sorted(_places(page), key=lambda place: place[1].casefold())


def _places(page: Page) -> Iterator[tuple[str, str]]:
    here, edition = page.resource.org, edition_at(page, page.resource.org or "")
    for member in page.view.find("members", user_id=page.principal.id, state="active"):
        org = ResourceRef("organization", member["org_id"], org=member["org_id"])
        row = page.view.get("organizations", org.id)
        if row is not None and org.id != here and row["edition"] == edition.name and page.holds(_MOVE, org):
            yield row["id"], row["name"]


def _is_proven(page: Page) -> bool:
    try:
        require_recent_proof(page.view, page.principal, page.now)
    except OrgwardError:
        return False
    return True


@form(f"{_DANGER}/leave", acts=["leaveGroup"])
def leave_project(posted: Posted) -> Plan:
    """Lead to the check of leaving the project."""
    project, me, words = posted.values["groupId"], posted.principal.id, posted.words
    call = ApiCall(operation="leaveGroup", values={"projectId": project})
    held = posted.view.find("assignments", holder_id=me, scope_id=project)
    before = [Chip(role=row["role"], ends=row["ends"] if row["ends"] < FOREVER else None) for row in held]
    name = _name(posted, project)
    line = Difference(
        icon="logout", name=words("project_settings.yourself"), place=words("projects.on_place", place=name),
        before=before,
    )  # fmt: skip
    summary = Summary(
        title=words("shared.leave_name", name=name), lines=[line], back=f"/p/{project}/settings/danger",
        then=f"/o/{posted.facts.attribute('projects', project)}/projects", done="project_settings.left",
    )  # fmt: skip
    return checked(posted, [call], summary)


def _name(posted: Posted, project: str) -> str:
    return str((posted.view.get("projects", project) or {"name": project})["name"])


@form(_DANGER, acts=["deleteGroup", "migrateGroup"])
def act_dangerously(posted: Posted) -> Plan:
    """Delete the project whose name was typed, or lead to the check of moving it; both ask for a recent proof."""
    require_recent_proof(posted.view, posted.principal, posted.now)
    return _deletion(posted) if posted.one("part") == "delete" else _move(posted)


def _deletion(posted: Posted) -> Plan:
    project = posted.values["groupId"]
    name = _name(posted, project)
    if posted.one("name") != name:
        text = posted.words("project_settings.other_name")
        raise MalformedError("INVALID_ATTRIBUTE", "name", fields=[FieldFault("name", text)])
    call = ApiCall(operation="deleteGroup", values={"groupId": project})
    org = posted.facts.attribute("projects", project)
    return Plan(
        calls=[call], then=Goto(url=f"/o/{org}/projects", done="project_settings.deleted", params={"name": name})
    )


def _move(posted: Posted) -> Plan:
    project, there, words = posted.values["groupId"], posted.one("destination"), posted.words
    call = ApiCall(operation="migrateGroup", values={"groupId": project}, body={"destinationOrgId": there})
    row = posted.view.get("organizations", there) or {"name": there}
    line = Difference(
        icon="arrows-exchange", name=_name(posted, project),
        place=words("project_settings.to_place", place=row["name"]), note=words("project_settings.move_note"),
    )  # fmt: skip
    summary = Summary(
        title=words("project_settings.move_title", name=line.name), lines=[line], back=posted.path,
        then=f"/p/{project}/access", done="project_settings.moved",
        crumbs=[(words("project_settings.title"), f"/p/{project}/settings/general")],
    )  # fmt: skip
    return checked(posted, [call], summary)

"""Tags of a project: seen by whoever reads the project, changed with a privilege of their own (rule 106, 127)."""

import json
from collections.abc import Mapping
from typing import Any, Final

from orgward.app.targets import InProject
from orgward.console.changing.calls import ApiCall
from orgward.console.frame.declaration import Batch, Goto, Plan, export, form, page
from orgward.console.frame.page import Page, Posted
from orgward.console.frame.problems import faults_of, sentence_of
from orgward.kernel.errors import FieldFault, MalformedError
from orgward.store.view import SqlView

_READ: Final = ("project.read",)
_CHANGE: Final = "project.tags.update"
_PATH: Final = "/p/{groupId}/tags"


@page(_PATH, id="showTags", requires=_READ, on=InProject(), template="tags.html", scope="project")
def show_tags(page: Page) -> Mapping[str, Any]:
    """Return the tags of the project, with the one that `edit` names in the form."""
    tags = _tags(page.view, page.resource.id)
    edited = next((key for key in tags if key == page.posted("was", page.one("edit"))), "")
    may_change = page.holds(_CHANGE)
    return {
        "url": page.asked.path,
        "rows": [_row(page, key, value, may_change=may_change) for key, value in tags.items()],
        "may_change": may_change,
        "edited": edited,
        "key": page.posted("key", edited),
        "value": page.posted("value", tags.get(edited, "")),
        "faults": _faults(page),
    }


def _tags(view: SqlView, project: str) -> dict[str, str]:
    row = view.get("projects", project)
    return {tag["key"]: tag["value"] for tag in json.loads(row["tags"])} if row else {}


def _row(page: Page, key: str, value: str, *, may_change: bool) -> dict[str, Any]:
    menu = [
        {"label": page.t("shared.change"), "icon": "pencil", "href": page.link(edit=key)},
        {
            "label": page.t("shared.remove"), "icon": "trash", "danger": True,
            "action": f"{page.asked.path}/remove", "fields": {"key": key},
        },
    ]  # fmt: skip
    return {"key": key, "value": value, "menu": menu if may_change else []}


def _faults(page: Page) -> dict[str, str]:
    """Return what is wrong with the fields; whatever the API says of a tag is about its letters or their number."""
    error = page.asked.problem
    if error is None:
        return {}
    found = faults_of(page.t, error)
    if "key" in found:
        return found
    about_tags = any(name.startswith("tags") for name in found)
    return {"form": page.t("tags.rule") if about_tags else sentence_of(page.t, error)}


@export(f"{_PATH}.csv", id="exportTags", requires=_READ, on=InProject(), columns=("key", "value"))
def export_tags(page: Page, after: str | None) -> Batch:
    """Return the tags, all at once: a project has at most fifty."""
    return Batch(list(_tags(page.view, page.resource.id).items()), None)


@form(_PATH, acts=["updateGroup"])
def keep_tag(posted: Posted) -> Plan:
    """Add a tag, or put another in place of the one that `was`."""
    tags, key, was = _tags(posted.view, posted.values["groupId"]), posted.one("key"), posted.raw("was")
    if key in tags and key != was:
        fault = FieldFault("key", posted.words("tags.taken", key=key))
        raise MalformedError("INVALID_ATTRIBUTE", "key", fields=[fault])
    tags.pop(was, None)
    return _plan(posted, {**tags, key: posted.one("value")}, "tags.kept", key)


@form(f"{_PATH}/remove", acts=["updateGroup"])
def remove_tag(posted: Posted) -> Plan:
    """Remove a tag."""
    key = posted.raw("key")
    tags = _tags(posted.view, posted.values["groupId"])
    return _plan(posted, {name: value for name, value in tags.items() if name != key}, "tags.removed", key)


def _plan(posted: Posted, tags: Mapping[str, str], done: str, key: str) -> Plan:
    project = posted.values["groupId"]
    body = {"tags": [{"key": name, "value": value} for name, value in tags.items()]}
    call = ApiCall(operation="updateGroup", values={"groupId": project}, body=body)
    return Plan(calls=[call], then=Goto(url=f"/p/{project}/tags", done=done, params={"key": key}))

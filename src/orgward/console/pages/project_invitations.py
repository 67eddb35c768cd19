"""Invitations that give roles on a project; sent again, withdrawn here (rules 50-55)."""

from collections.abc import Mapping
from typing import Any, Final

from orgward.app.targets import InProject
from orgward.console.frame.declaration import Batch, Plan, export, form, page
from orgward.console.frame.page import Page, Posted
from orgward.console.frame.problems import problem_of
from orgward.console.listing.invitations_shown import INVITATION_COLUMNS, batch_of, listing_of
from orgward.console.listing.naming import place_named
from orgward.console.pages.invitations import IN_PROJECT, acting_on

_READ: Final = ("project.invitations.read",)
_PATH: Final = "/p/{groupId}/invitations"


@page(
    _PATH, id="showProjectInvitations", requires=_READ, on=InProject(), template="invitations.html", scope="project"
)  # fmt: skip
def show_project_invitations(page: Page) -> Mapping[str, Any]:
    """Return the invitations that give roles here; of what else they bring nothing is told."""
    return {
        **listing_of(page),
        "heading": page.t("invitations.of_project", project=place_named(page.view, page.resource.id)),
        "lead": page.t("invitations.lead_of_project"),
        "filters": {},
        "invite": f"/p/{page.resource.id}/access/add" if page.can("addGroupUsers") else "",
        "file": "",
        "problem": problem_of(page),
    }


@export(
    f"{_PATH}.csv", id="exportProjectInvitations", requires=_READ, on=InProject(), columns=INVITATION_COLUMNS
)  # fmt: skip
def export_project_invitations(page: Page, after: str | None) -> Batch:
    """Return the invitations that give roles here, some at a time."""
    return batch_of(page, after)


@form(_PATH, acts=IN_PROJECT)
def act_on_project_invitations(posted: Posted) -> Plan:
    """Send again, or take this project out of, the invitations that are selected."""
    project = posted.values["groupId"]
    return acting_on(posted, posted.facts.attribute("projects", project) or "", project)

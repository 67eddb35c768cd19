"""What it takes to end every way by which somebody reaches a project."""

from collections.abc import Sequence
from typing import Final

from orgward.catalog import EDITIONS
from orgward.console.changing.calls import ApiCall
from orgward.console.explaining.sight import Looking, kind_of
from orgward.console.frame.page import Page
from orgward.kernel.resource import ResourceRef

ENDING: Final = (
    "removeGroupUser", "removeOrgTeamUser", "updateOrgUser", "removeGroupApiKey", "updateOrgApiKey", "removeGroupTeam",
)  # fmt: skip
"""The operations that end ways."""

_LEAST: Final = "ORG_MEMBER"
"""What remains of somebody's organization roles when none of the others does: without any they were no member."""


def ending(page: Page, who: str, place: ResourceRef) -> Sequence[ApiCall] | None:
    """Return the calls that end every way of `who` to `place`, None unless the viewer may make them all."""
    if not place.project:
        return None
    if any(path.via == "mapping" for _, path in page.facts.paths(who, place.project, page.now)):
        return None  # what a mapping gives ends with the mapping
    calls = calls_to_end(page, who, place)
    organization = ResourceRef("organization", place.org or "", org=place.org)
    is_allowed = all(page.can(c.operation, place if "groupId" in c.values else organization) for c in calls)
    return calls if calls and is_allowed else None


def calls_to_end(looking: Looking, who: str, place: ResourceRef) -> list[ApiCall]:
    """Return the calls that end every way of `who` to the project."""
    project, org = place.project or "", place.org or ""
    paths = [path for allowed, path in looking.facts.paths(who, project, looking.now) if allowed]
    kind, calls = kind_of(looking.facts, who), list[ApiCall]()
    if any(path.via == "direct" for path in paths):
        calls.append(_off_project(kind, who, project))
    for team in dict.fromkeys(path.team for path in paths if path.team):
        values = {"orgId": org, "teamId": team}
        calls.append(ApiCall(operation="removeOrgTeamUser", values=values, body={"id": who}))
    if any(path.via == "organization_role" for path in paths):
        calls.append(_less_in_organization(looking, kind, who, org))
    return calls


def _off_project(kind: str, who: str, project: str) -> ApiCall:
    operation, name = {
        "user": ("removeGroupUser", "userId"),
        "api_key": ("removeGroupApiKey", "apiUserId"),
        "team": ("removeGroupTeam", "teamId"),
    }[kind]
    return ApiCall(operation=operation, values={"groupId": project, name: who})


def _less_in_organization(looking: Looking, kind: str, who: str, org: str) -> ApiCall:
    """Return the call that leaves of the organization roles those that reach no project."""
    edition = EDITIONS[looking.facts.attribute("organizations", org) or ""]
    held = [grant.role for grant in looking.facts.edges(who).get(org, ())]
    kept = [role for role in held if not edition.roles[role].in_projects] or [_LEAST]
    if kind == "api_key":
        return ApiCall(operation="updateOrgApiKey", values={"orgId": org, "apiUserId": who}, body={"roles": kept})
    body = {"roles": {"orgRoles": sorted(kept)}}
    return ApiCall(operation="updateOrgUser", values={"orgId": org, "userId": who}, body=body)

"""`/Groups`: the teams of an organization, which SCIM calls groups."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from orgward.app.acting import ground_of, outcome_of
from orgward.app.execute import Context
from orgward.app.targets import InOrganization
from orgward.directory import provisioning, teams
from orgward.directory.names import normal_name
from orgward.directory.team_members import teams_of
from orgward.edge.bodies import parse
from orgward.edge.endpoint import endpoint
from orgward.edge.inner import team_of_organization
from orgward.edge.replies import WithStatus
from orgward.kernel.errors import MalformedError
from orgward.scim.answers import (
    LISTED,
    SHOWN,
    answer,
    base_of,
    completed,
    list_of,
    projection_asked,
    window_of,
)
from orgward.scim.attributes import Resource
from orgward.scim.coercion import resource_of
from orgward.scim.errors import ROOT
from orgward.scim.filters import parse_filter
from orgward.scim.matching import test_of
from orgward.scim.patching import PatchBody, decode_changes, patched
from orgward.scim.people import encoded
from orgward.scim.projection import WHOLE, Projection
from orgward.scim.schemas import TEAM, USER
from orgward.scim.searching import Lookups, candidates, check_bound
from orgward.scim.users import TAG, ResourceBody
from orgward.store.reads.provisioned import (
    ids_by_external_id,
    people_of_teams,
    read_provisioned,
    teams_called,
)
from orgward.store.reads.teams import teams_page
from orgward.store.view import Row, SqlView
from orgward.store.writer import Outcome

_TEAMS: Final = f"{ROOT}/{{orgId}}/Groups"
_TEAM: Final = f"{_TEAMS}/{{teamId}}"
_CHANGING: Final = ("org.teams.rename", "org.teams.members.add", "org.teams.members.remove")
"""Any of these opens a change; what it does needs the one that goes with it."""


def decode_team(raw: bytes, kind: Any) -> Resource:
    """Return the team that a body describes; an empty list of members says that there are none."""
    sent = parse(raw, Any)
    found = resource_of(sent, TEAM)
    if "displayName" not in found:
        raise MalformedError("MISSING_ATTRIBUTE", "displayName")
    return found if "members" not in {name.lower() for name in sent} else {"members": [], **found}


@endpoint(
    "GET", _TEAMS, id="listScimGroups", requires=("org.teams.read",), on=InOrganization(), tag=TAG, parameters=LISTED
)
def list_teams(context: Context) -> dict[str, Any]:
    """List the teams of an organization by name, or those that a filter finds."""
    text, window, projection = context.call.query.parsed.values["filter"], window_of(context), _asked(context)
    if text:
        found = _found(context, text)
        return list_of([projection.of(team, TEAM) for team in window.of(found)], len(found), window.start)
    rows, total = teams_page(context.view, context.resource.id, window.count, window.offset)
    shown = _shown(context, context.view, rows, projection)
    return list_of([projection.of(team, TEAM) for team in shown], total, window.start)


def _asked(context: Context) -> Projection:
    return projection_asked(context, TEAM)


def _found(context: Context, text: str) -> list[Resource]:
    filter_ = parse_filter(text)
    fits = test_of(filter_, TEAM)
    ids = candidates(filter_, TEAM, _lookups(context))
    rows = _all(context) if ids is None else teams_called(context.view, context.resource.id, ids)
    return [team for team in _shown(context, context.view, rows) if fits(team)]


def _lookups(context: Context) -> Lookups:
    view, org = context.view, context.resource.id
    return {
        "id": lambda text: [text],
        "displayName": lambda text: [row["id"] for row in view.find("teams", org_id=org, name=normal_name(text))],
        "externalId": lambda text: ids_by_external_id(view, org, "Group", text),
        "members": lambda text: teams_of(view, org, text),
    }


def _all(context: Context) -> Sequence[Row]:
    view, org = context.view, context.resource.id
    total = view.count("teams", org_id=org)
    check_bound(total)
    return teams_page(view, org, total, 0)[0]


def _shown(context: Context, view: SqlView, rows: Sequence[Row], projection: Projection = WHOLE) -> list[Resource]:
    """Return the teams of `rows`; where nobody asks who is in them that is not read, and there is no version."""
    org, ids, base = context.resource.id, [row["id"] for row in rows], base_of(context)
    is_whole = projection.shows("members")
    people = people_of_teams(view, org, ids, context.now) if is_whole else {}
    kept = read_provisioned(view, org, ids)
    found = [_team(row, kept.get(row["id"]), people.get(row["id"], ()), base) for row in rows]
    for team in () if is_whole else found:
        del team["meta"]["version"]
    return found


def _team(row: Row, kept: Row | None, people: Iterable[str], base: str) -> Resource:
    resource: Resource = {
        "id": row["id"],
        "externalId": kept["external_id"] if kept else "",
        "displayName": row["name"],
        "members": [{"value": user, "type": "User", "$ref": f"{base}{USER.place}/{user}"} for user in people],
    }
    assigned = {name: value for name, value in resource.items() if value not in ("", [])}
    changed = max(row["created_at"], kept["updated_at"]) if kept else row["created_at"]
    return completed(TEAM, assigned, base, row["created_at"], changed)


@endpoint(
    "GET", _TEAM, id="getScimGroup", requires=("org.teams.read",), on=InOrganization(), inner=team_of_organization,
    tag=TAG, parameters=SHOWN,
)  # fmt: skip
def read_team(context: Context) -> WithStatus:
    """Return one team with who is in it."""
    return _answer(context, context.view, context.call.values["teamId"])


def _answer(context: Context, view: SqlView, team: str, *, status: int = 200) -> WithStatus:
    return answer(TEAM, _single(context, view, team), _asked(context), status=status)


def _single(context: Context, view: SqlView, team: str) -> Resource:
    return _shown(context, view, teams_called(view, context.resource.id, [team]))[0]


@endpoint(
    "POST", _TEAMS, id="createScimGroup", requires=("org.teams.create",), on=InOrganization(), tag=TAG, status=201,
    body=ResourceBody, decode=decode_team, parameters=SHOWN,
)  # fmt: skip
def create_team(context: Context) -> Outcome:
    """Make a team, which may be empty at first."""
    change = provisioning.add_team(ground_of(context), _said(context.call.body))
    return outcome_of(change, lambda view: _answer(context, view, str(change.target), status=201))


def _said(resource: Resource) -> provisioning.Team:
    return provisioning.Team(
        name=resource["displayName"],
        people=[found.get("value", "") for found in resource.get("members", ())],
        external_id=resource.get("externalId", ""),
        document=encoded({}),
    )


@endpoint(
    "PUT", _TEAM, id="replaceScimGroup", requires=_CHANGING, on=InOrganization(), inner=team_of_organization, tag=TAG,
    body=ResourceBody, decode=decode_team, parameters=SHOWN,
)  # fmt: skip
def replace_team(context: Context) -> Outcome:
    """Let a team have this name and these people; where the resource names no members, they stay."""
    before = _single(context, context.view, context.call.values["teamId"])
    return _changed(context, before, {"members": before.get("members", []), **context.call.body})


@endpoint(
    "PATCH", _TEAM, id="updateScimGroup", requires=_CHANGING, on=InOrganization(), inner=team_of_organization,
    tag=TAG, body=PatchBody, decode=decode_changes, parameters=SHOWN,
)  # fmt: skip
def update_team(context: Context) -> Outcome:
    """Rename a team, put people into it, or take them out."""
    body: PatchBody = context.call.body
    before = _single(context, context.view, context.call.values["teamId"])
    return _changed(context, before, patched(TEAM, before, body.operations))


def _changed(context: Context, before: Resource, wanted: Resource) -> Outcome:
    was, said = _said(before), _said(wanted)
    there, asked = set(was.people), set(said.people)
    needed = {
        "org.teams.rename": was.name != said.name,
        "org.teams.members.add": bool(asked - there),
        "org.teams.members.remove": bool(there - asked),
    }
    for privilege in (name for name, is_needed in needed.items() if is_needed):
        context.authorized_on((privilege,), context.resource)
    change = provisioning.change_team(ground_of(context), before["id"], said)
    return outcome_of(change, lambda view: _answer(context, view, before["id"]))


@endpoint(
    "DELETE", _TEAM, id="deleteScimGroup", requires=("org.teams.delete",), on=InOrganization(),
    inner=team_of_organization, tag=TAG, status=204,
)  # fmt: skip
def delete_team(context: Context) -> Outcome:
    """Delete a team that has no roles in any project."""
    return outcome_of(teams.delete(ground_of(context), context.call.values["teamId"]))

"""Forms about one member: their organization roles with when each ends, and the teams that they are in."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from orgward.app.targets import InOrganization
from orgward.console.changing.calls import ApiCall
from orgward.console.changing.checking import checked
from orgward.console.changing.days import day_of, end_posted
from orgward.console.changing.member_changes import Proposal, line_of, shown_name
from orgward.console.changing.picking import found_teams, is_finding
from orgward.console.changing.role_choices import choices_of, edition_at, roles_to_give
from orgward.console.changing.summary import Difference, Summary
from orgward.console.frame.declaration import Plan, Show, form, page
from orgward.console.frame.page import Page, Posted
from orgward.console.frame.problems import faults_of, problem_of
from orgward.console.listing.chips import chip_of
from orgward.console.listing.mapped import source_of
from orgward.console.listing.naming import team_named
from orgward.console.pages.member_actions import member_posted
from orgward.directory.roles import organization_roles
from orgward.directory.team_members import teams_of
from orgward.edge.inner import member
from orgward.kernel.instants import parse_rfc3339, rfc3339
from orgward.store.reads.member_rows import Held, Member, member_rows

_HERE: Final = "/o/{orgId}/members/{userId}"


def _member(page: Page) -> Member:
    return member_rows(page.view, page.resource.id, [page.values["userId"]], page.now)[0]


def _frame(page: Page, found: Member) -> dict[str, Any]:
    people, here = f"/o/{page.resource.id}/members", f"/o/{page.resource.id}/members/{found.user_id}"
    name = shown_name(found)
    return {
        "url": page.asked.path,
        "up": here,
        "name": name,
        "crumbs": [(page.t("members.title"), people), (name, here)],
        "fault": problem_of(page),
        "faults": faults_of(page.t, page.asked.problem),
    }


# ---------------------------------------------------------------- organization roles


@page(
    f"{_HERE}/roles", id="showMemberRoles", requires=("org.users.update_roles",), on=InOrganization(), inner=member,
    template="member_roles.html", scope="organization", entry="showMembers",
)  # fmt: skip
def show_member_roles(page: Page) -> Mapping[str, Any]:
    """Return the organization roles that the viewer may give, with those that the member has and when they end."""
    found = _member(page)
    held = {each.role: each for each in found.roles}
    mapped = {each.role for each in found.roles if each.mapped}
    roles = [role for role in roles_to_give(page, page.resource) if role.name not in mapped]
    offered = {role.name for role in roles}
    again, zone = bool(page.asked.posted), page.asked.look.zone
    families = choices_of(page, roles, page.resource.id)
    return {
        **_frame(page, found),
        "options": [option for family in families for option in family["options"]],
        "chosen": page.asked.posted.get("roles", ()) if again else list(held),
        "ends": {name: _end(page, held.get(name), name, zone) for name in offered},
        "is_pending": found.state == "pending",
        "kept": [
            chip_of(page, name, **source_of(page, found.user_id, each, page.resource, "organization"))
            for name, each in held.items()
            if name not in offered
        ],
    }


def _end(page: Page, held: Held | None, name: str, zone: str) -> str:
    return page.posted(f"end-{name}", day_of(held.ends, zone) if held else "")


@form(f"{_HERE}/roles", acts=["updateOrgUser", "setOrgUserRoleBounds"])
def change_member_roles(posted: Posted) -> Plan:
    """Lead to the check of other organization roles, or of other ends of them."""
    found, org = member_posted(posted), posted.values["orgId"]
    names = [*posted.many("roles"), *posted.many("kept")]
    wanted = organization_roles(edition_at(posted, org), names, org)
    held = {each.role: each for each in found.roles}
    after = [_bounded(posted, found, held.get(role) or Held(role)) for role in wanted]
    calls = []
    if set(wanted) != set(held):
        calls.append(_call("updateOrgUser", posted, {"roles": {"orgRoles": wanted}}))
    calls += [_bounds(posted, each) for each in after if each.ends != (held.get(each.role) or Held("")).ends]
    words, name = posted.words, shown_name(found)
    summary = Summary(
        title=words("members.roles_of", name=name), lines=[line_of(found, after)], back=posted.path,
        then=f"/o/{org}/members/{found.user_id}", done="members.done_roles", params={"name": name},
        crumbs=_crumbs(posted, name),
    )  # fmt: skip
    return checked(posted, calls, summary)


def _crumbs(posted: Posted, name: str) -> Sequence[tuple[str, str]]:
    people = f"/o/{posted.values['orgId']}/members"
    return [(posted.words("members.title"), people), (name, f"{people}/{posted.values['userId']}")]


def _call(operation: str, posted: Posted, body: Any, **more: str) -> ApiCall:
    values = {"orgId": posted.values["orgId"], "userId": posted.values["userId"], **more}
    return ApiCall(operation=operation, values=values, body=body)


def _bounded(posted: Posted, found: Member, held: Held) -> Held:
    """Return the role with the end that the form names; one whose day is unchanged keeps its instant."""
    field = f"end-{held.role}"
    if found.state == "pending" or field not in posted.fields or posted.one(field) == posted.one(f"was-{held.role}"):
        return held
    end = end_posted(posted, field)
    return Held(held.role, held.starts, parse_rfc3339(end) if end else None)


def _bounds(posted: Posted, each: Held) -> ApiCall:
    body = {
        "startsAt": rfc3339(each.starts) if each.starts else None,
        "endsAt": rfc3339(each.ends) if each.ends else None,
    }
    return _call("setOrgUserRoleBounds", posted, body, role=each.role)


# ---------------------------------------------------------------- teams


@page(
    f"{_HERE}/teams", id="showMemberTeams", requires=("org.teams.members.add", "org.teams.members.remove"),
    on=InOrganization(), inner=member, template="member_teams.html", scope="organization", entry="showMembers",
)  # fmt: skip
def show_member_teams(page: Page) -> Mapping[str, Any]:
    """Return the teams of the member, to be left, and those that a search finds, to be joined."""
    found = _member(page)
    mine = teams_of(page.view, page.resource.id, found.user_id)
    chosen = page.asked.posted.get("teams", ()) if page.asked.posted else [*mine]
    q = page.posted("find")
    options = found_teams(page.view, page.resource.id, q, always=[*mine, *chosen])
    return {
        **_frame(page, found),
        "options": [(row["id"], row["name"], _people(page, row["id"])) for row in options.rows],
        "n_more": options.n_more,
        "chosen": chosen,
        "q": q,
    }


def _people(page: Page, team: str) -> str:
    return page.t("shared.people_n", n=page.view.count("team_members", team_id=team))


@form(f"{_HERE}/teams", acts=["addOrgTeamUser", "removeOrgTeamUser"])
def change_member_teams(posted: Posted) -> Plan:
    """Lead to the check of teams joined and left; a search changes nothing."""
    if is_finding(posted):
        return Plan(then=Show(model={}))
    found, words, org = member_posted(posted), posted.words, posted.values["orgId"]
    mine, wanted = set(teams_of(posted.view, org, found.user_id)), set(posted.many("teams"))
    proposal, name = Proposal(), shown_name(found)
    for team, operation, note in (
        *((team, "addOrgTeamUser", "members.joins") for team in sorted(wanted - mine)),
        *((team, "removeOrgTeamUser", "members.leaves") for team in sorted(mine - wanted)),
    ):
        call = ApiCall(operation=operation, values={"orgId": org, "teamId": team}, body={"id": found.user_id})
        line = Difference(icon="users", name=team_named(posted.view, org, team), note=words(note, name=name))
        proposal.add([call], line)
    summary = Summary(
        title=words("members.teams_of", name=name), lines=proposal.lines, back=posted.path,
        then=f"/o/{org}/members/{found.user_id}?tab=teams", done="members.done_teams",
        params={"name": name}, crumbs=_crumbs(posted, name),
    )  # fmt: skip
    return checked(posted, proposal.calls, summary)

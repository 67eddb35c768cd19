"""Several members at once: what is to be done about those who are selected, or about all that match the filters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final
from urllib.parse import urlencode

from orgward.app.targets import InOrganization
from orgward.console.changing.checking import offered
from orgward.console.changing.member_changes import (
    MODES,
    Proposal,
    into_teams,
    reactivated,
    removed,
    shown_name,
    suspended,
    with_roles,
)
from orgward.console.changing.picking import found_teams, is_finding
from orgward.console.changing.role_choices import choices_of, edition_at, roles_to_give
from orgward.console.changing.summary import Summary
from orgward.console.frame.declaration import Goto, Plan, Show, form, page
from orgward.console.frame.page import Page, Posted, Values
from orgward.console.frame.problems import problem_of
from orgward.console.listing.member_query import asking, filters_given
from orgward.console.listing.naming import listing, team_named
from orgward.directory.roles import organization_roles
from orgward.kernel.ids import is_id
from orgward.store.reads.member_list import MemberListing
from orgward.store.reads.member_rows import Member, member_rows

_PATH: Final = "/o/{orgId}/members/bulk"
_MOST: Final = 500
_LONGEST_ADDRESS: Final = 6_000
_DIRECT: Final = {"suspend": suspended, "reactivate": reactivated, "remove": removed}


@dataclass(frozen=True, slots=True)
class Selection:
    """Who is selected, by id; `has_more` says that there are more than can be changed at once."""

    ids: Sequence[str]
    has_more: bool


def _selected(page: Page | Posted, org: str, values: Values) -> Selection:
    """Return the members that `values` select: by their ids, or as all that match the filters."""
    if "all" not in values:
        ids = list(dict.fromkeys(each for each in values.get("id", ()) if is_id(each)))
        return Selection(ids[:_MOST], len(ids) > _MOST)
    query = asking(values, edition_at(page, org), page.now).query
    chunks = MemberListing(page.view, org, query, page.now).chunks()
    ids = list(islice((each for chunk in chunks for each in chunk), _MOST + 1))
    return Selection(ids[:_MOST], len(ids) > _MOST)


@page(
    _PATH, id="showMemberSelection", requires=("org.users.update_roles", "org.users.remove", "org.teams.members.add"),
    on=InOrganization(), template="member_selection.html", scope="organization", entry="showMembers",
)  # fmt: skip
def show_member_selection(page: Page) -> Mapping[str, Any]:
    """Return what is to be chosen for the members that are selected: teams, or roles."""
    values = page.asked.posted or page.asked.query
    selection = _selected(page, page.resource.id, values)
    members = member_rows(page.view, page.resource.id, selection.ids, page.now)
    last = {name: (list(values.get(name, ())) or [""])[-1] for name in ("do", "was", "find", "mode")}
    do = last["was"] or last["do"]
    people = f"/o/{page.resource.id}/members"
    return {
        "url": page.asked.path,
        "list": people,
        "crumbs": [(page.t("members.title"), people)],
        "do": do if do in {"team", "roles"} else "",
        "n": len(members),
        "has_more": selection.has_more,
        "most": _MOST,
        "sample": listing(page.t, [shown_name(member) for member in members], most=8),
        "kept": _carried(values),
        "fault": problem_of(page),
        "chosen": {name: list(values.get(name, ())) for name in ("teams", "roles")},
        "mode": last["mode"] or MODES[0],
        "q": last["find"],
        **(_team_choices(page, last["find"], values) if do == "team" else {}),
        **(_role_choices(page) if do == "roles" else {}),
    }


def _carried(values: Values) -> dict[str, list[str]]:
    """Return what says who is selected, for the next form to say it again."""
    if "all" in values:
        return {"all": ["1"], **filters_given(values)}
    return {"id": list(dict.fromkeys(values.get("id", ())))}


def _team_choices(page: Page, q: str, values: Values) -> dict[str, Any]:
    found = found_teams(page.view, page.resource.id, q, always=values.get("teams", ()))
    count = page.view.count
    return {
        "options": [
            (row["id"], row["name"], page.t("shared.people_n", n=count("team_members", team_id=row["id"])))
            for row in found.rows
        ],
        "n_more": found.n_more,
    }


def _role_choices(page: Page) -> dict[str, Any]:
    families = choices_of(page, roles_to_give(page, page.resource), page.resource.id)
    return {
        "options": [option for family in families for option in family["options"]],
        "modes": [(mode, page.t(f"members.mode_{mode}")) for mode in MODES],
    }


@form(
    _PATH,
    acts=[
        "addOrgTeamUsers",
        "updateOrgUser",
        "removeOrgUserRole",
        "suspendOrgUser",
        "reactivateOrgUser",
        "removeOrgUser",
    ],
)
def change_members(posted: Posted) -> Plan:
    """Lead to the check of what is done about the selected members, or ask first for teams or roles."""
    org, do = posted.values["orgId"], posted.one("was") or posted.one("do")
    selection = _selected(posted, org, posted.fields)
    asks = do in {"team", "roles"} and posted.one("do") != "check"
    if asks or is_finding(posted) or selection.has_more or not selection.ids:
        return Plan(then=Show(model={}))
    members = member_rows(posted.view, org, selection.ids, posted.now)
    proposal = _proposed(posted, org, do, members)
    if not proposal.calls:
        return Plan(then=Goto(url=f"/o/{org}/members", done="members.done_nothing"))
    return offered(posted, proposal.calls, _summary(posted, do, proposal, len(members)))


def _proposed(posted: Posted, org: str, do: str, members: Sequence[Member]) -> Proposal:
    words = posted.words
    if do in _DIRECT:
        return _DIRECT[do](words, org, members)
    if do == "roles":
        roles = organization_roles(edition_at(posted, org), posted.many("roles"), org)
        mode = next((mode for mode in MODES if mode == posted.one("mode")), MODES[0])
        return with_roles(org, members, mode, roles)
    teams = {team: team_named(posted.view, org, team) for team in posted.many("teams") if is_id(team)}
    inside = {team: {row["user_id"] for row in posted.view.find("team_members", team_id=team)} for team in teams}
    return into_teams(words, org, members, teams, inside)


def _summary(posted: Posted, do: str, proposal: Proposal, n: int) -> Summary:
    words, people = posted.words, f"/o/{posted.values['orgId']}/members"
    title = words(f"members.bulk_{do}", n=n)
    return Summary(
        title=title, lines=proposal.lines, back=_again(posted, do), then=people, done="members.done_bulk",
        params={"n": n}, act=title, crumbs=[(words("members.title"), people)],
    )  # fmt: skip


def _again(posted: Posted, do: str) -> str:
    """Return the address of the form with the same selection; that of the list where it would be too long."""
    people = f"/o/{posted.values['orgId']}/members"
    chosen = {name: posted.many(name) for name in ("teams", "roles", "mode")}
    carried = [(name, value) for name, held in {**_carried(posted.fields), **chosen}.items() for value in held]
    query = urlencode([("do", do), *carried])
    return f"{people}/bulk?{query}" if do not in _DIRECT and len(query) < _LONGEST_ADDRESS else people

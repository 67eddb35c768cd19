"""Lists of what is bounded in number: projects, teams, keys, what a search finds; and the counts in menus."""

from dataclasses import replace
from functools import partial

import pytest

from bench.crowd import NOW
from orgward.store.reads.counts import open_invitations, organization_counts, project_counts
from orgward.store.reads.key_list import SETTLED, KeyQuery, key_page, keys_wanting_attention
from orgward.store.reads.keyset import START, Place, cut, place_of
from orgward.store.reads.member_filters import MemberQuery
from orgward.store.reads.project_list import ProjectQuery, project_page, tags_used
from orgward.store.reads.search import Found, Sight, search
from orgward.store.reads.team_list import TeamQuery, team_page, team_people_page, team_projects
from tests.store.paging import turned
from tests.store.test_member_list import plain


def in_force(row):
    """Say whether the assignment is in force."""
    return row["starts"] <= NOW < row["ends"]


@pytest.fixture(scope="module")
def active(crowd):
    """Give the members who are not suspended."""
    return {row["user_id"] for row in crowd.all("members") if row["state"] == "active" and not row["suspended"]}


@pytest.fixture(scope="module")
def in_teams(crowd):
    """Give who is in each team."""
    return {
        team["id"]: {row["user_id"] for row in crowd.all("team_members") if row["team_id"] == team["id"]}
        for team in crowd.all("teams")
    }


def owners_of(crowd, project, active, in_teams):
    """Give who owns the project, of their own or by a team."""
    rows = [
        r for r in crowd.all("assignments") if r["scope_id"] == project and r["role"] == "GROUP_OWNER" and in_force(r)
    ]
    found = {row["holder_id"] for row in rows if row["holder_kind"] == "user"}
    return active & found.union(*(in_teams[row["holder_id"]] for row in rows if row["holder_kind"] == "team"))


def listed(crowded, crowd, query):
    """Give the projects that are listed."""
    return turned(partial(project_page, crowded, crowd.org, query, now=NOW), 5)[0]


def test_projects_are_those_that_are_visible_and_asked_for(crowd, crowded, active, in_teams):
    """By name, by tag with its value or without, without an owner, in each order."""
    projects = crowd.all("projects")
    visible = {row["id"] for row in projects[:20]}
    everything = ProjectQuery(visible=visible)
    found = listed(crowded, crowd, everything)
    assert [row.id for row in found] == [
        row["id"] for row in sorted(projects[:20], key=lambda row: (plain(row["name"]), row["id"]))
    ]
    for sort, key in (
        ("-name", lambda row: (plain(row.name), row.id)),
        ("created", lambda r: (r.created_at, plain(r.name))),
    ):
        wanted = sorted(found, key=key, reverse=sort.startswith("-"))
        assert listed(crowded, crowd, replace(everything, sort=sort)) == wanted
    for row in found:
        owners = owners_of(crowd, row.id, active, in_teams)
        people = [r for r in crowd.all("project_members") if r["project_id"] == row.id and r["state"] == "active"]
        teams = {
            r["holder_id"] for r in crowd.all("assignments") if r["scope_id"] == row.id and r["holder_kind"] == "team"
        }
        assert (row.people, row.teams, row.owners) == (len(people), len(teams), len(owners))
    for query, fits in (
        (
            ProjectQuery(visible=visible, q=found[0].name[:4].upper()),
            lambda row: plain(found[0].name[:4]) in plain(row.name),
        ),
        (ProjectQuery(visible=visible, tags=["stage"]), lambda row: bool(row.tags)),
        (ProjectQuery(visible=visible, tags=["stage=prod"]), lambda row: ("stage", "prod") in row.tags),
        (ProjectQuery(visible=visible, without_owner=True), lambda row: not row.owners),
    ):
        wanted = [row for row in found if fits(row)]
        assert listed(crowded, crowd, query) == wanted
        assert 0 < len(wanted) < len(found), query
    assert tags_used(crowded, crowd.org, visible) == sorted({tag for row in found for tag in row.tags})
    assert listed(crowded, crowd, ProjectQuery(visible=())) == []


def test_teams_are_those_that_are_asked_for(crowd, crowded, in_teams):
    """By name, by project, empty ones; projects that are not visible are not told."""
    read = partial(team_page, crowded, crowd.org, now=NOW)
    names = {row["id"]: row["name"] for row in crowd.all("projects")}
    found, _ = turned(lambda place, size: read(TeamQuery(), place, size=size), 5)
    assert [row.id for row in found] == [
        row["id"] for row in sorted(crowd.all("teams"), key=lambda row: (plain(row["name"]), row["id"]))
    ]
    for row in found:
        held = {}
        for each in crowd.all("assignments"):
            if each["holder_id"] == row.id:
                held.setdefault(each["scope_id"], set()).add(each["role"])
        assert row.people == len(in_teams[row.id])
        assert {p.id: (p.name, {h.role for h in p.roles}) for p in row.projects} == {
            project: (names[project], roles) for project, roles in held.items()
        }
    on = next(row for row in found if row.projects)
    some = on.projects[0].id
    for query, fits in (
        (TeamQuery(q="an"), lambda row: "an" in plain(row.name)),
        (TeamQuery(empty=True), lambda row: not row.people),
        (TeamQuery(projects=[some]), lambda row: some in {project.id for project in row.projects}),
    ):
        wanted = [row.id for row in found if fits(row)]
        assert [row.id for row in read(query, START, size=50).rows] == wanted != []
    by_people = read(TeamQuery(sort="-people"), START, size=50).rows
    assert [row.people for row in by_people] == sorted((row.people for row in found), reverse=True)
    seen = {row.id: row.projects for row in read(TeamQuery(visible=[some]), START, size=50).rows}
    assert {project.id for projects in seen.values() for project in projects} == {some}
    assert [project.id for project in team_projects(crowded, on.id, NOW)] == [project.id for project in on.projects]


def test_people_of_a_team_are_its_members(crowd, crowded, in_teams):
    """Page by page, and searched like all members."""
    team = crowd.all("teams")[1]["id"]
    read = partial(team_people_page, crowded, crowd.org, team, now=NOW)
    found, total = turned(lambda place, size: read(MemberQuery(), place=place, size=size), 7)
    assert {row.member.user_id for row in found} == in_teams[team]
    assert total == len(in_teams[team])
    names = [row.member.name for row in read(MemberQuery(q="an"), place=START, size=100).rows]
    assert names == [row.member.name for row in found if plain(row.member.name).startswith("an")
                     or plain(row.member.last_name).startswith("an")]  # fmt: skip


def test_rows_of_keys_tell_what_needs_a_look(crowd, crowded):
    """Who made it, from where it may be used, when it was used last, and what somebody should look at."""
    members = {row["user_id"]: row for row in crowd.all("members")}
    for row in key_page(crowded, crowd.org, KeyQuery(), START, size=100, now=NOW).rows:
        entries = [entry for entry in crowd.all("api_key_access") if entry["key_id"] == row.id]
        used = max((entry["last_used_at"] or 0 for entry in entries), default=0)
        assert (row.last_used_at or 0) == used
        assert row.last_used_from in {entry["ip"] for entry in entries if entry["last_used_at"] == used} or not used
        assert (list(row.blocks), row.more_blocks) == (sorted(e["ip"] for e in entries)[:2], max(len(entries) - 2, 0))
        maker = members.get(row.maker.id, {"state": "", "suspended": False})
        never = entries and not used and row.created_at < NOW - SETTLED
        assert set(row.attention) == {
            *(["maker_gone"] if maker["state"] != "active" else []),
            *(["maker_suspended"] if maker["suspended"] else []),
            *([] if entries else ["any_address"]),
            *(["never_used"] if never else []),
        }
        assert [held.role for held in row.roles] == ["ORG_MEMBER"]


def test_keys_are_those_that_are_asked_for(crowd, crowded):
    """By name or public key, by role anywhere, on a project, wanting a look; used last first."""
    read = partial(key_page, crowded, crowd.org, now=NOW)
    found, total = turned(lambda place, size: read(KeyQuery(), place, size=size), 9)
    assert total == len(crowd.all("api_keys")) == len({row.id for row in found})
    project = found[0].projects[0]
    for query, fits in (
        (KeyQuery(q="ann"), lambda row: "ann" in plain(row.description)),
        (KeyQuery(q="k000000"), lambda row: "k000000" in row.public_key),
        (KeyQuery(roles=["GROUP_OWNER"]), lambda row: row.projects[0].roles[0].role == "GROUP_OWNER"),
        (KeyQuery(project=project.id), lambda row: row.projects[0].id == project.id),
        (KeyQuery(project=project.id, roles=["ORG_MEMBER"]), lambda row: False),
        (KeyQuery(attention=True), lambda row: bool(row.attention)),
    ):
        assert [row.id for row in read(query, START, size=100).rows] == [row.id for row in found if fits(row)], query
    assert all(row.projects == () for row in read(KeyQuery(visible=()), START, size=100).rows)
    used = [row.last_used_at or 0 for row in read(KeyQuery(sort="-used"), START, size=100).rows]
    assert used == sorted(used, reverse=True)
    assert keys_wanting_attention(crowded, crowd.org, now=NOW) == sum(bool(row.attention) for row in found)
    here = [row for row in found if row.attention and row.projects[0].id == project.id]
    assert keys_wanting_attention(crowded, crowd.org, now=NOW, project=project.id) == len(here)


def test_a_search_finds_some_of_each_within_sight(crowd, crowded):
    """People by name or address, the rest by any word; what is out of sight is not found."""
    projects = [row["id"] for row in crowd.all("projects")]
    everything = Sight(people=None, projects=projects, teams=True, keys=True)
    found = search(crowded, crowd.org, "Ann", everything, now=NOW)
    assert (len(found.people), len(found.keys)) == (5, min(5, len(found.keys)))
    assert all(plain(member.name).startswith("ann") for member in found.people)
    for named in (*found.teams, *found.keys, *found.projects):
        assert any(word.startswith("ann") for word in plain(named.name).split())
    key = crowd.all("api_keys")[0]
    assert [named.id for named in search(crowded, crowd.org, key["public_key"], everything, now=NOW).keys] == [
        key["id"]
    ]
    number = search(crowded, crowd.org, "mul", replace(everything, projects=projects[:6]), now=NOW).projects
    assert {named.id for named in number} <= {*projects[:6]}
    one = {found.people[0].user_id}
    assert search(crowded, crowd.org, "ann", Sight(people=one), now=NOW) == Found(people=found.people[:1])
    assert search(crowded, crowd.org, "ann", Sight(), now=NOW) == Found()
    assert search(crowded, crowd.org, "a", everything, now=NOW) == Found()


def test_menus_tell_how_many_there_are(crowd, crowded):
    """Of an organization, of each project, and of invitations that somebody can answer."""
    sent = crowd.all("invitations")
    waiting = [row for row in sent if row["state"] == "pending" and row["expires_at"] > NOW]
    told = organization_counts(crowded, crowd.org, NOW)
    members = [row for row in crowd.all("members") if row["state"] == "active"]
    numbers = (
        len(crowd.all("projects")),
        len(members),
        len(crowd.all("teams")),
        len(waiting),
        len(crowd.all("api_keys")),
    )
    assert (told.projects, told.members, told.teams, told.invitations, told.keys) == numbers
    for project in crowd.all("projects"):
        here = [row for row in crowd.all("project_members") if row["project_id"] == project["id"]]
        held = [row for row in crowd.all("assignments") if row["scope_id"] == project["id"]]
        told = project_counts(crowded, project["id"], NOW)
        assert told.people == sum(row["state"] == "active" for row in here)
        assert told.invitations == sum(row["state"] == "pending" and row["expires_at"] > NOW for row in here)
        assert (told.teams, told.keys, told.requests) == (
            len({row["holder_id"] for row in held if row["holder_kind"] == "team"}),
            len({row["holder_id"] for row in held if row["holder_kind"] == "api_key"}),
            0,
        )
    assert open_invitations(crowded, waiting[0]["user_id"], NOW) == 1
    assert open_invitations(crowded, waiting[0]["user_id"], waiting[0]["expires_at"]) == 0


def test_places_travel_as_text():
    """What an address says is a place or none, whoever wrote it."""
    assert place_of("") == START
    place = Place("f" * 24, 25, backwards=True)
    assert place_of(place.text) == place
    assert [place_of(text) for text in ("x", "é", "W10", "bnVsbA", "=", "a" * 5_000)] == [None] * 6
    assert place_of(Place("x", -5).text) == Place("x", 0)


@pytest.mark.parametrize("place", [Place("gone", 3), Place("gone", 3, backwards=True), Place("gone", 99)])
def test_a_row_that_has_gone_leaves_its_number(place):
    """The page that followed or led up to it is about the same."""
    page = cut(list("abcdef"), place, 2)
    wanted = {Place("gone", 3): "de", Place("gone", 3, backwards=True): "bc", Place("gone", 99): ""}[place]
    assert "".join(page.rows) == wanted

"""People of a project are everybody with access to it and whoever is invited, with every role and its source."""

from dataclasses import replace
from functools import partial

import pytest

from bench.crowd import NOW
from orgward.store.load import load_snapshot
from orgward.store.reads import member_list
from orgward.store.reads.keyset import START
from orgward.store.reads.member_filters import STATES, MemberQuery
from orgward.store.reads.project_access import AccessListing, AccessQuery, Sources, access_page, sources
from tests.store.paging import turned
from tests.store.test_member_list import Look

REACHING = {"ORG_OWNER": "GROUP_OWNER", "ORG_READ_ONLY": "GROUP_READ_ONLY"}
"""The roles of the crowd that reach into projects, and what they amount to there."""


@pytest.fixture(scope="module")
def facts(crowded):
    """Give what the engine knows of the crowd."""
    return load_snapshot(crowded._connection)  # noqa: SLF001 - as a store opens


def held_by(crowd, project, role=""):
    """Give who holds a role on the project by which way, by looking at every row."""
    active = {row["user_id"] for row in crowd.all("members") if row["state"] == "active"}
    rows = [row for row in crowd.all("assignments") if row["starts"] <= NOW < row["ends"]]
    here = [row for row in rows if row["scope_id"] == project and role in {"", row["role"]}]
    teams = {row["holder_id"] for row in here if row["holder_kind"] == "team"}
    inherited = {
        row["holder_id"]
        for row in rows
        if row["scope_id"] == crowd.org and row["holder_kind"] == "user" and row["role"] in REACHING
        and role in {"", REACHING[row["role"]]}
    }  # fmt: skip
    return Sources(
        frozenset(active & {row["holder_id"] for row in here if row["holder_kind"] == "user"}),
        frozenset(active & {row["user_id"] for row in crowd.all("team_members") if row["team_id"] in teams}),
        frozenset(active & inherited),
    )


@pytest.fixture(scope="module")
def projects(crowd):
    """Give the project of everybody and some others."""
    return [row["id"] for row in crowd.all("projects")[:6]]


def test_sources_are_those_of_every_row(crowd, facts, projects):
    """Direct, by team and inherited, of every role and of one; suspended people among them, keys never."""
    for project in projects:
        for role in ("", "GROUP_OWNER", "GROUP_READ_ONLY"):
            assert sources(facts, project, NOW, role=role) == held_by(crowd, project, role)
    assert all(held_by(crowd, projects[3]).by(["by_team"])) or held_by(crowd, projects[3]).everybody


def invited_to(crowd, project):
    """Give who is invited to the project and can still accept."""
    rows = [row for row in crowd.all("project_members") if row["project_id"] == project]
    return {row["user_id"] for row in rows if row["state"] == "pending" and row["expires_at"] > NOW}


@pytest.mark.parametrize("few", [10, 100_000])
def test_every_page_of_every_list(few, crowd, crowded, facts, projects, monkeypatch):
    """Each source, state and search, in each order, whether they are few or many."""
    monkeypatch.setattr(member_list, "FEW", few)
    look = Look(crowd)
    for project in projects[:3]:
        found = sources(facts, project, NOW)
        everything = AccessQuery(sources=found)
        invited = invited_to(crowd, project)
        for query in (
            everything, replace(everything, chosen=["direct"]), replace(everything, chosen=["by_team", "inherited"]),
            replace(everything, states=["suspended"]), replace(everything, states=["pending"]),
            replace(everything, states=["active", "pending"], chosen=["inherited"]), replace(everything, q="an"),
            replace(everything, sort="-seen"), replace(everything, q="ma", sort="-name", states=["active"]),
        ):  # fmt: skip
            inside = found.by(query.chosen)
            asked = [
                person for person in look.people
                if state_of(person, inside, invited if not query.chosen or "direct" in query.chosen else ())
                in (query.states or STATES) and person.fits(MemberQuery(q=query.q))
            ]  # fmt: skip
            order = MemberQuery(sort=query.sort)
            wanted = sorted(asked, key=lambda p: p.place(order), reverse=query.sort.startswith("-"))
            listing = AccessListing(crowded, crowd.org, project, query, now=NOW)
            ids, total = turned(listing.page, max(10, len(wanted) // 4))
            assert ids == [person.id for person in wanted], query
            assert total == len(wanted) or (query.q and total is None)
            assert [row.member.user_id for chunk in listing.chunks() for row in chunk] == ids


def state_of(person, inside, invited):
    """Give the state of somebody on the project, None for whoever is not there."""
    if person.id in inside:
        return person.state
    return "pending" if person.id in invited else None


def test_rows_tell_every_role_and_its_source(crowd, crowded, facts, projects):
    """Direct roles, teams with theirs, organization roles that reach; of somebody invited what the invitation gives."""
    for project in projects[1:]:
        query = AccessQuery(sources=sources(facts, project, NOW))
        rows, _ = turned(partial(page_of, crowded, crowd.org, project, query), 50)
        invited = invited_to(crowd, project)
        for row in rows:
            user = row.member.user_id
            held = {(a["holder_id"], a["role"]) for a in crowd.all("assignments") if a["scope_id"] == project}
            mine = {t["team_id"] for t in crowd.all("team_members") if t["user_id"] == user}
            direct = {role for holder, role in held if holder == user}
            if user in invited and user not in query.sources.everybody:
                assert ([h.role for h in row.direct], row.state) == (["GROUP_READ_ONLY"], "pending")
                assert (row.inherited, row.expires_at is not None) == ((), True)
                continue
            assert {h.role for h in row.direct} == direct
            assert {(t.id, h.role) for t in row.teams for h in t.roles} == {(t, r) for t, r in held if t in mine}
            assert {h.role for h in row.inherited} == {h.role for h in row.member.roles} & REACHING.keys()
            assert row.state == row.member.state
            assert (row.added_at is not None) == bool(direct)


def page_of(view, org, project, query, place, *, size):
    """Give a page."""
    return access_page(view, org, project, query, place=place, size=size, now=NOW)


def test_nobody_has_access_to_an_unknown_project(crowd, crowded):
    """A project without anybody has an empty page."""
    query = AccessQuery(sources=Sources(frozenset(), frozenset(), frozenset()))
    assert page_of(crowded, crowd.org, "0" * 24, query, START, size=5).total == 0

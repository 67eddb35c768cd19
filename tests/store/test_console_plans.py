"""What the console reads goes along indexes: no page of it grows with what others have stored."""

import sqlite3
from contextlib import closing, contextmanager

import pytest

from bench.crowd import DAY, NOW
from orgward.store.load import load_snapshot
from orgward.store.reads import activity, invitation_list, member_list
from orgward.store.reads.activity import ActivityQuery, activity_page
from orgward.store.reads.actors import actors
from orgward.store.reads.counts import member_tiles, open_invitations, organization_counts, project_counts
from orgward.store.reads.invitation_list import InvitationQuery, invitation_page, inviters
from orgward.store.reads.invitation_tabs import invitation_tabs
from orgward.store.reads.key_list import KeyQuery, key_page, keys_wanting_attention
from orgward.store.reads.keyset import START
from orgward.store.reads.logged import Shown
from orgward.store.reads.member_filters import MemberQuery
from orgward.store.reads.member_list import member_page
from orgward.store.reads.origins import origins_of
from orgward.store.reads.project_access import AccessQuery, access_page, sources
from orgward.store.reads.project_list import ProjectQuery, project_page
from orgward.store.reads.search import Sight, search
from orgward.store.reads.team_list import TeamQuery, team_page, team_people_page, team_projects
from tests.store.test_query_plans import plan, scans, sorts

MEMBERS = [
    MemberQuery(), MemberQuery(sort="-seen"), MemberQuery(q="ma"), MemberQuery(roles=["ORG_MEMBER"]),
    MemberQuery(roles=["ORG_OWNER", "ORG_READ_ONLY"]), MemberQuery(states=["pending"]),
    MemberQuery(states=["suspended"]), MemberQuery(factors=["none"]), MemberQuery(factors=["totp", "passkey"]),
    MemberQuery(idle_since=NOW - 90 * DAY, sort="seen"), MemberQuery(idle_since=NOW - 90 * DAY),
    MemberQuery(q="ma", roles=["ORG_MEMBER"], factors=["none"], idle_since=NOW),
]  # fmt: skip
TABS = ("all", "pending", "expired", "failed", "declined", "accepted")
ACTIVITIES = [
    ActivityQuery(), ActivityQuery(since=NOW - DAY, until=NOW), ActivityQuery(refused=True), ActivityQuery(actor="x"),
    ActivityQuery(kinds=["user"]), ActivityQuery(types=["JOINED_ORG", "GROUP_CREATED"]),
]  # fmt: skip


@contextmanager
def traced(view):
    """Collect the statements that run on the connection of `view`."""
    seen, connection = set(), view._connection  # noqa: SLF001 - nobody else listens
    connection.set_trace_callback(seen.add)
    try:
        yield seen
    finally:
        connection.set_trace_callback(None)


def read_members(view, crowd):
    """Read each list of people, its next page and the one before."""
    org, teams = crowd.org, [row["id"] for row in crowd.all("teams")]
    some = {row["user_id"] for row in crowd.all("members")[:40]}
    for query in (*MEMBERS, MemberQuery(teams=teams[:2]), MemberQuery(among=some)):
        page = member_page(view, org, query, START, size=5, now=NOW)
        for place in (page.after, page.after and member_page(view, org, query, page.after, size=5, now=NOW).before):
            if place:
                member_page(view, org, query, place, size=5, now=NOW)
    team_people_page(view, org, teams[0], MemberQuery(), place=START, size=5, now=NOW)
    member_tiles(view, org, idle_since=NOW - 90 * DAY, now=NOW)


def read_project(view, crowd):
    """Read what the pages of a project show."""
    org, project = crowd.org, crowd.all("projects")[1]["id"]
    found = sources(load_snapshot(view._connection), project, NOW)  # noqa: SLF001 - as a store opens
    with traced(view) as seen:
        for query in (AccessQuery(sources=found), AccessQuery(sources=found, q="an", states=["pending"])):
            access_page(view, org, project, query, place=START, size=5, now=NOW)
        project_counts(view, project, NOW)
        invitation_tabs(view, org, NOW, project=project)
        for tab in TABS:
            invitation_page(view, org, InvitationQuery(tab=tab, project=project), START, size=5, now=NOW)
        key_page(view, org, KeyQuery(project=project), START, size=5, now=NOW)
        keys_wanting_attention(view, org, now=NOW, project=project)
    return seen


def read_rest(view, crowd):
    """Read what the pages of an organization show besides."""
    org, projects = crowd.org, [row["id"] for row in crowd.all("projects")]
    member = crowd.all("members")[0]["user_id"]
    for tab in TABS:
        for query in (
            InvitationQuery(tab=tab),
            InvitationQuery(tab=tab, q="an"),
            InvitationQuery(tab=tab, inviter=member),
        ):
            page = invitation_page(view, org, query, START, size=2, now=NOW)
            if page.after:
                invitation_page(view, org, query, page.after, size=2, now=NOW)
    for read in (invitation_tabs, organization_counts):
        read(view, org, NOW)
    inviters(view, org)
    open_invitations(view, member, NOW)
    project_page(view, org, ProjectQuery(visible=projects, without_owner=True), START, size=5, now=NOW)
    team_page(view, org, TeamQuery(projects=projects[:2]), START, size=5, now=NOW)
    team_projects(view, crowd.all("teams")[1]["id"], NOW)
    key_page(view, org, KeyQuery(roles=["GROUP_OWNER"]), START, size=5, now=NOW)
    search(view, org, "an", Sight(people=None, projects=projects, teams=True, keys=True, accounts=True), now=NOW)
    origins_of(view, "members", [(org, member)])
    actors(view, [("user", member), ("api_key", member), ("operator", "root")])
    for shown in (Shown(org), Shown(org, project=projects[0]), Shown(org, projects=projects[:2])):
        for query in ACTIVITIES:
            activity_page(view, shown, query, START, size=5)


@pytest.fixture(scope="module")
def statements(crowd, crowded):
    """Give whatever SQL the lists of the console run, whether they find few or many."""
    found = read_project(crowded, crowd)
    for few in (3, 100_000):
        with pytest.MonkeyPatch.context() as patched, traced(crowded) as seen:
            for module in (member_list, invitation_list, activity):
                patched.setattr(module, "FEW", few)
            patched.setattr(invitation_list, "_SPARSE", 0)
            patched.setattr(invitation_list, "_MOST_ADDRESSES", few)
            read_members(crowded, crowd)
            read_rest(crowded, crowd)
        found |= seen
    return {sql for sql in found if sql.startswith(("SELECT", "WITH"))}


@pytest.fixture(scope="module")
def reading(crowded):
    """Open the file of the crowd once more."""
    path = crowded._connection.execute("PRAGMA database_list").fetchone()[2]  # noqa: SLF001
    with closing(sqlite3.connect(path)) as found:
        yield found


def test_no_list_of_the_console_scans_a_table(reading, statements):
    """Whatever is asked for and however it is sorted, no step of a plan scans a table."""
    assert len(statements) > 150
    assert {sql: steps for sql in statements if (steps := scans(reading, sql))} == {}


def test_no_list_is_sorted_to_show_a_part(reading, statements):
    """A page that stops at a number of rows stops there: it reads along an index, or what it was given."""
    pages = [sql for sql in statements if " LIMIT " in sql]
    assert len(pages) > 50
    assert {sql: steps for sql in pages if (steps := sorts(reading, sql))} == {}


def test_whoever_is_looked_at_one_by_one_is_found_by_key(reading, statements):
    """A condition that is asked of each member goes by as many columns as name the row."""
    walks = [sql for sql in statements if sql.startswith("SELECT s.value") and "EXISTS" in sql]
    assert len(walks) > 10
    for sql in walks:
        inner = [step for step in plan(reading, sql) if "assignments" in step or "team_members" in step]
        assert all("holder_id=? AND scope_id=? AND role=?" in s or "user_id=? AND team_id=?" in s for s in inner), sql


def test_invitations_to_an_address_are_found_by_whom_they_are_to(reading, statements):
    """Not by their state: most of an organization's may be in one."""
    searches = [sql for sql in statements if "CROSS JOIN invitations AS i ON i.org_id" in sql]
    assert len(searches) > 5
    assert all(
        any("invitations_of_member (org_id=? AND user_id=?)" in s for s in plan(reading, sql)) for sql in searches
    )

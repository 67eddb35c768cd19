"""Every look-up is served by an index: no request's time grows with what others have stored."""

import ast
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

import orgward
from orgward.store import opening
from orgward.store.reads.events import Feed
from orgward.store.schema import metadata
from orgward.store.view import _select
from tests.directory.company import OLD, OWN, Company, accept, done
from tests.directory.joining import approve, asked, deny, mine, requests_to, withdraw
from tests.empty_store import open_world

SRC = Path(orgward.__file__).parent
TABLES = set(metadata.tables)
# What a query is given or has paged already, as many as a page or a proof has; and the row of a query without tables.
LIST_VALUES = ("v", "json_each", "h", "CONSTANT")


def calls_of_view():
    """Give every call of `find` and `count` in src that names its table: where, which, table and columns."""
    for path in sorted(SRC.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and getattr(node.func, "attr", getattr(node.func, "id", "")) in {"find", "count"}
                and node.args
                and isinstance(node.args[0], ast.Constant)
                and node.args[0].value in TABLES
            ):
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                columns = tuple(keyword.arg for keyword in node.keywords)
                if None not in columns:
                    yield f"{path.relative_to(SRC)}:{node.lineno}", name, node.args[0].value, columns


def plan(connection, sql):
    """Give the steps by which `sql` is answered."""
    return [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}")]


def scans(connection, sql):
    """Give the steps of the plan of `sql` that read a whole table or index of ours."""
    return [step for step in plan(connection, sql) if step.startswith("SCAN ") and step.split()[1] not in LIST_VALUES]


def sorts(connection, sql):
    """Give the steps of the plan of `sql` that sort all there is, unless that is what the query was given."""
    steps = plan(connection, sql)
    is_given = any(step.startswith("SCAN ") and step.split()[1] in LIST_VALUES for step in steps)
    return [] if is_given else [step for step in steps if step == "USE TEMP B-TREE FOR ORDER BY"]


@pytest.fixture(scope="module")
def connection(tmp_path_factory):
    """Open the file of an empty store."""
    world = open_world(tmp_path_factory.mktemp("plans"))
    with closing(sqlite3.connect(world.store.path)) as found:
        yield found
    world.close()


def test_every_find_goes_by_an_index(connection):
    """Every `find` in src is served by the primary key or an index."""
    found = {(table, columns): place for place, name, table, columns in calls_of_view() if name == "find"}
    assert len(found) > 20
    slow = {
        f"{place} {table}{columns}": scans(connection, _select(metadata.tables[table], columns).replace("?", "'x'"))
        for (table, columns), place in found.items()
    }
    assert {place: steps for place, steps in slow.items() if steps} == {}


def test_every_count_has_its_counter():
    """Every `count` in src asks for a counter that is kept, with its columns in the order of the schema."""
    counts = [(place, table, columns) for place, name, table, columns in calls_of_view() if name == "count"]
    assert len(counts) > 8
    unknown = [
        (place, table, columns)
        for place, table, columns in counts
        if columns not in metadata.tables[table].info.get("counters", ())
    ]
    assert unknown == []


def read_events(*feeds):
    """Read each feed whole, by page, by id and filtered."""
    query = "includeCount=true&includeRaw=true&minDate=2020-01-01T00:00:00Z&maxDate=2100-01-01T00:00:00Z"
    for who, place in feeds:
        (newest,) = done(who.get(f"{place}/events?itemsPerPage=1&includeCount=true"))["results"]
        done(who.get(f"{place}/events/{newest['id']}"))
        types = "eventType=JOINED_ORG,GROUP_CREATED"
        done(who.get(f"{place}/events?{query}"))
        done(who.get(f"{place}/events?{types}&excludedEventType=ORG_CREATED&{query}"))
        for filters in ("", types, "eventType=GROUP_CREATED", "excludedEventType=ORG_CREATED"):
            total = done(who.get(f"{place}/events?{filters}&includeCount=true"))["totalCount"]
            done(who.get(f"{place}/events?{filters}&itemsPerPage=1&pageNum={total}"))


def use_teams(here, project, *people):
    """Make a team of people, and of somebody invited, on a project, and look at it from every side."""
    team, pia = here.team("crew", *people, on={project: ["GROUP_READ_ONLY"]}), here.invite("paula").json["id"]
    done(here.put_in(team, pia))
    done(here.ann.patch(f"{here.path}/users/{pia}", {"teamIds": []}))
    done(here.ann.patch(f"{here.path}/users/{pia}", {"teamIds": [team]}))
    for path in (
        f"{here.path}/teams", f"{here.path}/teams/{team}", f"{here.path}/teams/byName/crew",
        f"{here.path}/teams/{team}/users", f"{here.path}/teams/{team}/users?itemsPerPage=1&pageNum=2",
        f"{here.path}/teams/{team}/users?username=paula%40example.org", f"/groups/{project}/teams/{team}",
        f"/groups/{project}/users?flattenTeams=true", f"/groups/{project}/users?includeOrgUsers=true",
        f"/groups/{project}/users?flattenTeams=true&includeOrgUsers=true&username=paula%40example.org",
    ):  # fmt: skip
        done(here.ann.get(path))
    done(here.ann.get(f"{here.path}/teams/{team}/users", accept=OLD))
    done(here.reassign(project, team, "GROUP_READ_ONLY", "GROUP_DATA_ACCESS_READ_ONLY"))
    assert here.teams_on(project)
    done(here.ann.put(f"{OWN}/groups/{project}/teams/{team}/roles/GROUP_READ_ONLY", {}))
    done(here.unassign(project, team))
    done(here.take_out(team, people[0].id))
    assert here.ann.delete(f"{here.path}/teams/{team}").status == 204


def exercise(world):
    """Do something of every kind, through the front door."""
    for edition, owner in (("atlas", "ann"), ("cloud_manager", "cleo")):
        here = Company.found(world, edition, owner=owner)
        web, ann = here.project("web"), here.ann
        bob = here.person(f"bob-{here.edition}", "ORG_OWNER", on={web: ["GROUP_OWNER"]})
        key = here.key("ORG_READ_ONLY", by=bob)
        done(ann.post(f"{here.path}/apiKeys/{key.id}/accessList", [{"ipAddress": "127.0.0.1"}]))
        invitation = here.invited(f"pia-{here.edition}", on={web: ["GROUP_READ_ONLY"]})
        done(here.add(web, f"new-{here.edition}"))
        pia = here.outsider(f"pia-{here.edition}")
        for path in (
            here.path, f"{here.path}/users", f"{here.path}/users/{bob.id}", f"{here.path}/groups", "/groups", "/orgs",
            f"{here.path}/apiKeys", f"{here.path}/apiKeys/{key.id}/accessList", f"/groups/{web}/users",
            f"/groups/{web}/apiKeys", "/groups/byName/web", f"{OWN}/me", f"{OWN}/me/invitations",
            f"{here.path}/users?username=bob%40example.org", f"{here.path}/users?itemsPerPage=1&pageNum=2",
        ):  # fmt: skip
            assert ann.get(path).status in {200, 409}, path
        for path in (f"{here.path}/invites", f"/groups/{web}/invites", f"{here.path}/users", f"/groups/{web}/users"):
            done(ann.get(path, accept=OLD))
        eve = here.outsider(f"eve-{here.edition}")
        for decide in (approve, deny):
            done(decide(ann, web, asked(here, eve, web)))
        assert withdraw(eve, asked(here, eve, web)).status == 204
        assert requests_to(here, web, "DENIED", by=ann) + mine(eve)
        for path in (f"{OWN}/orgs/{here.id}/roles", f"{OWN}/groups/{web}/roles?itemsPerPage=1&pageNum=3"):
            done(ann.get(path))
        done(ann.get(f"{OWN}/groups/{web}/roles?userId={eve.id}"))
        read_events((ann, here.path), (eve, here.path), (ann, f"/groups/{web}"))
        done(eve.post(f"{OWN}/me/projects/{web}:leave"))
        done(eve.post(f"{OWN}/me/organizations/{here.id}:leave"))
        done(key.get(here.path))
        use_teams(here, web, bob)
        done(accept(pia, invitation))
        done(here.bound(pia.id, "ORG_MEMBER", ends=60))
        done(here.suspend(pia.id))
        done(here.remove(pia.id))
        done(ann.get(f"/groups/{web}"))
        done(here.remove(bob.id, project=web, by=ann))
        world.erase(f"bob-{here.edition}@example.org")
        assert (ann.delete(f"/groups/{web}").status, ann.delete(here.path).status) == (202, 204)


@pytest.fixture(scope="module")
def statements(tmp_path_factory):
    """Give whatever SQL requests run, of every kind of operation."""
    seen = set()
    plain = opening.connect

    def traced(path):
        connection = plain(path)
        connection.set_trace_callback(seen.add)
        return connection

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(opening, "connect", traced)
        world = open_world(tmp_path_factory.mktemp("exercise"))
        _ = world.store.view
        seen.clear()
        exercise(world)
        world.close()
    return {sql for sql in seen if sql.split()[0] in {"SELECT", "UPDATE", "DELETE", "WITH"}}


def test_no_request_scans_a_table(connection, statements):
    """Whatever SQL requests run, of every kind of operation, no step of its plan scans a table."""
    assert len(statements) > 300
    assert {sql: steps for sql in statements if (steps := scans(connection, sql))} == {}


def test_no_page_is_cut_from_what_has_to_be_sorted_first(connection, statements):
    """A page is read in the order of an index, or of what the query was given: nothing is sorted to show a part."""
    pages = [sql for sql in statements if sql.startswith(("SELECT", "WITH")) and " LIMIT " in sql]
    assert len(pages) > 50
    assert {sql: steps for sql in pages if (steps := sorts(connection, sql))} == {}


def test_the_next_event_of_a_stream_is_found_by_its_place(connection, statements):
    """By revision and ordinal both: one command may raise thousands of events of a kind."""
    merging = [sql for sql in statements if sql.startswith("WITH RECURSIVE")]
    assert {" ASC" in sql for sql in merging} == {True, False}
    for sql in merging:
        assert any("(revision,ordinal)" in step for step in plan(connection, sql)), sql


@pytest.mark.parametrize(
    ("column", "filters"),
    [
        ("org_id", {}),
        ("org_id", {"types": ["JOINED_ORG"]}),
        ("org_id", {"projects": ["f" * 24]}),
        ("project_id", {}),
        ("project_id", {"excluded": ["JOINED_GROUP"]}),
    ],
)
def test_every_stream_of_events_has_its_counter_and_its_index(column, filters):
    """What a feed is merged from is counted, and lies along an index in the order of time."""
    by = tuple(Feed(column=column, scope="0" * 24, **filters).streams().by)
    events = metadata.tables["events"]
    assert by in events.info["counters"]
    assert (*by, "revision", "ordinal") in {tuple(index.columns.keys()) for index in events.indexes}

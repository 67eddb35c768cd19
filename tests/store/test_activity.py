"""Activity is what a look at every row of the log would find, for whoever may know of all of it or of a part."""

import json
from contextlib import closing
from dataclasses import replace
from random import Random

import pytest

from orgward.catalog.event_types import EVENT_TYPES
from orgward.store.events import index_events
from orgward.store.migrate import migrate
from orgward.store.reads import activity
from orgward.store.reads.activity import ActivityListing, ActivityQuery, activity_page
from orgward.store.reads.keyset import START, Place
from orgward.store.reads.logged import RoleOf, Shown, logged_row
from orgward.store.sqlite import connect
from orgward.store.view import SqlView
from tests.store.paging import turned

ORG, OTHER = "0" * 24, "1" * 24
PROJECTS = ["a" * 24, "b" * 24, "c" * 24]
TYPES = [
    "JOINED_ORG",
    "TEAM_CREATED",
    "GROUP_MOVED_FROM_ORG",
    "JOINED_GROUP",
    "GROUP_CREATED",
    "USER_ROLES_CHANGED_AUDIT",
]
ACTORS = [("user", "d" * 24), ("user", "e" * 24), ("api_key", "f" * 24), ("operator", "root")]
START_AT, STEP, ROWS = 1_800_000_000_000, 10_000, 160
LOG = "INSERT INTO log VALUES (?, ?, ?, ?, ?, '', 'doIt', ?, 'request', ?, ?, ?, '', '', 'hash')"

SHOWN = {
    "everything": Shown(ORG),
    "two projects": Shown(ORG, projects=PROJECTS[:2]),
    "no project": Shown(ORG, projects=()),
    "a project": Shown(ORG, project=PROJECTS[0]),
}


class Row:
    """A row of the log at random."""

    def __init__(self, random, revision):
        """Choose what it says."""
        self.revision, self.at = revision, START_AT + revision // 3 * STEP
        self.org = random.choice([ORG, ORG, OTHER, None])  # None is in no organization's chain
        self.actor = random.choice(ACTORS)
        self.refused = random.random() < 0.25
        self.target = random.choice([self.org or ORG, *PROJECTS])
        self.events = [] if self.refused else [self._event(random) for _ in range(random.choice([0, 1, 1, 2, 4]))]
        self.deltas = [["assignments", ["holder", scope, "ROLE"], random.choice([None, {}])] for scope in
                       random.sample([self.org or OTHER, *PROJECTS], 0 if self.refused else 2)]  # fmt: skip

    def _event(self, random):
        event = {"type": random.choice(TYPES), "orgId": self.org or random.choice([ORG, OTHER])}
        about = "project" in EVENT_TYPES[event["type"]].feeds and random.random() < 0.8
        return {**event, "groupId": random.choice(PROJECTS)} if about else event

    @property
    def body(self):
        """Give what the row says of itself."""
        return {"code": "NO", "parameters": ["x"]} if self.refused else {"n": 1, "events": self.events}

    def told(self, shown):
        """Give the events that are shown of the row."""
        return [event for event in self.events if self._tells(event, shown)]

    def _tells(self, event, shown):
        kind = EVENT_TYPES[event["type"]]
        about = event.get("groupId") if "project" in kind.feeds else None
        if shown.project:
            return about == shown.project
        if shown.projects is None:
            return self.org == ORG or ("organization" in kind.feeds and event["orgId"] == ORG)
        is_known = about in shown.projects if about else not kind.names_lost_project
        return "organization" in kind.feeds and event["orgId"] == shown.org and is_known

    def is_shown(self, shown):
        """Say whether the row is shown at all."""
        if shown.everything and self.org == ORG:
            return True
        if self.refused and shown.everything:
            return False
        if self.refused:
            return self.org == ORG and self.target in ([shown.project] if shown.project else shown.projects)
        return bool(self.told(shown))

    def knows(self, shown, scope):
        """Say whether it may be told what the row says of a scope: of a row of nobody's, what its events are about."""
        if not shown.everything or self.org == ORG:
            return shown.knows(scope)
        return scope in {ORG, *(event.get("groupId") for event in self.told(shown))}

    def fits(self, shown, query):
        """Say whether the query asks for the row."""
        return (
            self.is_shown(shown)
            and (query.since is None or query.since <= self.at)
            and (query.until is None or self.at <= query.until)
            and query.actor in {"", self.actor[1]}
            and (self.org == ORG or not shown.everything or not query.actor or bool(query.types))
            and (not query.kinds or self.actor[0] in query.kinds)
            and (not query.refused or self.refused)
            and (not query.types or any(event["type"] in query.types for event in self.told(shown)))
        )


@pytest.fixture(params=range(3))
def log(request, tmp_path):
    """Give a view of a store with a log at random, and its rows, the newest first."""
    random = Random(request.param)
    rows = [Row(random, revision) for revision in range(1, ROWS)]
    migrate(tmp_path / "orgward.db")
    with closing(connect(tmp_path / "orgward.db")) as connection:
        for row in rows:
            body, deltas = (json.dumps(part).encode() for part in (row.body, row.deltas))
            outcome = "refused" if row.refused else "done"
            values = (row.revision, row.org, row.at, *row.actor, row.target, outcome, body, deltas)
            connection.execute(LOG, values)
            index_events(connection, row.revision, row.at, row.body)
        yield SqlView(connection), rows[::-1]


def queries():
    """Give what may be asked for."""
    middle = START_AT + ROWS // 6 * STEP
    yield ActivityQuery()
    yield ActivityQuery(since=middle)
    yield ActivityQuery(until=middle)
    yield ActivityQuery(since=middle - 10 * STEP, until=middle + 10 * STEP, refused=True)
    yield from (ActivityQuery(actor=actor) for _, actor in (*ACTORS, ("user", "nobody")))
    yield ActivityQuery(kinds=["api_key", "operator"])
    yield ActivityQuery(refused=True)
    yield ActivityQuery(refused=True, actor=ACTORS[0][1])
    yield ActivityQuery(types=["JOINED_ORG"])
    yield ActivityQuery(types=["GROUP_CREATED", "USER_ROLES_CHANGED_AUDIT"], actor=ACTORS[1][1])


@pytest.mark.parametrize("shown", SHOWN.values(), ids=SHOWN)
def test_every_page_of_every_activity(log, shown):
    """For everybody and with each filter, forwards and backwards; what is counted is counted right."""
    view, rows = log
    for query in queries():
        # Types that only feeds of projects show are not among those of the organization.
        asked = replace(
            query, types=[t for t in query.types if shown.project or "organization" in EVENT_TYPES[t].feeds]
        )
        wanted = [row.revision for row in rows if row.fits(shown, asked)]
        found, total = turned(lambda place, size: ActivityListing(view, shown, asked).page(place, size), 7)  # noqa: B023
        assert [row.revision for row in found] == wanted, asked
        assert total in {None, len(wanted)}, asked
        chunks = ActivityListing(view, shown, asked).chunks()
        assert [row.revision for chunk in chunks for row in chunk] == wanted
    assert activity_page(view, SHOWN["everything"], ActivityQuery(), START, size=5).total is not None


@pytest.mark.parametrize("shown", SHOWN.values(), ids=SHOWN)
def test_a_row_tells_no_more_than_somebody_may_know(log, shown):
    """Its events, roles, target and body; what is not shown is not found by its revision either."""
    view, rows = log
    for row in rows:
        found = logged_row(view, shown, row.revision)
        assert (found is not None) == row.is_shown(shown)
        if found is None:
            continue
        assert list(found.events) == row.told(shown)
        roles = {RoleOf(*key): after is not None for _, key, after in row.deltas if row.knows(shown, key[1])}
        assert {**dict.fromkeys(found.given, True), **dict.fromkeys(found.taken, False)} == roles
        assert found.body == ({"n": 1} if shown.everything and row.org == ORG and not row.refused else {})
        assert (found.code, found.parameters) == (("NO", ("x",)) if row.refused else ("", ()))
        named = {value for event in found.events for value in event.values()}
        assert found.target == (row.target if row.knows(shown, row.target) or row.target in named else "")
    assert logged_row(view, shown, ROWS + 5) is None


def test_a_search_that_gives_up_goes_on_on_the_next_page(log, monkeypatch):
    """Few rows of many cost many short pages, and none of them is lost."""
    monkeypatch.setattr(activity, "_LOOKED_AT", 4)
    monkeypatch.setattr(activity, "_LONGEST", 1)
    view, rows = log
    query = ActivityQuery(kinds=["operator"])
    listing, place, found = ActivityListing(view, SHOWN["everything"], query), START, []
    given_up = 0
    while place is not None:
        page = listing.page(place, 2)
        found += [row.revision for row in page.rows]
        place = page.after
        given_up += len(page.rows) < 2 and place is not None
    assert found == [row.revision for row in rows if row.fits(SHOWN["everything"], query)]
    assert given_up > 3


@pytest.mark.parametrize("id_", ["x", "9" * 30, "-1", "\uff11"])
def test_a_place_that_names_no_revision_is_the_start(log, id_):
    """Whatever somebody writes into the address."""
    view, _ = log
    first, other = (activity_page(view, SHOWN["everything"], ActivityQuery(), place, size=5) for place in
                    (START, Place(id_, 3)))  # fmt: skip
    assert first == other

"""Feeds are what a look at every row of the log would find: whatever is asked for, and on whichever page."""

import json
from contextlib import closing
from random import Random

import pytest

from orgward.catalog.event_types import EVENT_TYPES
from orgward.store.events import index_events
from orgward.store.migrate import migrate
from orgward.store.reads.events import Feed
from orgward.store.sqlite import connect
from orgward.store.view import SqlView

ORGANIZATIONS = ["0" * 24, "1" * 24]
PROJECTS = ["a" * 24, "b" * 24, "c" * 24]
TYPES = [
    "JOINED_ORG", "TEAM_CREATED", "GROUP_MOVED_FROM_ORG", "JOINED_GROUP", "GROUP_NAME_CHANGED", "GROUP_CREATED",
    "API_KEY_CREATED", "USER_ROLES_CHANGED_AUDIT",
]  # fmt: skip
START, STEP, ROWS, PER_PAGE = 1_800_000_000_000, 10_000, 90, 7
LOG = "INSERT INTO log VALUES (?, NULL, ?, 'user', '', '', '', '', '', 'done', ?, '[]', '', '', '')"


def told(random, revision):
    """Give a row of the log: its revision, its time, and some events of any kind."""
    events = []
    for _ in range(random.choice([0, 1, 1, 2, 5])):
        event = {"type": random.choice(TYPES), "orgId": random.choice(ORGANIZATIONS)}
        about = "project" in EVENT_TYPES[event["type"]].feeds and random.random() < 0.8
        events.append({**event, "groupId": random.choice(PROJECTS)} if about else event)
    return revision, START + revision // 3 * STEP, events


@pytest.fixture(params=range(4))
def log(request, tmp_path):
    """Give a view of a store with a log at random, and its rows."""
    random = Random(request.param)
    rows = [told(random, revision) for revision in range(1, ROWS)]
    migrate(tmp_path / "orgward.db")
    with closing(connect(tmp_path / "orgward.db")) as connection:
        for revision, at, events in rows:
            connection.execute(LOG, (revision, at, json.dumps({"events": events}).encode()))
            index_events(connection, revision, at, {"events": events})
        yield SqlView(connection), rows, random


def is_shown(feed, at, event):
    """Say whether the feed shows the event, by its own terms."""
    kind = EVENT_TYPES[event["type"]]
    place, member = ("organization", "orgId") if feed.column == "org_id" else ("project", "groupId")
    project = event.get("groupId") if "project" in kind.feeds else None
    known = feed.projects is None or project in feed.projects or (project is None and not kind.names_lost_project)
    return (
        known
        and place in kind.feeds
        and event.get(member) == feed.scope
        and (feed.types is None or event["type"] in feed.types)
        and event["type"] not in feed.excluded
        and (feed.since is None or at >= feed.since)
        and (feed.until is None or at <= feed.until)
    )


def feeds(random):
    """Give feeds with every filter there is, alone and together."""
    for _ in range(60):
        column = random.choice(["org_id", "project_id"])
        times = sorted(START + random.randrange(-2, ROWS // 3 + 2) * STEP + random.randrange(-1, 2) for _ in range(2))
        yield Feed(
            column=column,
            scope=random.choice(ORGANIZATIONS if column == "org_id" else PROJECTS),
            types=random.choice([None, None, random.sample([*TYPES, "UNKNOWN"], random.randrange(4))]),
            excluded=random.choice([(), (), random.sample(TYPES, 2)]),
            since=random.choice([None, None, times[0]]),
            until=random.choice([None, None, times[1]]),
            projects=random.choice([None, random.sample(PROJECTS, 1), PROJECTS[1:]]) if column == "org_id" else None,
        )


def pages(view, feed, *, counted):
    """Give all that the pages of the feed show, and the total that each of them tells."""
    shown, totals = [], set()
    for offset in range(0, 5 * ROWS, PER_PAGE):
        page, total = feed.page(view, limit=PER_PAGE, offset=offset, counted=counted)
        shown += page
        totals.add(total)
        if not page:
            return shown, totals
    pytest.fail("the feed never ends")


def test_every_page_of_every_feed_is_what_the_log_says(log):
    """Newest first, each event once, and as many as are told; the last pages are read from the other end."""
    view, rows, random = log
    found = 0
    for feed in feeds(random):
        wanted = [
            (at, event) for _, at, events in reversed(rows) for event in reversed(events) if is_shown(feed, at, event)
        ]
        for counted in (True, False):
            shown, totals = pages(view, feed, counted=counted)
            assert [(event.at, event.body) for event in shown] == wanted, feed
            is_free = feed.since is None and feed.until is None
            assert totals == {len(wanted) if counted or is_free else None}, feed
        for event in random.sample(shown, min(3, len(shown))):
            assert feed.find(view, event.id) == event
        found += len(wanted)
    assert found > 500


def test_a_feed_finds_no_event_that_it_does_not_show(log):
    """Of another organization or project, of a project that is not known, or that was lost, each by its true id."""
    view, rows, random = log
    everything = {}
    for column, scopes in (("org_id", ORGANIZATIONS), ("project_id", PROJECTS)):
        for scope in scopes:
            shown, _ = pages(view, Feed(column=column, scope=scope), counted=True)
            everything |= {event.id: event for event in shown}
    assert len(everything) == sum(len(events) for _, _, events in rows if events) - unplaced(rows)
    for projects in (None, PROJECTS[:1]):
        feed = Feed(column="org_id", scope=ORGANIZATIONS[0], projects=projects)
        for event in random.sample(sorted(everything.values(), key=lambda event: event.id), 40):
            found = feed.find(view, event.id)
            assert (found is not None) == is_shown(feed, event.at, event.body)


def unplaced(rows):
    """Give how many events are of projects alone and name none."""
    kinds = [event for _, _, events in rows for event in events if "groupId" not in event]
    return sum("organization" not in EVENT_TYPES[event["type"]].feeds for event in kinds)

"""The activity pages show whatever the log can hold: every type of event, by anybody, about what is long gone (6.9)."""

import re
from itertools import product
from urllib.parse import quote

import pytest

from orgward.catalog.event_types import EVENT_TYPES
from orgward.console.frame.words import LANGUAGES
from orgward.edge.errors import ANSWERS
from orgward.kernel.delta import Delta
from orgward.kernel.errors import OrgwardError
from orgward.store.log import Entry
from orgward.store.reads.activity import ActivityListing
from orgward.store.reads.keyset import Place
from orgward.store.writer import Outcome, Submission

GONE = "9" * 24
ACTORS = (("user", GONE), ("api_key", GONE), ("service_account", GONE), ("operator", "root"), ("user", ""))
VARIED = {"USER_ROLES_CHANGED_AUDIT", "SERVICE_ACCOUNT_ROLES_CHANGED"}
MORE = ({}, {"suspended": True}, {"suspended": False}, {"readdressed": True}, {"notMapped": "CODE"})


def submit(world, org, run, *, actor=("operator", "root"), action="someCommand", target=GONE):
    """Enter a row into the log of `org`, as a command would."""
    return world.store.submit(Submission(Entry(action, target, org, *actor, "credential"), run))


def events_of_each_type(company):
    """Give for each type an event with all that one can name, about what is there, what is gone, or nothing at all."""
    there = {
        "targetUserId": company.reader.id, "teamId": company.team, "apiKeyId": GONE, "publicKey": "abcdefgh",
        "serviceAccountId": GONE, "entry": "192.0.2.1", "limit": "limit", "roles": ["GROUP_OWNER"],
    }  # fmt: skip
    gone = {"targetUserId": GONE, "teamId": GONE}
    for kind, (about, project) in product(EVENT_TYPES.values(), ((there, company.prod), (gone, GONE), ({}, None))):
        at = {"orgId": company.id, **({"groupId": project} if "project" in kind.feeds and project else {})}
        yield from ({"type": kind.name, **at, **about, **more} for more in (MORE if kind.name in VARIED else MORE[:1]))


def roles(company):
    """Give the deltas of roles that were given and taken, by hand and by a mapping, one of which nobody knows now."""
    row = {
        "holder_kind": "user", "org_id": company.id, "starts": 0, "ends": 1 << 62, "added_by_owner": False,
    }  # fmt: skip
    given = (("ORG_OWNER", True), ("ORG_READ_ONLY", False))
    deltas = [
        Delta("assignments", (GONE, company.id, role), {
            "holder_id": GONE, "scope_id": company.id, "role": role, "mapped": mapped, **row,
        })
        for role, mapped in given
    ]  # fmt: skip
    return [*deltas, Delta("assignments", (company.team, GONE, "GROUP_FORMER_ROLE"), None)]


@pytest.fixture
def eventful(company):
    """Give a company in whose log there is one row for each event, actor and refusal, and how many there are."""
    world, rows = company.world, []
    actors = [*ACTORS, ("user", company.owner.id)]
    for number, event in enumerate(events_of_each_type(company)):
        outcome = Outcome(roles(company), {"events": [event]}, org_id=company.id, target=GONE)
        rows.append(submit(world, company.id, lambda tx, it=outcome: it, actor=actors[number % len(actors)]))
    both = [{"type": name, "orgId": company.id} for name in ("ORG_RENAMED", "OWNER_ROLE_GIVEN_BY_NON_OWNER")]
    for events in ([], both, both[1:], both[:1] * 9, [{"type": "OF_A_LATER_VERSION", "orgId": company.id}]):
        outcome = Outcome([], {"events": events}, org_id=company.id)
        rows.append(submit(world, company.id, lambda tx, it=outcome: it))
    for result in rows:
        result.result(30)
    return company


def every_page(visitor, path):
    """Give each page of the list, the newest rows first, and the revisions on them."""
    place, found = "", []
    while True:
        shown = visitor.get(f"{path}?after={place}")
        assert shown.status == 200, (shown.status, place)
        revisions = [int(number) for number in re.findall(r'<article class="ow-entry" id="e(\d+)"', shown.text)]
        if not revisions:
            return found
        found.append((shown, revisions))
        place = Place(str(min(revisions)), 25).text


def in_log(company):
    """Give the revisions of the rows of the organization's log."""
    rows = company.world.store.view.rows("SELECT revision FROM log WHERE org_id = :org", {"org": company.id})
    return {revision for (revision,) in rows}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_event_is_told(eventful, language):
    """Each type has its sentence, in both languages, whoever did it and whatever is left of what it was about."""
    visitor = eventful.visit(eventful.owner)
    visitor.cookies["orgward-language"] = language
    shown = every_page(visitor, f"/o/{eventful.id}/activity")
    assert {revision for _, revisions in shown for revision in revisions} == in_log(eventful)


def test_every_event_has_its_details(eventful):
    """Opened, each row shows its place in the chain, and leads to everything of whoever is in it."""
    visitor = eventful.visit(eventful.owner)
    for revision in sorted(in_log(eventful))[::3]:
        shown = visitor.get(f"/o/{eventful.id}/activity?period=1&open={revision}")
        assert (shown.status, "Chain" in shown.text or "chain" in shown.text) == (200, True), revision


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_event_of_a_project_is_told(eventful, language):
    """To whoever reads the project; and to members who see a part of the organization, that part."""
    visitor = eventful.visit(eventful.reader)
    visitor.cookies["orgward-language"] = language
    of_project = sum("project" in kind.feeds for kind in EVENT_TYPES.values())
    told = {revision for _, found in every_page(visitor, f"/p/{eventful.prod}/activity") for revision in found}
    assert len(told) >= of_project
    part = {revision for _, found in every_page(visitor, f"/o/{eventful.id}/activity") for revision in found}
    assert told & part
    assert part < in_log(eventful)


def test_the_file_holds_every_event(eventful):
    """One line a row; whoever hangs up at once, as a visitor of tests does, has the first part of it."""
    visitor = eventful.visit(eventful.owner)
    for what in ("people", "teams", "keys", "accounts", "projects", "organization"):
        shown = visitor.get(f"/o/{eventful.id}/activity.csv?what={what}")
        assert shown.status == 200
        assert len(shown.text.splitlines()) > 1, what


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_refusal_is_told(company, language):
    """With each code that there is, whatever parameters came with it, and one that only a later version knows."""
    world = company.world

    def refused(code, *parameters):
        def run(tx):
            raise OrgwardError(code, *parameters)

        return run

    said = [refused(code, *parameters) for code in ANSWERS for parameters in ((), ("org.rename",), ("{}", "<b>", "2"))]
    said.append(refused("CODE_OF_A_LATER_VERSION", "x"))
    # Of one principal only some refusals are kept within a minute.
    sent = [submit(world, company.id, run, actor=("user", f"{n:024x}")) for n, run in enumerate(said)]
    assert all(each.exception(30) for each in sent)
    visitor = company.visit(company.owner)
    visitor.cookies["orgward-language"] = language
    shown = every_page(visitor, f"/o/{company.id}/activity")
    assert {revision for _, revisions in shown for revision in revisions} == in_log(company)


STRANGE = (
    "after", "open", "actor", "about", "q", "project", "minDate", "maxDate", "period", "what", "who", "eventType",
)  # fmt: skip


@pytest.mark.parametrize("name", STRANGE)
def test_whatever_is_asked_for_is_answered(company, name):
    """Of what an address can say there is nothing that the page fails at."""
    visitor = company.visit(company.owner)
    passed = [Place("5", 2**64 - 1).text, Place("5", 2**63 - 1, backwards=True).text, Place("x" * 99, 1).text]
    times = ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"]
    texts = [
        "",
        "0",
        "-1",
        str(2**63),
        str(2**63 - 1),
        "9" * 19,
        "9" * 400,
        "\0",
        "%",
        "\ud800",
        "'\"<",
        "*",
        GONE,
        "é",
        "²",
    ]
    for text in (*texts, *times, *passed, company.id, company.prod, company.team, "mia", "prod"):
        encoded = quote(text.encode("utf-8", "surrogatepass"))
        for path in (f"/o/{company.id}/activity", f"/p/{company.prod}/activity", f"/o/{company.id}/activity.csv"):
            shown = visitor.get(f"{path}?{name}={encoded}")
            assert shown.status < 500, (path, name, text)


def test_what_goes_while_it_is_read_is_not_found(company, monkeypatch):
    """Rows are read one after the other: what is deleted in between is unknown, and no fault of ours."""
    page = ActivityListing.page

    def slow(listing, *asked):
        for path in (f"/groups/{company.prod}", f"/groups/{company.dev}", f"/orgs/{company.id}"):
            company.key.delete(path)
        return page(listing, *asked)

    monkeypatch.setattr(ActivityListing, "page", slow)
    assert company.visit(company.owner).get(f"/o/{company.id}/activity").status == 404


def test_a_fault_of_ours_stays_one(company, monkeypatch):
    """What fails again is told as a fault."""
    monkeypatch.setattr(ActivityListing, "page", None)
    assert company.visit(company.owner).get(f"/o/{company.id}/activity").status == 500

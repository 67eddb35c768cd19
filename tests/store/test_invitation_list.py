"""Lists of invitations are what a look at every row would find: by tab, by whatever is asked for, the newest first."""

import json
from dataclasses import replace
from functools import partial

import pytest

from bench.crowd import NOW
from orgward.store.reads import invitation_list
from orgward.store.reads.invitation_list import InvitationListing, InvitationQuery, invitation_page, inviters
from orgward.store.reads.invitation_tabs import invitation_tabs
from tests.store.paging import turned

TABS = ("all", "pending", "expired", "failed", "declined", "accepted")


@pytest.fixture(params=[(3, 200), (3_000, 200), (3_000, 0)], ids=["walked", "collected", "sparse"])
def few(request, monkeypatch):
    """Let almost everything be too much to be sorted, or nothing, or nothing ever lie dense enough."""
    for number in ("FEW", "_MOST_ADDRESSES"):
        monkeypatch.setattr(invitation_list, number, request.param[0])
    monkeypatch.setattr(invitation_list, "_SPARSE", request.param[1])
    return request.param[0]


@pytest.fixture(scope="module")
def sent(crowd):
    """Give every invitation with what a list shows of it, the newest first."""
    failed = {row["invitation_id"] for row in crowd.all("undelivered")}
    addresses = {row["id"]: row["username"] for row in crowd.all("person_data")}
    hanging = {}
    for row in crowd.all("project_members"):
        hanging.setdefault(row["invitation_id"], set()).add(row["project_id"])
    found = []
    for row in crowd.all("invitations"):
        state = row["state"]
        if state == "pending":
            state = "failed" if row["id"] in failed else "pending" if row["expires_at"] > NOW else "expired"
        accepted = {row["project_id"]} if state == "accepted" else set()
        projects = hanging.get(row["id"], set()) | accepted
        found.append({**row, "state": state, "address": addresses[row["user_id"]], "projects": projects})
    return sorted(found, key=lambda row: row["id"], reverse=True)


def fits(row, query):
    """Say whether the query asks for the invitation."""
    return (
        row["state"] == query.tab or (query.tab == "all" and row["state"] != "cancelled")
    ) and (
        (len(query.q) < 2 or row["address"].casefold().startswith(query.q.casefold()))
        and query.inviter in {"", row["inviter_id"]}
        and (not query.project or query.project in row["projects"])
    )  # fmt: skip


def queries(crowd):
    """Give what may be asked for besides the tab."""
    projects = [row["id"] for row in crowd.all("projects")]
    inviter = crowd.all("members")[0]["user_id"]
    yield InvitationQuery()
    yield from (InvitationQuery(q=q) for q in ("a", "MA", "ann.", "nobody"))
    yield InvitationQuery(inviter=inviter)
    yield from (InvitationQuery(project=project) for project in projects[:3])
    yield InvitationQuery(q="ma", inviter=inviter)
    yield InvitationQuery(q="a", project=projects[0], inviter=inviter)
    yield InvitationQuery(q="ma", project=projects[1])


def test_every_page_of_every_list(few, crowd, crowded, sent):
    """Each tab with each filter, forwards and backwards, with the total wherever it is told."""
    for query in queries(crowd):
        for tab in TABS:
            asked = replace(query, tab=tab)
            wanted = [row["id"] for row in sent if fits(row, asked)]
            listing = InvitationListing(crowded, crowd.org, asked, NOW)
            found, total = turned(listing.page, max(5, len(wanted) // 4))
            assert found == wanted, asked
            assert total in {len(wanted), None}, asked
            assert total is not None or len(wanted) > few or query.q, asked
            assert [id_ for chunk in listing.chunks() for id_ in chunk] == wanted


def test_every_tab_tells_how_many_it_has(crowd, crowded, sent):
    """Of the organization and of each project; no invitation stands in two tabs but in the one of all."""
    for project in ("", *(row["id"] for row in crowd.all("projects"))):
        told = invitation_tabs(crowded, crowd.org, NOW, project=project)
        for tab in TABS:
            wanted = [row for row in sent if fits(row, InvitationQuery(tab=tab, project=project))]
            assert getattr(told, tab) == len(wanted), (project, tab)
    everything = invitation_tabs(crowded, crowd.org, NOW)
    assert everything.all == sum(getattr(everything, tab) for tab in TABS[1:])
    assert min(getattr(everything, tab) for tab in TABS) > 0


def test_rows_tell_to_whom_by_whom_and_what(crowd, crowded, sent):
    """Address, state with its reason, roles, projects and teams by name, and who sent it."""
    names = {row["id"]: row["name"] for table in ("projects", "teams") for row in crowd.all(table)}
    people = {row["id"]: row for row in crowd.all("person_data")}
    rows, _ = turned(partial(invitation_page, crowded, crowd.org, InvitationQuery(), now=NOW), 50)
    for row, wanted in zip(rows, (row for row in sent if row["state"] != "cancelled"), strict=True):
        parts = json.loads(wanted["parts"])
        assert (row.id, row.address, row.state) == (wanted["id"], wanted["address"], wanted["state"])
        assert (row.sent_at, row.expires_at) == (wanted["created_at"], wanted["expires_at"])
        assert row.roles == ("ORG_MEMBER",)
        brought = [(b.id, b.name, list(b.roles)) for b in (*row.projects, *row.teams)]
        assert brought == [(p["id"], names[p["id"]], p["roles"]) for p in parts if p["scope"] != "organization"]
        assert row.inviter.mark == people[wanted["inviter_id"]]["username"]
        assert row.reason == ("no such mailbox" if row.state == "failed" else "")


def test_whoever_has_invited_somebody_is_told_once(crowd, crowded, sent):
    """By name, for a filter to choose from."""
    found = inviters(crowded, crowd.org)
    assert sorted(actor.id for actor in found) == sorted({row["inviter_id"] for row in sent})
    assert inviters(crowded, "0" * 24) == []

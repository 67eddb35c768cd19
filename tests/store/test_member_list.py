"""The list of members is what a look at every row would find, whatever is asked for, on every page, in its order."""

import unicodedata
from dataclasses import replace
from functools import partial
from itertools import product

import pytest

from bench.crowd import DAY, NOW
from orgward.kernel.instants import FOREVER
from orgward.store.reads import member_list
from orgward.store.reads.counts import member_tiles
from orgward.store.reads.keyset import START, Place
from orgward.store.reads.member_filters import STATES, MemberQuery
from orgward.store.reads.member_list import MemberListing, member_page, state_counts
from orgward.store.reads.member_rows import Held
from tests.store.paging import turned

PAGES = 5
SORTS = ("name", "-name", "seen", "-seen")
TEXTS = ("a", "an", "ANN", "ann k", "mül", "MUL", "o'n", "von h", "zoe", "ann.ke", "x")
ROLES = ("ORG_OWNER", "ORG_MEMBER", "ORG_READ_ONLY", "ORG_BILLING_ADMIN")


def plain(text):
    """Give `text` without capitals and accents."""
    signs = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in signs if not unicodedata.combining(sign))


class Person:
    """What the rows say of a member, put together the slow way."""

    def __init__(self, crowd, row):
        """Look at every table."""
        self.row, self.id = row, row["user_id"]
        self.person = crowd.persons[self.id]
        self.address, self.first, self.last = (plain(self.person[n]) for n in ("username", "first_name", "last_name"))
        if row["state"] == "pending":  # what they are called elsewhere is not told to who invites them
            self.first = self.last = ""
        self.name = f"{self.first} {self.last}".strip() or self.address
        self.seen = crowd.accounts[self.id]["last_auth_at"]
        self.roles = crowd.roles.get(self.id, [])
        self.teams = crowd.in_teams.get(self.id, set())
        self.factors = crowd.factors.get(self.id, set())

    @property
    def state(self):
        """Say which state the list has the member in, None for one whom it does not show."""
        if self.row["state"] == "pending":
            return "pending" if self.row["expires_at"] > NOW else None
        return {"active": "suspended" if self.row["suspended"] else "active"}.get(self.row["state"])

    def fits(self, query):
        """Say whether the query asks for the member."""
        joined = self.state != "pending"
        starts = (self.name, self.last, self.address)
        return (
            self.state is not None
            and (not query.states or self.state in query.states)
            and (len(query.q) < 2 or any(start.startswith(plain(query.q)) for start in starts))
            and (not query.roles or bool({held.role for held in self.roles} & {*query.roles}))
            and (not query.teams or bool(self.teams & {*query.teams}))
            and (not query.factors or (joined and bool((self.factors or {"none"}) & {*query.factors})))
            and (query.idle_since is None or (joined and (self.seen or 0) < query.idle_since))
            and (query.among is None or self.id in query.among)
        )

    def place(self, query):
        """Give where in the order the member stands."""
        seen = -1 if self.state == "pending" else self.seen or 0
        return (seen if query.facet == "seen" else self.name), self.id


class Look:
    """The crowd, ready to be looked at row by row."""

    def __init__(self, crowd):
        """Sort the rows by person."""
        self.persons = {row["id"]: row for row in crowd.all("person_data")}
        self.accounts = {row["id"]: row for row in crowd.all("users")}
        self.roles, self.in_teams, self.factors = {}, {}, {}
        for row in crowd.all("assignments"):
            if row["scope_id"] == crowd.org and row["ends"] > NOW:
                held = Held(row["role"], row["starts"], None if row["ends"] == FOREVER else row["ends"])
                self.roles.setdefault(row["holder_id"], []).append(held)
        for row in crowd.all("team_members"):
            self.in_teams.setdefault(row["user_id"], set()).add(row["team_id"])
        for row in crowd.all("second_factors"):
            if row["is_active"] and row["kind"] != "recovery":
                self.factors.setdefault(row["user_id"], set()).add(row["kind"])
        self.people = [Person(self, row) for row in crowd.all("members")]

    def found(self, query):
        """Give whom the query asks for, in its order."""
        fitting = [person for person in self.people if person.fits(query)]
        return sorted(fitting, key=lambda person: person.place(query), reverse=query.sort.startswith("-"))


@pytest.fixture(scope="module")
def look(crowd):
    """Give the crowd to be looked at."""
    return Look(crowd)


@pytest.fixture(params=[10, 100_000], ids=["walked", "collected"])
def few(request, monkeypatch):
    """Let almost everything be too much to be sorted, or nothing."""
    monkeypatch.setattr(member_list, "FEW", request.param)


def queries(crowd):
    """Give what a list may be asked for: each filter by itself, then some together."""
    teams = [row["id"] for row in crowd.all("teams")]
    some = {row["user_id"] for row in crowd.all("members")[::7]}
    yield MemberQuery()
    yield from (
        MemberQuery(q=q) for q in ("a", "an", "ANN", "ann k", "mül", "MUL", "o'n", "von h", "zoe", "ann.ke", "x")
    )
    yield from (MemberQuery(roles=[role]) for role in ROLES)
    yield MemberQuery(roles=ROLES[1:3])
    yield from (MemberQuery(states=[state]) for state in ("active", "pending", "suspended"))
    yield MemberQuery(states=["pending", "suspended"])
    yield from (MemberQuery(teams=[team]) for team in (teams[0], teams[1], teams[15]))
    yield MemberQuery(teams=teams[:3])
    yield from (MemberQuery(factors=[kind]) for kind in ("none", "totp", "passkey"))
    yield MemberQuery(factors=["totp", "passkey"])
    yield from (MemberQuery(idle_since=NOW - days * DAY) for days in (0, 30, 90, 4_000))
    yield MemberQuery(among=some)
    yield MemberQuery(among=set())
    yield MemberQuery(among=some, q="ma", states=["active"])
    yield MemberQuery(q="an", roles=["ORG_MEMBER"], factors=["none"], idle_since=NOW - 30 * DAY)
    yield MemberQuery(states=["suspended"], factors=["passkey", "none"], teams=[teams[0]])
    yield MemberQuery(states=["pending"], q="ma")
    yield MemberQuery(states=["active"], idle_since=NOW - 10 * DAY)


def test_every_page_of_every_list(few, crowd, crowded, look):
    """Each filter alone and some together, in each order, forwards and backwards."""
    for query, sort in product(queries(crowd), SORTS):
        asked = replace(query, sort=sort)
        wanted = [person.id for person in look.found(asked)]
        found, total = turned(MemberListing(crowded, crowd.org, asked, NOW).page, max(25, len(wanted) // PAGES))
        assert found == wanted, asked
        assert total in {len(wanted), None}, asked
        assert total is not None or len(wanted) > 10 or asked.among is not None, asked


def test_what_few_find_has_a_total(crowd, crowded, look):
    """Whatever is asked for, a list that is short enough to be sorted says how long it is."""
    for query in queries(crowd):
        page = member_page(crowded, crowd.org, query, START, size=25, now=NOW)
        assert page.total == len(look.found(query)), query


def test_all_that_match_come_in_chunks(few, crowd, crowded, look):
    """Whoever wants them all gets each once, in order."""
    for query in (MemberQuery(sort="-seen"), MemberQuery(q="ma"), MemberQuery(factors=["none"])):
        chunks = list(MemberListing(crowded, crowd.org, query, NOW).chunks())
        assert [user for chunk in chunks for user in chunk] == [person.id for person in look.found(query)]


def test_rows_tell_what_the_list_shows(crowd, crowded, look):
    """Names, state, roles with their bounds, teams, projects, factors, and when they were seen."""
    people = {person.id: person for person in look.people}
    added = {}
    for row in crowd.all("project_members"):
        if row["state"] != "rejected":
            added.setdefault(row["user_id"], set()).add(row["project_id"])
    rows, _ = turned(partial(member_page, crowded, crowd.org, MemberQuery(), now=NOW), 100)
    for row in rows:
        person = people[row.user_id]
        names = tuple(person.person[name] for name in ("username", "first_name", "last_name"))
        assert (row.username, row.first_name, row.last_name) == names
        roles = [Held("ORG_MEMBER")] if person.state == "pending" else sorted(person.roles, key=lambda held: held.role)
        assert (row.state, list(row.roles)) == (person.state, roles)
        assert (row.teams, row.projects) == (len(person.teams), len(added.get(row.user_id, ())))
        assert set(row.factors) == (person.factors if person.state != "pending" else set())
        assert (row.last_auth_at, row.expires_at) == (person.seen, person.row["expires_at"])


def test_tiles_tell_what_the_list_has(crowd, crowded, look):
    """Each tile is the number of those whom its filter finds."""
    idle = NOW - 90 * DAY
    filters = (
        MemberQuery(states=["active", "suspended"]), MemberQuery(states=["pending"]), MemberQuery(roles=["ORG_OWNER"]),
        MemberQuery(factors=["none"]), MemberQuery(idle_since=idle),
    )  # fmt: skip
    tiles = member_tiles(crowded, crowd.org, idle_since=idle, now=NOW)
    told = (tiles.members, tiles.pending, tiles.owners, tiles.without_factor, tiles.idle)
    assert told == tuple(len(look.found(query)) for query in filters)
    assert min(told) > 0
    states = state_counts(crowded, crowd.org, NOW)
    assert states == {state: len(look.found(MemberQuery(states=[state]))) for state in STATES}


@pytest.mark.parametrize("place", [Place("0" * 24, 50), Place("0" * 24, 50, backwards=True)])
def test_a_page_at_somebody_who_has_gone_is_still_a_page(few, crowd, crowded, place):
    """Whoever is removed while somebody reads leaves a full page behind."""
    for query in (MemberQuery(), MemberQuery(factors=["none"])):
        assert len(member_page(crowded, crowd.org, query, place, size=25, now=NOW).rows) == 25


def test_another_organizations_team_finds_nobody(crowd, crowded):
    """A team, like everything else that is asked for, is one of this organization."""
    query = MemberQuery(teams=[crowd.all("teams")[0]["id"]])
    assert member_page(crowded, "0" * 24, query, START, size=25, now=NOW).total == 0

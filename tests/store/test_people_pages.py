"""Pages of people: whatever statuses are asked for, all pages together show each once, in the order of the list."""

from contextlib import closing
from random import Random

import pytest

from orgward.kernel.delta import Delta
from orgward.kernel.instants import FOREVER
from orgward.store.apply import apply_deltas
from orgward.store.migrate import migrate
from orgward.store.reads import waiting
from orgward.store.reads.memberships import ALL_STATUSES, of_organization, of_project, status_of
from orgward.store.reads.project_people import ProjectPeople
from orgward.store.reads.teams import TeamMembers
from orgward.store.sqlite import connect
from orgward.store.view import SqlView

ORG, PROJECT, TEAM, OTHER_TEAM = "0" * 24, "a" * 24, "b" * 24, "c" * 24
NOW, PEOPLE, PER_PAGE = 1_000, 80, 7
SOME = (ALL_STATUSES, ("ACTIVE",), ("ACTIVE", "PENDING"), ("PENDING",), ("INVITATION_EXPIRED", "INVITATION_REJECTED"))


class People:
    """A store with an organization, a project and two teams, and who is where in it, at random."""

    def __init__(self, connection, random):
        """Fill the store behind `connection`."""
        self.connection, self.random = connection, random
        self.view = SqlView(connection)
        users = [f"{number:024x}" for number in random.sample(range(1 << 60), PEOPLE)]
        self.members = {user: self._entered("members", {"org_id": ORG, "suspended": False}, user) for user in users}
        self.added = {
            user: self._entered(
                "project_members", {"project_id": PROJECT, "org_id": ORG, "added_by_owner": False}, user
            )
            for user in random.sample(users, PEOPLE // 2)
        }
        belonging = [user for user in users if self.members[user]["state"] != "rejected"]
        self.teams = {team: random.sample(belonging, size) for team, size in ((TEAM, 36), (OTHER_TEAM, 9))}
        for team, inside in self.teams.items():
            for user in inside:
                self._put("team_members", (user, team), {"user_id": user, "team_id": team, "org_id": ORG})
            role = {"holder_id": team, "scope_id": PROJECT, "role": "GROUP_READ_ONLY"}
            bounds = {"starts": 0, "ends": FOREVER, "added_by_owner": False, "mapped": False}
            self._put("assignments", tuple(role.values()), {**role, "holder_kind": "team", "org_id": ORG, **bounds})

    def _entered(self, table, scope, user):
        state = self.random.choice(["active", "active", "pending", "rejected"])
        ends = self.random.choice([NOW - 1, NOW, NOW + 1, NOW + 50]) if state == "pending" else None
        row = {
            **scope, "user_id": user, "state": state, "created_at": 0, "invitation_id": None, "expires_at": ends,
            "added_by": None,
        }  # fmt: skip
        self._put(table, (next(iter(scope.values())), user), row)
        return row

    def _put(self, table, key, row):
        apply_deltas(self.connection, [Delta(table, key, row)])


@pytest.fixture(params=range(3), scope="module")
def people(request, tmp_path_factory):
    """Give people in a store of their own."""
    path = tmp_path_factory.mktemp("people") / "orgward.db"
    migrate(path)
    with closing(connect(path)) as connection:
        yield People(connection, Random(request.param))


def pages(view, listed, statuses):
    """Give the users of all pages, and the totals that these tell."""
    shown, totals = [], []
    for offset in range(0, PEOPLE + 2 * PER_PAGE, PER_PAGE):
        rows, total = listed.page(view, statuses, now=NOW, limit=PER_PAGE, offset=offset)
        assert len(rows) <= PER_PAGE
        shown += [row["user_id"] for row in rows]
        totals.append(total)
    return shown, totals


def in_order(rows, statuses, *, by_end=False):
    """Give the users of `rows` with one of `statuses`: by status, those who wait perhaps by their end, else by id."""

    def place(row):
        ends = row["expires_at"] if by_end and row["state"] == "pending" else 0
        return ALL_STATUSES.index(status_of(row, NOW)), ends, row["user_id"]

    return [row["user_id"] for row in sorted(rows, key=place) if status_of(row, NOW) in statuses]


@pytest.mark.parametrize("few", [0, 1_000])
@pytest.mark.parametrize("statuses", SOME, ids="+".join)
def test_rule_057_members_come_first_then_invited_ones(people, statuses, few, monkeypatch):
    """Rules 52, 57: of an organization and of a project; invited ones by the end of their invitation, few or many."""
    monkeypatch.setattr(waiting, "_FEW", few)
    for listed, rows in ((of_organization(ORG), people.members), (of_project(PROJECT), people.added)):
        wanted = in_order(rows.values(), statuses, by_end=True)
        shown, totals = pages(people.view, listed, statuses)
        assert shown == wanted
        assert set(totals) == {len(wanted)}


@pytest.mark.parametrize("statuses", SOME[1:4], ids="+".join)
@pytest.mark.parametrize("team", [TEAM, OTHER_TEAM])
def test_people_of_a_team_are_found_from_either_side(people, team, statuses):
    """In a team of more people than are invited to the organization, and in one of fewer."""
    inside = [people.members[user] for user in people.teams[team]]
    assert (len(inside) > people.view.count("members", org_id=ORG, state="pending")) == (team == TEAM)
    wanted = in_order(inside, statuses)
    shown, totals = pages(people.view, TeamMembers(ORG, team), statuses)
    assert shown == wanted
    assert set(totals) == {len(wanted)}


@pytest.mark.parametrize("statuses", SOME, ids="+".join)
@pytest.mark.parametrize("sources", [(True, 0), (False, 8), (True, 8)])
def test_rule_015_whoever_reaches_a_project_otherwise_stands_once(people, sources, statuses):
    """Rule 15: after those of the same status who were added; also where nobody asked how many there are."""
    by_team, number = sources
    readers = sorted(people.members)[:number]
    reaching = {*readers, *(user for inside in people.teams.values() for user in inside if by_team)}
    listed = [user for user, row in people.added.items() if status_of(row, NOW) in statuses]
    others = [people.members[user] for user in sorted(reaching.difference(listed))]
    wanted = [
        user
        for status in ALL_STATUSES
        if status in statuses
        for user in (*in_order(people.added.values(), [status], by_end=True), *in_order(others, [status]))
    ]
    for counted in (True, False):
        given = {"teams": by_team, "readers": readers, "statuses": statuses, "now": NOW, "counted": counted}
        shown, totals = pages(people.view, ProjectPeople(project=PROJECT, org=ORG, **given), statuses)
        assert shown == wanted
        assert set(totals) <= {len(wanted), None if not counted else len(wanted)}


def test_pages_full_of_people_who_were_added_look_at_nobody_else(people, monkeypatch):
    """Where nobody asked for the count, those who reach a project otherwise are looked for when their turn comes."""
    given = {"teams": True, "readers": (), "statuses": ALL_STATUSES, "now": NOW}
    listed = ProjectPeople(project=PROJECT, org=ORG, counted=False, **given)
    monkeypatch.setattr(ProjectPeople, "_others", lambda *_: pytest.fail("somebody else was looked for"))
    rows, total = listed.page(people.view, ALL_STATUSES, now=NOW, limit=2, offset=0)
    assert (len(rows), total) == (2, None)

"""What is over is forgotten once an hour, in small steps."""

import pytest

from orgward.app import forgetting
from orgward.app.execute import Call
from orgward.app.forgetting import FORGET, forget_expired
from orgward.kernel.errors import NotFoundError
from orgward.kernel.principal import Principal
from orgward.store.audit import verify
from orgward.store.sqlite import connect
from tests.directory.company import Company, accept, decline, done
from tests.own_api.people import account, is_alive, number_of, reset, reset_token, session

BOB = "bob@example.org"


@pytest.fixture
def bob(world):
    """Give a person with a password, signed in."""
    return account(world, BOB)


def put_rows(world, table, number, *, expires_at):
    """Put rows that expire at a time into a table that has little more than that."""
    connection = connect(world.store.path)
    for each in range(number):
        key = f"{expires_at}-{each}"
        if table == "used_once":
            connection.execute("INSERT INTO used_once VALUES (?, ?, '00')", (key, expires_at))
        else:
            connection.execute("INSERT INTO drafts VALUES (?, 'u', 's', 'sealed', ?, '00')", (key, expires_at))
    connection.close()


def test_sessions_that_are_over_go_with_all_that_hangs_on_them(world, bob):
    """Rule 90: a session ends after twelve hours, and is no row after thirteen, whether or not somebody signs in."""
    world.clock.advance(seconds=40_000)
    later = session(world, BOB)
    world.clock.advance(seconds=4_000)
    assert number_of(world, "sessions") == 2
    assert forget_expired(world.door) == 1
    assert (number_of(world, "sessions"), number_of(world, "session_facts")) == (1, 1)
    assert is_alive(later)
    assert forget_expired(world.door) == 0


def test_links_that_are_over_go_and_the_others_stay(world, bob):
    """What still works is left alone."""
    reset_token(world, BOB)
    world.clock.advance(seconds=2_000)
    token = reset_token(world, BOB)
    world.clock.advance(seconds=2_000)
    assert forget_expired(world.door) == 1
    assert number_of(world, "links") == 1
    assert reset(world, token).status == 204


@pytest.mark.parametrize("table", ["used_once", "drafts"])
def test_marks_and_drafts_go_at_their_time(world, table):
    """At it, and not before."""
    now = world.clock.now
    put_rows(world, table, 2, expires_at=now)
    put_rows(world, table, 3, expires_at=now + 1)
    assert forget_expired(world.door) == 2
    assert number_of(world, table) == 3


def test_a_great_many_go_in_small_steps(world, monkeypatch):
    """No command holds the others up for long: each forgets a bounded number."""
    monkeypatch.setattr(forgetting, "_AT_ONCE", 10)
    put_rows(world, "used_once", 35, expires_at=world.clock.now)
    before = world.store.snapshot.revision
    assert forget_expired(world.door) == 35
    assert world.store.snapshot.revision == before + 4


def test_nothing_over_costs_nothing(world, bob):
    """An hour in which nothing ended leaves no row in the log."""
    before = world.store.snapshot.revision
    assert forget_expired(world.door) == 0
    assert world.store.snapshot.revision == before


def test_the_job_is_the_operators_alone(world, bob):
    """No network edge reaches it, and nobody but the operator may run it."""
    with pytest.raises(NotFoundError):
        world.door.write(Call(FORGET, Principal("user", bob.id), body="sessions")).result(30)


def test_a_cancelled_invitation_goes_when_its_term_is_over(world):
    """Nobody sees it any more; those that wait, were declined, accepted or let pass stay, for lists show them."""
    company = Company.found(world, "atlas")
    ended = {}
    for end in ("cancelled", "declined", "accepted", "passed"):
        person = company.outsider(end)
        ended[end] = company.invited(end)
        if end in {"accepted", "declined"}:
            done({"accepted": accept, "declined": decline}[end](person, ended[end]))
    done(company.ann.delete(f"{company.path}/invites/{ended['cancelled']}"))
    assert forget_expired(world.door) == 0
    world.clock.advance(days=30)
    feed = company.ann.get(f"{company.path}/events").json["results"]
    before = [each for each in feed if "INVIT" in each["eventTypeName"]]
    forget_expired(world.door)
    left = {end for end, each in ended.items() if world.store.view.get("invitations", each)}
    assert left == {"declined", "accepted", "passed"}
    feed = company.ann.get(f"{company.path}/events").json["results"]
    assert [each for each in feed if "INVIT" in each["eventTypeName"]] == before
    # A world signs people in behind the log's back.
    assert [problem for problem in verify(world.store).problems if "`sessions`" not in problem] == []


def test_the_log_keeps_what_a_forgotten_invitation_was(world):
    """Who sent it, who withdrew it, and what it would have given are rows of the log as before."""
    company = Company.found(world, "atlas")
    invitation = company.invited("bob", "ORG_READ_ONLY")
    done(company.ann.delete(f"{company.path}/invites/{invitation}"))
    world.clock.advance(days=30)
    assert forget_expired(world.door) == 1
    connection = connect(world.store.path)
    rows = connection.execute("SELECT deltas FROM log ORDER BY revision").fetchall()
    connection.close()
    assert sum(invitation.encode() in deltas for (deltas,) in rows) == 3

"""What every back end promises: apply, counters, one order, refusals and failures that leave nothing."""

from concurrent.futures import wait

import pytest

from orgward.engine.facts import ACTIVE
from orgward.kernel.delta import Delta
from orgward.kernel.errors import MalformedError, RefusedError, UnavailableError
from orgward.store.audit import verify
from orgward.store.writer import Outcome
from tests.store.commands import (
    ORG,
    assignment,
    crash,
    dropped,
    log_of,
    one_batch,
    organization,
    project,
    refusal,
    submission,
    write,
)
from tests.store_checker import check_store

USER = "b" * 24


def test_deltas_stand_in_the_tables_and_in_memory(store):
    """What a command returns is read by everybody from then on, as rows and as facts."""
    write(store, organization(), project(1), assignment(USER))
    assert store.view.get("projects", f"{1:024x}")["name"] == "project 1"
    assert store.snapshot.attribute("projects", f"{1:024x}") == ORG
    assert store.snapshot.check(USER, "org.delete", ORG, store.clock())
    write(store, dropped(project(1)), dropped(assignment(USER)))
    assert store.view.get("projects", f"{1:024x}") is None
    assert store.snapshot.attribute("projects", f"{1:024x}") is None
    assert not store.snapshot.check(USER, "org.delete", ORG, store.clock())


def test_a_command_sees_every_command_before_it(store):
    """Within a batch, too, rows and facts are those that the command before left."""
    seen = []

    def look(tx):
        seen.append((tx.view.count("projects", org_id=ORG), tx.facts.attribute("projects", f"{1:024x}")))
        return Outcome([])

    with one_batch(store):
        futures = [store.submit(s) for s in (submission(run=look), submission(project(1)), submission(run=look))]
    wait(futures, 30)
    assert seen == [(0, None), (1, ORG)]


def test_counters_count_what_is_there(store):
    """A counter follows writing, overwriting, moving and deleting, and dropping what is not there."""
    write(store, project(1), project(2), project(3, org="c" * 24))
    assert store.view.count("projects", org_id=ORG) == 2
    write(store, project(1, "renamed"))
    assert store.view.count("projects", org_id=ORG) == 2
    write(store, project(2, org="c" * 24))
    assert [store.view.count("projects", org_id=org) for org in (ORG, "c" * 24)] == [1, 2]
    write(store, dropped(project(1)), dropped(project(1)), dropped(project(9)))
    assert store.view.count("projects", org_id=ORG) == 0
    assert [fault for fault in check_store(store.path) if fault.startswith("counter")] == []


def test_the_last_delta_of_a_row_wins(store):
    """A command that drops and writes one row leaves it written, counted once."""
    write(store, project(1))
    write(store, dropped(project(1)), project(1, "again"), project(1, "and again"))
    assert store.view.get("projects", f"{1:024x}")["name"] == "and again"
    assert store.view.count("projects", org_id=ORG) == 1


def test_each_command_has_a_revision_without_gaps(store):
    """Revisions count up by one, refusals included, and an answer names its own."""
    first = write(store, project(1))
    with pytest.raises(RefusedError):
        write(store, run=refusal)
    last = write(store, project(2))
    assert [first.revision, last.revision] == [1, 3]
    assert [revision for revision, _, _ in log_of(store)] == [1, 2, 3]
    assert store.snapshot.revision == 3


def test_the_chain_holds(store):
    """Every row is chained to the one before, in the store and in its organization."""
    write(store, organization())
    for number in range(5):
        write(store, project(number))
    report = verify(store)
    assert (report.problems, report.revision) == ([], 6)
    rows = store.view.rows("SELECT previous, org_previous, hash FROM log ORDER BY revision", {})
    assert [row[0] for row in rows[1:]] == [row[2] for row in rows[:-1]]
    assert [row[1] for row in rows[1:]] == [row[2] for row in rows[:-1]]


def test_a_refusal_leaves_its_audit_row_and_nothing_else(store):
    """A refused command's deltas and reads are undone; its row says refused, with the code, without deltas."""
    write(store, organization())

    def change_and_refuse(tx):
        tx.view._connection.execute("DELETE FROM organizations")  # noqa: SLF001 - no command could go further
        raise RefusedError("SOME_RULE", "somebody@example.org", "why")

    with pytest.raises(RefusedError):
        write(store, run=change_and_refuse)
    assert store.view.get("organizations", ORG) is not None
    row = store.view.rows("SELECT outcome, deltas, body FROM log WHERE revision = 2", {})[0]
    assert row == ("refused", b"[]", b'{"code":"SOME_RULE","parameters":["","why"]}')


def test_a_malformed_request_leaves_no_row(store):
    """What was never understood is not in the log."""

    def misunderstood(tx):
        raise MalformedError("INVALID_ATTRIBUTE", "x")

    with pytest.raises(MalformedError):
        write(store, run=misunderstood)
    assert log_of(store) == []


def test_nobodys_refusals_leave_no_row(store):
    """Refused calls without a principal are not in the log."""
    with pytest.raises(RefusedError):
        write(store, run=refusal, actor="")
    assert log_of(store) == []


def test_refusals_are_bounded_and_the_rest_is_counted(place, store):
    """Of one principal's refusals, twenty a minute have a row; the next minute begins with how many had none."""
    for _ in range(25):
        with pytest.raises(RefusedError):
            write(store, run=refusal, actor="noisy")
    with pytest.raises(RefusedError):
        write(store, run=refusal, actor="quiet")
    assert len(log_of(store)) == 21
    place.clock.advance(seconds=60)
    with pytest.raises(RefusedError):
        write(store, run=refusal, actor="noisy")
    assert [row[1:] for row in log_of(store)[-2:]] == [("refusals.counted", "refused"), ("write", "refused")]
    body = store.view.rows("SELECT body FROM log WHERE action = 'refusals.counted'", {})
    assert body == [(b'{"count":5}',)]
    assert verify(store).problems == []


def test_a_crash_leaves_nothing(store):
    """A command that fails by a fault of ours leaves no row, no change and no revision; the next one works."""
    write(store, project(1))
    with pytest.raises(ZeroDivisionError):
        write(store, run=crash)
    assert write(store, project(2)).revision == 2
    assert [action for _, action, _ in log_of(store)] == ["write", "write"]


@pytest.mark.parametrize(
    "delta",
    [
        Delta("projects", (f"{9:024x}",), {"id": f"{9:024x}"}),
        Delta("projects", (f"{9:024x}",), {**project(9).row, "name": None}),
        Delta("projects", (f"{9:024x}",), {**project(9).row, "name": object()}),
        Delta("no such table", ("x",), {}),
    ],
    ids=["without columns", "null", "not a value", "no table"],
)
def test_a_faulty_delta_takes_nobody_with_it(store, delta):
    """A command whose deltas can't be written fails alone; the others of its batch go through."""
    with one_batch(store):
        good, bad, after = (store.submit(submission(d)) for d in (project(1), delta, project(2)))
    good.result(30)
    after.result(30)
    assert bad.exception(30) is not None
    assert store.view.count("projects", org_id=ORG) == 2
    assert [outcome for _, _, outcome in log_of(store)] == ["done"] * 3


@pytest.mark.parametrize("faulty", [refusal, crash])
def test_a_batch_goes_on_around_a_command_that_fails(store, faulty):
    """Before and after a command that fails in the middle of a batch, the others are done, in order."""
    with one_batch(store):
        futures = [store.submit(s) for s in (submission(project(1)), submission(run=faulty), submission(project(2)))]
    assert futures[0].result(30).revision < futures[2].result(30).revision
    assert futures[1].exception(30) is not None
    assert store.view.count("projects", org_id=ORG) == 2
    assert store.snapshot.attribute("projects", f"{2:024x}") == ORG
    assert verify(store).problems == []


def test_a_reply_that_fails_undoes_its_command(store):
    """An answer that can't be made is a crash of its command: it leaves nothing."""

    def unspeakable(view):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write(store, project(1), reply=unspeakable)
    assert store.view.count("projects", org_id=ORG) == 0
    assert log_of(store) == []


def test_a_reply_is_made_from_the_rows_that_the_deltas_leave(store):
    """The answer is read inside the transaction, after the deltas."""
    done = write(store, project(1), reply=lambda view: view.get("projects", f"{1:024x}")["name"])
    assert done.result == "project 1"


class FailingCommit:
    """A connection whose next COMMIT fails, before or after it was in fact done."""

    def __init__(self, connection, *, after):
        """Wrap `connection`."""
        self.connection, self.after, self.armed = connection, after, True

    def __getattr__(self, name):
        """Pass everything else on."""
        return getattr(self.connection, name)

    def execute(self, sql, *parameters):
        """Run a statement; fail the armed COMMIT."""
        import sqlite3  # noqa: PLC0415

        if sql == "COMMIT" and self.armed:
            self.armed = False
            if self.after:
                self.connection.execute(sql)
            raise sqlite3.OperationalError("disk I/O error")
        return self.connection.execute(sql, *parameters)


def test_a_failed_commit_is_told_as_a_failure(store):
    """When COMMIT fails nobody of the batch is told success, memory stays as it was, and the next batch works."""
    write(store, organization())
    writer = store._writer  # noqa: SLF001 - the disk fails here
    writer._connection = FailingCommit(writer._connection, after=False)  # noqa: SLF001
    with pytest.raises(UnavailableError):
        write(store, project(1), assignment(USER))
    assert store.snapshot.revision == 1
    assert store.snapshot.attribute("projects", f"{1:024x}") is None
    assert not store.snapshot.check(USER, "org.delete", ORG, store.clock())
    assert store.view.count("projects", org_id=ORG) == 0
    assert write(store, project(2)).revision == 2
    assert verify(store).problems == []


def test_a_commit_of_unknown_outcome_is_found_out(store):
    """When COMMIT was done and could not say so, the failure is told, and memory catches up before the next batch."""
    writer = store._writer  # noqa: SLF001 - the disk fails here
    writer._connection = FailingCommit(writer._connection, after=True)  # noqa: SLF001
    with pytest.raises(UnavailableError):
        write(store, organization(), project(1))
    seen = []

    def look(tx):
        seen.append(tx.facts.attribute("projects", f"{1:024x}"))
        return Outcome([])

    assert write(store, run=look).revision == 2
    assert seen == [ORG]
    assert store.snapshot.attribute("projects", f"{1:024x}") == ORG


def test_time_never_runs_backwards(place, store):
    """A clock that is set back does not set the store back: the log's times never fall."""
    times = []

    def look(tx):
        times.append(tx.now)
        return Outcome([])

    for change in (0, -3600, 1, -7200):
        place.clock.advance(seconds=change)
        write(store, run=look)
    assert times == [times[0]] * 4
    assert check_store(store.path) == []


def test_sealed_rows_stand_in_the_log_as_commitments_only(store):
    """Rows of sealed tables are in their table; the log holds a salted commitment and no value."""
    row = {
        "id": USER, "username": "ann@example.org", "username_key": "ann@example.org", "first_name": "Ann",
        "last_name": "Example", "country": "ZZ", "salt": "00ff",
    }  # fmt: skip
    write(store, Delta("person_data", (USER,), row))
    assert store.view.get("person_data", USER) == row
    raw = store.view.rows("SELECT deltas FROM log", {})[0][0]
    assert b"commitment" in raw
    assert b"ann" not in raw
    assert b"Example" not in raw


def test_memory_equals_what_a_fresh_start_loads(place, store):
    """What was folded change by change equals what another opening reads from the tables."""
    write(store, organization(), project(1), assignment(USER), assignment("c" * 24, f"{1:024x}", "GROUP_READ_ONLY"))
    write(store, dropped(assignment(USER)), project(2))
    fresh = place.open()
    try:
        for holder in (USER, "c" * 24):
            for privilege, scope in (("org.delete", ORG), ("project.read", f"{1:024x}"), ("project.read", f"{2:024x}")):
                answers = {found.snapshot.check(holder, privilege, scope, 0) for found in (store, fresh)}
                assert len(answers) == 1
        assert fresh.snapshot.state(ORG, USER) == store.snapshot.state(ORG, USER) == ACTIVE
        assert fresh.snapshot.revision == store.snapshot.revision
    finally:
        fresh.close()

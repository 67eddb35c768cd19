"""The one order of changes: queued commands run in batches, each in a durable transaction.

A batch takes the store's lock, folds what other processes have written since, then runs each command on a
savepoint against an overlay of everything before it. A command either returns deltas, which are logged and
applied together, or is refused and leaves nothing but its audit row.
"""

import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Protocol

import structlog

from orgward.engine.layer import Layer, Overlay
from orgward.kernel.delta import Delta
from orgward.kernel.errors import MalformedError, OrgwardError, UnavailableError
from orgward.store.apply import apply_deltas
from orgward.store.chain import Record, append, read_head, rows_after, write_head
from orgward.store.events import index_events
from orgward.store.line import Line
from orgward.store.log import Entry, Head
from orgward.store.origins import keep_origins
from orgward.store.refusals import RefusalCount
from orgward.store.sqlite import write_lock
from orgward.store.view import CommandView, SqlView

_BATCH: Final = 256
_CHECKPOINT_BYTES: Final = 4 << 20
_FAULTS_OF_ONE: Final = (sqlite3.IntegrityError, sqlite3.ProgrammingError)
"""What a command's own deltas can provoke; every other error of the database is the batch's."""

_log = structlog.get_logger(__name__)

Published = list[tuple[int, list[Delta]]]


@dataclass(slots=True)
class Transaction:
    """What a command sees: the facts and rows after every command before it, and the batch's one time."""

    facts: Overlay
    view: SqlView
    now: int


@dataclass(slots=True)
class Outcome:
    """What a command did: its deltas, the body of its audit row, and what to answer.

    `reply` reads the answer from the rows as the deltas left them, still inside the transaction. `remember` makes
    further deltas from that answer. What is not `kept` is undone once it was answered, and leaves no trace.
    """

    deltas: list[Delta]
    body: dict[str, Any] = field(default_factory=dict)
    reply: Callable[[SqlView], Any] | None = None
    org_id: str | None = None
    target: str | None = None
    remember: Callable[[Any], list[Delta]] | None = None
    kept: bool = True


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What commands would do one after the other: the facts around them, their deltas, and the refused ones' errors."""

    before: Layer
    after: Layer
    view: SqlView
    now: int
    deltas: list[Delta]
    errors: list[OrgwardError | None]


@dataclass(slots=True)
class Submission:
    """A command with the audit row that it leaves whether it is done or refused; a trial leaves none.

    `rehearsed` makes the command a trial of every one in `further`, each seeing those before it; it answers what
    they come to together, and all of them are undone.
    """

    entry: Entry
    run: Callable[[Transaction], Outcome]
    is_trial: bool = False
    further: Sequence[Callable[[Transaction], Outcome]] = ()
    rehearsed: Callable[[Rehearsed], Any] | None = None
    future: "Future[Done]" = field(default_factory=Future)


@dataclass(frozen=True, slots=True)
class Done:
    """The result of a command and the revision that it made."""

    result: Any
    revision: int


class Publish(Protocol):
    """Takes committed changes into the snapshot, then calls `answer`."""

    def __call__(self, changes: Published, answer: Callable[[], None]) -> None:
        """Fold `changes`, each a revision with its deltas, in one step, then answer."""
        ...


Answer = tuple["Future[Done]", Done | BaseException]


class Writer:
    """The thread that owns the writing connection of a store."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        snapshot: Layer,
        *,
        key: bytes,
        clock: Callable[[], int],
        publish: Publish,
    ) -> None:
        """Prepare; `start` begins to take submissions."""
        self._connection = connection
        self._snapshot = snapshot
        self._key = key
        self._clock = clock
        self._publish = publish
        self._wal = Path(f"{connection.execute('PRAGMA database_list').fetchone()[2]}-wal")
        self._line: Line[Submission] = Line()
        self._refusals = RefusalCount()
        self._thread = threading.Thread(target=self._work, name="writer", daemon=True)

    def start(self) -> None:
        """Begin to take submissions."""
        self._thread.start()

    def stop(self) -> None:
        """Finish what was submitted, then end."""
        self._line.close()
        self._thread.join()

    def submit(self, submission: Submission) -> "Future[Done]":
        """Queue `submission`; UnavailableError at once when too many wait, of all or of its principal."""
        entry = submission.entry
        # Whoever has not signed in yet is no one principal; nor is the server, whose jobs come as the operator.
        is_one = entry.actor_id and entry.actor_kind != "operator"
        self._line.put(submission, f"{entry.actor_kind} {entry.actor_id}" if is_one else "")
        return submission.future

    def _work(self) -> None:
        while batch := self._line.taken(_BATCH):
            self._run(batch)

    def _run(self, batch: list[Submission]) -> None:
        try:
            changes, answers = self.commit(batch)
        except BaseException as error:  # noqa: BLE001 - whatever went wrong, nobody may be told success
            _log.error("batch_failed", error=repr(error))
            unknown = UnavailableError("UNAVAILABLE")
            answers = [(submission.future, unknown) for submission in batch]
            changes = []
        self._publish(changes, lambda: _answer(answers))
        self._checkpoint()

    def commit(self, batch: list[Submission]) -> tuple[Published, list[Answer]]:
        """Run `batch` in one durable transaction; return what to fold and what to answer."""
        answers: list[Answer] = []
        changes: Published = []
        with write_lock(self._connection):
            head = read_head(self._connection)
            overlay = Overlay(self._snapshot)
            for revision, deltas in rows_after(self._connection, self._snapshot.revision):
                overlay.fold(deltas)
                changes.append((revision, deltas))
            now = max(self._clock(), head.at)
            answers += [(each.future, self._one(each, overlay, head, now, changes)) for each in batch]
            write_head(self._connection, head)
        return changes, answers

    def _one(
        self, submission: Submission, overlay: Overlay, head: Head, now: int, changes: Published
    ) -> Done | BaseException:
        if submission.rehearsed is not None:
            return self._rehearsed(submission, submission.rehearsed, overlay, head, now)
        self._connection.execute("SAVEPOINT command")
        try:
            outcome = submission.run(Transaction(overlay, CommandView(self._connection), now))
            result = self._applied(outcome)
            if submission.is_trial or not outcome.kept:
                self._undo()
                return Done(result, head.revision)
            self._recorded(submission.entry, outcome, head, now)
        except OrgwardError as error:
            self._undo()
            if not submission.is_trial:
                self._refused(submission.entry, error, head, now, changes)
            return error
        except Exception as error:
            if isinstance(error, sqlite3.Error) and not isinstance(error, _FAULTS_OF_ONE):
                raise
            # A fault of one command must not take the batch with it.
            self._undo()
            _log.exception("command_failed", action=submission.entry.action)
            return error
        self._connection.execute("RELEASE command")
        overlay.fold(outcome.deltas)
        changes.append((head.revision, outcome.deltas))
        return Done(result, head.revision)

    def _rehearsed(
        self, submission: Submission, conclude: Callable[[Rehearsed], Any], overlay: Overlay, head: Head, now: int
    ) -> Done | BaseException:
        self._connection.execute("SAVEPOINT command")
        try:
            return Done(conclude(self._played(submission, overlay, now)), head.revision)
        except OrgwardError as error:
            return error
        except Exception as error:
            if isinstance(error, sqlite3.Error) and not isinstance(error, _FAULTS_OF_ONE):
                raise
            _log.exception("rehearsal_failed", action=submission.entry.action)
            return error
        finally:
            self._undo()

    def _played(self, submission: Submission, overlay: Overlay, now: int) -> Rehearsed:
        """Run every command of a rehearsal on what those before it left; a refused one leaves nothing."""
        after, deltas, errors = Overlay(overlay), list[Delta](), list[OrgwardError | None]()
        for run in (submission.run, *submission.further):
            self._connection.execute("SAVEPOINT step")
            try:
                outcome = run(Transaction(after, CommandView(self._connection), now))
                self._applied(outcome)
            except OrgwardError as error:
                self._connection.execute("ROLLBACK TO step")
                errors.append(error)
            else:
                after.fold(outcome.deltas)
                deltas += outcome.deltas
                errors.append(None)
            self._connection.execute("RELEASE step")
        return Rehearsed(overlay, after, CommandView(self._connection), now, deltas, errors)

    def _applied(self, outcome: Outcome) -> Any:
        """Apply the deltas of `outcome` and return its answer; what it remembers of the answer joins its deltas."""
        apply_deltas(self._connection, outcome.deltas)
        result = None if outcome.reply is None else outcome.reply(SqlView(self._connection))
        if outcome.remember is not None and outcome.kept:
            further = outcome.remember(result)
            apply_deltas(self._connection, further)
            outcome.deltas = [*outcome.deltas, *further]
        return result

    def _recorded(self, entry: Entry, outcome: Outcome, head: Head, now: int) -> None:
        revision = head.revision + 1
        keep_origins(self._connection, outcome.deltas, entry, revision=revision, at=now)
        index_events(self._connection, revision, now, outcome.body)
        # Last, because it moves the head: nothing after it may fail and be undone.
        record = Record(entry, outcome.deltas, outcome.body, "done", outcome.org_id, outcome.target)
        append(self._connection, head, record, at=now, key=self._key)

    def _undo(self) -> None:
        self._connection.execute("ROLLBACK TO command")
        self._connection.execute("RELEASE command")

    def _refused(self, entry: Entry, error: OrgwardError, head: Head, now: int, changes: Published) -> None:
        if isinstance(error, MalformedError) or not entry.actor_id:
            return
        for action, count in self._refusals.rows(entry.actor_id, entry.action, now):
            body = {"code": error.code, "parameters": _audited(error)} if count is None else {"count": count}
            record = Record(replace(entry, action=action), [], body, "refused")
            append(self._connection, head, record, at=now, key=self._key)
            changes.append((head.revision, []))

    def _checkpoint(self) -> None:
        try:
            if self._wal.exists() and self._wal.stat().st_size >= _CHECKPOINT_BYTES:
                self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        except (OSError, sqlite3.Error) as error:
            _log.warning("checkpoint_failed", error=repr(error))


def _audited(error: OrgwardError) -> list[str]:
    """Return the parameters of `error` without addresses, for the log can't forget a person."""
    return ["" if "@" in parameter else parameter for parameter in error.parameters]


def _answer(answers: list[Answer]) -> None:
    for future, outcome in answers:
        if isinstance(outcome, Done):
            future.set_result(outcome)
        else:
            future.set_exception(outcome)

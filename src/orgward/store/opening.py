"""A store, open: its snapshot, its writer, and readers for every thread."""

import fcntl
import os
import secrets
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Self

from orgward.store.chain import rows_after
from orgward.store.keyring import Keyring, KeyringError, load_keyring
from orgward.store.load import load_snapshot
from orgward.store.migrate import is_current, migrate
from orgward.store.sqlite import connect, path_of
from orgward.store.view import SqlView
from orgward.store.writer import Done, Publish, Published, Submission, Writer

DEFAULT_URL: Final = "sqlite:///orgward-data/orgward.db"


class StoreError(Exception):
    """The store can't be opened: its file is damaged, locked or no store at all."""


class Store:
    """One process's hold on a store; other processes may hold the same one."""

    def __init__(self, path: Path, keyring: Keyring, *, clock: Callable[[], int]) -> None:
        """Load the snapshot of the store at `path`, which is migrated already."""
        self.path = path
        self.keyring = keyring
        self.clock = clock
        self._writing = connect(path)
        self.id = _identified(self._writing)
        self._following = connect(path)
        self._threads = threading.local()
        self._readers: list[sqlite3.Connection] = []
        self._fold_lock = threading.Lock()
        self._data_version = self._read_data_version()
        self.snapshot = load_snapshot(self._following)
        self.publish: Publish = self.publish_here
        self._writer = Writer(
            self._writing,
            self.snapshot,
            key=keyring.log_key,
            clock=clock,
            publish=self._publish,
        )
        self._writer.start()

    @classmethod
    def open(cls, url: str, *, clock: Callable[[], int]) -> Self:
        """Open the store at `url`; an absent one is created, an older one migrated."""
        try:
            return cls._opened(path_of(url), clock=clock)
        except sqlite3.Error as error:
            raise StoreError(str(error)) from error

    @classmethod
    def _opened(cls, path: Path, *, clock: Callable[[], int]) -> Self:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _creation_lock(path):
            is_new = not path.exists() or not is_current(path)
            keyring = load_keyring(path.parent, create=not path.exists())
            if is_new:
                migrate(path)
            _check_key(path, keyring)
        return cls(path, keyring, clock=clock)

    def submit(self, submission: Submission) -> "Future[Done]":
        """Queue a command; the future is done when it is durable and folded, or refused."""
        return self._writer.submit(submission)

    def _publish(self, changes: Published, answer: Callable[[], None]) -> None:
        self.publish(changes, answer)

    def publish_here(self, changes: Published, answer: Callable[[], None]) -> None:
        """Fold committed changes on the calling thread, then answer."""
        self.fold(changes)
        answer()

    def fold(self, changes: Published) -> None:
        """Take each change in that the snapshot has not seen, in order."""
        with self._fold_lock:
            for revision, deltas in changes:
                if revision > self.snapshot.revision:
                    self.snapshot.fold(deltas)
                    self.snapshot.revision = revision

    def follow(self) -> None:
        """Fold what any process has committed since the last look; a look without news costs microseconds."""
        version = self._read_data_version()
        if version != self._data_version:
            self._data_version = version
            self.fold(list(rows_after(self._following, self.snapshot.revision)))

    def _read_data_version(self) -> int:
        return int(self._following.execute("PRAGMA data_version").fetchone()[0])

    @property
    def reader(self) -> sqlite3.Connection:
        """Return the calling thread's reading connection."""
        found: sqlite3.Connection | None = getattr(self._threads, "connection", None)
        if found is None:
            found = connect(self.path)
            self._threads.connection = found
            self._readers.append(found)
        return found

    @property
    def view(self) -> SqlView:
        """Return a view of the committed rows for the calling thread."""
        return SqlView(self.reader)

    def scrub(self) -> None:
        """Truncate the write-ahead log, so that deleted rows stay in no file of the store."""
        connection = connect(self.path)
        try:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            connection.close()

    def close(self) -> None:
        """Finish what was submitted, then let go of every connection."""
        self._writer.stop()
        for connection in (*self._readers, self._following, self._writing):
            connection.close()


@contextmanager
def _creation_lock(path: Path) -> Iterator[None]:
    handle = os.open(path.parent / f"{path.name}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _identified(connection: sqlite3.Connection) -> str:
    """Return the name of the store, which no other has; a store without one gets it now, once for every process."""
    given = ("store", secrets.token_hex(12))
    connection.execute("INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING", given)
    return str(connection.execute("SELECT value FROM meta WHERE name = 'store'").fetchone()[0])


def _check_key(path: Path, keyring: Keyring) -> None:
    connection = connect(path)
    try:
        found = connection.execute("SELECT value FROM meta WHERE name = 'key'").fetchone()
        if found is None:
            connection.execute("INSERT INTO meta (name, value) VALUES ('key', ?)", (keyring.fingerprint,))
        elif found[0] != keyring.fingerprint:
            message = "this is not the key that the store was made with"
            raise KeyringError(message)
    finally:
        connection.close()

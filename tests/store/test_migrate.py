"""Migrations: all of one is there, or nothing."""

import sqlite3
from contextlib import closing

import pytest
from alembic import command

from orgward.store.migrate import is_current, migrate


def tables_of(path):
    """Give the names of everything in the store at `path`."""
    with closing(sqlite3.connect(path)) as connection:
        return {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}


def test_a_migration_that_is_cut_off_leaves_nothing(tmp_path, monkeypatch):
    """A first start that was killed does not keep the next one from making the store."""
    path, upgrade = tmp_path / "orgward.db", command.upgrade

    def upgraded_and_cut_off(*arguments):
        upgrade(*arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(command, "upgrade", upgraded_and_cut_off)
        with pytest.raises(KeyboardInterrupt):
            migrate(path)
    assert tables_of(path) == set()
    migrate(path)
    assert is_current(path)
    assert "log" in tables_of(path)

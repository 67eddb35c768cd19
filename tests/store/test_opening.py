"""Opening a store: its key, and the schema that it must have."""

import stat

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from orgward.store.keyring import KEY_VARIABLE, KeyringError
from orgward.store.migrate import HEAD, is_current
from orgward.store.schema import metadata
from tests.store.commands import organization, write


@pytest.fixture
def closed(place):
    """Give the place of a store that was used and closed, and its folder."""
    store = place.open()
    write(store, organization())
    store.close()
    return place, store.path


def test_a_store_opens_again_with_what_it_held(closed):
    """Closing and opening loses nothing."""
    place, _ = closed
    again = place.open()
    try:
        assert again.snapshot.revision == 1
        assert again.snapshot.attribute("organizations", "a" * 24) == "atlas"
    finally:
        again.close()


def test_another_key_is_refused(closed):
    """A store does not open with a key that it was not made with."""
    place, path = closed
    (path.parent / "orgward.key").write_text("A" * 64)
    with pytest.raises(KeyringError, match="not the key"):
        place.open()


def test_a_missing_key_is_refused_and_not_replaced(closed):
    """A store does not open without its key, and makes no new one."""
    place, path = closed
    (path.parent / "orgward.key").unlink()
    with pytest.raises(KeyringError, match="missing"):
        place.open()
    assert not (path.parent / "orgward.key").exists()


def test_a_malformed_key_is_refused(closed):
    """A store does not open with a key that is too short or is none."""
    place, path = closed
    for text in ("", "AAAA", "not base64 !"):
        (path.parent / "orgward.key").write_text(text)
        with pytest.raises(KeyringError):
            place.open()


def test_the_key_may_come_from_the_environment(closed, monkeypatch):
    """The right key in ORGWARD_KEY opens the store, a wrong one does not."""
    place, path = closed
    file = path.parent / "orgward.key"
    monkeypatch.setenv(KEY_VARIABLE, file.read_text())
    file.unlink()
    place.open().close()
    monkeypatch.setenv(KEY_VARIABLE, "A" * 64)
    with pytest.raises(KeyringError):
        place.open()


def test_key_and_folder_are_the_owners_alone(tmp_path):
    """A new store's key can be read by nobody else."""
    from orgward.store.opening import Store  # noqa: PLC0415

    Store.open(f"sqlite:///{tmp_path}/new/orgward.db", clock=lambda: 0).close()
    assert stat.S_IMODE((tmp_path / "new" / "orgward.key").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


def test_the_migrations_end_where_the_program_says():
    """The newest migration is the one that an opened store is held against."""
    config = Config()
    config.set_main_option("script_location", "orgward.store:migrations")
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_the_migrations_make_the_schema(closed):
    """A migrated store has exactly the tables, columns and indexes of the schema."""
    _, path = closed
    assert is_current(path)
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()

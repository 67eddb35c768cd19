"""Bring a store's schema to the newest version."""

import sqlite3
from pathlib import Path
from typing import Final

HEAD: Final = "0004"
"""The newest migration; a store that is there is opened without loading the migration library."""


def is_current(path: Path) -> bool:
    """Say whether the store at `path` has the newest schema."""
    connection = sqlite3.connect(path)
    try:
        found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.OperationalError:
        return False
    finally:
        connection.close()
    return found is not None and found[0] == HEAD


def migrate(path: Path) -> None:
    """Apply every migration that the store at `path` has not seen."""
    from alembic import command  # noqa: PLC0415 - a quarter of a second that a current store need not pay
    from alembic.config import Config  # noqa: PLC0415
    from sqlalchemy import create_engine  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", "orgward.store:migrations")
    # The driver would commit each table by itself, and a migration that is killed must leave nothing behind.
    engine = create_engine(f"sqlite:///{path}", connect_args={"isolation_level": None})
    with engine.begin() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    engine.dispose()

"""Worlds that start from a copy of one migrated, empty store: migrating takes longer than most tests."""

import shutil
import tempfile
from contextlib import closing
from functools import cache
from pathlib import Path

from orgward.store.opening import Store
from tests.world import World


@cache
def _template() -> tempfile.TemporaryDirectory:
    folder = tempfile.TemporaryDirectory(prefix="orgward-empty-")
    with closing(Store.open(url_of(Path(folder.name)), clock=lambda: 0)):
        pass
    return folder


def url_of(folder):
    """Give the URL of the store in `folder`."""
    return f"sqlite:///{folder}/orgward.db"


def copy_to(folder):
    """Put an empty store and its key into `folder` and give its URL."""
    shutil.copytree(_template().name, folder, dirs_exist_ok=True)
    return url_of(folder)


def open_world(folder, **options):
    """Open a world on a fresh copy of the empty store in `folder`; its commits don't wait for the disk."""
    copy_to(folder)
    world = World.open(folder, **options)
    world.store._writing.execute("PRAGMA synchronous = OFF")  # noqa: SLF001 - tests/store commits in earnest
    return world

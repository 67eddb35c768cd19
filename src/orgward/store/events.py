"""The index of events: which rows of the log an organization's or project's feed shows."""

import sqlite3
from collections.abc import Mapping
from typing import Any


def index_events(connection: sqlite3.Connection, revision: int, at: int, body: Mapping[str, Any]) -> None:
    """Enter each event of a log row's body that belongs to a feed."""

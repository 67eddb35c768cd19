"""The snapshot of a store, read from its tables."""

import gc
import sqlite3
from typing import Final

from orgward.engine.facts import ATTRIBUTES
from orgward.engine.packing import Loaded
from orgward.engine.snapshot import Snapshot
from orgward.store.chain import read_head

_STATES: Final = (
    "SELECT org_id, user_id, CASE WHEN state = 'active' THEN 'suspended' ELSE state END"
    " FROM members WHERE state <> 'active' OR suspended"
    " UNION ALL SELECT org_id, id, 'suspended' FROM service_accounts WHERE suspended"
)
_ASSIGNMENTS: Final = "SELECT holder_id, scope_id, role, starts, ends, added_by_owner, mapped FROM assignments"


def load_snapshot(connection: sqlite3.Connection) -> Snapshot:
    """Return the facts of the store's newest revision."""
    # INVARIANT: whoever has an assignment in an organization has a row in `members` there; removal drops both in one
    # command, and the tests' checker of the whole store looks for the one without the other.
    collecting = gc.isenabled()
    gc.disable()
    connection.execute("BEGIN")
    try:
        revision = read_head(connection).revision
        attributes = {
            table: dict(connection.execute(f"SELECT id, {column} FROM {table}").fetchall())
            for table, column in ATTRIBUTES.items()
        }
        states = {(org, user): state for org, user, state in connection.execute(_STATES)}
        members = connection.execute("SELECT user_id, team_id FROM team_members")
        snapshot = Snapshot(Loaded(attributes, states, members, connection.execute(_ASSIGNMENTS)))
        snapshot.revision = revision
        return snapshot
    finally:
        connection.execute("COMMIT")
        if collecting:
            gc.enable()

"""A checker over a whole log: commands that changed people, keys, teams or projects and raised no event."""

import json
import sqlite3
from contextlib import closing

WATCHED = {
    "organizations": ("name",),
    "projects": ("name", "org_id", "tags", "with_default_alerts"),
    "members": ("state", "suspended"),
    "project_members": ("state",),
    "assignments": ("starts", "ends", "added_by_owner"),
    "teams": ("name",),
    "team_members": ("team_id",),
    "api_keys": ("description",),
}
"""Tables, and what of their rows somebody would want to hear of."""


def silent_changes(path):
    """Give each command that changed something and told nothing; deleting an organization leaves nobody to tell."""
    rows, found = {}, []
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        sql = "SELECT revision, action, body, deltas FROM log WHERE outcome = 'done' ORDER BY revision"
        for revision, action, body, raw in connection.execute(sql):
            after = {(t, *key): _watched(t, row) for t, key, row in json.loads(raw) if t in WATCHED}
            changed = [key for key, value in after.items() if rows.get(key) != value]
            rows |= after
            ends = any(key[0] == "organizations" and after[key] is None for key in changed)
            if changed and not ends and not json.loads(body).get("events"):
                found.append(f"revision {revision}, {action}: {changed}")
    return found


def _watched(table, row):
    if row is None or row.get("state") == "rejected":
        return None
    return tuple(row[column] for column in WATCHED[table])

"""The tables. What a table is to the log, the engine and the counters stands beside its columns, as data.

Personal data stands in sealed tables alone; every other table refers to the person's id.
"""

from typing import Final

from orgward.store.schema.base import is_sealed, metadata
from orgward.store.schema.hierarchy import (
    api_key_access,
    api_keys,
    assignments,
    invitations,
    members,
    organizations,
    project_limits,
    project_members,
    projects,
    settings,
    team_members,
    teams,
)
from orgward.store.schema.kept import chains, counters, events, log, member_facets, meta, origins
from orgward.store.schema.people import (
    contacts,
    credentials,
    drafts,
    idle_limits,
    join_requests,
    links,
    outbox,
    person_data,
    preferences,
    replies,
    second_factors,
    session_facts,
    sessions,
    tokens,
    undelivered,
    used_once,
    users,
)

__all__ = [
    "UNLOGGED",
    "api_key_access",
    "api_keys",
    "assignments",
    "chains",
    "contacts",
    "counters",
    "credentials",
    "drafts",
    "events",
    "idle_limits",
    "invitations",
    "is_sealed",
    "join_requests",
    "links",
    "log",
    "member_facets",
    "members",
    "meta",
    "metadata",
    "organizations",
    "origins",
    "outbox",
    "person_data",
    "preferences",
    "project_limits",
    "project_members",
    "projects",
    "replies",
    "second_factors",
    "session_facts",
    "sessions",
    "settings",
    "team_members",
    "teams",
    "tokens",
    "undelivered",
    "used_once",
    "users",
]

UNLOGGED: Final = frozenset({"counters", "events", "log", "meta", "chains", "member_facets", "origins"})
"""Tables that the writer keeps itself; every other table changes by deltas alone."""

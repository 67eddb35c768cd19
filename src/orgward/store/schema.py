"""The tables. What a table is to the log, the engine and the counters stands beside its columns, as data.

Personal data stands in the sealed table `person_data` alone; every other table refers to the person's id.
"""

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, MetaData, String, Table, Text

ID: Final = String(24)

metadata = MetaData()

SEALED: Final = {"sealed": True}
"""Rows of a sealed table appear in the log as salted commitments only; each carries its salt."""

organizations = Table(
    "organizations",
    metadata,
    Column("id", ID, primary_key=True),
    Column("name", String(64), nullable=False),
    Column("edition", String(16), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("skip_default_alerts", Boolean, nullable=False),
)

projects = Table(
    "projects",
    metadata,
    Column("id", ID, primary_key=True),
    Column("org_id", ID, nullable=False),
    Column("name", String(64), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("with_default_alerts", Boolean, nullable=False),
    Column("tags", Text, nullable=False),
    Index("projects_of_org", "org_id", "name", unique=True),
    Index("projects_by_name", "name"),
    info={"counters": (("org_id",),)},
)

users = Table(
    "users",
    metadata,
    Column("id", ID, primary_key=True),
    Column("created_at", BigInteger, nullable=False),
    Column("account_at", BigInteger),
    Column("proven_at", BigInteger),
    Column("last_auth_at", BigInteger),
)

person_data = Table(
    "person_data",
    metadata,
    Column("id", ID, primary_key=True),
    Column("username", Text, nullable=False),
    Column("username_key", Text, nullable=False),
    Column("first_name", Text, nullable=False),
    Column("last_name", Text, nullable=False),
    Column("country", String(2), nullable=False),
    Column("salt", String(32), nullable=False),
    Index("person_by_username", "username_key", unique=True),
    info=SEALED,
)

credentials = Table(
    "credentials",
    metadata,
    Column("owner_id", ID, primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("secret", Text, nullable=False),
    Column("salt", String(32), nullable=False),
    info=SEALED,
)

tokens = Table(
    "tokens",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("user_id", ID, nullable=False),
    Column("invitation_id", ID),
    Column("expires_at", BigInteger, nullable=False),
    Column("salt", String(32), nullable=False),
    Index("tokens_of_user", "user_id"),
    Index("tokens_of_invitation", "invitation_id"),
    info=SEALED,
)

sessions = Table(
    "sessions",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("id", ID, nullable=False),
    Column("user_id", ID, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("salt", String(32), nullable=False),
    Index("sessions_of_user", "user_id"),
    info=SEALED,
)

idle_limits = Table(
    "idle_limits",
    metadata,
    Column("session_hash", String(64), primary_key=True),
    Column("idle_seconds", Integer, nullable=False),
    Column("used_at", BigInteger, nullable=False),
    Column("salt", String(32), nullable=False),
    info=SEALED,
)

session_facts = Table(
    "session_facts",
    metadata,
    Column("session_hash", String(64), primary_key=True),
    Column("factor", String(16), nullable=False),
    Column("proven_at", BigInteger, nullable=False),
    Column("used_at", BigInteger, nullable=False),
    Column("address", String(45), nullable=False),
    Column("device", Text, nullable=False),
    Column("salt", String(32), nullable=False),
    info=SEALED,
)

second_factors = Table(
    "second_factors",
    metadata,
    Column("id", ID, primary_key=True),
    Column("user_id", ID, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("name", Text, nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("secret", Text, nullable=False),
    Column("credential_key", String(64)),
    Column("counter", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
    Column("salt", String(32), nullable=False),
    Index("second_factors_of", "user_id", "kind"),
    Index("second_factor_by_credential", "credential_key", unique=True),
    info=SEALED,
)

links = Table(
    "links",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("user_id", ID, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("address", Text, nullable=False),
    Column("address_key", Text, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("salt", String(32), nullable=False),
    Index("links_of_user", "user_id", "kind"),
    Index("links_by_address", "address_key"),
    info=SEALED,
)

used_once = Table(
    "used_once",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("expires_at", BigInteger, nullable=False),
    Column("salt", String(32), nullable=False),
    Index("used_once_expiring", "expires_at"),
    info=SEALED,
)

preferences = Table(
    "preferences",
    metadata,
    Column("user_id", ID, primary_key=True),
    Column("document", Text, nullable=False),
    Column("salt", String(32), nullable=False),
    info=SEALED,
)

drafts = Table(
    "drafts",
    metadata,
    Column("id", ID, primary_key=True),
    Column("user_id", ID, nullable=False),
    Column("session_id", ID, nullable=False),
    Column("sealed_document", Text, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("salt", String(32), nullable=False),
    Index("drafts_of_user", "user_id", "session_id"),
    Index("drafts_expiring", "expires_at"),
    info=SEALED,
)

undelivered = Table(
    "undelivered",
    metadata,
    Column("invitation_id", ID, primary_key=True),
    Column("org_id", ID, nullable=False),
    Column("reason", Text, nullable=False),
    Column("failed_at", BigInteger, nullable=False),
    Column("salt", String(32), nullable=False),
    Index("undelivered_in_org", "org_id", "invitation_id"),
    info={**SEALED, "counters": (("org_id",),)},
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", ID, primary_key=True),
    Column("user_id", ID, nullable=False),
    Column("kind", String(24), nullable=False),
    Column("subject_id", ID),
    Column("sealed_token", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("salt", String(32), nullable=False),
    Index("outbox_of_user", "user_id"),
    Index("outbox_of_subject", "subject_id"),
    info=SEALED,
)

members = Table(
    "members",
    metadata,
    Column("org_id", ID, primary_key=True),
    Column("user_id", ID, primary_key=True),
    Column("state", String(8), nullable=False),
    Column("suspended", Boolean, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("invitation_id", ID),
    Column("expires_at", BigInteger),
    Column("added_by", ID),
    Index("members_listed", "org_id", "state", "user_id"),
    Index("members_expiring", "org_id", "state", "expires_at", "user_id"),
    Index("members_of_user", "user_id", "state"),
    info={"counters": (("org_id", "state"), ("user_id", "state"))},
)

project_members = Table(
    "project_members",
    metadata,
    Column("project_id", ID, primary_key=True),
    Column("user_id", ID, primary_key=True),
    Column("org_id", ID, nullable=False),
    Column("state", String(8), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("invitation_id", ID),
    Column("expires_at", BigInteger),
    Column("added_by", ID),
    Column("added_by_owner", Boolean, nullable=False),
    Index("project_members_listed", "project_id", "state", "user_id"),
    Index("project_members_expiring", "project_id", "state", "expires_at", "user_id"),
    Index("project_members_of_user", "user_id", "state"),
    Index("project_members_in_org", "org_id", "user_id"),
    info={"counters": (("project_id", "state"), ("user_id", "state"))},
)

teams = Table(
    "teams",
    metadata,
    Column("id", ID, primary_key=True),
    Column("org_id", ID, nullable=False),
    Column("name", String(64), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Index("teams_of_org", "org_id", "name", unique=True),
    info={"counters": (("org_id",),)},
)

team_members = Table(
    "team_members",
    metadata,
    Column("user_id", ID, primary_key=True),
    Column("team_id", ID, primary_key=True),
    Column("org_id", ID, nullable=False),
    Index("members_of_team", "team_id", "user_id"),
    Index("team_members_in_org", "org_id", "user_id"),
    info={"counters": (("team_id",), ("user_id",))},
)

assignments = Table(
    "assignments",
    metadata,
    Column("holder_id", ID, primary_key=True),
    Column("scope_id", ID, primary_key=True),
    Column("role", String(64), primary_key=True),
    Column("holder_kind", String(8), nullable=False),
    Column("org_id", ID, nullable=False),
    Column("starts", BigInteger, nullable=False),
    Column("ends", BigInteger, nullable=False),
    Column("added_by_owner", Boolean, nullable=False),
    Index("assignments_at", "scope_id", "holder_kind", "holder_id"),
    Index("assignments_in_org", "org_id", "holder_id"),
    Index("assignments_by_role", "scope_id", "role", "holder_kind", "holder_id"),
    info={"counters": (("scope_id",),)},
)

invitations = Table(
    "invitations",
    metadata,
    Column("id", ID, primary_key=True),
    Column("org_id", ID, nullable=False),
    Column("project_id", ID),
    Column("user_id", ID, nullable=False),
    Column("state", String(9), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("inviter_kind", String(8), nullable=False),
    Column("inviter_id", ID, nullable=False),
    Column("parts", Text, nullable=False),
    Index("invitations_of_org", "org_id", "state", "id"),
    Index("invitations_of_user", "user_id", "state"),
    Index("invitations_of_member", "org_id", "user_id"),
    Index("invitations_to_project", "project_id", "state", "id"),
    info={"counters": (("org_id", "state"),)},
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", ID, primary_key=True),
    Column("org_id", ID, nullable=False),
    Column("description", String(250), nullable=False),
    Column("public_key", String(8), nullable=False),
    Column("masked", String(36), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("maker_kind", String(8), nullable=False),
    Column("maker_id", ID, nullable=False),
    Index("api_keys_of_org", "org_id", "id"),
    Index("api_key_by_public_key", "public_key", unique=True),
    Index("api_keys_made_by", "maker_id"),
    info={"counters": (("org_id",),)},
)

api_key_access = Table(
    "api_key_access",
    metadata,
    Column("key_id", ID, primary_key=True),
    Column("cidr", String(49), primary_key=True),
    Column("org_id", ID, nullable=False),
    Column("ip", String(45)),
    Column("created_at", BigInteger, nullable=False),
    Column("use_count", BigInteger, nullable=False),
    Column("last_used_at", BigInteger),
    Index("api_key_access_in_org", "org_id"),
)

join_requests = Table(
    "join_requests",
    metadata,
    Column("id", ID, primary_key=True),
    Column("user_id", ID, nullable=False),
    Column("project_id", ID, nullable=False),
    Column("state", String(9), nullable=False),
    Column("message", Text, nullable=False),
    Column("roles", Text, nullable=False),
    Column("ends_at", BigInteger),
    Column("created_at", BigInteger, nullable=False),
    Column("decided_at", BigInteger),
    Column("decided_by_kind", String(8)),
    Column("decided_by", ID),
    Column("salt", String(32), nullable=False),
    Index("join_requests_to", "project_id", "state", "id"),
    Index("join_requests_of", "user_id", "id"),
    info={**SEALED, "counters": (("project_id", "state"), ("user_id",))},
)

settings = Table(
    "settings",
    metadata,
    Column("scope_id", ID, primary_key=True),
    Column("org_id", ID, nullable=False),
    Column("document", Text, nullable=False),
    Index("settings_in_org", "org_id"),
)

contacts = Table(
    "contacts",
    metadata,
    Column("org_id", ID, primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("address", Text, nullable=False),
    Column("address_key", Text, nullable=False),
    Column("salt", String(32), nullable=False),
    Index("contacts_by_address", "address_key"),
    info=SEALED,
)

project_limits = Table(
    "project_limits",
    metadata,
    Column("project_id", ID, primary_key=True),
    Column("name", String(96), primary_key=True),
    Column("value", BigInteger, nullable=False),
)

replies = Table(
    "replies",
    metadata,
    Column("principal_id", ID, primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("sealed_reply", Text, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("salt", String(32), nullable=False),
    Index("replies_expiring", "expires_at"),
    info=SEALED,
)

events = Table(
    "events",
    metadata,
    Column("revision", BigInteger, primary_key=True, autoincrement=False),
    Column("ordinal", Integer, primary_key=True, autoincrement=False),
    Column("org_id", ID),
    Column("project_id", ID),
    Column("type", String(64), nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("events_of_org", "org_id", "revision", "ordinal"),
    Index("events_of_org_by_type", "org_id", "type", "revision", "ordinal"),
    Index("events_of_org_by_project", "org_id", "project_id", "type", "revision", "ordinal"),
    Index("events_of_project", "project_id", "revision", "ordinal"),
    Index("events_of_project_by_type", "project_id", "type", "revision", "ordinal"),
    info={
        "counters": (
            ("org_id",),
            ("org_id", "type"),
            ("org_id", "project_id", "type"),
            ("project_id",),
            ("project_id", "type"),
        )
    },
)

member_facets = Table(
    "member_facets",
    metadata,
    Column("org_id", ID, primary_key=True),
    Column("facet", String(8), primary_key=True),
    Column("value", Text, primary_key=True),
    Column("user_id", ID, primary_key=True),
    Index("member_facets_of", "user_id", "org_id"),
    sqlite_with_rowid=False,
)

origins = Table(
    "origins",
    metadata,
    Column("of", String(24), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("revision", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("actor_kind", String(8), nullable=False),
    Column("actor_id", String(64), nullable=False),
    sqlite_with_rowid=False,
)

counters = Table(
    "counters",
    metadata,
    Column("name", String(128), primary_key=True),
    Column("value", Integer, nullable=False),
)

log = Table(
    "log",
    metadata,
    Column("revision", BigInteger, primary_key=True, autoincrement=False),
    Column("org_id", ID),
    Column("at", BigInteger, nullable=False),
    Column("actor_kind", String(8), nullable=False),
    Column("actor_id", String(64), nullable=False),
    Column("credential", String(64), nullable=False),
    Column("action", String(64), nullable=False),
    Column("target", String(64), nullable=False),
    Column("request_id", String(64), nullable=False),
    Column("outcome", String(64), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("deltas", LargeBinary, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("org_previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Index("log_of_org", "org_id", "revision"),
)

meta = Table("meta", metadata, Column("name", String(32), primary_key=True), Column("value", Text, nullable=False))

chains = Table(
    "chains",
    metadata,
    Column("org_id", ID, primary_key=True),
    Column("revision", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
)

UNLOGGED: Final = frozenset({"counters", "events", "log", "meta", "chains", "member_facets", "origins"})
"""Tables that the writer keeps itself; every other table changes by deltas alone."""


def is_sealed(table: Table) -> bool:
    """Say whether the log may show rows of `table` as commitments only."""
    return bool(table.info.get("sealed"))

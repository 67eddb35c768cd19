"""Organizations and projects, who is in them, and who holds which role."""

from sqlalchemy import BigInteger, Boolean, Column, Index, String, Table, Text, false, text

from orgward.store.schema.base import ID, KIND, metadata

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
    Index(
        "project_members_invited",
        "project_id",
        "state",
        "invitation_id",
        sqlite_where=text("invitation_id IS NOT NULL"),
    ),
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
    Column("holder_kind", KIND, nullable=False),
    Column("org_id", ID, nullable=False),
    Column("starts", BigInteger, nullable=False),
    Column("ends", BigInteger, nullable=False),
    Column("added_by_owner", Boolean, nullable=False),
    Column("mapped", Boolean, nullable=False, server_default=false()),
    Index("assignments_at", "scope_id", "holder_kind", "holder_id"),
    Index("assignments_in_org", "org_id", "holder_id"),
    Index("assignments_by_role", "scope_id", "role", "holder_kind", "holder_id", "ends"),
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
    Column("inviter_kind", KIND, nullable=False),
    Column("inviter_id", ID, nullable=False),
    Column("parts", Text, nullable=False),
    Index("invitations_of_org", "org_id", "state", "id"),
    Index("invitations_of_user", "user_id", "state"),
    Index("invitations_of_member", "org_id", "user_id"),
    Index("invitations_to_project", "project_id", "state", "id"),
    Index("invitations_expiring", "org_id", "state", "expires_at", "id"),
    Index("invitations_by_inviter", "org_id", "inviter_id", "state", "id"),
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
    Column("maker_kind", KIND, nullable=False),
    Column("maker_id", ID, nullable=False),
    Index("api_keys_of_org", "org_id", "id"),
    Index("api_key_by_public_key", "public_key", unique=True),
    Index("api_keys_made_by", "maker_id"),
    info={"counters": (("org_id",),)},
)

machine_access = Table(
    "api_key_access",  # older than service accounts, whose addresses stand here, too (ADR 13)
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

settings = Table(
    "settings",
    metadata,
    Column("scope_id", ID, primary_key=True),
    Column("org_id", ID, nullable=False),
    Column("document", Text, nullable=False),
    Index("settings_in_org", "org_id"),
)

project_limits = Table(
    "project_limits",
    metadata,
    Column("project_id", ID, primary_key=True),
    Column("name", String(96), primary_key=True),
    Column("value", BigInteger, nullable=False),
)

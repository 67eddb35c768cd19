"""People: what is theirs alone, sealed but for the bare ids; addresses and names stand in `person_data` and here."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text

from orgward.store.schema.base import ID, KIND, SEALED, metadata

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
    Index("sessions_expiring", "expires_at"),
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
    Index("links_expiring", "expires_at"),
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
    Column("decided_by_kind", KIND),
    Column("decided_by", ID),
    Column("salt", String(32), nullable=False),
    Index("join_requests_to", "project_id", "state", "id"),
    Index("join_requests_of", "user_id", "id"),
    info={**SEALED, "counters": (("project_id", "state"), ("user_id",))},
)

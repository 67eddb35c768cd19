"""Service accounts, their secrets, and what their tokens are signed with."""

from sqlalchemy import BigInteger, Boolean, Column, Index, String, Table, Text

from orgward.store.schema.base import ID, KIND, SEALED, metadata

service_accounts = Table(
    "service_accounts",
    metadata,
    Column("id", ID, primary_key=True),
    Column("org_id", ID, nullable=False),
    Column("name", String(64), nullable=False),
    Column("description", String(250), nullable=False),
    Column("suspended", Boolean, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("maker_kind", KIND, nullable=False),
    Column("maker_id", ID, nullable=False),
    Index("service_accounts_of_org", "org_id", "id"),
    Index("service_accounts_made_by", "maker_id"),
    info={"counters": (("org_id",),)},
)

service_account_secrets = Table(
    "service_account_secrets",
    metadata,
    Column("id", ID, primary_key=True),
    Column("account_id", ID, nullable=False),
    Column("org_id", ID, nullable=False),
    Column("masked", String(64), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("last_used_at", BigInteger),
    Index("secrets_of_service_account", "account_id", "id"),
    Index("service_account_secrets_in_org", "org_id"),
)

client_secrets = Table(
    "client_secrets",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("secret_id", ID, nullable=False),
    Column("account_id", ID, nullable=False),
    Column("salt", String(32), nullable=False),
    Index("client_secret_of", "secret_id"),
    info=SEALED,
)

signing_keys = Table(
    "signing_keys",
    metadata,
    Column("id", ID, primary_key=True),
    Column("sealed_key", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("salt", String(32), nullable=False),
    info=SEALED,
)

device_grants = Table(
    "device_grants",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("user_code_hash", String(64), nullable=False),
    Column("client", String(64), nullable=False),
    Column("state", String(9), nullable=False),
    Column("user_id", ID),
    Column("factor", String(16), nullable=False),
    Column("proven_at", BigInteger),
    Column("identity_provider_id", ID),
    Column("address", String(45), nullable=False),
    Column("device", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("salt", String(32), nullable=False),
    Index("device_grant_by_user_code", "user_code_hash", unique=True),
    Index("device_grants_of_user", "user_id"),
    Index("device_grants_by_identity_provider", "identity_provider_id", "user_id"),
    Index("device_grants_expiring", "expires_at"),
    info=SEALED,
)

refresh_tokens = Table(
    "refresh_tokens",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("user_id", ID, nullable=False),
    Column("session_id", ID, nullable=False),
    Column("client", String(64), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
    Column("expires_at", BigInteger, nullable=False),
    Column("salt", String(32), nullable=False),
    Index("refresh_tokens_of_user", "user_id"),
    Index("refresh_tokens_of_session", "session_id"),
    info=SEALED,
)

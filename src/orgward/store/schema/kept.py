"""What the writer keeps itself beside the rows that commands change: the log, and what follows from it."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Table, Text, text

from orgward.store.schema.base import ID, KIND, metadata

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
    Index("member_facets_of", "user_id", "org_id", "facet", "value"),
    sqlite_with_rowid=False,
)

origins = Table(
    "origins",
    metadata,
    Column("of", String(24), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("revision", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("actor_kind", KIND, nullable=False),
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
    Column("actor_kind", KIND, nullable=False),
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
    Index("log_of_actor", "org_id", "actor_id", "revision"),
    Index("log_of_refusals", "org_id", "revision", sqlite_where=text("outcome = 'refused'")),
)

meta = Table("meta", metadata, Column("name", String(32), primary_key=True), Column("value", Text, nullable=False))

chains = Table(
    "chains",
    metadata,
    Column("org_id", ID, primary_key=True),
    Column("revision", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
)

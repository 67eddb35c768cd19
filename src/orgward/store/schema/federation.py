"""Federations, their identity providers and domains, role mappings, and whom providers brought here."""

from sqlalchemy import BigInteger, Boolean, Column, Index, String, Table, Text

from orgward.store.schema.base import ID, SEALED, metadata

federations = Table(
    "federations",
    metadata,
    Column("id", ID, primary_key=True),
    Column("created_at", BigInteger, nullable=False),
)

connected_organizations = Table(
    "connected_organizations",
    metadata,
    Column("org_id", ID, primary_key=True),
    Column("federation_id", ID, nullable=False),
    Column("identity_provider_id", ID),
    Column("domain_restriction_enabled", Boolean, nullable=False),
    Column("instant_provisioning_disabled", Boolean, nullable=False),
    Column("document", Text, nullable=False),
    Column("connected_at", BigInteger, nullable=False),
    Index("organizations_of_federation", "federation_id", "org_id"),
    Index("organizations_of_identity_provider", "identity_provider_id", "org_id"),
    info={"counters": (("federation_id",),)},
)

identity_providers = Table(
    "identity_providers",
    metadata,
    Column("id", ID, primary_key=True),
    Column("legacy_id", String(20), nullable=False),
    Column("federation_id", ID, nullable=False),
    Column("protocol", String(4), nullable=False),
    Column("kind", String(9), nullable=False),
    Column("status", String(8), nullable=False),
    Column("issuer", Text, nullable=False),
    Column("display_name", String(50), nullable=False),
    Column("document", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger),
    Index("identity_provider_by_legacy_id", "legacy_id", unique=True),
    Index("identity_providers_of_federation", "federation_id", "id"),
    Index("identity_providers_by_issuer", "issuer"),
    info={"counters": (("federation_id",),)},
)

federation_domains = Table(
    "federation_domains",
    metadata,
    Column("federation_id", ID, primary_key=True),
    Column("domain", String(253), primary_key=True),
    Column("proof", String(64), nullable=False),
    Column("verified_at", BigInteger),
    Column("identity_provider_id", ID),
    Column("created_at", BigInteger, nullable=False),
    Index("federation_by_domain", "domain"),
    Index("domains_of_identity_provider", "identity_provider_id", "domain"),
)

role_mappings = Table(
    "role_mappings",
    metadata,
    Column("id", ID, primary_key=True),
    Column("org_id", ID, nullable=False),
    Column("federation_id", ID, nullable=False),
    Column("external_group", String(200), nullable=False),
    Column("assignments", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Index("role_mappings_of_org", "org_id", "id"),
    Index("role_mapping_by_external_group", "org_id", "external_group", unique=True),
    info={"counters": (("org_id",),)},
)

federated_identities = Table(
    "federated_identities",
    metadata,
    Column("identity_provider_id", ID, primary_key=True),
    Column("subject_hash", String(64), primary_key=True),
    Column("user_id", ID, nullable=False),
    Column("address", Text, nullable=False),
    Column("linked_at", BigInteger, nullable=False),
    Column("signed_in_at", BigInteger),
    Column("salt", String(32), nullable=False),
    Index("federated_identities_of", "user_id", "identity_provider_id"),
    info=SEALED,
)

identity_groups = Table(
    "identity_groups",
    metadata,
    Column("identity_provider_id", ID, primary_key=True),
    Column("user_id", ID, primary_key=True),
    # The log keeps keys in clear, and forgets nothing: the name itself stands in the sealed part of the row.
    Column("external_hash", String(64), primary_key=True),
    Column("external_group", Text, nullable=False),
    Column("salt", String(32), nullable=False),
    Index("people_of_external_group", "identity_provider_id", "external_group", "user_id"),
    Index("identity_groups_of", "user_id"),
    info=SEALED,
)

federated_sessions = Table(
    "federated_sessions",
    metadata,
    Column("session_hash", String(64), primary_key=True),
    Column("identity_provider_id", ID, nullable=False),
    Column("user_id", ID, nullable=False),
    Column("salt", String(32), nullable=False),
    Index("sessions_by_identity_provider", "identity_provider_id", "user_id"),
    info=SEALED,
)

workload_identities = Table(
    "workload_identities",
    metadata,
    Column("id", ID, primary_key=True),
    Column("account_id", ID, nullable=False),
    Column("org_id", ID, nullable=False),
    Column("identity_provider_id", ID, nullable=False),
    Column("match", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Index("workload_identity_by_match", "identity_provider_id", "match", unique=True),
    Index("workload_identities_of_account", "account_id"),
    Index("workload_identities_in_org", "org_id"),
)

provisioned = Table(
    "provisioned",
    metadata,
    Column("org_id", ID, primary_key=True),
    Column("id", ID, primary_key=True),
    Column("kind", String(5), nullable=False),
    Column("external_id", Text, nullable=False),
    Column("document", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("salt", String(32), nullable=False),
    Index("provisioned_by_kind", "org_id", "kind", "id"),
    Index("provisioned_by_external_id", "org_id", "kind", "external_id"),
    Index("provisioned_of", "id"),
    info={**SEALED, "counters": (("org_id", "kind"),)},
)

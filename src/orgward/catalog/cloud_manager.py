"""The roles of the edition `cloud_manager`: those of Cloud Manager Roles, under today's API names.

Corrections: none. Read line by line, the document contradicts no row of tests/oracle/catalogue.csv. It is
taken at its word where it says less than one expects: Data Access Read/Write and Read Only don't include
Project Read Only, Read Only reads no documents, nobody inserts any, and billing alerts are the owner's.
"""

from typing import Final

from orgward.catalog.privileges import every_privilege
from orgward.catalog.role import HandsOut, Role, each

_ORGANIZATION_ROLES: Final = (
    Role(
        name="ORG_OWNER",
        title="Organization Owner",
        scope="organization",
        description="Root access to the organization, and Project Owner in every project of it.",
        privileges=every_privilege("cloud_manager", "organization"),
        in_projects="GROUP_OWNER",
        hands_out=HandsOut(organization_roles=True, project_roles="all", to_self=True),
    ),
    Role(
        name="ORG_GROUP_CREATOR",
        title="Organization Project Creator",
        scope="organization",
        description="Creates projects in the organization.",
        includes=("ORG_MEMBER",),
        privileges=("org.projects.create",),
    ),
    Role(
        name="ORG_READ_ONLY",
        title="Organization Read Only",
        scope="organization",
        description="Reads everything in the organization, and every project of it.",
        includes=("ORG_MEMBER",),
        privileges=(*each("org", "projects.list_all", "service_accounts.read", "federation.read", "invitations.read"),),
        in_projects="GROUP_READ_ONLY",
    ),
    Role(
        name="ORG_MEMBER",
        title="Organization Member",
        scope="organization",
        description="Reads settings, users and billing; in projects only project roles count.",
        privileges=(
            *each("org", "read", "settings.read", "users.read", "teams.read", "projects.list"),
            *each("org", "api_keys.read", "alerts.read", "events.read"),
            *each("billing", "info.read", "alerts.read", "cost_explorer.read"),
            *each("billing.invoices", "read", "pending.read", "csv.download"),
        ),
    ),
    Role(
        name="ORG_BILLING_ADMIN",
        title="Organization Billing Admin",
        scope="organization",
        description="Administers billing information.",
        includes=("ORG_MEMBER",),
        privileges=(
            *each("billing", "info.update", "payment_methods.update", "profile.update"),
            *each("billing", "linked_invoices.read", "linked_orgs.manage"),
        ),
    ),
)

_PROJECT_ROLES: Final = (
    Role(
        name="GROUP_READ_ONLY",
        title="Project Read Only",
        scope="project",
        description="Sees activity, operational data, users and their roles; changes nothing.",
        privileges=(
            *each("project", "read", "metadata.read", "operational_data.read", "activity.read"),
            *each("project", "events.read", "settings.read", "limits.read", "users.read", "user_roles.read"),
            *each("project", "teams.read", "api_keys.read", "service_accounts.read"),
            "alerts.read",
            "measurements.read",
            "metrics.charts.read",
            *each("performance_advisor", "view", "suggestions.read"),
            "rtpp.view",
        ),
    ),
    Role(
        name="GROUP_USER_ADMIN",
        title="Project User Admin",
        scope="project",
        description="Gives other people and teams any project role, and answers requests to join.",
        privileges=(
            *each("project", "read", "users.read", "user_roles.read", "teams.read", "api_keys.read"),
            *each("project.users", "add_existing", "invite", "update_roles", "remove"),
            *each("project.invitations", "read", "create", "update", "cancel"),
            *each("project.join_requests", "read", "approve", "deny"),
            *each("project.teams", "assign", "update_roles", "remove"),
            *each("project.api_keys", "create", "update_roles", "remove"),
        ),
        hands_out=HandsOut(project_roles="all", to_self=False),
    ),
    Role(
        name="GROUP_DATA_ACCESS_ADMIN",
        title="Project Data Access Admin",
        scope="project",
        description="Reads, writes, creates and drops data and indexes, and kills operations.",
        includes=("GROUP_READ_ONLY", "GROUP_DATA_ACCESS_READ_WRITE"),
        privileges=(
            *each("data_explorer", "databases.drop", "collections.drop", "indexes.create", "indexes.drop"),
            "rtpp.kill_op",
        ),
    ),
    Role(
        name="GROUP_DATA_ACCESS_READ_WRITE",
        title="Project Data Access Read/Write",
        scope="project",
        description="Reads, changes and deletes documents, creates databases and collections.",
        includes=("GROUP_DATA_ACCESS_READ_ONLY",),
        privileges=(
            *each("data_explorer", "databases.create", "collections.create"),
            *each("data_explorer.documents", "read", "update", "delete"),
        ),
    ),
    Role(
        name="GROUP_DATA_ACCESS_READ_ONLY",
        title="Project Data Access Read Only",
        scope="project",
        description="Sees databases, collections and indexes in the Data Explorer, and query statistics.",
        privileges=(
            "project.read",
            *each("data_explorer", "access", "databases.read", "collections.read", "indexes.read"),
            "performance_advisor.sample_values.read",
            "query_insights.namespace_latency.read",
        ),
    ),
    Role(
        name="GROUP_MONITORING_ADMIN",
        title="Project Monitoring Admin",
        scope="project",
        description="Administers alerts, manages hosts and downloads the monitoring agent.",
        includes=("GROUP_READ_ONLY",),
        privileges=(
            *each("alerts", "create", "update", "delete", "enable", "disable"),
            *each("alerts", "acknowledge", "unacknowledge"),
            *each("hosts", "add", "update", "delete"),
            "agents.monitoring.download",
        ),
    ),
    Role(
        name="GROUP_BACKUP_ADMIN",
        title="Project Backup Admin",
        scope="project",
        description="Manages backups and restores; configuring the backup service is the owner's.",
        includes=("GROUP_READ_ONLY",),
        privileges=(
            *each("backups", "manage", "start", "stop", "terminate", "restore", "settings.update"),
            *each("backups", "namespaces_filter.read", "namespaces_filter.update"),
            *each("backups", "host_passwords.read", "host_passwords.update", "ssh_keys.generate"),
            "agents.mongodb.download",
        ),
    ),
    Role(
        name="GROUP_AUTOMATION_ADMIN",
        title="Project Automation Admin",
        scope="project",
        description="Sees deployments, provisions machines and edits configuration files.",
        includes=("GROUP_READ_ONLY",),
        privileges=(
            "deployments.read",
            "machines.provision",
            "config_files.update",
            "agents.mongodb.download",
        ),
    ),
    Role(
        name="GROUP_OWNER",
        title="Project Owner",
        scope="project",
        description="Holds every privilege of every other project role, and configures the backup service.",
        privileges=every_privilege("cloud_manager", "project"),
        hands_out=HandsOut(project_roles="all", to_self=True),
    ),
)

CLOUD_MANAGER_ROLES: Final[tuple[Role, ...]] = _ORGANIZATION_ROLES + _PROJECT_ROLES

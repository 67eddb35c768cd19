"""The types of events that Orgward raises, in the names of the Admin API: one row a type (rules 127, 140, 141).

What a type's event tells beside who and when follows from its kind. Types that only other services raise are not
listed: a filter on one of them finds nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

Kind = Literal["user", "team", "api_key", "service_account", "resource", "plain"]
Feed = Literal["organization", "project"]


@dataclass(frozen=True, slots=True)
class EventType:
    """One type of event: which feeds show it, what kind it is of, and whether an alert can be set on it.

    `names_lost_project` says that it names a project which its organization does not hold any more, so that only
    those who reach every project of it have a need to know.
    """

    name: str
    feeds: frozenset[Feed]
    kind: Kind
    description: str
    alertable: bool = False
    names_lost_project: bool = False


_BOTH: Final[frozenset[Feed]] = frozenset({"organization", "project"})
_ORGANIZATION: Final[frozenset[Feed]] = frozenset({"organization"})
_PROJECT: Final[frozenset[Feed]] = frozenset({"project"})

_ROWS: Final = (
    # organizations and their settings
    EventType("ORG_CREATED", _ORGANIZATION, "plain", "The organization was founded."),
    EventType("ORG_RENAMED", _ORGANIZATION, "plain", "The organization got another name."),
    EventType("ORG_TWO_FACTOR_AUTH_REQUIRED", _ORGANIZATION, "plain", "A second factor is required from now on."),
    EventType("ORG_TWO_FACTOR_AUTH_OPTIONAL", _ORGANIZATION, "plain", "A second factor is no longer required."),
    EventType("ORG_PUBLIC_API_ACCESS_LIST_REQUIRED", _ORGANIZATION, "plain", "API keys need an access list now."),
    EventType("ORG_PUBLIC_API_ACCESS_LIST_NOT_REQUIRED", _ORGANIZATION, "plain", "API keys need no access list now."),
    EventType("ORG_UI_IP_ACCESS_LIST_ENABLED", _ORGANIZATION, "plain",
              "People reach the organization from listed addresses only."),
    EventType("ORG_UI_IP_ACCESS_LIST_DISABLED", _ORGANIZATION, "plain",
              "People reach the organization from any address again."),
    EventType("ORG_EMPLOYEE_ACCESS_RESTRICTED", _ORGANIZATION, "plain", "The operator's staff were shut out."),
    EventType("ORG_EMPLOYEE_ACCESS_UNRESTRICTED", _ORGANIZATION, "plain", "The operator's staff were let in again."),
    EventType("ORG_SERVICE_ACCOUNT_MAX_SECRET_VALIDITY_EDITED", _ORGANIZATION, "plain",
              "The longest life of a service account's secret was changed."),
    EventType("ORG_WAVE_ASSIGNMENT_MODE_MANUAL", _ORGANIZATION, "plain", "Maintenance waves are assigned by hand."),
    EventType("ORG_WAVE_ASSIGNMENT_MODE_ENV_TAG_MAPPING", _ORGANIZATION, "plain",
              "Maintenance waves are assigned by the projects' tags."),
    EventType("ORG_DELEGATION_SETTINGS_UPDATED", _ORGANIZATION, "plain",
              "What programs may do for people was changed."),
    EventType("CUSTOM_SESSION_TIMEOUT_MODIFIED", _ORGANIZATION, "plain", "The limits of sessions were changed."),
    EventType("SECURITY_CONTACT_MODIFIED", _ORGANIZATION, "plain", "The security contact was changed."),
    EventType("OPERATIONS_CONTACT_MODIFIED", _ORGANIZATION, "plain", "The operations contact was changed."),
    # projects and their settings
    EventType("GROUP_CREATED", _BOTH, "plain", "The project was made."),
    EventType("GROUP_DELETED", _BOTH, "plain", "The project was deleted."),
    EventType("GROUP_MOVED", _BOTH, "plain", "The project came from another organization."),
    EventType("GROUP_MOVED_FROM_ORG", _ORGANIZATION, "plain", "The project went to another organization.",
              names_lost_project=True),
    EventType("GROUP_NAME_CHANGED", _PROJECT, "plain", "The project got another name."),
    EventType("GROUP_TAGS_MODIFIED", _BOTH, "resource", "The project's tags were changed.", alertable=True),
    EventType("GROUP_DEFAULT_ALERTS_SETTINGS_CHANGED", _PROJECT, "plain", "Default alerts were switched on or off."),
    EventType("DATA_EXPLORER_ENABLED", _PROJECT, "plain", "The Data Explorer was switched on."),
    EventType("DATA_EXPLORER_DISABLED", _PROJECT, "plain", "The Data Explorer was switched off."),
    EventType("PROJECT_LIMIT_UPDATED", _PROJECT, "plain", "A limit of the project was changed."),
    EventType("PROJECT_COLLECT_DATABASE_STATISTICS_UPDATED", _PROJECT, "plain",
              "The collecting of statistics of databases was switched on or off."),
    EventType("PROJECT_ENABLE_DATA_VALIDATION_UPDATED", _PROJECT, "plain",
              "The validation of data was switched on or off."),
    EventType("PROJECT_ENABLE_EXTENDED_STORAGE_SIZES_UPDATED", _PROJECT, "plain",
              "Extended storage sizes were switched on or off."),
    # people
    EventType("INVITED_TO_ORG", _ORGANIZATION, "user", "Somebody was invited to the organization."),
    EventType("ORG_INVITATION_DELETED", _ORGANIZATION, "user", "An invitation to the organization came to nothing."),
    EventType("JOINED_ORG", _ORGANIZATION, "user", "Somebody became a member of the organization."),
    EventType("REMOVED_FROM_ORG", _ORGANIZATION, "user", "Somebody is no longer a member of the organization."),
    EventType("INVITED_TO_GROUP", _PROJECT, "user", "Somebody was invited to the project."),
    EventType("GROUP_INVITATION_DELETED", _PROJECT, "user", "An invitation to the project came to nothing."),
    EventType("JOINED_GROUP", _PROJECT, "user", "Somebody was put on the project.", alertable=True),
    EventType("REMOVED_FROM_GROUP", _PROJECT, "user", "Somebody was taken off the project.", alertable=True),
    EventType("USER_ROLES_CHANGED_AUDIT", _BOTH, "user", "What somebody's roles give was changed.", alertable=True),
    EventType("REQUESTED_TO_JOIN_GROUP", _PROJECT, "user", "Somebody asked to join the project."),
    EventType("JOIN_GROUP_REQUEST_APPROVED_AUDIT", _PROJECT, "user", "A request to join was approved."),
    EventType("JOIN_GROUP_REQUEST_DENIED_AUDIT", _PROJECT, "user", "A request to join was denied."),
    # teams
    EventType("TEAM_CREATED", _ORGANIZATION, "team", "The team was made."),
    EventType("TEAM_NAME_CHANGED", _ORGANIZATION, "team", "The team got another name."),
    EventType("TEAM_DELETED", _ORGANIZATION, "team", "The team was deleted."),
    EventType("INVITED_TO_TEAM", _ORGANIZATION, "user", "Somebody invited will be in a team once they accept."),
    EventType("JOINED_TEAM", _ORGANIZATION, "user", "Somebody was put into a team."),
    EventType("REMOVED_FROM_TEAM", _ORGANIZATION, "user", "Somebody was taken out of a team."),
    EventType("TEAM_ADDED_TO_GROUP", _BOTH, "team", "The team was put on the project."),
    EventType("TEAM_ROLES_MODIFIED", _BOTH, "team", "The team's roles on the project were changed."),
    EventType("TEAM_REMOVED_FROM_GROUP", _BOTH, "team", "The team was taken off the project."),
    # API keys
    EventType("API_KEY_CREATED", _BOTH, "api_key", "The API key was made."),
    EventType("API_KEY_DELETED", _BOTH, "api_key", "The API key was deleted."),
    EventType("API_KEY_DESCRIPTION_CHANGED", _BOTH, "api_key", "The API key got another description."),
    EventType("API_KEY_ROLES_CHANGED", _BOTH, "api_key", "What the API key's roles give was changed."),
    EventType("API_KEY_ADDED_TO_GROUP", _BOTH, "api_key", "The API key was put on the project."),
    EventType("API_KEY_REMOVED_FROM_GROUP", _BOTH, "api_key", "The API key was taken off the project."),
    EventType("API_KEY_ACCESS_LIST_ENTRY_ADDED", _BOTH, "api_key", "An address may use the API key now."),
    EventType("API_KEY_ACCESS_LIST_ENTRY_DELETED", _BOTH, "api_key", "An address was taken off the key's list."),
    # federations
    EventType("FEDERATION_SETTINGS_CREATED", _ORGANIZATION, "plain", "The federation was founded."),
    EventType("FEDERATION_SETTINGS_DELETED", _ORGANIZATION, "plain", "The federation was deleted."),
    EventType("ORG_SETTINGS_CONFIGURED", _ORGANIZATION, "plain", "The organization joined a federation."),
    EventType("ORG_SETTINGS_UPDATED", _ORGANIZATION, "plain", "How the organization uses its federation was changed."),
    EventType("ORG_SETTINGS_DELETED", _ORGANIZATION, "plain", "The organization left its federation."),
    EventType("IDENTITY_PROVIDER_CREATED", _ORGANIZATION, "plain", "The federation got an identity provider."),
    EventType("IDENTITY_PROVIDER_UPDATED", _ORGANIZATION, "plain", "An identity provider was changed."),
    EventType("IDENTITY_PROVIDER_DELETED", _ORGANIZATION, "plain", "An identity provider was deleted."),
    EventType("IDENTITY_PROVIDER_ACTIVATED", _ORGANIZATION, "plain", "An identity provider was switched on."),
    EventType("IDENTITY_PROVIDER_DEACTIVATED", _ORGANIZATION, "plain", "An identity provider was switched off."),
    EventType("IDENTITY_PROVIDER_JWKS_REVOKED", _ORGANIZATION, "plain",
              "The keys of an identity provider are to be fetched anew."),
    EventType("DOMAIN_CREATED", _ORGANIZATION, "plain", "A domain was named as one of the federation."),
    EventType("DOMAIN_VERIFIED", _ORGANIZATION, "plain", "A domain was proven to be the federation's."),
    EventType("DOMAINS_ASSOCIATED", _ORGANIZATION, "plain", "A domain was given to an identity provider, or taken."),
    EventType("DOMAIN_DELETED", _ORGANIZATION, "plain", "A domain was given up by the federation."),
    EventType("ROLE_MAPPING_CREATED", _ORGANIZATION, "plain", "A group was mapped to roles."),
    EventType("ROLE_MAPPING_UPDATED", _ORGANIZATION, "plain", "A role mapping was changed."),
    EventType("ROLE_MAPPING_DELETED", _ORGANIZATION, "plain", "A role mapping was deleted."),
    # service accounts
    EventType("SERVICE_ACCOUNT_CREATED", _BOTH, "service_account", "The service account was made."),
    EventType("SERVICE_ACCOUNT_DELETED", _BOTH, "service_account", "The service account was deleted."),
    EventType("SERVICE_ACCOUNT_DETAILS_CHANGED", _BOTH, "service_account", "The service account got other texts."),
    EventType("SERVICE_ACCOUNT_ROLES_CHANGED", _BOTH, "service_account",
              "What the service account's roles give was changed."),
    EventType("SERVICE_ACCOUNT_ADDED_TO_GROUP", _BOTH, "service_account",
              "The service account was put on the project."),
    EventType("SERVICE_ACCOUNT_REMOVED_FROM_GROUP", _BOTH, "service_account",
              "The service account was taken off the project."),
    EventType("SERVICE_ACCOUNT_ACCESS_LIST_ENTRY_ADDED", _BOTH, "service_account",
              "The account's tokens work from an address."),
    EventType("SERVICE_ACCOUNT_ACCESS_LIST_ENTRY_DELETED", _BOTH, "service_account",
              "An address was taken off the service account's list."),
    EventType("SERVICE_ACCOUNT_SECRET_ADDED", _BOTH, "service_account", "The service account got a further secret."),
    EventType("SERVICE_ACCOUNT_SECRET_DELETED", _BOTH, "service_account",
              "A secret of the service account was deleted."),
)  # fmt: skip

EVENT_TYPES: Final[Mapping[str, EventType]] = MappingProxyType({row.name: row for row in _ROWS})

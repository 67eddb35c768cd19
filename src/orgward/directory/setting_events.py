"""What happened to settings, contacts and limits (rules 86-94, 130, 141, 147).

The names of the Admin API know no event for some settings; these stand in the log's own row alone.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from orgward.directory.ground import Row
from orgward.directory.row_changes import Event, RowChanges, placed
from orgward.directory.settings import (
    DELEGATION,
    LIST_REQUIRED,
    MFA_REQUIRED,
    ORGANIZATION_DEFAULTS,
    PROJECT_DEFAULTS,
    TIMEOUTS,
    UI_ACCESS_LIST,
    WAVES,
)

_BY_VALUE: Final[Mapping[str, Mapping[Any, str]]] = {
    LIST_REQUIRED: {
        True: "ORG_PUBLIC_API_ACCESS_LIST_REQUIRED",
        False: "ORG_PUBLIC_API_ACCESS_LIST_NOT_REQUIRED",
    },
    MFA_REQUIRED: {True: "ORG_TWO_FACTOR_AUTH_REQUIRED", False: "ORG_TWO_FACTOR_AUTH_OPTIONAL"},
    "restrictEmployeeAccess": {True: "ORG_EMPLOYEE_ACCESS_RESTRICTED", False: "ORG_EMPLOYEE_ACCESS_UNRESTRICTED"},
    UI_ACCESS_LIST: {True: "ORG_UI_IP_ACCESS_LIST_ENABLED", False: "ORG_UI_IP_ACCESS_LIST_DISABLED"},
    WAVES: {
        "MANUAL": "ORG_WAVE_ASSIGNMENT_MODE_MANUAL",
        "ENV_TAG_MAPPING": "ORG_WAVE_ASSIGNMENT_MODE_ENV_TAG_MAPPING",
    },
    "isDataExplorerEnabled": {True: "DATA_EXPLORER_ENABLED", False: "DATA_EXPLORER_DISABLED"},
}
"""Settings whose event says what they are now."""

_WHATEVER: Final[Mapping[str, str]] = {
    DELEGATION: "ORG_DELEGATION_SETTINGS_UPDATED",
    TIMEOUTS: "CUSTOM_SESSION_TIMEOUT_MODIFIED",
    "maxServiceAccountSecretValidityInHours": "ORG_SERVICE_ACCOUNT_MAX_SECRET_VALIDITY_EDITED",
    "isCollectDatabaseSpecificsStatisticsEnabled": "PROJECT_COLLECT_DATABASE_STATISTICS_UPDATED",
    "isDataValidationEnabled": "PROJECT_ENABLE_DATA_VALIDATION_UPDATED",
    "isExtendedStorageSizesEnabled": "PROJECT_ENABLE_EXTENDED_STORAGE_SIZES_UPDATED",
}
"""Settings whose event says only that they are others than before."""

_CONTACTS: Final[Mapping[str, str]] = {
    "operationsContact": "OPERATIONS_CONTACT_MODIFIED",
    "securityContact": "SECURITY_CONTACT_MODIFIED",
}


def setting_events(changes: RowChanges) -> Iterator[Event]:
    """Yield which settings of organizations and projects are others than before."""
    for changed in changes.of("settings"):
        (scope,), org = changed.key, changed.row["org_id"]
        defaults = ORGANIZATION_DEFAULTS if scope == org else PROJECT_DEFAULTS
        before, after = _document(defaults, changed.before), _document(defaults, changed.after)
        told = (_told(name, value) for name, value in after.items() if value != before.get(name))
        yield from ({"type": name, **placed(org, scope)} for name in told if name is not None)
    yield from _contacts(changes)
    yield from _limits(changes)


def _told(name: str, value: Any) -> str | None:
    return _WHATEVER[name] if name in _WHATEVER else _BY_VALUE.get(name, {}).get(value)


def _document(defaults: Mapping[str, Any], row: Row | None) -> dict[str, Any]:
    found = {**defaults, **({} if row is None else json.loads(row["document"]))}
    # That its entries are others has no name of its own.
    return {**found, UI_ACCESS_LIST: found[UI_ACCESS_LIST]["enabled"]} if UI_ACCESS_LIST in found else found


def _contacts(changes: RowChanges) -> Iterator[Event]:
    for changed in changes.of("contacts"):
        org, kind = changed.key
        if (changed.before or {}).get("address") != (changed.after or {}).get("address"):
            yield {"type": _CONTACTS[kind], "orgId": org}


def _limits(changes: RowChanges) -> Iterator[Event]:
    for changed in changes.of("project_limits"):
        project, name = changed.key
        org = (changes.before("projects", project) or {}).get("org_id")
        yield {"type": "PROJECT_LIMIT_UPDATED", "orgId": org, "groupId": project, "limit": name}

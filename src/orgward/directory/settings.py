"""Settings of organizations and projects: what was set, over what stands by default (rules 82, 86, 90-94, 130).

A document holds only what somebody has set, under the names of the wire, so that a default that changes is changed
for everybody who left it. The addresses of contacts are personal data: they stand in sealed rows, never in the log.
"""

import json
from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any, Final

from orgward.directory.ground import Change, Ground, View, drop, put
from orgward.directory.names import username, username_key
from orgward.kernel.delta import Delta
from orgward.kernel.errors import FieldFault, GateError, MalformedError, RefusedError
from orgward.kernel.principal import Principal

Document = Mapping[str, Any]

LIST_REQUIRED: Final = "apiAccessListRequired"
MFA_REQUIRED: Final = "multiFactorAuthRequired"
TIMEOUTS: Final = "customSessionTimeouts"
ABSOLUTE: Final = "absoluteSessionTimeoutInSeconds"
IDLE: Final = "idleSessionTimeoutInSeconds"
WAVES: Final = "waveAssignmentMode"
DELEGATION: Final = "delegation"
"""The member with what programs may do for people, and for how long; it is set by itself, not with the others."""
UI_ACCESS_LIST: Final = "uiAccessList"
"""The member with the addresses that sessions may come from (rule 89); it is set by itself, not with the others."""

CONTACTS: Final = ("operationsContact", "securityContact")
"""Members that name one address each; a contact has no rights by it (rule 91)."""

LONGEST_SESSION: Final = 43_200
"""How long a session lasts in all, in seconds, where no organization wants it shorter (rule 90)."""

ORGANIZATION_DEFAULTS: Final[Document] = MappingProxyType(
    {
        LIST_REQUIRED: False,
        "genAIFeaturesEnabled": True,
        "maxServiceAccountSecretValidityInHours": 8_760,
        MFA_REQUIRED: False,
        "restrictEmployeeAccess": False,
        "streamsCrossGroupEnabled": False,
        TIMEOUTS: {},
        DELEGATION: {},
        UI_ACCESS_LIST: {"enabled": False, "entries": []},
        WAVES: None,
    }
)

PROJECT_DEFAULTS: Final[Document] = MappingProxyType(
    {
        "isAtlasHomePageAiAssistantEnabled": True,
        "isClusterAiAssistantEnabled": True,
        "isCollectDatabaseSpecificsStatisticsEnabled": True,
        "isDataExplorerEnabled": True,  # rule 130
        "isDataExplorerGenAIFeaturesEnabled": True,
        "isDataExplorerGenAISampleDocumentPassingEnabled": False,
        "isDataValidationEnabled": True,
        "isExtendedStorageSizesEnabled": False,
        "isNativeRerankingEnabled": False,
        "isPerformanceAdvisorEnabled": True,
        "isRealtimePerformancePanelEnabled": True,
        "isSchemaAdvisorEnabled": True,
    }
)


def of_organization(view: View, org: str) -> Document:
    """Return the settings of the organization but its contacts."""
    return {**ORGANIZATION_DEFAULTS, **_document(view, org)}


def of_project(view: View, project: str) -> Document:
    """Return the settings of the project."""
    return {**PROJECT_DEFAULTS, **_document(view, project)}


def contacts_of(view: View, org: str) -> dict[str, str]:
    """Return the addresses of the organization's contacts, by member; those that are named alone."""
    return {row["kind"]: row["address"] for row in view.find("contacts", org_id=org)}


def _document(view: View, scope: str) -> dict[str, Any]:
    row = view.get("settings", scope)
    found: dict[str, Any] = {} if row is None else json.loads(row["document"])
    return found


def update_organization(ground: Ground, changed: Document) -> Change:
    """Change the settings that `changed` names; None brings the default back, or ends a contact."""
    if changed.get(MFA_REQUIRED) and not shows_second_factor(ground.principal):
        raise GateError("MFA_REQUIRED")
    named = {name: value for name, value in changed.items() if name not in CONTACTS}
    if TIMEOUTS in named:
        named[TIMEOUTS] = _timeouts(_document(ground.view, ground.org).get(TIMEOUTS) or {}, named[TIMEOUTS])
    addresses = {name: changed[name] for name in CONTACTS if name in changed}
    change = _update(ground, ground.org, named)
    change.deltas += [delta for kind, address in addresses.items() for delta in _contact(ground, kind, address)]
    change.body["contacts"] = sorted(addresses)
    return change


def update_project(ground: Ground, changed: Document) -> Change:
    """Change the settings of the project that `changed` names (rules 94, 130)."""
    return _update(ground, ground.project, changed)


def _update(ground: Ground, scope: str, changed: Document) -> Change:
    document = {**_document(ground.view, scope), **changed}
    kept = {name: value for name, value in sorted(document.items()) if value not in (None, {})}
    row = {"scope_id": scope, "org_id": ground.org, "document": json.dumps(kept)}
    return Change([put("settings", scope, **row)], {"settings": dict(changed)}, target=scope)


def _timeouts(before: Document, changed: Document | None) -> dict[str, int]:
    """Return the limits of sessions after the change; the idle one fits into the absolute one (rule 90)."""
    if changed is None:
        return {}
    after = {name: value for name, value in {**before, **changed}.items() if value is not None}
    absolute = after.get(ABSOLUTE, LONGEST_SESSION)
    if after.get(IDLE, 0) > absolute:
        place = f"{TIMEOUTS}.{IDLE}"
        fault = FieldFault(place, f"is at most {absolute}, the limit of the whole session")
        raise MalformedError("INVALID_ATTRIBUTE", place, fields=[fault])
    return after


def _contact(ground: Ground, kind: str, text: str | None) -> list[Delta]:
    if not text:
        is_named = ground.view.get("contacts", ground.org, kind) is not None
        return [drop("contacts", ground.org, kind)] if is_named else []
    try:
        address = username(text)
    except RefusedError:
        fault = FieldFault(kind, "is not an e-mail address")
        raise MalformedError("INVALID_ATTRIBUTE", kind, fields=[fault]) from None
    made = put(
        "contacts", ground.org, kind, org_id=ground.org, kind=kind, address=address,
        address_key=username_key(address), salt=ground.mint.salt(),
    )  # fmt: skip
    return [made]


def forgotten(view: View, scope: str) -> list[Delta]:
    """Return the deltas that drop the settings of an organization or project that is deleted, contacts included."""
    deltas = [] if view.get("settings", scope) is None else [drop("settings", scope)]
    return deltas + [drop("contacts", scope, row["kind"]) for row in view.find("contacts", org_id=scope)]


def without_contact(view: View, address: str) -> list[Delta]:
    """Return the deltas after which `address` is no contact of any organization."""
    rows = view.find("contacts", address_key=username_key(address))
    return [drop("contacts", row["org_id"], row["kind"]) for row in rows]


def shows_second_factor(principal: Principal) -> bool:
    """Say whether nothing more can be asked of the credential that `principal` showed.

    Keys have no second factor; a session has shown one where it was begun or confirmed with it.
    """
    return principal.kind != "user" or bool(principal.factor)


def requires_second_factor(view: View, org: str) -> bool:
    """Say whether members of `org` reach it only with a second factor (rule 86)."""
    return bool(of_organization(view, org)[MFA_REQUIRED])


def requires_access_list(view: View, org: str) -> bool:
    """Say whether keys of `org` may be used only if they have an access list (rule 82)."""
    return bool(of_organization(view, org)[LIST_REQUIRED])


def session_limits(view: View, orgs: Collection[str]) -> tuple[int, int | None]:
    """Return how long a session of a member of all `orgs` may last, in all and idle, in seconds: the shortest of each.

    None is no limit (rule 90).
    """
    timeouts = [of_organization(view, org)[TIMEOUTS] for org in orgs]
    absolute = min((found.get(ABSOLUTE, LONGEST_SESSION) for found in timeouts), default=LONGEST_SESSION)
    return absolute, min((found[IDLE] for found in timeouts if IDLE in found), default=None)

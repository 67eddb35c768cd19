"""Which lists are served page by page, and how each is measured: as whom, of what, and whether it grows."""

from collections.abc import Iterator, Mapping
from typing import Final, Literal, NamedTuple

from bench.filling import LIMITS, Filled
from orgward.edge.endpoint import ENDPOINTS, Endpoint

PER_PAGE: Final = 100

NOT_MEASURED: Final[Mapping[str, str]] = {
    "listRoles": "reads the catalogue",
    "listEventTypes": "reads the catalogue",
    "listDefaultGroupLimits": "reads the catalogue",
    "listRateLimits": "reads what the process was started with",
    "getGroupMongoDbVersions": "is always empty",
    "listMySessions": "is as long as one person's sessions, whatever the organization's size",
    "addGroupTeams": "a write, which answers with a page of listGroupTeams",
    "updateGroupTeam": "a write, which answers with a page of listGroupTeams",
    "addOrgTeamUsers": "a write, which answers with a page of listOrgTeamUsers",
    "createOrgApiKeyAccessListEntry": "a write, which answers with a page of listOrgApiKeyAccessListEntries",
    "createOrgServiceAccountAccessList": "a write, which answers with a page of listOrgServiceAccountAccessList",
    "createGroupServiceAccountAccessList": "a write, which answers with a page of listGroupServiceAccountAccessList",
    "listOrgServiceAccounts": "a limit bounds them, and the index is as that of listOrgApiKeys",
    "listGroupServiceAccounts": "a limit bounds them, and the index is as that of listGroupApiKeys",
    "listOrgServiceAccountAccessList": "a limit bounds it, and the table is that of listOrgApiKeyAccessListEntries",
    "listGroupServiceAccountAccessList": "a limit bounds it, and the table is that of listOrgApiKeyAccessListEntries",
    "getOrgServiceAccountGroups": "is as long as the projects of one account, whatever the organization's size",
    "listServiceAccountWorkloadIdentities": "is as long as the programs of one account, however large the organization",
    "listFederationSettingConnectedOrgConfigs": "is as long as one federation, whatever the organization's size",
    "listFederationSettingIdentityProviders": "is as long as one federation, whatever the organization's size",
    "listFederationDomains": "is as long as one federation, whatever the organization's size",
    "listFederationSettingConnectedOrgConfigRoleMappings": "a limit bounds the mappings of an organization",
    "listMyIdentities": "is as long as one person's identities, whatever the organization's size",
}
"""Operations that answer page by page and are not measured, and why."""


class Listed(NamedTuple):
    """One way to ask for a list.

    `who` asks, `places` says which of several organizations, projects or teams is meant. A list that does not grow
    with the members has as many items in both stores. What is not `flat` is shown with what it costs.
    """

    operation: str
    note: str = ""
    query: str = ""
    who: Literal["owner", "plain", "traveller", "inviter"] = "owner"
    places: Mapping[str, str] = {}
    grows: bool = True
    counted: bool = True
    flat: bool = True
    versions: tuple[str, ...] = ()

    @property
    def endpoint(self) -> Endpoint:
        """Return where the list is served."""
        return next(found for found in ENDPOINTS if found.operation.id == self.operation)

    @property
    def asked_versions(self) -> tuple[str, ...]:
        """Return the resource versions in which it is asked for; an empty one outside the Admin API."""
        return self.versions or tuple(version.date for version in self.endpoint.versions) or ("",)

    def path(self, filled: Filled, page: int, *, counted: bool) -> str:
        """Return the path of a page, of what is meant in `filled`, with its query."""
        names = ("orgId", "groupId", "teamId", "apiUserId")
        places = {name: filled.places[name, self.places.get(name, "")] for name in names}
        query = f"{self.query}&includeCount={str(counted).lower()}&itemsPerPage={PER_PAGE}&pageNum={page}"
        return f"{self.endpoint.path.format(**places)}?{query.removeprefix('&')}"


def last_page(total: int) -> int:
    """Return the number of the last page of a list of `total` items."""
    return -(-total // PER_PAGE)


def accept(version: str) -> str:
    """Return the media type of a resource version, of plain JSON for none."""
    return f"application/vnd.atlas.{version}+json" if version else "application/json"


_NEWER: Final = ("2025-02-19",)
_ALL_INVITED: Final = "orgMembershipStatuses=PENDING,INVITATION_EXPIRED"
_INVITED: Final = {"orgId": "inviting", "groupId": "inviting"}
_EVENTS: Final = (
    Listed("listOrgEvents"),
    Listed("listOrgEvents", "not counted", counted=False),
    Listed("listOrgEvents", "of one type", "eventType=JOINED_ORG"),
    Listed("listOrgEvents", "of two types, not counted", "eventType=JOINED_ORG,ORG_CREATED", counted=False),
    Listed("listOrgEvents", "to who sees one project", who="plain"),
    Listed("listOrgEvents", "to who sees one project, not counted", who="plain", counted=False),
    Listed("listOrgEvents", "of one type, to who sees one project", "eventType=USER_ROLES_CHANGED_AUDIT", who="plain",
           grows=False),
    Listed("listOrgEvents", "until a time", "maxDate=2100-01-01T00:00:00Z", flat=False),
    Listed("listOrgEvents", "until a time, not counted", "maxDate=2100-01-01T00:00:00Z", counted=False, flat=False),
    Listed("listGroupEvents"),
    Listed("listGroupEvents", "not counted", counted=False),
    Listed("listGroupEvents", "of one type", "eventType=JOINED_GROUP"),
    Listed("listGroupEvents", "without one type", "excludedEventType=JOINED_GROUP"),
)  # fmt: skip
_PEOPLE: Final = (
    Listed("listOrgUsers"),
    Listed("listOrgUsers", f"invited, {LIMITS.waiting} of them not too long ago", _ALL_INVITED, who="inviter",
           places=_INVITED, versions=_NEWER),
    Listed("listGroupUsers"),
    Listed("listGroupUsers", f"invited, {LIMITS.waiting} of them not too long ago", _ALL_INVITED, who="inviter",
           places=_INVITED, versions=_NEWER),
    Listed("listGroupUsers", f"flattenTeams, {LIMITS.reached} by teams", "flattenTeams=true"),
    Listed("listGroupUsers", "includeOrgUsers", "includeOrgUsers=true"),
    Listed("listGroupUsers", "flattenTeams and includeOrgUsers", "flattenTeams=true&includeOrgUsers=true"),
    Listed("listGroupUsers", "flattenTeams, all by one team", "flattenTeams=true", places={"groupId": "reached"},
           flat=False, versions=_NEWER),
    Listed("listOrgTeamUsers"),
    Listed("listOrgTeamUsers", "a small team, where all are invited", _ALL_INVITED, who="inviter",
           places={**_INVITED, "teamId": "waiting"}, grows=False, versions=_NEWER),
    Listed("listOrgRoleAssignments"),
    Listed("listGroupRoleAssignments"),
    Listed("listGroupJoinRequests"),
)  # fmt: skip
_BOUNDED: Final = (
    Listed("listOrgTeams", grows=False),
    Listed("listGroupTeams", grows=False),
    Listed("listOrgApiKeys", grows=False),
    Listed("listGroupApiKeys", grows=False),
    Listed("listOrgApiKeyAccessListEntries", grows=False),
    Listed("getOrgGroups", grows=False),
    Listed("listGroups", grows=False),
    Listed("listOrgs", who="traveller", grows=False),
    Listed("listMyJoinRequests", who="traveller", grows=False),
    Listed("listMyInvitations", who="traveller", grows=False),
)

LISTS: Final = (*_PEOPLE, *_EVENTS, *_BOUNDED)


def unmeasured() -> Iterator[str]:
    """Yield each operation that answers page by page and is neither measured nor left out for a reason."""
    known = {listed.operation for listed in LISTS} | NOT_MEASURED.keys()
    yield from sorted({found.operation.id for found in ENDPOINTS if found.paged} - known)

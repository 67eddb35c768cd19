"""By which role mapping somebody would hold a role once a change is made: its check says so before there is a row."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from orgward.console.changing.calls import ApiCall
from orgward.console.frame.page import Page
from orgward.console.listing.mapped import MappedBy, mapped_by, said_of
from orgward.directory.mapping import RoleMapping
from orgward.directory.mapping_rows import mapping_of

_CONFIG: Final = "updateFederationSettingConnectedOrgConfig"
_CREATE: Final = "createFederationSettingConnectedOrgConfigRoleMapping"
_UPDATE: Final = "updateFederationSettingConnectedOrgConfigRoleMapping"
_DELETE: Final = "deleteFederationSettingConnectedOrgConfigRoleMapping"
_OPERATIONS: Final = (_CONFIG, _CREATE, _UPDATE, _DELETE)


def mapped_after(page: Page, calls: Sequence[ApiCall]) -> MappedBy:
    """Return what says by which mapping of the page's organization somebody holds a role after `calls`."""
    changes = [call for call in calls if call.operation in _OPERATIONS]
    if not changes:
        return mapped_by
    changed, provider, mappings = changes[0].values["orgId"], _provider(page, changes), _mappings(page, changes)

    def said(page: Page, user: str, org: str, scope: str, role: str) -> str | None:
        if org != changed:
            return mapped_by(page, user, org, scope, role)
        rows = page.view.find("identity_groups", identity_provider_id=provider, user_id=user)
        groups = {row["external_group"] for row in rows}
        names = {each.external_group for each in mappings if (scope, role) in each.given}
        return said_of(page, user, org, sorted(names & groups))

    return said


def _provider(page: Page, changes: Sequence[ApiCall]) -> str:
    """Return the provider that the organization uses after the changes; nothing has an empty id."""
    chosen: Mapping[str, Any] = next((call.body for call in changes if call.operation == _CONFIG), {})
    if "identityProviderId" in chosen:
        return str(chosen["identityProviderId"] or "")
    row = page.view.get("connected_organizations", changes[0].values["orgId"])
    return str(row["identity_provider_id"] or "") if row else ""


def _mappings(page: Page, changes: Sequence[ApiCall]) -> list[RoleMapping]:
    """Return the role mappings of the organization after the changes."""
    rows = page.view.find("role_mappings", org_id=changes[0].values["orgId"])
    kept = {row["id"]: mapping_of(row) for row in rows}
    for call in changes:
        if call.operation in {_UPDATE, _DELETE}:
            kept.pop(call.values["id"], None)
        if call.operation in {_UPDATE, _CREATE}:
            kept[call.values.get("id", "")] = _described(call.body)
    return list(kept.values())


def _described(body: Any) -> RoleMapping:
    given = {(each.get("groupId") or each.get("orgId"), each["role"]) for each in body["roleAssignments"]}
    return RoleMapping(body["externalGroupName"], frozenset(given))

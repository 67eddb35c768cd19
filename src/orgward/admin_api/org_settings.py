"""Settings of an organization on the wire, and how its projects get their maintenance (rules 82, 86, 90-94)."""

from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import UNSET, UnsetType

from orgward.admin_api.narrower import require_each
from orgward.admin_api.organizations import TAG
from orgward.admin_api.tolerant import Body
from orgward.app.acting import ground_of, outcome_of
from orgward.app.execute import Context
from orgward.app.targets import InOrganization
from orgward.directory import settings
from orgward.edge.endpoint import ATLAS, PREVIEW, V2023_01, endpoint
from orgward.store.view import SqlView
from orgward.store.writer import Outcome

_SETTINGS: Final = f"{ATLAS}/orgs/{{orgId}}/settings"
_MAINTENANCE: Final = f"{ATLAS}/orgs/{{orgId}}/maintenanceSettings"

_OTHERWISE: Final = "org.settings.update"
_NARROWER: Final = {
    settings.LIST_REQUIRED: "org.api_access_list_requirement.update",
    settings.MFA_REQUIRED: "org.mfa_requirement.update",
    settings.TIMEOUTS: "org.session_timeouts.update",
}
_ELSEWHERE: Final = {settings.DELEGATION, settings.WAVES, settings.UI_ACCESS_LIST}
"""What is set by operations of its own."""

_BY_DEFAULT: Final = "MANUAL"
"""How projects are assigned to waves of maintenance where nobody has said: one by one."""

_Absolute = Annotated[int, msgspec.Meta(ge=3_600, le=43_200)]
_Idle = Annotated[int, msgspec.Meta(ge=300, le=43_200)]
_Hours = Annotated[int, msgspec.Meta(ge=8, le=8_760)]


class TimeoutsBody(Body, frozen=True, kw_only=True):
    """How long sessions of members last, in all and idle; null is no limit of the organization's own."""

    absolute: _Absolute | UnsetType | None = msgspec.field(default=UNSET, name=settings.ABSOLUTE)
    idle: _Idle | UnsetType | None = msgspec.field(default=UNSET, name=settings.IDLE)


class OrganizationSettingsBody(Body, frozen=True, kw_only=True):
    """What may be changed of an organization's settings; what is not named stays."""

    api_access_list_required: bool | UnsetType = UNSET
    custom_session_timeouts: TimeoutsBody | UnsetType | None = UNSET
    gen_ai_features_enabled: bool | UnsetType | None = msgspec.field(default=UNSET, name="genAIFeaturesEnabled")
    max_service_account_secret_validity_in_hours: _Hours | UnsetType = UNSET
    multi_factor_auth_required: bool | UnsetType = UNSET
    operations_contact: str | UnsetType | None = UNSET
    restrict_employee_access: bool | UnsetType = UNSET
    security_contact: str | UnsetType | None = UNSET
    streams_cross_group_enabled: bool | UnsetType = UNSET


class MaintenanceBody(Body, frozen=True, kw_only=True):
    """How projects are assigned to waves of maintenance: one by one, or by a tag that names their environment."""

    wave_assignment_mode: Literal["MANUAL", "ENV_TAG_MAPPING"] | UnsetType = UNSET


def _settings(context: Context, view: SqlView) -> dict[str, Any]:
    org = context.resource.id
    found = {name: value for name, value in settings.of_organization(view, org).items() if name not in _ELSEWHERE}
    absolute = {settings.ABSOLUTE: settings.LONGEST_SESSION}
    return {**found, settings.TIMEOUTS: {**absolute, **found[settings.TIMEOUTS]}, **settings.contacts_of(view, org)}


def _maintenance(context: Context, view: SqlView) -> dict[str, Any]:
    mode = settings.of_organization(view, context.resource.id)[settings.WAVES]
    return {"effectiveWaveAssignmentMode": mode or _BY_DEFAULT, settings.WAVES: mode}


@endpoint(
    "GET", _SETTINGS, id="getOrgSettings", requires=("org.settings.read",), on=InOrganization(),
    versions=(V2023_01,), tag=TAG,
)  # fmt: skip
def read_settings(context: Context) -> dict[str, Any]:
    """Return the settings of an organization."""
    return _settings(context, context.view)


@endpoint(
    "PATCH", _SETTINGS, id="updateOrgSettings", requires=(_OTHERWISE, *_NARROWER.values()), on=InOrganization(),
    versions=(V2023_01,), tag=TAG, body=OrganizationSettingsBody,
)  # fmt: skip
def update_settings(context: Context) -> Outcome:
    """Change settings of an organization, each with the privilege that it needs."""
    changed = msgspec.to_builtins(context.call.body)
    require_each(context, changed, _NARROWER, _OTHERWISE)
    change = settings.update_organization(ground_of(context), changed)
    return outcome_of(change, lambda view: _settings(context, view))


@endpoint(
    "GET", _MAINTENANCE, id="getOrgMaintenanceSettings", requires=("org.settings.read",), on=InOrganization(),
    versions=(PREVIEW,), tag=TAG,
)  # fmt: skip
def read_maintenance(context: Context) -> dict[str, Any]:
    """Return how the projects of an organization are assigned to waves of maintenance."""
    return _maintenance(context, context.view)


@endpoint(
    "PATCH", _MAINTENANCE, id="updateOrgMaintenanceSettings", requires=(_OTHERWISE,), on=InOrganization(),
    versions=(PREVIEW,), tag=TAG, body=MaintenanceBody,
)  # fmt: skip
def update_maintenance(context: Context) -> Outcome:
    """Change how the projects of an organization are assigned to waves of maintenance."""
    change = settings.update_organization(ground_of(context), msgspec.to_builtins(context.call.body))
    return outcome_of(change, lambda view: _maintenance(context, view))


@endpoint(
    "POST", f"{_MAINTENANCE}:reset", id="resetOrgMaintenanceSettings", requires=(_OTHERWISE,), on=InOrganization(),
    versions=(PREVIEW,), tag=TAG,
)  # fmt: skip
def reset_maintenance(context: Context) -> Outcome:
    """Bring the default back for how the projects of an organization are assigned to waves of maintenance."""
    change = settings.update_organization(ground_of(context), {settings.WAVES: None})
    return outcome_of(change, lambda view: _maintenance(context, view))

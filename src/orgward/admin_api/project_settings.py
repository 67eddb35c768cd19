"""Settings of a project on the wire, and what there is to say of its deployments (rules 94, 130)."""

from typing import Any, Final

import msgspec
from msgspec import UNSET, UnsetType

from orgward.admin_api.narrower import require_each
from orgward.admin_api.projects import TAG
from orgward.admin_api.tolerant import Body
from orgward.app.acting import ground_of, outcome_of
from orgward.app.execute import Context
from orgward.app.targets import InProject
from orgward.directory import settings
from orgward.edge.endpoint import ATLAS, V2023_01, Parameter, endpoint
from orgward.edge.paging import Page
from orgward.kernel.errors import MalformedError
from orgward.store.writer import Outcome

_SETTINGS: Final = f"{ATLAS}/groups/{{groupId}}/settings"

_OTHERWISE: Final = "project.settings.update"
_NARROWER: Final = {
    "isDataExplorerEnabled": "project.settings.data_explorer.toggle",
    "isPerformanceAdvisorEnabled": "project.settings.performance_advisor.toggle",
    "isRealtimePerformancePanelEnabled": "project.settings.rtpp.toggle",
}
_CHOICES: Final = {"cloudProvider": {"AWS", "AZURE", "GCP", "TENANT"}, "defaultStatus": {"DEFAULT"}}

_Toggle = bool | UnsetType


class ProjectSettingsBody(Body, frozen=True, kw_only=True):
    """What may be switched on and off in a project; what is not named stays."""

    is_atlas_home_page_ai_assistant_enabled: _Toggle = UNSET
    is_cluster_ai_assistant_enabled: _Toggle = UNSET
    is_collect_database_specifics_statistics_enabled: _Toggle = UNSET
    is_data_explorer_enabled: _Toggle = UNSET
    is_data_explorer_gen_ai_features_enabled: _Toggle = msgspec.field(
        default=UNSET, name="isDataExplorerGenAIFeaturesEnabled"
    )
    is_data_explorer_gen_ai_sample_document_passing_enabled: _Toggle = msgspec.field(
        default=UNSET, name="isDataExplorerGenAISampleDocumentPassingEnabled"
    )
    is_data_validation_enabled: _Toggle = UNSET
    is_extended_storage_sizes_enabled: _Toggle = UNSET
    is_native_reranking_enabled: _Toggle = UNSET
    is_performance_advisor_enabled: _Toggle = UNSET
    is_realtime_performance_panel_enabled: _Toggle = UNSET
    is_schema_advisor_enabled: _Toggle = UNSET


@endpoint(
    "GET", _SETTINGS, id="getGroupSettings", requires=("project.settings.read",), on=InProject(),
    versions=(V2023_01,), tag=TAG,
)  # fmt: skip
def read_settings(context: Context) -> dict[str, Any]:
    """Return the settings of a project."""
    return dict(settings.of_project(context.view, context.resource.id))


@endpoint(
    "PATCH", _SETTINGS, id="updateGroupSettings", requires=(_OTHERWISE, *_NARROWER.values()), on=InProject(),
    versions=(V2023_01,), tag=TAG, body=ProjectSettingsBody,
)  # fmt: skip
def update_settings(context: Context) -> Outcome:
    """Change settings of a project, each with the privilege that it needs."""
    changed = msgspec.to_builtins(context.call.body)
    require_each(context, changed, _NARROWER, _OTHERWISE)
    change = settings.update_project(ground_of(context), changed)
    return outcome_of(change, lambda view: dict(settings.of_project(view, context.resource.id)))


@endpoint(
    "GET", f"{ATLAS}/groups/{{groupId}}/mongoDBVersions", id="getGroupMongoDbVersions",
    requires=("project.metadata.read",), on=InProject(), versions=(V2023_01,), tag=TAG, paged=True,
    parameters=(Parameter(name="cloudProvider"), Parameter(name="instanceSize"), Parameter(name="defaultStatus")),
)  # fmt: skip
def list_database_versions(context: Context) -> Page:
    """List the versions of MongoDB that can be deployed in a project: none, for nothing is deployed from here."""
    asked = context.call.query.parsed.values
    for name, choices in _CHOICES.items():
        if asked[name] and asked[name] not in choices:
            raise MalformedError("INVALID_QUERY_PARAMETER", name)
    return Page([], 0)


@endpoint(
    "GET", f"{ATLAS}/groups/{{groupId}}/ipAddresses", id="getGroupIpAddresses", requires=("project.metadata.read",),
    on=InProject(), versions=(V2023_01,), tag=TAG,
)  # fmt: skip
def read_addresses(context: Context) -> dict[str, Any]:
    """Return the addresses of a project's clusters, of which there are none yet."""
    return {"groupId": context.resource.id, "services": {"clusters": []}}

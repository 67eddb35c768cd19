"""Federations on the wire: what an organization is told of its own, connected organizations, and the end (95-101)."""

from typing import Final

from orgward.admin_api.federation_bodies import ConnectedOrganizationBody
from orgward.admin_api.federation_shapes import Json, connected_object, settings_object, visible_connected
from orgward.app.acting import ground_of, outcome_of
from orgward.app.execute import Context
from orgward.app.targets import InFederation, InOrganization
from orgward.directory import federation
from orgward.edge.endpoint import ATLAS, V2023_01, endpoint
from orgward.edge.inner import connected_organization
from orgward.edge.paging import Page
from orgward.store.view import SqlView
from orgward.store.writer import Outcome

TAG: Final = "Federated Authentication"
FEDERATION: Final = f"{ATLAS}/federationSettings/{{federationSettingsId}}"
CONNECTED: Final = f"{FEDERATION}/connectedOrgConfigs"
ORGANIZATION: Final = f"{CONNECTED}/{{orgId}}"


def paged(context: Context, items: list[Json]) -> Page:
    """Return the page that was asked for of a list that is there as a whole."""
    query = context.call.query.parsed
    return Page(items[query.offset : query.offset + query.per_page], len(items))


def _connected(context: Context, view: SqlView) -> Json:
    return connected_object(view, view.get("connected_organizations", context.resource.id) or {})


@endpoint(
    "GET", f"{ATLAS}/orgs/{{orgId}}/federationSettings", id="getOrgFederationSettings",
    requires=("org.federation.read",), on=InOrganization(), versions=(V2023_01,), tag=TAG,
)  # fmt: skip
def read_settings(context: Context) -> Json:
    """Return the federation of an organization: its domains, and the identity provider of its people."""
    return settings_object(context.view, context.resource.id)


@endpoint(
    "DELETE", FEDERATION, id="deleteFederationSetting", requires=("org.federation.update",), on=InFederation(),
    versions=(V2023_01,), tag=TAG, status=204,
)  # fmt: skip
def delete_federation(context: Context) -> Outcome:
    """Delete a federation in which one organization is left."""
    return outcome_of(federation.delete(ground_of(context), context.call.values["federationSettingsId"]))


@endpoint(
    "GET", CONNECTED, id="listFederationSettingConnectedOrgConfigs", requires=("org.federation.read",),
    on=InFederation(), versions=(V2023_01,), tag=TAG, paged=True,
)  # fmt: skip
def list_connected(context: Context) -> Page:
    """List the organizations of a federation that the caller may read it in."""
    rows = visible_connected(context, context.view, context.call.values["federationSettingsId"])
    query = context.call.query.parsed
    shown = rows[query.offset : query.offset + query.per_page]
    return Page([connected_object(context.view, row) for row in shown], len(rows))


@endpoint(
    "GET", ORGANIZATION, id="getFederationSettingConnectedOrgConfig", requires=("org.federation.read",),
    on=InOrganization(), inner=connected_organization, versions=(V2023_01,), tag=TAG,
)  # fmt: skip
def read_connected(context: Context) -> Json:
    """Return how an organization uses its federation."""
    return _connected(context, context.view)


@endpoint(
    "PATCH", ORGANIZATION, id="updateFederationSettingConnectedOrgConfig", requires=("org.federation.update",),
    on=InOrganization(), inner=connected_organization, versions=(V2023_01,), tag=TAG, body=ConnectedOrganizationBody,
)  # fmt: skip
def update_connected(context: Context) -> Outcome:
    """Change how an organization uses its federation: its provider, default roles, and who may be invited."""
    body: ConnectedOrganizationBody = context.call.body
    change = federation.configure(ground_of(context), body.changed)
    return outcome_of(change, lambda view: _connected(context, view))


@endpoint(
    "DELETE", ORGANIZATION, id="removeFederationSettingConnectedOrgConfig", requires=("org.federation.update",),
    on=InOrganization(), inner=connected_organization, versions=(V2023_01,), tag=TAG, status=204,
)  # fmt: skip
def remove_connected(context: Context) -> Outcome:
    """Take an organization out of its federation: roles by mapping end at once."""
    return outcome_of(federation.disconnect(ground_of(context), context.call.values["federationSettingsId"]))

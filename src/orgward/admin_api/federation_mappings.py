"""Role mappings of an organization on the wire (rules 96-98)."""

from orgward.admin_api.federation import ORGANIZATION, TAG, paged
from orgward.admin_api.federation_bodies import RoleMappingBody
from orgward.admin_api.federation_shapes import Json, mapping_object
from orgward.app.acting import ground_of, outcome_of
from orgward.app.execute import Context
from orgward.app.targets import InOrganization
from orgward.directory import role_mappings
from orgward.edge.endpoint import V2023_01, endpoint
from orgward.edge.inner import connected_organization, role_mapping
from orgward.edge.paging import Page
from orgward.store.view import SqlView
from orgward.store.writer import Outcome

_MAPPINGS = f"{ORGANIZATION}/roleMappings"
_MAPPING = f"{_MAPPINGS}/{{id}}"


def _single(view: SqlView, mapping: str) -> Json:
    return mapping_object(view.get("role_mappings", mapping) or {})


@endpoint(
    "GET", _MAPPINGS, id="listFederationSettingConnectedOrgConfigRoleMappings", requires=("org.federation.read",),
    on=InOrganization(), inner=connected_organization, versions=(V2023_01,), tag=TAG, paged=True,
)  # fmt: skip
def list_mappings(context: Context) -> Page:
    """List the role mappings of an organization."""
    rows = context.view.find("role_mappings", org_id=context.resource.id)
    return paged(context, [mapping_object(row) for row in rows])


@endpoint(
    "POST", _MAPPINGS, id="createFederationSettingConnectedOrgConfigRoleMapping",
    requires=("org.role_mappings.manage",), on=InOrganization(), inner=connected_organization, versions=(V2023_01,),
    tag=TAG, body=RoleMappingBody,
)  # fmt: skip
def create_mapping(context: Context) -> Outcome:
    """Map a group of the identity provider to roles; who is in it already has them at once."""
    body: RoleMappingBody = context.call.body
    change = role_mappings.create(ground_of(context), body.external_group_name, body.assignments)
    return outcome_of(change, lambda view: _single(view, str(change.target)))


@endpoint(
    "GET", _MAPPING, id="getFederationSettingConnectedOrgConfigRoleMapping", requires=("org.federation.read",),
    on=InOrganization(), inner=role_mapping, versions=(V2023_01,), tag=TAG,
)  # fmt: skip
def read_mapping(context: Context) -> Json:
    """Return one role mapping."""
    return _single(context.view, context.call.values["id"])


@endpoint(
    "PUT", _MAPPING, id="updateFederationSettingConnectedOrgConfigRoleMapping", requires=("org.role_mappings.manage",),
    on=InOrganization(), inner=role_mapping, versions=(V2023_01,), tag=TAG, body=RoleMappingBody,
)  # fmt: skip
def update_mapping(context: Context) -> Outcome:
    """Replace a role mapping; roles that nothing gives any more end at once."""
    body: RoleMappingBody = context.call.body
    mapping = context.call.values["id"]
    change = role_mappings.update(ground_of(context), mapping, body.external_group_name, body.assignments)
    return outcome_of(change, lambda view: _single(view, mapping))


@endpoint(
    "DELETE", _MAPPING, id="deleteFederationSettingConnectedOrgConfigRoleMapping",
    requires=("org.role_mappings.manage",), on=InOrganization(), inner=role_mapping, versions=(V2023_01,), tag=TAG,
    status=204,
)  # fmt: skip
def delete_mapping(context: Context) -> Outcome:
    """Delete a role mapping; roles that nothing gives any more end at once."""
    return outcome_of(role_mappings.delete(ground_of(context), context.call.values["id"]))

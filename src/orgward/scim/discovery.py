"""What is served, told to clients: the service, its types of resources, and their schemas (RFC 7644, section 4)."""

from typing import Any, Final

from orgward.app.execute import Context
from orgward.app.targets import InOrganization
from orgward.edge.endpoint import endpoint
from orgward.kernel.errors import NotFoundError
from orgward.scim.answers import MOST_RESULTS, base_of, list_of
from orgward.scim.attributes import Attribute, ResourceType, Schema
from orgward.scim.errors import ROOT
from orgward.scim.schemas import CORE, SCHEMAS, SERVED
from orgward.scim.users import TAG

_HERE: Final = f"{ROOT}/{{orgId}}"


@endpoint(
    "GET", f"{_HERE}/ServiceProviderConfig", id="getScimServiceProviderConfig", requires=("org.read",),
    on=InOrganization(), tag=TAG,
)  # fmt: skip
def read_configuration(context: Context) -> dict[str, Any]:
    """Say which parts of SCIM are served."""
    return {
        "schemas": [f"{CORE}:ServiceProviderConfig"],
        "patch": {"supported": True},
        "bulk": {"supported": False, "maxOperations": 0, "maxPayloadSize": 0},
        "filter": {"supported": True, "maxResults": MOST_RESULTS},
        "changePassword": {"supported": False},
        "sort": {"supported": False},
        "etag": {"supported": True},
        "authenticationSchemes": [
            {
                "type": "oauthbearertoken",
                "name": "Service account",
                "description": "An access token of a service account of the organization, or its secret itself.",
                "primary": True,
            }
        ],
        "meta": {
            "resourceType": "ServiceProviderConfig",
            "location": f"{base_of(context)}/ServiceProviderConfig",
        },
    }


@endpoint(
    "GET", f"{_HERE}/ResourceTypes", id="listScimResourceTypes", requires=("org.read",), on=InOrganization(), tag=TAG
)
def list_resource_types(context: Context) -> dict[str, Any]:
    """List the types of resources."""
    return list_of([_resource_type(kind, base_of(context)) for kind in SERVED], len(SERVED))


@endpoint(
    "GET", f"{_HERE}/ResourceTypes/{{resourceType}}", id="getScimResourceType", requires=("org.read",),
    on=InOrganization(), tag=TAG,
)  # fmt: skip
def read_resource_type(context: Context) -> dict[str, Any]:
    """Return one type of resources."""
    name = context.call.values["resourceType"]
    for kind in SERVED:
        if kind.name == name:
            return _resource_type(kind, base_of(context))
    raise NotFoundError("RESOURCE_NOT_FOUND", name)


def _resource_type(kind: ResourceType, base: str) -> dict[str, Any]:
    extensions = [] if kind.extension is None else [{"schema": kind.extension.urn, "required": False}]
    return {
        "schemas": [f"{CORE}:ResourceType"],
        "id": kind.name,
        "name": kind.name,
        "description": kind.about,
        "endpoint": kind.place,
        "schema": kind.schema.urn,
        "schemaExtensions": extensions,
        "meta": {"resourceType": "ResourceType", "location": f"{base}/ResourceTypes/{kind.name}"},
    }


@endpoint("GET", f"{_HERE}/Schemas", id="listScimSchemas", requires=("org.read",), on=InOrganization(), tag=TAG)
def list_schemas(context: Context) -> dict[str, Any]:
    """List the schemas."""
    return list_of([_schema(schema, base_of(context)) for schema in SCHEMAS], len(SCHEMAS))


@endpoint(
    "GET", f"{_HERE}/Schemas/{{schemaUrn}}", id="getScimSchema", requires=("org.read",), on=InOrganization(), tag=TAG
)
def read_schema(context: Context) -> dict[str, Any]:
    """Return one schema."""
    urn = context.call.values["schemaUrn"]
    for schema in SCHEMAS:
        if schema.urn.lower() == urn.lower():
            return _schema(schema, base_of(context))
    raise NotFoundError("RESOURCE_NOT_FOUND", urn)


def _schema(schema: Schema, base: str) -> dict[str, Any]:
    return {
        "schemas": [f"{CORE}:Schema"],
        "id": schema.urn,
        "name": schema.name,
        "description": schema.about,
        "attributes": [_attribute(attribute) for attribute in schema.attributes],
        "meta": {"resourceType": "Schema", "location": f"{base}/Schemas/{schema.urn}"},
    }


def _attribute(attribute: Attribute) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": attribute.name,
        "type": attribute.kind,
        "multiValued": attribute.many,
        "description": attribute.about,
        "required": attribute.required,
        "caseExact": attribute.exact,
        "mutability": attribute.mutability,
        "returned": "always" if attribute.always else "default",
        "uniqueness": "server" if attribute.unique else "none",
    }
    if attribute.values:
        found["canonicalValues"] = list(attribute.values)
    if attribute.refers_to:
        found["referenceTypes"] = list(attribute.refers_to)
    if attribute.parts:
        found["subAttributes"] = [_attribute(part) for part in attribute.parts]
    return found

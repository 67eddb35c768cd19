"""Federations as the Admin API shows them: connected organizations, role mappings, identity providers."""

import json
from collections.abc import Sequence
from typing import Any, Final

from orgward.app.execute import Context
from orgward.directory import domains, federation, identity_providers
from orgward.directory.mapping_rows import mapping_of
from orgward.kernel.errors import NotFoundError
from orgward.kernel.instants import rfc3339
from orgward.store.reads.federation import conflicts
from orgward.store.view import Row, SqlView

Json = dict[str, Any]

_READ: Final = "org.federation.read"


def settings_object(view: SqlView, org: str) -> Json:
    """Return what an organization is told of its federation; one that is in none has nothing to tell."""
    row = view.get("connected_organizations", org)
    if row is None:
        raise NotFoundError("RESOURCE_NOT_FOUND", "federationSettings")
    provider = view.get("identity_providers", row["identity_provider_id"] or "")
    return {
        "federatedDomains": [found["domain"] for found in domains.verified(view, row["federation_id"])],
        "hasRoleMappings": view.count("role_mappings", org_id=org) > 0,
        "id": row["federation_id"],
        "identityProviderId": provider and provider["legacy_id"],
        "identityProviderStatus": provider["status"] if provider else "INACTIVE",
    }


def visible_connected(context: Context, view: SqlView, federation_id: str) -> list[Row]:
    """Return the connected organizations whose federation the caller may read; the others are nobody's business."""
    visible = context.visible(_READ)
    rows = federation.connected_to(view, federation_id)
    return [row for row in rows if visible.everything or row["org_id"] in visible.resources]


def connected_object(view: SqlView, row: Row) -> Json:
    """Return how an organization uses its federation."""
    document = json.loads(row["document"])
    provider = view.get("identity_providers", row["identity_provider_id"] or "")
    mappings = [mapping_object(found) for found in view.find("role_mappings", org_id=row["org_id"])]
    return {
        **{name: document[name] for name in (federation.ALLOW_LIST, federation.DATA_PROVIDERS)},
        federation.DEFAULT_ROLES: document[federation.DEFAULT_ROLES],
        "domainRestrictionEnabled": row["domain_restriction_enabled"],
        "identityProviderId": provider and provider["legacy_id"],
        "instantUserProvisioningDisabled": row["instant_provisioning_disabled"],
        "orgId": row["org_id"],
        "roleMappings": mappings,
        "userConflicts": _conflicts(view, row, document[federation.ALLOW_LIST]),
    }


def _conflicts(view: SqlView, row: Row, listed: Sequence[str]) -> list[Json] | None:
    """Return the members whose domain is neither the federation's nor listed; None where no domain is known."""
    known = {*listed, *(found["domain"] for found in domains.verified(view, row["federation_id"]))}
    if not known:
        return None
    return [
        {
            "emailAddress": address,
            "federationSettingsId": row["federation_id"],
            "firstName": first,
            "lastName": last,
            "userId": user,
        }
        for user, address, first, last in conflicts(view, row["org_id"], known)
    ]


def mapping_object(row: Row) -> Json:
    """Return a role mapping."""
    org = row["org_id"]
    given = sorted(mapping_of(row).given)
    return {
        "externalGroupName": row["external_group"],
        "id": row["id"],
        "roleAssignments": [{"orgId" if scope == org else "groupId": scope, "role": role} for scope, role in given],
    }


def provider_object(context: Context, view: SqlView, row: Row) -> Json:
    """Return an identity provider, with the organizations that use it as far as the caller may read them."""
    users = [found for found in visible_connected(context, view, row["federation_id"]) if _uses(found, row["id"])]
    found = {
        "associatedOrgs": [connected_object(view, each) for each in users],
        "createdAt": rfc3339(row["created_at"]),
        "displayName": row["display_name"],
        "id": row["id"],
        "idpType": row["kind"],
        "issuerUri": row["issuer"],
        "oktaIdpId": row["legacy_id"],
        "protocol": row["protocol"],
        "updatedAt": rfc3339(row["updated_at"]) if row["updated_at"] else None,
    }
    if row["kind"] == "WORKFORCE":
        found["associatedDomains"] = domains.of_provider(view, row["id"])
    document = json.loads(row["document"])
    own = _of_saml(row, document, context.call.base_url) if row["protocol"] == "SAML" else _of_oidc(row, document)
    return {**found, "description": document.get("description"), **own}


def _uses(connected: Row, provider: str) -> bool:
    document = json.loads(connected["document"])
    return provider == connected["identity_provider_id"] or provider in document[federation.DATA_PROVIDERS]


def _of_oidc(row: Row, document: Json) -> Json:
    found = {
        "audience": document.get("audience"),
        "authorizationType": identity_providers.authorization_type(document),
        "groupsClaim": document.get("groupsClaim"),
        "userClaim": document.get("userClaim", "sub"),
    }
    if row["kind"] == "WORKFORCE":
        found |= {"clientId": document.get("clientId"), "requestedScopes": document.get("requestedScopes", [])}
    return found


def _of_saml(row: Row, document: Json, base_url: str) -> Json:
    return {
        **service_urls(row, base_url),
        "pemFileInfo": _pem(document.get("pemFileInfo")),
        "requestBinding": document.get("requestBinding", "HTTP-POST"),
        "responseSignatureAlgorithm": document.get("responseSignatureAlgorithm", "SHA-256"),
        "slug": document.get("slug"),
        "ssoDebugEnabled": document.get("ssoDebugEnabled", False),
        "ssoUrl": document.get("ssoUrl", ""),
        "status": row["status"],
    }


def service_urls(row: Row, base_url: str) -> dict[str, str]:
    """Return where a SAML provider is to send its answers, and whom they are for."""
    place = f"{base_url}/saml/{row['legacy_id']}"
    return {"acsUrl": f"{place}/acs", "audienceUri": place}


def _pem(info: Json | None) -> Json | None:
    if info is None:
        return None
    shown = [{name: found[name] for name in ("notAfter", "notBefore")} for found in info["certificates"]]
    return {"certificates": shown, "fileName": info.get("fileName")}

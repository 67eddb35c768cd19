"""Bodies of the operations about federations."""

from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import UNSET, UnsetType

from orgward.admin_api.tolerant import Body, Ignored
from orgward.app.certificates import CertificateError, certificate
from orgward.directory.mapping import RoleAssignment
from orgward.kernel.errors import FieldFault, MalformedError

_Id = Annotated[str, msgspec.Meta(pattern="^[a-f0-9]{24}$")]
_ProviderId = Annotated[str, msgspec.Meta(pattern="^([a-f0-9]{20}|[a-f0-9]{24})$")]
_Short = Annotated[str, msgspec.Meta(max_length=250)]
_Text = Annotated[str, msgspec.Meta(max_length=2_048)]
_Texts = Annotated[list[_Short], msgspec.Meta(max_length=500)]

_READ_ONLY: Final = frozenset({"id", "oktaIdpId", "createdAt", "updatedAt", "associatedOrgs", "acsUrl", "audienceUri"})


class RoleAssignmentBody(Body, frozen=True, kw_only=True):
    """A role of the organization, or of one project of it."""

    role: _Short
    org_id: _Id | None = None
    group_id: _Id | None = None


class RoleMappingBody(Body, frozen=True, kw_only=True):
    """A group of the identity provider, and what everybody in it is given."""

    external_group_name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    role_assignments: Annotated[list[RoleAssignmentBody], msgspec.Meta(max_length=1_000)]
    id: Ignored = None

    @property
    def assignments(self) -> list[RoleAssignment]:
        """Return what is given as the rules know it."""
        return [RoleAssignment(found.role, found.org_id, found.group_id) for found in self.role_assignments]


class ConnectedOrganizationBody(Body, frozen=True, kw_only=True):
    """What may be changed of how an organization uses its federation; what is not named stays."""

    data_access_identity_provider_ids: list[_ProviderId] | UnsetType | None = UNSET
    domain_allow_list: _Texts | UnsetType | None = UNSET
    domain_restriction_enabled: bool | UnsetType = UNSET
    identity_provider_id: _ProviderId | UnsetType | None = UNSET
    instant_user_provisioning_disabled: bool | UnsetType | None = UNSET
    post_auth_role_grants: _Texts | UnsetType | None = UNSET
    org_id: Ignored = None
    role_mappings: Ignored = None
    user_conflicts: Ignored = None

    @property
    def changed(self) -> dict[str, Any]:
        """Return what is named, under the names of the wire."""
        own = {"orgId", "roleMappings", "userConflicts"}
        return {name: value for name, value in msgspec.to_builtins(self).items() if name not in own}


class CertificateBody(Body, frozen=True, kw_only=True):
    """A certificate in PEM; from when until when it is good stands in itself."""

    content: Annotated[str, msgspec.Meta(max_length=20_000)] = ""
    not_before: Ignored = None
    not_after: Ignored = None


class PemFileBody(Body, frozen=True, kw_only=True):
    """The certificates that a provider of SAML signs with, and the name of the file that held them."""

    certificates: Annotated[list[CertificateBody], msgspec.Meta(max_length=10)] = msgspec.field(default_factory=list)
    file_name: _Short | None = None


class IdentityProviderBody(Body, frozen=True, kw_only=True):
    """What is said of an identity provider of either protocol; what is not named stays."""

    associated_domains: _Texts | UnsetType | None = UNSET
    audience: _Text | UnsetType | None = UNSET
    authorization_type: Literal["GROUP", "USER"] | UnsetType | None = UNSET
    client_id: _Text | UnsetType | None = UNSET
    description: _Text | UnsetType | None = UNSET
    display_name: Annotated[str, msgspec.Meta(min_length=1, max_length=50)] | UnsetType = UNSET
    groups_claim: _Short | UnsetType | None = UNSET
    idp_type: Literal["WORKFORCE", "WORKLOAD"] | UnsetType = UNSET
    issuer_uri: Annotated[str, msgspec.Meta(min_length=1, max_length=2_048)] | UnsetType = UNSET
    pem_file_info: PemFileBody | UnsetType | None = UNSET
    protocol: Literal["SAML", "OIDC"] | UnsetType = UNSET
    request_binding: Literal["HTTP-POST", "HTTP-REDIRECT"] | UnsetType = UNSET
    requested_scopes: _Texts | UnsetType | None = UNSET
    response_signature_algorithm: Literal["SHA-1", "SHA-256"] | UnsetType = UNSET
    slug: _Short | UnsetType | None = UNSET
    sso_debug_enabled: bool | UnsetType = UNSET
    sso_url: _Text | UnsetType = UNSET
    status: Literal["ACTIVE", "INACTIVE"] | UnsetType | None = UNSET
    user_claim: _Short | UnsetType | None = UNSET
    id: Ignored = None
    okta_idp_id: Ignored = None
    created_at: Ignored = None
    updated_at: Ignored = None
    associated_orgs: Ignored = None
    acs_url: Ignored = None
    audience_uri: Ignored = None

    @property
    def described(self) -> dict[str, Any]:
        """Return what is named, under the names of the wire, with certificates that are some."""
        found = {name: value for name, value in msgspec.to_builtins(self).items() if name not in _READ_ONLY}
        if found.get("status", "") is None:
            del found["status"]
        if isinstance(self.pem_file_info, PemFileBody):
            found["pemFileInfo"] = _kept(self.pem_file_info)
        return found


def _kept(info: PemFileBody) -> dict[str, Any]:
    place = "pemFileInfo.certificates"
    certificates = []
    for i, body in enumerate(info.certificates):
        try:
            found = certificate(body.content)
        except CertificateError:
            fault = FieldFault(f"{place}[{i}].content", "is no certificate in PEM")
            raise MalformedError("INVALID_ATTRIBUTE", fault.field, fields=[fault]) from None
        kept = {"content": found.content, "notBefore": found.not_before, "notAfter": found.not_after}
        certificates.append(kept)
    return {"fileName": info.file_name, "certificates": certificates}

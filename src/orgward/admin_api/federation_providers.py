"""Identity providers of a federation on the wire, and what a provider of SAML has to know of this side."""

from typing import Final
from xml.sax.saxutils import quoteattr

from orgward.admin_api.federation import FEDERATION, TAG, paged
from orgward.admin_api.federation_bodies import IdentityProviderBody
from orgward.admin_api.federation_shapes import Json, provider_object, service_urls
from orgward.app.acting import ground_of, outcome_of
from orgward.app.execute import Context
from orgward.app.shared_providers import require_all_users
from orgward.app.targets import InFederation
from orgward.directory import identity_providers
from orgward.edge.endpoint import V2023_01, V2023_11, Parameter, Version, endpoint
from orgward.edge.inner import identity_provider
from orgward.edge.paging import Page
from orgward.kernel.errors import NotFoundError
from orgward.store.view import Row, SqlView
from orgward.store.writer import Outcome

_PROVIDERS: Final = f"{FEDERATION}/identityProviders"
_PROVIDER: Final = f"{_PROVIDERS}/{{identityProviderId}}"
_SAML_ALONE: Final = Version("2023-01-01", "Wed, 15 Nov 2023 00:00:00 GMT", "Wed, 1 Jan 2025 00:00:00 GMT")
"""The older version of what knew no other protocol."""

_METADATA: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID={entity}>'
    '<md:SPSSODescriptor AuthnRequestsSigned="false" WantAssertionsSigned="true"'
    ' protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">'
    "<md:NameIDFormat>urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified</md:NameIDFormat>"
    '<md:AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location={place}'
    ' index="0" isDefault="true"/></md:SPSSODescriptor></md:EntityDescriptor>'
)


def _federation(context: Context) -> str:
    return context.call.values["federationSettingsId"]


def _row(context: Context, view: SqlView) -> Row:
    """Return the provider that the path names; versions that know SAML alone know no other one."""
    provider = context.call.values["identityProviderId"]
    row = identity_providers.find(view, _federation(context), provider)
    if context.call.version == V2023_01.date and row["protocol"] != "SAML":
        raise NotFoundError("IDENTITY_PROVIDER_DOES_NOT_EXIST", provider)
    return row


def _changeable(context: Context) -> Row:
    """Return the provider that the path names if the caller manages every organization that uses it."""
    row = _row(context, context.view)
    require_all_users(context, row["id"])
    return row


@endpoint(
    "GET", _PROVIDERS, id="listFederationSettingIdentityProviders", requires=("org.federation.read",),
    on=InFederation(), versions=(V2023_01,), tag=TAG, paged=True,
    parameters=(Parameter(name="protocol", many=True), Parameter(name="idpType", many=True)),
)  # fmt: skip
def list_providers(context: Context) -> Page:
    """List the identity providers of a federation, of some protocols or kinds alone if they are named."""
    values = context.call.query.parsed.values
    protocols, kinds = values["protocol"], values["idpType"]
    rows = [
        row
        for row in identity_providers.of_federation(context.view, _federation(context))
        if (not protocols or row["protocol"] in protocols) and (not kinds or row["kind"] in kinds)
    ]
    return paged(context, [provider_object(context, context.view, row) for row in rows])


@endpoint(
    "POST", _PROVIDERS, id="createFederationSettingIdentityProvider", requires=("org.federation.update",),
    on=InFederation(), versions=(V2023_11,), tag=TAG, body=IdentityProviderBody,
)  # fmt: skip
def create_provider(context: Context) -> Outcome:
    """Make an identity provider of a federation."""
    body: IdentityProviderBody = context.call.body
    change = identity_providers.create(ground_of(context), _federation(context), body.described)
    return outcome_of(change, lambda view: _shown(context, view, str(change.target)))


def _shown(context: Context, view: SqlView, provider: str) -> Json:
    return provider_object(context, view, view.get("identity_providers", provider) or {})


@endpoint(
    "GET", _PROVIDER, id="getFederationSettingIdentityProvider", requires=("org.federation.read",), on=InFederation(),
    inner=identity_provider, versions=(_SAML_ALONE, V2023_11), tag=TAG,
)  # fmt: skip
def read_provider(context: Context) -> Json:
    """Return one identity provider."""
    return provider_object(context, context.view, _row(context, context.view))


@endpoint(
    "PATCH", _PROVIDER, id="updateFederationSettingIdentityProvider", requires=("org.federation.update",),
    on=InFederation(), inner=identity_provider, versions=(_SAML_ALONE, V2023_11), tag=TAG, body=IdentityProviderBody,
)  # fmt: skip
def update_provider(context: Context) -> Outcome:
    """Change an identity provider; with another issuer it is another one, and knows nobody any more."""
    body: IdentityProviderBody = context.call.body
    row = _changeable(context)
    change = identity_providers.update(ground_of(context), row, body.described)
    return outcome_of(change, lambda view: _shown(context, view, row["id"]))


@endpoint(
    "DELETE", _PROVIDER, id="deleteFederationSettingIdentityProvider", requires=("org.federation.update",),
    on=InFederation(), inner=identity_provider, versions=(V2023_11,), tag=TAG, status=204,
)  # fmt: skip
def delete_provider(context: Context) -> Outcome:
    """Delete an identity provider: roles that people hold by it end at once."""
    return outcome_of(identity_providers.delete(ground_of(context), _changeable(context)))


@endpoint(
    "DELETE", f"{_PROVIDER}/jwks", id="revokeFederationSettingIdentityProviderJwks",
    requires=("org.federation.update",), on=InFederation(), inner=identity_provider, versions=(V2023_11,), tag=TAG,
    status=204,
)  # fmt: skip
def revoke_keys(context: Context) -> Outcome:
    """Forget the keys of an identity provider: they are fetched anew before anything is verified."""
    return outcome_of(identity_providers.revoke_keys(ground_of(context), _changeable(context)))


@endpoint(
    "GET", f"{_PROVIDER}/metadata.xml", id="getFederationSettingIdentityProviderMetadata",
    requires=("org.federation.read",), on=InFederation(), inner=identity_provider, versions=(V2023_01,), tag=TAG,
)  # fmt: skip
def read_metadata(context: Context) -> str:
    """Return what a provider of SAML has to know of this side, as XML."""
    urls = service_urls(_row(context, context.view), context.call.base_url)
    return _METADATA.format(entity=quoteattr(urls["audienceUri"]), place=quoteattr(urls["acsUrl"]))

"""Federations beyond Atlas' API: founded, joined, their domains, and secrets of clients (rules 95, 101).

The Admin API knows federations that are there already; there they are made by other means.
"""

from typing import Annotated, Any, Final

import msgspec

from orgward.app.acting import ground_of, outcome_of
from orgward.app.execute import Call, Context, Door
from orgward.app.shared_providers import require_all_users
from orgward.app.targets import InFederation, InOrganization, organization
from orgward.directory import domains, federation, identity_providers
from orgward.edge import inner
from orgward.edge.bodies import Body
from orgward.edge.endpoint import OWN, endpoint
from orgward.edge.paging import Page
from orgward.kernel.instants import rfc3339
from orgward.store.view import Row, SqlView
from orgward.store.writer import Outcome

TAG: Final = "Federation"
_FEDERATION: Final = f"{OWN}/federationSettings/{{federationSettingsId}}"
_DOMAINS: Final = f"{_FEDERATION}/domains"
_DOMAIN: Final = f"{_DOMAINS}/{{domain}}"
_UPDATE: Final = ("org.federation.update",)

_Id = Annotated[str, msgspec.Meta(pattern="^[a-f0-9]{24}$")]


class JoiningBody(Body, frozen=True, kw_only=True):
    """The organization that joins."""

    org_id: _Id


class DomainBody(Body, frozen=True, kw_only=True):
    """A domain that is claimed."""

    domain: Annotated[str, msgspec.Meta(max_length=253)]


class ClientSecretBody(Body, frozen=True, kw_only=True):
    """The secret that the identity provider has given this service."""

    secret: Annotated[str, msgspec.Meta(min_length=1, max_length=2_048)]


def _federation(context: Context) -> str:
    return context.call.values["federationSettingsId"]


def _shown(row: Row) -> dict[str, Any]:
    verified = row["verified_at"]
    return {
        "domain": row["domain"],
        "identityProviderId": row["identity_provider_id"],
        "proof": f"{domains.PROOF}{row['proof']}",
        "state": "VERIFIED" if verified else "PENDING",
        "verifiedAt": rfc3339(verified) if verified else None,
    }


def _single(context: Context, view: SqlView, domain: str) -> dict[str, Any]:
    return _shown(view.get("federation_domains", _federation(context), domain) or {})


@endpoint(
    "POST", f"{OWN}/orgs/{{orgId}}/federation", id="createOrgFederation", requires=_UPDATE, on=InOrganization(),
    tag=TAG, status=201,
)  # fmt: skip
def found(context: Context) -> Outcome:
    """Found a federation of an organization that is in none."""
    change = federation.found(ground_of(context))
    return outcome_of(change, lambda _: {"id": change.target})


@endpoint(
    "POST", f"{_FEDERATION}/connectedOrgConfigs", id="connectOrgToFederation", requires=_UPDATE, on=InFederation(),
    tag=TAG, status=201, body=JoiningBody,
)  # fmt: skip
def connect(context: Context) -> Outcome:
    """Take another organization into a federation; whoever does so manages both."""
    body: JoiningBody = context.call.body
    joining = context.authorized_on(_UPDATE, organization(context.facts, body.org_id))
    change = federation.connect(ground_of(context), _federation(context), joining)
    return outcome_of(change, lambda _: {"id": _federation(context), "orgId": body.org_id})


@endpoint(
    "GET", _DOMAINS, id="listFederationDomains", requires=("org.federation.read",), on=InFederation(), tag=TAG,
    paged=True,
)  # fmt: skip
def list_domains(context: Context) -> Page:
    """List the domains that a federation claims, each with its proof and whether it was seen."""
    query = context.call.query.parsed
    rows = context.view.find("federation_domains", federation_id=_federation(context))
    return Page([_shown(row) for row in rows[query.offset :][: query.per_page]], len(rows))


@endpoint(
    "POST", _DOMAINS, id="addFederationDomain", requires=_UPDATE, on=InFederation(), tag=TAG, status=201,
    body=DomainBody,
)  # fmt: skip
def add_domain(context: Context) -> Outcome:
    """Claim a domain; its proof is to stand in a TXT record at the domain."""
    body: DomainBody = context.call.body
    change = domains.add(ground_of(context), _federation(context), body.domain)
    return outcome_of(change, lambda view: _single(context, view, change.body["domain"]))


def _records(door: Door, call: Call) -> list[str]:
    """Return the texts that the DNS holds at the domain, if the federation claims it."""
    row = domains.named(door.store.view, call.values["federationSettingsId"], call.values["domain"])
    return list(door.txt_records(row["domain"]))


@endpoint(
    "POST", f"{_DOMAIN}:verify", id="verifyFederationDomain", requires=_UPDATE, on=InFederation(),
    inner=inner.federation_domain, tag=TAG, prepare=_records,
)  # fmt: skip
def verify_domain(context: Context) -> Outcome:
    """Look for the proof of a domain in the DNS; once it was seen the domain is the federation's."""
    change = domains.verify(
        ground_of(context), _federation(context), context.call.values["domain"], context.call.prepared or ()
    )
    return outcome_of(change, lambda view: _single(context, view, change.body["domain"]))


@endpoint(
    "DELETE", _DOMAIN, id="deleteFederationDomain", requires=_UPDATE, on=InFederation(),
    inner=inner.federation_domain, tag=TAG, status=204,
)  # fmt: skip
def delete_domain(context: Context) -> Outcome:
    """Give up a domain: no identity provider vouches for addresses in it any more."""
    row = domains.named(context.view, _federation(context), context.call.values["domain"])
    require_all_users(context, row["identity_provider_id"])
    return outcome_of(domains.remove(ground_of(context), _federation(context), row["domain"]))


@endpoint(
    "PUT", f"{_FEDERATION}/identityProviders/{{identityProviderId}}/clientSecret", id="setIdentityProviderSecret",
    requires=_UPDATE, on=InFederation(), inner=inner.identity_provider, tag=TAG, status=204, body=ClientSecretBody,
)  # fmt: skip
def set_client_secret(context: Context) -> Outcome:
    """Keep the secret with which this service proves itself to an identity provider; it is shown to nobody."""
    body: ClientSecretBody = context.call.body
    row = identity_providers.find(context.view, _federation(context), context.call.values["identityProviderId"])
    require_all_users(context, row["id"])
    sealed = context.mint.keyring.seal(body.secret, identity_providers.secret_context(row["id"]))
    return outcome_of(identity_providers.set_client_secret(ground_of(context), row, sealed))

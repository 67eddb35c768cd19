"""Identity providers of a federation: listed, added, changed, deleted; their client secrets (rules 95, 97)."""

import json
from collections.abc import Mapping
from typing import Any, Final

from orgward.app.federated_sign_in import CALLBACK
from orgward.app.targets import InOrganization
from orgward.console.changing.calls import ApiCall
from orgward.console.changing.checking import checked, offered
from orgward.console.changing.summary import Difference
from orgward.console.frame.declaration import Batch, Goto, Plan, export, form, page
from orgward.console.frame.page import Page, Posted
from orgward.console.pages.federation import HERE, connected, federation_posted, identity_provider_name, model_of, said
from orgward.directory import domains, identity_providers
from orgward.kernel.errors import NotFoundError
from orgward.kernel.resource import ResourceRef
from orgward.store.view import Row, SqlView

_LIST: Final = f"{HERE}/providers"
_ONE: Final = f"{_LIST}/{{identityProviderId}}"
_READ: Final = ("org.federation.read",)
_TEXTS: Final = (
    "displayName", "issuerUri", "clientId", "audience", "groupsClaim", "userClaim", "description",
)  # fmt: skip


def _inside(view: SqlView, resource: ResourceRef, values: Mapping[str, str]) -> None:
    """Raise unless `identityProviderId` is a provider of the organization's federation."""
    row = connected(view, resource.org or "")
    if row is None:
        raise NotFoundError("IDENTITY_PROVIDER_DOES_NOT_EXIST", values["identityProviderId"])
    identity_providers.find(view, row["federation_id"], values["identityProviderId"])


@page(
    _LIST, id="showIdentityProviders", requires=_READ, on=InOrganization(), template="federation_providers.html",
    scope="organization", entry="showSettings",
)  # fmt: skip
def show_providers(page: Page) -> Mapping[str, Any]:
    """Return the identity providers of the federation."""
    row = connected(page.view, page.resource.id) or {"federation_id": "", "identity_provider_id": None}
    rows = identity_providers.of_federation(page.view, row["federation_id"])
    listed = [_row(page, each, used=each["id"] == row["identity_provider_id"]) for each in rows]
    return {**model_of(page, "providers"), "rows": listed}


@export(
    f"{_LIST}.csv", id="exportIdentityProviders", requires=_READ, on=InOrganization(),
    columns=("id", "displayName", "idpType", "protocol", "issuerUri", "associatedDomains", "used"),
)  # fmt: skip
def export_providers(page: Page, after: str | None) -> Batch:
    """Return the identity providers of the federation, all at once; secrets stand in no file."""
    here = connected(page.view, page.resource.id) or {"federation_id": "", "identity_provider_id": None}
    rows = identity_providers.of_federation(page.view, here["federation_id"])
    return Batch([_line(page, row, here["identity_provider_id"]) for row in rows], None)


def _line(page: Page, row: Row, used: str | None) -> tuple[Any, ...]:
    vouched = " ".join(domains.of_provider(page.view, row["id"]))
    kind, protocol = row["kind"], row["protocol"]
    return row["id"], row["display_name"], kind, protocol, row["issuer"], vouched, str(row["id"] == used).lower()


def _row(page: Page, row: Row, *, used: bool) -> dict[str, Any]:
    return {
        "href": f"{page.asked.path}/{row['id']}",
        "name": row["display_name"],
        "issuer": row["issuer"],
        "kind": page.t(f"federation.{row['kind'].lower()}"),
        "protocol": row["protocol"],
        "domains": domains.of_provider(page.view, row["id"]),
        "used": used,
    }


@page(
    f"{_LIST}/new", id="showNewIdentityProvider", requires=("org.federation.update",), on=InOrganization(),
    template="federation_provider.html", scope="organization", entry="showSettings",
)  # fmt: skip
def show_new_provider(page: Page) -> Mapping[str, Any]:
    """Return the form of a new identity provider of OIDC."""
    fields = {name: page.posted(name) for name in (*_TEXTS, "requestedScopes")}
    return {**_form(page, None, fields), "kind": page.posted("idpType", "WORKFORCE")}


def _form(page: Page, row: Row | None, fields: Mapping[str, str]) -> dict[str, Any]:
    here = connected(page.view, page.resource.org or "") or {"federation_id": ""}
    held = domains.of_provider(page.view, row["id"]) if row else ()
    again = bool(page.asked.posted)
    known = [each["domain"] for each in domains.verified(page.view, here["federation_id"])]
    return {
        **model_of(page, "providers"),
        "provider": row,
        "fields": fields,
        "callback": f"{page.asked.base_url}{CALLBACK}",
        "domains": [(domain, domain) for domain in known],
        "chosen": page.asked.posted.get("associatedDomains", ()) if again else held,
    }


@page(
    _ONE, id="showIdentityProvider", requires=_READ, on=InOrganization(), inner=_inside,
    template="federation_provider.html", scope="organization", entry="showSettings",
)  # fmt: skip
def show_provider(page: Page) -> Mapping[str, Any]:
    """Return one identity provider, with the form that changes it where it is one of OIDC."""
    here = connected(page.view, page.resource.org or "") or {"federation_id": ""}
    row = identity_providers.find(page.view, here["federation_id"], page.values["identityProviderId"])
    document = json.loads(row["document"])
    kept = {**document, "displayName": row["display_name"], "issuerUri": row["issuer"]}
    fields = {name: page.posted(name, str(kept.get(name) or "")) for name in _TEXTS}
    fields["requestedScopes"] = page.posted("requestedScopes", " ".join(document.get("requestedScopes") or ()))
    has_secret = page.view.get("credentials", row["id"], identity_providers.CLIENT_SECRET) is not None
    return {**_form(page, row, fields), "kind": row["kind"], "document": document, "has_secret": has_secret}


def _body(posted: Posted, kind: str) -> dict[str, Any]:
    body: dict[str, Any] = {name: posted.one(name) or None for name in _TEXTS}
    body["displayName"], body["issuerUri"] = posted.one("displayName"), posted.one("issuerUri")
    if kind == "WORKFORCE":
        body["requestedScopes"] = posted.one("requestedScopes").split()
        body["associatedDomains"] = posted.many("associatedDomains")
    else:
        del body["clientId"]
    body["authorizationType"] = "GROUP" if body["groupsClaim"] else "USER"
    return body


@form(f"{_LIST}/new", acts=["createFederationSettingIdentityProvider"])
def add_provider(posted: Posted) -> Plan:
    """Add an identity provider of OIDC at once: nobody signs in by it before an organization uses it."""
    kind = "WORKLOAD" if posted.one("idpType") == "WORKLOAD" else "WORKFORCE"
    call = ApiCall(
        operation="createFederationSettingIdentityProvider",
        values={"federationSettingsId": federation_posted(posted)},
        body={"protocol": "OIDC", "idpType": kind, **_body(posted, kind)},
    )
    url = _LIST.format(orgId=posted.values["orgId"])
    return Plan(calls=[call], then=Goto(url=url, done="federation.provider_added"))


def _values(posted: Posted) -> dict[str, str]:
    provider = posted.values["identityProviderId"]
    return {"federationSettingsId": federation_posted(posted), "identityProviderId": provider}


@form(
    _ONE,
    acts=[
        "updateFederationSettingIdentityProvider", "deleteFederationSettingIdentityProvider",
        "setIdentityProviderSecret", "revokeFederationSettingIdentityProviderJwks",
    ],
)  # fmt: skip
def change_provider(posted: Posted) -> Plan:
    """Keep a secret or drop keys at once; lead to the check of a change, or of the end."""
    words, act = posted.words, posted.one("do")
    values, here = _values(posted), Goto(url=posted.path, done="settings.saved")
    if act == "secret":
        call = ApiCall(operation="setIdentityProviderSecret", values=values, body={"secret": posted.raw("secret")})
        return Plan(calls=[call], then=here)
    if act == "keys":
        return Plan(calls=[ApiCall(operation="revokeFederationSettingIdentityProviderJwks", values=values)], then=here)
    name = identity_provider_name(posted, values["identityProviderId"])
    then = _LIST.format(orgId=posted.values["orgId"])
    if act == "delete":
        note = words("federation.provider_delete_note")
        summary = said(
            posted, words("federation.provider_delete"), [Difference(icon="login", name=name, note=note)], then=then,
            done="federation.provider_deleted", act=words("federation.provider_delete"),
        )  # fmt: skip
        call = ApiCall(operation="deleteFederationSettingIdentityProvider", values=values)
        return offered(posted, [call], summary)
    row = posted.view.get("identity_providers", values["identityProviderId"]) or {"kind": "WORKFORCE"}
    call = ApiCall(
        operation="updateFederationSettingIdentityProvider", values=values, body=_body(posted, row["kind"])
    )  # fmt: skip
    line = Difference(icon="login", name=name, place=posted.one("issuerUri"), note=words("federation.issuer_note"))
    return checked(posted, [call], said(posted, words("federation.provider_change"), [line], done="settings.saved"))

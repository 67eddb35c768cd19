"""Domains of a federation: claimed, proven, given up."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from orgward.app.targets import InOrganization
from orgward.console.changing.calls import ApiCall
from orgward.console.changing.checking import offered
from orgward.console.changing.summary import Difference
from orgward.console.frame.declaration import Batch, Goto, Plan, export, form, page
from orgward.console.frame.page import Page, Posted
from orgward.console.pages.federation import HERE, connected, federation_posted, identity_provider_name, model_of, said
from orgward.directory.domains import PROOF
from orgward.directory.names import username_key
from orgward.kernel.errors import RefusedError
from orgward.kernel.instants import rfc3339
from orgward.store.view import Row

_PATH: Final = f"{HERE}/domains"


@page(
    _PATH, id="showFederationDomains", requires=("org.federation.read",), on=InOrganization(),
    template="federation_domains.html", scope="organization", entry="showSettings",
)  # fmt: skip
def show_domains(page: Page) -> Mapping[str, Any]:
    """Return the domains that the federation claims, each with the record that proves it."""
    here = connected(page.view, page.resource.id) or {"federation_id": ""}
    rows = page.view.find("federation_domains", federation_id=here["federation_id"])
    ending = page.posted("domain") if page.posted("do") == "remove" else page.one("end")
    listed = [{**row, "proof": f"{PROOF}{row['proof']}", "ends": row["domain"] == ending} for row in rows]
    domain = "" if page.posted("do") else page.posted("domain")
    model = model_of(page, "domains")
    fault = model["problem"] if any(row["ends"] for row in listed) else ""
    problem = "" if fault else model["problem"]
    return {**model, "rows": listed, "domain": domain, "fault": fault, "problem": problem}


@export(
    f"{_PATH}.csv", id="exportFederationDomains", requires=("org.federation.read",), on=InOrganization(),
    columns=("domain", "state", "verifiedAt", "record", "identityProviderId"),
)  # fmt: skip
def export_domains(page: Page, after: str | None) -> Batch:
    """Return the domains that the federation claims, all at once."""
    here = connected(page.view, page.resource.id) or {"federation_id": ""}
    return Batch(
        [_line(row) for row in page.view.find("federation_domains", federation_id=here["federation_id"])], None
    )


def _line(row: Row) -> tuple[Any, ...]:
    at = row["verified_at"]
    state, record = ("VERIFIED", "") if at else ("PENDING", f"{PROOF}{row['proof']}")
    return row["domain"], state, rfc3339(at) if at else None, record, row["identity_provider_id"]


@form(_PATH, acts=["addFederationDomain", "verifyFederationDomain", "deleteFederationDomain"])
def change_domains(posted: Posted) -> Plan:
    """Claim a domain or look for its proof at once; give it up."""
    domain, values = posted.one("domain"), {"federationSettingsId": federation_posted(posted)}
    if posted.one("do") == "remove":
        return _given_up(posted, ApiCall(operation="deleteFederationDomain", values={**values, "domain": domain}))
    if posted.one("do") == "verify":
        call = ApiCall(operation="verifyFederationDomain", values={**values, "domain": domain})
        return Plan(calls=[call], then=_then(posted, "federation.domain_proven"))
    call = ApiCall(operation="addFederationDomain", values=values, body={"domain": domain})
    return Plan(calls=[call], then=_then(posted, "federation.domain_added"))


def _then(posted: Posted, done: str) -> Goto:
    return Goto(url=posted.path, done=done, params={"name": posted.one("domain")})


def _given_up(posted: Posted, call: ApiCall) -> Plan:
    """Drop a claim that was never proven at once; lead to the check of giving up what is proven, once it was typed."""
    words, domain = posted.words, posted.one("domain")
    row = posted.view.get("federation_domains", call.values["federationSettingsId"], username_key(domain))
    if row is None or row["verified_at"] is None:
        return Plan(calls=[call], then=_then(posted, "federation.domain_removed"))
    provider = identity_provider_name(posted, row["identity_provider_id"] or "")
    key = "federation.domain_end_note" if provider else "federation.domain_end_unused"
    line = Difference(icon="world", name=domain, note=words(key, domain=domain, provider=provider))
    title = words("federation.domain_end", domain=domain)
    summary = said(
        posted, title, [line], back=f"{posted.path}?{urlencode({'end': domain})}", then=posted.path,
        done="federation.domain_removed", params={"name": domain}, act=title,
    )  # fmt: skip
    plan = offered(posted, [call], summary)
    if posted.one("typed") != row["domain"]:
        raise RefusedError("NAME_NOT_TYPED", row["domain"])
    return plan

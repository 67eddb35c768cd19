"""Domains of a federation: claimed, proven, given up."""

from collections.abc import Mapping
from typing import Any, Final

from orgward.app.targets import InOrganization
from orgward.console.changing.calls import ApiCall
from orgward.console.frame.declaration import Goto, Plan, form, page
from orgward.console.frame.page import Page, Posted
from orgward.console.pages.federation import HERE, connected, federation_posted, model_of
from orgward.directory.domains import PROOF

_PATH: Final = f"{HERE}/domains"


@page(
    _PATH, id="showFederationDomains", requires=("org.federation.read",), on=InOrganization(),
    template="federation_domains.html", scope="organization", entry="showSettings",
)  # fmt: skip
def show_domains(page: Page) -> Mapping[str, Any]:
    """Return the domains that the federation claims, each with the record that proves it."""
    here = connected(page.view, page.resource.id) or {"federation_id": ""}
    rows = page.view.find("federation_domains", federation_id=here["federation_id"])
    listed = [{**row, "proof": f"{PROOF}{row['proof']}"} for row in rows]
    return {**model_of(page, "domains"), "rows": listed, "domain": page.posted("domain")}


@form(_PATH, acts=["addFederationDomain", "verifyFederationDomain", "deleteFederationDomain"])
def change_domains(posted: Posted) -> Plan:
    """Claim a domain, look for its proof, or give it up, at once."""
    domain, values = posted.one("domain"), {"federationSettingsId": federation_posted(posted)}
    then = Goto(url=posted.path, done=_DONE.get(posted.one("do"), "federation.domain_added"), params={"name": domain})
    if posted.one("do") == "verify":
        return Plan(calls=[ApiCall(operation="verifyFederationDomain", values={**values, "domain": domain})], then=then)
    if posted.one("do") == "remove":
        return Plan(calls=[ApiCall(operation="deleteFederationDomain", values={**values, "domain": domain})], then=then)
    return Plan(calls=[ApiCall(operation="addFederationDomain", values=values, body={"domain": domain})], then=then)


_DONE: Final[Mapping[str, str]] = {"verify": "federation.domain_proven", "remove": "federation.domain_removed"}

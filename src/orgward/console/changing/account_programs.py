"""Programs of other issuers that act as a service account: shown on its page, let in and put out by way of a check."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from orgward.console.changing.account_acts import account_row, said
from orgward.console.changing.calls import ApiCall
from orgward.console.changing.checking import checked
from orgward.console.changing.summary import Difference
from orgward.console.frame.declaration import Plan
from orgward.console.frame.page import Page, Posted
from orgward.directory import identity_providers, workload_identities
from orgward.edge.inner import account_in
from orgward.store.view import Row

LET_IN: Final = "createServiceAccountWorkloadIdentity"
PUT_OUT: Final = "deleteServiceAccountWorkloadIdentity"


def programs_shown(page: Page) -> dict[str, Any]:
    """Return the programs that act as the account, and the providers of others; these only in its organization.

    What a provider is called is told to those alone who may read the federation.
    """
    if page.resource.project:
        return {"programs": [], "issuers": []}
    known = {row["id"]: row for row in _issuers(page)} if page.can("showIdentityProviders") else {}
    rows = workload_identities.of(page.view, account_in(page.values))
    programs = [{**row, "provider": known.get(row["identity_provider_id"], {}).get("display_name", "")} for row in rows]
    return {"programs": programs, "issuers": [(id_, row["display_name"]) for id_, row in known.items()]}


def _issuers(looking: Page | Posted) -> list[Row]:
    """Return the providers of programs in the federation of the organization that the path names."""
    here = looking.view.get("connected_organizations", looking.values["orgId"])
    rows = identity_providers.of_federation(looking.view, here["federation_id"]) if here else ()
    return [row for row in rows if row["kind"] == workload_identities.WORKLOAD]


def _let_in(posted: Posted) -> Plan:
    body = {"identityProviderId": posted.one("issuer"), "subject": posted.one("program")}
    call = ApiCall(operation=LET_IN, values=posted.values, body=body)
    issuer = next((row["display_name"] for row in _issuers(posted) if row["id"] == posted.one("issuer")), "")
    return _planned(posted, call, "program_added", program=posted.one("program"), issuer=issuer)


def _put_out(posted: Posted) -> Plan:
    identity = posted.one("program_end")
    rows = workload_identities.of(posted.view, account_in(posted.values))
    program = next((str(row["match"]) for row in rows if row["id"] == identity), "")
    call = ApiCall(operation=PUT_OUT, values={**posted.values, "workloadIdentityId": identity})
    return _planned(posted, call, "program_gone", program=program)


def _planned(posted: Posted, call: ApiCall, what: str, **named: str) -> Plan:
    words, name = posted.words, str(account_row(posted)["name"])
    line = Difference(icon="robot", name=name, note=words(f"accounts.{what}", **named))
    told = {"act": words(f"accounts.{what}_act"), "done": f"accounts.{what}_done"}
    return checked(posted, [call], said(posted, [line], **told))


PROGRAMS: Final[Mapping[str, Callable[[Posted], Plan]]] = {"program": _let_in, "program_end": _put_out}
"""What the form does about programs, by the field that it was sent with."""

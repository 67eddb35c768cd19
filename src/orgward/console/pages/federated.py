"""Signing in by an identity provider: the way there, the way back, and what is said if it leads nowhere.

Browsers keep a form from leading to another server, even by a redirect. So the form is answered with a page, which
goes on by itself and has a link for whoever is faster.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from orgward.app.federated_sign_in import CALLBACK, LINK, PROOF, FederatedAttempt, attempt_of
from orgward.app.id_tokens import NOT_PROVEN
from orgward.app.operation import Public
from orgward.app.targets import Nowhere
from orgward.console.changing.calls import ApiCall, Finished
from orgward.console.frame import cookies
from orgward.console.frame.declaration import End, Goto, Plan, Show, arrival, form, page
from orgward.console.frame.page import Page, Posted
from orgward.console.frame.problems import sentence_of
from orgward.console.frame.refusals import status_of
from orgward.console.pages.entrance import leaving, session_cookie, signed_in
from orgward.kernel.errors import OrgwardError, UnauthenticatedError

_HERE: Final = "/signin/federated"
_SECURITY: Final = "/me/security"
_LONGEST_NEXT: Final = 1_000
_PROOFS: Final = frozenset({"REAUTHENTICATION_REQUIRED", "SECOND_FACTOR_REQUIRED"})
_TOLD: Final = frozenset(
    {
        NOT_PROVEN, "IDENTITY_ALREADY_LINKED", "IDENTITY_IN_USE", "IDENTITY_NOT_LINKED", "IDENTITY_NOT_VOUCHED_FOR",
        "IDENTITY_PROVIDER_UNAVAILABLE",
    }
)  # fmt: skip
"""What the page tells of by its address; everything else that somebody could write there is not told."""


@page(
    _HERE, id="showFederatedSignIn", requires=Public("whoever signs in has no session yet"), on=Nowhere(),
    template="federated.html", scope="none",
)  # fmt: skip
def show_federated_sign_in(page: Page) -> Mapping[str, Any]:
    """Return the form that asks for an address; after it, where the visitor goes on."""
    code = page.one("problem")
    return {
        "next": page.one("next") or page.posted("next"),
        "address": page.posted("username"),
        "problem": sentence_of(page.t, OrgwardError(code)) if code in _TOLD else "",
        "begun": None,
        "is_signed_in": bool(page.principal.id),
        "server_name": page.asked.base_url.partition("://")[2],
    }


@form(_HERE, acts=["beginFederatedSession", "beginIdentityLink", "beginFederatedProof"], public=True)
def go_there(posted: Posted) -> Plan:
    """Find out where the visitor signs in, and keep in their browser what they began with."""
    then = posted.one("next")
    body = {"next": then if len(then) <= _LONGEST_NEXT else ""}
    match posted.one("purpose"):
        case "link":
            call = ApiCall(operation="beginIdentityLink", body={**body, "identityProviderId": posted.one("provider")})
        case "proof":
            call = ApiCall(operation="beginFederatedProof", body=body)
        case _:
            call = ApiCall(operation="beginFederatedSession", body={**body, "username": posted.one("username")})
    return Plan(calls=[call], then=_on_the_way, failed=lambda error: _not_begun(error, posted))


def _on_the_way(results: Any) -> Show:
    begun = results[0].body
    return Show(model={"begun": begun}, cookies={cookies.FEDERATED: begun["pending"]})


def _not_begun(error: OrgwardError, posted: Posted) -> End | None:
    if isinstance(error, UnauthenticatedError) or error.code in _PROOFS:
        return None
    return Show(model={"problem": sentence_of(posted.words, error)}, status=status_of(error))


@arrival(
    CALLBACK,
    acts=["createFederatedSession", "linkIdentity", "proveByIdentityProvider", "deleteCurrentSession"],
)
def come_back(posted: Posted) -> Plan:
    """Carry out what was begun in this browser, with what the provider has sent it back with."""
    pending = cookies.read(posted.cookies, cookies.FEDERATED, is_secure=posted.is_secure)
    ticket = attempt_of(posted.keyring, pending, posted.now)
    if ticket is None or not posted.has("code"):  # took too long, is nobody's, or the provider signs them not in
        return Plan(then=_told(NOT_PROVEN))
    body = {"pending": pending, "code": posted.one("code"), "state": posted.one("state"), "iss": posted.one("iss")}
    return _carried_on(posted, ticket, body)


def _carried_on(posted: Posted, ticket: FederatedAttempt, body: Mapping[str, str]) -> Plan:
    done = {cookies.FEDERATED: None}
    if ticket.purpose == LINK:
        linked = Goto(url=_SECURITY, done="federated.now_linked", cookies=done)
        return Plan(calls=[ApiCall(operation="linkIdentity", body=body)], then=linked, failed=_failed)
    if ticket.purpose == PROOF:
        return Plan(
            calls=[ApiCall(operation="proveByIdentityProvider", body=body)],
            then=lambda results: Goto(url=ticket.next or _SECURITY, cookies={**session_cookie(results[0]), **done}),
            failed=_failed,
        )
    return Plan(
        calls=[ApiCall(operation="createFederatedSession", body=body), *leaving(posted)],
        then=lambda results: _signed_in(results[0], ticket.next),
        failed=_failed,
    )


def _signed_in(result: Finished, then: str) -> Goto:
    found = signed_in(result, then)
    return replace(found, cookies={**found.cookies, cookies.FEDERATED: None})


def _failed(error: OrgwardError) -> End | None:
    if error.code in _PROOFS:
        return Goto(url=f"/prove?next={_SECURITY}")
    return _told(error.code) if error.code in _TOLD else None


def _told(code: str) -> Goto:
    return Goto(url=f"{_HERE}?problem={code}", cookies={cookies.FEDERATED: None})


@form("/me/security/unlink/{identityProviderId}", acts=["unlinkIdentity"])
def unlink(posted: Posted) -> Plan:
    """Unlink an identity provider from the viewer's account."""
    call = ApiCall(operation="unlinkIdentity", values=posted.values)
    return Plan(calls=[call], then=Goto(url=_SECURITY, done="federated.now_unlinked"))

"""How the viewer signs in: password, address, second factors, passkeys and recovery codes (rules 86, 87)."""

from collections.abc import Mapping
from typing import Any, Final

import segno
from markupsafe import Markup

from orgward.app.targets import Nowhere
from orgward.console.changing.calls import ApiCall
from orgward.console.frame.declaration import Goto, Plan, Show, form, page
from orgward.console.frame.page import Page, Posted
from orgward.console.frame.problems import problems_of
from orgward.console.pages.account import SELF
from orgward.console.pages.entrance import credential_of, session_cookie
from orgward.directory import federated_identities, second_factors
from orgward.directory.credentials import has_password
from orgward.directory.settings import MFA_REQUIRED, of_organization
from orgward.kernel.errors import GateError, NotFoundError

_BACK: Final = "/me/security"


@page("/me/security", id="showMySecurity", requires=SELF, on=Nowhere(), template="security.html", scope="account")
def show_security(page: Page) -> Mapping[str, Any]:
    """Return the viewer's address, whether they have a password, second factors and how many codes are left."""
    user = page.principal.id
    codes = second_factors.recovery_row(page.view, user)
    return {
        "person": page.view.get("person_data", user),
        "has_password": has_password(page.view, user),
        "factors": [row for row in second_factors.of(page.view, user) if row["is_active"]],
        "codes_left": 0 if codes is None else codes["counter"],
        "identities": _identities(page),
        "demanding": [row["name"] for row in _organizations(page) if _demands(page, row["id"])],
    }


def _identities(page: Page) -> list[dict[str, Any]]:
    """Return the providers by which the viewer may sign in, and of those that are linked as whom."""
    user, view = page.principal.id, page.view
    linked = {row["identity_provider_id"]: row for row in federated_identities.of(view, user)}
    return [{"provider": row, "linked": linked.get(row["id"])} for row in federated_identities.offered_to(view, user)]


def _organizations(page: Page) -> list[Any]:
    members = page.view.find("members", user_id=page.principal.id, state="active")
    return [row for member in members if (row := page.view.get("organizations", member["org_id"]))]


def _demands(page: Page, org: str) -> bool:
    return bool(of_organization(page.view, org)[MFA_REQUIRED])


# ---------------------------------------------------------------- password and address


@page(
    "/me/security/password", id="showMyPassword", requires=SELF, on=Nowhere(), template="password.html",
    scope="account", entry="showMySecurity",
)  # fmt: skip
def show_password(page: Page) -> Mapping[str, Any]:
    """Return the form for another password; for whoever has none, how to get one."""
    user = page.principal.id
    return {
        **problems_of(page),
        "person": page.view.get("person_data", user),
        "has_password": has_password(page.view, user),
    }


@form("/me/security/password", acts=["changePassword"])
def change_password(posted: Posted) -> Plan:
    """Change the viewer's password; their other sessions end."""
    body = {"current": posted.raw("current"), "new": posted.raw("new")}
    call = ApiCall(operation="changePassword", body=body)
    return Plan(
        calls=[call],
        then=lambda results: Goto(url=_BACK, done="account.password_changed", cookies=session_cookie(results[0])),
    )


@page(
    "/me/security/address", id="showMyAddress", requires=SELF, on=Nowhere(), template="address.html",
    scope="account", entry="showMySecurity",
)  # fmt: skip
def show_address(page: Page) -> Mapping[str, Any]:
    """Return the form for another address."""
    return {**problems_of(page), "person": page.view.get("person_data", page.principal.id)}


@form("/me/security/address", acts=["changeAddress"])
def change_address(posted: Posted) -> Plan:
    """Ask for another address; it counts once the link that is mailed there was followed."""
    call = ApiCall(operation="changeAddress", body={"username": posted.one("username")})
    return Plan(calls=[call], then=Goto(url=_BACK, done="account.address_asked"))


# ---------------------------------------------------------------- authenticator apps


@page(
    "/me/security/totp", id="showNewTotp", requires=SELF, on=Nowhere(), template="totp.html", scope="account",
    entry="showMySecurity",
)  # fmt: skip
def show_new_totp(page: Page) -> Mapping[str, Any]:
    """Return the form that begins with an authenticator app; after it, the secret that is shown once."""
    return {**problems_of(page), "made": None, "picture": None}


@form("/me/security/totp", acts=["createTotpFactor"])
def begin_totp(posted: Posted) -> Plan:
    """Begin with an authenticator app: show its secret once, and ask for a code."""
    body = {"name": posted.one("name")} if posted.has("name") else {}

    def then(results: Any) -> Show:
        made = results[0].body
        return Show(model={"made": made, "picture": _picture(made["uri"])})

    return Plan(calls=[ApiCall(operation="createTotpFactor", body=body)], then=then)


def _picture(uri: str) -> Markup:
    """Return `uri` as a picture that phones read; dark on light in every theme, for they read no other."""
    svg = segno.make(uri, error="m").svg_inline(scale=4, border=3, dark="#111219", light="#ffffff")
    return Markup(svg)  # noqa: S704 - the library's own markup: squares and nothing of the text


@page(
    "/me/security/totp/{factorId}", id="showTotpCode", requires=SELF, on=Nowhere(), template="totp_code.html",
    scope="account", entry="showMySecurity",
)  # fmt: skip
def show_totp_code(page: Page) -> Mapping[str, Any]:
    """Return the form for the first code of an app whose secret was shown; recovery codes after it."""
    row = second_factors.one_of(page.view, page.principal.id, page.values["factorId"])
    wrong = isinstance(page.asked.problem, GateError)
    return {**problems_of(page), "factor": row, "codes": (), "is_wrong": wrong}


@form("/me/security/totp/{factorId}", acts=["activateTotpFactor"])
def activate_totp(posted: Posted) -> Plan:
    """Let the app count, if it shows the right code; with the first factor come recovery codes."""
    values = {"factorId": posted.values["factorId"]}
    call = ApiCall(operation="activateTotpFactor", values=values, body={"code": posted.one("code").replace(" ", "")})
    return Plan(calls=[call], then=_enrolled, failed=lambda error: _refused(posted, error))


def _enrolled(results: Any) -> Goto | Show:
    codes, goes_on = results[0].body["recoveryCodes"], session_cookie(results[0])
    if codes:
        return Show(model={"codes": codes}, cookies=goes_on)
    return Goto(url=_BACK, done="account.factor_added", cookies=goes_on)


def _refused(posted: Posted, error: Any) -> Show | None:
    if error.code == "PROOF_REFUSED":
        return Show(model={"problem": posted.words("signin.code_wrong")}, status=400)
    return None


# ---------------------------------------------------------------- passkeys


@page(
    "/me/security/passkey", id="showNewPasskey", requires=SELF, on=Nowhere(), template="passkey.html",
    scope="account", entry="showMySecurity",
)  # fmt: skip
def show_new_passkey(page: Page) -> Mapping[str, Any]:
    """Return the form that makes a passkey; without a recent proof the way to one stands in its place."""
    try:
        question = page.asked.ask(ApiCall(operation="beginPasskey"))
    except GateError:
        question = None
    return {**problems_of(page), "question": question, "codes": ()}


@form("/me/security/passkey", acts=["createPasskey"])
def add_passkey(posted: Posted) -> Plan:
    """Let the passkey count that the browser made just now."""
    body = {"state": posted.one("state"), "credential": credential_of(posted)}
    named = {"name": posted.one("name")} if posted.has("name") else {}
    return Plan(calls=[ApiCall(operation="createPasskey", body={**body, **named})], then=_enrolled)


# ---------------------------------------------------------------- one factor, and recovery codes


@page(
    "/me/security/factors/{factorId}", id="showMyFactor", requires=SELF, on=Nowhere(), template="factor.html",
    scope="account", entry="showMySecurity",
)  # fmt: skip
def show_factor(page: Page) -> Mapping[str, Any]:
    """Return one second factor of the viewer, to be named or removed."""
    row = second_factors.one_of(page.view, page.principal.id, page.values["factorId"])
    others = [each for each in second_factors.of(page.view, page.principal.id) if each["is_active"]]
    demanding = [org["name"] for org in _organizations(page) if _demands(page, org["id"])]
    return {**problems_of(page), "factor": row, "is_last": len(others) == 1, "demanding": demanding}


@form("/me/security/factors/{factorId}", acts=["renameFactor"])
def rename_factor(posted: Posted) -> Plan:
    """Give a factor another name."""
    values = {"factorId": posted.values["factorId"]}
    call = ApiCall(operation="renameFactor", values=values, body={"name": posted.one("name")})
    return Plan(calls=[call], then=Goto(url=_BACK, done="account.saved"))


@form("/me/security/factors/{factorId}/remove", acts=["deleteFactor"])
def remove_factor(posted: Posted) -> Plan:
    """Remove a factor; with the last one go the recovery codes."""
    call = ApiCall(operation="deleteFactor", values={"factorId": posted.values["factorId"]})
    return Plan(calls=[call], then=Goto(url=_BACK, done="account.factor_removed"))


@page(
    "/me/security/recovery", id="showMyRecoveryCodes", requires=SELF, on=Nowhere(), template="recovery.html",
    scope="account", entry="showMySecurity",
)  # fmt: skip
def show_recovery(page: Page) -> Mapping[str, Any]:
    """Return how many recovery codes are left; right after they were made anew, the codes, this once."""
    row = second_factors.recovery_row(page.view, page.principal.id)
    if row is None:
        raise NotFoundError("RESOURCE_NOT_FOUND", "recovery")
    return {**problems_of(page), "codes": (), "left": row["counter"]}


@form("/me/security/recovery", acts=["renewRecoveryCodes"])
def renew_recovery(posted: Posted) -> Plan:
    """Make recovery codes anew; those that were left open nothing any more."""
    return Plan(
        calls=[ApiCall(operation="renewRecoveryCodes")],
        then=lambda results: Show(model={"codes": results[0].body["recoveryCodes"]}),
    )

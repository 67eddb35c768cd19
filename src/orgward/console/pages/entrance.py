"""Signing in and out, by password, second factor or passkey; and how the console looks (rules 86, 87, 90)."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from orgward.app.operation import Oneself, Public
from orgward.app.targets import Nowhere
from orgward.console.changing.calls import ApiCall, Finished
from orgward.console.frame import cookies
from orgward.console.frame.declaration import End, Goto, Plan, Show, form, page
from orgward.console.frame.look import THEMES
from orgward.console.frame.page import Page, Posted
from orgward.console.frame.problems import sentence_of
from orgward.console.frame.refusals import status_of
from orgward.console.frame.words import LANGUAGES
from orgward.directory.federated_identities import signs_in
from orgward.directory.preferences import preferences_of
from orgward.edge.bodies import parse
from orgward.kernel.errors import MalformedError, NotFoundError, OrgwardError, UnauthenticatedError
from orgward.store.reads.hierarchy import has_organizations

_REASON: Final = "whoever signs in has no session yet"
_SECOND: Final = "/signin/second"


@page("/signin", id="showSignIn", requires=Public(_REASON), on=Nowhere(), template="signin.html", scope="none")
def show_sign_in(page: Page) -> Mapping[str, Any]:
    """Return the form to sign in with; `next` is where the visitor wanted to go."""
    return {
        "next": page.one("next") or page.posted("next"),
        "address": page.posted("username"),
        "problem": "",
        "is_new": not has_organizations(page.view),
        "mail": page.asked.mail,
        "passkey": page.asked.ask(ApiCall(operation="beginPasskeySession")),
        "server_name": page.asked.base_url.partition("://")[2],
    }


@form("/signin", acts=["createSession", "deleteCurrentSession"], public=True)
def sign_in(posted: Posted) -> Plan:
    """Begin a session with an address and a password."""
    body = {"username": posted.one("username"), "password": posted.raw("password")}
    return Plan(
        calls=[ApiCall(operation="createSession", body=body), *leaving(posted)],
        then=lambda results: _signed_in(results[0], posted.one("next")),
        failed=lambda error: _not_signed_in(error, posted, "shared.signin_wrong"),
    )


def leaving(posted: Posted) -> list[ApiCall]:
    """Return the call that ends the session in which somebody signs in anew: no cookie knows it afterwards."""
    return [ApiCall(operation="deleteCurrentSession")] if posted.principal.id else []


def signed_in(result: Finished, then: str) -> Goto:
    """Return the way on with the session that was begun; the visit before it is over."""
    ended = {cookies.VISIT: None, cookies.PENDING: None}
    return Goto(url=then or "/", cookies={**session_cookie(result), **ended})


def session_cookie(result: Finished) -> dict[str, str]:
    """Return the cookie of the session that was begun, or that goes on under a new token."""
    return {cookies.SESSION: result.body["token"]}


def _signed_in(result: Finished, then: str) -> End:
    if result.status == 202:  # a second factor is asked for first
        pending = f"{'.'.join(result.body['factors'])}:{result.body['pending']}"
        return Goto(url=f"{_SECOND}?next={quote(then, safe='/')}", cookies={cookies.PENDING: pending})
    return signed_in(result, then)


def _not_signed_in(error: OrgwardError, posted: Posted, wrong: str) -> End | None:
    """Return the form again: every wrong pair gets the same answer."""
    is_wrong = isinstance(error, UnauthenticatedError) or error.code == "PROOF_REFUSED"
    text = posted.words(wrong) if is_wrong else sentence_of(posted.words, error)
    return Show(model={"problem": text}, status=401 if is_wrong else status_of(error))


@form("/signin/passkey", acts=["createPasskeySession", "deleteCurrentSession"], public=True)
def sign_in_with_passkey(posted: Posted) -> Plan:
    """Begin a session with a passkey alone."""
    body = {"state": posted.one("state"), "credential": credential_of(posted)}
    return Plan(
        calls=[ApiCall(operation="createPasskeySession", body=body), *leaving(posted)],
        then=lambda results: signed_in(results[0], posted.one("next")),
        failed=lambda _: Goto(url="/signin", done="signin.passkey_refused"),
    )


def credential_of(posted: Posted) -> Any:
    """Return what the browser answered for a passkey, or raise if that is no JSON."""
    return parse(posted.raw("credential").encode(), Any)


# ---------------------------------------------------------------- the second step


@page(_SECOND, id="showSecondStep", requires=Public(_REASON), on=Nowhere(), template="second_step.html", scope="none")
def show_second_step(page: Page) -> Mapping[str, Any]:
    """Return the form for the second factor of somebody whose password was right."""
    kinds, pending = _pending(cookies.read(page.asked.cookies, cookies.PENDING, is_secure=page.asked.is_secure))
    return {
        "next": page.one("next") or page.posted("next"),
        "problem": "",
        "kinds": kinds,
        "passkey": _question(page, pending) if "passkey" in kinds else None,
    }


def _pending(cookie: str) -> tuple[list[str], str]:
    kinds, _, token = cookie.partition(":")
    return kinds.split("."), token


def _question(page: Page, pending: str) -> Any:
    try:
        return page.asked.ask(ApiCall(operation="beginSecondStep", body={"pending": pending}))
    except (NotFoundError, UnauthenticatedError):
        return None


@form(_SECOND, acts=["verifySession", "deleteCurrentSession"], public=True)
def take_second_step(posted: Posted) -> Plan:
    """Begin the session with a code, a recovery code or a passkey."""
    cookie = cookies.read(posted.cookies, cookies.PENDING, is_secure=posted.is_secure)
    body = {"pending": _pending(cookie)[1], **shown_factor(posted)}
    return Plan(
        calls=[ApiCall(operation="verifySession", body=body), *leaving(posted)],
        then=lambda results: signed_in(results[0], posted.one("next")),
        failed=lambda error: _not_verified(error, posted),
    )


def shown_factor(posted: Posted) -> dict[str, Any]:
    """Return the second factor that was shown: what a passkey answered, or else a code."""
    if posted.has("credential"):
        return {"state": posted.one("state"), "credential": credential_of(posted)}
    return {"code": posted.one("code").replace(" ", "")}


def _not_verified(error: OrgwardError, posted: Posted) -> End | None:
    if isinstance(error, UnauthenticatedError):  # it took too long, or the password is another now
        return Goto(url="/signin", done="signin.pending_over", cookies={cookies.PENDING: None})
    return _not_signed_in(error, posted, "signin.code_wrong")


# ---------------------------------------------------------------- once more, and out


@page(
    "/prove", id="showProof", requires=Oneself("proves who the caller is"), on=Nowhere(), template="prove.html",
    scope="account",
)  # fmt: skip
def show_proof(page: Page) -> Mapping[str, Any]:
    """Return the form with which somebody proves again who they are, before something dangerous."""
    kinds = {row["kind"] for row in page.view.find("second_factors", user_id=page.principal.id) if row["is_active"]}
    try:
        passkey = page.asked.ask(ApiCall(operation="beginProof")) if "passkey" in kinds else None
    except NotFoundError:
        passkey = None
    provider = signs_in(page.view, page.principal.id)
    asked = {"kinds": kinds, "passkey": passkey, "provider": provider}
    return {"next": page.one("next") or page.posted("next"), "problem": "", **asked}


@form("/prove", acts=["proveIdentity", "proveBySecondFactor"])
def prove(posted: Posted) -> Plan:
    """Prove again who one is, by password, code or passkey."""
    by_factor = posted.has("credential") or posted.has("code")
    call = (
        ApiCall(operation="proveBySecondFactor", body=shown_factor(posted))
        if by_factor
        else ApiCall(operation="proveIdentity", body={"password": posted.raw("password")})
    )
    return Plan(
        calls=[call],
        then=lambda results: Goto(url=posted.one("next") or "/me/security", cookies=session_cookie(results[0])),
        failed=lambda error: _not_signed_in(error, posted, "signin.proof_wrong"),
    )


@form("/signout", acts=["deleteCurrentSession"])
def sign_out(posted: Posted) -> Plan:
    """End the session."""
    ended = Goto(url="/signin", cookies={cookies.SESSION: None})
    return Plan(calls=[ApiCall(operation="deleteCurrentSession")], then=ended)


@form("/preferences", acts=["setMyPreferences"], public=True)
def prefer(posted: Posted) -> Plan:
    """Change language or theme: for this browser, and for the person where somebody is signed in."""
    named = (("language", posted.one("lang"), LANGUAGES), ("theme", posted.one("theme"), THEMES))
    chosen = {name: value for name, value, _ in named if value}
    unknown = next((name for name, value, known in named if value and value not in known), None)
    if unknown is not None:
        raise MalformedError("INVALID_ATTRIBUTE", unknown)
    calls = []
    if posted.principal.id and chosen:
        body = {**preferences_of(posted.view, posted.principal.id), **chosen}
        calls = [ApiCall(operation="setMyPreferences", body=body)]
    then = Goto(url=posted.one("next") or "/", cookies={f"orgward-{name}": value for name, value in chosen.items()})
    return Plan(calls=calls, then=then)

"""Where the links of messages lead: setting an account up, another password, another address (contract.md, People)."""

from collections.abc import Mapping
from typing import Any, Final

from orgward.app.operation import Public
from orgward.app.targets import Nowhere
from orgward.console.changing.calls import ApiCall
from orgward.console.frame.declaration import Goto, Plan, Show, form, page
from orgward.console.frame.page import Page, Posted
from orgward.console.frame.problems import problem_of, problems_of
from orgward.console.pages.entrance import leaving, signed_in
from orgward.directory import links, setup_links
from orgward.directory.outbox import RESET, VERIFY
from orgward.kernel.errors import NotFoundError
from orgward.store.view import Row

_THE_LINK: Final = Public("the token of the link is the proof")


def _address_of(page: Page, link: Row | None) -> str:
    person = None if link is None else page.view.get("person_data", link["user_id"])
    return "" if person is None else str(person["username"])


def _link(page: Page, kind: str) -> Row | None:
    """Return the row of the link, None for a used, replaced, ended or made-up one: those look alike."""
    token_hash = page.asked.keyring.hash_token(page.values["token"])
    try:
        if kind == "setup":
            return setup_links.link_of(page.view, token_hash, page.now)
        return links.link_of(page.view, kind, token_hash, page.now)
    except NotFoundError:
        return None


def _model(page: Page, kind: str) -> dict[str, Any]:
    link = _link(page, kind)
    return {
        "address": _address_of(page, link),
        "is_good": link is not None,
        **problems_of(page),
    }


@page("/setup/{token}", id="showSetup", requires=_THE_LINK, on=Nowhere(), template="setup.html", scope="none")
def show_setup(page: Page) -> Mapping[str, Any]:
    """Return the form that sets an account up; who has one already is shown the way to sign in."""
    return _model(page, "setup")


@form("/setup/{token}", acts=["setUpAccount", "deleteCurrentSession"], public=True)
def set_up(posted: Posted) -> Plan:
    """Set the account up, and begin a session."""
    body = {
        "token": posted.values["token"],
        "password": posted.raw("password"),
        "firstName": posted.one("firstName"),
        "lastName": posted.one("lastName"),
    }
    call = ApiCall(operation="setUpAccount", body=body)
    return Plan(calls=[call, *leaving(posted)], then=lambda results: signed_in(results[0], "/me/invitations"))


@page(
    "/reset", id="showResetRequest", requires=Public("whoever has forgotten a password has no session"),
    on=Nowhere(), template="reset_request.html", scope="none",
)  # fmt: skip
def show_reset_request(page: Page) -> Mapping[str, Any]:
    """Return the form that asks for a link to another password."""
    return {"is_sent": False, "mail": page.asked.mail, "problem": problem_of(page)}


@form("/reset", acts=["requestPasswordReset"], public=True)
def request_reset(posted: Posted) -> Plan:
    """Ask for the link; what is shown then tells nothing of whether there is such an account."""
    call = ApiCall(operation="requestPasswordReset", body={"username": posted.one("username")})
    return Plan(calls=[call], then=Show(model={"is_sent": True}))


@page("/reset/{token}", id="showReset", requires=_THE_LINK, on=Nowhere(), template="reset.html", scope="none")
def show_reset(page: Page) -> Mapping[str, Any]:
    """Return the form for another password."""
    return _model(page, RESET)


@form("/reset/{token}", acts=["resetPassword"], public=True)
def reset(posted: Posted) -> Plan:
    """Set another password; every session of the account ends."""
    body = {"token": posted.values["token"], "password": posted.raw("password")}
    return Plan(
        calls=[ApiCall(operation="resetPassword", body=body)], then=Goto(url="/signin", done="links.reset_done")
    )


@page("/verify/{token}", id="showVerify", requires=_THE_LINK, on=Nowhere(), template="verify.html", scope="none")
def show_verify(page: Page) -> Mapping[str, Any]:
    """Return the button that confirms another address: programs that follow links of mails press none."""
    model = _model(page, VERIFY)
    link = _link(page, VERIFY)
    return {**model, "new_address": link["address"] if link else ""}


@form("/verify/{token}", acts=["verifyAddress"], public=True)
def verify(posted: Posted) -> Plan:
    """Let the account have the other address."""
    call = ApiCall(operation="verifyAddress", body={"token": posted.values["token"]})
    return Plan(calls=[call], then=Goto(url="/signin", done="links.verified"))

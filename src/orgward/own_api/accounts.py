"""What the link of a message does: it sets an account up, gives it another password, or proves its address.

Whoever asks for a link has no session; the link is the proof (contract.md, People; ASVS 6.3.8).
"""

from dataclasses import dataclass
from functools import partial
from typing import Annotated

import msgspec

from orgward.app.acting import ground_of, outcome_of
from orgward.app.attempts import address_bucket
from orgward.app.execute import Call, Context, Door
from orgward.app.operation import Public
from orgward.app.passwords import hash_password
from orgward.app.targets import Nowhere
from orgward.directory import accounts, address_change, links, passwords, setup_links
from orgward.directory.outbox import RESET, VERIFY
from orgward.directory.people import username_of
from orgward.directory.sessions import Begun
from orgward.edge.bodies import Body
from orgward.edge.endpoint import OWN, endpoint
from orgward.kernel.principal import Principal
from orgward.own_api.sessions import TAG, session_object
from orgward.store.writer import Outcome

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=90, pattern=r"^[^\x00-\x1f\x7f]*$")]
"""A first or last name: one line."""

_LONGEST_USERNAME = 320
_by_link = partial(
    endpoint, "POST", requires=Public("the token of the link is the proof"), on=Nowhere(), tag=TAG
)  # fmt: skip


class SetupBody(Body, frozen=True, kw_only=True):
    """The token of a link, and what its owner chooses."""

    token: str
    password: str
    first_name: Name
    last_name: Name


class ResetRequestBody(Body, frozen=True, kw_only=True):
    """The address of an account whose password is forgotten."""

    username: str


class ResetBody(Body, frozen=True, kw_only=True):
    """The token of a link, and another password."""

    token: str
    password: str


class TokenBody(Body, frozen=True, kw_only=True):
    """The token of a link."""

    token: str


@dataclass(frozen=True, slots=True)
class _Chosen:
    token_hash: str
    password_hash: str


def _opened(door: Door, call: Call, kind: str = "") -> tuple[str, str]:
    """Return the hash of the body's token, and the name of whoever its link was mailed to: it acts for them.

    A link without a `kind` sets an account up.
    """
    view, now = door.store.view, door.store.clock()
    token_hash = door.store.keyring.hash_token(call.body.token)
    link = links.link_of(view, kind, token_hash, now) if kind else setup_links.link_of(view, token_hash, now)
    call.principal = Principal("user", link["user_id"], address=call.address)
    return token_hash, username_of(view, link["user_id"])


def _prepare(door: Door, call: Call) -> accounts.NewAccount:
    body: SetupBody = call.body
    token_hash, username = _opened(door, call)
    return accounts.NewAccount(
        token_hash=token_hash,
        password_hash=hash_password(body.password, username=username),
        first_name=body.first_name,
        last_name=body.last_name,
        begun=Begun(call.address, call.device),
    )


@_by_link(f"{OWN}/accounts:setup", id="setUpAccount", status=201, body=SetupBody, prepare=_prepare)
def set_up_account(context: Context) -> Outcome:
    """Set an account up with the link of a message, and begin a session."""
    change = accounts.set_up(ground_of(context), context.call.prepared)
    return outcome_of(change, lambda view: session_object(view, change))


def _count_request(door: Door, call: Call) -> None:
    door.resets.begin((address_bucket(call.address), ""))


@endpoint(
    "POST",
    f"{OWN}/accounts:requestReset",
    id="requestPasswordReset",
    requires=Public("whoever has forgotten a password has no session; nothing is learnt from the answer"),
    on=Nowhere(),
    tag=TAG,
    status=202,
    body=ResetRequestBody,
    prepare=_count_request,
)
def request_password_reset(context: Context) -> Outcome:
    """Ask for a link to another password; the answer is the same whether or not there is such an account."""
    body: ResetRequestBody = context.call.body
    return outcome_of(passwords.request_reset(ground_of(context), body.username[:_LONGEST_USERNAME]), lambda _: {})


def _prepare_reset(door: Door, call: Call) -> _Chosen:
    body: ResetBody = call.body
    token_hash, username = _opened(door, call, RESET)
    return _Chosen(token_hash, hash_password(body.password, username=username))


@_by_link(f"{OWN}/accounts:reset", id="resetPassword", status=204, body=ResetBody, prepare=_prepare_reset)
def reset_password(context: Context) -> Outcome:
    """Choose another password with the link of a message; every session ends, and none begins."""
    chosen: _Chosen = context.call.prepared
    return outcome_of(passwords.reset(ground_of(context), chosen.token_hash, chosen.password_hash))


def _prepare_verification(door: Door, call: Call) -> str:
    return _opened(door, call, VERIFY)[0]


@_by_link(f"{OWN}/accounts:verify", id="verifyAddress", status=204, body=TokenBody, prepare=_prepare_verification)
def verify_address(context: Context) -> Outcome:
    """Give an account the address that the link was mailed to."""
    return outcome_of(address_change.verify(ground_of(context), context.call.prepared))

"""The caller's own account: its names, password and address, and its end (rules 43, 44)."""

from typing import Final

import msgspec

from orgward.app.acting import ground_of, outcome_of
from orgward.app.execute import Call, Context, Door
from orgward.app.operation import Oneself
from orgward.app.passwords import hash_password
from orgward.app.targets import Nowhere
from orgward.directory import accounts, address_change, passwords
from orgward.directory.people import username_of
from orgward.edge.bodies import Body
from orgward.edge.endpoint import OWN, endpoint
from orgward.own_api.accounts import Name
from orgward.own_api.me import person_object
from orgward.own_api.my_sessions import verify_own_password
from orgward.own_api.sessions import PEOPLE_ONLY, TAG, proven_object
from orgward.store.writer import Outcome

_ME: Final = f"{OWN}/me"


class NamesBody(Body, frozen=True, kw_only=True):
    """Another first or last name; one that is not named stays."""

    first_name: Name | msgspec.UnsetType = msgspec.UNSET
    last_name: Name | msgspec.UnsetType = msgspec.UNSET


class ChangeBody(Body, frozen=True, kw_only=True):
    """The password that there is, and the one that takes its place."""

    current: str
    new: str


class AddressBody(Body, frozen=True, kw_only=True):
    """The address that the account is to have."""

    username: str


def _self(reason: str) -> Oneself:
    return Oneself(reason, keys_refused=PEOPLE_ONLY)


@endpoint(
    "PATCH", _ME, id="updateMe", requires=_self("changes the caller's own names"), on=Nowhere(), tag=TAG,
    body=NamesBody,
)  # fmt: skip
def update_me(context: Context) -> Outcome:
    """Change the caller's own names."""
    body: NamesBody = context.call.body
    first, last = (None if name is msgspec.UNSET else name for name in (body.first_name, body.last_name))
    change = accounts.rename(ground_of(context), first_name=first, last_name=last)
    return outcome_of(change, lambda view: person_object(context, view))


def _prepare_password(door: Door, call: Call) -> tuple[str, str]:
    body: ChangeBody = call.body
    proven = verify_own_password(door, call, body.current)
    return proven.secret, hash_password(body.new, username=username_of(door.store.view, proven.user))


@endpoint(
    "POST", f"{_ME}/password", id="changePassword", requires=_self("changes the caller's own password"), on=Nowhere(),
    tag=TAG, body=ChangeBody, prepare=_prepare_password,
)  # fmt: skip
def change_password(context: Context) -> Outcome:
    """Change the caller's own password; their other sessions end, and this one goes on under a new token."""
    change = passwords.change(ground_of(context), *context.call.prepared)
    return outcome_of(change, lambda view: proven_object(view, change))


@endpoint(
    "POST", f"{_ME}/address", id="changeAddress", requires=_self("changes the caller's own address"), on=Nowhere(),
    tag=TAG, status=202, body=AddressBody, needs_recent_proof=True,
)  # fmt: skip
def change_address(context: Context) -> Outcome:
    """Ask for another address; it counts once the link that is mailed there was followed."""
    body: AddressBody = context.call.body
    return outcome_of(address_change.ask(ground_of(context), body.username), lambda _: {})


@endpoint(
    "DELETE", _ME, id="deleteMe", requires=_self("ends the caller's own account"), on=Nowhere(), tag=TAG, status=204,
    needs_recent_proof=True,
)  # fmt: skip
def delete_me(context: Context) -> Outcome:
    """Erase the caller's own account, which is in no organization and no project any more."""
    return outcome_of(accounts.close(ground_of(context)))

"""Accounts: set up with the link of a message (contract.md, People)."""

from typing import Annotated

import msgspec

from orgward.app.acting import ground_of, outcome_of
from orgward.app.execute import Call, Context, Door
from orgward.app.operation import Public
from orgward.app.passwords import hash_password
from orgward.app.targets import Nowhere
from orgward.directory import accounts
from orgward.edge.bodies import Body
from orgward.edge.endpoint import OWN, endpoint
from orgward.kernel.principal import Principal
from orgward.own_api.sessions import TAG, session_object
from orgward.store.writer import Outcome

_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=90, pattern=r"^[^\x00-\x1f\x7f]*$")]


class SetupBody(Body, frozen=True, kw_only=True):
    """The token of a link, and what its owner chooses."""

    token: str
    password: str
    first_name: _Name
    last_name: _Name


def _prepare(door: Door, call: Call) -> accounts.NewAccount:
    body: SetupBody = call.body
    token_hash = door.store.keyring.hash_token(body.token)
    link = accounts.link_of(door.store.view, token_hash, door.store.clock())
    call.principal = Principal("user", link["user_id"], address=call.address)
    return accounts.NewAccount(
        token_hash=token_hash,
        password_hash=hash_password(body.password),
        first_name=body.first_name,
        last_name=body.last_name,
        begun=accounts.Begun(call.address, call.device),
    )


@endpoint(
    "POST",
    f"{OWN}/accounts:setup",
    id="setUpAccount",
    requires=Public("the token of the link is the proof"),
    on=Nowhere(),
    tag=TAG,
    status=201,
    body=SetupBody,
    prepare=_prepare,
)
def set_up_account(context: Context) -> Outcome:
    """Set an account up with the link of a message, and begin a session."""
    change = accounts.set_up(ground_of(context), context.call.prepared)
    return outcome_of(change, lambda view: session_object(view, change))

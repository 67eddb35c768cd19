"""Drafts of changes: calls that wait for their check, for half an hour, for the session that made them."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec

from orgward.app.acting import ground_of, outcome_of
from orgward.app.execute import Call, Context
from orgward.app.operation import Oneself, Operation, declare
from orgward.app.targets import Nowhere
from orgward.console.changing.calls import ApiCall
from orgward.console.changing.summary import Summary
from orgward.directory import drafts
from orgward.directory.ground import Change, Ground
from orgward.kernel.errors import NotFoundError
from orgward.kernel.principal import Principal
from orgward.store.keyring import Keyring
from orgward.store.view import SqlView
from orgward.store.writer import Outcome

_CONTEXT: Final = "draft"


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """The calls of a change, and what its check tells of it."""

    calls: Sequence[ApiCall]
    summary: Summary


def _declared(id: str, rule: Callable[[Ground, Any], Change], *, reason: str) -> Operation:
    def run(context: Context) -> Outcome:
        change = rule(ground_of(context), context.call.prepared)
        return outcome_of(change, lambda _: change.target)

    return declare(Operation(id=id, requires=Oneself(reason), on=Nowhere(), inner=None, writes=True, run=run))


_MAKE: Final = _declared("makeDraft", drafts.make_draft, reason="keeps the caller's own draft")
_SPEND: Final = _declared("spendForm", drafts.spend, reason="marks the caller's own form as sent")
_GIVE_BACK: Final = _declared("giveFormBack", drafts.give_back, reason="lets the caller's own form be sent again")


def making(keyring: Keyring, principal: Principal, draft: Draft) -> Call:
    """Return the call that keeps `draft`; it answers with the draft's id."""
    sealed = keyring.seal(msgspec.json.encode(draft).decode(), f"{_CONTEXT} {principal.credential}")
    return Call(_MAKE, principal, prepared=sealed)


def spending(keyring: Keyring, principal: Principal, mark: str) -> Call:
    """Return the call that lets the form with `mark` be sent once."""
    return Call(_SPEND, principal, prepared=_spent(keyring, principal, mark))


def giving_back(keyring: Keyring, principal: Principal, mark: str) -> Call:
    """Return the call that lets the form with `mark` be sent again: all that it asked for was refused."""
    return Call(_GIVE_BACK, principal, prepared=_spent(keyring, principal, mark))


def is_spent(view: SqlView, keyring: Keyring, principal: Principal, mark: str) -> bool:
    """Say whether the principal's session has sent the form with `mark`."""
    return view.get("used_once", _spent(keyring, principal, mark)) is not None


def _spent(keyring: Keyring, principal: Principal, mark: str) -> str:
    return keyring.hash_token(f"form sent {principal.credential} {mark}")


def draft_of(view: SqlView, keyring: Keyring, principal: Principal, draft_id: str, now: int) -> Draft:
    """Return a draft of the principal's session; NotFoundError for every other one, and when its time is over."""
    row = view.get("drafts", draft_id)
    if row is None or row["session_id"] != principal.credential or row["expires_at"] <= now:
        raise NotFoundError("RESOURCE_NOT_FOUND", draft_id)
    return msgspec.json.decode(keyring.open(row["sealed_document"], f"{_CONTEXT} {principal.credential}"), type=Draft)

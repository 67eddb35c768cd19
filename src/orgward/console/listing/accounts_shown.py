"""Service accounts as lists and their own page show them, and the list of them with its filters and its file."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, get_args

from orgward.console.frame.declaration import Batch
from orgward.console.frame.page import Page, Values
from orgward.console.listing.given import last_of
from orgward.console.listing.keys_shown import maker_shown, places_of
from orgward.console.listing.machine_lists import BATCH, SIZE, machine_listing
from orgward.kernel.client_ids import client_id_of
from orgward.kernel.instants import rfc3339
from orgward.store.reads.account_list import (
    AccountQuery,
    AccountSort,
    ListedAccount,
    account_page,
    accounts_wanting_attention,
)
from orgward.store.reads.keyset import START, place_of

ACCOUNT_COLUMNS: Final = (
    "clientId", "name", "description", "roles", "groupRoles", "suspended", "attention", "createdBy", "createdAt",
    "secretExpiresAt", "lastUsed",
)  # fmt: skip

_WARNED: Final = {
    "suspended": "accounts.suspended",
    "maker_gone": "accounts.maker_left",
    "maker_suspended": "shared.maker_suspended",
    "any_address": "shared.any_address",
    "no_secret": "accounts.no_secret",
    "ends_soon": "accounts.ends_soon",
}
_SORTS: Final[Mapping[str, AccountSort]] = {sort: sort for sort in get_args(AccountSort)}

Menu = Callable[[Page, ListedAccount], Sequence[Mapping[str, Any] | None]]


def account_shown(page: Page, account: ListedAccount) -> dict[str, Any]:
    """Return a service account with its chips in one list, and its warnings in words."""
    return {
        "id": account.id,
        "client": client_id_of(account.id),
        "name": account.name,
        "description": account.description,
        "suspended": account.suspended,
        "chips": [chip for place in places_of(page, account) for chip in place["chips"]],
        "addresses": account.addresses,
        "maker": maker_shown(page, account.maker),
        "created": account.created_at,
        "ends": account.ends_at,
        "used": account.last_used_at,
        "warnings": {code: page.t(_WARNED[code]) for code in account.attention},
    }


def _query(page: Page, values: Values | None = None) -> AccountQuery:
    """Return what the address asks for, or a form that carries the same filters."""
    given = page.asked.query if values is None else values
    return AccountQuery(
        q=last_of(given, "q"),
        roles=[role for role in given.get("role", ()) if role],
        project=last_of(given, "project"),
        only=page.resource.project or "",
        attention=bool(last_of(given, "attention")),
        sort=_SORTS.get(last_of(given, "sort"), "name"),
    )


def accounts_matching(page: Page, values: Values, *, most: int) -> list[str]:
    """Return the ids of up to `most` accounts that the filters in `values` find."""
    query, org = _query(page, values), page.resource.org or ""
    return [each.id for each in account_page(page.view, org, query, START, size=most, now=page.now).rows]


def account_listing(page: Page, menu: Menu) -> dict[str, Any]:
    """Return the page of the list that the address names, its filters, and what may be done about each account."""
    query, org = _query(page), page.resource.org or ""
    place = place_of(page.one("after"))
    part = account_page(page.view, org, query, place or START, size=SIZE, now=page.now)
    return {
        **machine_listing(page, query, part, place),
        "rows": [{**account_shown(page, account), "menu": menu(page, account)} for account in part.rows],
        "n_attention": accounts_wanting_attention(page.view, org, now=page.now, project=query.only),
    }


def account_batch(page: Page, after: str | None) -> Batch:
    """Return some lines of the file of the list, as it is filtered."""
    place = place_of(after or "") or START
    part = account_page(page.view, page.resource.org or "", _query(page), place, size=BATCH, now=page.now)
    return Batch([_line(page, account) for account in part.rows], part.after.text if part.after else None)


def _line(page: Page, account: ListedAccount) -> Sequence[Any]:
    shown = account_shown(page, account)
    on = [f"{each.name}={role.role}" for each in account.projects for role in each.roles]
    times = [rfc3339(at) if at else None for at in (account.created_at, account.ends_at, account.last_used_at)]
    return (
        shown["client"], account.name, account.description, " ".join(role.role for role in account.roles),
        "; ".join(on), account.suspended, " ".join(account.attention), shown["maker"], *times,
    )  # fmt: skip

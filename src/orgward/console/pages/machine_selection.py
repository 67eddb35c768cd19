"""Several API keys or service accounts deleted at once: those that are ticked, or all that match the filters."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from orgward.app.targets import InOrganization
from orgward.console.changing.calls import ApiCall
from orgward.console.changing.checking import offered
from orgward.console.changing.machines import chips_by_place
from orgward.console.changing.summary import Difference, Summary
from orgward.console.frame.declaration import Plan, Show, form, page
from orgward.console.frame.page import Page, Posted, Values
from orgward.console.frame.problems import problem_of
from orgward.console.listing.accounts_shown import accounts_matching
from orgward.console.listing.key_listing import keys_matching
from orgward.console.listing.naming import listing
from orgward.kernel.client_ids import client_id_of
from orgward.kernel.errors import RefusedError
from orgward.store.folding import folded
from orgward.store.view import Row

MOST: Final = 200
"""How many machines are deleted at once."""

_LONGEST_ADDRESS: Final = 6_000
_TEMPLATE: Final = "machine_selection.html"
_KEYS: Final = "/o/{orgId}/keys/bulk"
_ACCOUNTS: Final = "/o/{orgId}/accounts/bulk"


@dataclass(frozen=True, slots=True)
class _Kind:
    """What tells keys from service accounts: their table, what they are called there, and the call that deletes one."""

    table: str
    name: str
    words: str
    icon: str
    operation: str
    value: str
    wire_id: Callable[[str], str]
    matching: Callable[..., list[str]]


_KEY: Final = _Kind("api_keys", "description", "keys", "key", "deleteOrgApiKey", "apiUserId", str, keys_matching)
_ACCOUNT: Final = _Kind(
    "service_accounts", "name", "accounts", "robot", "deleteOrgServiceAccount", "clientId", client_id_of,
    accounts_matching,
)  # fmt: skip


def _rows(looking: Page | Posted, kind: _Kind, org: str, ids: Sequence[str]) -> list[Row]:
    """Return the machines under `ids`, each once, by name; of what is not one of `org` nothing is told."""
    rows = (looking.view.get(kind.table, id_) for id_ in dict.fromkeys(ids))
    found = [row for row in rows if row is not None and row["org_id"] == org]
    return sorted(found, key=lambda row: (folded(row[kind.name]), row["id"]))


def _selected(page: Page, kind: _Kind, values: Values) -> list[Row]:
    ids = kind.matching(page, values, most=MOST + 1) if values.get("all") else values.get("id", ())
    return _rows(page, kind, page.resource.id, ids[: MOST + 1])


def _phrase(rows: Sequence[Row], kind: _Kind) -> str:
    """Return what has to be typed: the name of one, the number of several."""
    return str(rows[0][kind.name]).strip() if len(rows) == 1 else str(len(rows))


def _shown(page: Page, kind: _Kind) -> dict[str, Any]:
    rows = _selected(page, kind, page.asked.posted or page.asked.query)
    return {
        "url": page.asked.path,
        "list": page.asked.path.rpartition("/")[0],
        "words": kind.words,
        "icon": kind.icon,
        "n": len(rows),
        "most": MOST,
        "names": listing(page.t, [str(row[kind.name]) for row in rows], most=20),
        "ids": [row["id"] for row in rows],
        "phrase": _phrase(rows, kind),
        "fault": problem_of(page),
    }


@page(
    _KEYS, id="showKeySelection", requires=("org.api_keys.delete",), on=InOrganization(), template=_TEMPLATE,
    scope="organization", entry="showKeys",
)  # fmt: skip
def show_key_selection(page: Page) -> Mapping[str, Any]:
    """Return the keys that are selected, and what is to be typed before their end is checked."""
    return _shown(page, _KEY)


@page(
    _ACCOUNTS, id="showAccountSelection", requires=("org.service_accounts.delete",), on=InOrganization(),
    template=_TEMPLATE, scope="organization", entry="showServiceAccounts",
)  # fmt: skip
def show_account_selection(page: Page) -> Mapping[str, Any]:
    """Return the service accounts that are selected, and what is to be typed before their end is checked."""
    return _shown(page, _ACCOUNT)


@form(_KEYS, acts=["deleteOrgApiKey"])
def delete_keys(posted: Posted) -> Plan:
    """Show the keys that are selected; once their number was typed, lead to the check of deleting them."""
    return _deleting(posted, _KEY)


@form(_ACCOUNTS, acts=["deleteOrgServiceAccount"])
def delete_accounts(posted: Posted) -> Plan:
    """Show the accounts that are selected; once their number was typed, lead to the check of deleting them."""
    return _deleting(posted, _ACCOUNT)


def _deleting(posted: Posted, kind: _Kind) -> Plan:
    org, words = posted.values["orgId"], posted.words
    rows = _rows(posted, kind, org, posted.many("id")[: MOST + 1])
    if "typed" not in posted.fields or not 0 < len(rows) <= MOST:
        return Plan(then=Show(model={}))
    calls = [
        ApiCall(operation=kind.operation, values={"orgId": org, kind.value: kind.wire_id(row["id"])}) for row in rows
    ]
    lines = [_line(posted, kind, row) for row in rows]
    title, machines = words(f"{kind.words}.bulk_delete", n=len(rows)), f"/o/{org}/{kind.words}"
    summary = Summary(
        title=title, lines=lines, back=_again(posted.path, rows) or machines, then=machines,
        done=f"{kind.words}.bulk_deleted", params={"n": len(rows)}, act=title,
        crumbs=[(words(f"{kind.words}.title"), machines)],
    )  # fmt: skip
    plan = offered(posted, calls, summary)
    if posted.one("typed") != _phrase(rows, kind):
        raise RefusedError("NAME_NOT_TYPED", _phrase(rows, kind))
    return plan


def _line(posted: Posted, kind: _Kind, row: Row) -> Difference:
    before = chips_by_place(posted, row["id"], row["org_id"])
    second = row["public_key"] if kind is _KEY else client_id_of(row["id"])
    return Difference(icon=kind.icon, name=str(row[kind.name]), place=second, before=before)


def _again(path: str, rows: Sequence[Row]) -> str:
    """Return the address of the form with the same selection, empty where it would be too long."""
    query = urlencode([("id", row["id"]) for row in rows])
    return f"{path}?{query}" if len(query) < _LONGEST_ADDRESS else ""

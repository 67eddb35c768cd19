"""Service accounts of an organization or project as the console lists them; their number is bounded: all are read."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal, NamedTuple

from orgward.store.folding import folded
from orgward.store.reads.actors import Actor, actors
from orgward.store.reads.keyset import Page, Place, cut
from orgward.store.reads.machines import MakerTrouble, machine_roles, maker_trouble
from orgward.store.reads.member_rows import Held
from orgward.store.reads.roles_there import RolesThere
from orgward.store.view import SqlView

Attention = MakerTrouble | Literal["suspended", "any_address", "no_secret", "ends_soon"]
AccountSort = Literal["name", "-name", "ends", "-ends"]

SOON: Final = 14 * 86_400_000
"""How long before its end, in milliseconds, the last secret of an account wants another one beside it."""

_ACCOUNTS: Final = (
    "SELECT s.id, s.name, s.description, s.suspended, s.created_at, s.maker_kind, s.maker_id, m.state, m.suspended,"
    " (SELECT COUNT(*) FROM api_key_access AS a WHERE a.key_id = s.id),"
    " (SELECT MAX(x.expires_at) FROM service_account_secrets AS x WHERE x.account_id = s.id),"
    " (SELECT MAX(x.last_used_at) FROM service_account_secrets AS x WHERE x.account_id = s.id)"
    " FROM service_accounts AS s LEFT JOIN members AS m ON m.org_id = s.org_id AND m.user_id = s.maker_id"
    " WHERE s.org_id = :org ORDER BY s.id"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountQuery:
    """Which accounts are asked for: by a part of a text, by role anywhere, on a project, wanting attention.

    Of an `only` project its own roles and the organization's are told, and none elsewhere.
    """

    q: str = ""
    roles: Collection[str] = ()
    project: str = ""
    only: str = ""
    attention: bool = False
    sort: AccountSort = "name"


@dataclass(frozen=True, slots=True)
class ListedAccount:
    """An account with its roles, how many addresses it is tied to, when its last secret ends, what needs a look."""

    id: str
    name: str
    description: str
    suspended: bool
    created_at: int
    maker: Actor
    attention: tuple[Attention, ...]
    roles: tuple[Held, ...]
    projects: tuple[RolesThere, ...]
    addresses: int
    ends_at: int | None
    last_used_at: int | None


class _Account(NamedTuple):
    id: str
    name: str
    description: str
    suspended: bool
    created_at: int
    maker_kind: str
    maker_id: str
    maker_state: str | None
    maker_suspended: bool | None
    addresses: int
    ends_at: int | None
    last_used_at: int | None


def account_page(
    view: SqlView, org: str, query: AccountQuery, place: Place, *, size: int, now: int
) -> Page[ListedAccount]:
    """Return the page at `place` of the accounts of `org` that `query` asks for."""
    listed = [each for each in _listed(view, org, _accounts(view, org), query.only, now) if _fits(each, query, org)]
    ordered = {each.id: each for each in sorted(listed, key=partial(_order, query=query), reverse=_is_down(query))}
    page = cut(list(ordered), place, size)
    return page.of([ordered[id_] for id_ in page.rows])


def listed_account(view: SqlView, org: str, account: str, *, now: int, only: str = "") -> ListedAccount:
    """Return one account of `org` as the list of them shows it."""
    found = [each for each in _accounts(view, org) if each.id == account]
    return _listed(view, org, found, only, now)[0]


def accounts_wanting_attention(view: SqlView, org: str, *, now: int, project: str = "") -> int:
    """Return how many accounts of `org`, or of those on `project`, need a look."""
    listed = _listed(view, org, _accounts(view, org), project, now)
    return sum(bool(each.attention) and (not project or bool(each.projects)) for each in listed)


def _accounts(view: SqlView, org: str) -> list[_Account]:
    return [_Account(*row) for row in view.rows(_ACCOUNTS, {"org": org})]


def _fits(account: ListedAccount, query: AccountQuery, org: str) -> bool:
    q, project = folded(query.q), query.only or query.project
    places = [RolesThere(org, "", account.roles), *account.projects]
    there = [place for place in places if place.id == project or not project]
    held = [role.role for place in there for role in place.roles]
    return (
        any(q in folded(text) for text in (account.name, account.description, account.id))
        and (not query.attention or bool(account.attention))
        and (not query.roles or any(role in query.roles for role in held))
        and (not project or any(place.id == project for place in account.projects))
    )


def _is_down(query: AccountQuery) -> bool:
    return query.sort.startswith("-")


def _order(account: ListedAccount, query: AccountQuery) -> tuple[int, str, str]:
    return (account.ends_at or 0) if query.sort.endswith("ends") else 0, folded(account.name), account.id


def _attention(account: _Account, now: int) -> tuple[Attention, ...]:
    found: list[Attention] = ["suspended"] if account.suspended else []
    found += maker_trouble(account.maker_kind, account.maker_state, suspended=bool(account.maker_suspended))
    if not account.addresses:
        found.append("any_address")
    if account.ends_at is None or account.ends_at <= now:
        found.append("no_secret")
    elif account.ends_at < now + SOON:
        found.append("ends_soon")
    return tuple(found)


def _listed(view: SqlView, org: str, accounts: Sequence[_Account], only: str, now: int) -> list[ListedAccount]:
    held = machine_roles(view, org, [account.id for account in accounts], now)
    makers = actors(view, {(account.maker_kind, account.maker_id) for account in accounts})
    found = []
    for each in accounts:
        places = [place for place in held.get(each.id, ()) if not only or place.id in {org, only}]
        found.append(
            ListedAccount(
                each.id, each.name, each.description, bool(each.suspended), each.created_at,
                makers[each.maker_kind, each.maker_id], _attention(each, now),
                tuple(role for place in places if place.id == org for role in place.roles),
                tuple(place for place in places if place.id != org), each.addresses, each.ends_at, each.last_used_at,
            )
        )  # fmt: skip
    return found

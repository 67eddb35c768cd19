"""API keys of an organization or project as the console lists them; their number is bounded, so that all are looked at.

When a key was used last is known of keys with an access list alone, for its entries are what uses are counted on.
"""

import json
from collections.abc import Collection, Iterable, Sequence
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

Attention = MakerTrouble | Literal["any_address", "never_used"]
KeySort = Literal["name", "-name", "used", "-used"]

SETTLED: Final = 7 * 86_400_000
"""For how long nobody wonders why a new key was not used yet, in milliseconds."""

_KEYS: Final = (
    "SELECT k.id, k.description, k.public_key, k.created_at, k.maker_kind, k.maker_id, m.state, m.suspended,"
    " (SELECT COUNT(*) FROM api_key_access AS a WHERE a.key_id = k.id),"
    " (SELECT MAX(a.last_used_at) FROM api_key_access AS a WHERE a.key_id = k.id)"
    " FROM api_keys AS k LEFT JOIN members AS m ON m.org_id = k.org_id AND m.user_id = k.maker_id"
    " WHERE k.org_id = :org ORDER BY k.id"
)
_BLOCKS: Final = (
    "SELECT v.value, (SELECT json_group_array(c) FROM (SELECT COALESCE(a.ip, a.cidr) AS c FROM api_key_access AS a"
    " WHERE a.key_id = v.value ORDER BY a.cidr LIMIT :shown) AS h),"
    " (SELECT COALESCE(a.ip, a.cidr) FROM api_key_access AS a WHERE a.key_id = v.value AND a.last_used_at IS NOT NULL"
    " ORDER BY a.last_used_at DESC LIMIT 1) FROM json_each(:ids) AS v"
)
_SHOWN: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyQuery:
    """Which keys are asked for: by a part of name or public key, by role anywhere, on a project, wanting attention.

    Of the projects that a key is on, rows tell the `visible` ones.
    """

    q: str = ""
    roles: Collection[str] = ()
    project: str = ""
    attention: bool = False
    visible: Collection[str] | None = None
    sort: KeySort = "name"


@dataclass(frozen=True, slots=True)
class ListedKey:
    """A key with its roles, the first blocks of its access list and how many more there are, and what needs a look."""

    id: str
    description: str
    public_key: str
    created_at: int
    maker: Actor
    attention: tuple[Attention, ...]
    roles: tuple[Held, ...]
    projects: tuple[RolesThere, ...]
    blocks: tuple[str, ...]
    more_blocks: int
    last_used_at: int | None
    last_used_from: str


class _Key(NamedTuple):
    id: str
    description: str
    public_key: str
    created_at: int
    maker_kind: str
    maker_id: str
    maker_state: str | None
    maker_suspended: bool | None
    blocks: int
    last_used_at: int | None


def key_page(view: SqlView, org: str, query: KeyQuery, place: Place, *, size: int, now: int) -> Page[ListedKey]:
    """Return the page at `place` of the keys of `org` that `query` asks for."""
    found = {key.id: key for key in _keys(view, org) if _fits(key, query, now)}
    if query.roles or query.project:
        held = machine_roles(view, org, found, now)
        found = {id_: key for id_, key in found.items() if _has_role(_seen(held.get(id_, ()), org, query), query)}
    ordered = sorted(found.values(), key=partial(_order, query=query), reverse=query.sort.startswith("-"))
    page = cut([key.id for key in ordered], place, size)
    return page.of(_listed(view, org, [found[id_] for id_ in page.rows], query, now))


def listed_key(view: SqlView, org: str, key: str, *, visible: Collection[str] | None, now: int) -> ListedKey:
    """Return one key of `org` as the list of them shows it."""
    found = [each for each in _keys(view, org) if each.id == key]
    return _listed(view, org, found, KeyQuery(visible=visible), now)[0]


def keys_wanting_attention(view: SqlView, org: str, *, now: int, project: str = "") -> int:
    """Return how many keys of `org`, or of those on `project`, need a look."""
    found = [key.id for key in _keys(view, org) if _attention(key, now)]
    if project:
        held = machine_roles(view, org, found, now)
        found = [id_ for id_ in found if any(there.id == project for there in held.get(id_, ()))]
    return len(found)


def _keys(view: SqlView, org: str) -> list[_Key]:
    return [_Key(*row) for row in view.rows(_KEYS, {"org": org})]


def _fits(key: _Key, query: KeyQuery, now: int) -> bool:
    q = folded(query.q)
    return (q in folded(key.description) or q in folded(key.public_key)) and (
        not query.attention or bool(_attention(key, now))
    )


def _has_role(held: Iterable[RolesThere], query: KeyQuery) -> bool:
    there = [place for place in held if query.project in {"", place.id}]
    return any(not query.roles or role.role in query.roles for place in there for role in place.roles)


def _seen(places: Iterable[RolesThere], org: str, query: KeyQuery) -> list[RolesThere]:
    """Return the places that the list may tell of: the organization, and such projects as are visible."""
    return [place for place in places if query.visible is None or place.id == org or place.id in query.visible]


def _order(key: _Key, query: KeyQuery) -> tuple[int, str, str]:
    used = key.last_used_at or 0
    return used if query.sort.endswith("used") else 0, folded(key.description or key.public_key), key.id


def _attention(key: _Key, now: int) -> tuple[Attention, ...]:
    found: list[Attention] = [*maker_trouble(key.maker_kind, key.maker_state, suspended=bool(key.maker_suspended))]
    if not key.blocks:
        found.append("any_address")
    elif key.last_used_at is None and key.created_at < now - SETTLED:
        found.append("never_used")
    return tuple(found)


def _listed(view: SqlView, org: str, keys: Sequence[_Key], query: KeyQuery, now: int) -> list[ListedKey]:
    ids = [key.id for key in keys]
    held = machine_roles(view, org, ids, now)
    makers = actors(view, {(key.maker_kind, key.maker_id) for key in keys})
    rows = view.rows(_BLOCKS, {"ids": json.dumps(ids), "shown": _SHOWN})
    blocks = {id_: (tuple(json.loads(shown)), used or "") for id_, shown, used in rows}
    found = []
    for key in keys:
        places = _seen(held.get(key.id, ()), org, query)
        shown, used_from = blocks[key.id]
        found.append(
            ListedKey(
                key.id, key.description, key.public_key, key.created_at, makers[key.maker_kind, key.maker_id],
                _attention(key, now), tuple(role for place in places if place.id == org for role in place.roles),
                tuple(place for place in places if place.id != org), shown, key.blocks - len(shown),
                key.last_used_at, used_from,
            )
        )  # fmt: skip
    return found

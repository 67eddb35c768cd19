"""The list of API keys, of an organization or a project: its filters, its order, and the file of it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, get_args

from orgward.console.frame.declaration import Batch
from orgward.console.frame.page import Page, Values
from orgward.console.listing.given import last_of
from orgward.console.listing.keys_shown import key_shown, projects_seen
from orgward.console.listing.machine_lists import BATCH, SIZE, machine_listing
from orgward.kernel.instants import rfc3339
from orgward.store.reads.key_list import KeyQuery, KeySort, ListedKey, key_page, keys_wanting_attention
from orgward.store.reads.keyset import START, place_of

KEY_COLUMNS: Final = (
    "id", "desc", "publicKey", "roles", "groupRoles", "accessList", "attention", "createdBy", "createdAt", "lastUsed",
)  # fmt: skip

_SORTS: Final[Mapping[str, KeySort]] = {sort: sort for sort in get_args(KeySort)}

Menu = Callable[[Page, ListedKey], Sequence[Mapping[str, Any] | None]]


def _query(page: Page, values: Values | None = None) -> KeyQuery:
    """Return what the address asks for, or a form that carries the same filters."""
    given = page.asked.query if values is None else values
    return KeyQuery(
        q=last_of(given, "q"),
        roles=[role for role in given.get("role", ()) if role],
        project=page.resource.project or last_of(given, "project"),
        attention=bool(last_of(given, "attention")),
        visible=projects_seen(page),
        sort=_SORTS.get(last_of(given, "sort"), "name"),
    )


def keys_matching(page: Page, values: Values, *, most: int) -> list[str]:
    """Return the ids of up to `most` keys that the filters in `values` find."""
    query, org = _query(page, values), page.resource.org or ""
    return [key.id for key in key_page(page.view, org, query, START, size=most, now=page.now).rows]


def key_listing(page: Page, menu: Menu) -> dict[str, Any]:
    """Return the page of the list that the address names, its filters, and what may be done about each key."""
    query, org = _query(page), page.resource.org or ""
    place = place_of(page.one("after"))
    part = key_page(page.view, org, query, place or START, size=SIZE, now=page.now)
    project = page.resource.project or ""
    return {
        **machine_listing(page, query, part, place, seen=query.visible),
        "rows": [{**key_shown(page, key), "menu": menu(page, key)} for key in part.rows],
        "n_attention": keys_wanting_attention(page.view, org, now=page.now, project=project),
    }


def key_batch(page: Page, after: str | None) -> Batch:
    """Return some lines of the file of the list, as it is filtered."""
    place = place_of(after or "") or START
    part = key_page(page.view, page.resource.org or "", _query(page), place, size=BATCH, now=page.now)
    return Batch([_line(page, key) for key in part.rows], part.after.text if part.after else None)


def _line(page: Page, key: ListedKey) -> Sequence[Any]:
    shown = key_shown(page, key)
    on = [f"{each.name}={role.role}" for each in key.projects for role in each.roles]
    addresses = [entry["ip"] or entry["cidr"] for entry in page.view.find("api_key_access", key_id=key.id)]
    used = rfc3339(key.last_used_at) if key.last_used_at else None
    return (
        key.id, key.description, key.public_key, " ".join(role.role for role in key.roles), "; ".join(on),
        " ".join(addresses), " ".join(key.attention), shown["maker"], rfc3339(key.created_at), used,
    )  # fmt: skip

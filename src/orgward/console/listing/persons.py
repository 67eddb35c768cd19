"""People and whoever else acts, as rows of lists name them: what they are called, and since when something stands."""

from typing import Any

from orgward.console.frame.page import Page
from orgward.console.frame.shell import initials
from orgward.console.frame.words import Words
from orgward.console.listing.naming import actor_named, full_name
from orgward.store.origins import joined
from orgward.store.view import SqlView


def person_of(view: SqlView, words: Words, user: str, *, by_address: bool = False) -> dict[str, Any]:
    """Return what a person is called: name, address and initials; whoever was erased has no name left.

    Somebody who was invited is their address alone: what they are called elsewhere is for them to say.
    """
    row = view.get("person_data", user)
    if row is None:
        return {"id": user, "name": words("shared.actor_erased"), "address": "", "initials": ""}
    name = str(row["username"]) if by_address else full_name(row)
    second = "" if name == row["username"] else row["username"]
    return {"id": user, "name": name, "address": second, "initials": initials(name)}


def origin_of(page: Page, table: str, *key: str) -> dict[str, Any]:
    """Return when the row came to be and by whom; nothing of either where nobody knows."""
    row = page.view.get("origins", table, joined(key))
    if row is None:
        return {"at": None, "by": ""}
    return {"at": row["at"], "by": actor_named(page.view, page.t, row["actor_kind"], row["actor_id"])}

"""People: who an address belongs to, and accounts that begin with an address alone, or are vouched for.

Addresses and names stand in the sealed rows of `person_data` only.
"""

from typing import Final

from orgward.directory.ground import Ground, Row, View, put
from orgward.directory.names import username, username_key
from orgward.kernel.delta import Delta

UNKNOWN_COUNTRY: Final = "ZZ"
"""The code that ISO 3166 leaves to its users, for somebody who has not named a country."""


def user_of(view: View, address: str) -> str | None:
    """Return the user whose username is `address`, after NFKC and casefold, None if there is none."""
    rows = view.find("person_data", username_key=username_key(address))
    return str(rows[0]["id"]) if rows else None


def username_of(view: View, user: str) -> str:
    """Return the address of `user`, empty if nobody is known by that id."""
    person = view.get("person_data", user)
    return "" if person is None else str(person["username"])


def has_account(view: View, user: str) -> bool:
    """Say whether `user` has an account, and not only an invitation."""
    row = view.get("users", user)
    return row is not None and row["account_at"] is not None


def find_or_make(ground: Ground, address: str) -> tuple[str, list[Delta]]:
    """Return the user of `address` and the deltas that make one, without an account, if nobody has it."""
    checked = username(address)
    found = user_of(ground.view, checked)
    if found is not None:
        return found, []
    user = ground.mint.id()
    deltas = [
        put(
            "users", user, id=user, created_at=ground.now, account_at=None, proven_at=None, last_auth_at=None,
        ),
        put(
            "person_data", user, id=user, username=checked, username_key=username_key(checked), first_name="",
            last_name="", country=UNKNOWN_COUNTRY, salt=ground.mint.salt(),
        ),
    ]  # fmt: skip
    return user, deltas


def vouch(ground: Ground, address: str) -> tuple[str, list[Delta]]:
    """Return the user of `address` and the deltas after which they have an account with a proven address."""
    user, deltas = find_or_make(ground, address)
    row = ground.view.get("users", user) or next(d.row for d in deltas if d.table == "users") or {}
    if row["account_at"] is None:
        deltas.append(put("users", user, **with_account(row, ground.now)))
    return user, deltas


def with_account(row: Row, now: int) -> Row:
    """Return the row of `users` with an account and a proven address, from `now` on if not since before."""
    return {**row, "account_at": row["account_at"] or now, "proven_at": row["proven_at"] or now}

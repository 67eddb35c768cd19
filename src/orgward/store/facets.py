"""Facets: by what the members of an organization are sorted, searched and filtered, kept with the rows it follows from.

Each stands under its organization, so that a list of a hundred thousand members is read along it. Personal values
stand there, too, and go with the rows that they were read from.

- `name`: first and last name as they are sorted; the address of whoever has none, or has not joined: what somebody is
  called elsewhere is not told to who invites them
- `last`: the last name, where a first name stands before it
- `address`: the address, of people who declined, too
- `seen`: when somebody signed in last; of somebody invited nothing, which sorts before never
- `factor`: each kind of second factor that a member can sign in with, or `none`
- `state`: `suspended`, of whoever is
"""

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from orgward.kernel.delta import Delta
from orgward.store.folding import folded
from orgward.store.view import SqlView

FACETED: Final = frozenset({"members", "person_data", "users", "second_factors"})
"""The tables that facets follow from."""

INVITED: Final = ""
"""The value of `seen` of somebody who has not joined yet."""

_ROWS: Final = (
    "SELECT m.org_id, m.user_id, m.state, m.suspended, p.username, p.first_name, p.last_name, u.last_auth_at,"
    " (SELECT group_concat(DISTINCT f.kind) FROM second_factors AS f"
    " WHERE f.user_id = m.user_id AND f.is_active AND f.kind IN ('totp', 'passkey'))"
    " FROM members AS m LEFT JOIN users AS u ON u.id = m.user_id LEFT JOIN person_data AS p ON p.id = m.user_id"
)
_KEPT: Final = "SELECT org_id, facet, value, user_id FROM member_facets WHERE"
_INSERT: Final = "INSERT INTO member_facets (org_id, facet, value, user_id) VALUES (?, ?, ?, ?)"
_DELETE: Final = "DELETE FROM member_facets WHERE org_id = ? AND facet = ? AND value = ? AND user_id = ?"

Facet = tuple[str, str, str, str]
"""A row of facets: organization, facet, value, user."""


class Touched(NamedTuple):
    """Whose facets have to be looked at again: in one organization, or in all of theirs."""

    user: str
    org: str | None = None


class _Member(NamedTuple):
    org: str
    user: str
    state: str
    suspended: bool
    username: str | None
    first_name: str | None
    last_name: str | None
    last_auth_at: int | None
    factors: str | None


def touched_by(view: SqlView, delta: Delta) -> Touched:
    """Return whose facets `delta`, of one of the tables FACETED, changes; `view` has not seen it yet."""
    if delta.table == "members":
        return Touched(delta.key[1], delta.key[0])
    if delta.table == "second_factors":
        row = delta.row or view.get(delta.table, *delta.key) or {}
        return Touched(row.get("user_id", ""))
    return Touched(delta.key[0])


def refresh(connection: sqlite3.Connection, touched: Iterable[Touched]) -> None:
    """Make the facets of everybody `touched` follow from the rows as they are now."""
    asked = set(touched)
    for who in asked:
        if who.org is None or Touched(who.user) not in asked:
            _refresh_one(connection, who)


def _refresh_one(connection: sqlite3.Connection, who: Touched) -> None:
    given = {"user": who.user, "org": who.org}
    rows = connection.execute(f"{_ROWS} WHERE {_within('m.', who)}", given).fetchall()
    wanted = {facet for row in rows for facet in facets_of(row)}
    kept = set(connection.execute(f"{_KEPT} {_within('', who)}", given).fetchall())
    connection.executemany(_DELETE, kept - wanted)
    connection.executemany(_INSERT, wanted - kept)


def _within(alias: str, who: Touched) -> str:
    return f"{alias}user_id = :user" + ("" if who.org is None else f" AND {alias}org_id = :org")


def facets_of(row: tuple[Any, ...]) -> Iterator[Facet]:
    """Yield the facets of a member."""
    member = _Member(*row)
    for facet, value in _values(member):
        yield member.org, facet, value, member.user


def _values(member: _Member) -> Iterator[tuple[str, str]]:
    if member.username is not None:
        yield "address", folded(member.username)
        if member.state == "active":
            yield from _names(member.username, member.first_name or "", member.last_name or "")
    if member.state == "pending":
        yield "name", folded(member.username or "")
        yield "seen", INVITED
    if member.state == "active":
        yield "seen", seen(member.last_auth_at or 0)
        yield from (("factor", kind) for kind in (member.factors or "none").split(","))
    if member.suspended:
        yield "state", "suspended"


def _names(username: str, first: str, last: str) -> Iterator[tuple[str, str]]:
    yield "name", folded(f"{first} {last}") or folded(username)
    if folded(first) and folded(last):
        yield "last", folded(last)


def seen(at: int) -> str:
    """Return the value of `seen` of somebody who signed in at `at`, 0 for never."""
    return f"{at:015d}"


def fill(connection: sqlite3.Connection) -> None:
    """Make the facets of everybody who has none yet."""
    rows = connection.execute(_ROWS)
    added = _INSERT.replace("INSERT", "INSERT OR IGNORE", 1)
    connection.executemany(added, (facet for row in rows for facet in facets_of(row)))

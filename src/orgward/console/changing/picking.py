"""What a form finds to choose from, on the server: never everything at once, and never without what is chosen."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final

from orgward.console.frame.page import Posted
from orgward.store.folding import folded
from orgward.store.reads.keyset import START, Place
from orgward.store.reads.member_filters import FEWEST_LETTERS, MemberQuery
from orgward.store.reads.member_list import member_page
from orgward.store.reads.member_rows import Member, member_rows
from orgward.store.view import Row, SqlView

MOST_FOUND: Final = 20
_PAGE: Final = 100
_MOST_PAGES: Final = 10
"""How far a search looks for people who are not left out: of a thousand who are, another word finds the next one."""

FIND: Final = "find"
"""The value of `do` with which a form searches, and changes nothing."""


@dataclass(frozen=True, slots=True)
class FoundTeams:
    """Teams to choose from, and how many more there are."""

    rows: Sequence[Row]
    n_more: int


@dataclass(frozen=True, slots=True)
class FoundPeople:
    """People to choose from; `has_more` says that the search finds further ones."""

    rows: Sequence[Member]
    has_more: bool


def is_finding(posted: Posted) -> bool:
    """Say whether the form was sent to search."""
    return posted.one("do") == FIND


def found_teams(view: SqlView, org: str, q: str, *, always: Collection[str] = ()) -> FoundTeams:
    """Return the teams of `always`, and the first by name of those whose name holds `q`: an organization has few."""
    rows = sorted(view.find("teams", org_id=org), key=lambda row: folded(row["name"]))
    fitting = [row for row in rows if row["id"] not in always and folded(q) in folded(row["name"])]
    shown = {row["id"] for row in fitting[:MOST_FOUND]} | {*always}
    return FoundTeams([row for row in rows if row["id"] in shown], max(0, len(fitting) - MOST_FOUND))


def found_people(
    view: SqlView,
    org: str,
    q: str,
    now: int,
    *,
    always: Sequence[str] = (),
    without: Callable[[str], bool] = lambda _: False,
) -> FoundPeople:
    """Return the people of `always`, and the first whose name or address begins with `q`, but for those `without`."""
    chosen = member_rows(view, org, always, now)
    if len(folded(q)) < FEWEST_LETTERS:
        return FoundPeople(chosen, has_more=False)
    new: list[Member] = []
    place: Place | None = START
    for _ in range(_MOST_PAGES):
        if place is None or len(new) > MOST_FOUND:
            break
        found = member_page(view, org, MemberQuery(q=q), place, size=_PAGE, now=now)
        new += [member for member in found.rows if member.user_id not in always and not without(member.user_id)]
        place = found.after
    return FoundPeople([*chosen, *new[:MOST_FOUND]], has_more=len(new) > MOST_FOUND or place is not None)

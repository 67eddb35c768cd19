"""Invitations of an organization or project as the console lists them: the newest first, by what became of them.

A list is merged from streams, one a state, each of which lies along an index in the order of its invitations. Those of
whom a filter finds few are read and sorted instead. Cancelled ones are in no list.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final, NamedTuple

from orgward.store.folding import AFTER_ALL, folded
from orgward.store.reads.actors import Actor, actors
from orgward.store.reads.invitation_rows import ListedInvitation, invitation_rows
from orgward.store.reads.invitation_tabs import InvitationTab, InvitationTabs, invitation_tabs
from orgward.store.reads.keyset import Entry, Page, Place, chunked, cut, walked
from orgward.store.reads.member_filters import FEWEST_LETTERS
from orgward.store.view import SqlView

FEW: Final = 3_000
"""How many are still sorted, and counted where there is no counter."""

_MOST_ADDRESSES: Final = 12_000
_SPARSE: Final = 200
_IS_FAILED: Final = "EXISTS (SELECT 1 FROM undelivered AS f WHERE f.invitation_id = i.id)"
_STATES: Final[Mapping[InvitationTab, tuple[str, ...]]] = {
    "all": ("pending", "declined", "accepted"),
    "declined": ("declined",),
    "accepted": ("accepted",),
}
_TERMS: Final[Mapping[InvitationTab, str]] = {
    "pending": f"i.expires_at > :now AND NOT {_IS_FAILED}",
    "expired": f"i.expires_at <= :now AND NOT {_IS_FAILED}",
    "failed": _IS_FAILED,
}
_ADDRESS: Final = "f.org_id = :org AND f.facet = 'address' AND f.value >= :q AND f.value < :q_end"
_ADDRESSED: Final = f"EXISTS (SELECT 1 FROM member_facets AS f WHERE f.user_id = i.user_id AND {_ADDRESS})"
_HANGS_ON: Final = (
    "j.project_id = :project AND j.user_id = i.user_id AND j.invitation_id = i.id"
    " AND j.state = CASE i.state WHEN 'declined' THEN 'rejected' ELSE i.state END"
)
_TO_PROJECT: Final = (
    f"(EXISTS (SELECT 1 FROM project_members AS j WHERE {_HANGS_ON})"
    " OR (i.project_id = :project AND i.state = 'accepted'))"
)
_INVITERS: Final = (
    "WITH RECURSIVE h(kind, id) AS (SELECT inviter_kind, inviter_id FROM invitations WHERE rowid = ({first})"
    " UNION ALL SELECT i.inviter_kind, i.inviter_id FROM h CROSS JOIN invitations AS i ON i.rowid = ({next}) LIMIT 50)"
    " SELECT kind, id FROM h"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationQuery:
    """Which invitations are asked for: by tab, by the beginning of the address, by inviter, to a project."""

    tab: InvitationTab = "all"
    q: str = ""
    inviter: str = ""
    project: str = ""


class _Stream(NamedTuple):
    """Invitations `i` in their order: where they are read, and the column by which they are ordered."""

    source: str
    order: str


def invitation_page(
    view: SqlView, org: str, query: InvitationQuery, place: Place, *, size: int, now: int
) -> Page[ListedInvitation]:
    """Return the page at `place` of the invitations to `org` that `query` asks for."""
    page = InvitationListing(view, org, query, now).page(place, size)
    return page.of(invitation_rows(view, page.rows, now))


def inviters(view: SqlView, org: str) -> list[Actor]:
    """Return who has invited anybody to `org`, by name; of very many some."""
    one = "SELECT rowid FROM invitations WHERE org_id = :org{} ORDER BY inviter_id LIMIT 1"
    sql = _INVITERS.format(first=one.format(""), next=one.format(" AND inviter_id > h.id"))
    found = actors(view, [(kind, id_) for kind, id_ in view.rows(sql, {"org": org})])
    return sorted(found.values(), key=lambda actor: (folded(actor.label), actor.id))


class InvitationListing:
    """The ids of the invitations that a query asks for, the newest first."""

    def __init__(self, view: SqlView, org: str, query: InvitationQuery, now: int) -> None:
        """Read through `view`."""
        self._view = view
        self._query = query
        q = folded(query.q) if len(folded(query.q)) >= FEWEST_LETTERS else ""
        self._values: dict[str, Any] = {
            "org": org, "now": now, "q": q, "q_end": q + AFTER_ALL, "inviter": query.inviter, "project": query.project,
        }  # fmt: skip

    def page(self, place: Place, size: int) -> Page[str]:
        """Return the page at `place`."""
        if self._collected is not None:
            return cut(self._collected, place, size)
        return walked(self._walk, replace(place, key=place.id or None), size, self._total)

    def chunks(self) -> Iterator[Sequence[str]]:
        """Return all of them, some at a time."""
        return chunked(self.page)

    @cached_property
    def _conditions(self) -> str:
        """Return what has to hold of an invitation `i` besides its state."""
        term = _TERMS.get(self._query.tab)
        conditions = [term] if term else []
        conditions += ["i.inviter_id = :inviter"] if self._query.inviter else []
        conditions += [_ADDRESSED] if self._values["q"] else []
        return "".join(f" AND {condition}" for condition in conditions)

    @property
    def _states(self) -> tuple[str, ...]:
        return _STATES.get(self._query.tab, ("pending",))

    @cached_property
    def _tabs(self) -> InvitationTabs:
        return invitation_tabs(self._view, self._values["org"], self._values["now"], project=self._query.project)

    # -- few: collected and sorted

    @cached_property
    def _collected(self) -> list[str] | None:
        """Return all that are asked for, the newest first, None if they are too many for that."""
        if self._values["q"]:
            sql = (
                f"SELECT COUNT(*) FROM (SELECT 1 FROM member_facets AS f WHERE {_ADDRESS} LIMIT {_MOST_ADDRESSES + 1})"
            )
            is_many = self._view.rows(f"{sql} AS h", self._values)[0][0] > _MOST_ADDRESSES
            source = None if is_many else self._addressed
        else:
            source = self._waiting if self._is_sparse else None
        if source is None:
            return None
        found = self._view.rows(f"SELECT i.id FROM {source}{self._conditions}", self._values)
        return sorted((id_ for (id_,) in found), reverse=True)

    @property
    def _addressed(self) -> str:
        """Return the invitations to addresses that are searched for."""
        states = ", ".join(f"'{state}'" for state in self._states)
        return (
            f"(SELECT f.user_id FROM member_facets AS f WHERE {_ADDRESS}) AS h CROSS JOIN invitations AS i"
            f" ON i.org_id = :org AND i.user_id = h.user_id AND +i.state IN ({states})"
            f" WHERE {_TO_PROJECT if self._query.project else 'TRUE'}"
        )

    @property
    def _is_sparse(self) -> bool:
        """Say whether few of very many can still be accepted, or few cannot."""
        if self._query.tab not in {"pending", "expired"} or self._query.inviter:
            return False
        number = self._tabs.pending if self._query.tab == "pending" else self._tabs.expired
        return number <= FEW and number * _SPARSE < self._tabs.pending + self._tabs.expired

    @property
    def _waiting(self) -> str:
        """Return the open invitations, along the index of when they end."""
        ends = ">" if self._query.tab == "pending" else "<="
        if self._query.project:
            return (
                "project_members AS j CROSS JOIN invitations AS i ON i.id = j.invitation_id"
                f" WHERE j.project_id = :project AND j.state = 'pending' AND j.expires_at {ends} :now"
            )
        return f"invitations AS i WHERE i.org_id = :org AND i.state = 'pending' AND i.expires_at {ends} :now"

    # -- many: merged from streams

    @property
    def _streams(self) -> list[_Stream]:
        if self._query.tab != "failed":
            return [self._of(state) for state in self._states]
        on = f" CROSS JOIN project_members AS j ON {_HANGS_ON}" if self._query.project else ""
        source = f"undelivered AS u CROSS JOIN invitations AS i ON i.id = u.invitation_id{on} WHERE u.org_id = :org"
        return [_Stream(f"{source} AND i.state = 'pending'", "u.invitation_id")]

    def _of(self, state: str) -> _Stream:
        if self._query.project and state == "accepted":
            return _Stream("invitations AS i WHERE i.project_id = :project AND i.state = 'accepted'", "i.id")
        if self._query.project:
            shown = "rejected" if state == "declined" else state
            return _Stream(
                "project_members AS j CROSS JOIN invitations AS i ON i.id = j.invitation_id"
                f" WHERE j.project_id = :project AND j.state = '{shown}' AND j.invitation_id IS NOT NULL",
                "j.invitation_id",
            )
        by = " AND i.inviter_id = :inviter" if self._query.inviter else ""
        return _Stream(f"invitations AS i WHERE i.org_id = :org{by} AND i.state = '{state}'", "i.id")

    def _walk(self, beyond: Entry | None, *, backwards: bool, limit: int) -> list[Entry]:
        order, further = ("ASC", ">") if backwards else ("DESC", "<")
        given = {**self._values, "beyond": beyond[1] if beyond else AFTER_ALL, "limit": limit}
        found = []
        for source, column in self._streams:
            sql = (
                f"SELECT {column} FROM {source} AND {column} {further} :beyond{self._conditions}"
                f" ORDER BY {column} {order} LIMIT :limit"
            )
            found += [id_ for (id_,) in self._view.rows(sql, given)]
        return [(id_, id_) for id_ in sorted(found, reverse=not backwards)[:limit]]

    @property
    def _total(self) -> int | None:
        if self._values["q"]:
            return None
        if not self._query.inviter:
            return int(getattr(self._tabs, self._query.tab))
        total = 0
        for source, _ in self._streams:
            sql = f"SELECT COUNT(*) FROM (SELECT 1 FROM {source}{self._conditions} LIMIT {FEW + 1}) AS h"
            total += self._view.rows(sql, self._values)[0][0]
        return total if total <= FEW else None

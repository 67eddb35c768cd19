"""Members as lists show them: each with its roles, teams, projects and second factors, a page at once."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from orgward.directory.invitation_parts import parts_of
from orgward.kernel.instants import FOREVER
from orgward.store.reads.member_filters import State
from orgward.store.view import SqlView

_ROWS: Final = (
    "SELECT m.user_id, p.username, p.first_name, p.last_name, m.state, m.suspended, m.created_at, m.expires_at,"
    " m.invitation_id, u.last_auth_at, i.parts,"
    " (SELECT COUNT(*) FROM team_members AS t WHERE t.org_id = :org AND t.user_id = m.user_id),"
    " (SELECT COUNT(*) FROM project_members AS j"
    " WHERE j.org_id = :org AND j.user_id = m.user_id AND j.state = 'active'),"
    " (SELECT group_concat(f.value) FROM member_facets AS f"
    " WHERE f.user_id = m.user_id AND f.org_id = :org AND f.facet = 'factor')"
    " FROM json_each(:ids) AS v CROSS JOIN members AS m ON m.org_id = :org AND m.user_id = v.value"
    " LEFT JOIN person_data AS p ON p.id = m.user_id LEFT JOIN users AS u ON u.id = m.user_id"
    " LEFT JOIN invitations AS i ON i.id = m.invitation_id"
)
_ROLES: Final = (
    "SELECT a.holder_id, a.role, a.starts, a.ends, a.mapped FROM json_each(:ids) AS v"
    " CROSS JOIN assignments AS a ON a.holder_id = v.value AND a.scope_id = :scope"
    " WHERE a.ends > :now ORDER BY a.holder_id, a.role"
)


@dataclass(frozen=True, slots=True)
class Held:
    """A role and its bounds; `ends` None for one without an end. It may begin later, and be `mapped` (rule 97)."""

    role: str
    starts: int = 0
    ends: int | None = None
    mapped: bool = False


@dataclass(frozen=True, slots=True)
class Member:
    """A member of an organization as its lists show them.

    Somebody invited has the `roles` and `projects` that the invitation brings, and `expires_at`. Of a member `projects`
    counts those that they were added to themselves. `factors` is empty for somebody invited, too.
    """

    user_id: str
    username: str
    first_name: str
    last_name: str
    state: State
    roles: tuple[Held, ...]
    teams: int
    projects: int
    factors: tuple[str, ...]
    last_auth_at: int | None
    created_at: int
    invitation_id: str | None
    expires_at: int | None

    @property
    def name(self) -> str:
        """Return the name, the address of whoever has none, nothing of whoever was erased."""
        return f"{self.first_name} {self.last_name}".strip() or self.username


def member_rows(view: SqlView, org: str, ids: Sequence[str], now: int) -> list[Member]:
    """Return the members `ids` of `org`, in this order; whoever is none is left out."""
    held = roles_held(view, org, ids, now)
    rows = view.rows(_ROWS, {"org": org, "ids": json.dumps(list(ids))})
    found = {row[0]: _member(org, row, held.get(row[0], ())) for row in rows}
    return [found[user] for user in ids if user in found]


def roles_held(view: SqlView, scope: str, holders: Sequence[str], now: int) -> dict[str, tuple[Held, ...]]:
    """Return the roles at `scope` of each of `holders` that have not ended."""
    found: dict[str, tuple[Held, ...]] = {}
    rows = view.rows(_ROLES, {"ids": json.dumps(list(holders)), "scope": scope, "now": now})
    for holder, role, starts, ends, mapped in rows:
        held = Held(role, starts, None if ends == FOREVER else ends, bool(mapped))
        found[holder] = (*found.get(holder, ()), held)
    return found


def _member(org: str, row: tuple[Any, ...], held: tuple[Held, ...]) -> Member:
    user, username, first, last, state, suspended, created, expires, invitation, seen, parts, *counted = row
    teams, projects, factors = counted
    if state == "pending":
        brought = parts_of({"parts": parts}) if parts else []
        held = tuple(Held(role) for role in sorted({role for part in brought if part.id == org for role in part.roles}))
        projects = len({part.id for part in brought if part.scope == "project"})
    return Member(
        user, username or "", first or "", last or "", "suspended" if suspended else state, held, teams, projects,
        tuple(kind for kind in (factors or "").split(",") if kind not in {"", "none"}),
        seen, created, invitation, expires,
    )  # fmt: skip

"""Invitations as lists show them: to whom, by whom, what became of them, and what they bring."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

from orgward.directory.invitation_parts import Part, parts_of
from orgward.store.reads.actors import Actor, actors
from orgward.store.view import SqlView

InvitationState = Literal["pending", "expired", "failed", "declined", "accepted", "cancelled"]

_ROWS: Final = (
    "SELECT i.id, i.org_id, i.project_id, i.user_id, i.state, i.created_at, i.expires_at, i.inviter_kind, i.inviter_id,"
    " i.parts, p.username, p.first_name, p.last_name, u.reason, u.failed_at"
    " FROM json_each(:ids) AS v CROSS JOIN invitations AS i ON i.id = v.value"
    " LEFT JOIN person_data AS p ON p.id = i.user_id LEFT JOIN undelivered AS u ON u.invitation_id = i.id"
)
_NAMES: Final = (
    "SELECT n.id, n.name FROM json_each(:ids) AS v CROSS JOIN projects AS n ON n.id = v.value"
    " UNION ALL SELECT n.id, n.name FROM json_each(:ids) AS v CROSS JOIN teams AS n ON n.id = v.value"
)


@dataclass(frozen=True, slots=True)
class Brought:
    """A project with the roles that an invitation gives there, or a team, which gives its own."""

    id: str
    name: str
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ListedInvitation:
    """An invitation; `project_id` names the only project that it is to, `reason` why no mail reached the address.

    Whoever was erased has no address.
    """

    id: str
    org_id: str
    project_id: str | None
    user_id: str
    address: str
    name: str
    state: InvitationState
    sent_at: int
    expires_at: int
    roles: tuple[str, ...]
    projects: tuple[Brought, ...]
    teams: tuple[Brought, ...]
    inviter: Actor
    reason: str
    failed_at: int | None


class _Row(NamedTuple):
    id: str
    org_id: str
    project_id: str | None
    user_id: str
    state: InvitationState
    created_at: int
    expires_at: int
    inviter_kind: str
    inviter_id: str
    parts: str
    username: str | None
    first_name: str | None
    last_name: str | None
    reason: str | None
    failed_at: int | None


def invitation_rows(view: SqlView, ids: Sequence[str], now: int) -> list[ListedInvitation]:
    """Return the invitations `ids`, in this order."""
    rows = {row[0]: _Row(*row) for row in view.rows(_ROWS, {"ids": json.dumps(list(ids))})}
    brought = {id_: parts_of({"parts": row.parts}) for id_, row in rows.items()}
    names = _names(view, (part.id for parts in brought.values() for part in parts))
    inviters = actors(view, {(row.inviter_kind, row.inviter_id) for row in rows.values()})
    return [_listed(rows[id_], brought[id_], names, inviters, now) for id_ in ids if id_ in rows]


def _names(view: SqlView, ids: Iterable[str]) -> Mapping[str, str]:
    return dict(view.rows(_NAMES, {"ids": json.dumps(sorted({*ids}))}))


def _listed(
    row: _Row, parts: Sequence[Part], names: Mapping[str, str], inviters: Mapping[Any, Actor], now: int
) -> ListedInvitation:
    return ListedInvitation(
        id=row.id, org_id=row.org_id, project_id=row.project_id, user_id=row.user_id, address=row.username or "",
        name=f"{row.first_name or ''} {row.last_name or ''}".strip(), state=_state(row, now), sent_at=row.created_at,
        expires_at=row.expires_at, roles=_roles(parts, row.org_id),
        projects=_brought(parts, "project", names), teams=_brought(parts, "team", names),
        inviter=inviters[row.inviter_kind, row.inviter_id], reason=row.reason or "", failed_at=row.failed_at,
    )  # fmt: skip


def _state(row: _Row, now: int) -> InvitationState:
    if row.state != "pending":
        return row.state
    if row.failed_at is not None:
        return "failed"
    return "pending" if row.expires_at > now else "expired"


def _roles(parts: Sequence[Part], scope: str) -> tuple[str, ...]:
    return tuple(sorted({role for part in parts if part.id == scope for role in part.roles}))


def _brought(parts: Sequence[Part], kind: str, names: Mapping[str, str]) -> tuple[Brought, ...]:
    ids = dict.fromkeys(part.id for part in parts if part.scope == kind)
    return tuple(Brought(id_, names.get(id_, ""), _roles(parts, id_)) for id_ in ids)

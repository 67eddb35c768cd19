"""What somebody is to a project: whether they were added to it, in which state, and with which roles of their own."""

from collections.abc import Sequence
from dataclasses import dataclass

from orgward.directory.invitation_parts import parts_of
from orgward.kernel.instants import FOREVER
from orgward.store.reads.member_rows import Held
from orgward.store.view import Row, SqlView


@dataclass(frozen=True, slots=True)
class Standing:
    """Somebody's standing on a project; `roles` are direct ones, of somebody invited those that they will get.

    Roles that have ended are among them, for they can be given anew or taken away. Whoever is here by a team or the
    organization alone `is_added` not. `expires` is when an invitation can be accepted no more.
    """

    user: str
    state: str
    is_added: bool
    roles: Sequence[Held]
    expires: int | None = None

    def current(self, now: int) -> list[Held]:
        """Return the roles that have not ended."""
        return [held for held in self.roles if held.ends is None or now < held.ends]


def standing_of(view: SqlView, org: str, project: str, user: str, now: int) -> Standing:
    """Return the standing of `user`, whom the organization or the project knows."""
    added, member = view.get("project_members", project, user), view.get("members", org, user)
    row = added if added is not None and added["state"] != "active" else member or added
    state = _state(row, member, now)
    if added is None:
        return Standing(user, state, is_added=False, roles=(), expires=row["expires_at"] if row else None)
    if added["state"] == "active":
        return Standing(user, state, is_added=True, roles=_held(view, project, user))
    return Standing(user, state, is_added=True, roles=_brought(view, project, added), expires=added["expires_at"])


def _state(row: Row | None, member: Row | None, now: int) -> str:
    if member is not None and member["suspended"]:
        return "suspended"
    if row is None or row["state"] == "active":
        return "active"
    if row["state"] == "pending":
        return "pending" if row["expires_at"] > now else "expired"
    return "declined"


def _held(view: SqlView, project: str, user: str) -> list[Held]:
    rows = view.find("assignments", holder_id=user, scope_id=project)
    return [
        Held(row["role"], row["starts"], row["ends"] if row["ends"] < FOREVER else None, row["mapped"]) for row in rows
    ]


def _brought(view: SqlView, project: str, added: Row) -> list[Held]:
    """Return the roles in the project that an invitation brings."""
    invitation = view.get("invitations", added["invitation_id"]) if added["invitation_id"] else None
    parts = parts_of(invitation) if invitation else []
    return [Held(role) for part in parts if part.id == project for role in part.roles]

"""Who was added to a project, whether or not a role of theirs is in force there, and who is invited to it."""

from typing import Final

from orgward.store.view import SqlView

_ADDED: Final = "SELECT user_id FROM project_members WHERE project_id = :project AND state = 'active'"
_INVITED: Final = (
    "SELECT user_id FROM project_members WHERE project_id = :project AND state = 'pending' AND expires_at > :now"
)


def added_people(view: SqlView, project: str) -> frozenset[str]:
    """Return the ids of the active members of `project`."""
    return frozenset(user for (user,) in view.rows(_ADDED, {"project": project}))


def invited_people(view: SqlView, project: str, now: int) -> frozenset[str]:
    """Return the ids of those who can still accept an invitation to `project`."""
    return frozenset(user for (user,) in view.rows(_INVITED, {"project": project, "now": now}))

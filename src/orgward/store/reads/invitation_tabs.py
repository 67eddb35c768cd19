"""How many invitations of an organization or project there are of each kind; none stands in two."""

from dataclasses import dataclass
from typing import Final, Literal

from orgward.store.reads.waiting import still_waiting
from orgward.store.view import SqlView

InvitationTab = Literal["all", "pending", "expired", "failed", "declined", "accepted"]

_FAILED: Final = (
    "SELECT COUNT(*), COUNT(CASE WHEN i.expires_at > :now THEN 1 END) FROM undelivered AS u"
    " CROSS JOIN invitations AS i ON i.id = u.invitation_id AND i.state = 'pending'{of_project} WHERE u.org_id = :org"
)
_OF_PROJECT: Final = (
    " CROSS JOIN project_members AS j"
    " ON j.project_id = :project AND j.user_id = i.user_id AND j.state = 'pending' AND j.invitation_id = i.id"
)
_ACCEPTED: Final = "SELECT COUNT(*) FROM invitations WHERE project_id = :project AND state = 'accepted'"


@dataclass(frozen=True, slots=True)
class InvitationTabs:
    """How many there are: that can be accepted, that ended first, that no mail reached, and that were answered."""

    all: int
    pending: int
    expired: int
    failed: int
    declined: int
    accepted: int


def invitation_tabs(view: SqlView, org: str, now: int, *, project: str = "") -> InvitationTabs:
    """Return how many invitations there are to `org`, or to its `project`."""
    given = {"org": org, "project": project, "now": now}
    if project:
        pending, declined = (
            view.count("project_members", project_id=project, state=state) for state in ("pending", "rejected")
        )
        accepted = int(view.rows(_ACCEPTED, given)[0][0])
        waiting = still_waiting(view, "project_members", project, now)
    else:
        pending, declined, accepted = (
            view.count("invitations", org_id=org, state=state) for state in ("pending", "declined", "accepted")
        )
        waiting = still_waiting(view, "invitations", org, now)
    failed, failed_waiting = view.rows(_FAILED.format(of_project=_OF_PROJECT if project else ""), given)[0]
    return InvitationTabs(
        all=pending + declined + accepted,
        pending=waiting - failed_waiting,
        expired=pending - waiting - (failed - failed_waiting),
        failed=failed,
        declined=declined,
        accepted=accepted,
    )

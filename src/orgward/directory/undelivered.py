"""Invitations whose message no server takes: noted until they are sent again, answered or withdrawn (rule 59)."""

from orgward.directory.ground import Change, Ground, drop, put
from orgward.directory.invitations import PENDING


def give_up(ground: Ground, message: str, reason: str) -> Change:
    """Take a message that was refused for good out of the outbox; `reason` names no address.

    Of an invitation that is still pending it is noted, for whoever sent it can do something about it.
    """
    row = ground.view.get("outbox", message)
    if row is None:
        return Change([], target=message)
    deltas = [drop("outbox", message)]
    invitation = ground.view.get("invitations", row["subject_id"]) if row["subject_id"] else None
    if invitation is not None and invitation["state"] == PENDING:
        noted = {"org_id": invitation["org_id"], "reason": reason, "failed_at": ground.now, "salt": ground.mint.salt()}
        deltas.append(put("undelivered", invitation["id"], invitation_id=invitation["id"], **noted))
    return Change(deltas, {"reason": reason}, target=message)

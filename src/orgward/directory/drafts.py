"""What forms keep for a while: drafts of changes that wait for their check, and marks of what is done only once."""

from typing import Final

from orgward.directory.ground import Change, Ground, drop, put
from orgward.kernel.errors import RefusedError

DRAFT_LIFE: Final = 30 * 60_000
"""How long a draft waits, in milliseconds."""

_MARK_LIFE: Final = 24 * 3_600_000
_MOST: Final = 20
_LONGEST: Final = 512 * 1024


def make_draft(ground: Ground, sealed_document: str) -> Change:
    """Keep a draft for the caller's session; its oldest one goes where there are too many."""
    if len(sealed_document) > _LONGEST:
        raise RefusedError("DRAFT_TOO_LARGE")
    made, person, session = ground.mint.id(), ground.principal.id, ground.principal.credential
    old = ground.view.keys("drafts", user_id=person, session_id=session)  # ids grow with time
    row = {"id": made, "user_id": person, "session_id": session, "sealed_document": sealed_document}
    deltas = [put("drafts", made, **row, expires_at=ground.now + DRAFT_LIFE, salt=ground.mint.salt())]
    deltas += [drop("drafts", *each) for each in old[: max(0, len(old) + 1 - _MOST)]]
    return Change(deltas, target=made)


def spend(ground: Ground, mark: str) -> Change:
    """Spend the mark of a form that is done only once; RefusedError if it was spent before."""
    if ground.view.get("used_once", mark) is not None:
        raise RefusedError("FORM_ALREADY_SENT")
    return Change([put("used_once", mark, hash=mark, expires_at=ground.now + _MARK_LIFE, salt=ground.mint.salt())])


def give_back(ground: Ground, mark: str) -> Change:
    """Let the form with `mark` be sent again, all of which was refused."""
    return Change([] if ground.view.get("used_once", mark) is None else [drop("used_once", mark)])

"""What identity providers say of people and teams beyond what Orgward acts on: kept sealed, in the organization alone.

It goes with the membership, the team, the organization, and the person.
"""

import json
from typing import Literal

from orgward.directory.ground import Ground, View, drop, put
from orgward.kernel.delta import Delta
from orgward.kernel.errors import RefusedError

Kind = Literal["User", "Group"]


def kept(ground: Ground, kind: Kind, id: str, external_id: str, document: str) -> list[Delta]:
    """Return the delta after which the provider's id and document of `id` are these; none if they are so already."""
    row = ground.view.get("provisioned", ground.org, id)
    said = {"kind": kind, "external_id": external_id, "document": document}
    if row is not None and said == {name: row[name] for name in said}:
        return []
    created = ground.now if row is None else row["created_at"]
    return [
        put(
            "provisioned", ground.org, id, org_id=ground.org, id=id, **said, created_at=created,
            updated_at=ground.now, salt=ground.mint.salt(),
        )
    ]  # fmt: skip


def is_held_back(view: View, org: str, user: str) -> bool:
    """Say whether the provider calls `user` inactive in `org`: they neither join nor come back meanwhile."""
    row = view.get("provisioned", org, user)
    return row is not None and json.loads(row["document"]).get("active") is False


def require_not_held_back(view: View, org: str, user: str | None) -> None:
    """Raise if the provider calls `user` inactive in `org`: nobody lets them in by hand before it says otherwise."""
    if user is not None and is_held_back(view, org, user):
        raise RefusedError("HELD_BACK_BY_DIRECTORY")


def forgotten(view: View, org: str, id: str) -> list[Delta]:
    """Return the deltas after which nothing is kept of the person or team `id` in `org`."""
    return [] if view.get("provisioned", org, id) is None else [drop("provisioned", org, id)]


def person_forgotten(view: View, user: str) -> list[Delta]:
    """Return the deltas after which no organization keeps anything of `user`."""
    return [drop("provisioned", *key) for key in view.keys("provisioned", id=user)]


def organization_forgotten(view: View, org: str) -> list[Delta]:
    """Return the deltas after which `org` keeps nothing of anybody."""
    return [drop("provisioned", *key) for key in view.keys("provisioned", org_id=org)]

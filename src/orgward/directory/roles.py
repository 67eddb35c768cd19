"""Which roles a request may name, and the assignments that record them."""

from collections.abc import Collection, Sequence

from orgward.catalog import EDITIONS, Edition
from orgward.directory.ground import Ground, Row, drop, put
from orgward.kernel.delta import Delta
from orgward.kernel.errors import RefusedError
from orgward.kernel.instants import FOREVER

MEMBER_ROLE = "ORG_MEMBER"
"""The organization role of whoever joins by way of a project (rule 37)."""


def organization_roles(edition: Edition, names: Sequence[str], org: str) -> list[str]:
    """Return `names` sorted and without repeats, if each is an organization role of `edition` (rules 3, 4, 11)."""
    return _checked(edition, names, "organization", org)


def project_roles(edition: Edition, names: Sequence[str], project: str) -> list[str]:
    """Return `names` sorted and without repeats, if each is a project role of `edition` (rules 3, 4, 11)."""
    return _checked(edition, names, "project", project)


def _checked(edition: Edition, names: Sequence[str], scope: str, scope_id: str) -> list[str]:
    for name in names:
        known = [e.roles[name].scope for e in (edition, *EDITIONS.values()) if name in e.roles]
        if known and scope not in known:
            raise RefusedError("CANNOT_ADD_ORG_ROLE" if scope == "project" else "CANNOT_ADD_GROUP_ROLE", name)
        if name not in edition.roles:
            code = "INVALID_ROLE_FOR_GROUP" if scope == "project" else "INVALID_ROLE_FOR_ORG"
            raise RefusedError(code, name, scope_id)
    if not names:
        raise RefusedError("NO_ROLES_IN_ASSIGNMENT")
    return sorted(set(names))


def assign(
    ground: Ground,
    kind: str,
    holder: str,
    scope: str,
    role: str,
    *,
    by_owner: bool,
    ends: int = FOREVER,
    mapped: bool = False,
) -> Delta:
    """Return the delta that gives `role` at `scope` to `holder`, from now on and until `ends`.

    A `mapped` role follows from a role mapping of the organization's federation (rule 97).
    """
    org = ground.facts.attribute("projects", scope) or scope
    return put(
        "assignments", holder, scope, role,
        holder_id=holder, scope_id=scope, role=role, holder_kind=kind, org_id=org,
        starts=0, ends=ends, added_by_owner=by_owner, mapped=mapped,
    )  # fmt: skip


def unassign(row: Row) -> Delta:
    """Return the delta that takes the assignment `row` away."""
    return drop("assignments", row["holder_id"], row["scope_id"], row["role"])


def replace_roles(
    ground: Ground,
    kind: str,
    holder: str,
    scope: str,
    roles: Sequence[str],
    *,
    by_owner: bool,
    ended: Collection[str] = (),
) -> list[Delta]:
    """Return the deltas after which `holder` has exactly `roles` at `scope`; a role that stays keeps its bounds.

    One that has ended is given anew, or nothing would come of naming it; of those, `ended` stay so.
    """
    held = {row["role"]: row for row in ground.view.find("assignments", holder_id=holder, scope_id=scope)}
    gone = [unassign(row) for role, row in held.items() if role not in roles]
    stays = {role for role, row in held.items() if role in ended or ground.now < row["ends"]}
    return gone + [assign(ground, kind, holder, scope, role, by_owner=by_owner) for role in roles if role not in stays]


def not_ended(ground: Ground, holder: str, scope: str) -> set[str]:
    """Return the roles of `holder` at `scope` in force or to come: who is given another one gets it anew."""
    rows = ground.view.find("assignments", holder_id=holder, scope_id=scope)
    return {row["role"] for row in rows if ground.now < row["ends"]}


def is_last(ground: Ground, holder: str, scope: str, role: str) -> bool:
    """Say whether `role` alone is in force of what `holder` has at `scope` (rule 6)."""
    rows = ground.view.find("assignments", holder_id=holder, scope_id=scope)
    return {row["role"] for row in rows if row["starts"] <= ground.now < row["ends"]} == {role}

"""Roles that people hold by the groups of their identity provider, kept as its mappings have it (rules 58, 95-99).

Somebody's groups are those of their last sign-in. What a mapping gives is an assignment like any other, but marked: it
comes and goes with the mapping, and nobody changes it by hand. A role that is held by hand stays so.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from orgward.catalog import ORGANIZATION_OWNER, PROJECT_OWNER
from orgward.directory.ground import Ground, Row, View, drop, put
from orgward.directory.guards import check_owner_left, guarded
from orgward.directory.invitations import (
    check_memberships,
    check_projects,
    check_room_in_organization,
    check_room_in_project,
)
from orgward.directory.mapping import Given, RoleMapping, roles_of
from orgward.directory.mapping_rows import mapping_of
from orgward.directory.members import departed
from orgward.directory.provisioned import is_held_back
from orgward.directory.roles import MEMBER_ROLE, assign, unassign
from orgward.directory.team_members import counts, is_active, waiting
from orgward.engine.layer import Overlay
from orgward.kernel.delta import Delta
from orgward.kernel.errors import RefusedError

_OWNERS: Final = frozenset({ORGANIZATION_OWNER, PROJECT_OWNER})
_OWNERLESS: Final = frozenset({"CANNOT_DEMOTE_LAST_ORG_OWNER", "CANNOT_DELETE_LAST_ADMIN"})
GROUPS_NOT_TOLD: Final = "GROUPS_NOT_TOLD"
"""What is warned of where a provider was silent on somebody's groups."""

_LONGEST_GROUP: Final = 200
_MOST_GROUPS: Final = 2_000


@dataclass(frozen=True, slots=True)
class Rules:
    """How the groups of an identity provider become roles in one organization; without a provider nothing does.

    `joins` says that who is given a role becomes a member by it (rule 58).
    """

    org: str
    provider: str | None
    mappings: tuple[RoleMapping, ...] = ()
    default_roles: frozenset[Given] = frozenset()
    joins: bool = True


@dataclass(frozen=True, slots=True)
class Held:
    """What somebody holds in one organization: by hand, by hand and not ended, and by mapping."""

    by_hand: frozenset[Given]
    lasting: frozenset[Given]
    mapped: frozenset[Given]


@dataclass(frozen=True, slots=True)
class Unapplied:
    """A sign-in left an organization, or who owns what there, as it was: the code of the rule that was against it."""

    code: str
    org: str


@dataclass(frozen=True, slots=True)
class Applied:
    """The deltas of a sign-in, and what it could not do."""

    deltas: list[Delta]
    warnings: list[Unapplied]


def rules_of(view: View, connected: Row) -> Rules:
    """Return the rules of the organization of a row of `connected_organizations`."""
    org, document = connected["org_id"], json.loads(connected["document"])
    mappings = [mapping_of(row) for row in view.find("role_mappings", org_id=org)]
    defaults = frozenset((org, role) for role in document["postAuthRoleGrants"])
    joins = not connected["instant_provisioning_disabled"]
    return Rules(org, connected["identity_provider_id"], tuple(mappings), defaults, joins)


def groups_of(view: View, provider: str | None, user: str) -> list[str]:
    """Return the groups that `provider` named at the last sign-in of `user`."""
    rows = view.find("identity_groups", user_id=user)
    return [row["external_group"] for row in rows if row["identity_provider_id"] == provider]


def holders_by_mapping(view: View, org: str) -> list[str]:
    """Return everybody who holds a role in `org` by mapping."""
    return sorted({row["holder_id"] for row in view.find("assignments", org_id=org, mapped=True)})


def recomputed(ground: Ground, rules: Rules, users: Iterable[str]) -> list[Delta]:
    """Return the deltas after which `users` hold what `rules` give them; RefusedError where a guard is against it."""
    deltas: list[Delta] = []
    most = ground.limits.rows_by_mapping
    for user in users:
        deltas += _applied(ground, rules, user, groups_of(ground.view, rules.provider, user))
        if len(deltas) > most:
            raise RefusedError("MAPPING_CHANGES_TOO_MUCH", str(most))
    _check_rooms(ground, rules.org, deltas)
    return guarded(ground, deltas, by_mapping=True)


def apply_mappings(ground: Ground, user: str, provider: str, groups: Collection[str] | None) -> Applied:
    """Return what the sign-in of `user`, whom `provider` says to be in `groups`, changes in each organization.

    What a rule is against is left as it was, and warned of: nobody is locked out for it (rule 98). So is what groups
    give if the provider was silent on them, which is None: they are those of the sign-in before.
    """
    is_told = groups is not None
    groups = groups_of(ground.view, provider, user) if groups is None else groups
    kept = sorted({group for group in groups if 0 < len(group) <= _LONGEST_GROUP})[:_MOST_GROUPS]
    found = Applied(_groups_kept(ground, user, provider, kept), [])
    for row in ground.view.find("connected_organizations", identity_provider_id=provider):
        rules = rules_of(ground.view, row)
        if rules.mappings and not is_told:
            found.warnings.append(Unapplied(GROUPS_NOT_TOLD, rules.org))
        try:
            found.deltas.extend(_at_sign_in(ground, rules, user, kept, found.warnings))
        except RefusedError as error:
            found.warnings.append(Unapplied(error.code, rules.org))
    return found


def _groups_kept(ground: Ground, user: str, provider: str, groups: Sequence[str]) -> list[Delta]:
    known = set(groups_of(ground.view, provider, user))
    keys = {group: ground.mint.stand_in(f"group {provider} {user} {group}") for group in known.union(groups)}
    gone = [drop("identity_groups", provider, user, keys[group]) for group in sorted(known.difference(groups))]
    return gone + [
        put(
            "identity_groups", provider, user, keys[group], identity_provider_id=provider, user_id=user,
            external_hash=keys[group], external_group=group, salt=ground.mint.salt(),
        )
        for group in groups
        if group not in known
    ]  # fmt: skip


def _at_sign_in(
    ground: Ground, rules: Rules, user: str, groups: Collection[str], warnings: list[Unapplied]
) -> list[Delta]:
    """Return the deltas in one organization; where they would leave no owner, whatever somebody owns there stays."""
    deltas = _applied(ground, rules, user, groups)
    _check_rooms(ground, rules.org, deltas)
    try:
        _check_owned(ground, deltas)
    except RefusedError as error:
        if error.code not in _OWNERLESS:
            raise
        warnings.append(Unapplied(error.code, rules.org))
        deltas = _applied(ground, rules, user, groups, keeps_owned=True)
        _check_owned(ground, deltas)
    return deltas


def _check_owned(ground: Ground, deltas: list[Delta]) -> None:
    """Raise if nobody would be left as owner: the only guard where the identity provider acts, and no principal."""
    after = Overlay(ground.facts)
    after.fold(deltas)
    check_owner_left(ground.facts, after, deltas, ground.now)


def _applied(
    ground: Ground, rules: Rules, user: str, groups: Collection[str], *, keeps_owned: bool = False
) -> list[Delta]:
    held = _held(ground, rules.org, user)
    wanted = _wanted(ground, rules, groups, has_other_role=bool(held.lasting))
    if keeps_owned:
        wanted |= {given for given in held.mapped if given[1] in _OWNERS}
    if not is_active(ground.view.get("members", rules.org, user)):
        return _joined(ground, rules.org, user, wanted) if wanted and rules.joins else []
    if not wanted and not _stays(rules.org, held):
        # The role first, for that is what ends: the membership goes with it.
        gone = departed(ground, rules.org, user) if held.mapped else []
        return sorted(gone, key=lambda delta: delta.table != "assignments")
    new = wanted - held.mapped - held.lasting
    deltas = [_unmapped(ground, user, given) for given in sorted(held.mapped - wanted)]
    deltas += _entered(ground, rules.org, user, new)
    deltas += [_given(ground, user, given) for given in sorted(new)]
    return deltas + _left_behind(ground, rules.org, user, held, wanted)


def _wanted(ground: Ground, rules: Rules, groups: Collection[str], *, has_other_role: bool) -> frozenset[Given]:
    """Return what the rules give, as far as it is still there and the provider is that of the organization."""
    if rules.provider is None:
        return frozenset()
    found = roles_of(groups, rules.mappings, default_roles=rules.default_roles, has_other_role=has_other_role)
    return frozenset(
        (scope, role) for scope, role in found if rules.org in {scope, ground.facts.attribute("projects", scope)}
    )


def _held(ground: Ground, org: str, user: str) -> Held:
    rows = ground.view.find("assignments", org_id=org, holder_id=user)
    by_hand = [row for row in rows if not row["mapped"]]
    return Held(
        frozenset((row["scope_id"], row["role"]) for row in by_hand),
        frozenset((row["scope_id"], row["role"]) for row in by_hand if ground.now < row["ends"]),
        frozenset((row["scope_id"], row["role"]) for row in rows if row["mapped"]),
    )


def _stays(org: str, held: Held) -> bool:
    """Say whether somebody stays a member without any mapping: by a role there, or one in force in a project."""
    return bool(held.lasting) or any(scope == org for scope, _ in held.by_hand)


def _given(ground: Ground, user: str, given: Given) -> Delta:
    return assign(ground, "user", user, *given, by_owner=False, mapped=True)


def _unmapped(ground: Ground, user: str, given: Given) -> Delta:
    return unassign({"holder_id": user, "scope_id": given[0], "role": given[1]})


def _joined(ground: Ground, org: str, user: str, wanted: frozenset[Given]) -> list[Delta]:
    """Return the deltas by which `user` becomes a member at once; an invitation that waits stays to be answered.

    Whoever was invited, and is held back, is a suspended member: no sign-in lifts what was decided of them.
    """
    check_memberships(ground, user, org, active=False)
    before = ground.view.get("members", org, user)
    is_suspended = (before is not None and bool(before["suspended"])) or is_held_back(ground.view, org, user)
    joined = put(
        "members", org, user, org_id=org, user_id=user, state="active", suspended=is_suspended, created_at=ground.now,
        invitation_id=None, expires_at=None, added_by=None,
    )  # fmt: skip
    implied = [] if any(scope == org for scope, _ in wanted) else [_member_by_hand(ground, org, user)]
    roles = [_given(ground, user, given) for given in sorted(wanted)]
    return [*waiting(ground.view, org, user), joined, *_entered(ground, org, user, wanted), *roles, *implied]


def _member_by_hand(ground: Ground, org: str, user: str) -> Delta:
    return assign(ground, "user", user, org, MEMBER_ROLE, by_owner=False)


def _entered(ground: Ground, org: str, user: str, new: Iterable[Given]) -> list[Delta]:
    """Return the deltas that put `user` on the projects at which `new` roles are given."""
    projects = sorted({scope for scope, _ in new if scope != org})
    outside = [p for p in projects if not is_active(ground.view.get("project_members", p, user))]
    check_projects(ground, user, outside)
    return [
        put(
            "project_members", project, user, project_id=project, user_id=user, org_id=org, state="active",
            created_at=ground.now, invitation_id=None, expires_at=None, added_by=None, added_by_owner=False,
        )
        for project in outside
    ]  # fmt: skip


def _left_behind(ground: Ground, org: str, user: str, held: Held, wanted: frozenset[Given]) -> list[Delta]:
    """Return the deltas that take `user` off projects where nothing is left, and leave a role in the organization."""
    kept = {scope for scope, _ in held.by_hand | wanted}
    gone = {scope for scope, _ in held.mapped} - kept - {org}
    deltas = [drop("project_members", project, user) for project in sorted(gone)]
    return deltas if org in kept else [*deltas, _member_by_hand(ground, org, user)]


def _check_rooms(ground: Ground, org: str, deltas: Iterable[Delta]) -> None:
    """Raise if organization or projects would hold more people than they may (rule 142)."""
    joining = [delta for delta in deltas if delta.table in {"members", "project_members"} and delta.row is not None]
    new = [d for d in joining if not counts(ground.view.get(d.table, *d.key), ground.now)]
    check_room_in_organization(ground, joining=sum(d.table == "members" for d in new), org=org)
    for project, total in Counter(d.key[0] for d in new if d.table == "project_members").items():
        check_room_in_project(ground, project, joining=total)


def without_mappings(rules: Rules) -> Rules:
    """Return the rules of an organization whose people are in no group any more; default roles stay."""
    return replace(rules, mappings=())


def without_provider(rules: Rules) -> Rules:
    """Return the rules of an organization that no identity provider speaks to any more."""
    return replace(rules, provider=None)

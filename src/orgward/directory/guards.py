"""The rules that every change of roles passes, whoever makes it and by whatever way (contract.md).

Who may hand out what, self-change and last owner are judged on the deltas of the command, so that direct roles,
teams and memberships are one rule and no command can forget them.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Final

from orgward.catalog import EDITIONS, ORGANIZATION_OWNER, PROJECT_OWNER
from orgward.directory.ground import Ground
from orgward.engine.compile import edges_reaching, effective_edges
from orgward.engine.facts import ACTIVE, Grant, home_of
from orgward.engine.layer import REMOVED, Layer, Overlay
from orgward.engine.overlay import gains_anything
from orgward.kernel.delta import Delta, Key
from orgward.kernel.errors import RefusedError
from orgward.kernel.instants import FOREVER
from orgward.kernel.principal import MACHINES

_NONE: Final[frozenset[Key]] = frozenset()


def guarded(
    ground: Ground,
    deltas: list[Delta],
    *,
    implied: Collection[Key] = _NONE,
    leaving: bool = False,
    by_mapping: bool = False,
) -> list[Delta]:
    """Return `deltas` if no rule refuses them.

    `implied` are keys of assignments that follow from another act, such as joining the organization of a project.
    `leaving` says that somebody removes themself, which is no self-change. `by_mapping` says that the roles follow
    from role mappings: whoever made those was asked then whether they may hand them out.
    """
    after = Overlay(ground.facts)
    after.fold(deltas)
    if not by_mapping:
        _check_made_by_hand(ground.facts, after, deltas)
    if not ground.principal.is_operator and not leaving:
        if not by_mapping:
            _check_handed_out(ground, deltas, implied)
        _check_self_change(ground, after, deltas)
    check_owner_left(ground.facts, after, deltas, ground.now)
    return deltas


def reaching_roles(facts: Layer, principal: str, scope: str, now: int) -> set[str]:
    """Return the roles in force that `principal` holds at `scope` or at its organization, teams' included."""
    return {
        grant.role
        for edge in edges_reaching(facts, principal, scope)
        for grant in edge.grants
        if grant.starts <= now < grant.ends
    }


def owns(facts: Layer, principal: str, scope: str, now: int) -> bool:
    """Say whether `principal` is owner of `scope`: of the project, or of the organization (rule 12)."""
    return bool(reaching_roles(facts, principal, scope, now) & {ORGANIZATION_OWNER, PROJECT_OWNER})


def may_hand_out(ground: Ground, principal: str, role: str, scope: str) -> bool:
    """Say whether `principal` may give and take `role` at `scope`: a column of the catalogue decides."""
    org = ground.facts.attribute("projects", scope) or scope
    edition = ground.edition_of(org)
    held = _held(ground, principal, scope)
    return any(edition.roles[name].hands_out.covers(edition.roles[role]) for name in held if name in edition.roles)


def _held(ground: Ground, principal: str, scope: str) -> set[str]:
    """Return the roles that reach `scope`, worked out once a command: it may ask for thousands of assignments."""
    found = ground.held.get((principal, scope))
    if found is None:
        found = ground.held[principal, scope] = reaching_roles(ground.facts, principal, scope, ground.now)
    return found


def ungrantable(ground: Ground, principal: str, team: str) -> str | None:
    """Return a role of `team` that `principal` may not give and take where the team has it, None if there is none."""
    for scope, grants in ground.facts.edges(team).items():
        for grant in grants:
            if not may_hand_out(ground, principal, grant.role, scope):
                return grant.role
    return None


def require_fills(ground: Ground, team: str) -> None:
    """Raise unless the caller may hand out every role of `team`: who puts somebody into it, or takes them out, does."""
    role = None if ground.principal.is_operator else ungrantable(ground, ground.principal.id, team)
    if role is not None:
        raise RefusedError("ROLE_NOT_GRANTABLE", role)


def may_give_key(ground: Ground, principal: str, role: str, scope: str) -> bool:
    """Say whether `principal` may give a key `role` at `scope`: its owner any, others what they hold themselves."""
    if owns(ground.facts, principal, scope, ground.now):
        return True
    org = ground.facts.attribute("projects", scope) or scope
    wanted = ground.edition_of(org).privileges_of(role, added_by_owner=False)
    return all(ground.facts.check(principal, privilege, scope, ground.now) for privilege in wanted)


def _check_handed_out(ground: Ground, deltas: Sequence[Delta], implied: Collection[Key]) -> None:
    for delta in deltas:
        if delta.table == "assignments" and delta.key not in implied:
            _, scope, role = delta.key
            # What a key is given is limited further; taking a role away follows the column like any other.
            may = may_give_key if _gives_key(delta) else may_hand_out
            if not may(ground, ground.principal.id, role, scope):
                raise RefusedError("ROLE_NOT_GRANTABLE", role)
    for team in {delta.key[1] for delta in deltas if delta.table == "team_members"}:
        require_fills(ground, team)


def _gives_key(delta: Delta) -> bool:
    return delta.row is not None and delta.row["holder_kind"] in MACHINES


def _check_made_by_hand(before: Layer, after: Layer, deltas: Sequence[Delta]) -> None:
    """Raise if a role that somebody holds by a mapping is changed where they stay: the mapping would be undone."""
    for delta in deltas:
        if delta.table == "assignments":
            holder, scope, role = delta.key
            mapped = any(grant.mapped and grant.role == role for grant in before.edges(holder).get(scope, ()))
            if mapped and _stays(after, holder, scope):
                raise RefusedError("ROLE_HELD_BY_MAPPING", role, scope)


def _stays(after: Layer, holder: str, scope: str) -> bool:
    org = after.attribute("projects", scope) or scope
    return after.attribute("organizations", org) is not None and after.state(org, holder) != REMOVED


def _check_self_change(ground: Ground, after: Overlay, deltas: list[Delta]) -> None:
    before, me = ground.facts, ground.principal.id
    about_me = {me, *before.edges(me), *after.edges(me)}
    if not any(_touches(delta, me, about_me) for delta in deltas):
        return
    changed = ground.principal.kind == "user" and _unchangeable(before, me) != _unchangeable(after, me)
    if changed or gains_anything(before, after, me, ground.now):
        raise RefusedError("CANNOT_MODIFY_OWN_ROLES")


def _touches(delta: Delta, principal: str, holders: Collection[str]) -> bool:
    if delta.table == "team_members":
        return delta.key[0] == principal
    return delta.table == "assignments" and delta.key[0] in holders


def _unchangeable(facts: Layer, principal: str) -> set[tuple[str, str | None, Grant]]:
    """Return every grant of `principal`, teams' included, of editions in which nobody changes their own roles."""
    return {
        (edge.project or edge.org, edge.team, grant)
        for edge in effective_edges(facts, principal)
        if EDITIONS[edge.edition].self_change == "never"
        for grant in edge.grants
    }


def check_owner_left(before: Layer, after: Layer, deltas: Iterable[Delta], now: int) -> None:
    """Raise if an organization that had an owner would have none; in Cloud Manager also a project (rules 34-36)."""
    for scope, code in _owned_scopes(before, deltas).items():
        role = ORGANIZATION_OWNER if before.attribute("projects", scope) is None else PROJECT_OWNER
        if _is_kept(after, scope) and _lost(before, after, scope, role, now):
            raise RefusedError(code)


def _owned_scopes(facts: Layer, deltas: Iterable[Delta]) -> dict[str, str]:
    """Return the scopes where an owner could disappear, each with the code of the refusal."""
    found: dict[str, str] = {}
    for delta in deltas:
        if delta.table == "members":
            found.setdefault(delta.key[0], "CANNOT_DELETE_LAST_ADMIN")
            for scope, grants in facts.edges(delta.key[1]).items():
                if any(grant.role == PROJECT_OWNER for grant in grants) and _keeps_owner(facts, scope):
                    found.setdefault(scope, "CANNOT_DELETE_LAST_ADMIN")
        elif delta.table == "assignments" and delta.key[2] == ORGANIZATION_OWNER:
            found.setdefault(delta.key[1], "CANNOT_DEMOTE_LAST_ORG_OWNER")
        elif delta.table == "assignments" and delta.key[2] == PROJECT_OWNER and _keeps_owner(facts, delta.key[1]):
            found.setdefault(delta.key[1], "CANNOT_DELETE_LAST_ADMIN")
    return found


def _keeps_owner(facts: Layer, project: str) -> bool:
    edition = facts.attribute("organizations", facts.attribute("projects", project) or "")
    return edition is not None and EDITIONS[edition].last_project_owner


def _is_kept(after: Layer, scope: str) -> bool:
    return after.attribute("projects", scope) is not None or after.attribute("organizations", scope) is not None


def _lost(before: Layer, after: Layer, scope: str, role: str, now: int) -> bool:
    return not any(lasting_holders(after, scope, role, now)) and any(lasting_holders(before, scope, role, now))


def lasting_holders(facts: Layer, scope: str, role: str, now: int, *, by_hand: bool = False) -> Iterable[str]:
    """Yield the active, unsuspended users who hold `role` at `scope` directly and without end, or `by_hand` alone."""
    org = facts.attribute("projects", scope) or scope
    for grants, holders in facts.runs(scope):
        lasting = (g for g in grants if g.role == role and g.starts <= now and g.ends == FOREVER)
        if any(not (by_hand and grant.mapped) for grant in lasting):
            for holder in holders:
                is_user = home_of(facts, holder) is None
                if is_user and facts.state(org, holder) == ACTIVE:
                    yield holder

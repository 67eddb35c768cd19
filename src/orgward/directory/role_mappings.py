"""Role mappings of an organization: made, changed, deleted, and applied at once (rules 96-98; attack row 18).

Whoever makes, changes or deletes a mapping gives or takes its roles, and must be able to hand each of them out.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Final

from orgward.directory.ground import Change, Ground, Row, View, drop, put
from orgward.directory.guards import may_hand_out
from orgward.directory.mapped_roles import Rules, recomputed, rules_of
from orgward.directory.mapping import Given, RoleAssignment, RoleMapping, given_by
from orgward.directory.mapping_rows import encoded, mapping_of
from orgward.kernel.errors import FieldFault, MalformedError, NotFoundError, RefusedError

_LONGEST: Final = 200


def create(ground: Ground, external_group: str, assignments: Sequence[RoleAssignment]) -> Change:
    """Make a mapping: everybody in `external_group` holds what `assignments` give from now on."""
    most = ground.limits.role_mappings_per_organization
    if ground.view.count("role_mappings", org_id=ground.org) >= most:
        raise RefusedError("FEDERATION_LIMIT_EXCEEDED", str(most), "role mappings in an organization")
    wanted = _checked(ground, external_group, assignments)
    mapping = ground.mint.id()
    row = {"id": mapping, "org_id": ground.org, "federation_id": _connected(ground)["federation_id"],
           "created_at": ground.now}  # fmt: skip
    return _changed(ground, mapping, None, {**row, **_columns(wanted)})


def update(ground: Ground, mapping: str, external_group: str, assignments: Sequence[RoleAssignment]) -> Change:
    """Replace what the mapping says; who is in both groups keeps what both give."""
    row = ground.view.get("role_mappings", mapping) or {}
    wanted = _checked(ground, external_group, assignments, but=mapping)
    return _changed(ground, mapping, row, {**row, **_columns(wanted)})


def delete(ground: Ground, mapping: str) -> Change:
    """Delete the mapping: what it alone gave is gone with the next request."""
    return _changed(ground, mapping, ground.view.get("role_mappings", mapping), None)


def _columns(wanted: RoleMapping) -> Row:
    return {"external_group": wanted.external_group, "assignments": encoded(wanted.given)}


def _connected(ground: Ground) -> Row:
    return ground.view.get("connected_organizations", ground.org) or {}


def _checked(
    ground: Ground, external_group: str, assignments: Sequence[RoleAssignment], *, but: str = ""
) -> RoleMapping:
    group = external_group.strip()
    if not 0 < len(group) <= _LONGEST:
        fault = FieldFault("externalGroupName", f"has 1 to {_LONGEST} characters")
        raise MalformedError("INVALID_ATTRIBUTE", "externalGroupName", fields=[fault])
    for found in assignments:
        _require_inside(ground, found)
    same = ground.view.find("role_mappings", org_id=ground.org, external_group=group)
    if any(row["id"] != but for row in same):
        raise RefusedError("ROLE_MAPPING_ALREADY_EXISTS", group)
    return RoleMapping(group, given_by(ground.edition_of(ground.org), assignments))


def _require_inside(ground: Ground, found: RoleAssignment) -> None:
    """Raise unless what the body names lies in the organization of the mapping (attack row 5)."""
    if found.org not in {None, ground.org}:
        raise NotFoundError("ORG_NOT_FOUND", found.org or "")
    if found.project is not None and ground.facts.attribute("projects", found.project) != ground.org:
        raise NotFoundError("GROUP_NOT_FOUND", found.project)


def _changed(ground: Ground, mapping: str, before: Row | None, after: Row | None) -> Change:
    changed = [mapping_of(row) for row in (before, after) if row is not None]
    require_grantable(ground, {given for found in changed for given in found.given})
    rules = rules_of(ground.view, _connected(ground))
    others = [mapping_of(row) for row in _rows(ground.view, ground.org) if row["id"] != mapping]
    there = [*others, mapping_of(after)] if after is not None else others
    deltas = [drop("role_mappings", mapping) if after is None else put("role_mappings", mapping, **after)]
    people = _people(ground.view, rules, {found.external_group for found in changed})
    deltas += recomputed(ground, replace(rules, mappings=tuple(there)), people)
    body = {"mapping": mapping, "externalGroupName": changed[-1].external_group}
    return Change(deltas, body, target=mapping, org_id=ground.org)


def _rows(view: View, org: str) -> Sequence[Row]:
    return view.find("role_mappings", org_id=org)


def _people(view: View, rules: Rules, groups: Collection[str]) -> list[str]:
    """Return who was in one of `groups` when they signed in last."""
    rows = [
        row
        for group in groups
        for row in view.find("identity_groups", identity_provider_id=rules.provider, external_group=group)
    ]
    return sorted({row["user_id"] for row in rows})


def require_grantable(ground: Ground, given: Iterable[Given]) -> None:
    """Raise unless the caller may hand out every role of `given` where it is given (attack row 18)."""
    if ground.principal.is_operator:
        return
    for scope, role in sorted(given):
        is_there = ground.org in {scope, ground.facts.attribute("projects", scope)}
        if is_there and not may_hand_out(ground, ground.principal.id, role, scope):
            raise RefusedError("ROLE_NOT_GRANTABLE", role)

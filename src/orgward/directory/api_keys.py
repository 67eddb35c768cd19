"""API keys: made, given roles, put on projects, tied to addresses, deleted (rules 72-80, 82, 146, 154).

A key is a principal of its own: what its maker loses later it keeps, and what binds it binds it alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from orgward.catalog import Edition
from orgward.directory.addresses import are_covered, has_address, lone_address
from orgward.directory.ground import Change, Ground, MintedKey, Row, drop, put
from orgward.directory.guards import guarded, owns
from orgward.directory.key_rows import key_deltas
from orgward.directory.roles import (
    MEMBER_ROLE,
    assign,
    organization_roles,
    project_roles,
    replace_roles,
    unassign,
)
from orgward.kernel.delta import Delta
from orgward.kernel.errors import FieldFault, MalformedError, RefusedError


@dataclass(frozen=True, slots=True)
class FirstKey:
    """A key made together with its organization: id, private half, deltas."""

    id: str
    private: str
    deltas: list[Delta]


def create(ground: Ground, description: str, roles: Sequence[str]) -> Change:
    """Make a key with organization roles (rules 73, 77); `secret` of the change is its private half."""
    org = ground.org
    names = organization_roles(ground.edition_of(org), _some(roles), org)
    key, minted, deltas = make(ground, org, description)
    given = [assign(ground, "api_key", key, org, role, by_owner=False) for role in names]
    return _made(key, minted, guarded(ground, [*deltas, *given]), names)


def create_in_project(ground: Ground, description: str, roles: Sequence[str]) -> Change:
    """Make a key with project roles; it becomes a member of the organization, too (rule 76)."""
    names = project_roles(ground.edition_of(ground.org), _some(roles), ground.project)
    key, minted, deltas = make(ground, ground.org, description)
    joined = assign(ground, "api_key", key, ground.org, MEMBER_ROLE, by_owner=False)
    given = [joined, *_given_here(ground, key, names)]
    return _made(key, minted, guarded(ground, [*deltas, *given], implied={joined.key}), names)


def create_ready(
    ground: Ground,
    description: str,
    *,
    roles: Sequence[str],
    projects: Sequence[tuple[Ground, Sequence[str]]],
    blocks: Sequence[str],
) -> Change:
    """Make a key with organization roles, on `projects`, and tied to `blocks`: from its first moment it is complete.

    Each project stands with the ground on which the caller may put keys on it.
    """
    org, edition = ground.org, ground.edition_of(ground.org)
    names = organization_roles(edition, _some(roles), org)
    key, minted, deltas = make(ground, org, description)
    deltas += [assign(ground, "api_key", key, org, role, by_owner=False) for role in names]
    for there, wanted in projects:
        deltas += _given_here(there, key, project_roles(edition, _some(wanted), there.project))
    _check_addresses(ground, blocks, held=())
    return _made(key, minted, [*guarded(ground, deltas), *_listed(ground, key, blocks)], names)


def first_key(ground: Ground, org: str, edition: Edition, description: str, roles: Sequence[str]) -> FirstKey:
    """Make the key that an organization is founded with; its founder owns it, and so gives any role."""
    names = organization_roles(edition, _some(roles), org)
    key, minted, deltas = make(ground, org, description)
    given = [assign(ground, "api_key", key, org, role, by_owner=False) for role in names]
    return FirstKey(key, minted.private, [*deltas, *given])


def make(ground: Ground, org: str, description: str) -> tuple[str, MintedKey, list[Delta]]:
    """Return the id of a new key of `org`, its halves, and the deltas that make it, still without a role."""
    most = ground.limits.api_keys_per_organization
    checked = _description(ground, description)
    if ground.view.count("api_keys", org_id=org) >= most:
        raise RefusedError("MAX_API_KEYS_PER_ORG_EXCEEDED", str(most), org)
    minted = _mint(ground)
    key, deltas = key_deltas(ground, org, checked, minted)
    return key, minted, deltas


def _mint(ground: Ground) -> MintedKey:
    minted = ground.mint.api_key()
    while ground.view.find("api_keys", public_key=minted.public):
        minted = ground.mint.api_key()
    return minted


def _made(key: str, minted: MintedKey, deltas: list[Delta], roles: Sequence[str]) -> Change:
    body = {"key": key, "publicKey": minted.public, "roles": list(roles)}
    return Change(deltas, body, target=key, secret=minted.private)


def _description(ground: Ground, text: str) -> str:
    most = ground.limits.api_key_description_length
    if not 1 <= len(text) <= most:
        fault = FieldFault("desc", f"takes 1 to {most} characters")
        raise MalformedError("INVALID_API_KEY_DESC", str(most), fields=[fault])
    return text


def _some(roles: Sequence[str]) -> Sequence[str]:
    if not roles:
        raise MalformedError("MISSING_API_KEY_ROLES", fields=[FieldFault("roles", "names at least one role")])
    return roles


def _given_here(ground: Ground, key: str, roles: Sequence[str]) -> list[Delta]:
    by_owner = _is_by_owner(ground)
    return [assign(ground, "api_key", key, ground.project, role, by_owner=by_owner) for role in roles]


def _is_by_owner(ground: Ground) -> bool:
    principal = ground.principal
    return not principal.is_operator and owns(ground.facts, principal.id, ground.project, ground.now)


def update(ground: Ground, key: str, *, description: str | None, roles: Sequence[str] | None) -> Change:
    """Change the description or the organization roles of `key`; what is None stays as it is."""
    deltas, body = _described(ground, key, description)
    if roles is not None:
        names = organization_roles(ground.edition_of(ground.org), _some(roles), ground.org)
        deltas += replace_roles(ground, "api_key", key, ground.org, names, by_owner=False)
        body["roles"] = names
    return Change(guarded(ground, deltas), body, target=key)


def update_in_project(ground: Ground, key: str, *, description: str | None, roles: Sequence[str] | None) -> Change:
    """Change the description of `key` or its roles in the project; what is None stays as it is."""
    deltas, body = _described(ground, key, description)
    if roles is not None:
        names = project_roles(ground.edition_of(ground.org), _some(roles), ground.project)
        deltas += replace_roles(ground, "api_key", key, ground.project, names, by_owner=_is_by_owner(ground))
        body["roles"] = names
    return Change(guarded(ground, deltas), body, target=key)


def _described(ground: Ground, key: str, description: str | None) -> tuple[list[Delta], dict[str, Any]]:
    if description is None:
        return [], {"key": key}
    row = {**(ground.view.get("api_keys", key) or {}), "description": _description(ground, description)}
    return [put("api_keys", key, **row)], {"key": key, "description": description}


def add_to_project(ground: Ground, key: str, roles: Sequence[str]) -> Change:
    """Put a key of the organization on the project (rule 73)."""
    names = project_roles(ground.edition_of(ground.org), _some(roles), ground.project)
    if ground.view.find("assignments", holder_id=key, scope_id=ground.project):
        raise RefusedError("API_KEY_ALREADY_IN_GROUP", key, ground.project)
    return Change(guarded(ground, _given_here(ground, key, names)), {"key": key, "roles": names}, target=key)


def remove_from_project(ground: Ground, key: str) -> Change:
    """Take `key` off the project; the organization keeps it (rule 79)."""
    rows = ground.view.find("assignments", holder_id=key, scope_id=ground.project)
    return Change(guarded(ground, [unassign(row) for row in rows]), {"key": key}, target=key)


def delete(ground: Ground, key: str) -> Change:
    """Delete `key`: off every project, and its secret with it (rule 79)."""
    view = ground.view
    deltas = [unassign(row) for row in view.find("assignments", holder_id=key)]
    deltas += [drop("api_key_access", key, row["cidr"]) for row in view.find("api_key_access", key_id=key)]
    deltas += [drop("replies", key, row["key"]) for row in view.find("replies", principal_id=key)]
    deltas += [drop("credentials", key, "digest"), drop("api_keys", key)]
    return Change(guarded(ground, deltas), {"key": key}, target=key)


def add_addresses(ground: Ground, key: str, blocks: Sequence[str]) -> Change:
    """Add canonical `blocks` to the access list of `key`; all of them, or none (rule 82)."""
    held = _blocks(ground, key)
    _check_addresses(ground, blocks, held=held)
    # An empty list is open to every address, so that its first entries narrow it.
    if _is_itself(ground, key) and held and not are_covered(blocks, held):
        raise RefusedError("CANNOT_WIDEN_OWN_ACCESS_LIST")
    return Change(_listed(ground, key, blocks), {"key": key, "added": list(blocks)}, target=key)


def _check_addresses(ground: Ground, blocks: Sequence[str], *, held: Sequence[str]) -> None:
    """Raise unless `blocks` can be added to an access list that holds `held`."""
    if len(set(blocks)) < len(blocks):
        raise RefusedError("DUPLICATE_ADDRESSES_IN_INPUT")
    most = ground.limits.access_list_entries_per_key
    if len(held) + len(blocks) > most:
        raise RefusedError("ACCESS_LIST_ENTRIES_LIMIT_EXCEEDED", str(most))
    for block in blocks:
        if block in held:
            raise RefusedError("ADDRESS_ALREADY_IN_ACCESS_LIST", lone_address(block) or block)


def _listed(ground: Ground, key: str, blocks: Sequence[str]) -> list[Delta]:
    return [
        put(
            "api_key_access", key, block, key_id=key, cidr=block, org_id=ground.org, ip=lone_address(block),
            created_at=ground.now, use_count=0, last_used_at=None,
        )
        for block in blocks
    ]  # fmt: skip


def remove_address(ground: Ground, key: str, block: str) -> Change:
    """Remove the canonical `block` from the access list of `key` (rule 82)."""
    if _is_itself(ground, key):
        left = [held for held in _blocks(ground, key) if held != block]
        address = ground.principal.address
        if has_address([block], address) and not has_address(left, address):
            raise RefusedError("CANNOT_REMOVE_CALLER_FROM_WHITELIST", address)
        if not left:
            raise RefusedError("CANNOT_WIDEN_OWN_ACCESS_LIST")
    return Change([drop("api_key_access", key, block)], {"key": key, "removed": block}, target=key)


def _is_itself(ground: Ground, key: str) -> bool:
    return ground.principal.kind == "api_key" and ground.principal.id == key


def _blocks(ground: Ground, key: str) -> list[str]:
    return [row["cidr"] for row in ground.view.find("api_key_access", key_id=key)]


@dataclass(frozen=True, slots=True)
class Use:
    """How often a key called from an address, and when it did so last."""

    key: str
    address: str
    count: int
    last: int


def record_uses(ground: Ground, uses: Sequence[Use]) -> Change:
    """Add `uses` to the entries of access lists that let them in."""
    changed: dict[tuple[str, str], dict[str, Any]] = {}
    for use in uses:
        for entry in ground.view.find("api_key_access", key_id=use.key):
            if _lets_in(entry, use):
                row = changed.setdefault((use.key, entry["cidr"]), dict(entry))
                row["use_count"] += use.count
                row["last_used_at"] = max(row["last_used_at"] or 0, use.last)
    deltas = [put("api_key_access", *key, **row) for key, row in changed.items()]
    return Change(deltas, {"entries": len(deltas)})


def _lets_in(entry: Row, use: Use) -> bool:
    return bool(entry["created_at"] <= use.last) and has_address([entry["cidr"]], use.address)

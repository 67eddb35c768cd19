"""API keys: made, given roles, put on projects, deleted (rules 72-80, 146, 154)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from orgward.catalog import Edition
from orgward.directory.access_lists import check_addresses, listed
from orgward.directory.ground import Change, Ground, MintedKey, drop, put
from orgward.directory.guards import guarded
from orgward.directory.key_rows import key_deltas
from orgward.directory.machines import (
    dropped,
    given_in_organization,
    given_in_project,
    joined,
    put_on_project,
    replaced_in_organization,
    replaced_in_project,
    taken_off_project,
)
from orgward.directory.roles import assign, organization_roles
from orgward.kernel.delta import Delta
from orgward.kernel.errors import FieldFault, MalformedError, RefusedError
from orgward.kernel.principal import PrincipalKind

_KIND: Final[PrincipalKind] = "api_key"


@dataclass(frozen=True, slots=True)
class FirstKey:
    """A key made together with its organization: id, private half, deltas."""

    id: str
    private: str
    deltas: list[Delta]


def create(ground: Ground, description: str, roles: Sequence[str]) -> Change:
    """Make a key with organization roles (rules 73, 77); `secret` of the change is its private half."""
    key, minted, deltas = make(ground, ground.org, description)
    given = given_in_organization(ground, _KIND, key, ground.org, _some(roles))
    return _made(key, minted, guarded(ground, [*deltas, *given]), roles)


def create_in_project(ground: Ground, description: str, roles: Sequence[str]) -> Change:
    """Make a key with project roles; it becomes a member of the organization, too (rule 76)."""
    key, minted, deltas = make(ground, ground.org, description)
    joining = joined(ground, _KIND, key)
    given = [joining, *given_in_project(ground, _KIND, key, _some(roles))]
    return _made(key, minted, guarded(ground, [*deltas, *given], implied={joining.key}), roles)


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
    key, minted, deltas = make(ground, ground.org, description)
    deltas += given_in_organization(ground, _KIND, key, ground.org, _some(roles))
    for there, wanted in projects:
        deltas += given_in_project(there, _KIND, key, _some(wanted))
    check_addresses(ground, blocks, held=())
    return _made(key, minted, [*guarded(ground, deltas), *listed(ground, key, blocks)], roles)


def first_key(ground: Ground, org: str, edition: Edition, description: str, roles: Sequence[str]) -> FirstKey:
    """Make the key that an organization is founded with; its founder owns it, and so gives any role."""
    names = organization_roles(edition, _some(roles), org)
    key, minted, deltas = make(ground, org, description)
    given = [assign(ground, _KIND, key, org, role, by_owner=False) for role in names]
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
    body = {"key": key, "publicKey": minted.public, "roles": sorted(set(roles))}
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


def update(ground: Ground, key: str, *, description: str | None, roles: Sequence[str] | None) -> Change:
    """Change the description or the organization roles of `key`; what is None stays as it is."""
    deltas, body = _described(ground, key, description)
    if roles is not None:
        deltas += replaced_in_organization(ground, _KIND, key, _some(roles))
        body["roles"] = sorted(set(roles))
    return Change(guarded(ground, deltas), body, target=key)


def update_in_project(ground: Ground, key: str, *, description: str | None, roles: Sequence[str] | None) -> Change:
    """Change the description of `key` or its roles in the project; what is None stays as it is."""
    deltas, body = _described(ground, key, description)
    if roles is not None:
        deltas += replaced_in_project(ground, _KIND, key, _some(roles))
        body["roles"] = sorted(set(roles))
    return Change(guarded(ground, deltas), body, target=key)


def _described(ground: Ground, key: str, description: str | None) -> tuple[list[Delta], dict[str, Any]]:
    if description is None:
        return [], {"key": key}
    row = {**(ground.view.get("api_keys", key) or {}), "description": _description(ground, description)}
    return [put("api_keys", key, **row)], {"key": key, "description": description}


def add_to_project(ground: Ground, key: str, roles: Sequence[str]) -> Change:
    """Put a key of the organization on the project (rule 73)."""
    already = RefusedError("API_KEY_ALREADY_IN_GROUP", key, ground.project)
    given = put_on_project(ground, _KIND, key, _some(roles), already=already)
    return Change(guarded(ground, given), {"key": key, "roles": sorted(set(roles))}, target=key)


def remove_from_project(ground: Ground, key: str) -> Change:
    """Take `key` off the project; the organization keeps it (rule 79)."""
    return Change(guarded(ground, taken_off_project(ground, key)), {"key": key}, target=key)


def delete(ground: Ground, key: str) -> Change:
    """Delete `key`: off every project, and its secret with it (rule 79)."""
    deltas = [*dropped(ground, key), drop("credentials", key, "digest"), drop("api_keys", key)]
    return Change(guarded(ground, deltas), {"key": key}, target=key)

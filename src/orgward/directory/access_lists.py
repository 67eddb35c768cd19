"""Access lists of machines: the addresses from which an API key or a service account may be used (rules 82, 83)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from orgward.directory.account_secrets import check_on_project
from orgward.directory.addresses import are_covered, has_address, lone_address
from orgward.directory.ground import Change, Ground, Row, drop, put
from orgward.kernel.delta import Delta
from orgward.kernel.errors import RefusedError


def add_addresses(ground: Ground, machine: str, blocks: Sequence[str]) -> Change:
    """Add canonical `blocks` to the access list of `machine`; all of them, or none (rule 82)."""
    check_on_project(ground, machine)
    held = _blocks(ground, machine)
    check_addresses(ground, blocks, held=held)
    # An empty list is open to every address, so that its first entries narrow it.
    if _is_itself(ground, machine) and held and not are_covered(blocks, held):
        raise RefusedError("CANNOT_WIDEN_OWN_ACCESS_LIST")
    return Change(listed(ground, machine, blocks), {"key": machine, "added": list(blocks)}, target=machine)


def check_addresses(ground: Ground, blocks: Sequence[str], *, held: Sequence[str]) -> None:
    """Raise unless `blocks` can be added to an access list that holds `held`."""
    if len(set(blocks)) < len(blocks):
        raise RefusedError("DUPLICATE_ADDRESSES_IN_INPUT")
    most = ground.limits.access_list_entries_per_key
    if len(held) + len(blocks) > most:
        raise RefusedError("ACCESS_LIST_ENTRIES_LIMIT_EXCEEDED", str(most))
    for block in blocks:
        if block in held:
            raise RefusedError("ADDRESS_ALREADY_IN_ACCESS_LIST", lone_address(block) or block)


def listed(ground: Ground, machine: str, blocks: Sequence[str]) -> list[Delta]:
    """Return the deltas that put `blocks` on the access list of `machine`."""
    return [
        put(
            "api_key_access", machine, block, key_id=machine, cidr=block, org_id=ground.org, ip=lone_address(block),
            created_at=ground.now, use_count=0, last_used_at=None,
        )
        for block in blocks
    ]  # fmt: skip


def remove_address(ground: Ground, machine: str, block: str) -> Change:
    """Remove the canonical `block` from the access list of `machine` (rule 82)."""
    check_on_project(ground, machine)
    if _is_itself(ground, machine):
        left = [held for held in _blocks(ground, machine) if held != block]
        address = ground.principal.address
        if has_address([block], address) and not has_address(left, address):
            raise RefusedError("CANNOT_REMOVE_CALLER_FROM_WHITELIST", address)
        if not left:
            raise RefusedError("CANNOT_WIDEN_OWN_ACCESS_LIST")
    return Change([drop("api_key_access", machine, block)], {"key": machine, "removed": block}, target=machine)


def _is_itself(ground: Ground, machine: str) -> bool:
    return ground.principal.is_machine and ground.principal.id == machine


def _blocks(ground: Ground, machine: str) -> list[str]:
    return [row["cidr"] for row in ground.view.find("api_key_access", key_id=machine)]


@dataclass(frozen=True, slots=True)
class Use:
    """How often a machine called from an address, and when it did so last."""

    machine: str
    address: str
    count: int
    last: int


def record_uses(ground: Ground, uses: Sequence[Use]) -> Change:
    """Add `uses` to the entries of access lists that let them in."""
    changed: dict[tuple[str, str], dict[str, Any]] = {}
    for use in uses:
        for entry in ground.view.find("api_key_access", key_id=use.machine):
            if _lets_in(entry, use):
                row = changed.setdefault((use.machine, entry["cidr"]), dict(entry))
                row["use_count"] += use.count
                row["last_used_at"] = max(row["last_used_at"] or 0, use.last)
    deltas = [put("api_key_access", *key, **row) for key, row in changed.items()]
    return Change(deltas, {"entries": len(deltas)})


def _lets_in(entry: Row, use: Use) -> bool:
    return bool(entry["created_at"] <= use.last) and has_address([entry["cidr"]], use.address)

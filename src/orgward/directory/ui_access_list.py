"""From which addresses people reach an organization with their sessions: a list apart from those of keys (rule 89)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from orgward.directory import settings
from orgward.directory.addresses import block_of, has_address
from orgward.directory.ground import Change, Ground, View
from orgward.kernel.errors import FieldFault, MalformedError, RefusedError

MOST: Final = 200
"""How many entries a list holds."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An address or a block of addresses, and what somebody noted about it."""

    cidr: str
    comment: str = ""


@dataclass(frozen=True, slots=True)
class UiAccessList:
    """The entries of an organization, and whether they are in force."""

    enabled: bool
    entries: Sequence[Entry]


def of(view: View, org: str) -> UiAccessList:
    """Return the list of the organization; there is an empty one that is not in force until somebody sets it."""
    found = settings.of_organization(view, org)[settings.UI_ACCESS_LIST]
    return UiAccessList(found["enabled"], [Entry(**entry) for entry in found["entries"]])


def lets_in(document: settings.Document, address: str) -> bool:
    """Say whether an organization with these settings is reached from `address` with a session."""
    found = document[settings.UI_ACCESS_LIST]
    return not found["enabled"] or has_address(_blocks(found["entries"]), address)


def replace(ground: Ground, wanted: UiAccessList) -> Change:
    """Put `wanted` in place of the list; a person who is not on it would lock themself out, and is refused (rule 89).

    A key is not kept out by the list, wherever it calls from, so that it can set any list and mend each.
    """
    entries = _checked(wanted.entries)
    is_person = ground.principal.kind == "user"
    if wanted.enabled and is_person and not has_address(_blocks(entries), ground.principal.address):
        raise RefusedError("CALLER_NOT_ON_UI_ACCESS_LIST", ground.principal.address)
    document = {"enabled": wanted.enabled, "entries": entries}
    return settings.update_organization(ground, {settings.UI_ACCESS_LIST: document})


def _checked(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """Return the entries, each with its canonical block, or name every one that has none."""
    if len(entries) > MOST:
        raise RefusedError("ACCESS_LIST_ENTRIES_LIMIT_EXCEEDED", str(MOST))
    blocks = [block_of(entry.cidr) for entry in entries]
    faults = [
        FieldFault(f"entries[{i}].cidr", "is neither an IP address nor a block in CIDR notation without host bits")
        for i, block in enumerate(blocks)
        if block is None
    ]
    if faults:
        wrong = entries[blocks.index(None)].cidr[:64]
        raise MalformedError("INVALID_IP_ADDRESS_OR_CIDR_NOTATION", wrong, fields=faults)
    if len(set(blocks)) < len(blocks):
        raise RefusedError("DUPLICATE_ADDRESSES_IN_INPUT")
    return [
        {"cidr": block, "comment": entry.comment} for entry, block in zip(entries, blocks, strict=True)
    ]  # fmt: skip


def _blocks(entries: Iterable[settings.Document]) -> list[str]:
    return [entry["cidr"] for entry in entries]

"""Addresses and blocks of addresses, each in its one canonical form: a single address is a block of one.

An IPv4 address written as an IPv6 one (`::ffff:192.0.2.1`) is the IPv4 address, whichever side writes it so;
otherwise a client on a dual-stack socket would miss the entry that names it.
"""

import ipaddress
import re
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

from orgward.kernel.errors import FieldFault, MalformedError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Block = ipaddress.IPv4Network | ipaddress.IPv6Network

_MAPPED_PREFIX: Final = 96
_LENGTH: Final = re.compile(r"[0-9]{1,3}")
_ONE_OF_TWO: Final = "names one of ipAddress and cidrBlock, and only one"


def block_of(text: str) -> str | None:
    """Return the canonical block that an address or a block in CIDR notation names, None if it names none.

    `%2F` may stand for the slash, as clients encode it once more than they need to.
    """
    address, slash, length = text.replace("%2F", "/").replace("%2f", "/").partition("/")
    if not slash:
        found = _address(address)
        return None if found is None else str(ipaddress.ip_network(found))
    return _block(address, length)


def lone_address(block: str) -> str | None:
    """Return the address of a canonical block of one, None for a larger block."""
    found = ipaddress.ip_network(block)
    return str(found.network_address) if found.num_addresses == 1 else None


def has_address(blocks: Iterable[str], address: str) -> bool:
    """Say whether one of `blocks` holds `address`; what is no address is in none."""
    found = _address(address)
    return found is not None and any(found in ipaddress.ip_network(block) for block in blocks)


def are_covered(wanted: Iterable[str], blocks: Collection[str]) -> bool:
    """Say whether every address of every block of `wanted` lies in `blocks` taken together."""
    merged: list[Block] = []
    for version in (4, 6):
        same: Any = [n for n in map(ipaddress.ip_network, blocks) if n.version == version]
        merged += ipaddress.collapse_addresses(same)
    return all(any(_holds(outer, ipaddress.ip_network(block)) for outer in merged) for block in wanted)


def blocks_of(entries: Sequence[tuple[str | None, str | None]]) -> list[str]:
    """Return the canonical block of each entry, an address xor a block (rule 82), or name every fault."""
    blocks: list[str] = []
    faults: list[FieldFault] = []
    wrong: list[str] = []
    for i, (address, cidr) in enumerate(entries):
        if (address is None) == (cidr is None):
            faults.append(FieldFault(f"[{i}]", _ONE_OF_TWO))
            continue
        member, text = ("ipAddress", address or "") if cidr is None else ("cidrBlock", cidr)
        found = block_of(text)
        if found is None or _has_length(text) != (cidr is not None):
            wrong.append(text[:64])
            faults.append(FieldFault(f"[{i}].{member}", _fault_of(member, text)))
        else:
            blocks.append(found)
    if faults and len(wrong) == len(faults):
        raise MalformedError("INVALID_IP_ADDRESS_OR_CIDR_NOTATION", wrong[0], fields=faults)
    if faults:
        text = "; ".join(f"{fault.field}: {fault.description}" for fault in faults)
        raise MalformedError("VALIDATION_ERROR", text, fields=faults)
    return blocks


def _has_length(text: str) -> bool:
    return "/" in text or "%2f" in text.lower()


def _fault_of(member: str, text: str) -> str:
    if member == "ipAddress":
        return "is not an IP address"
    address, _, length = text.partition("/")
    found = _address(address)
    if found is None or not _is_length(length, found):
        return "is not a block in CIDR notation"
    # Said in full: whoever meant the block gets it, whoever meant the one address sees what they wrote.
    block = ipaddress.ip_network(f"{found}/{length}", strict=False)
    return f"has bits set beyond its prefix; the block is {block}"


def _address(text: str) -> Address | None:
    if "%" in text:
        return None  # a zone means something on one host only
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, ipaddress.IPv6Address) else found


def _is_length(text: str, address: Address) -> bool:
    return _LENGTH.fullmatch(text) is not None and int(text) <= address.max_prefixlen


def _block(address: str, length: str) -> str | None:
    # `ip_network` alone would take a netmask and a zone for a block, too.
    if "%" in address or _LENGTH.fullmatch(length) is None:
        return None
    try:
        found = ipaddress.ip_network(f"{address}/{int(length)}")
    except ValueError:
        return None
    mapped = getattr(found.network_address, "ipv4_mapped", None)
    if mapped is None or found.prefixlen < _MAPPED_PREFIX:
        return str(found)
    return f"{mapped}/{found.prefixlen - _MAPPED_PREFIX}"


def _holds(outer: Block, inner: Block) -> bool:
    return outer.version == inner.version and outer.prefixlen <= inner.prefixlen and inner.network_address in outer

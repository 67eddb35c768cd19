"""Addresses and blocks: one canonical form, and what lies in what (rule 82)."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orgward.directory.addresses import are_covered, block_of, blocks_of, has_address, lone_address
from orgward.kernel.errors import MalformedError


@pytest.mark.parametrize(
    ("text", "block"),
    [
        ("192.0.2.7", "192.0.2.7/32"),
        ("192.0.2.7/32", "192.0.2.7/32"),
        ("10.0.0.0/8", "10.0.0.0/8"),
        ("10.0.0.0%2F8", "10.0.0.0/8"),
        ("0.0.0.0/0", "0.0.0.0/0"),
        ("2001:DB8:0::1", "2001:db8::1/128"),
        ("2001:db8::/32", "2001:db8::/32"),
        ("::ffff:192.0.2.7", "192.0.2.7/32"),
        ("::ffff:10.0.0.0/104", "10.0.0.0/8"),
    ],
)
def test_a_block_has_one_form(text, block):
    """However an address or block is written, it is stored in one way."""
    assert block_of(text) == block


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/",
        "localhost",
        "192.0.2.7/",
        "192.0.2.7/33",
        "192.0.2.7/24",
        "10.0.0.0/255.0.0.0",
        "10.0.0.0/+8",
        "10.0.0.0/8/8",
        "192.0.2",
        "192.0.2.07",
        "256.0.0.1",
        "3221225985",
        "fe80::1%eth0",
        "fe80::%eth0/64",
        "١٩٢.0.2.1",
        " 192.0.2.1",
    ],
)
def test_what_names_no_block_is_none(text):
    """Host bits, netmasks, zones, numbers and names are no blocks."""
    assert block_of(text) is None


@given(st.ip_addresses(), st.integers(0, 128))
def test_a_canonical_block_stands_for_itself(address, length):
    """Parsing the canonical form changes nothing."""
    block = block_of(str(ipaddress.ip_network(f"{address}/{min(length, address.max_prefixlen)}", strict=False)))
    assert block is not None
    assert block_of(block) == block


def test_only_a_block_of_one_has_a_lone_address():
    """A larger block is not shown as an address."""
    assert lone_address("192.0.2.7/32") == "192.0.2.7"
    assert lone_address("2001:db8::1/128") == "2001:db8::1"
    assert lone_address("192.0.2.0/31") is None


def test_an_address_lies_in_a_block_of_its_own_version():
    """An IPv4 client on a dual-stack socket is the IPv4 client; what is no address lies nowhere."""
    assert has_address(["10.0.0.0/8"], "10.1.2.3")
    assert has_address(["10.0.0.0/8"], "::ffff:10.1.2.3")
    assert not has_address(["::/0"], "10.1.2.3")
    assert not has_address(["0.0.0.0/0"], "::1")
    assert not has_address(["0.0.0.0/0", "::/0"], "")
    assert not has_address(["0.0.0.0/0", "::/0"], "unix")


def test_blocks_cover_together_what_none_covers_alone():
    """Two halves cover the whole; a neighbour and the other version do not."""
    assert are_covered(["10.0.0.0/24"], ["10.0.0.0/25", "10.0.0.128/25"])
    assert are_covered(["10.0.0.7/32", "10.0.0.9/32"], ["10.0.0.0/24"])
    assert not are_covered(["10.0.0.0/23"], ["10.0.0.0/24"])
    assert not are_covered(["10.0.0.7/32", "10.0.1.0/32"], ["10.0.0.0/24"])
    assert not are_covered(["::/0"], ["0.0.0.0/0"])
    assert not are_covered(["10.0.0.7/32"], [])


def test_an_entry_names_an_address_xor_a_block():
    """Rule 82: both and neither are refused, and every faulty entry is named."""
    assert blocks_of([("192.0.2.7", None), (None, "10.0.0.0/8")]) == ["192.0.2.7/32", "10.0.0.0/8"]
    with pytest.raises(MalformedError) as caught:
        blocks_of([(None, None), ("192.0.2.7", "192.0.2.7/32"), ("192.0.2.7", None), ("10.0.0.0/8", None)])
    assert caught.value.code == "VALIDATION_ERROR"
    assert [fault.field for fault in caught.value.fields] == ["[0]", "[1]", "[3].ipAddress"]


def test_a_block_with_host_bits_is_refused_with_the_block_that_was_meant():
    """What was sent is never silently turned into something wider."""
    with pytest.raises(MalformedError) as caught:
        blocks_of([(None, "10.1.2.3/8")])
    assert caught.value.code == "INVALID_IP_ADDRESS_OR_CIDR_NOTATION"
    assert caught.value.parameters == ("10.1.2.3/8",)
    assert "10.0.0.0/8" in caught.value.fields[0].description

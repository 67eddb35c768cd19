"""The table of privileges: names, descriptions and editions."""

import re

import pytest

from orgward.catalog import EDITIONS, PRIVILEGES


@pytest.mark.parametrize("privilege", PRIVILEGES.values(), ids=lambda privilege: privilege.name)
def test_a_privilege_is_well_formed(privilege):
    """A name is `noun.verb` in small letters, the description one sentence, the editions known ones."""
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*(\.[a-z]+(_[a-z0-9]+)*)+", privilege.name)
    assert re.fullmatch(r"[A-Z][^.]*\.", privilege.description.replace("X.509", ""))
    assert privilege.editions
    assert set(privilege.editions) <= EDITIONS.keys()


def test_the_name_tells_the_resource():
    """Organizations and billing are on the organization; everything else is in a project."""
    for privilege in PRIVILEGES.values():
        on_organization = privilege.name.startswith(("org.", "billing."))
        assert (privilege.resource == "organization") is on_organization, privilege.name


def test_each_privilege_is_found_by_its_name():
    """The table's keys are the names of its rows."""
    assert all(privilege.name == name for name, privilege in PRIVILEGES.items())
    assert len(PRIVILEGES) == 256

"""`federation verify-domain`: the operator's word for a domain."""

import pytest

from tests.cli.conftest import CommandLine
from tests.directory.company import OWN, Company, done
from tests.empty_store import open_world


@pytest.fixture
def federation(tmp_path):
    """Give the store of a company in a federation, and the federation's id."""
    world = open_world(tmp_path)
    company = Company.found(world, "atlas")
    made = done(company.ann.post(f"{OWN}/orgs/{company.id}/federation"))["id"]
    world.close()
    return f"sqlite:///{tmp_path}/orgward.db", made


def test_a_domain_is_vouched_for(federation):
    """It needs no record and no claim; the answer names both, in the form that is kept."""
    url, made = federation
    found = CommandLine(url).json("federation", "verify-domain", "Example.COM", "--federation", made)
    assert found == {"domain": "example.com", "federationId": made}


def test_what_is_wrong_is_told(federation):
    """An unknown federation is refused, and what is no domain is a wrong use."""
    url, made = federation
    command = CommandLine(url)
    refused = command.refusal("federation", "verify-domain", "example.com", "--federation", "0" * 24)
    assert refused["errorCode"] == "FEDERATION_NOT_FOUND"
    assert command("federation", "verify-domain", "no domain", "--federation", made).exit_code == 2

"""The catalogue against tests/oracle/catalogue.csv: what stands there is granted, what does not is denied."""

import pytest

from orgward.catalog import EDITIONS, PRIVILEGES
from tests.catalog.flattened import ORACLE, Grant, read

EXPECTED = read(ORACLE / "catalogue.csv", Grant)
ROLES = sorted({(grant.edition, grant.role) for grant in EXPECTED})


def expected(edition, role, *, on, added_by_owner):
    """Give the privileges that the oracle's rows grant."""
    whens = {"", "added_by_owner"} if added_by_owner else {""}
    return {
        grant.privilege
        for grant in EXPECTED
        if (grant.edition, grant.role) == (edition, role) and grant.on == on and grant.when in whens
    }


def test_the_oracle_is_no_accident():
    """The oracle holds both editions, a row once, and every way to hold a privilege."""
    assert len(EXPECTED) == len(set(EXPECTED)) == 2080
    assert {grant.edition for grant in EXPECTED} == {"atlas", "cloud_manager"}
    assert {grant.on for grant in EXPECTED} == {"organization", "project", "all_projects"}
    assert {grant.when for grant in EXPECTED} == {"", "added_by_owner"}


def test_the_roles_are_those_of_the_oracle():
    """No edition has a role more or less than the oracle."""
    assert sorted((e.name, role) for e in EDITIONS.values() for role in e.roles) == ROLES


@pytest.mark.parametrize("added_by_owner", [False, True], ids=["added_by_anybody", "added_by_owner"])
@pytest.mark.parametrize(("edition", "role"), ROLES)
def test_a_role_grants_what_the_oracle_says_and_nothing_else(edition, role, added_by_owner):
    """For each privilege that there is, the role grants it exactly where the oracle has a row."""
    scope = EDITIONS[edition].roles[role].scope
    own = EDITIONS[edition].privileges_of(role, added_by_owner=added_by_owner)
    reach = EDITIONS[edition].in_projects_of(role, added_by_owner=added_by_owner)
    owned = expected(edition, role, on=scope, added_by_owner=added_by_owner)
    reached = expected(edition, role, on="all_projects", added_by_owner=added_by_owner)
    for privilege in PRIVILEGES:
        assert (privilege in own) == (privilege in owned), f"{privilege} on its {scope}"
        assert (privilege in reach) == (privilege in reached), f"{privilege} in all projects"
    assert own | reach <= PRIVILEGES.keys()


@pytest.mark.parametrize("edition", EDITIONS)
def test_an_edition_has_the_privileges_of_its_rows(edition):
    """A privilege exists in an edition exactly if some row of the oracle grants it there."""
    granted = {grant.privilege for grant in EXPECTED if grant.edition == edition}
    assert EDITIONS[edition].all_privileges == granted


@pytest.mark.parametrize("edition", EDITIONS)
def test_roles_granting_turns_the_table_around(edition):
    """For each privilege the roles named are those of the oracle, the unconditional ones first."""
    for privilege in PRIVILEGES:
        rows = [g for g in EXPECTED if (g.edition, g.privilege) == (edition, privilege)]
        always = {grant.role for grant in rows if not grant.when}
        at_times = {grant.role for grant in rows} - always
        named = EDITIONS[edition].roles_granting(privilege)
        assert set(named[: len(always)]) == always
        assert set(named[len(always) :]) == at_times
        assert len(named) == len(set(named))

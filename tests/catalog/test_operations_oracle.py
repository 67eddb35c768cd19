"""Two oracles against each other: the privileges of operations and the least roles that may call them."""

import pytest

from tests.catalog.flattened import ORACLE, Grant, read

EDITION = "atlas"
NEEDED = {
    row["operationId"]: set(row["privileges_any_of"].split("|")) for row in read(ORACLE / "operation_privileges.csv")
}
LEAST = {row["operationId"]: set(row["least_roles_any_of"].split(";")) for row in read(ORACLE / "operation_roles.csv")}
EXCEPTIONS = {(row["operationId"], row["role"]): row["in_catalogue"] for row in read(ORACLE / "exceptions.csv")}


def held():
    """Give what each role grants for certain, on its scope and in projects."""
    table = {}
    for grant in read(ORACLE / "catalogue.csv", Grant):
        if grant.edition == EDITION and not grant.when:
            table.setdefault(grant.role, set()).add(grant.privilege)
    return table


HELD = held()


def by_privilege(operation):
    """Give the roles that hold a privilege which the operation takes."""
    return {role for role, privileges in HELD.items() if privileges & NEEDED[operation]}


def by_least_role(operation):
    """Give the least roles of the operation and every role that has at least the privileges of one."""
    return {role for role, privileges in HELD.items() if any(privileges >= HELD[least] for least in LEAST[operation])}


@pytest.mark.parametrize("operation", NEEDED)
def test_holders_of_the_privilege_are_the_roles_that_may_call(operation):
    """Both tables let the same roles call the operation, but for the exceptions, which say which does."""
    expected = by_least_role(operation)
    for (name, role), in_catalogue in EXCEPTIONS.items():
        if name == operation:
            assert (role in expected) == (in_catalogue == "no"), f"the exception for {role} is out of date"
            expected ^= {role}
    assert by_privilege(operation) == expected


def test_each_exception_gives_its_reason():
    """An exception is about an operation of both tables and says why it stands."""
    for row in read(ORACLE / "exceptions.csv"):
        assert row["operationId"] in NEEDED.keys() & LEAST.keys()
        assert row["in_catalogue"] in {"yes", "no"}
        assert len(row["reason"]) > 20


def test_the_operations_are_those_of_the_access_part():
    """Every operation that needs a privilege has its least roles; the remaining ones need none."""
    assert len(LEAST) == 216
    assert len(NEEDED) == 202
    assert NEEDED.keys() <= LEAST.keys()

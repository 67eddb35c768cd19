"""The description of what is served: tools can read it, and it says who may call what."""

import csv
import re
from pathlib import Path

import pytest
import schemathesis

from orgward.edge.endpoint import ENDPOINTS
from tests.wire.calls import ADMIN_API
from tests.wire.exceptions import Exceptions

ORACLE = Path(__file__).parents[1] / "oracle"
OPEN = {"listGroups", "listOrgs", "createOrg", "getGroupByName"}
"""Operations that tests/oracle/open_operations.csv opens to everybody signed in, though a privilege is listed."""


def oracle(name):
    """Return the rows of a file of the oracle."""
    with (ORACLE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def document(live):
    """Give the document as anybody gets it."""
    return live.nobody.done("GET", "/openapi.json", accept="application/json")


@pytest.fixture(scope="module")
def operations(document):
    """Give the described operations by their id."""
    return {o["operationId"]: o for methods in document["paths"].values() for o in methods.values()}


def test_every_operation_served_is_described(document):
    """Nothing is served that the document does not say, and nothing is said that is not served."""
    described = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    assert described == {(endpoint.method, endpoint.path) for endpoint in ENDPOINTS}
    assert document["openapi"].startswith("3.1.")
    assert document["info"]["title"]
    assert document["info"]["version"]


def test_tools_can_read_it(document):
    """A tester of others loads it, validates it, and finds every operation with its media types."""
    schema = schemathesis.openapi.from_dict(document)
    schema.validate()
    found = [result.ok() for result in schema.get_all_operations()]
    assert len(found) == len(ENDPOINTS)


def test_every_reference_leads_somewhere(document):
    """No `$ref` points at a component that is not there."""
    references = set(re.findall(r"#/components/schemas/([\w.-]+)", str(document)))
    assert references <= set(document["components"]["schemas"])


def test_each_says_who_may_call_it(operations):
    """Either the privileges and the least roles that hold one of them, or why it is open."""
    for name, operation in operations.items():
        if "x-open-because" in operation:
            assert len(operation["x-open-because"]) > 10, name
            assert "x-required-privileges" not in operation, name
        else:
            assert operation["x-required-privileges"], name
            assert operation["x-least-roles"].keys() == {"atlas", "cloud_manager"}, name
        assert operation["summary"].endswith("."), name
        assert operation["tags"], name


def test_only_open_operations_need_no_credentials(operations):
    """Every other one names each way to sign in."""
    public = {name for name, operation in operations.items() if operation["security"] == []}
    known = (ORACLE.parent / "matrix" / "public_operations.txt").read_text(encoding="utf-8")
    assert public == {line.split(":")[0] for line in known.splitlines()}
    ways = [{"ServiceAccounts": []}, {"DigestAuth": []}, {"Session": []}]
    assert all(operations[name]["security"] == ways for name in operations.keys() - public)


def test_tools_find_out_where_service_accounts_get_their_tokens(live, document):
    """As in the description of the real service, by client credentials."""
    flow = document["components"]["securitySchemes"]["ServiceAccounts"]["flows"]["clientCredentials"]
    assert flow["tokenUrl"] == f"{live.url}/api/oauth/token"
    body = document["paths"]["/api/oauth/token"]["post"]["requestBody"]["content"]
    assert list(body) == ["application/x-www-form-urlencoded"]


def test_required_privileges_are_those_of_the_oracle(operations):
    """The privileges in the document are those that were transcribed for the operation."""
    expected = {
        row["operationId"]: set(row["privileges_any_of"].split("|")) for row in oracle("operation_privileges.csv")
    }
    found = {
        name: set(operations[name].get("x-required-privileges", [])) for name in expected.keys() & ADMIN_API.keys()
    }
    wrong = {name: privileges for name, privileges in found.items() if privileges and privileges != expected[name]}
    assert wrong == {}
    assert {name for name, privileges in found.items() if not privileges} <= OPEN


def test_least_roles_are_those_of_the_oracle(operations):
    """For atlas the least roles are those that the real service's document lists."""
    expected = {row["operationId"]: set(row["least_roles_any_of"].split(";")) for row in oracle("operation_roles.csv")}
    exceptions, wrong = Exceptions("least roles"), []
    for name in sorted(expected.keys() & operations.keys()):
        found = set(operations[name].get("x-least-roles", {}).get("atlas", expected[name]))
        difference = f"{' '.join(sorted(found))} instead of {' '.join(sorted(expected[name]))}"
        if not exceptions.of(name, "")(difference) and found != expected[name]:
            wrong.append(f"{name}: {difference}")
    assert not wrong, "\n".join(wrong)
    assert exceptions.unmet == set()


def test_paths_and_values_agree(document):
    """Each `{name}` in a path is described, and nothing else is."""
    for path, methods in document["paths"].items():
        for operation in methods.values():
            named = {p["name"] for p in operation["parameters"] if p["in"] == "path"}
            assert named == set(re.findall(r"\{(\w+)\}", path)), path


def test_each_version_is_a_media_type(operations):
    """The versions that an operation is served in stand with its replies, and with its body if it takes one."""
    for name, endpoint in ADMIN_API.items():
        types = {f"application/vnd.atlas.{version.date}+json" for version in endpoint.versions}
        content = operations[name]["responses"][str(endpoint.status)].get("content", {})
        assert set(content) == (set() if endpoint.status == 204 else types), name
        if endpoint.bodies:
            assert types <= set(operations[name]["requestBody"]["content"]), name


def test_a_version_that_ends_names_the_day(operations):
    """From that day on it is gone; what stays names none."""
    content = operations["getFederationSettingIdentityProvider"]["responses"]["200"]["content"]
    days = {kind.split(".")[2].split("+")[0]: found.get("x-sunset") for kind, found in content.items()}
    assert days == {"2023-01-01": "2025-01-01", "2023-11-15": None}
    ends = {found.get("x-sunset") for found in operations["listOrgUsers"]["responses"]["200"]["content"].values()}
    assert ends == {"2027-07-01", None}

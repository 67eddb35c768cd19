"""Every operation, every role of its edition, every way to hold it: the status of contract.md.

What is expected comes from tests/oracle. A cell that is allowed answers 2xx, or for a write refuses the malformed
body or query that it was sent, which is looked at after authorization. That each operation also works for those who
may call it is shown by `test_whoever_is_allowed_gets_what_they_ask_for`.
"""

import pytest

from tests.matrix.cases import CASES, ENDPOINT, is_on_federation, is_on_project, is_scim, media_type_of
from tests.matrix.expectation import (
    ALLOWED,
    EDITIONS,
    KNOWN,
    OPEN,
    PRIVILEGES,
    WAYS,
    Expected,
    expected,
    expected_of_open,
    holders,
    roles_held,
    rows,
)

MALFORMED = {"INVALID_ATTRIBUTE", "INVALID_QUERY_PARAMETER", "MISSING_ATTRIBUTE", "VALIDATION_ERROR"}
"""What is answered to a body or query that is not as described; other codes of status 400 tell of something else."""

OF_TWO_ORGANIZATIONS = ("connectOrgToFederation", "key")
"""Whoever does it owns both organizations, and a key is in one alone."""

CELLS = [(edition, operation) for edition in EDITIONS for operation in CASES]
REAL_CELLS = [
    (edition, operation, way)
    for edition, operation in CELLS
    for way in ("direct", "key", *(["team"] if is_on_project(operation) else []))
    if (operation, way) != OF_TWO_ORGANIZATIONS
]
OPEN_OPERATIONS = [operation for operation in OPEN if OPEN[operation]["person"]]
CALLS_OF_OPEN = {
    "createUser": ("POST", "/api/atlas/v2/users", {"nonsense": True}),
    "getUser": ("GET", "/api/atlas/v2/users/0123456789abcdef01234567", None),
    "getUserByName": ("GET", "/api/atlas/v2/users/byName/nobody@example.org", None),
    "listRateLimits": ("GET", "/api/atlas/v2/rateLimits", None),
    "getRateLimit": ("GET", "/api/atlas/v2/rateLimits/0123456789abcdef01234567", None),
    "createOrg": ("POST", "/api/atlas/v2/orgs", {"nonsense": True}),
    "getDefaultGroupLimit": ("GET", "/api/atlas/v2/defaultGroupLimits/NUM_CLUSTERS", None),
    "getGroupByName": ("GET", "/api/atlas/v2/groups/byName/{groupName}", None),
    "listEventTypes": ("GET", "/eventTypes", None),
    "getSystemStatus": ("GET", "/api/atlas/v2", None),
    "listDefaultGroupLimits": ("GET", "/api/atlas/v2/defaultGroupLimits", None),
    "listGroups": ("GET", "/api/atlas/v2/groups", None),
    "listOrgs": ("GET", "/api/atlas/v2/orgs", None),
}


def outcome_of(reply):
    """Give the answer as a refusal of authorization, or as `allowed`."""
    if reply.status < 300 or reply.code in MALFORMED:
        return Expected(ALLOWED)
    return Expected(reply.status, reply.code)


def fault(reply, wanted, edition, operation):
    """Say what is wrong with the answer, in a few words; nothing if it is as expected."""
    got = outcome_of(reply)
    if is_scim(operation):
        return fault_of_scim(reply, wanted, got)
    if got != wanted:
        return f"wanted {wanted}, got {reply.status} {reply.code}"
    return fault_of_denial(reply, edition, operation) if wanted.outcome == 401 else ""


def fault_of_scim(reply, wanted, got):
    """Say what is wrong with an answer of SCIM: a denial is 403 there, for 401 says that the credentials are wrong."""
    if wanted.outcome == 401:
        wanted = Expected(403, wanted.code)
    if got != wanted:
        return f"wanted {wanted}, got {reply.status} {reply.code}"
    if reply.headers["content-type"] != "application/scim+json":
        return f"is of the type {reply.headers['content-type']}"
    return "" if reply.status < 300 or reply.json["status"] == str(reply.status) else "has another status in its body"


def fault_of_denial(reply, edition, operation):
    """Say what is wrong with a denial, which names the missing privilege and the roles that would do."""
    needed = set(PRIVILEGES[operation]) & KNOWN[edition]
    if "www-authenticate" in reply.headers:
        return "a Digest client would try again"
    if set(reply.json["parameters"]) != needed:
        return f"names {reply.json['parameters']} as missing"
    if set(reply.json["requiredRoles"]) != holders(edition, needed, on_project=is_on_project(operation)):
        return f"says that {reply.json['requiredRoles']} would do"
    return ""


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("edition", "operation"), CELLS)
def test_every_role_gets_the_status_of_the_contract(scenes, edition, operation, way):
    """For every role held in this way, the operation answers as its holders in the oracle say."""
    scene, on_project = scenes[edition], is_on_project(operation)
    method, path, body = scene.harmless_call(operation)
    unknown = "FEDERATION_NOT_FOUND" if is_on_federation(operation) else ""
    faults = {}
    for role in roles_held(edition, way):
        wanted = expected(edition, operation, role, way, on_project=on_project, unknown=unknown)
        reply = scene.callers[role, way](method, path, body, accept=media_type_of(operation))
        if found := fault(reply, wanted, edition, operation):
            faults[f"{operation}-{role}-{way}"] = found
    assert faults == {}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("operation", OPEN_OPERATIONS)
@pytest.mark.parametrize("edition", EDITIONS)
def test_what_needs_no_privilege_answers_everybody(scenes, edition, operation, way):
    """An operation without a privilege answers each role as tests/oracle/open_operations.csv says."""
    scene, faults = scenes[edition], {}
    method, path, body = CALLS_OF_OPEN[operation]
    for role in roles_held(edition, way):
        wanted = expected_of_open(edition, operation, role, way)
        path, accept = path.replace("{groupName}", scene.project_name), media_type_of(operation)
        reply = scene.callers[role, way](method, path, body, accept=accept)
        if found := fault(reply, wanted, edition, operation):
            faults[f"{operation}-{role}-{way}"] = found
    assert faults == {}


@pytest.mark.parametrize("edition", EDITIONS)
def test_lists_hold_what_the_caller_may_see(scenes, edition):
    """Whoever is pending, suspended or ended lists no organization and no project; the others what they can read."""
    scene = scenes[edition]
    for (role, way), caller in scene.callers.items():
        if way == "key_elsewhere":
            continue
        orgs, projects = ([item["id"] for item in caller.get(path).json["results"]] for path in ("/orgs", "/groups"))
        is_there = way in {"direct", "team", "key"}
        reads = expected_of_open(edition, "getGroupByName", role, way).outcome == ALLOWED
        assert orgs == ([scene.org] if is_there else []), (role, way)
        assert (scene.project in projects) == reads, (role, way)


@pytest.mark.parametrize(("edition", "operation", "way"), REAL_CELLS)
def test_whoever_is_allowed_gets_what_they_ask_for(scenes, edition, operation, way):
    """Each role that may call the operation gets its success from a real call on objects of its own."""
    scene, on_project = scenes[edition], is_on_project(operation)
    faults, shown = {}, []
    for role in roles_held(edition, way):
        if expected(edition, operation, role, way, on_project=on_project).outcome != ALLOWED:
            continue
        place, caller = scene, scene.callers[role, way]
        if CASES[operation].consumes:
            place = scene.sibling(with_project=on_project)
            caller = place.caller(role, way)
        reply = caller(*place.real_call(operation, by=caller), accept=media_type_of(operation))
        shown.append(role)
        if reply.status != CASES[operation].status:
            faults[f"{operation}-{role}-{way}"] = f"{reply.status} {reply.code} {reply.body[:200]}"
    assert faults == {}
    assert shown or way == "team", "nobody may call it"


def test_what_the_edition_lacks_is_unsupported(scenes):
    """Tags of projects are of one edition: in the other nobody can have the privilege, and its owner is told so."""
    tags = {"tags": [{"key": "a", "value": "b"}]}
    assert "project.tags.update" in KNOWN["atlas"] - KNOWN["cloud_manager"]
    for edition, status, code in (("atlas", 200, ""), ("cloud_manager", 403, "FEATURE_UNSUPPORTED")):
        reply = scenes[edition].owner.patch(f"/groups/{scenes[edition].project}", tags)
        assert (reply.status, reply.code) == (status, code)


def test_every_operation_has_a_case():
    """A new operation is in the matrix, in the list of open ones, or public; nothing else is served."""
    public = {name for name, endpoint in ENDPOINT.items() if type(endpoint.operation.requires).__name__ == "Public"}
    assert CASES.keys() | OPEN.keys() | public == ENDPOINT.keys()
    assert not CASES.keys() & OPEN.keys()
    assert not public & (CASES.keys() | OPEN.keys())


def test_every_case_has_its_privilege_in_the_oracle():
    """Which privilege an operation needs is written down outside the code; each exception gives its reason."""
    assert CASES.keys() <= PRIVILEGES.keys()
    assert all(len(row["reason"]) > 20 for row in OPEN.values())
    assert {name for name in ENDPOINT if ENDPOINT[name].operation.privileges} == CASES.keys()


def test_every_operation_of_the_admin_api_has_its_least_roles_in_the_oracle():
    """What tests/catalog compares for all operations, it compares for every one that is served."""
    least = {row["operationId"]: row for row in rows("operation_roles.csv")}
    served = {name: endpoint for name, endpoint in ENDPOINT.items() if endpoint.is_atlas}
    assert served.keys() <= least.keys()
    for name, endpoint in served.items():
        assert (endpoint.method, endpoint.path) == (least[name]["method"], least[name]["path"])

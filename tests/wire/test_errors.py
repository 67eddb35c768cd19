"""Refusals: one shape, plain JSON, the code in a header too, for every operation (wire facts, 6)."""

import csv
import json
import re
from functools import cache
from pathlib import Path

import pytest

from orgward.app.operation import Public
from tests.wire.calls import ADMIN_API, CALLS, SERVED, Request, newest, path_of

ORACLE = Path(__file__).parents[1] / "oracle"


def oracle(name):
    """Return the rows of a file of the oracle."""
    with (ORACLE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


NOBODYS_ID = "0123456789abcdef01234567"
IDS = [
    (name, p)
    for name, e in sorted(SERVED.items())
    for p in re.findall(r"\{(\w+Id|id)\}", e.path)
    if not e.path.startswith("/scim/")  # refusals of SCIM have a shape of their own: tests/scim and tests/matrix
]
CLOSED = sorted(name for name, found in SERVED.items() if not isinstance(found.operation.requires, Public))
WITH_BODY = sorted(name for name, found in ADMIN_API.items() if found.bodies)
LEAST_ROLES = {row["operationId"]: row["least_roles_any_of"].split(";") for row in oracle("operation_roles.csv")}
PRIVILEGES = {row["operationId"]: {*row["privileges_any_of"].split("|")} for row in oracle("operation_privileges.csv")}
NOT_FOR_EVERY_MEMBER = sorted(
    name
    for name, found in ADMIN_API.items()
    if "{orgId}" in found.path and name in PRIVILEGES and "ORG_MEMBER" not in LEAST_ROLES[name]
)
CODES = {
    "getOrgEvent eventId": (404, "ORG_EVENT_NOT_FOUND"),
    "orgId": (404, "ORG_NOT_FOUND"),
    "groupId": (404, "GROUP_NOT_FOUND"),
    "userId": (404, "USER_NOT_FOUND"),
    "endpointSetId": (404, "RESOURCE_NOT_FOUND"),
    "invitationId": (404, "INVITATION_NOT_FOUND"),
    "teamId": (404, "TEAM_NOT_FOUND"),
    **{f"{name}GroupTeam teamId": (404, "TEAM_NOT_IN_GROUP") for name in ("get", "update", "remove")},
    "apiUserId": (400, "API_KEY_NOT_FOUND"),
    "eventId": (404, "EVENT_NOT_FOUND"),
    "clientId": (404, "SERVICE_ACCOUNT_NOT_FOUND"),
    "secretId": (404, "SERVICE_ACCOUNT_SECRET_NOT_FOUND"),
    "federationSettingsId": (404, "FEDERATION_NOT_FOUND"),
    "identityProviderId": (404, "IDENTITY_PROVIDER_DOES_NOT_EXIST"),
    "id": (404, "ROLE_MAPPING_NOT_FOUND"),
}
MEMBERS = {"detail", "error", "errorCode", "parameters", "reason"}
MORE_MEMBERS = {"badRequestDetail", "requiredRoles"}


def refusal(reply):
    """Return the error object of a reply whose every part is as it has to be."""
    body = reply.json()
    assert reply.headers["Content-Type"] == "application/json"
    assert MEMBERS <= body.keys() <= MEMBERS | MORE_MEMBERS
    assert list(body) == sorted(body)
    assert body["error"] == reply.status_code
    assert body["errorCode"] == reply.headers["X-Error-Code"]
    assert "WWW-Authenticate" not in reply.headers
    assert all(isinstance(parameter, str) for parameter in body["parameters"])
    assert body["detail"].endswith(".")
    assert "{" not in body["detail"]
    for fault in body.get("badRequestDetail", {}).get("fields", []):
        assert fault.keys() == {"field", "description"}
        assert fault["description"]
    return body


def anywhere(endpoint, **values):
    """Return values for a path that leads nowhere but where `values` say."""
    names = re.findall(r"\{(\w+)\}", endpoint.path)
    return {name: "ORG_OWNER" if name == "role" else nobodys(name) for name in names} | values


def nobodys(parameter):
    """Return an id that nothing has, in the form of this parameter."""
    return f"mdb_sa_id_{NOBODYS_ID}" if parameter == "clientId" else NOBODYS_ID


@pytest.mark.parametrize("operation", CLOSED)
def test_without_credentials_there_is_a_challenge(live, operation):
    """Nobody learns anything but how to sign in; no id and no body is looked at."""
    endpoint = SERVED[operation]
    for body in (b"{", None):
        reply = live.nobody(endpoint.method, path_of(endpoint, anywhere(endpoint)), raw=body)
        assert reply.status_code == 401
        assert reply.headers["WWW-Authenticate"].startswith("Digest ")
        is_scim = endpoint.path.startswith("/scim/")
        assert reply.headers["Content-Type"] == ("application/scim+json" if is_scim else "application/json")


@pytest.mark.parametrize(("operation", "parameter"), IDS)
@pytest.mark.parametrize("value", ["x", NOBODYS_ID.upper(), f"{NOBODYS_ID}0", "%00", "%2F", f"{NOBODYS_ID}%0A"])
def test_a_malformed_id_is_named(scene, operation, parameter, value):
    """A value that is no id is refused with the name of the parameter, before anything else is looked at."""
    endpoint = SERVED[operation]
    path = path_of(endpoint, anywhere(endpoint, **{parameter: value}))
    client = scene.founder if path.startswith("/api/orgward") else scene.owner
    raw = b"{}" if endpoint.bodies else None
    body = refusal(client(endpoint.method, path, raw=raw, accept=newest(endpoint)))
    assert (body["error"], body["errorCode"], body["parameters"]) == (400, "PATH_PARAM_PARSE_ERROR", [parameter])


@pytest.mark.parametrize(("operation", "parameter"), [row for row in IDS if row[0] in CALLS])
def test_an_unknown_id_has_its_code(scene, operation, parameter):
    """Each kind of thing has its code and status, odd ones kept, and the id is the parameter."""
    request, unknown = CALLS[operation](scene), nobodys(parameter)
    values = {**request.values, parameter: unknown}
    reply = scene.send(operation, Request(values, request.body, request.client))
    body = refusal(reply)
    assert (body["error"], body["errorCode"]) == CODES.get(f"{operation} {parameter}", CODES[parameter])
    assert body["parameters"][:1] == [unknown]
    assert unknown in body["detail"]


MALFORMED = {
    "nothing": b"",
    "cut": b'{"name": "x',
    "cut after a stranger": b'{"stranger": 1, "name": "x"',
    "two values": b"{} {}",
    "not a number": b'{"name": NaN}',
    "no text": b'{"name": "\xff\xfe"}',
    "no text after a stranger": b'{"stranger": 1, "name": "\xff\xfe"}',
    "half a character": b'{"name": "\\ud800"}',
    "byte order mark": b'\xef\xbb\xbf{"name": "x"}',
    "deep": b"[" * 100_000,
    "deep in a member": b'{"name":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    "deep in a stranger": b'{"stranger":' + b'{"a":' * 50_000 + b"1" + b"}" * 50_001,
    "utf-16": '{"name": "x"}'.encode("utf-16"),
}


@pytest.mark.parametrize("operation", WITH_BODY)
@pytest.mark.parametrize("raw", MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_body_is_refused(scene, requests_, operation, raw):
    """Whatever the bytes are, it is the client's fault and nothing happens."""
    request = requests_(operation)
    reply = scene.send(operation, Request(request.values, client=request.client), raw=raw)
    assert refusal(reply)["error"] == 400


@pytest.mark.parametrize("operation", WITH_BODY)
def test_a_body_of_another_kind_names_its_faults(scene, requests_, operation):
    """Members that nobody described are refused by name, beside all that is missing."""
    request = requests_(operation)
    wrong = [{"strange": 1}] if isinstance(request.body, list) else {**request.body, "strange": 1}
    body = refusal(scene.send(operation, Request(request.values, wrong, request.client)))
    assert body["error"] == 400
    faulty = [fault["field"] for fault in body["badRequestDetail"]["fields"]]
    assert any(field.endswith("strange") for field in faulty)


@pytest.mark.parametrize("operation", WITH_BODY)
@pytest.mark.parametrize("wrong", [None, 1, "text", True, [1], [[]], [None]], ids=repr)
def test_a_body_of_another_type_is_refused(scene, requests_, operation, wrong):
    """A body that is no object, or no list of objects, is refused as such."""
    request = requests_(operation)
    raw = json.dumps(wrong).encode()
    reply = scene.send(operation, Request(request.values, client=request.client), raw=raw)
    assert refusal(reply)["error"] == 400


@pytest.mark.parametrize("operation", NOT_FOR_EVERY_MEMBER)
def test_a_missing_role_is_401_and_says_which(member, requests_, scene, operation):
    """Whoever is in the organization and lacks the privilege is told its name and the roles that would do."""
    request = requests_(operation)
    values = {**request.values, "orgId": scene.org}
    if "federationSettingsId" in values:
        values["federationSettingsId"] = scene.federation()
    body = refusal(scene.send(operation, Request(values, request.body, member)))
    assert (body["error"], body["errorCode"]) == (401, "USER_UNAUTHORIZED")
    assert set(body["parameters"]) & PRIVILEGES[operation]
    assert set(body["requiredRoles"]) >= {"ORG_OWNER", *LEAST_ROLES[operation]}


@pytest.fixture(scope="module")
def member(scene):
    """Give a member of the organization without any further role."""
    return scene.live.client(scene.live.world.key(scene.username(), orgs={scene.org: ["ORG_MEMBER"]}))


@pytest.fixture(scope="module")
def requests_(scene):
    """Give the call of an operation, made once: what is refused leaves it as good as it was."""
    return cache(lambda operation: CALLS[operation](scene))


def test_keys_are_in_order_everywhere(scene):
    """Bodies of every operation have their members in alphabetical order, objects within them too."""
    unordered = {}
    for operation in sorted(CALLS):
        reply = scene.send(operation, CALLS[operation](scene))
        found = list(names_out_of_order(reply.json())) if reply.content else []
        unordered |= {operation: found} if found else {}
    assert unordered == {}


def names_out_of_order(value):
    """Yield the member names of each object within `value` that does not have them in alphabetical order."""
    if isinstance(value, dict):
        if list(value) != sorted(value):
            yield list(value)
        value = list(value.values())
    for part in value if isinstance(value, list) else []:
        yield from names_out_of_order(part)

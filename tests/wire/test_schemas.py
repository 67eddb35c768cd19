"""Replies of every operation, in every version, against the schemas of the real service's document."""

import json

import pytest
import regex
from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend

from tests.wire.calls import ADMIN_API, CALLS, EACH_VERSION
from tests.wire.exceptions import Exceptions
from tests.wire.facts import fact
from tests.wire.happenings import raise_other_events, raise_recorded_events

STATUSES_OF_THE_REAL_SERVICE = {"createGroup": 201, "createOrgTeam": 201, "createUser": 201, "deleteGroup": 202}
"""Where its replies are known to have another status than its document says (wire facts, 8)."""


def _pattern(_, pattern, instance, __):
    r"""Hold a string against a pattern that may say `\p{L}`, which `re` does not know."""
    if isinstance(instance, str) and regex.search(pattern, instance) is None:
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


Validator = extend(Draft202012Validator, {"pattern": _pattern})


def as_json_schema(schema, *, closed):
    """Return a schema of OpenAPI 3.0 as JSON Schema: `nullable` and `discriminator` spelled out.

    Where it is `closed`, members that it does not describe are refused; the parts of an `allOf` and the like stay
    open, for each knows only some members.
    """
    if not isinstance(schema, dict):
        return schema
    made = {name: _member(name, part) for name, part in schema.items() if name not in _DROPPED}
    if made.get("type") == "object" and {part.get("type") for part in made.get("oneOf", [{}])} == {"string"}:
        del made["type"]  # the document calls a choice between texts an object
    if "required" in made:
        made["required"] = [name for name in made["required"] if not _is_secret(schema, name)]
    if "discriminator" in schema:
        made.pop("oneOf", None)
        made["allOf"] = _chosen(schema["discriminator"])
    elif "oneOf" in made:
        made["anyOf"] = made.pop("oneOf")  # what chooses is not said, and the choices don't exclude each other
    if closed and made.keys() & {"$ref", "properties", "allOf", "oneOf"} and "additionalProperties" not in made:
        made["unevaluatedProperties"] = False
    return {"anyOf": [made, {"type": "null"}]} if schema.get("nullable") else made


_DROPPED = {"nullable", "discriminator"}


def _is_secret(schema, name):
    """Say whether a member stands in requests alone: a reply has to leave it out."""
    return schema.get("properties", {}).get(name, {}).get("writeOnly", False)


def _member(name, part):
    if name == "properties":
        return {inner: as_json_schema(value, closed=True) for inner, value in part.items()}
    if name in {"items", "additionalProperties"}:
        return as_json_schema(part, closed=True)
    if name in {"allOf", "oneOf", "anyOf"}:
        return [_base(inner) or as_json_schema(inner, closed=False) for inner in part]
    return part


def _base(schema):
    """Return a reference to the base of a schema, which does not choose among those that build on it."""
    reference = schema.get("$ref")
    return {"$ref": reference.replace("/schemas/", "/bases/")} if reference else None


def _chosen(discriminator):
    name = discriminator["propertyName"]
    return [
        {"if": {"properties": {name: {"const": value}}, "required": [name]}, "then": {"$ref": reference}}
        for value, reference in discriminator["mapping"].items()
    ]


@pytest.fixture(scope="module")
def document():
    """Give the document of the real service."""
    return json.loads(fact("admin-api.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def schemas(document):
    """Give the components of the document as JSON Schema, each by itself and as the base of others."""
    found = document["components"]["schemas"]
    bases = {
        name: {member: part for member, part in schema.items() if member not in {"discriminator", "oneOf"}}
        if "discriminator" in schema
        else schema
        for name, schema in found.items()
    }
    return {
        kind: {name: as_json_schema(schema, closed=False) for name, schema in parts.items()}
        for kind, parts in {"schemas": found, "bases": bases}.items()
    }


@pytest.fixture(scope="module")
def exceptions():
    """Give the known departures, and refuse those that nothing meets any more."""
    found = Exceptions("schema")
    yield found
    assert found.unmet == set()


class Faults:
    """Where a reply is not as a schema says; what is known of is cut out, and the rest is held against it again."""

    def __init__(self, schema, schemas):
        """Make the schema part of the document's."""
        self._validator = Validator({**as_json_schema(schema, closed=True), "components": schemas})

    def of(self, body):
        """Return the faults of `body`, one line each."""
        return sorted({_line(fault) for fault in self._validator.iter_errors(body)})

    def unknown(self, body, is_known):
        """Return the faults of `body` that stay once each member known to be wrong is taken out of it."""
        for fault in list(self._validator.iter_errors(body)):
            if is_known(_line(fault)) and fault.validator not in {"required", "unevaluatedProperties"}:
                *way, last = fault.absolute_path
                del _inside(body, way)[last]
        return [line for line in self.of(body) if not is_known(line)]


def _inside(body, way):
    for step in way:
        body = body[step]
    return body


def _line(fault):
    place = "".join("[]" if isinstance(part, int) else f"/{part}" for part in fault.absolute_path)
    return f"{place}: {fault.message[:200]}"


def faults(schema, schemas, body):
    """Return where `body` is not as `schema` says."""
    return Faults(schema, schemas).of(body)


@pytest.mark.parametrize(("operation", "version"), EACH_VERSION)
def test_a_reply_is_as_described(scene, document, schemas, exceptions, operation, version):
    """Status, media type and body of an operation in one version are those of the document."""
    endpoint = ADMIN_API[operation]
    media_type = f"application/vnd.atlas.{version}+json"
    described = document["paths"][endpoint.path][endpoint.method.lower()]
    assert described["operationId"] == operation
    reply = scene.send(operation, CALLS[operation](scene), accept=media_type)
    success = next(status for status in described["responses"] if status.startswith("2"))
    assert reply.status_code == STATUSES_OF_THE_REAL_SERVICE.get(operation, int(success)), reply.text
    content = described["responses"][success].get("content", {})
    assert media_type in content or not content
    schema = content.get(media_type, {}).get("schema")
    if schema and reply.content:
        found = Faults(schema, schemas).unknown(reply.json(), exceptions.of(operation, version))
        assert not found, "\n".join(found)


def test_events_of_every_kind_are_as_described(scene, schemas):
    """Whatever happens in an organization and its projects, each event of both feeds fits the schema of its kind."""
    raise_recorded_events(scene)
    project = raise_other_events(scene)
    for place, schema in ((f"/orgs/{scene.org}", "EventViewForOrg"), (f"/groups/{project}", "EventViewForNdsGroup")):
        events = scene.owner.done("GET", f"{place}/events?includeRaw=true&itemsPerPage=500")["results"]
        named = {event["eventTypeName"]: event for event in events}
        assert len(named) > 10
        for name, event in named.items():
            found = faults({"$ref": f"#/components/schemas/{schema}"}, schemas, event)
            assert not found, f"{name}: {found}"


def test_every_version_is_served(document):
    """No version that the document lists for an operation is left out, and none is invented."""
    listed = {
        operation["operationId"]: {
            media_type.removeprefix("application/vnd.atlas.").removesuffix("+json")
            for status, reply in operation["responses"].items()
            for media_type in reply.get("content", {})
            if status.startswith("2") and media_type.endswith("+json")
        }
        for path in document["paths"].values()
        for operation in path.values()
        if isinstance(operation, dict) and operation.get("operationId") in ADMIN_API
    }
    ours = {name: {version.date for version in found.versions} for name, found in ADMIN_API.items()}
    assert {name: (ours[name], listed[name]) for name in ours if ours[name] != listed[name]} == {}


def test_a_fault_is_found(schemas):
    """The validation sees another type, a member that is not described, a null, and a letter out of pattern."""
    schema = {"type": "object", "properties": {"name": {"type": "string", "pattern": r"^[\p{L}]+$"}}}
    assert faults(schema, {}, {"name": "Zoë"}) == []
    for wrong in ({"name": 1}, {"name": None}, {"name": "a1"}, {"nickname": "Zoë"}):
        assert len(faults(schema, {}, wrong)) == 1, wrong
    assert faults({**schema, "nullable": True}, {}, None) == []
    group = {"$ref": "#/components/schemas/Group"}
    assert faults(group, schemas, {"clusterCount": 0, "name": "a", "orgId": "x", "created": "y", "foo": 1})

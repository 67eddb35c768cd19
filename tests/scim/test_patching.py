"""PATCH: what each operation does to a resource, as RFC 7644 has it and as Entra and Okta send it (3.5.2)."""

import json

import pytest

from orgward.kernel.errors import OrgwardError
from orgward.scim.patching import (
    LONGEST_PATHS,
    MOST_COMPARISONS,
    MOST_OPERATIONS,
    MOST_PARTS,
    Operation,
    PatchBody,
    decode_changes,
    patched,
)
from orgward.scim.schemas import TEAM, USER

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
WORK = {"value": "b@work.example", "type": "work", "primary": True}
HOME = {"value": "b@home.example", "type": "home"}
BARBARA = {
    "id": "1",
    "userName": "b@work.example",
    "active": True,
    "name": {"givenName": "Barbara", "familyName": "Jensen"},
    "title": "Guide",
    "emails": [WORK, HOME],
    ENTERPRISE: {"department": "Tours"},
}
TOURS = {"id": "2", "displayName": "Tours", "members": [{"value": "a", "type": "User"}, {"value": "b", "type": "User"}]}


def user(*operations):
    """Give Barbara after changes."""
    return patched(USER, BARBARA, [Operation(**each) for each in operations])


def team(*operations):
    """Give the ids of the members of the team after changes."""
    found = patched(TEAM, TOURS, [Operation(**each) for each in operations])
    return [member["value"] for member in found.get("members", [])]


def changes(**expected):
    """Give Barbara with other members, without those that are None."""
    found = {**BARBARA, **expected}
    return {name: value for name, value in found.items() if value is not None}


@pytest.mark.parametrize("op", ["replace", "Replace", "REPLACE", "add", "Add"])
@pytest.mark.parametrize("value", [False, "False", "false"], ids=repr)
@pytest.mark.parametrize("path", ["active", "Active", "urn:ietf:params:scim:schemas:core:2.0:User:active"])
def test_active_as_everybody_sends_it(op, value, path):
    """`op` and names come in any capitals, and booleans as texts."""
    assert user({"op": op, "path": path, "value": value}) == changes(active=False)


def test_without_a_path_the_members_of_the_value_are_paths():
    """Okta sends an object, Entra one whose members are paths; what nobody can set, or has, is passed over there."""
    value = {
        "id": "other",
        "schemas": [],
        "nonsense": 1,
        "active": "False",
        "name.givenName": "Babs",
        'emails[type eq "home"].value': "new@home.example",
        f"{ENTERPRISE}:department": "Guides",
        "title": None,
    }
    expected = changes(
        active=False,
        name={"givenName": "Babs", "familyName": "Jensen"},
        emails=[WORK, {**HOME, "value": "new@home.example"}],
        title=None,
    )
    assert user({"op": "Replace", "value": value}) == {**expected, ENTERPRISE: {"department": "Guides"}}
    whole = {ENTERPRISE: {"costCenter": "4130"}}
    both = {"department": "Tours", "costCenter": "4130"}
    assert user({"op": "add", "value": whole}) == {**BARBARA, ENTERPRISE: both}


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        ({"op": "replace", "path": "title", "value": "Boss"}, {"title": "Boss"}),
        ({"op": "remove", "path": "title"}, {"title": None}),
        ({"op": "replace", "path": "title", "value": ""}, {"title": None}),
        ({"op": "replace", "path": "title", "value": None}, {"title": None}),
        ({"op": "remove", "path": "nickName"}, {}),
        (
            {"op": "add", "path": "name.middleName", "value": "J"},
            {"name": {"givenName": "Barbara", "familyName": "Jensen", "middleName": "J"}},
        ),
        (
            {"op": "replace", "path": "name", "value": {"givenName": "Babs"}},
            {"name": {"givenName": "Babs", "familyName": "Jensen"}},
        ),
        ({"op": "remove", "path": "name.givenName"}, {"name": {"familyName": "Jensen"}}),
        ({"op": "remove", "path": "name"}, {"name": None}),
        ({"op": "remove", "path": "emails"}, {"emails": None}),
        ({"op": "remove", "path": 'emails[type eq "home"]'}, {"emails": [WORK]}),
        ({"op": "remove", "path": 'emails[type eq "other"]'}, {}),
        ({"op": "add", "path": "emails", "value": [HOME]}, {}),
        ({"op": "replace", "path": "emails", "value": [HOME]}, {"emails": [HOME]}),
        (
            {"op": "replace", "path": 'emails[type eq "work"].value', "value": "x@y.example"},
            {"emails": [HOME, {**WORK, "value": "x@y.example"}]},
        ),
        (
            {"op": "Add", "path": 'emails[type eq "other"].value', "value": "x@y.example"},
            {"emails": [WORK, HOME, {"type": "other", "value": "x@y.example"}]},
        ),
        (
            {"op": "add", "path": "emails", "value": {"value": "n@y.example", "type": "other", "primary": "True"}},
            {
                "emails": [
                    {**WORK, "primary": False},
                    HOME,
                    {"value": "n@y.example", "type": "other", "primary": True},
                ]
            },
        ),
        (
            {"op": "replace", "path": 'emails[type eq "home"].primary', "value": True},
            {"emails": [{**WORK, "primary": False}, {**HOME, "primary": True}]},
        ),
        (
            {"op": "remove", "path": 'emails[type eq "work"].primary'},
            {"emails": [HOME, {"value": WORK["value"], "type": "work"}]},
        ),
        ({"op": "replace", "path": f"{ENTERPRISE}:department", "value": "X"}, {ENTERPRISE: {"department": "X"}}),
        ({"op": "remove", "path": f"{ENTERPRISE}:department"}, {ENTERPRISE: None}),
        ({"op": "remove", "path": ENTERPRISE}, {ENTERPRISE: None}),
        (
            {"op": "Add", "path": f"{ENTERPRISE}:manager", "value": "26118915"},
            {ENTERPRISE: {"department": "Tours", "manager": {"value": "26118915"}}},
        ),
        (
            {"op": "replace", "path": f"{ENTERPRISE}:manager", "value": [{"value": "26118915", "displayName": "Al"}]},
            {ENTERPRISE: {"department": "Tours", "manager": {"value": "26118915"}}},
        ),
    ],
)
def test_one_change(operation, expected):
    """Each kind of change does to the resource what the RFC says, and nothing else."""
    assert user(operation) == changes(**expected)


def test_changes_are_made_one_after_the_other():
    """Each change sees those before it."""
    first = {"op": "add", "path": 'emails[type eq "other"].value', "value": "x@y.example"}
    then = {"op": "replace", "path": 'emails[type eq "other"].display', "value": "X"}
    assert {"type": "other", "value": "x@y.example", "display": "X"} in user(first, then)["emails"]


def test_the_resource_itself_is_not_touched():
    """Whoever asks for a change keeps what they had."""
    before = repr(BARBARA)
    user({"op": "add", "path": "name.middleName", "value": "J"}, {"op": "remove", "path": ENTERPRISE})
    assert repr(BARBARA) == before


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        ({"op": "add", "path": "members", "value": [{"value": "c"}]}, ["a", "b", "c"]),
        ({"op": "Add", "path": "members", "value": [{"value": "a"}, {"value": "c", "display": "Cy"}]}, ["a", "b", "c"]),
        ({"op": "add", "value": {"members": [{"value": "c"}]}}, ["a", "b", "c"]),
        ({"op": "replace", "path": "members", "value": [{"value": "c"}]}, ["c"]),
        ({"op": "replace", "path": "members", "value": []}, []),
        ({"op": "remove", "path": 'members[value eq "a"]'}, ["b"]),
        ({"op": "remove", "path": 'members[value eq "z"]'}, ["a", "b"]),
        ({"op": "Remove", "path": "members", "value": [{"value": "a"}]}, ["b"]),
        ({"op": "Remove", "path": "members", "value": [{"value": "z"}]}, ["a", "b"]),
        ({"op": "remove", "path": 'members[value eq "a" or value eq "b"]'}, []),
        ({"op": "remove", "path": "members"}, []),
        ({"op": "remove", "path": "members", "value": []}, ["a", "b"]),
    ],
)
def test_members_come_and_go(operation, expected):
    """Members are added once, replaced as a whole, and taken out by a filter or, as Entra does it, by a value."""
    assert team(operation) == expected


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        ({"op": "move", "path": "title", "value": "x"}, "INVALID_ATTRIBUTE"),
        ({"op": "replace", "path": "nothing", "value": "x"}, "INVALID_PATH"),
        ({"op": "replace", "path": "name.nothing", "value": "x"}, "INVALID_PATH"),
        ({"op": "replace", "path": "title[value pr]", "value": "x"}, "INVALID_PATH"),
        ({"op": "replace", "path": "emails[type eq", "value": "x"}, "INVALID_PATH"),
        ({"op": "replace", "path": 'emails[type eq "work"].nothing', "value": "x"}, "INVALID_PATH"),
        ({"op": "replace", "path": 'emails[nothing eq "work"].value', "value": "x"}, "INVALID_FILTER"),
        ({"op": "replace", "path": f"{ENTERPRISE}:nothing", "value": "x"}, "INVALID_PATH"),
        ({"op": "replace", "path": 'emails[type eq "other"].value', "value": "x"}, "NO_TARGET"),
        ({"op": "add", "path": 'emails[type co "o" or type pr].value', "value": "x"}, None),
        ({"op": "add", "path": 'emails[type co "zz"].value', "value": "x"}, "NO_TARGET"),
        ({"op": "remove"}, "NO_TARGET"),
        ({"op": "replace", "path": "id", "value": "x"}, "ATTRIBUTE_NOT_CHANGEABLE"),
        ({"op": "replace", "path": "meta.version", "value": "x"}, "ATTRIBUTE_NOT_CHANGEABLE"),
        ({"op": "add", "path": "groups", "value": [{"value": "x"}]}, "ATTRIBUTE_NOT_CHANGEABLE"),
        ({"op": "remove", "path": "userName"}, "ATTRIBUTE_NOT_CHANGEABLE"),
        ({"op": "remove", "path": "active"}, "ATTRIBUTE_NOT_CHANGEABLE"),
        ({"op": "replace", "path": "active", "value": None}, "ATTRIBUTE_NOT_CHANGEABLE"),
        ({"op": "replace", "path": "active", "value": "perhaps"}, "VALIDATION_ERROR"),
        ({"op": "replace", "path": "title", "value": 5}, "VALIDATION_ERROR"),
        ({"op": "replace", "path": "title"}, "MISSING_ATTRIBUTE"),
        ({"op": "add"}, "MISSING_ATTRIBUTE"),
        ({"op": "replace", "path": "title", "value": "x" * 1001}, "VALIDATION_ERROR"),
        ({"op": "replace", "path": "name", "value": 5}, "VALIDATION_ERROR"),
        ({"op": "replace", "path": "emails", "value": [5]}, "VALIDATION_ERROR"),
        ({"op": "add", "path": "emails", "value": [{"value": str(i)} for i in range(21)]}, "VALIDATION_ERROR"),
        ({"op": "replace", "value": "x"}, "VALIDATION_ERROR"),
        ({"op": "replace", "path": ENTERPRISE, "value": "x"}, "VALIDATION_ERROR"),
    ],
)
def test_what_is_refused(operation, code):
    """Each fault has the word that the RFC has for it."""
    if code is None:
        user(operation)
        return
    with pytest.raises(OrgwardError) as found:
        user(operation)
    assert found.value.code == code


@pytest.mark.parametrize("count", [0, MOST_OPERATIONS + 1])
def test_how_many_changes_there_may_be(count):
    """A request changes something, and not without end."""
    with pytest.raises(OrgwardError):
        user(*[{"op": "replace", "path": "title", "value": "x"}] * count)


def changes_of(*operations):
    """Give what is decoded of a body with these changes."""
    return decode_changes(json.dumps({"Operations": operations}).encode(), PatchBody).operations


@pytest.mark.parametrize(
    "operations",
    [
        [{"op": "add", "path": "members", "value": [{"value": "x"}] * (MOST_PARTS // 2 + 1)}],
        [{"op": "add", "path": "members", "value": ["x"] * (MOST_PARTS // 50)}] * 51,
        [{"op": "add", "value": {"name": {f"n{n}": {} for n in range(MOST_PARTS)}}}],
        [{"op": "replace", "path": f"x{'x' * (LONGEST_PATHS // 20)}", "value": 1}] * 20,
        [{"op": "replace", "value": {f"{n}{'x' * (LONGEST_PATHS // 20)}": 1 for n in range(20)}}],
    ],
)
def test_too_many_changes_are_refused_before_anybody_waits(operations):
    """What a body holds is counted while it is decoded: values at any depth, and the length of all paths."""
    with pytest.raises(OrgwardError) as refused:
        changes_of(*operations)
    assert refused.value.code == "TOO_MANY_CHANGES"


def test_a_full_team_can_be_exchanged_in_one_request():
    """In the largest team each change of the largest request can take somebody out, and put in another."""
    there = {"id": "2", "displayName": "Tours", "members": [{"value": str(n), "type": "User"} for n in range(250)]}
    out = [{"op": "remove", "path": f'members[value eq "{n}"]'} for n in range(MOST_OPERATIONS)]
    found = patched(TEAM, there, changes_of(*out))
    assert len(found["members"]) == 250 - MOST_OPERATIONS
    whole = [{"op": "replace", "path": "members", "value": [{"value": str(n)} for n in range(1000, 1250)]}]
    assert len(patched(TEAM, there, changes_of(*whole))["members"]) == 250


def test_changes_look_at_so_many_values():
    """Operations, values and terms of their filters count together: the cost of a request has an end."""
    there = {"id": "2", "displayName": "Tours", "members": [{"value": str(n), "type": "User"} for n in range(250)]}
    path = "members[" + " or ".join(f'value eq "x{n}"' for n in range(9)) + "]"
    enough = MOST_COMPARISONS // (9 * 251)
    assert patched(TEAM, there, changes_of(*[{"op": "remove", "path": path}] * enough)) == there
    with pytest.raises(OrgwardError) as refused:
        patched(TEAM, there, changes_of(*[{"op": "remove", "path": path}] * (enough + 1)))
    assert refused.value.code == "TOO_MANY_CHANGES"

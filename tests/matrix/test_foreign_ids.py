"""An id of somebody else's is answered like one that does not exist, and does nothing (attack: object references).

For every operation and every id in its path, body and query, the owner of one organization names what lies in another
organization, of the same and of the other edition, in the wrong project, or is of another kind.
"""

import sqlite3
from copy import deepcopy
from urllib.parse import unquote

import pytest

from tests.matrix.cases import CASES, ENDPOINT, is_on_project, is_scim, media_type_of
from tests.matrix.expectation import EDITIONS

UNKNOWN_ID = "0123456789abcdef01234567"
UNKNOWN = {
    "ipAddress": "203.0.113.250",
    "limitName": "unheard.of",
    "role": "GROUP_UNHEARD_OF",
    "invitee": "unheard@example.org",
    "domain": "unheard.example.org",
    "clientId": f"mdb_sa_id_{UNKNOWN_ID}",
    "resourceType": "Unheard",
    "schemaUrn": "urn:unheard:of",
}
MALFORMED = ("x", UNKNOWN_ID[:-1], UNKNOWN_ID + "0", UNKNOWN_ID.upper(), UNKNOWN_ID[:-1] + "g", "%00" + UNKNOWN_ID[:-1])
UNSTABLE = ("log", "chains", "meta", "outbox_state")
"""Tables that say what was asked, not what there is."""

CELLS = [(edition, operation) for edition in EDITIONS for operation in CASES]
IN_PATH = [
    (edition, operation, name)
    for edition, operation in CELLS
    for name in ("orgId", "groupId", *CASES[operation].names)
    if f"{{{name}}}" in ENDPOINT[operation].path
]
IN_BODY = [(edition, operation, *id) for edition, operation in CELLS for id in CASES[operation].ids]


def other(edition):
    """Give the other edition."""
    return next(name for name in EDITIONS if name != edition)


def rows_of(world):
    """Give every row of the store but those about requests, by table."""
    with sqlite3.connect(world.store.path) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found = {
            name: sorted(map(repr, connection.execute(f"SELECT * FROM {name}")))  # noqa: S608 - the names are its own
            for name in names
            if name not in UNSTABLE
        }
    connection.close()
    return found


def log_of(world, scene):
    """Give how many rows the log of an organization has."""
    with sqlite3.connect(world.store.path) as connection:
        (found,) = connection.execute("SELECT count(*) FROM log WHERE org_id = ?", (scene.org,)).fetchone()
    connection.close()
    return found


def settle(scene):
    """Wait until the writer has written the refusals that came before: it answers this one when it gets to it."""
    reply = scene.owner.patch(f"/orgs/{scene.org}", {"name": " "})
    assert reply.status == 400


@pytest.fixture
def watched(neighbours):
    """Give the scenes, and afterwards see that nothing in the store has changed, nor in the others' logs."""
    world = neighbours[EDITIONS[0]][0].world
    others = [second for _, second in neighbours.values()]
    before, logs = rows_of(world), [log_of(world, scene) for scene in others]
    yield neighbours
    for scene, _ in neighbours.values():
        settle(scene)
    after = rows_of(world)
    assert {name for name in after if after[name] != before[name]} == set()
    assert [log_of(world, scene) for scene in others] == logs


def masked(reply, named):
    """Give status, code and body of an answer without what was named."""
    return reply.status, reply.code, unquote(reply.body.decode()).replace(named, "…")


def strange_values(neighbours, edition, kind):
    """Give what lies elsewhere or is something else, for an id of this kind."""
    here, there = neighbours[edition]
    abroad = neighbours[other(edition)][1]
    of_kind = {
        "orgId": [there.org, abroad.org, here.project, here.owner.id],
        "groupId": [there.project, abroad.project, here.org, here.standing["key"]],
        "teamId": [there.standing["team"], abroad.standing["team"], here.project, here.owner.id],
        **{
            kind: [there.standing[kind], abroad.standing[kind], f"mdb_sa_id_{here.standing['key']}"]
            for kind in ("account", "project_account")
        },
        "invitee": [s.invitees[s.standing[name]] for s in (there, abroad) for name in INVITATIONS],
        "key_role": [abroad.key_role, "ORG_OWNER", "GROUP_OWNER"],
        "address": [there.listed, abroad.listed],
        "scim_type": ["Users", "Device", here.project],
        "scim_schema": ["User", "urn:ietf:params:scim:schemas:core:2.0:Device", here.project],
        "limit_name": ["NUM_CLUSTERS", "atlas.project.deployment.nothing", here.project],
        **{
            kind: [s.standing[name] for s, name in ((there, kind), (abroad, kind), (here, wrong), (here, "member"))]
            for kind, wrong in (("org_event", "group_event"), ("group_event", "org_event"))
        },
    }
    if kind in of_kind:
        return of_kind[kind]
    if kind in {"member", "userId"}:
        members = [there.standing["member"], abroad.standing["member"], there.owner.id]
        return [*members, here.org, here.project, here.standing["key"]]
    return [there.standing[kind], abroad.standing[kind], here.org, here.project, here.standing["member"]]


INVITATIONS = ("org_invitation", "group_invitation")


def kind_of(operation, name):
    """Give the kind of thing that a value in the path names."""
    return "key_role" if name == "role" else CASES[operation].names.get(name, name)


def with_value(scene, operation, name, value):
    """Give the call on what stands there, with one value of its path replaced."""
    values = scene.values(operation, fresh=False)
    method, _, body = scene.call_with(operation, values)
    return method, scene.call_with(operation, {**values, name: value})[1], body


def assert_strange(replies, wanted):
    """See that each answer is that for an unknown id."""
    status = wanted[0]
    assert 400 <= status < 500
    assert {value: found for value, found in replies.items() if found != wanted} == {}


@pytest.mark.parametrize("who", ["owner", "owner_key"])
@pytest.mark.parametrize(("edition", "operation", "name"), IN_PATH)
def test_a_foreign_id_in_the_path_is_unknown(watched, edition, operation, name, who):
    """What the path names of another organization, or of another kind, is answered like an unknown one."""
    scene = watched[edition][0]
    caller, unknown = getattr(scene, who), UNKNOWN.get(name, UNKNOWN_ID)

    def ask(value):
        return masked(caller(*with_value(scene, operation, name, value), accept=media_type_of(operation)), value)

    wanted = ask(unknown)
    strange = strange_values(watched, edition, kind_of(operation, name))
    replies = {value: ask(value) for value in strange}
    assert_strange(replies, wanted)
    if name in {"orgId", "groupId"}:
        code = "GROUP_NOT_FOUND" if name == "groupId" else "ORG_NOT_FOUND"
        assert wanted[:2] == (404, code)


def put_id(body, place, value):
    """Give the body with the member at `place`, dotted, set to `value`; lists that are missing are made."""
    body = deepcopy(body)
    *way, last = place.split(".")
    if last == "0":
        return put_list(body, way, value)
    inner = body
    for step in way:
        inner = inner[int(step) if step.isdigit() else step]
    inner[last] = value
    return body


def put_list(body, way, value):
    """Give the body with a list of one value at `way`."""
    (name,) = way
    return {**body, name: [value]}


def with_id(scene, operation, place, value):
    """Give the call with an id of its body or query replaced."""
    method, path, body = scene.call_with(operation, scene.values(operation, fresh=False))
    if place.startswith("?"):
        return method, f"{path}?{place[1:]}={value}", body
    return method, path, put_id(body, place, value)


@pytest.mark.parametrize("who", ["owner", "owner_key"])
@pytest.mark.parametrize(("edition", "operation", "place", "kind"), IN_BODY)
def test_a_foreign_id_in_the_body_is_unknown(watched, edition, operation, place, kind, who):
    """What the body or query names of another organization, or of another kind, is answered like an unknown one."""
    scene = watched[edition][0]
    caller, unknown = getattr(scene, who), UNKNOWN.get(kind, UNKNOWN_ID)
    wanted = masked(caller(*with_id(scene, operation, place, unknown)), unknown)
    strange = strange_values(watched, edition, kind)
    replies = {value: masked(caller(*with_id(scene, operation, place, value)), value) for value in strange}
    assert_strange(replies, wanted)
    assert wanted[0] == 404


@pytest.fixture(scope="package")
def annexes(neighbours):
    """Give by edition the organization's other project, with objects of its own."""
    return {edition: scene.with_another_project() for edition, (scene, _) in neighbours.items()}


PROJECT_KINDS = {
    "member", "group_invitation", "join_request", "project_key", "project_team", "group_event", "project_account",
    "project_account_secret",
}  # fmt: skip
"""Kinds of things that lie in a project."""

WRONG_PARENTS = [
    (edition, operation, name)
    for edition, operation, name in IN_PATH
    if (is_on_project(operation) and kind_of(operation, name) in PROJECT_KINDS) or name == "ipAddress"
]


@pytest.mark.parametrize(("edition", "operation", "name"), WRONG_PARENTS)
def test_what_has_another_parent_is_unknown(annexes, watched, edition, operation, name):
    """What lies in another project of the same organization, or on another key's list, is answered as unknown."""
    scene, unknown = watched[edition][0], UNKNOWN.get(name, UNKNOWN_ID)
    wanted = masked(scene.owner(*with_value(scene, operation, name, unknown)), unknown)
    value = annexes[edition].standing[kind_of(operation, name)]
    reply = scene.owner(*with_value(scene, operation, name, value))
    assert_strange({value: masked(reply, value)}, wanted)


@pytest.mark.parametrize(
    ("edition", "operation", "name"), [cell for cell in IN_PATH if cell[2] == "id" or cell[2].endswith("Id")]
)
def test_a_malformed_id_in_the_path_is_refused(watched, edition, operation, name):
    """What is no id is refused before anything is looked up, whoever asks; without credentials it is 401."""
    here, there = watched[edition]
    for value in MALFORMED:
        method, path, body = with_value(here, operation, name, value)
        for caller in (here.owner, there.owner, here.owner_key):
            reply = caller(method, path, body, accept=media_type_of(operation))
            status = 404 if is_scim(operation) else 400  # SCIM knows no form that ids must have
            assert (reply.status, reply.code) == (status, "PATH_PARAM_PARSE_ERROR"), value
            assert is_scim(operation) or reply.json["parameters"] == [name]
        assert here.world.nobody(method, path, body).status == 401


@pytest.mark.parametrize(
    ("edition", "operation", "place", "kind"), [cell for cell in IN_BODY if cell[3].endswith("Id")]
)
def test_a_malformed_id_in_the_body_is_refused(watched, edition, operation, place, kind):
    """What is no id in a body or query is no valid body."""
    here = watched[edition][0]
    for value in MALFORMED:
        reply = here.owner(*with_id(here, operation, place, value))
        assert reply.status == 400, value


OPEN_PLACES = {
    "createOrg": ("POST", "/orgs", {"name": "Mine", "orgOwnerId": "{id}"}, "member"),
    "getGroupByName": ("GET", "/groups/byName/{id}", None, "project_name"),
    "getUser": ("GET", "/users/{id}", None, "member"),
    "acceptInvitation": ("POST", "/api/orgward/v1/me/invitations/{id}:accept", None, "org_invitation"),
    "withdrawJoinRequest": ("DELETE", "/api/orgward/v1/me/joinRequests/{id}", None, "join_request"),
    "declineInvitation": ("POST", "/api/orgward/v1/me/invitations/{id}:decline", None, "org_invitation"),
}


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("operation", OPEN_PLACES)
def test_an_open_operation_tells_nothing_of_foreign_ids(watched, edition, operation):
    """Operations about the caller know nothing of others' ids: they are answered like unknown ones."""
    here, there = watched[edition]
    abroad = watched[other(edition)][1]
    method, path, body, kind = OPEN_PLACES[operation]

    def ask(value):
        named = None if body is None else {k: v.replace("{id}", value) for k, v in body.items()}
        return masked(here.owner(method, path.replace("{id}", value), named), value)

    by_name = kind == "project_name"
    wanted = ask("Unheard of" if by_name else UNKNOWN_ID)
    strange = [s.project_name if by_name else s.standing[kind] for s in (there, abroad)]
    assert_strange({value: ask(value) for value in strange}, wanted)


LISTS = ("listOrgUsers", "listOrgTeamUsers", "listGroupUsers", "listOrgInvites", "listGroupInvites")


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("operation", LISTS)
def test_a_foreign_username_finds_nobody(watched, edition, operation):
    """A list asked for somebody of another organization is as empty as for an unknown address."""
    here, there = watched[edition]
    method, path, _ = here.call_with(operation, here.values(operation, fresh=False))
    wanted = here.owner(method, f"{path}?username=unheard@example.org")
    assert wanted.status == 200
    for address in there.invitees.values():
        reply = here.owner(method, f"{path}?username={address}")
        assert masked(reply, address) == masked(wanted, "unheard@example.org")


@pytest.mark.parametrize("edition", EDITIONS)
def test_a_decision_tells_nothing_of_foreign_ids(watched, edition):
    """Asked about a subject or resource of another organization, a decision is that about an unknown one."""
    here, there = watched[edition]
    abroad = watched[other(edition)][1]

    def ask(subject, resource, named):
        question = {
            "subject": {"type": subject[0], "id": subject[1]},
            "action": {"name": "org.read" if resource[0] == "organization" else "project.read"},
            "resource": {"type": resource[0], "id": resource[1]},
        }
        return masked(here.owner.post("/access/v1/evaluation", question, accept=None), named)

    me = ("user", here.owner.id)
    for kind in ("organization", "project"):
        wanted = ask(me, (kind, UNKNOWN_ID), UNKNOWN_ID)
        assert '"decision":false' in wanted[2]
        for scene in (there, abroad):
            for value in (scene.org, scene.project):
                assert ask(me, (kind, value), value) == wanted
    for kind, name in (("user", "member"), ("api_key", "key")):
        for resource in (("organization", here.org), ("project", here.project)):
            wanted = ask((kind, UNKNOWN_ID), resource, UNKNOWN_ID)
            for scene in (there, abroad):
                value = scene.standing[name]
                assert ask((kind, value), resource, value) == wanted

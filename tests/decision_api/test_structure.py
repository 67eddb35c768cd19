"""AuthZEN's certification scenario, as far as it is about the form of requests and replies."""

import json

import pytest

from tests.decision_api.conftest import EVALUATION, EVALUATIONS, question

WHOLE = question(("user", "nobody@example.org"), "org.read", ("organization", "0" * 24))


def without(*path):
    """Give a whole question less one member."""
    body = json.loads(json.dumps(WHOLE))
    inner = body
    for name in path[:-1]:
        inner = inner[name]
    del inner[path[-1]]
    return body


def with_(value, *path):
    """Give a whole question with one member replaced."""
    body = json.loads(json.dumps(WHOLE))
    inner = body
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = value
    return body


FAULTY = {
    "no subject": without("subject"),
    "no subject type": without("subject", "type"),
    "no subject id": without("subject", "id"),
    "no action": without("action"),
    "no action name": without("action", "name"),
    "no resource": without("resource"),
    "no resource type": without("resource", "type"),
    "no resource id": without("resource", "id"),
    "subject a string": with_("alice", "subject"),
    "subject null": with_(None, "subject"),
    "subject type a number": with_(1, "subject", "type"),
    "subject id a list": with_([], "subject", "id"),
    "subject properties a string": with_("x", "subject", "properties"),
    "action a string": with_("org.read", "action"),
    "action name a number": with_(5, "action", "name"),
    "resource a list": with_([], "resource"),
    "resource id a number": with_(7, "resource", "id"),
    "context a string": with_("here", "context"),
    "context.ip no address": with_({"ip": "home"}, "context"),
    "an array": [WHOLE],
    "a string": "question",
    "null": None,
    "an empty object": {},
}


@pytest.mark.parametrize("path", [EVALUATION, EVALUATIONS])
@pytest.mark.parametrize("body", FAULTY.values(), ids=FAULTY.keys())
def test_an_ill_formed_question_is_400(owner, path, body):
    """Each missing or ill-typed member is 400 with the error shape."""
    reply = owner.reply(None, path=path, raw=json.dumps(body).encode())
    assert reply.status == 400
    assert reply.json["error"] == 400


@pytest.mark.parametrize("path", [EVALUATION, EVALUATIONS])
@pytest.mark.parametrize("raw", [b"", b"{", b'{"subject":', b"\xff\xfe", b"[" * 100_000])
def test_malformed_json_is_400(owner, path, raw):
    """An empty body, cut JSON, bytes that are no UTF-8 and deep nesting are 400."""
    assert owner.reply(None, path=path, raw=raw).status == 400


@pytest.mark.parametrize("path", [EVALUATION, EVALUATIONS])
@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "application/x-www-form-urlencoded", ""])
def test_another_content_type_is_400(owner, path, kind):
    """What is not declared as JSON is 400, not 415 (contract.md)."""
    assert owner.reply(WHOLE, path=path, headers={"content-type": kind}).status == 400


@pytest.mark.parametrize(
    "kind", ["application/json; charset=utf-8", "application/json;charset=UTF-8", "Application/JSON"]
)
def test_a_charset_is_accepted(owner, kind):
    """Parameters and capitals of the content type do not matter."""
    assert owner.reply(WHOLE, headers={"content-type": kind}).status == 200


@pytest.mark.parametrize("path", [EVALUATION, EVALUATIONS])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_only_post_asks(owner, path, method):
    """Other methods are refused."""
    reply = owner.caller(method, path)
    assert reply.status == 405
    assert reply.headers["allow"] == "POST"


@pytest.mark.parametrize("path", [EVALUATION, EVALUATIONS])
def test_nobody_asks_without_credentials(world, path):
    """Without credentials the answer is 401 with a challenge, whatever the body is."""
    for raw in (json.dumps(WHOLE).encode(), b"{"):
        reply = world.nobody.post(path, raw=raw)
        assert reply.status == 401
        assert reply.headers["www-authenticate"].startswith("Digest ")


def test_the_same_question_has_the_same_answer(owner):
    """Asking changes nothing: neither the answer nor the revision."""
    first, second = owner.reply(WHOLE), owner.reply(WHOLE)
    assert first.json == second.json
    assert first.headers["orgward-revision"] == second.headers["orgward-revision"]


def test_unknown_members_are_passed_over(owner):
    """Members that the specification does not know change nothing, at any level."""
    more = json.loads(json.dumps(WHOLE))
    more |= {"extra": [1], "context": {"time": "now", "nested": {"a": 1}}}
    for part in ("subject", "action", "resource"):
        more[part] |= {"extra": 1, "properties": {"role": "owner"}}
    assert owner.reply(more).json == owner.reply(WHOLE).json


def test_the_request_id_is_echoed(owner):
    """X-Request-ID comes back."""
    assert owner.reply(WHOLE, headers={"x-request-id": "abc-1"}).headers["x-request-id"] == "abc-1"


def test_the_reply_is_json(owner):
    """The reply is plain JSON with a boolean `decision` and an object `context`."""
    reply = owner.reply(WHOLE)
    assert reply.headers["content-type"] == "application/json"
    assert reply.json["decision"] is False
    assert isinstance(reply.json["context"], dict)


def test_the_configuration_names_what_is_served(world, owner):
    """The well-known document is public, and each endpoint in it answers."""
    reply = world.nobody.get("/.well-known/authzen-configuration")
    assert reply.status == 200
    base = "http://orgward.test"
    assert reply.json == {
        "policy_decision_point": base,
        "access_evaluation_endpoint": base + EVALUATION,
        "access_evaluations_endpoint": base + EVALUATIONS,
    }
    for name in ("access_evaluation_endpoint", "access_evaluations_endpoint"):
        assert owner.reply(WHOLE, path=reply.json[name].removeprefix(base)).status == 200

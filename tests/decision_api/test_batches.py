"""Several questions in one request."""

import itertools

import pytest

from tests.decision_api.conftest import EVALUATION, EVALUATIONS, question
from tests.directory.company import address

READ, DELETE, UNKNOWN = "project.read", "project.delete", "project.fly"


@pytest.fixture(scope="module")
def ben(acme, web):
    """Put somebody with one role into the project."""
    return acme.person("ben", on={web: ["GROUP_READ_ONLY"]})


@pytest.fixture(scope="module")
def shared(web, ben):
    """Give what the items of a batch have in common."""
    return {"subject": {"type": "user", "id": address("ben")}, "resource": {"type": "project", "id": web}}


def actions(*names):
    """Give items that differ in the action alone."""
    return [{"action": {"name": name}} for name in names]


def decisions(answers):
    """Give the decisions alone."""
    return [answer["decision"] for answer in answers]


def test_items_take_what_they_leave_out_from_beside_the_list(owner, shared):
    """Members beside the list are defaults; the order stays."""
    assert decisions(owner.ask_all(actions(READ, DELETE, READ), **shared)) == [True, False, True]


def test_an_item_overrides_a_whole_member(owner, shared, acme):
    """A member of an item replaces the default whole, and is not merged with it."""
    items = [{"subject": {"type": "user", "id": acme.ann.id}}, {"subject": {"type": "user"}}]
    answers = owner.ask_all(items, action={"name": DELETE}, **shared)
    assert answers[0]["decision"] is True
    assert answers[1]["context"]["error"]["status"] == 400


@pytest.mark.parametrize(
    ("semantic", "expected"),
    [
        ("execute_all", [True, False, True, False]),
        ("deny_on_first_deny", [True, False]),
        ("permit_on_first_permit", [True]),
    ],
)
def test_the_semantic_says_where_to_stop(owner, shared, semantic, expected):
    """execute_all answers all, the others up to and with the first deny or permit."""
    options = {"evaluations_semantic": semantic}
    assert decisions(owner.ask_all(actions(READ, DELETE, READ, DELETE), options=options, **shared)) == expected


def test_permit_on_first_permit_goes_past_denials(owner, shared):
    """Denials before the first permit are answered too."""
    options = {"evaluations_semantic": "permit_on_first_permit"}
    assert decisions(owner.ask_all(actions(DELETE, UNKNOWN, READ, READ), options=options, **shared)) == [
        False,
        False,
        True,
    ]


@pytest.mark.parametrize("options", [{"evaluations_semantic": "any"}, {"evaluations_semantic": 1}, "execute_all", []])
def test_an_unknown_semantic_is_400(owner, shared, options):
    """A semantic that is not one of the three is ill-formed."""
    body = {"evaluations": actions(READ), "options": options, **shared}
    assert owner.reply(body, path=EVALUATIONS).status == 400


@pytest.mark.parametrize("more", [{}, {"evaluations": []}])
def test_without_a_list_it_is_a_single_question(owner, shared, more):
    """A missing or empty list behaves as the endpoint for one question."""
    body = {"action": {"name": READ}, **shared}
    assert owner.reply({**body, **more}, path=EVALUATIONS).json == owner.reply(body).json


@pytest.mark.parametrize("more", [{}, {"evaluations": []}])
def test_without_a_list_a_missing_member_is_400(owner, shared, more):
    """A single question needs all its members."""
    assert owner.reply({**shared, **more}, path=EVALUATIONS).status == 400


@pytest.mark.parametrize("bad", [5, "x", None, [], {"action": 5}, {"action": {"name": 5}}, {"subject": "ben"}, {}])
def test_a_faulty_item_is_denied_alone(owner, shared, bad):
    """A faulty item is a false decision with its fault; the others are answered."""
    answers = owner.ask_all([*actions(READ), bad, *actions(READ)], **shared)
    assert decisions(answers) == [True, False, True]
    assert answers[1]["context"]["error"]["status"] == 400


def test_a_faulty_default_is_400(owner, shared):
    """What stands beside the list has to be well-formed itself."""
    body = {"evaluations": actions(READ), **shared, "subject": "ben"}
    assert owner.reply(body, path=EVALUATIONS).status == 400


@pytest.mark.parametrize("evaluations", [{}, "x", 1, None])
def test_a_list_that_is_none_is_400(owner, shared, evaluations):
    """`evaluations` has to be an array."""
    body = {"evaluations": evaluations, "action": {"name": READ}, **shared}
    assert owner.reply(body, path=EVALUATIONS).status == 400


@pytest.mark.parametrize("faulty", [[], [7]])
def test_a_thousand_are_answered_and_one_more_is_400(owner, shared, faulty):
    """At most 1,000 evaluations a request, faulty ones counted."""
    items = [*actions(*[READ] * (1000 - len(faulty))), *faulty]
    assert len(owner.ask_all(items, **shared)) == 1000
    body = {"evaluations": [*items, *actions(READ)], **shared}
    assert owner.reply(body, path=EVALUATIONS).status == 400


def test_a_batch_is_its_questions_asked_singly(owner, acme, web, ben):
    """Batch ≡ n singles, contexts included, in the order of the questions."""
    people = [
        ("user", address("ben")),
        ("user", acme.ann.id),
        ("user", "who@example.org"),
        ("api_key", acme.owner_key.public_key),
    ]
    resources = [("project", web), ("organization", acme.id), ("project", "0" * 24), ("cluster", web)]
    asked = [
        question(person, action, resource)
        for person, action, resource in itertools.product(people, [READ, DELETE, UNKNOWN, "org.read"], resources)
    ]
    singles = [owner.reply(body, path=EVALUATION).json for body in asked]
    assert owner.ask_all(asked) == singles
    assert owner.ask_all(asked[::-1]) == singles[::-1]
    assert {answer["decision"] for answer in singles} == {True, False}

"""What makes a forgotten check impossible: the declaration of operations, the seal, and the table of errors."""

import ast
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route, WebSocketRoute

from orgward.app.operation import (
    REGISTRY,
    DeclarationError,
    Oneself,
    Operation,
    OperatorOnly,
    Public,
    declare,
)
from orgward.app.targets import InFederation, InOrganization, InProject, Nowhere
from orgward.edge.endpoint import ENDPOINTS, OWN, endpoint
from orgward.edge.errors import ANSWERS
from orgward.edge.server import UnsealedError, seal
from tests.matrix.cases import ENDPOINT
from tests.matrix.expectation import rows

SRC = Path(__file__).parent.parent.parent / "src" / "orgward"


ALIKE = "askToJoinGroup"
"""The one operation that looks at nothing of what its path names, so that it answers alike for every id."""


def answer(context):
    """Answer nothing."""


# -- declarations


@pytest.mark.parametrize("left_out", ["requires", "on", "id", "tag"])
def test_an_endpoint_without_its_requirement_or_target_is_no_endpoint(left_out):
    """Leaving `requires=` or `on=` out fails when the module is imported, not when somebody calls."""
    given = {"id": "neverDeclared", "requires": ("org.read",), "on": InOrganization(), "tag": "Test"}
    del given[left_out]
    before = len(ENDPOINTS)
    with pytest.raises(TypeError, match=left_out):
        endpoint("GET", f"{OWN}/never/{{orgId}}", **given)(answer)
    assert len(ENDPOINTS) == before


@pytest.mark.parametrize("requires", [("org.raed",), ("org.read", "org.fly"), ()])
def test_an_unknown_privilege_is_refused(requires):
    """An operation can't require what is not in the catalogue, nor an empty choice of privileges."""
    before = len(ENDPOINTS)
    with pytest.raises(DeclarationError):
        endpoint("GET", f"{OWN}/never", id="neverDeclared", requires=requires, on=InOrganization(), tag="Test")(answer)
    assert len(ENDPOINTS) == before
    assert "neverDeclared" not in REGISTRY


def test_an_operation_is_declared_once():
    """Two operations of one name would make the matrix lie about one of them."""
    twin = Operation(id="getOrg", requires=("org.read",), on=InOrganization(), inner=None, writes=False, run=answer)
    before = REGISTRY["getOrg"]
    with pytest.raises(DeclarationError):
        declare(twin)
    assert REGISTRY["getOrg"] is before


def test_every_endpoint_serves_a_registered_operation():
    """What is served is what the registry knows, each id once and each place once."""
    assert [e.operation for e in ENDPOINTS if REGISTRY.get(e.operation.id) is not e.operation] == []
    assert len(ENDPOINT) == len(ENDPOINTS) == len({(e.method, e.path) for e in ENDPOINTS})


def test_no_operation_of_the_operator_is_served():
    """What only whoever opens the store may do is reached over no network."""
    assert [e.operation.id for e in ENDPOINTS if isinstance(e.operation.requires, OperatorOnly)] == []


@pytest.mark.parametrize("operation", ENDPOINT)
def test_an_operation_acts_on_what_its_path_names(operation):
    """The path's organization or project is what the caller is authorized on, and the rest is looked for inside it."""
    served = ENDPOINT[operation]
    kinds = {"{orgId}": InOrganization(), "{groupId}": InProject()}
    named = [target for name, target in kinds.items() if name in served.path]
    if not named and "{federationSettingsId}" in served.path:
        named = [InFederation()]
    if served.body_names_resource:
        named.append(InOrganization(served.body_names_resource))
    if operation == ALIKE:
        named = []
    assert [served.operation.on] == (named or [Nowhere()])
    if isinstance(served.operation.requires, Public | Oneself):
        return
    inside = {
        "{identityProviderId}", "{id}", "{domain}", "{userId}", "{apiUserId}",
        "{invitationId}", "{joinRequestId}", "{ipAddress}", "{eventId}", "{teamId}",
    }  # fmt: skip
    if any(name in served.path for name in inside):
        assert served.operation.inner is not None


@pytest.mark.parametrize("operation", ENDPOINT)
def test_only_questions_are_asked_by_post_without_writing(operation):
    """Every method but GET goes through the writer, unless the endpoint says that it only reads."""
    served = ENDPOINT[operation]
    asking_a_passkey = {"beginPasskey", "beginSecondStep", "beginPasskeySession", "beginProof"}
    asking_a_provider = {"beginFederatedSession", "beginFederatedProof", "beginIdentityLink"}
    reading = {"evaluate", "evaluateMany", "createAccessToken", *asking_a_passkey, *asking_a_provider}
    assert served.operation.writes == (served.method != "GET" and operation not in reading)


# -- the seal


async def _serve(request):
    return PlainTextResponse("unguarded")


@pytest.mark.parametrize(
    "route",
    [
        Route("/debug", _serve),
        Mount("/files", app=Starlette()),
        Mount("/nested", routes=[Route("/debug", _serve)]),
        WebSocketRoute("/live", _serve),
    ],
    ids=["route", "mount", "nested", "websocket"],
)
@pytest.mark.parametrize("first", [True, False])
def test_the_seal_refuses_a_foreign_route(neighbours, route, first):
    """An application with a way in that no operation declares does not start."""
    app = neighbours["atlas"][0].world.app
    seal(app)
    served = list(app.routes)
    other = Starlette(routes=[route, *served] if first else [*served, route])
    other.router.default = app.router.default
    with pytest.raises(UnsealedError):
        seal(other)


# -- errors

STATUS = {row["code"]: int(row["status"]) for row in rows("error_codes.csv")}
OWN_STATUS = {row["code"]: int(row["status"]) for row in rows("own_error_codes.csv")}


def is_code(node):
    """Say whether a literal looks like the code of an error."""
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isupper()


def codes_raised():
    """Give every code that a call of an error class names in src, with its place."""
    for path in SRC.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1].endswith("Error"):
                for argument in node.args[:1]:
                    literals = [argument.body, argument.orelse] if isinstance(argument, ast.IfExp) else [argument]
                    yield from ((n.value, f"{path.name}:{n.lineno}") for n in literals if is_code(n))


def test_every_code_that_is_raised_has_its_answer():
    """A code without a row in the table of answers would be a 500."""
    assert {place: code for code, place in codes_raised() if code not in ANSWERS} == {}


def test_an_open_operation_refuses_keys_with_a_code_that_is_known():
    """The codes that declarations name are in the table, too."""
    named = {e.operation.requires.keys_refused for e in ENDPOINTS if isinstance(e.operation.requires, Oneself)}
    assert named - {""} <= ANSWERS.keys()


def test_every_answer_is_given_somewhere():
    """A row that nothing raises is a promise that nobody keeps."""
    text = "".join(path.read_text(encoding="utf-8") for path in SRC.rglob("*.py") if path != SRC / "edge" / "errors.py")
    raised_by_class = {"UNAUTHENTICATED"}
    assert {code for code in ANSWERS if f'"{code}"' not in text} - raised_by_class == set()


def test_codes_keep_their_status():
    """A code of the Admin API keeps its status even where it is odd; our own are listed with theirs and a reason."""
    expected = {code: STATUS.get(code, OWN_STATUS.get(code)) for code in ANSWERS}
    assert {code: answer.status for code, answer in ANSWERS.items()} == expected


def test_our_own_codes_are_the_others():
    """What the list of our own codes names is no code of the Admin API, is in use, and has its reason."""
    assert not OWN_STATUS.keys() & STATUS.keys()
    assert OWN_STATUS.keys() <= ANSWERS.keys()
    assert all(row["reason"] for row in rows("own_error_codes.csv"))

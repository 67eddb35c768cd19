"""Whatever is sent, the answer is one of RFC 7644 with a status below 500."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.empty_store import open_world
from tests.scim.conftest import ENTERPRISE, ERROR, provider_of

NAMES = st.sampled_from(
    [
        "userName", "name", "active", "emails", "displayName", "members", "externalId", "title", "id", "meta", "groups",
        ENTERPRISE, "schemas", "manager", "nothing", "name.givenName", 'emails[type eq "work"].value', "USERNAME",
        "members[value pr]", f"{ENTERPRISE}:manager", "addresses", "", "[", "givenName", "value", "primary", "$ref",
    ]
)  # fmt: skip
ATOMS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    st.sampled_from(["bob@acme.example", "True", "\0", "0123456789abcdef01234567", "Cooks"]),
)
VALUES = st.recursive(ATOMS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4))
BODIES = st.dictionaries(NAMES, VALUES, max_size=6) | VALUES
USERS = st.builds(lambda body: {"userName": "eve@acme.example", **body}, st.dictionaries(NAMES, VALUES, max_size=4))
OPERATIONS = st.fixed_dictionaries(
    {"op": st.sampled_from(["add", "Replace", "remove", "move"]) | ATOMS},
    optional={"path": NAMES | ATOMS, "value": VALUES},
)
CHANGES = st.fixed_dictionaries({"Operations": st.lists(OPERATIONS, max_size=4)})
QUERIES = st.text(max_size=30) | st.sampled_from(
    ['userName eq "\\u0000"', "id pr", 'meta.created gt "0001-01-01T00:00:00+23:59"']
)


@pytest.fixture(scope="module")
def provider(tmp_path_factory):
    """Give a provider with somebody and a team."""
    found = open_world(tmp_path_factory.mktemp("fuzzed"))
    made = provider_of(found)
    made.user("bob@acme.example")
    made.team("Cooks")
    yield made
    found.close()


def places(provider):
    """Give the places of somebody and of a team that are there."""
    user = provider.get('/Users?filter=userName eq "ann@example.org"')["Resources"][0]["id"]
    teams = provider.get("/Groups")["Resources"]
    team = teams[0]["id"] if teams else provider.team("Cooks")["id"]
    return f"/Users/{user}", f"/Groups/{team}"


def check(reply):
    """See that the answer is one of SCIM."""
    assert reply.status < 500, reply.body
    assert reply.headers["content-type"] == "application/scim+json"
    if reply.status >= 400:
        assert reply.json["schemas"] == [ERROR]


FUZZING = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])


@FUZZING
@given(BODIES | USERS)
def test_any_body_is_answered(provider, body):
    """Whatever a resource is said to be, it is taken or refused."""
    user, team = places(provider)
    for method, place in (("POST", "/Users"), ("POST", "/Groups"), ("PUT", user), ("PUT", team), ("PATCH", user)):
        check(provider(method, place, body))


@FUZZING
@given(CHANGES)
def test_any_change_is_answered(provider, body):
    """Whatever a change is said to be, it is made or refused."""
    for place in places(provider):
        check(provider("PATCH", place, body))


@FUZZING
@given(QUERIES, st.text(max_size=12), st.text(max_size=5))
def test_any_query_is_answered(provider, text, names, number):
    """Whatever is asked for, it is answered or refused."""
    for place in ("/Users", "/Groups"):
        check(provider("GET", place, query={"filter": text, "attributes": names, "startIndex": number}))
        check(provider("GET", place, query={"filter": text, "excludedAttributes": names, "count": number}))

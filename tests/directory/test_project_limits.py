"""Limits of projects: what stands by default, what an owner may set, what is left when the project goes."""

import pytest

from tests.directory.company import done, refused

PREVIEW = "application/vnd.atlas.preview+json"
USERS = "atlas.project.security.databaseAccess.users"
CLUSTERS = "atlas.project.deployment.clusters"
ROLES = "atlas.project.security.databaseAccess.customRoles"
ENTRIES = "atlas.project.security.networkAccess.entries"
MASK = "atlas.project.deployment.privateServiceConnectionsSubnetMask"
QUERY = "dataFederation.bytesProcessed.query"
BY_RULE = {USERS: 100, ROLES: 100, ENTRIES: 200, CLUSTERS: 25}
"""What rules 147 to 149 say stands in a project."""


@pytest.fixture
def project(company):
    """Give a project of the company."""
    return company.project()


def limits_of(company, project):
    """Give the limits that stand in a project, by name."""
    return {limit["name"]: limit for limit in done(company.ann.get(f"/groups/{project}/limits"))}


def set_limit(company, project, name, value, by=None):
    """Set a limit of a project."""
    return (by or company.ann).patch(f"/groups/{project}/limits/{name}", {"name": name, "value": value})


def test_rules_147_to_149_stand_by_default(company, project):
    """Rules 147 to 149: so many stand where nobody has set anything, and nothing of it is there yet."""
    found = limits_of(company, project)
    assert {name: found[name]["value"] for name in BY_RULE} == BY_RULE
    assert {name: found[name]["defaultLimit"] for name in BY_RULE} == BY_RULE
    assert (found[ROLES]["maximumLimit"], found[CLUSTERS]["maximumLimit"]) == (1_400, 100)
    assert {limit["currentUsage"] for limit in found.values()} == {0}


def test_a_limit_is_set_and_reset(company, project):
    """What is set stands until it is reset; the other limits, and other projects, are not touched."""
    before, other = limits_of(company, project), company.project("other")
    shown = done(set_limit(company, project, CLUSTERS, 40))
    assert shown == {**before[CLUSTERS], "value": 40}
    assert done(company.ann.get(f"/groups/{project}/limits/{CLUSTERS}")) == shown
    assert limits_of(company, project) == {**before, CLUSTERS: shown}
    assert limits_of(company, other) == before
    for _ in range(2):
        assert company.ann.delete(f"/groups/{project}/limits/{CLUSTERS}").status == 204
    assert limits_of(company, project) == before


@pytest.mark.parametrize(
    ("name", "fewest", "most"),
    [(CLUSTERS, 1, 100), (ROLES, 1, 1_400), (MASK, 20, 27), (QUERY, 1, 2**63 - 1)],
)
def test_a_value_lies_between_the_bounds(company, project, name, fewest, most):
    """Rules 147, 149: an owner may raise a limit to its maximum, and not beyond; a limit is at least one."""
    for value in (fewest, most):
        assert done(set_limit(company, project, name, value))["value"] == value
    for value in (fewest - 1, most + 1):
        refused(set_limit(company, project, name, value), 400, "INVALID_ATTRIBUTE")
    assert done(company.ann.get(f"/groups/{project}/limits/{name}"))["value"] == most


@pytest.mark.parametrize("body", [{}, {"value": "40"}, {"value": None}, {"name": USERS, "value": 40}, {"value": 4.5}])
def test_what_is_no_value_is_refused(company, project, body):
    """The body names one whole number, and no other limit than the path."""
    assert company.ann.patch(f"/groups/{project}/limits/{CLUSTERS}", body).status == 400
    assert limits_of(company, project)[CLUSTERS]["value"] == 25


def test_a_limit_without_a_default_is_there_once_it_is_set(company, project):
    """What federated queries may process is unbounded until somebody says how much."""
    path = f"/groups/{project}/limits/{QUERY}"
    assert QUERY not in limits_of(company, project)
    refused(company.ann.get(path), 404, "RESOURCE_NOT_FOUND")
    shown = done(set_limit(company, project, QUERY, 1 << 40))
    assert shown == {"currentUsage": 0, "name": QUERY, "value": 1 << 40}
    assert limits_of(company, project)[QUERY] == shown
    assert company.ann.delete(path).status == 204
    refused(company.ann.get(path), 404, "RESOURCE_NOT_FOUND")


@pytest.mark.parametrize("name", ["nonsense", "NUM_CLUSTERS", CLUSTERS.upper()])
def test_an_unknown_limit_is_not_found(company, project, name):
    """A name that no limit has is an unknown thing of the project, whatever is asked of it."""
    for reply in (
        company.ann.get(f"/groups/{project}/limits/{name}"),
        set_limit(company, project, name, 5),
        company.ann.delete(f"/groups/{project}/limits/{name}"),
    ):
        refused(reply, 404, "RESOURCE_NOT_FOUND")


def test_readers_read_and_owners_set(company):
    """Only an owner of the project or organization sets a limit."""
    project = company.bare_project()
    reader = company.person("rick", on={project: ["GROUP_READ_ONLY"]})
    assert limits_of(company, project) == {x["name"]: x for x in done(reader.get(f"/groups/{project}/limits"))}
    refused(set_limit(company, project, CLUSTERS, 30, by=reader), 401, "USER_UNAUTHORIZED")
    refused(reader.delete(f"/groups/{project}/limits/{CLUSTERS}"), 401, "USER_UNAUTHORIZED")
    owner = company.person("olga", on={project: ["GROUP_OWNER"]})
    assert done(set_limit(company, project, CLUSTERS, 30, by=owner))["value"] == 30


def test_limits_go_with_the_project(company, project, world):
    """Deleting the project leaves nothing of them."""
    done(set_limit(company, project, CLUSTERS, 30))
    done(company.ann.delete(f"/groups/{project}"))
    assert world.store.view.find("project_limits", project_id=project) == []


def test_what_stands_by_default_is_told_to_everybody(company, project, world):
    """Whoever is signed in may know what stands in every project; pages and single limits say the same."""
    outsider = company.outsider("zoe")
    page = done(outsider.get("/defaultGroupLimits", accept=PREVIEW))
    assert (len(page["results"]), page["totalCount"]) == (13, 13)
    for limit in page["results"]:
        assert done(outsider.get(f"/defaultGroupLimits/{limit['name']}", accept=PREVIEW)) == limit
    second = done(outsider.get("/defaultGroupLimits?itemsPerPage=5&pageNum=3", accept=PREVIEW))
    assert second["results"] == page["results"][10:]
    found = {limit["name"]: (limit["defaultLimit"], limit["maximumLimit"]) for limit in page["results"]}
    assert (found["MONGODB_USERS"][0], found["NUM_CLUSTERS"], found["BYTES_PROCESSED_DAILY"]) == (
        100,
        (25, 100),
        (None, None),
    )
    refused(outsider.get(f"/defaultGroupLimits/{CLUSTERS}", accept=PREVIEW), 404, "RESOURCE_NOT_FOUND")
    assert world.nobody.get("/defaultGroupLimits", accept=PREVIEW).status == 401

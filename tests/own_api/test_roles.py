"""Roles over HTTP: the catalogue, readable by anybody."""

from urllib.parse import quote

import pytest

from tests.world import opened

OWN = "/api/orgward/v1"


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Give a world; nothing is changed in it."""
    with opened(tmp_path_factory.mktemp("roles")) as world:
        yield world


def names(world, query):
    """Return edition and name of each role listed."""
    reply = world.nobody.get(f"{OWN}/roles{query}")
    assert reply.status == 200
    return [(role["edition"], role["name"]) for role in reply.json["results"]]


def test_the_list_is_public_and_by_edition(world):
    """contract.md: `GET /roles?edition=`, public; without it the roles of both."""
    atlas, cloud_manager = names(world, "?edition=atlas"), names(world, "?edition=cloud_manager")
    assert {edition for edition, _ in atlas} == {"atlas"}
    assert ("atlas", "GROUP_ACCESS_MANAGER") in atlas
    assert ("cloud_manager", "GROUP_USER_ADMIN") in cloud_manager
    assert names(world, "") == atlas + cloud_manager
    assert world.nobody.get(f"{OWN}/roles?edition=x").status == 400


def test_a_role_says_what_it_is(world):
    """contract.md: name, title, scope, description, includes, privileges, grants."""
    role = world.nobody.get(f"{OWN}/roles/GROUP_OWNER").json
    assert {"name", "title", "scope", "description", "includes", "privileges", "grants"} <= set(role)
    assert (role["name"], role["title"], role["scope"]) == ("GROUP_OWNER", "Project Owner", "project")
    assert "project.delete" in role["privileges"]


@pytest.mark.parametrize(
    ("edition", "role", "given", "refused"),
    [
        ("atlas", "ORG_OWNER", {"ORG_OWNER", "GROUP_OWNER"}, set()),
        ("atlas", "GROUP_OWNER", {"GROUP_OWNER", "GROUP_READ_ONLY"}, {"ORG_MEMBER"}),
        ("atlas", "GROUP_ACCESS_MANAGER", {"GROUP_READ_ONLY"}, {"GROUP_OWNER", "ORG_MEMBER"}),
        ("cloud_manager", "GROUP_USER_ADMIN", {"GROUP_OWNER"}, {"ORG_MEMBER"}),
        ("atlas", "ORG_MEMBER", set(), {"ORG_MEMBER", "GROUP_READ_ONLY"}),
    ],
)
def test_a_role_names_what_it_may_hand_out(world, edition, role, given, refused):
    """contract.md, Who may hand out what: `grants` is that column."""
    grants = set(world.nobody.get(f"{OWN}/roles/{role}?edition={edition}").json["grants"])
    assert given <= grants
    assert not refused & grants


@pytest.mark.parametrize("name", ["GROUP_OWNER", "group_owner", "Project Owner", "project owner"])
def test_api_and_ui_names_find_the_same_role(world, name):
    """contract.md: `GET /roles/{name}` by API or UI name."""
    reply = world.nobody.get(f"{OWN}/roles/{quote(name, safe='')}")
    assert (reply.status, reply.json["name"]) == (200, "GROUP_OWNER")


def test_every_title_is_a_path(world):
    """A UI name with a slash in it is found when the slash is written as %2F."""
    roles = world.nobody.get(f"{OWN}/roles").json["results"]
    assert any("/" in role["title"] for role in roles)
    for role in roles:
        path = f"{OWN}/roles/{quote(role['title'], safe='')}?edition={role['edition']}"
        assert world.nobody.get(path).json == role


def test_an_unknown_role_is_not_found(world):
    """A name that no role has: 404."""
    reply = world.nobody.get(f"{OWN}/roles/GROUP_WIZARD")
    assert (reply.status, reply.code) == (404, "ROLE_NOT_FOUND")


def test_an_organization_role_shows_its_reach(world):
    """Rule 12: an Organization Owner is owner in every project; that stands apart from its own privileges."""
    role = world.nobody.get(f"{OWN}/roles/ORG_OWNER").json
    assert "project.delete" in role["privilegesInProjects"]
    assert "org.delete" in role["privileges"]

"""Projects of an organization: which ones somebody sees, filters, a new one, and where a place begins."""

import pytest


@pytest.fixture
def path(company):
    """Give the address of the page."""
    return f"/o/{company.id}/projects"


def names(shown):
    """Give the names in the rows of the list."""
    return [name for name in ("dev", "prod") if f">{name}</a>" in shown.text]


def test_everybody_sees_the_projects_that_they_can_read(company, path):
    """An owner all, whoever was added to one that one, a member of the organization none, a stranger no page."""
    assert names(company.visit(company.owner).get(path)) == ["dev", "prod"]
    shown = company.visit(company.reader).get(path)
    assert names(shown) == ["prod"]
    assert "1–1 of 1" in shown.words
    alone = company.visit(company.member).get(path)
    assert names(alone) == []
    assert "Somebody who owns one can add you." in alone.words
    assert company.visit(company.stranger).get(path).status == 404


def test_a_row_tells_roles_numbers_and_few_owners(company, path):
    """Owners of the organization are not among those of a project; fewer than two are a warning."""
    body = {"username": "mia@nordwind.example", "roles": ["GROUP_OWNER"]}
    assert company.key.post(f"/groups/{company.prod}/users", body).status == 201
    assert company.key.patch(f"/groups/{company.prod}", {"tags": [{"key": "env", "value": "live"}]}).status == 200
    row = company.visit(company.owner).get(f"{path}?q=prod").words
    assert "Owner , Organization Owner" in row
    assert "1 owners; two or more are safer" in row
    assert "env: live" in row


def test_filters_narrow_the_list(company, path):
    """By the beginning of a word, tag, own role and lack of owners; together they narrow further."""
    company.key.patch(f"/groups/{company.prod}", {"tags": [{"key": "env", "value": "live"}]})
    visitor = company.visit(company.owner)
    assert names(visitor.get(f"{path}?q=PRO")) == ["prod"]
    assert names(visitor.get(f"{path}?tag=env%3Dlive")) == ["prod"]
    assert names(visitor.get(f"{path}?ownerless=1")) == ["dev", "prod"]
    nothing = visitor.get(f"{path}?q=dev&tag=env%3Dlive")
    assert names(nothing) == []
    assert f"{path}?tag=env%3Dlive" in nothing.links
    reader = company.visit(company.reader)
    assert names(reader.get(f"{path}?role=GROUP_READ_ONLY")) == ["prod"]


def test_the_list_is_sorted_both_ways(company, path):
    """The head of a column leads to the other order."""
    visitor = company.visit(company.owner)
    up, down = visitor.get(path), visitor.get(f"{path}?sort=-name")
    assert up.words.index("dev") < up.words.index("prod")
    assert down.words.index("prod") < down.words.index("dev")
    assert f"{path}?sort=-name" in up.links


def test_values_that_mean_nothing_are_named(company, path):
    """The list is shown without them."""
    shown = company.visit(company.owner).get(f"{path}?sort=size&role=GROUP_MADE_UP&after=%25")
    assert shown.status == 200
    assert names(shown) == ["dev", "prod"]
    for name in ("sort", "role", "after"):
        assert f"The filter {name} does not work like this." in shown.words


def test_a_project_is_made(company, path):
    """Its maker owns it, and comes to its pages."""
    visitor = company.visit(company.owner)
    assert f"{path}/new" in visitor.get(path).links
    made = visitor.post(f"{path}/new", {"name": "staging"})
    assert made.location.startswith("/p/")
    first = visitor.follow(made)
    assert first.location == f"{made.location}/access"
    assert "staging is there." in visitor.follow(first).words
    roles = company.key.get(f"/groups/{made.location[3:]}/users").json["results"]
    assert [(row["username"], row["roles"]) for row in roles] == [("carla@nordwind.example", ["GROUP_OWNER"])]


@pytest.mark.parametrize(("name", "status"), [("prod", 409), ("", 400), ("<b>", 400), ("x" * 65, 400)])
def test_a_name_that_can_not_be_is_refused_at_its_field(company, path, name, status):
    """What was written stays in the field, as text."""
    shown = company.visit(company.owner).post(f"{path}/new", {"name": name})
    assert shown.status == status
    assert 'id="f-name-error"' in shown.text
    assert f'value="{name.replace("<", "&lt;").replace(">", "&gt;")}"' in shown.text


def test_a_member_makes_no_project(company, path):
    """There is no button; page and form are refused, and to strangers not there."""
    visitor = company.visit(company.member)
    assert f"{path}/new" not in visitor.get(path).links
    assert visitor.get(f"{path}/new").status == 403
    assert visitor.post(f"{path}/new", {"name": "mine"}).status == 403
    stranger = company.visit(company.stranger)
    assert (stranger.get(f"{path}/new").status, stranger.post(f"{path}/new", {"name": "x"}).status) == (404, 404)


def test_the_file_holds_what_the_viewer_sees(company, path):
    """Filtered as the list is."""
    lines = company.visit(company.reader).get(f"{path}.csv").text.split("\r\n")
    assert lines[0] == "id,name,created,tags,roles,usersCount,teamsCount,ownersCount"
    assert [line.split(",")[1] for line in lines[1:-1]] == ["prod"]
    assert company.visit(company.owner).get(f"{path}.csv?q=zz").text.count("\r\n") == 1


def test_an_organization_begins_with_the_first_page_one_may_see(company, path):
    """Its address leads there; to whoever is not in it, it is not there."""
    shown = company.visit(company.member).get(f"/o/{company.id}")
    assert (shown.status, shown.location) == (303, path)
    assert company.visit(company.stranger).get(f"/o/{company.id}").status == 404


def test_a_project_begins_with_the_first_page_one_may_see(company):
    """Its address leads there; to whoever can't read it, it is not there."""
    shown = company.visit(company.reader).get(f"/p/{company.prod}")
    assert (shown.status, shown.location) == (303, f"/p/{company.prod}/access")
    assert company.visit(company.member).get(f"/p/{company.prod}").status == 404


def test_where_one_may_not_see_people_a_project_begins_elsewhere(old_company, world):
    """In Cloud Manager a role on data reads no people."""
    placed = {"orgs": {old_company.id: ["ORG_MEMBER"]}, "projects": {old_company.prod: ["GROUP_DATA_ACCESS_READ_ONLY"]}}
    visitor = old_company.visit(world.user("dan@nordwind.example", **placed))
    shown = visitor.get(f"/p/{old_company.prod}")
    assert (shown.status, shown.location) == (303, f"/p/{old_company.prod}/tags")
    row = visitor.get(f"/o/{old_company.id}/projects").words
    assert "– – –" in row

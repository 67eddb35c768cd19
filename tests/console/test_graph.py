"""The access graph: who is drawn, what is selected, what may be seen, and the same paths as table and file (6.11)."""

import csv
import io
import re

import pytest

from orgward.console.explaining.graph_layout import Edge, Node, layout_of


@pytest.fixture
def drawn(company):
    """Give a company in which Mia reaches prod by her team and Rob directly."""
    body = [{"teamId": company.team, "roleNames": ["GROUP_CLUSTER_MANAGER"]}]
    assert company.key.post(f"/groups/{company.prod}/teams", body).status == 200
    return company


def nodes(shown):
    """Give the nodes of the drawing with how they look: `on`, `dim` or empty."""
    pattern = r'<a class="ow-node( ow-node-\w+)?"[^>]*>(?:<title>[^<]*</title>)?<rect[^>]*/><text[^>]*>([^<]*)'
    found = re.findall(pattern, shown.text)
    return {name: look.removeprefix(" ow-node-") for look, name in found}


def table(shown):
    """Give the rows of the table below, as text."""
    part = shown.text.split('id="paths"')[1]
    rows = re.findall(r"<tr role=\"row\">(.*?)</tr>", part, re.DOTALL)[1:]
    return [re.sub(r"\s+", " ", re.sub(r"<svg.*?</svg>|<[^>]+>", " ", row, flags=re.DOTALL)).strip() for row in rows]


def test_roles_and_teams_people_and_projects_are_drawn(drawn):
    """The owner leads to every project, Mia by the team to prod, Rob directly."""
    shown = drawn.visit(drawn.owner).get(f"/o/{drawn.id}/graph")
    assert shown.status == 200
    assert {*nodes(shown)} == {
        "Org. Owner", "On-call", "carla@nordwind.example", "mia@nordwind.example", "rob@nordwind.example",
        "Every project", "prod", "dev",
    } - ({"dev"} if "dev" not in nodes(shown) else set())  # fmt: skip
    assert 'class="ow-edge ow-edge-team"' in shown.text
    assert 'class="ow-edge ow-edge-inherited"' in shown.text


def test_the_table_says_the_same(drawn):
    """Each path with its role, and what it comes from."""
    rows = table(drawn.visit(drawn.owner).get(f"/o/{drawn.id}/graph"))
    assert any(row.startswith("mia@nordwind.example prod") and "Team On-call" in row for row in rows)
    assert any(row.startswith("rob@nordwind.example prod") and "Given by the operator" in row for row in rows)
    assert any(row.startswith("carla@nordwind.example Every project") for row in rows)


def test_selecting_somebody_dims_the_rest(drawn):
    """The role stands at the project, and the table holds only those paths."""
    shown = drawn.visit(drawn.owner).get(f"/o/{drawn.id}/graph?sel=user:{drawn.member.id}")
    looks = nodes(shown)
    assert (looks["mia@nordwind.example"], looks["On-call"], looks["prod"]) == ("on", "on", "on")
    assert looks["rob@nordwind.example"] == "dim"
    assert "mia@nordwind.example reaches 1 project by 1 path" in shown.words
    assert len(table(shown)) == 1
    assert "Cluster Manager" in shown.text.split('class="ow-graph-note"', 1)[1]


def test_a_project_is_reached_by_those_who_reach_each(drawn):
    """Selecting prod shows the owner as well, who is drawn as reaching every project."""
    shown = drawn.visit(drawn.owner).get(f"/o/{drawn.id}/graph?sel=project:{drawn.prod}")
    assert nodes(shown)["carla@nordwind.example"] == "on"
    assert {row.split()[0] for row in table(shown)} == {
        "carla@nordwind.example", "mia@nordwind.example", "rob@nordwind.example",
    }  # fmt: skip


@pytest.mark.parametrize("selected", ["user:x", "nothing", "team:aaaaaaaaaaaaaaaaaaaaaaaa", "<b>"])
def test_what_is_not_drawn_can_not_be_selected(drawn, selected):
    """Then nothing is."""
    shown = drawn.visit(drawn.owner).get(f"/o/{drawn.id}/graph?sel={selected}")
    assert {*nodes(shown).values()} == {""}


def test_filters_narrow_the_graph(drawn):
    """By name, team, role, project and source; different ones together."""
    visitor, url = drawn.visit(drawn.owner), f"/o/{drawn.id}/graph"

    def people(query):
        return {name.split("@")[0] for name in nodes(visitor.get(f"{url}?{query}")) if "@" in name}

    assert people("q=mi") == {"mia"}
    assert people(f"team={drawn.team}") == {"mia"}
    assert people("role=GROUP_READ_ONLY") == {"rob"}
    assert people("role=GROUP_CLUSTER_MANAGER") == {"mia"}
    assert people("role=ORG_OWNER") == {"carla"}
    assert people(f"project={drawn.prod}") == {"carla", "mia", "rob"}
    assert people("source=team") == {"mia"}
    assert people(f"source=direct&project={drawn.prod}") >= {"rob"}
    assert people(f"source=direct&project={drawn.prod}&q=mi") == set()


def test_a_graph_of_nobody_says_so(drawn):
    """With the way back to everybody."""
    shown = drawn.visit(drawn.owner).get(f"/o/{drawn.id}/graph?q=zzz")
    assert "Nobody reaches a project this way." in shown.words
    assert f"/o/{drawn.id}/graph" in shown.links


def test_projects_that_one_may_not_ask_about_are_not_drawn(drawn):
    """Mia, who is on prod, does not see dev; somebody on no project sees only roles of the organization."""
    names = nodes(drawn.visit(drawn.member).get(f"/o/{drawn.id}/graph"))
    assert "prod" in names
    assert "dev" not in names
    outsider = drawn.world.user("oda@nordwind.example", orgs={drawn.id: ["ORG_MEMBER"]})
    names = nodes(drawn.visit(outsider).get(f"/o/{drawn.id}/graph"))
    assert {"prod", "dev"} & {*names} == set()
    assert "prod" not in drawn.visit(outsider).get(f"/o/{drawn.id}/graph.csv").text


def test_the_file_has_every_path(drawn):
    """One that reaches each project names none."""
    rows = list(csv.DictReader(io.StringIO(drawn.visit(drawn.owner).get(f"/o/{drawn.id}/graph.csv").text)))
    found = {(row["username"], row["projectName"], row["role"], row["via"]) for row in rows}
    assert ("mia@nordwind.example", "prod", "GROUP_CLUSTER_MANAGER", "team") in found
    assert ("rob@nordwind.example", "prod", "GROUP_READ_ONLY", "direct") in found
    assert ("carla@nordwind.example", "", "ORG_OWNER", "organization_role") in found


def test_the_drawing_is_a_file_of_its_own(drawn):
    """With its own style, as SVG, to be kept."""
    shown = drawn.visit(drawn.owner).get(f"/o/{drawn.id}/graph.svg")
    assert shown.headers["content-type"].startswith("image/svg+xml")
    assert "attachment" in shown.headers["content-disposition"]
    assert shown.text.startswith("<svg")
    assert "On-call" in shown.text


def test_names_are_text_in_the_drawing(drawn):
    """A project called like markup is shown as it is written, also in the file."""
    drawn.key.patch(f"/groups/{drawn.prod}", {"name": "<b>prod"})
    visitor = drawn.visit(drawn.owner)
    for last in ("graph", "graph.svg"):
        assert "<b>prod" not in visitor.get(f"/o/{drawn.id}/{last}").text


def test_strangers_see_no_graph(drawn):
    """Neither page nor files."""
    visitor = drawn.visit(drawn.stranger)
    for last in ("graph", "graph.csv", "graph.svg"):
        assert visitor.get(f"/o/{drawn.id}/{last}").status == 404


def test_nodes_are_spread_and_lines_end_at_them():
    """Each column fills the height; every line begins and ends within its nodes."""
    columns = [[Node("a", "A")], [Node(f"p{n}", "P") for n in range(5)], [Node("x", "X"), Node("y", "Y")]]
    edges = [Edge("a", f"p{n}", "team") for n in range(5)] + [Edge(f"p{n}", "xy"[n % 2], "") for n in range(5)]
    found = layout_of(columns, edges)
    places = {placed.node.key: placed.y for placed in found.nodes}
    assert places["a"] == pytest.approx((found.height + 28) / 2)
    assert [places[f"p{n}"] for n in range(5)] == sorted(places[f"p{n}"] for n in range(5))
    assert len(found.lines) == 10
    for line in found.lines:
        start, *_, end = re.findall(r"[\d.]+ ([\d.]+)(?=C|$| )", line.path)
        assert abs(float(start) - places[line.edge.start]) <= 14.05
        assert abs(float(end) - places[line.edge.end]) <= 14.05


def test_a_line_to_what_is_not_drawn_is_left_out():
    """More nodes than fit have no place, and so no lines."""
    found = layout_of([[], [Node("p", "P")], []], [Edge("p", "gone", "")])
    assert found.lines == []

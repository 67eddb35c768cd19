"""The access graph: organization roles and teams, the people who have them, and the projects that they reach."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from orgward.app.targets import InOrganization
from orgward.console.explaining.denials import full_chip
from orgward.console.explaining.graph_layout import Edge, Layout, Node, layout_of
from orgward.console.explaining.graph_paths import EVERY, MOST, SOURCES, Asked, Paths, Reach
from orgward.console.frame.declaration import Batch, export, page
from orgward.console.frame.page import Page
from orgward.console.listing.called import by_whom, called
from orgward.console.listing.chips import edition_of, word_of
from orgward.console.listing.mapped import mapped_by
from orgward.console.listing.naming import named, place_named
from orgward.kernel.instants import rfc3339
from orgward.kernel.resource import ResourceRef
from orgward.store.reads import keyset
from orgward.store.reads.origins import Origin, origins_of

_READ: Final = ("org.users.read",)
_ROWS: Final = 25
_STYLES: Final = {"direct": "", "team": "team", "organization_role": "inherited", "mapping": "mapping"}


@dataclass(frozen=True, slots=True)
class _Graph:
    """What is drawn: the paths of the people shown, and how many people there are in all."""

    asked: Asked
    paths: Sequence[Reach]
    people: Sequence[str]
    total: int | None
    has_more: bool
    projects: Sequence[str]
    selected: str


@page(
    "/o/{orgId}/graph", id="showGraph", requires=_READ, on=InOrganization(), template="graph.html",
    scope="organization",
)  # fmt: skip
def show_graph(page: Page) -> Mapping[str, Any]:
    """Return the graph, and the paths of what is selected in it as a table."""
    graph = _graph(page)
    drawn, left_out = _drawn(page, graph)
    rows = [path for path in graph.paths if _is_selected(path, graph.selected)]
    part = keyset.cut([str(number) for number in range(len(rows))], _place(page), _ROWS)
    shown = [rows[int(number)] for number in part.rows]
    return {
        "url": page.asked.path,
        "layout": drawn,
        "left_out": left_out,
        "graph": graph,
        "filters": _filters(page, graph),
        "is_list": page.one("view") == "list",
        "title": _title(page, graph, rows),
        "why": _why(page, graph, rows),
        "part": part,
        "rows": _rows(page, shown),
        "has_names": not graph.selected.startswith("user:"),
    }


def _place(page: Page) -> keyset.Place:
    return keyset.place_of(page.one("after")) or keyset.START


def _asked(page: Page) -> Asked:
    sources = tuple(source for source in SOURCES if source in page.many("source"))
    return Asked(
        page.one("q"), tuple(page.many("team")), tuple(page.many("role")), tuple(page.many("project")), sources
    )  # fmt: skip


def _graph(page: Page) -> _Graph:
    asked = _asked(page)
    paths = Paths(page, asked)
    people = paths.people()
    found = list(paths.of(people.rows))
    selected = page.one("sel") or (f"user:{people.rows[0]}" if len(people.rows) == 1 else "")
    known = {f"user:{path.person}" for path in found} | {_target(path) for path in found} | {_origin(p) for p in found}
    if selected not in known:
        selected = ""
    return _Graph(asked, found, people.rows, people.total, people.after is not None, paths.projects, selected)


def _target(path: Reach) -> str:
    """Return the node on the right where a path ends, empty if it reaches no project."""
    return EVERY if path.project == EVERY else f"project:{path.project}" if path.project else ""


def _origin(path: Reach) -> str:
    """Return the node on the left where a path begins, empty for a direct one."""
    kind = {"team": "team", "organization_role": "role"}.get(path.source)
    return f"{kind}:{path.via}" if kind else ""


def _is_selected(path: Reach, selected: str) -> bool:
    """Say whether a path belongs to what is selected; a project is reached by those that reach each, too."""
    reaches = selected.startswith("project:") and path.project == EVERY
    return not selected or reaches or selected in {f"user:{path.person}", _target(path), _origin(path)}


# -- the drawing


def _drawn(page: Page, graph: _Graph) -> tuple[Layout, list[str]]:
    """Return the drawing, and what did not fit into each of its columns."""
    on = {key for path in graph.paths if _is_selected(path, graph.selected) for key in _nodes_of(path)}
    columns = [_left(page, graph), [f"user:{who}" for who in graph.people], _right(page, graph)]
    drawn = layout_of([[_node(page, graph, key, on) for key in column[:MOST]] for column in columns], _edges(graph))
    people = len(graph.people) if graph.total is None else graph.total
    left_out = [len(columns[0]) - MOST, people - MOST, len(columns[2]) - MOST]
    said = [page.t("graph.left_out", n=n) if n > 0 else "" for n in left_out]
    if graph.has_more and not said[1]:
        said[1] = page.t("graph.left_out_open")
    return drawn, said


def _nodes_of(path: Reach) -> set[str]:
    return {f"user:{path.person}", _target(path), _origin(path)}


def _left(page: Page, graph: _Graph) -> list[str]:
    """Return the organization roles in the order of the catalogue, then the teams by name."""
    known = {_origin(path) for path in graph.paths} - {""}
    roles = [f"role:{name}" for name in edition_of(page).roles if f"role:{name}" in known]
    teams = [key for key in known if key.startswith("team:")]
    return roles + sorted(teams, key=lambda key: _label(page, key).casefold())


def _right(page: Page, graph: _Graph) -> list[str]:
    """Return every project at once first, then those that somebody reaches, by name."""
    known = {_target(path) for path in graph.paths} - {""}
    projects = sorted(known - {EVERY}, key=lambda key: _label(page, key).casefold())
    return ([EVERY] if EVERY in known else []) + projects


def _label(page: Page, key: str) -> str:
    kind, _, name = key.partition(":")
    if kind == EVERY:
        return page.t("shared.every_project")
    if kind == "user":
        return named(page.view, page.resource.id, name).name
    if kind == "role":
        return page.t("graph.role", title=_short(page, name))
    return place_named(page.view, name)


def _short(page: Page, role: str) -> str:
    found = edition_of(page).roles[role]
    return found.title.removeprefix(f"{word_of(found)} ")


def _node(page: Page, graph: _Graph, key: str, on: set[str]) -> Node:
    state = "" if not graph.selected else "on" if key in on else "dim"
    again = key == graph.selected
    href = page.link(sel=None if again else key, after=None) + "#graph"
    label = _label(page, key)
    return Node(key, _cut(label, 25 if key.startswith("user:") else 17), label, _note(page, graph, key), href, state)


def _cut(label: str, most: int) -> str:
    return label if len(label) <= most else f"{label[: most - 1]}…"


def _note(page: Page, graph: _Graph, key: str) -> str:
    """Return what stands at the end of a node: how many people are behind it, or the role that is held there."""
    if key == EVERY:
        return page.t("graph.all_n", n=len(graph.projects))
    if key.startswith("user:"):
        return ""
    if key.startswith("project:"):
        return _held(page, graph, key)
    kind, _, name = key.partition(":")
    n = page.view.count("team_members", team_id=name) if kind == "team" else len(_people_of(graph, key))
    return page.t("shared.people_n", n=n)


def _people_of(graph: _Graph, key: str) -> set[str]:
    return {path.person for path in graph.paths if _origin(path) == key}


def _held(page: Page, graph: _Graph, key: str) -> str:
    """Return the role by which what is selected reaches a project."""
    if not graph.selected or graph.selected == key:
        return ""
    roles = {path.role for path in graph.paths if _target(path) == key and _is_selected(path, graph.selected)}
    if len(roles) == 1:
        return _cut(_short(page, next(iter(roles))), 22)
    return page.t("shared.roles_n", n=len(roles)) if roles else ""


def _edges(graph: _Graph) -> Iterator[Edge]:
    """Yield each line once; it is selected if any path along it is."""
    states: dict[tuple[str, str, str], bool] = defaultdict(bool)
    for path in graph.paths:
        person, is_on = f"user:{path.person}", _is_selected(path, graph.selected)
        ends = ((_origin(path), person), (person, _target(path)))
        for start, end in ends:
            if start and end:
                states[start, end, _STYLES[path.way]] |= is_on
    for (start, end, style), is_on in states.items():
        yield Edge(start, end, style, "" if not graph.selected else "on" if is_on else "dim")


# -- filters and table


def _filters(page: Page, graph: _Graph) -> list[dict[str, Any]]:
    view, org, edition = page.view, page.resource.id, edition_of(page)
    teams = [(row["id"], row["name"]) for row in sorted(view.find("teams", org_id=org), key=lambda row: row["name"])]
    roles = [(role.name, role.title) for role in edition.roles.values()]
    projects = [(p, place_named(view, p)) for p in graph.projects]
    sources = [(source, page.t(f"who_can.source_{source}")) for source in SOURCES]
    found = (
        ("team", "shared.filter_teams", teams, graph.asked.teams),
        ("role", "shared.filter_role", sorted(roles, key=lambda role: role[1]), graph.asked.roles),
        ("project", "shared.filter_projects", sorted(projects, key=lambda each: each[1]), graph.asked.projects),
        ("source", "shared.filter_source", sources, graph.asked.sources),
    )
    return [_filter(page, *each) for each in found if each[2]]


def _filter(
    page: Page, name: str, label: str, options: Sequence[tuple[str, str]], chosen: Sequence[str]
) -> dict[str, Any]:
    n = page.t("frame.n_of_m", n=len(chosen), total=len(options)) if len(chosen) > 1 else None
    remove = page.link(**{name: None, "sel": None, "after": None}) if chosen else None
    return {
        "name": name, "label": page.t(label), "options": options, "chosen": list(chosen), "remove": remove, "value": n,
    }  # fmt: skip


def _title(page: Page, graph: _Graph, rows: Sequence[Reach]) -> str:
    if not graph.selected:
        return page.t("graph.all_paths", n=len(rows))
    reached = {path.project for path in rows if path.project}
    projects = page.t("graph.every") if EVERY in reached else page.t("shared.projects_n", n=len(reached))
    if graph.selected.startswith("user:"):
        return page.t("graph.reaches", name=_label(page, graph.selected), projects=projects, n=len(rows))
    return page.t("graph.paths_of", name=_label(page, graph.selected), n=len(rows))


def _why(page: Page, graph: _Graph, rows: Sequence[Reach]) -> str | None:
    """Return the drawer that says in full why somebody reaches the one project there is."""
    projects = {path.project for path in rows if path.project and path.project != EVERY}
    if not graph.selected.startswith("user:") or len(projects) != 1:
        return None
    return page.link(why=f"{graph.selected},project:{next(iter(projects))}")


def _rows(page: Page, paths: Sequence[Reach]) -> list[dict[str, Any]]:
    origins = _origins(page, paths)
    return [_row(page, path, origins.get(_key(page, path))) for path in paths]


def _row(page: Page, path: Reach, origin: Origin | None) -> dict[str, Any]:
    role, place = edition_of(page).roles[path.role], _where(page, path)
    own = "inherited" if path.project == EVERY else "organization" if not path.project else path.source
    source = "mapping" if path.mapped else own
    why = None if place is page.resource else page.link(why=f"user:{path.person},project:{path.project}")
    return {
        "who": called(page, path.person, page.resource.id),
        "project": page.t("shared.every_project") if path.project == EVERY else place_named(page.view, place.scope_id),
        "chip": {**full_chip(page, role, place, source, ends=path.ends), "href": why},
        "because": _because(page, path, origin),
    }


def _where(page: Page, path: Reach) -> ResourceRef:
    if path.project in {"", EVERY}:
        return page.resource
    return ResourceRef("project", path.project, org=page.resource.id, project=path.project)


def _key(page: Page, path: Reach) -> tuple[str, ...]:
    """Return the row that a path stands on: the membership of a team, or an assignment."""
    if path.source == "team":
        return ("team_members", path.person, path.via)
    if path.source == "organization_role":
        return ("assignments", path.person, page.resource.id, path.via)
    return ("assignments", path.person, path.project, path.role)


def _origins(page: Page, paths: Iterable[Reach]) -> dict[tuple[str, ...], Origin]:
    keys = {_key(page, path) for path in paths}
    found: dict[tuple[str, ...], Origin] = {}
    for table in ("team_members", "assignments"):
        rows = origins_of(page.view, table, [key[1:] for key in keys if key[0] == table])
        found |= {(table, *key): origin for key, origin in rows.items()}
    return found


def _because(page: Page, path: Reach, origin: Origin | None) -> str:
    if path.mapped:
        return _by_mapping(page, path)
    names = {"direct": "", "team": place_named(page.view, path.via) if path.via else ""}
    name = names.get(path.source, edition_of(page).roles[path.via].title if path.source not in names else "")
    if origin is None:
        return page.t(f"graph.by_{path.source}", name=name)
    date = page.formats.when(origin.at, "date")
    return page.t(
        f"graph.by_{path.source}_since", name=name, date=date, actor=by_whom(page, origin.actor_kind, origin.actor_id)
    )


def _by_mapping(page: Page, path: Reach) -> str:
    """Return which mapping gave a role, for whoever may read those."""
    _, who, scope, role = _key(page, path)
    name = mapped_by(page, who, page.resource.id, scope, role)
    return page.t("graph.by_mapping_of", name=name) if name else page.t("graph.by_mapping")


@page(
    "/o/{orgId}/graph.svg", id="downloadGraph", requires=_READ, on=InOrganization(), template="graph.svg",
    scope="organization",
)  # fmt: skip
def download_graph(page: Page) -> Mapping[str, Any]:
    """Return the drawing alone."""
    graph = _graph(page)
    rows = [path for path in graph.paths if _is_selected(path, graph.selected)]
    return {"layout": _drawn(page, graph)[0], "title": _title(page, graph, rows)}


@export(
    "/o/{orgId}/graph.csv", id="exportGraph", requires=_READ, on=InOrganization(),
    columns=("userId", "name", "username", "projectId", "projectName", "role", "via", "teamId", "endsAt"),
)  # fmt: skip
def export_graph(page: Page, after: str | None) -> Batch:
    """Return every path of everybody who is asked for; one that reaches each project names none."""
    paths = Paths(page, _asked(page))
    part = paths.batches(after)
    rows = [_line(page, path) for path in paths.of(part.rows) if _is_selected(path, page.one("sel"))]
    return Batch(rows, part.after.text if part.after else None)


def _line(page: Page, path: Reach) -> Sequence[Any]:
    who = named(page.view, page.resource.id, path.person)
    is_one = path.project not in {"", EVERY}
    return (
        path.person, who.name, who.address, path.project if is_one else None,
        place_named(page.view, path.project) if is_one else None,
        path.via if path.source == "organization_role" else path.role, path.way,
        path.via if path.source == "team" else None, rfc3339(path.ends) if path.ends else None,
    )  # fmt: skip

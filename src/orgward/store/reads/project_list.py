"""Projects of an organization as the console lists them; how many there are is bounded, so that all are looked at."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from orgward.catalog.role import PROJECT_OWNER
from orgward.store.folding import folded
from orgward.store.reads.counts import counted
from orgward.store.reads.keyset import Page, Place, cut
from orgward.store.view import SqlView

ProjectSort = Literal["name", "-name", "created", "-created"]

_PROJECTS: Final = "SELECT id, name, created_at, tags FROM projects WHERE org_id = :org ORDER BY name"
_OWNING: Final = (
    "SELECT a.scope_id, a.holder_id FROM json_each(:ids) AS v CROSS JOIN assignments AS a"
    " ON a.scope_id = v.value AND a.role = :owner AND a.starts <= :now AND :now < a.ends AND a.holder_kind ="
)
_OWNERS: Final = (
    f"SELECT h.scope_id, COUNT(*) FROM ({_OWNING} 'user' UNION"
    f" SELECT g.scope_id, t.user_id FROM ({_OWNING} 'team') AS g"
    " CROSS JOIN team_members AS t ON t.team_id = g.holder_id) AS h CROSS JOIN members AS m"
    " ON m.org_id = :org AND m.user_id = h.holder_id AND m.state = 'active' AND NOT m.suspended GROUP BY h.scope_id"
)
_TEAMS: Final = (
    "SELECT a.scope_id, COUNT(DISTINCT a.holder_id) FROM json_each(:ids) AS v CROSS JOIN assignments AS a"
    " ON a.scope_id = v.value AND a.holder_kind = 'team' WHERE a.ends > :now GROUP BY a.scope_id"
)


class Tag(NamedTuple):
    """A key with its value."""

    key: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectQuery:
    """Which projects are asked for, of those that are `visible` to the caller; a tag is `key` or `key=value`."""

    visible: Collection[str]
    q: str = ""
    tags: Collection[str] = ()
    without_owner: bool = False
    sort: ProjectSort = "name"


@dataclass(frozen=True, slots=True)
class ListedProject:
    """A project with how many people were added to it, how many teams have roles there, and how many own it.

    Owners are people who are not suspended, with the owner's role of their own or by a team; whoever owns the
    organization is not among them.
    """

    id: str
    name: str
    created_at: int
    tags: tuple[Tag, ...]
    people: int
    teams: int
    owners: int


class _Project(NamedTuple):
    id: str
    name: str
    created_at: int
    tags: tuple[Tag, ...]


def project_page(
    view: SqlView, org: str, query: ProjectQuery, place: Place, *, size: int, now: int
) -> Page[ListedProject]:
    """Return the page at `place` of the projects of `org` that `query` asks for."""
    rows = view.rows(_PROJECTS, {"org": org})
    known = (_Project(id_, name, at, tuple(Tag(**tag) for tag in json.loads(tags))) for id_, name, at, tags in rows)
    found = {project.id: project for project in known if _fits(project, query)}
    if query.without_owner:
        owned = _numbers(view, _OWNERS, org, list(found), now)
        found = {id_: project for id_, project in found.items() if not owned.get(id_)}
    ordered = sorted(found.values(), key=lambda p: _key(p, query), reverse=query.sort.startswith("-"))
    page = cut([project.id for project in ordered], place, size)
    return page.of(_listed(view, org, [found[id_] for id_ in page.rows], now))


def _fits(project: _Project, query: ProjectQuery) -> bool:
    marks = {*(tag.key for tag in project.tags), *(f"{tag.key}={tag.value}" for tag in project.tags)}
    has_tag = not query.tags or not marks.isdisjoint(query.tags)
    return project.id in query.visible and has_tag and folded(query.q) in folded(project.name)


def _key(project: _Project, query: ProjectQuery) -> tuple[int, str, str]:
    return project.created_at if query.sort.endswith("created") else 0, folded(project.name), project.id


def _listed(view: SqlView, org: str, projects: Sequence[_Project], now: int) -> list[ListedProject]:
    ids = [project.id for project in projects]
    people = counted(view, "project_members", ("project_id", "state"), [(id_, "active") for id_ in ids])
    teams, owners = (_numbers(view, sql, org, ids, now) for sql in (_TEAMS, _OWNERS))
    return [
        ListedProject(*project, number, teams.get(project.id, 0), owners.get(project.id, 0))
        for project, number in zip(projects, people, strict=True)
    ]


def _numbers(view: SqlView, sql: str, org: str, ids: Sequence[str], now: int) -> dict[str, int]:
    given = {"ids": json.dumps(list(ids)), "org": org, "now": now, "owner": PROJECT_OWNER}
    return dict(view.rows(sql, given))


def tags_used(view: SqlView, org: str, visible: Collection[str]) -> list[Tag]:
    """Return each tag that a `visible` project of `org` has, sorted."""
    rows = view.rows(_PROJECTS, {"org": org})
    return sorted({Tag(**tag) for id_, _, _, tags in rows if id_ in visible for tag in json.loads(tags)})

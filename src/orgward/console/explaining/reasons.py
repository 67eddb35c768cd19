"""Why somebody may do what on an organization or project: each way with its steps, and what all of them allow."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

from markupsafe import Markup

from orgward.catalog import Edition
from orgward.catalog.privilege_groups import groups_of
from orgward.console.changing.calls import ApiCall, as_curl, as_text
from orgward.console.changing.ending import ending
from orgward.console.explaining.denials import Missing, full_chip, missing_of, scope_of
from orgward.console.explaining.sight import Looking, kind_of, may_ask, place_of
from orgward.console.frame.page import Page
from orgward.console.listing.called import by_whom, called, place_href
from orgward.console.listing.chips import Shown, edition_of, held_at
from orgward.console.listing.mapped import mapped_by
from orgward.console.listing.naming import Named, place_named
from orgward.engine.compile import Path
from orgward.kernel.ids import is_id
from orgward.kernel.resource import ResourceRef
from orgward.store.origins import joined

_LEAST: Final = {"project": "project.read", "organization": "org.read"}
"""What is asked about where nobody says what: whether the place can be seen at all."""

_MOST_PATHS: Final = 30
_GLYPHS: Final = {"person": "user", "key": "key", "service": "robot", "team": "users"}

_Allowing = tuple[frozenset[str], Path]


def drawer_of(page: Page) -> tuple[str, Mapping[str, Any]] | None:
    """Return the drawer that the address of a page opens by `why=user:{id},project:{id}`; None where it opens none."""
    asked = page.one("why")
    if not asked:
        return None
    who, _, rest = asked.partition(",")
    place, _, privilege = rest.partition(",")
    keep = [(name, value) for name, values in page.asked.query.items() if name != "why" for value in values]
    model = reason_of(page, who, place, privilege) or {"is_known": False, "page": why_href(who, place)}
    return "why_drawer.html", {
        **model, "close": page.link(why=None), "here": page.asked.path, "keep": keep, "level": 3,
    }  # fmt: skip


def why_href(who: str, place: str, privilege: str = "") -> str:
    """Return the address of the page that answers why."""
    query = {"subject": who, "resource": place, **({"action": privilege} if privilege else {})}
    return "/why?" + urlencode(query, safe=":")


def reason_of(page: Page, who: str, place: str, privilege: str = "") -> Mapping[str, Any] | None:
    """Return the answer to one question, None where the viewer may not ask it or there is nothing to ask about."""
    holder, ref = who.partition(":")[2], place_of(page, place)
    if ref is None or not is_id(holder) or not may_ask(page, holder, ref):
        return None
    paths = ways(page, holder, ref)
    kinds = groups_of(edition_of(page, ref).name, scope_of(ref))
    known = {name for names in kinds.values() for name in names}
    asked = privilege if privilege in known else ""
    held = frozenset[str]().union(*(allowed for allowed, _ in paths))
    lacks = asked not in held if asked else not held
    person = called(page, holder, ref.org or "")
    missing = missing_of(page, holder, asked or _LEAST[ref.scope_kind], ref) if lacks else None
    return {
        "is_known": True,
        "who": person,
        "place": place_named(page.view, ref.scope_id),
        "place_href": place_href(page, ref),
        "title": _title(page, person, ref, is_reached=bool(held)),
        "verdict": _verdict(page, asked, paths, missing),
        "n": len(held),
        "total": len(known),
        "revision": page.facts.revision,
        "paths": [_path(page, path, person, ref) for path in paths[:_MOST_PATHS]],
        "n_paths": len(paths),
        "kinds": _kinds(page, kinds, paths, asked) if held else [],
        "missing": missing,
        "asked": asked,
        "options": [_options(page, key, names) for key, names in kinds.items()],
        "ask": _ask(page, holder, ref, missing),
        "ending": bool(ending(page, holder, ref)),
        "holder": f"{kind_of(page.facts, holder)}:{holder}",
        "resource": f"{ref.scope_kind}:{ref.scope_id}",
        "call": _call(page, holder, ref, asked),
        "page": why_href(f"{kind_of(page.facts, holder)}:{holder}", f"{ref.scope_kind}:{ref.scope_id}", asked),
    }


def ways(looking: Looking, who: str, ref: ResourceRef) -> list[_Allowing]:
    """Return the paths by which `who` holds anything there, the strongest first."""
    found = [path for path in looking.facts.paths(who, ref.scope_id, looking.now) if path[0]]
    return sorted(found, key=lambda path: -len(path[0]))


def _title(page: Page, who: Named, ref: ResourceRef, *, is_reached: bool) -> str:
    key = "shared.why" if is_reached else "why.title_no"
    return page.t(key, person=who.name, project=place_named(page.view, ref.scope_id))


def _verdict(page: Page, asked: str, paths: Sequence[_Allowing], missing: Missing | None) -> dict[str, str]:
    if missing is None:
        n = sum(asked in allowed for allowed, _ in paths) if asked else len(paths)
        return {"tone": "ok", "text": page.t("shared.yes_paths", n=n)}
    if missing.reason in {"pending", "suspended", "expired", "not_in_edition"}:
        return {"tone": "bad", "text": page.t(f"why.no_{missing.reason}")}
    return {"tone": "bad", "text": page.t("shared.no_missing", privilege=missing.privilege)}


# -- paths


def _path(page: Page, path: _Allowing, who: Named, ref: ResourceRef) -> dict[str, Any]:
    allowed, found = path
    edition = edition_of(page, ref)
    shown, source = shown_as(edition, found, ref)
    is_directly = edition.roles[found.role].scope == "project"
    steps = _by_team if found.team else _directly if is_directly else _by_organization
    return {
        "role": full_chip(page, edition.roles[shown], ref, source, ends=found.ends),
        "note": page.t("shared.privileges_n", n=len(allowed)),
        "steps": [*steps(page, found, who, ref), *_mapped(page, found, who, ref)],
    }


def shown_as(edition: Edition, path: Path, ref: ResourceRef) -> tuple[str, str]:
    """Return the role that a path comes to on `ref`, and its source as chips show it."""
    reached = edition.roles[path.role].in_projects
    if path.via != "organization_role":
        return (reached if ref.project and reached else path.role), path.via
    return (reached, "inherited") if ref.project and reached else (path.role, "organization")


def path_chip(page: Page, path: Path, ref: ResourceRef, *, href: str | None = None) -> Shown:
    """Return a path as one chip: the role that it comes to, and the team or organization role behind it."""
    edition = edition_of(page, ref)
    role, source = shown_as(edition, path, ref)
    team = page.view.get("teams", path.team) if path.team else None
    via = team["name"] if team else edition.roles[path.role].title if source == "inherited" else None
    return {**full_chip(page, edition.roles[role], ref, source, ends=path.ends), "via": via, "href": href}


def _by_team(page: Page, path: Path, who: Named, ref: ResourceRef) -> list[dict[str, Any]]:
    team = called(page, path.team or "", ref.org or "")
    joined = _since(page, "why.added", "team_members", who.id, team.id)
    given = _since(page, "why.given", "assignments", team.id, ref.scope_id, path.role)
    return [
        {"icon": "user", "text": page.t("why.in_team", person=who.linked)},
        {"icon": "users", "text": team.linked + joined},
        {"icon": "cube", "text": page.t("why.team_holds", place=_bold(page, ref)) + given},
    ]


def _directly(page: Page, path: Path, who: Named, ref: ResourceRef) -> list[dict[str, Any]]:
    given = _since(page, "why.given", "assignments", who.id, ref.scope_id, path.role)
    return [
        {"icon": _GLYPHS[who.kind], "text": page.t("why.directly", person=who.linked)},
        {"icon": "cube", "text": page.t("why.on", place=_bold(page, ref)) + given},
    ]


def _by_organization(page: Page, path: Path, who: Named, ref: ResourceRef) -> list[dict[str, Any]]:
    edition = edition_of(page, ref)
    role = edition.roles[path.role]
    href = f"/o/{path.org}/roles/{path.role}"
    given = _since(page, "why.given", "assignments", who.id, path.org, path.role)
    linked = Markup('<a href="{}">{}</a>').format(href, role.title)
    here = page.t("why.role_on", role=linked, organization=place_named(page.view, path.org)) + given
    if not ref.project:
        return [{"icon": _GLYPHS[who.kind], "text": who.linked}, {"icon": "building", "text": here}]
    every = Markup("<b>{}</b>").format(page.t("why.every_project"))
    reached = edition.roles[role.in_projects].title if role.in_projects else ""
    return [
        {"icon": "building", "text": here},
        {"icon": "cube", "text": page.t("why.reaches", every=every, role=reached)},
    ]


def _mapped(page: Page, path: Path, who: Named, ref: ResourceRef) -> list[dict[str, Any]]:
    """Return the step that says which role mapping gives the role, if one does."""
    if path.via != "mapping":
        return []
    role = edition_of(page, ref).roles[path.role]
    name = mapped_by(page, who.id, path.org, held_at(role, path), path.role)
    text = page.t("why.mapped_by", name=name) if name else page.t("why.mapped")
    return [{"icon": "link", "text": text}]


def _bold(page: Page, ref: ResourceRef) -> Markup:
    return Markup("<b>{}</b>").format(place_named(page.view, ref.scope_id))


def _since(page: Page, key: str, table: str, *row: str) -> Markup:
    """Return since when a row stands and by whom, empty where nobody knows."""
    origin = page.view.get("origins", table, joined(row))
    if origin is None:
        return Markup("")
    actor = by_whom(page, origin["actor_kind"], origin["actor_id"])
    text = page.t(key, date=page.formats.when(origin["at"], "date"), actor=actor)
    return Markup(' <span class="ow-muted">{}</span>').format(text)


# -- what it allows


def _kinds(
    page: Page, kinds: Mapping[str, Sequence[str]], paths: Sequence[_Allowing], asked: str
) -> list[dict[str, Any]]:
    found = []
    for key, names in kinds.items():
        held = [name for name in names if any(name in allowed for allowed, _ in paths)]
        if held:
            rows = [{"code": name, "text": page.t.privilege(name), "by": _by(page, name, paths)} for name in held]
            label = page.t(f"catalogue.group.{key}")
            found.append({"label": label, "n": len(held), "of": len(names), "open": asked in held, "privileges": rows})
    return found


def _by(page: Page, privilege: str, paths: Sequence[_Allowing]) -> str:
    numbers = [str(number) for number, (allowed, _) in enumerate(paths, 1) if privilege in allowed]
    if len(numbers) == len(paths) > 1:
        return page.t("why.by_every")
    return page.t("why.by_path", n=len(numbers), paths=", ".join(numbers[:9]))


def _options(page: Page, key: str, names: Sequence[str]) -> tuple[str, list[tuple[str, str]]]:
    return page.t(f"catalogue.group.{key}"), [(name, f"{page.t.privilege(name)} ({name})") for name in names]


# -- what next


def _ask(page: Page, holder: str, ref: ResourceRef, missing: Missing | None) -> str | None:
    """Return where the viewer can ask for what they lack themselves; organization roles are not asked for."""
    if missing is None or holder != page.principal.id or not ref.project or not missing.roles:
        return None
    return f"/p/{ref.project}/ask?privilege={missing.privilege}"


def _call(page: Page, holder: str, ref: ResourceRef, asked: str) -> dict[str, str]:
    """Return the same question as a call of the decision API."""
    call = ApiCall(
        operation="evaluate",
        body={
            "subject": {"type": kind_of(page.facts, holder), "id": holder},
            "action": {"name": asked or _LEAST[ref.scope_kind]},
            "resource": {"type": ref.scope_kind, "id": ref.scope_id},
        },
    )
    return {"text": as_text(call), "curl": as_curl(call, page.asked.base_url)}

"""Members of an organization: who they are, what they hold there, and what can be done about it."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from orgward.app.targets import InOrganization
from orgward.catalog import ORGANIZATION_OWNER
from orgward.console.changing.member_changes import shown_name
from orgward.console.frame.declaration import Batch, export, page
from orgward.console.frame.page import Page
from orgward.console.listing.chips import chip_of, edition_of, word_of
from orgward.console.listing.mapped import source_of
from orgward.console.listing.member_query import FACTORS, FILTERS, IDLE_DAYS, SIZES, asking, filters_given
from orgward.console.listing.naming import initials
from orgward.engine.search import reaches_every_project
from orgward.kernel.instants import rfc3339
from orgward.store.reads.counts import MemberTiles, member_tiles
from orgward.store.reads.keyset import START, place_of
from orgward.store.reads.keyset import Page as Rows
from orgward.store.reads.member_filters import STATES, MemberQuery
from orgward.store.reads.member_list import FEW, member_page
from orgward.store.reads.member_rows import Held, Member

_READ: Final = ("org.users.read",)
_MOST_TEAMS: Final = 50
_EXPORTED: Final = 500
_IDLE: Final = "90"
_STATUS: Final = {"active": "ACTIVE", "pending": "PENDING", "suspended": "ACTIVE"}
_FACTOR_ICONS: Final = {"passkey": "fingerprint", "totp": "device-mobile", "none": "shield-off"}


@page(
    "/o/{orgId}/members", id="showMembers", requires=_READ, on=InOrganization(), template="members.html",
    scope="organization",
)  # fmt: skip
def show_members(page: Page) -> Mapping[str, Any]:
    """Return the members that the filters ask for, a page of them."""
    asked = asking(page.asked.query, edition_of(page), page.now)
    size, place = page.one("size", SIZES[0]), place_of(page.one("after"))
    wrong = [*asked.wrong, *(["size"] if size not in SIZES else []), *(["after"] if place is None else [])]
    found = member_page(
        page.view, page.resource.id, asked.query, place or START,
        size=int(size) if size in SIZES else int(SIZES[0]), now=page.now,
    )  # fmt: skip
    idle_since = asking({"idle": [_IDLE]}, edition_of(page), page.now).query.idle_since or 0
    tiles = member_tiles(page.view, page.resource.id, idle_since=idle_since, now=page.now)
    return {
        "url": page.asked.path,
        "organization": (page.view.get("organizations", page.resource.id) or {})["name"],
        "query": asked.query,
        "wrong": wrong,
        "tiles": list(_tiles(page, tiles)),
        "filters": _filters(page, asked.query),
        "given": filters_given(page.asked.query),
        "rows": [_row(page, member) for member in found.rows],
        "found": found,
        "everybody": tiles.members + tiles.pending,
        "few": FEW,
        "bulk": list(_bulk(page, asked.query)),
        "sizes": SIZES,
        "size": size,
        **_links(page, found),
    }


def _bulk(page: Page, query: MemberQuery) -> Iterator[dict[str, str]]:
    """Yield what the viewer may do about several members at once; suspended ones alone can be reactivated."""
    if page.can("addOrgTeamUser"):
        yield {"do": "team", "text": page.t("shared.add_to_team"), "icon": "users", "kind": "plain"}
    if page.can("updateOrgUser"):
        yield {"do": "roles", "text": page.t("shared.change_roles"), "icon": "shield", "kind": "plain"}
    if page.can("reactivateOrgUser") and [*query.states] == ["suspended"]:
        yield {"do": "reactivate", "text": page.t("members.reactivate_step"), "icon": "player-play", "kind": "plain"}
    elif page.can("suspendOrgUser"):
        yield {"do": "suspend", "text": page.t("shared.suspend_step"), "icon": "player-pause", "kind": "plain"}
    if page.can("removeOrgUser"):
        yield {"do": "remove", "text": page.t("shared.remove_step"), "icon": "user-minus", "kind": "danger-line"}


def _links(page: Page, found: Rows[Member]) -> dict[str, Any]:
    return {
        "previous": page.link(after=found.before.text) if found.before else None,
        "next": page.link(after=found.after.text) if found.after else None,
        "csv": page.link(after=None, size=None, why=None).replace("/members", "/members.csv", 1),
    }


def _tiles(page: Page, tiles: MemberTiles) -> Iterator[dict[str, Any]]:
    """Yield the numbers above the list, each a filter of it."""
    yield _tile(page, "members", tiles.members, {})
    yield _tile(page, "pending", tiles.pending, {"state": "pending"})
    yield _tile(page, "owners", tiles.owners, {"role": ORGANIZATION_OWNER})
    yield _tile(page, "without_factor", tiles.without_factor, {"factor": "none"}, tone="warn")
    yield _tile(page, "not_seen", tiles.idle, {"idle": _IDLE})


def _tile(page: Page, name: str, n: int, wanted: Mapping[str, str], *, tone: str = "") -> dict[str, Any]:
    is_here = filters_given(page.asked.query) == {key: [value] for key, value in wanted.items()}
    return {
        "value": n,
        "label": page.t(f"members.tile_{name}", days=_IDLE),
        "href": page.link(**{**dict.fromkeys((*FILTERS, "after", "why")), **wanted}),
        "tone": tone if n else None,
        "current": is_here and bool(wanted),
    }


def _filters(page: Page, query: MemberQuery) -> dict[str, Any]:
    """Return the choices of each filter, with those that are chosen."""
    roles = [role for role in edition_of(page).roles.values() if role.scope == "organization"]
    return {
        "role": ([(role.name, role.title.removeprefix(f"{word_of(role)} ")) for role in roles], query.roles),
        "state": ([(state, page.t(f"frame.state_{state}")) for state in STATES], query.states),
        "team": (_teams(page, query), query.teams),
        "factor": ([(factor, page.t(f"shared.factor_{factor}")) for factor in FACTORS], query.factors),
        "idle": ([(days, page.t("members.idle_days", n=int(days))) for days in IDLE_DAYS], page.many("idle")[-1:]),
    }


def _teams(page: Page, query: MemberQuery) -> list[tuple[str, str]]:
    """Return the first teams by name, and those that are chosen."""
    rows = sorted(page.view.find("teams", org_id=page.resource.id), key=lambda row: str(row["name"]).casefold())
    shown = [row for row in rows if row["id"] in query.teams]
    shown += [row for row in rows if row["id"] not in query.teams][: _MOST_TEAMS - len(shown)]
    return [(row["id"], row["name"]) for row in shown]


def _row(page: Page, member: Member) -> dict[str, Any]:
    is_here = member.state != "pending"
    name = shown_name(member)
    here = f"/o/{page.resource.id}/members/{member.user_id}"
    reach = is_here and reaches_every_project(page.facts, member.user_id, "project.read", page.resource.id, page.now)
    return {
        "id": member.user_id,
        "name": name or page.t("shared.actor_erased"),
        "address": member.username if member.username != name else "",
        "initials": initials(name or "?"),
        "href": here,
        "state": member.state,
        "chips": [role_chip(page, member.user_id, held, is_held=is_here) for held in member.roles],
        "teams": member.teams,
        "projects": page.view.count("projects", org_id=page.resource.id) if reach else member.projects,
        "factors": factor_icons(page, member),
        "seen": member.last_auth_at if is_here else None,
        "expires": member.expires_at,
        "menu": list(menu_of(page, member.user_id, member.state)),
    }


def factor_icons(page: Page, member: Member) -> list[tuple[str, str, str]]:
    """Return each second factor of a member as icon, word and kind; nothing is known of whoever is only invited."""
    kinds = member.factors or (("none",) if member.state != "pending" else ())
    return [(_FACTOR_ICONS[kind], page.t(f"shared.factor_{kind}"), kind) for kind in kinds]


def role_chip(page: Page, user: str, held: Held, *, is_held: bool = True) -> dict[str, Any]:
    """Return the chip of an organization role; one that is held leads to its path."""
    why = page.link(why=f"user:{user},organization:{page.resource.id}") if is_held else None
    starts = held.starts if held.starts > page.now else None
    via = page.t("shared.starts_date", date=page.formats.text(starts, "date")) if starts else None
    source = source_of(page, user, held, page.resource, "organization")
    return chip_of(page, held.role, **{"via": via, "ends": held.ends, "href": why, **source})


def menu_of(page: Page, user: str, state: str) -> Iterator[dict[str, Any] | None]:
    """Yield what the viewer may do about a member."""
    here, next_ = f"/o/{page.resource.id}/members/{user}", {"next": page.link(why=None)}
    if state != "pending":
        why = page.link(why=f"user:{user},organization:{page.resource.id}")
        yield {"label": page.t("members.why"), "icon": "route", "href": why, "drawer": True}
    if page.can("updateOrgUser"):
        yield {"label": page.t("shared.change_roles"), "icon": "shield", "href": f"{here}/roles"}
    if page.can("addOrgTeamUser"):
        yield {"label": page.t("members.change_teams"), "icon": "users", "href": f"{here}/teams"}
    if page.can("suspendOrgUser") and state == "active":
        text = page.t("shared.suspend_step")
        yield {"label": text, "icon": "player-pause", "action": f"{here}/suspend", "fields": next_}
    if page.can("reactivateOrgUser") and state == "suspended":
        text = page.t("members.reactivate_step")
        yield {"label": text, "icon": "player-play", "action": f"{here}/reactivate", "fields": next_}
    if page.can("removeOrgUser"):
        text = page.t("shared.remove_step" if state != "pending" else "members.withdraw_step")
        removal = {"label": text, "icon": "user-minus", "action": f"{here}/remove", "danger": True}
        yield removal | ({} if page.asked.path == here else {"fields": next_})


@export(
    "/o/{orgId}/members.csv", id="exportMembers", requires=_READ, on=InOrganization(),
    columns=(
        "id", "username", "firstName", "lastName", "orgMembershipStatus", "suspended", "orgRoles", "teams", "projects",
        "secondFactors", "createdAt", "lastAuth",
    ),
)  # fmt: skip
def export_members(page: Page, after: str | None) -> Batch:
    """Return the members that the filters ask for, some at a time."""
    query = asking(page.asked.query, edition_of(page), page.now).query
    place = place_of(after or "") or START
    found = member_page(page.view, page.resource.id, query, place, size=_EXPORTED, now=page.now)
    return Batch([_line(member) for member in found.rows], found.after.text if found.after else None)


def _line(member: Member) -> tuple[Any, ...]:
    is_here = member.state != "pending"
    named = (member.first_name, member.last_name) if is_here else ("", "")
    return (
        member.user_id,
        member.username,
        *named,
        _STATUS[member.state],
        str(member.state == "suspended").lower(),
        " ".join(held.role for held in member.roles),
        member.teams,
        member.projects,
        " ".join(member.factors),
        rfc3339(member.created_at),
        rfc3339(member.last_auth_at) if is_here and member.last_auth_at else "",
    )

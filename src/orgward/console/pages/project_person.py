"""One person on a project: every way by which they reach it, and the roles that were given to them here."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from orgward.app.targets import InProject
from orgward.console.changing.calls import ApiCall
from orgward.console.changing.checking import checked, project_roles_posted, project_seen
from orgward.console.changing.days import day_of, end_posted
from orgward.console.changing.role_choices import choices_of, roles_to_give
from orgward.console.changing.summary import Chip, Difference, Summary
from orgward.console.explaining.reasons import reason_of
from orgward.console.explaining.sight import is_there
from orgward.console.explaining.standing import Standing, standing_of
from orgward.console.frame.declaration import Goto, Plan, form, page
from orgward.console.frame.page import Page, Posted
from orgward.console.frame.problems import problem_of, problems_of
from orgward.console.listing.chips import chip_of
from orgward.console.listing.mapped import source_of
from orgward.console.listing.naming import Named, person_named
from orgward.console.listing.since import Since, since_all
from orgward.edge.inner import project_member
from orgward.kernel.delta import Key
from orgward.kernel.errors import NotFoundError
from orgward.kernel.instants import parse_rfc3339, rfc3339
from orgward.store.reads.member_rows import Held

_READ: Final = ("project.user_roles.read",)
_UPDATE: Final = ("project.users.update_roles",)
_PERSON: Final = "/p/{groupId}/access/{userId}"
_ENDING: Final = ("active", "suspended")
"""States in which somebody holds roles, so that these can end; whoever is invited will get theirs without bounds."""


def _standing(page: Page | Posted) -> Standing:
    project, user = page.values["groupId"], page.values["userId"]
    place = page.resource if isinstance(page, Page) else project_seen(page, project)
    org = place.org or ""
    if page.view.get("project_members", project, user) is None and not is_there(page, user, org):
        raise NotFoundError("USER_NOT_FOUND", user)
    return standing_of(page.view, org, project, user, page.now)


def _person(page: Page, standing: Standing) -> Named:
    return person_named(page.view, page.t, standing.user, by_address=standing.state not in _ENDING)


@page(
    _PERSON, id="showAccessOfPerson", requires=_READ, on=InProject(), template="project_person.html", scope="project",
    entry="showAccess",
)  # fmt: skip
def show_access_of_person(page: Page) -> Mapping[str, Any]:
    """Return every way by which somebody reaches the project, what all of them allow, and their roles of its own."""
    standing = _standing(page)
    since = since_all(page, "assignments", [_key(page, standing, held) for held in standing.roles])
    reason = reason_of(page, f"user:{standing.user}", f"project:{page.resource.id}", page.one("action"))
    return {
        "url": page.asked.path,
        "list": f"/p/{page.resource.id}/access",
        "person": _person(page, standing),
        "standing": standing,
        "roles": [_row(page, standing, held, since.get(_key(page, standing, held))) for held in standing.roles],
        "can_end": standing.state in _ENDING and bool(standing.roles) and page.can("setGroupUserRoleBounds"),
        "why": {**reason, "here": page.asked.path, "level": 3} if reason else None,
    }


def _key(page: Page, standing: Standing, held: Held) -> Key:
    return standing.user, page.resource.id, held.role


def _row(page: Page, standing: Standing, held: Held, since: Since | None) -> dict[str, Any]:
    state = "ended" if held not in standing.current(page.now) else "later" if held.starts > page.now else "current"
    chip = chip_of(page, held.role, **source_of(page, standing.user, held, page.resource, "direct"))
    return {"chip": chip, "starts": held.starts, "ends": held.ends, "state": state, "since": since}


# ---------------------------------------------------------------- other roles


@page(
    f"{_PERSON}/roles", id="showRolesOfPerson", requires=_UPDATE, on=InProject(), inner=project_member,
    template="project_person_roles.html", scope="project", entry="showAccess",
)  # fmt: skip
def show_roles_of_person(page: Page) -> Mapping[str, Any]:
    """Return the form with the roles that somebody has on the project themself."""
    standing = _standing(page)
    roles = {each.role: each for each in standing.current(page.now)}
    held = [*roles]
    mapped = {name for name, each in roles.items() if each.mapped}
    offered = [role for role in roles_to_give(page, page.resource) if role.name not in mapped]
    names = {role.name for role in offered}
    return {
        "url": page.asked.path,
        "back": f"/p/{page.resource.id}/access/{standing.user}",
        "list": f"/p/{page.resource.id}/access",
        "person": _person(page, standing),
        "families": choices_of(page, offered, page.resource.org or ""),
        "chosen": page.asked.posted.get("roles", held),
        "kept": [
            chip_of(page, each.role, **source_of(page, standing.user, each, page.resource, "direct"))
            for each in roles.values()
            if each.role not in names
        ],
        "fault": problem_of(page),
    }


@form(f"{_PERSON}/roles", acts=["updateGroupUserRoles"])
def change_roles_of_person(posted: Posted) -> Plan:
    """Lead to the check of other roles for somebody; those that the form could not offer stay."""
    roles = project_roles_posted(posted, posted.values["groupId"], "roles", "kept")
    call = ApiCall(operation="updateGroupUserRoles", values=dict(posted.values), body={"groupRoles": roles})
    held = {each.role: each for each in _standing(posted).current(posted.now)}
    after = [held.get(role, Held(role)) for role in roles]
    return checked(posted, [call], _summary(posted, list(held.values()), after, "project_access.done_roles"))


# ---------------------------------------------------------------- ends


@page(
    f"{_PERSON}/ends", id="showEndsOfPerson", requires=_UPDATE, on=InProject(), inner=project_member,
    template="project_person_ends.html", scope="project", entry="showAccess",
)  # fmt: skip
def show_ends_of_person(page: Page) -> Mapping[str, Any]:
    """Return the form with the day on which each role of somebody ends."""
    standing, zone = _standing(page), page.asked.look.zone
    return {
        "url": page.asked.path,
        "back": f"/p/{page.resource.id}/access/{standing.user}",
        "list": f"/p/{page.resource.id}/access",
        "person": _person(page, standing),
        "rows": [
            {
                "chip": chip_of(page, held.role), "field": _field(held.role), "starts": held.starts,
                "day": page.posted(_field(held.role), day_of(held.ends, zone)),
            }
            for held in standing.roles
            if standing.state in _ENDING and not held.mapped
        ],
        "today": day_of(page.now, zone),
        **problems_of(page),
    }  # fmt: skip


def _field(role: str) -> str:
    return f"ends-{role}"


@form(f"{_PERSON}/ends", acts=["setGroupUserRoleBounds"])
def end_roles_of_person(posted: Posted) -> Plan:
    """Lead to the check of other ends for the roles of somebody; a day that stays changes nothing."""
    held = [each for each in _standing(posted).roles if not each.mapped]
    ends = {each.role: end_posted(posted, _field(each.role)) for each in held}
    changed = [each for each in held if _is_other(each, ends[each.role])]
    calls = [_bounding(posted, each, ends[each.role]) for each in changed]
    after = [Held(each.role, each.starts, _millis(ends[each.role])) if each in changed else each for each in held]
    return checked(posted, calls, _summary(posted, held, after, "project_access.done_ends"))


def _millis(end: str | None) -> int | None:
    return parse_rfc3339(end) if end else None


def _is_other(held: Held, end: str | None) -> bool:
    """Say whether `end` is another day than the one on which the role ends already, at whatever hour."""
    if held.ends is None or end is None:
        return (held.ends is None) != (end is None)
    last = parse_rfc3339(end)
    return not last - _DAY < held.ends <= last + _SECOND


_DAY: Final = 86_400_000
_SECOND: Final = 1_000


def _bounding(posted: Posted, held: Held, end: str | None) -> ApiCall:
    starts = {"startsAt": rfc3339(held.starts)} if held.starts else {}
    values = {**posted.values, "role": held.role}
    return ApiCall(operation="setGroupUserRoleBounds", values=values, body={**starts, "endsAt": end})


# ---------------------------------------------------------------- remove


@form(f"{_PERSON}/remove", acts=["removeGroupUser"])
def remove_person(posted: Posted) -> Plan:
    """Lead to the check of taking somebody off the project, with every role that was given to them here."""
    call = ApiCall(operation="removeGroupUser", values=dict(posted.values))
    held = _standing(posted).current(posted.now)
    summary = _summary(posted, held, [], "project_access.done_removed")
    return Plan(calls=[call], summary=summary, then=Goto(url=summary.then))


def _summary(posted: Posted, before: Sequence[Held], after: Sequence[Held], done: str) -> Summary:
    words, project, user = posted.words, posted.values["groupId"], posted.values["userId"]
    standing = _standing(posted)
    person = person_named(posted.view, words, user, by_address=standing.state not in _ENDING).name
    place = posted.view.get("projects", project) or {"name": project}
    url = f"/p/{project}/access"
    line = Difference(
        icon="user", name=person, place=words("projects.on_place", place=place["name"]),
        before=list(_chips(before)), after=list(_chips(after)),
    )  # fmt: skip
    return Summary(
        title=person, lines=[line], back=posted.path.removesuffix("/remove"), then=url, done=done,
        params={"person": person},
        crumbs=[(words("project_access.title"), url), (person, f"{url}/{user}")],
    )  # fmt: skip


def _chips(roles: Sequence[Held]) -> Iterator[Chip]:
    return (Chip(role=held.role, ends=held.ends) for held in roles)

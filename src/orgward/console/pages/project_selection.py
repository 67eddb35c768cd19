"""Several people of a project at once: other roles, or off it; whoever was added themselves can be selected."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from orgward.app.targets import InProject
from orgward.console.changing.calls import ApiCall
from orgward.console.changing.checking import checked, project_roles_posted, project_seen
from orgward.console.changing.role_choices import choices_of, roles_to_give
from orgward.console.changing.summary import Chip, Difference, Summary
from orgward.console.explaining.sight import Looking
from orgward.console.explaining.standing import Standing, standing_of
from orgward.console.frame.declaration import Plan, Show, form, page
from orgward.console.frame.page import Page, Posted, Values
from orgward.console.frame.problems import problem_of
from orgward.console.listing.access_query import asking
from orgward.console.listing.naming import Named, person_named
from orgward.console.pages.project_access import is_added
from orgward.kernel.errors import FieldFault, MalformedError
from orgward.kernel.resource import ResourceRef
from orgward.store.reads.member_rows import Held
from orgward.store.reads.project_access import AccessListing

_UPDATE: Final = ("project.users.update_roles",)
_LIST: Final = "/p/{groupId}/access"
_MOST: Final = 200
"""How many people are changed at once."""

_HOW: Final = ("add", "take", "set")


def _selected(looking: Looking, place: ResourceRef, values: Values) -> list[Standing]:
    """Return who is selected: those with a tick, or all whom the filters find; of both those who were added."""
    ids = list(dict.fromkeys(values.get("id", ())))
    if values.get("all"):
        listing = AccessListing(
            looking.view, place.org or "", place.scope_id, asking(looking, values, place).query, now=looking.now
        )
        found = (person for chunk in listing.chunks() for person in chunk)
        ids = [person.member.user_id for person in found if is_added(person)]
    known = [user for user in ids[: _MOST + 1] if looking.view.get("project_members", place.scope_id, user)]
    return [standing_of(looking.view, place.org or "", place.scope_id, user, looking.now) for user in known]


def _chosen(posted: Posted) -> list[Standing]:
    """Return who was selected in a form; MalformedError if that is nobody, or too many."""
    selected = _selected(posted, project_seen(posted, posted.values["groupId"]), posted.fields)
    if 0 < len(selected) <= _MOST:
        return selected
    key = "bulk_too_many" if selected else "bulk_nobody"
    fault = FieldFault("id", posted.words(f"project_access.{key}", n=_MOST))
    raise MalformedError("INVALID_ATTRIBUTE", "id", fields=[fault])


@page(
    f"{_LIST}/roles", id="showRolesOfPeople", requires=_UPDATE, on=InProject(), template="project_selection.html",
    scope="project", entry="showAccess",
)  # fmt: skip
def show_roles_of_people(page: Page) -> Mapping[str, Any]:
    """Return the form that changes the roles of everybody selected."""
    selected = _selected(page, page.resource, page.asked.posted)
    return {
        "url": page.asked.path,
        "list": f"/p/{page.resource.id}/access",
        "people": [_named(page, each) for each in selected[:_MOST]],
        "how": page.posted("how", _HOW[0]),
        "hows": [(how, page.t(f"project_access.bulk_{how}")) for how in _HOW],
        "families": choices_of(page, roles_to_give(page, page.resource), page.resource.org or ""),
        "roles": page.asked.posted.get("roles", ()),
        "fault": problem_of(page, "id"),
    }


def _named(page: Page | Posted, standing: Standing) -> Named:
    words = page.t if isinstance(page, Page) else page.words
    return person_named(
        page.view, words, standing.user, by_address=standing.state in {"pending", "expired", "declined"}
    )


@form(f"{_LIST}/roles", acts=["updateGroupUserRoles"])
def change_roles_of_people(posted: Posted) -> Plan:
    """Show the form for a selection; sent again with what to do, lead to the check."""
    how = posted.one("how")
    if how not in _HOW:
        return Plan(then=Show(model={}))
    people, roles = _chosen(posted), project_roles_posted(posted, posted.values["groupId"])
    after = {each.user: _after(each, roles, how, posted.now) for each in people}
    changed = [each for each in people if after[each.user] != each.current(posted.now)]
    calls = [_call(posted, "updateGroupUserRoles", each, after[each.user]) for each in changed]
    lines = [_line(posted, each, after[each.user]) for each in changed]
    return checked(posted, calls, _summary(posted, "bulk_heading", lines, "done_bulk_roles"))


def _after(standing: Standing, roles: Sequence[str], how: str, now: int) -> list[Held]:
    held = {each.role: each for each in standing.current(now)}
    if how == "take":
        return [each for role, each in held.items() if role not in roles]
    kept = held if how == "add" else {role: each for role, each in held.items() if role in roles}
    return [*kept.values(), *(Held(role) for role in roles if role not in kept)]


def _call(posted: Posted, operation: str, standing: Standing, after: Sequence[Held]) -> ApiCall:
    values = {"groupId": posted.values["groupId"], "userId": standing.user}
    body = {"groupRoles": [held.role for held in after]} if operation == "updateGroupUserRoles" else None
    return ApiCall(operation=operation, values=values, body=body)


@form(f"{_LIST}/remove", acts=["removeGroupUser"])
def remove_people(posted: Posted) -> Plan:
    """Lead to the check of taking everybody selected off the project."""
    people = _chosen(posted)
    calls = [_call(posted, "removeGroupUser", each, ()) for each in people]
    lines = [_line(posted, each, ()) for each in people]
    return checked(posted, calls, _summary(posted, "remove_heading", lines, "done_bulk_removed"))


def _line(posted: Posted, standing: Standing, after: Sequence[Held]) -> Difference:
    return Difference(
        icon="user", name=_named(posted, standing).name, place=_place(posted),
        before=list(_chips(standing.current(posted.now))), after=list(_chips(after)),
    )  # fmt: skip


def _place(posted: Posted) -> str:
    row = posted.view.get("projects", posted.values["groupId"]) or {"name": ""}
    return posted.words("projects.on_place", place=row["name"])


def _chips(roles: Sequence[Held]) -> Iterator[Chip]:
    return (Chip(role=held.role, ends=held.ends) for held in roles)


def _summary(posted: Posted, title: str, lines: Sequence[Difference], done: str) -> Summary:
    words, url = posted.words, f"/p/{posted.values['groupId']}/access"
    row = posted.view.get("projects", posted.values["groupId"]) or {"name": ""}
    people = words("shared.people_n", n=len(lines))
    named = {"n": people} if title == "bulk_heading" else {"n": len(lines), "project": row["name"]}
    return Summary(
        title=words(f"project_access.{title}", **named), lines=lines, back=url, then=url,
        done=f"project_access.{done}", crumbs=[(words("project_access.title"), url)],
    )  # fmt: skip

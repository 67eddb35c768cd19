"""Adding people to a project: members of the organization found by name, others by their address (contract.md)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from orgward.app.targets import InProject
from orgward.console.changing.calls import ApiCall
from orgward.console.changing.checking import checked, project_roles_posted
from orgward.console.changing.days import day_of, end_posted
from orgward.console.changing.role_choices import choices_of, edition_at, roles_to_give
from orgward.console.changing.summary import Chip, Difference, Summary
from orgward.console.frame.declaration import Plan, form, page
from orgward.console.frame.page import Page, Posted
from orgward.console.frame.problems import problems_of
from orgward.console.listing.naming import member_named
from orgward.directory.names import username
from orgward.directory.people import user_of
from orgward.kernel.errors import FieldFault, MalformedError, RefusedError
from orgward.kernel.instants import parse_rfc3339
from orgward.kernel.resource import ResourceRef
from orgward.store.reads.keyset import START
from orgward.store.reads.member_filters import FEWEST_LETTERS, MemberQuery
from orgward.store.reads.member_list import member_page
from orgward.store.reads.member_rows import Member

_ADD: Final = ("project.users.add_existing", "project.users.invite")
_PATH: Final = "/p/{groupId}/access/add"
_FOUND: Final = 20
_MOST: Final = 100
"""How many people are added at once."""


@page(
    _PATH, id="showAddPeople", requires=_ADD, on=InProject(), template="project_add.html", scope="project",
    entry="showAccess",
)  # fmt: skip
def show_add_people(page: Page) -> Mapping[str, Any]:
    """Return the form that adds people, with the members whom the search finds and those that were chosen."""
    org = page.resource.org or ""
    ids = dict.fromkeys(page.asked.posted.get("user", page.many("user")))
    chosen = [found for id_ in ids if (found := member_named(page.view, org, id_))]
    is_seen = page.can("listOrgUsers", ResourceRef("organization", org, org=org))
    return {
        "url": page.asked.path,
        "list": f"/p/{page.resource.id}/access",
        "q": page.one("q"),
        "may_search": is_seen,
        "fewest": FEWEST_LETTERS,
        "found": list(_found(page, ids)) if is_seen else [],
        "chosen": [_token(page, found.id, found.name, ids) for found in chosen],
        "ids": list(ids),
        "addresses": page.posted("addresses"),
        "edition": edition_at(page, org).name,
        "families": choices_of(page, roles_to_give(page, page.resource), org),
        "roles": page.asked.posted.get("roles", ()),
        "ends": page.posted("ends"),
        "today": day_of(page.now, page.asked.look.zone),
        **problems_of(page),
    }


def _token(page: Page, user: str, name: str, chosen: Mapping[str, Any]) -> dict[str, str]:
    return {"name": name, "remove": page.link(user=[id_ for id_ in chosen if id_ != user])}


def _found(page: Page, chosen: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the members whom the search finds, each with whether they are on the project or chosen already."""
    query = MemberQuery(q=page.one("q"), states=["active"])
    if len(query.q) < FEWEST_LETTERS:
        return
    for member in member_page(page.view, page.resource.org or "", query, START, size=_FOUND, now=page.now).rows:
        yield _candidate(page, member, is_chosen=member.user_id in chosen)


def _candidate(page: Page, member: Member, *, is_chosen: bool) -> dict[str, Any]:
    is_here = page.view.get("project_members", page.resource.id, member.user_id) is not None
    return {
        "id": member.user_id, "name": member.name, "address": member.username if member.name != member.username else "",
        "is_here": is_here, "is_chosen": is_chosen,
    }  # fmt: skip


# ---------------------------------------------------------------- to the check


@dataclass(frozen=True, slots=True)
class _Newcomer:
    """Somebody to be added; `user` is the id of a member of the organization, empty for others."""

    name: str
    username: str
    user: str


@form(_PATH, acts=["addGroupUsers", "setGroupUserRoleBounds"])
def add_people(posted: Posted) -> Plan:
    """Lead to the check of adding people with these roles, perhaps until the end of a day."""
    project = posted.values["groupId"]
    people, ends = _newcomers(posted), end_posted(posted, "ends")
    if not people:
        fault = FieldFault("addresses", posted.words("project_access.nobody"))
        raise MalformedError("INVALID_ATTRIBUTE", "addresses", fields=[fault])
    roles = project_roles_posted(posted, project)
    calls = [call for person in people for call in _calls(project, person, roles, ends)]
    return checked(posted, calls, _summary(posted, people, roles, ends))


def _newcomers(posted: Posted) -> list[_Newcomer]:
    org = posted.facts.attribute("projects", posted.values["groupId"]) or ""
    members = [_member(posted, org, user) for user in dict.fromkeys(posted.many("user"))]
    known = {member.username for member in members}
    typed = dict.fromkeys(re.split(r"[\s,;]+", posted.one("addresses")))
    others = [_addressed(posted, org, text) for text in typed if text and text not in known]
    if len(members) + len(others) > _MOST:
        fault = FieldFault("addresses", posted.words("project_access.too_many", n=_MOST))
        raise MalformedError("INVALID_ATTRIBUTE", "addresses", fields=[fault])
    return [*members, *others]


def _member(posted: Posted, org: str, user: str) -> _Newcomer:
    """Return a member of the organization; an id of anybody else must not bring their name to light."""
    found = member_named(posted.view, org, user)
    if found is None:
        raise RefusedError("USER_NOT_FOUND", user)
    is_active = bool(found.address)  # of somebody invited the address is the name
    return _Newcomer(found.name, found.address or found.name, user if is_active else "")


def _addressed(posted: Posted, org: str, text: str) -> _Newcomer:
    try:
        address = username(text)
    except RefusedError:
        fault = FieldFault("addresses", posted.words("project_access.no_address", text=text))
        raise MalformedError("INVALID_ATTRIBUTE", "addresses", fields=[fault]) from None
    user = user_of(posted.view, address) or ""
    member = posted.view.get("members", org, user)
    return _Newcomer(address, address, user if member is not None and member["state"] == "active" else "")


def _calls(project: str, person: _Newcomer, roles: Sequence[str], ends: str | None) -> Iterator[ApiCall]:
    """Yield what adds somebody; an end can be set where the roles are held at once."""
    body = {"username": person.username, "roles": list(roles)}
    yield ApiCall(operation="addGroupUsers", values={"groupId": project}, body=body)
    if ends is not None and person.user:
        for role in roles:
            values = {"groupId": project, "userId": person.user, "role": role}
            yield ApiCall(operation="setGroupUserRoleBounds", values=values, body={"endsAt": ends})


def _summary(posted: Posted, people: Sequence[_Newcomer], roles: Sequence[str], ends: str | None) -> Summary:
    words, project = posted.words, posted.values["groupId"]
    place = posted.view.get("projects", project) or {"name": project}
    url, until = f"/p/{project}/access", parse_rfc3339(ends) if ends else None
    edition = edition_at(posted, posted.facts.attribute("projects", project) or "").name
    lines = [
        Difference(
            icon="user-plus", name=person.name, place=words("projects.on_place", place=place["name"]),
            after=[Chip(role=role, ends=until if person.user else None) for role in roles],
            note="" if person.user else words(f"project_access.outsider_{edition}"),
        )
        for person in people
    ]  # fmt: skip
    return Summary(
        title=words("project_access.add_n", n=len(people)), lines=lines, back=posted.path, then=url,
        done="project_access.done_added", crumbs=[(words("project_access.title"), url)],
    )  # fmt: skip

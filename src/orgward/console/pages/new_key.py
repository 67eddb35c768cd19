"""A new API key: its roles, projects and addresses are checked, and then its two halves are shown, once."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from orgward.app.targets import InOrganization, InProject
from orgward.console.changing.calls import ApiCall
from orgward.console.changing.checking import checked, project_roles_posted
from orgward.console.changing.machines import addresses_posted, listed
from orgward.console.changing.project_rows import rows_posted, rows_shown
from orgward.console.changing.role_choices import choices_of, edition_at
from orgward.console.changing.summary import Chip, Difference, Summary
from orgward.console.frame.declaration import Plan, Show, form, page
from orgward.console.frame.page import Page, Posted
from orgward.console.frame.problems import problems_of
from orgward.console.listing.keys_shown import roles_for_key
from orgward.console.listing.naming import place_named
from orgward.directory.roles import organization_roles, project_roles

_IN_ORGANIZATION: Final = "/o/{orgId}/keys/new"
_IN_PROJECT: Final = "/p/{groupId}/keys/new"
_REVEALED: Final = "key_secret.html"


@page(
    _IN_ORGANIZATION, id="showNewKey", requires=("org.api_keys.create",), on=InOrganization(),
    template="new_key.html", scope="organization", entry="showKeys",
)  # fmt: skip
def show_new_key(page: Page) -> Mapping[str, Any]:
    """Return the form of a key with organization roles, on projects, and tied to addresses."""
    return {
        **_form(page, "keys"),
        "on": rows_shown(page, {}, "project.api_keys.assign"),
        "addresses": page.posted("addresses"),
        "own": page.principal.address,
        "may_tie": page.holds("org.api_keys.access_list.manage"),
    }


def _form(page: Page, words: str) -> dict[str, Any]:
    return {
        "url": page.asked.path,
        "list": page.asked.path.removesuffix("/new"),
        "heading": page.t(f"{words}.new"),
        "families": choices_of(page, roles_for_key(page, page.resource), page.resource.org or ""),
        "chosen": page.asked.posted.get("roles", ()),
        "desc": page.posted("desc"),
        **problems_of(page),
    }


@form(_IN_ORGANIZATION, acts=["createReadyOrgApiKey"])
def make_key(posted: Posted) -> Plan:
    """Lead to the check of a new key; what it is, is made only then."""
    if posted.has("more"):
        return Plan(then=Show(model={}))
    org, name = posted.values["orgId"], posted.one("desc")
    edition = edition_at(posted, org)
    projects = rows_posted(posted)
    for project, roles in projects.items():
        project_roles(edition, roles, project)
    roles, blocks = organization_roles(edition, posted.many("roles"), org), addresses_posted(posted)
    placed = [{"projectId": project, "roles": given} for project, given in projects.items()]
    body = {"desc": name, "roles": roles, "projects": placed, "addresses": blocks}
    call = ApiCall(operation="createReadyOrgApiKey", values={"orgId": org}, body=body)
    words, view = posted.words, posted.view
    note = words("keys.only_from", addresses=listed(blocks)) if blocks else words("keys.from_anywhere")
    given = [Chip(role=role, source="organization") for role in roles]
    lines = [Difference(icon="key", name=name, place=place_named(view, org), after=given, note=note)]
    for project, names in projects.items():
        place = place_named(view, project)
        lines.append(Difference(icon="key", name=name, place=place, after=[Chip(role=role) for role in names]))
    return checked(posted, [call], _summary(posted, lines, f"/o/{org}/keys"))


def _summary(posted: Posted, lines: Sequence[Difference], url: str) -> Summary:
    words = posted.words
    return Summary(
        title=words("keys.new"), lines=lines, back=posted.path, then=url, act=words("shared.create_key"),
        crumbs=[(words("keys.title"), url)], reveal=_REVEALED,
    )  # fmt: skip


# ------------------------------------------------------------ in a project


@page(
    _IN_PROJECT, id="showNewProjectKey", requires=("project.api_keys.create",), on=InProject(),
    template="new_key.html", scope="project", entry="showProjectKeys",
)  # fmt: skip
def show_new_project_key(page: Page) -> Mapping[str, Any]:
    """Return the form of a key with roles on this project; it becomes a member of the organization, too (rule 76)."""
    return {**_form(page, "project_keys"), "on": None, "may_tie": False, "addresses": ""}


@form(_IN_PROJECT, acts=["createGroupApiKey"])
def make_project_key(posted: Posted) -> Plan:
    """Lead to the check of a new key on the project."""
    project, name = posted.values["groupId"], posted.one("desc")
    roles = project_roles_posted(posted, project)
    call = ApiCall(
        operation="createGroupApiKey", values={"groupId": project}, body={"desc": name, "roles": roles}
    )  # fmt: skip
    note = posted.words("keys.from_anywhere")
    after = [Chip(role=role) for role in roles]
    line = Difference(icon="key", name=name, place=place_named(posted.view, project), after=after, note=note)
    return checked(posted, [call], _summary(posted, [line], f"/p/{project}/keys"))

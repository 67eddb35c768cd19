"""API keys as lists and their own page show them: roles with places, addresses, who made them, what needs a look."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final, Protocol

from orgward.catalog import Role
from orgward.console.changing.role_choices import edition_at
from orgward.console.frame.page import Page
from orgward.console.listing.chips import chip_of
from orgward.directory.guards import owns
from orgward.engine.search import reaches_every_project
from orgward.kernel.resource import ResourceRef
from orgward.store.reads.actors import Actor
from orgward.store.reads.key_list import ListedKey
from orgward.store.reads.member_rows import Held
from orgward.store.reads.roles_there import RolesThere

_READING: Final = "project.api_keys.read"
_WARNED: Final = {
    "maker_gone": "keys.maker_left",
    "maker_suspended": "shared.maker_suspended",
    "any_address": "shared.any_address",
    "never_used": "shared.never_used",
}


def projects_seen(page: Page) -> Collection[str] | None:
    """Return the projects whose keys the viewer may know the roles of, None for all; on a project that one alone."""
    if page.resource.project:
        return {page.resource.project}
    if reaches_every_project(page.facts, page.principal.id, _READING, page.resource.id, page.now):
        return None
    return page.context.visible(_READING).resources


def key_shown(page: Page, key: ListedKey) -> dict[str, Any]:
    """Return an API key with its chips in one list, and its warnings in words."""
    return {
        "id": key.id,
        "name": key.description,
        "public": key.public_key,
        "chips": [chip for place in places_of(page, key) for chip in place["chips"]],
        "blocks": key.blocks,
        "more_blocks": key.more_blocks,
        "maker": maker_shown(page, key.maker),
        "created": key.created_at,
        "used": key.last_used_at,
        "used_from": key.last_used_from,
        "is_watched": bool(key.blocks),
        "warnings": {code.partition("_")[0]: page.t(_WARNED[code]) for code in key.attention},
    }


def maker_shown(page: Page, maker: Actor) -> str:
    """Return what whoever made a machine is called."""
    return page.t("shared.actor_operator") if maker.kind == "operator" else maker.label or page.t("shared.actor_erased")


class Holding(Protocol):
    """A machine as a list shows it: its roles in the organization, and those on projects."""

    @property
    def roles(self) -> Sequence[Held]:
        """Return the roles in the organization."""
        ...

    @property
    def projects(self) -> Sequence[RolesThere]:
        """Return the projects with the roles there."""
        ...


def places_of(page: Page, key: Holding) -> list[dict[str, Any]]:
    """Return the organization, and the projects on which the machine has roles, each with chips of them."""
    org = page.resource.org or ""
    here = _place(page, ResourceRef("organization", org, org=org), "", key.roles)
    refs = [(ResourceRef("project", each.id, org=org, project=each.id), each) for each in key.projects]
    return [here, *(_place(page, ref, each.name, each.roles) for ref, each in refs)]


def _place(page: Page, ref: ResourceRef, name: str, roles: Sequence[Held]) -> dict[str, Any]:
    chips = [
        chip_of(
            page, role.role, resource=ref, source="direct" if ref.project else "organization", ends=role.ends,
            via=name if ref.project != page.resource.project else None, in_full=True,
        )
        for role in roles
    ]  # fmt: skip
    return {"ref": ref, "name": name, "chips": chips}


def roles_for_key(page: Page, ref: ResourceRef) -> list[Role]:
    """Return the roles that the viewer may give a key there: an owner any, others what they hold themselves."""
    edition = edition_at(page, ref.org or "")
    roles = [role for role in edition.roles.values() if role.scope == ref.scope_kind]
    if owns(page.facts, page.principal.id, ref.scope_id, page.now):
        return roles
    return [role for role in roles if _holds_all(page, ref, edition.privileges_of(role.name, added_by_owner=False))]


def _holds_all(page: Page, ref: ResourceRef, privileges: Iterable[str]) -> bool:
    return all(page.facts.check(page.principal.id, each, ref.scope_id, page.now) for each in privileges)

"""Roles to choose from in a form: those that whoever fills it in may hand out there, by family."""

from collections.abc import Sequence
from typing import Any

from orgward.catalog import EDITIONS, Edition, Role
from orgward.catalog.role_families import families_of
from orgward.console.frame.page import Page, Posted
from orgward.console.listing.chips import word_of
from orgward.directory.guards import reaching_roles
from orgward.engine.decide import hands_out
from orgward.kernel.resource import ResourceRef


def edition_at(page: Page | Posted, org: str) -> Edition:
    """Return the edition of the organization."""
    return EDITIONS[page.facts.attribute("organizations", org) or ""]


def roles_to_give(page: Page, resource: ResourceRef) -> list[Role]:
    """Return the roles of that kind of resource which the viewer may give and take there (contract.md)."""
    edition = edition_at(page, resource.org or "")
    held = reaching_roles(page.facts, page.principal.id, resource.scope_id, page.now)
    holding = [edition.roles[name] for name in held if name in edition.roles]
    roles = [role for role in edition.roles.values() if role.scope == resource.scope_kind]
    return [role for role in roles if any(hands_out(holder, role) for holder in holding)]


def choices_of(page: Page, roles: Sequence[Role], org: str) -> Sequence[dict[str, Any]]:
    """Return `roles` as a form offers them: by family, each with what it is called and what it is for."""
    edition, given = edition_at(page, org), {role.name: role for role in roles}
    families = families_of(edition.name, roles[0].scope) if roles else {}
    found = []
    for family, names in families.items():
        options = [_option(page, edition, given[name]) for name in names if name in given]
        if options:
            found.append({"key": family, "label": page.t(f"catalogue.family.{family}"), "options": options})
    return found


def _option(page: Page, edition: Edition, role: Role) -> tuple[str, str, str]:
    return role.name, role.title.removeprefix(f"{word_of(role)} "), page.t.role(edition.name, role.name)

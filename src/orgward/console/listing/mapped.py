"""Roles that somebody holds by a role mapping: which mapping it is, for whoever may read those."""

from collections.abc import Callable, Iterable
from typing import Any, Final

from orgward.console.frame.page import Page
from orgward.kernel.resource import ResourceRef
from orgward.store.reads.federation import external_names
from orgward.store.reads.member_rows import Held

MappedBy = Callable[[Page, str, str, str, str], str | None]
"""What says by which mapping a user of an organization holds, at a place, a role."""

_READS: Final = "listFederationSettingConnectedOrgConfigRoleMappings"


def source_of(page: Page, user: str, held: Held, place: ResourceRef, otherwise: str) -> dict[str, Any]:
    """Return where a role comes from that `user` holds at `place`, as chips say it: a mapping, or `otherwise`."""
    if not held.mapped:
        return {"source": otherwise}
    return {"source": "mapping", "via": mapped_by(page, user, place.org or "", place.scope_id, held.role)}


def mapped_by(page: Page, user: str, org: str, scope: str, role: str) -> str | None:
    """Return what the provider calls those of whom `user` is one and to whom `role` is given at `scope`.

    None where the viewer may not read the mappings of the organization; its default roles have a name of their own.
    """
    return said_of(page, user, org, external_names(page.view, org, user, (scope, role)))


def said_of(page: Page, user: str, org: str, names: Iterable[str]) -> str | None:
    """Return the `names` of mappings that give `user` a role, as `mapped_by` says them."""
    if user != page.principal.id and not page.can(_READS, ResourceRef("organization", org, org=org)):
        return None
    return ", ".join(names) or page.t("shared.by_default_role")

"""What the lists of API keys and of service accounts have in common: their filters, and what their page is told."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, Protocol

from orgward.console.frame.page import Page
from orgward.console.listing.chips import edition_of
from orgward.console.listing.given import filters_in
from orgward.store.reads.keyset import Page as Part
from orgward.store.reads.keyset import Place

FILTERS: Final = ("q", "role", "project", "attention")
"""The parameters that narrow a list of machines."""

SIZE: Final = 25
BATCH: Final = 200


class MachineQuery(Protocol):
    """What is asked for of either kind."""

    @property
    def q(self) -> str:
        """Return the beginning of a name."""

    @property
    def roles(self) -> Collection[str]:
        """Return the roles of which they hold one."""

    @property
    def project(self) -> str:
        """Return the project that they are on."""

    @property
    def attention(self) -> bool:
        """Say whether only those are wanted that somebody should look at."""

    @property
    def sort(self) -> str:
        """Return by what they are sorted."""


def machine_listing(
    page: Page, query: MachineQuery, part: Part[Any], place: Place | None, *, seen: Collection[str] | None = None
) -> dict[str, Any]:
    """Return what the page of a list is told but its rows; of projects those `seen`, None being all."""
    return {
        "url": page.asked.path,
        "q": query.q,
        "part": part,
        "filters": _filters(page, query, seen),
        "attention": query.attention,
        "sort": query.sort,
        "is_filtered": bool(query.q or query.roles or query.attention or page.one("project")),
        "given": filters_in(page.asked.query, FILTERS),
        "is_lost": place is None,
        "csv": page.link(after=None).replace(page.asked.path, f"{page.asked.path}.csv", 1),
    }


def _filters(page: Page, query: MachineQuery, seen: Collection[str] | None) -> Mapping[str, Any]:
    roles = [(role.name, role.title) for role in edition_of(page).roles.values()]
    found: dict[str, Any] = {"role": (page.t("shared.filter_role"), roles, list(query.roles))}
    if page.resource.project is None:
        rows = page.view.find("projects", org_id=page.resource.id)
        named = [(row["id"], row["name"]) for row in rows if seen is None or row["id"] in seen]
        chosen = [query.project] if query.project else []
        found["project"] = (page.t("shared.filter_project"), sorted(named, key=_by_name), chosen)
    return found


def _by_name(project: Sequence[str]) -> str:
    return project[1].casefold()

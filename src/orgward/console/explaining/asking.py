"""The form with which somebody asks for access to a project: the smallest role that is enough, until when, what for."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from orgward.console.explaining.denials import Missing, missing_of, privileges_held
from orgward.console.explaining.matrix import given
from orgward.console.frame.page import Page
from orgward.console.listing.chips import edition_of
from orgward.kernel.resource import ResourceRef

DAYS: Final = (1, 7, 30, 90)
"""For how many days somebody may ask, beside for as long as it is needed."""

_DAY: Final = 86_400_000
_USUAL: Final = "7"


def asking_of(page: Page, place: ResourceRef | None, missing: Missing | None, project: str) -> Mapping[str, Any]:
    """Return the form; of a project that the viewer does not see it offers no roles, for those would tell of it."""
    roles = _roles(page, place, missing) if place is not None else []
    return {
        "action": f"/p/{project}/ask",
        "roles": [(value, title) for value, title, _ in roles],
        "role": page.posted("role") or (roles[0][0] if roles else ""),
        "hint": page.t("refusal.smallest", n=roles[0][2]) if missing and roles else "",
        "days": _days(page),
        "until": page.posted("days") or (_USUAL if roles else "0"),
        "message": page.posted("message"),
    }


def _roles(page: Page, place: ResourceRef, missing: Missing | None) -> Sequence[tuple[str, str, int]]:
    """Return the project roles that would do with what each adds, least first; any role where nothing is missing."""
    edition, held = edition_of(page, place), privileges_held(page.facts, page.principal.id, place, page.now)
    fitting = missing.roles if missing else edition.roles.values()
    found = [(r.name, r.title, len(given(edition, r, "project") - held)) for r in fitting if r.scope == "project"]
    return sorted(found, key=lambda role: role[2])


def _days(page: Page) -> list[tuple[str, str]]:
    dated = [(str(n), page.t("refusal.days", n=n, date=page.formats.text(page.now + n * _DAY, "date"))) for n in DAYS]
    return [*dated, ("0", page.t("refusal.no_end"))]


def missing_there(page: Page, privilege: str, place: ResourceRef) -> Missing:
    """Return what the viewer lacks on the place."""
    return missing_of(page, page.principal.id, privilege, place)

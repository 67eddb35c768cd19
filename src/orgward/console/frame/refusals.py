"""What stands where a page can't be shown: what is missing and who can give it, or that there is nothing.

Unknown and invisible things get the same neutral page (contract.md).
"""

from typing import Any, Final
from urllib.parse import quote

from orgward.app.execute import Context
from orgward.app.operation import Operation, Public, declare
from orgward.app.targets import Nowhere
from orgward.catalog import PRIVILEGES
from orgward.console.explaining.asking import asking_of, missing_there
from orgward.console.explaining.reasons import path_chip, ways
from orgward.console.explaining.sight import place_of, sees
from orgward.console.frame.page import Page
from orgward.console.frame.problems import sentence_of
from orgward.console.listing.called import place_href
from orgward.console.listing.naming import place_named
from orgward.directory.second_factors import has_active
from orgward.edge.errors import error_body
from orgward.kernel.errors import DeniedError, NotFoundError, OrgwardError
from orgward.kernel.ids import is_id
from orgward.kernel.resource import STORE, ResourceRef

_GATES: Final = frozenset({"MFA_REQUIRED", "USER_SUSPENDED", "IP_ADDRESS_NOT_ON_ACCESS_LIST"})
"""Codes of gates that keep somebody out of a whole organization."""

_TOLD: Final = frozenset(
    {*_GATES, "SECOND_FACTOR_REQUIRED", "ADDRESS_NOT_PROVEN", "FEATURE_UNSUPPORTED", "UNEXPECTED_ERROR"}
)
"""Codes with a heading of their own."""

_GLYPHS: Final = {"not_found": "search", "UNEXPECTED_ERROR": "alert-triangle", "FEATURE_UNSUPPORTED": "ban"}


def _run(context: Context) -> str:
    page = Page(context, context.call.query)
    error: OrgwardError = context.call.prepared
    place = STORE if error.code in _GATES else _place(page)
    page.asked.shown = place
    page.asked.scope = "none" if place is STORE else place.scope_kind
    if isinstance(error, DeniedError) and place is not STORE:
        return page.render("refusal.html", _denial(page, error, place))
    return page.render("not_done.html", _model(page, error))


SHOW_REFUSAL: Final = declare(
    Operation(
        id="showRefusal",
        requires=Public("tells why something else was refused, and shows nothing of its own"),
        on=Nowhere(),
        inner=None,
        writes=False,
        run=_run,
    )
)


def _place(page: Page) -> ResourceRef:
    """Return the organization or project that the path names, if the viewer sees it; the store otherwise."""
    values = page.values
    for kind, name in (("project", values.get("groupId")), ("organization", values.get("orgId"))):
        found = place_of(page, f"{kind}:{name}") if name else None
        if found is not None and sees(page, found):
            return found
    return STORE


def _denial(page: Page, error: DeniedError, place: ResourceRef) -> dict[str, Any]:
    """Return what is missing, what the viewer holds instead, who can give it, and the form to ask for it."""
    privilege, where = _missed(error, place)
    missing = missing_there(page, privilege, where)
    can_be_asked = where.project is not None and any(role.scope == "project" for role in missing.roles)
    return {
        "where": place_named(page.view, where.scope_id),
        "missing": missing,
        "also": list(error.parameters[1:]),
        "held": [path_chip(page, path, where) for _, path in ways(page, page.principal.id, where)],
        "asking": asking_of(page, where, missing, where.project or "") if can_be_asked else None,
        "back": place_href(page, place) or "/",
        "request": page.context.call.request_id,
    }


def _missed(error: DeniedError, place: ResourceRef) -> tuple[str, ResourceRef]:
    """Return the first privilege that would have done, and where it is held."""
    of_place = [name for name in error.parameters if PRIVILEGES[name].resource == place.scope_kind]
    if of_place:
        return of_place[0], place
    return error.parameters[0], ResourceRef("organization", place.org or "", org=place.org)


def _model(page: Page, error: OrgwardError) -> dict[str, Any]:
    """Return what the page says of `error`; all that is not found looks alike."""
    kind = kind_of(error)
    if kind == "not_found":
        title, text = page.t("shared.not_found"), page.t("refusal.not_found_text")
    elif kind == "told":
        title, text = page.t(f"refusal.{error.code}"), sentence_of(page.t, error)
    else:
        title, text = page.t("refusal.not_done"), sentence_of(page.t, error)
    return {
        "kind": kind,
        "title": title,
        "text": text,
        "code": "" if kind == "not_found" else error.code,
        "glyph": _GLYPHS.get(error.code, _GLYPHS.get(kind, "lock")),
        "way": _way(page, error),
        "ask": _ask(page) if kind == "not_found" else None,
        "request": page.context.call.request_id,
    }


def _way(page: Page, error: OrgwardError) -> dict[str, str] | None:
    """Return the link to what opens the gate, if the viewer can open it themselves."""
    here = quote(page.link(), safe="/")
    if error.code == "SECOND_FACTOR_REQUIRED" or (error.code == "MFA_REQUIRED" and _has_factor(page)):
        return {"href": f"/prove?next={here}", "label": page.t("refusal.show_factor"), "icon": "shield-check"}
    if error.code == "MFA_REQUIRED":
        return {"href": "/me/security", "label": page.t("refusal.set_factor_up"), "icon": "shield-lock"}
    if error.code == "ADDRESS_NOT_PROVEN":
        return {"href": "/me/security", "label": page.t("frame.security"), "icon": "mail"}
    return None


def _has_factor(page: Page) -> bool:
    return has_active(page.view, page.principal.id)


def _ask(page: Page) -> str | None:
    """Return where to ask to join the project that the path names, whether or not there is one."""
    project = page.values.get("groupId", "")
    return f"/p/{project}/ask" if page.principal.id and is_id(project) else None


def kind_of(error: OrgwardError) -> str:
    """Return which of the pages tells of `error`."""
    unknown = {"PATH_PARAM_PARSE_ERROR", "API_KEY_NOT_FOUND", "METHOD_NOT_ALLOWED"}
    if isinstance(error, NotFoundError) or error.code in unknown:
        return "not_found"
    return "told" if error.code in _TOLD else "not_done"


def status_of(error: OrgwardError) -> int:
    """Return the status of the page: a refusal is 403 whatever the API says, for 401 would mean to sign in."""
    if isinstance(error, DeniedError):
        return 403
    is_unknown = kind_of(error) == "not_found" and error.code != "METHOD_NOT_ALLOWED"
    return 404 if is_unknown else int(error_body(error)["error"])

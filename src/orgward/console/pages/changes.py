"""The check of a change: what it would do, by the server's own rehearsal, before it is made."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from orgward.app.operation import Oneself
from orgward.app.targets import Nowhere, organization, project
from orgward.app.trial import Effect, Rehearsal
from orgward.console.changing.calls import ApiCall, as_curl, as_text
from orgward.console.changing.drafts import Draft, draft_of, is_spent
from orgward.console.changing.effects import Effects, digest_of, effects_of
from orgward.console.changing.summary import Summary
from orgward.console.changing.warned import SEVERE, warnings_shown
from orgward.console.frame.declaration import ANY, Batch, End, Goto, Plan, Show, export, form, page
from orgward.console.frame.page import Page, Posted
from orgward.console.frame.problems import sentence_of
from orgward.console.frame.shell import SECTIONS
from orgward.console.listing.called import affected
from orgward.console.listing.chips import chips_of_summary
from orgward.console.listing.naming import listing, named, place_named, team_named
from orgward.kernel.errors import DeniedError, GateError, NotFoundError, OrgwardError
from orgward.kernel.resource import ResourceRef

_OWN: Final = "shows the caller's own draft; its calls are authorized one by one"
_MOST_LINES: Final = 20
_INVITING: Final = {"createOrgUser", "addGroupUsers", "createOrgInvite", "createGroupInvite"}
"""What may bring somebody who has to accept first."""


@page(
    "/changes/{draftId}", id="showChange", requires=Oneself(_OWN), on=Nowhere(), template="changes.html", scope="none"
)  # fmt: skip
def show_change(page: Page) -> Mapping[str, Any]:
    """Return what the draft would do now; of one that is over, that it is."""
    try:
        draft = page.asked.extra.get("draft") or _draft(page)
    except NotFoundError:
        return {"kind": "over"}
    _stand_in(page, draft)
    if "results" in page.asked.extra:
        return {"kind": "results", **_results(page, draft)}
    if "revealed" in page.asked.extra:
        return {"kind": "secret", "summary": draft.summary, "result": page.asked.extra["revealed"]}
    if _is_done(page):
        return {"kind": "shown" if draft.summary.reveal else "over", "summary": draft.summary}
    found = page.asked.rehearse(draft.calls)
    _require_some(found)
    return {"kind": "check", "has_moved": False, "is_unread": False, **_check(page, draft, found)}


def _is_done(page: Page) -> bool:
    return is_spent(page.view, page.asked.keyring, page.principal, page.values["draftId"])


def _require_some(found: Rehearsal) -> None:
    """Raise the refusal if every call lacks a right: then nothing is told of what it is about."""
    refusals = [error for error in found.errors if isinstance(error, DeniedError | GateError | NotFoundError)]
    if len(refusals) == len(found.errors):
        raise refusals[0]


def _check(page: Page, draft: Draft, found: Rehearsal) -> dict[str, Any]:
    effects, summary = effects_of(page, found, draft.calls), draft.summary
    warnings = warnings_shown(page, found)
    faults = [_fault(page, call, error) for call, error in zip(draft.calls, found.errors, strict=True) if error]
    return {
        "path": page.asked.path,
        "summary": summary,
        "crumbs": [*summary.crumbs, (page.t("changes.crumb"), "")],
        "lines": [_line(page, line) for line in summary.lines[:_MOST_LINES]],
        "n_more": max(0, len(summary.lines) - _MOST_LINES),
        "effects": effects,
        "unchanged": listing(page.t, effects.unchanged),
        "faults": faults,
        "is_invitation": any(call.operation in _INVITING for call in draft.calls),
        "is_possible": len(faults) < len(draft.calls),
        "warnings": warnings,
        "ticked": [warning.ticked for warning in warnings if warning.ticked],
        "call_text": "\n\n".join(as_text(call) for call in draft.calls[:_MOST_LINES]),
        "curl_text": "\n\n".join(as_curl(call, page.asked.base_url) for call in draft.calls[:_MOST_LINES]),
        "n_calls": len(draft.calls),
        "button": _button(page, summary, effects),
        "revision": page.facts.revision,
    }


def _results(page: Page, draft: Draft) -> dict[str, Any]:
    """Return what came of each call, where some of them were refused."""
    results = page.asked.extra["results"]
    rows = [
        {"about": _about(page, call), "fault": sentence_of(page.t, result) if is_fault else ""}
        for call, result in zip(draft.calls, results, strict=True)
        for is_fault in [isinstance(result, OrgwardError)]
    ]
    rows.sort(key=lambda row: not row["fault"])
    return {"summary": draft.summary, "rows": rows, "n_done": sum(not row["fault"] for row in rows)}


def _draft(page: Page) -> Draft:
    return draft_of(page.view, page.asked.keyring, page.principal, page.values["draftId"], page.now)


def _stand_in(page: Page, draft: Draft) -> None:
    """Let the frame be that of the project or organization that the change is about, at the entry one came from."""
    place = _place(page, draft)
    if place is None or not page.is_member(place.org or ""):
        return
    scope = "organization" if draft.summary.back.startswith("/o/") else place.scope_kind
    page.asked.shown, page.asked.scope = place, scope
    names = {"org": place.org or "", "project": place.project or ""}
    for entries in SECTIONS[scope].values():
        for entry in entries:
            if draft.summary.back.startswith(entry.path.format(**names)):
                page.asked.entry = entry.page


def _place(page: Page, draft: Draft) -> ResourceRef | None:
    values, began = draft.calls[0].values, draft.summary.org
    if "groupId" in values:
        return project(page.facts, values["groupId"])
    if "orgId" in values:
        return organization(page.facts, values["orgId"])
    return organization(page.facts, began) if began else None


def _line(page: Page, line: Any) -> dict[str, Any]:
    return {
        "icon": line.icon,
        "name": line.name,
        "place": line.place,
        "note": line.note,
        "before": chips_of_summary(page, line.before),
        "after": chips_of_summary(page, line.after),
    }


def _fault(page: Page, call: ApiCall, error: OrgwardError) -> dict[str, str]:
    return {"about": _about(page, call), "call": as_text(call).split("\n", 1)[0], "text": sentence_of(page.t, error)}


def _about(page: Page, call: ApiCall) -> str:
    """Return whom or what `call` changes, as far as the viewer may know: a person, a key, a team, a place."""
    org, body = page.resource.org or "", call.body if isinstance(call.body, dict) else {}
    if isinstance(body.get("username"), str):
        return str(body["username"])
    who = call.values.get("userId") or call.values.get("apiUserId") or body.get("id")
    if isinstance(who, str):
        return named(page.view, org, who).name
    team = call.values.get("teamId")
    return team_named(page.view, org, team) if team else place_named(page.view, page.resource.scope_id)


def _button(page: Page, summary: Summary, effects: Effects) -> dict[str, str]:
    """Return the button that makes the change: it says what it takes or gives."""
    if effects.n_lost:
        return {"kind": "danger", "text": page.t("shared.take_n", n=effects.n_lost)}
    if effects.n_gained:
        return {"kind": "primary", "text": page.t("shared.give_n", n=effects.n_gained)}
    return {"kind": "primary", "text": summary.act or page.t("shared.save")}


@export(
    "/changes/{draftId}/affected.csv", id="exportChange", requires=Oneself(_OWN), on=Nowhere(),
    columns=("type", "id", "username", "resourceId", "resourceName", "effect", "privilege"),
)  # fmt: skip
def export_change(page: Page, after: str | None) -> Batch:
    """Return each privilege that somebody would gain or lose."""
    del after
    draft = _draft(page)
    if _is_done(page):
        raise NotFoundError("RESOURCE_NOT_FOUND", page.values["draftId"])
    _stand_in(page, draft)
    found = page.asked.rehearse(draft.calls)
    _require_some(found)
    rows = [
        _effect_row(page, each, effect)
        for effect, effects in (("lost", found.preview.lost), ("gained", found.preview.gained))
        for each in effects
    ]
    return Batch(rows, None)


def _effect_row(page: Page, each: Effect, effect: str) -> tuple[str, ...]:
    who = affected(page, each.principal)
    place = place_named(page.view, each.scope)
    return each.principal_kind, who.id, who.address or who.name, each.scope, place, effect, each.privilege


@form("/changes/{draftId}", acts=ANY)
def make_change(posted: Posted) -> Plan:
    """Carry the draft out, if it would do what its check said; several calls are made one by one."""
    draft_id = posted.values["draftId"]
    try:
        draft = draft_of(posted.view, posted.keyring, posted.principal, draft_id, posted.now)
    except NotFoundError:
        return Plan(then=Show(model={}, status=404))
    if is_spent(posted.view, posted.keyring, posted.principal, draft_id):
        return Plan(then=Show(model={}, status=409 if draft.summary.reveal else 404))
    found = posted.rehearse(draft.calls)
    if digest_of(found, posted.facts) != posted.one("digest"):
        return Plan(then=Show(model={"has_moved": True}, status=409))
    if any(warned.code in SEVERE for warned in found.preview.warnings) and not posted.has("read"):
        return Plan(then=Show(model={"is_unread": True}, status=400))

    def then(results: Sequence[Any]) -> End:
        if not any(isinstance(result, OrgwardError) for result in results):
            if draft.summary.reveal:
                return Show(model={"revealed": results[0].body, "draft": draft})
            return Goto(url=draft.summary.then, done=draft.summary.done, params=draft.summary.params)
        return Show(model={"results": results, "draft": draft}, status=409 if len(results) == 1 else 200)

    # The draft stays until its time is over, to tell that it was made, and that a secret was shown.
    return Plan(calls=draft.calls, then=then, each=True, once=draft_id)

"""What the check of a change warns of, in words and with names."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from orgward.app.trial import Rehearsal
from orgward.catalog import ORGANIZATION_OWNER
from orgward.console.frame.page import Page
from orgward.console.listing.naming import actor_named, listing, place_named
from orgward.directory.guards import lasting_holders
from orgward.directory.warnings import Warned
from orgward.engine.decide import organization_of
from orgward.kernel.client_ids import client_id_of

SEVERE: Final = frozenset({"LAST_OWNER", "PROJECT_WITHOUT_OWNER", "LOCKS_OUT"})
"""Warnings that somebody has to tick before the change is made."""

_MOST_KEYS: Final = 10


@dataclass(frozen=True, slots=True)
class Caution:
    """One warning: its tone, a heading, the sentences below it, and what is to be ticked where it is severe."""

    tone: str
    title: str
    sentences: Sequence[str]
    ticked: str


def warnings_shown(page: Page, found: Rehearsal) -> list[Caution]:
    """Return what the check of a rehearsal warns of; first what has to be ticked."""
    warned = sorted(found.preview.warnings, key=lambda each: (each.code not in SEVERE, each.code))
    return [_shown(page, found, each) for each in warned]


def _shown(page: Page, found: Rehearsal, warned: Warned) -> Caution:
    said = {"n": len(warned.ids), "names": listing(page.t, [place_named(page.view, each) for each in warned.ids])}
    is_about_accounts = any(page.view.get("service_accounts", each) for each in warned.ids)
    key = f"changes.warned_{warned.code}{'_accounts' if is_about_accounts else ''}"
    sentences = _SENTENCES.get(warned.code, _one_sentence)
    return Caution(
        "bad" if warned.code in SEVERE else "warn",
        page.t.find(key, **said) or warned.message,
        sentences(page, found, warned),
        page.t.find(f"changes.ticked_{warned.code}", **said) or "",
    )


def _one_sentence(page: Page, found: Rehearsal, warned: Warned) -> list[str]:
    del found
    text = page.t.find(f"changes.warned_{warned.code}_more", n=len(warned.ids))
    return [text] if text else []


def _without_owner(page: Page, found: Rehearsal, warned: Warned) -> list[str]:
    """Say who could still manage the people of those projects: the owners of the organization."""
    org = organization_of(found.after, warned.ids[0]) or ""
    left = len(set(lasting_holders(found.after, org, ORGANIZATION_OWNER, page.now)))
    return [page.t("changes.warned_PROJECT_WITHOUT_OWNER_more", n=left)]


def _outliving(page: Page, found: Rehearsal, warned: Warned) -> list[str]:
    """Say of each key whose it is; with a link for whoever may open it."""
    del found
    said = [_outlived(page, key) for key in warned.ids[:_MOST_KEYS]]
    if len(warned.ids) > _MOST_KEYS:
        said.append(page.t("changes.more_keys", n=len(warned.ids) - _MOST_KEYS))
    return said


def _outlived(page: Page, machine: str) -> str:
    key, account = page.view.get("api_keys", machine), page.view.get("service_accounts", machine)
    row = key or account or {}
    name: str = row["description" if key else "name"]
    shown, path = ("showKey", f"keys/{machine}") if key else ("showServiceAccount", f"accounts/{client_id_of(machine)}")
    if page.can(shown):
        name = Markup('<a href="/o/{}/{}">{}</a>').format(row["org_id"], path, name)
    maker = actor_named(page.view, page.t, row["maker_kind"], row["maker_id"])
    return page.t("shared.key_outlives", key=name, person=maker)


_SENTENCES: Final[Mapping[str, Callable[[Page, Rehearsal, Warned], list[str]]]] = {
    "PROJECT_WITHOUT_OWNER": _without_owner,
    "KEY_OUTLIVES_MAKER": _outliving,
}

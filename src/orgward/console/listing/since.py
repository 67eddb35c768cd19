"""Since when something stands, and by whom it was made: for lists, many rows at once."""

from collections.abc import Iterable
from dataclasses import dataclass

from orgward.console.frame.page import Page
from orgward.directory import federated_identities
from orgward.engine.facts import kind_of
from orgward.kernel.delta import Key
from orgward.kernel.ids import is_id
from orgward.store.reads.actors import actors
from orgward.store.reads.origins import Origin, origins_of
from orgward.store.view import Row


@dataclass(frozen=True, slots=True)
class Since:
    """When a row began to be, and what whoever made it is called."""

    at: int
    by: str


def since_all(page: Page, table: str, keys: Iterable[Key]) -> dict[Key, Since]:
    """Return since when and by whom the rows of `table` under `keys` are there, those that are known."""
    return told(page, origins_of(page.view, table, keys))


def told(page: Page, origins: dict[Key, Origin]) -> dict[Key, Since]:
    """Return each of the origins in words; what somebody has by accepting comes from whoever invited them."""
    by = {key: _given_by(page, key, origin) for key, origin in origins.items()}
    known = actors(page.view, by.values())
    return {key: Since(origin.at, _said(page, key, by[key], known[by[key]].label)) for key, origin in origins.items()}


def _given_by(page: Page, key: Key, origin: Origin) -> tuple[str, str]:
    if origin.actor_kind == "user" and origin.actor_id in key:
        row = _added(page, origin.actor_id, key)
        if row is not None and row["added_by"]:
            kind = kind_of(page.facts, row["added_by"])
            return kind if is_id(row["added_by"]) else "operator", row["added_by"]
    return origin.actor_kind, origin.actor_id


def _added(page: Page, user: str, key: Key) -> Row | None:
    """Return the row that says who added `user` to the project that `key` names, else to the organization."""
    found = (page.view.get("project_members", scope, user) for scope in key if scope != user)
    return next((row for row in found if row), None) or page.view.get("members", page.resource.org or "", user)


def _said(page: Page, key: Key, by: tuple[str, str], label: str) -> str:
    kind, who = by
    if kind == "operator":
        return page.t("naming.by_operator")
    if not who:
        return _signed_in(page, key)
    return label or page.t("naming.by_erased")


def _signed_in(page: Page, key: Key) -> str:
    """Return what made a row that nobody did: the sign-in itself, at the provider by which people come here."""
    here = page.view.get("connected_organizations", page.resource.org or "")
    provider = page.view.get("identity_providers", here["identity_provider_id"] or "") if here else None
    known = {row["identity_provider_id"] for who in key for row in federated_identities.of(page.view, who)}
    if provider is None or provider["id"] not in known:
        return page.t("naming.by_sign_in")
    return page.t("naming.by_sign_in_at", provider=provider["display_name"])

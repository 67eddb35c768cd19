"""What roles allow, by group and in words: for whoever is about to get them."""

from collections.abc import Collection
from typing import Any

from orgward.catalog.privilege_groups import groups_of
from orgward.catalog.privileges import Scope
from orgward.console.frame.page import Page


def allowed_by_kind(page: Page, edition: str, scope: Scope, privileges: Collection[str]) -> list[dict[str, Any]]:
    """Return those of `privileges` that exist on that kind of resource, group by group, each with its sentence."""
    found = []
    for group, names in groups_of(edition, scope).items():
        held = [name for name in names if name in privileges]
        if held:
            shown = [{"code": name, "text": page.t.privilege(name)} for name in held]
            label = page.t(f"catalogue.group.{group}")
            found.append({"label": label, "n": len(held), "of": len(names), "privileges": shown})
    return found

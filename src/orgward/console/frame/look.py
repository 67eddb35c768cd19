"""How somebody wants the console: language, theme, time zone, density, and whether single letters are shortcuts."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from orgward.console.frame.words import LANGUAGES
from orgward.store.view import SqlView

THEMES: Final = ("system", "light", "dark")
DENSITIES: Final = ("comfortable", "compact")


@dataclass(frozen=True, slots=True)
class Look:
    """What the first byte of a page depends on."""

    language: str = "en"
    theme: str = "system"
    zone: str = "UTC"
    density: str = "comfortable"
    shortcuts: bool = True


def look_of(view: SqlView, user: str, cookies: Mapping[str, str], accepted: str) -> Look:
    """Return the look that `user` has chosen, or else this browser, or else what it accepts."""
    row = view.get("preferences", user) if user else None
    chosen: Mapping[str, Any] = json.loads(row["document"]) if row else {}
    zone = chosen.get("timeZone") or cookies.get("orgward-zone", "")
    return Look(
        _one_of(LANGUAGES, chosen.get("language"), cookies.get("orgward-language"), _accepted(accepted)),
        _one_of(THEMES, chosen.get("theme"), cookies.get("orgward-theme")),
        zone if _is_zone(zone) else "UTC",
        _one_of(DENSITIES, chosen.get("density")),
        chosen.get("shortcuts", True) is not False,
    )


def _one_of(known: tuple[str, ...], *given: str | None) -> str:
    return next((text for text in given if text in known), known[0])


def _accepted(header: str) -> str:
    """Return the first language of an Accept-Language header that is spoken here."""
    asked = (part.split(";")[0].split("-")[0].strip().lower() for part in header.split(","))
    return next((language for language in asked if language in LANGUAGES), "en")


def _is_zone(name: str) -> bool:
    try:
        return bool(name) and len(name) <= 64 and ZoneInfo(name) is not None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False

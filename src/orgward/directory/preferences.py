"""What somebody wants the console to look like; nothing depends on it but that.

A document holds all of it, under the names of the wire; who has chosen nothing has the defaults.
"""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from orgward.directory.ground import Change, Ground, View, put

DEFAULTS: Final[Mapping[str, Any]] = MappingProxyType(
    {"density": "comfortable", "language": None, "shortcuts": True, "theme": "system", "timeZone": None}
)
"""No language is that of the browser, no time zone is UTC."""


def preferences_of(view: View, user: str) -> dict[str, Any]:
    """Return everything that `user` may choose, as they chose it."""
    row = view.get("preferences", user)
    return {**DEFAULTS, **(json.loads(row["document"]) if row else {})}


def choose(ground: Ground, document: Mapping[str, Any]) -> Change:
    """Keep `document` as all that the caller chose."""
    user = ground.principal.id
    row = {"user_id": user, "document": json.dumps(dict(document)), "salt": ground.mint.salt()}
    return Change([put("preferences", user, **row)], target=user)

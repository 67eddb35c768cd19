"""The organizations that a browser was in last, the latest first: their ids, which tell nothing to anybody else."""

from collections.abc import Mapping
from typing import Final

from orgward.console.frame.cookies import PLACES
from orgward.kernel.ids import is_id

MOST: Final = 10
_BETWEEN: Final = "."


def places_of(cookies: Mapping[str, str]) -> list[str]:
    """Return the organizations that the cookie names."""
    return [place for place in cookies.get(PLACES, "").split(_BETWEEN) if is_id(place)][:MOST]


def with_first(cookies: Mapping[str, str], place: str) -> str | None:
    """Return the cookie with `place` before all others, None if it stands so already."""
    known = places_of(cookies)
    if known[:1] == [place]:
        return None
    return _BETWEEN.join([place, *(each for each in known if each != place)][:MOST])

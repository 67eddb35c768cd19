"""Filters on whole lists: what an index finds is looked at, and a few more; never a long list from end to end."""

from collections.abc import Callable, Iterable
from typing import Final

from orgward.scim.attributes import ResourceType, ScimError, place_of
from orgward.scim.filters import And, Comparison, Filter, Or

MOST_LOOKED_AT: Final = 1_000
"""How many resources a filter without an index may be compared with."""

Lookups = dict[str, Callable[[str], Iterable[str]]]
"""By the name of an attribute what finds the ids of the resources where it equals a text."""


def candidates(filter_: Filter, kind: ResourceType, lookups: Lookups) -> list[str] | None:
    """Return ids among which is every resource that fits, None where no index narrows them down."""
    match filter_:
        case Comparison(notation, "eq", str(value)):
            place = place_of(kind, notation)
            name = "" if place is None or place.urn or place.attribute is None else place.attribute.name
            whole = place is not None and (place.part is None or place.part.name == "value")
            return list(lookups[name](value)) if whole and name in lookups else None
        case And(parts):
            found = [ids for ids in (candidates(part, kind, lookups) for part in parts) if ids is not None]
            return min(found, key=len) if found else None
        case Or(parts):
            choices = [candidates(part, kind, lookups) for part in parts]
            return _union(choices) if all(ids is not None for ids in choices) else None
        case _:
            return None


def _union(choices: Iterable[list[str] | None]) -> list[str]:
    return list(dict.fromkeys(id for ids in choices for id in ids or ()))


def check_bound(total: int) -> None:
    """Raise `tooMany` if that many resources can't be looked at one by one."""
    if total > MOST_LOOKED_AT:
        raise ScimError("TOO_MANY_RESULTS", str(MOST_LOOKED_AT))

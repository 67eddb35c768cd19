"""Where keys and teams have roles, and which: read of many at once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from orgward.kernel.instants import FOREVER
from orgward.store.reads.member_rows import Held

Assigned = tuple[str, str, str, str, int, int]
"""A holder, a place with its name, and a role there with its bounds."""


@dataclass(frozen=True, slots=True)
class RolesThere:
    """A place with the roles that somebody has there."""

    id: str
    name: str
    roles: tuple[Held, ...] = ()


def roles_there(rows: Iterable[Assigned]) -> Mapping[str, tuple[RolesThere, ...]]:
    """Return of each holder in `rows` the places with the roles there, in the order of `rows`."""
    found: dict[str, dict[str, RolesThere]] = {}
    for holder, place, name, role, starts, ends in rows:
        held = Held(role, starts, None if ends == FOREVER else ends)
        here = found.setdefault(holder, {})
        before = here.get(place, RolesThere(place, name))
        here[place] = replace(before, roles=(*before.roles, held))
    return {holder: tuple(places.values()) for holder, places in found.items()}

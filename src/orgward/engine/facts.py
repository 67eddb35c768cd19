"""What the engine knows: grants of holders on targets, and the few attributes that decide their effect.

A *holder* is a user, an API key or a team; a *target* an organization, a project or a team. A person's
membership of a team is an edge like any other, with no grants of its own: the team's edges hold the roles.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple, Protocol

from orgward.kernel.instants import FOREVER


class Grant(NamedTuple):
    """A role held on a target, with its bounds: in force while `starts <= now < ends`."""

    role: str
    added_by_owner: bool = False
    starts: int = 0
    ends: int = FOREVER


Grants = tuple[Grant, ...]

MEMBER_OF_TEAM: Final[Grants] = ()

ATTRIBUTES: Final[Mapping[str, str]] = {
    "organizations": "edition",
    "projects": "org_id",
    "teams": "org_id",
    "api_keys": "org_id",
}
"""Tables of which the engine keeps one attribute a row, and the column that holds it."""

ACTIVE: Final = "active"
"""The state of a member whose assignments count; any other state stops them all in that organization."""


class Facts(Protocol):
    """What decisions are made from; implemented by arrays, by a snapshot and by an overlay on one."""

    def attribute(self, table: str, key: str) -> str | None:
        """Return the attribute of the row `key` of `table` (see ATTRIBUTES), None if there is no such row."""
        ...

    def state(self, org: str, user: str) -> str:
        """Return the state of the membership of `user` in `org`; ACTIVE where nothing else is recorded."""
        ...

    def edges(self, holder: str) -> Mapping[str, Grants]:
        """Return every target of `holder` with its grants there."""
        ...

    def runs(self, target: str) -> Iterator[tuple[Grants, Iterable[str]]]:
        """Yield the holders on `target`, in runs of holders that have the same grants."""
        ...

    def projects_in(self, org: str) -> Iterable[str]:
        """Return the projects of `org`."""
        ...

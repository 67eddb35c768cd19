"""What the engine knows: grants of holders on targets, and the few attributes that decide their effect.

A *holder* is a user, an API key, a service account or a team; a *target* an organization, a project or a team. A
person's membership of a team is an edge like any other, with no grants of its own: the team's edges hold the roles.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple, Protocol

from orgward.kernel.instants import FOREVER
from orgward.kernel.principal import PrincipalKind


class Grant(NamedTuple):
    """A role held on a target, with its bounds: in force while `starts <= now < ends`; `mapped` if by a mapping."""

    role: str
    added_by_owner: bool = False
    starts: int = 0
    ends: int = FOREVER
    mapped: bool = False


Grants = tuple[Grant, ...]

MEMBER_OF_TEAM: Final[Grants] = ()

ATTRIBUTES: Final[Mapping[str, str]] = {
    "organizations": "edition",
    "projects": "org_id",
    "teams": "org_id",
    "api_keys": "org_id",
    "service_accounts": "org_id",
}
"""Tables of which the engine keeps one attribute a row, and the column that holds it."""

ACTIVE: Final = "active"
"""The state of a member whose assignments count; any other state stops them all in that organization."""


MACHINE_TABLES: Final = ("api_keys", "service_accounts")
"""Tables of the principals that are no people: each belongs to one organization."""


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


def machine_home(facts: Facts, principal: str) -> str | None:
    """Return the organization of the API key or service account `principal`, None if it is neither."""
    return facts.attribute("api_keys", principal) or facts.attribute("service_accounts", principal)


def home_of(facts: Facts, holder: str) -> str | None:
    """Return the one organization in which a machine or a team holds roles, None for people."""
    return machine_home(facts, holder) or facts.attribute("teams", holder)


def kind_of(facts: Facts, principal: str) -> PrincipalKind:
    """Return what kind of principal holds roles under this id; whoever is no machine is a person."""
    if facts.attribute("api_keys", principal) is not None:
        return "api_key"
    return "user" if facts.attribute("service_accounts", principal) is None else "service_account"

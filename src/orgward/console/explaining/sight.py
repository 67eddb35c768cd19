"""What somebody may ask about whom: the same as of the decision API (contract.md, Decisions).

About oneself one may always ask, about others whoever reads the roles there; of everything else there is nothing.
"""

from typing import Final, Protocol

from orgward.app.gates import gates_of
from orgward.engine.authorized import can_read, is_in
from orgward.engine.decide import deny
from orgward.engine.facts import home_of
from orgward.engine.facts import kind_of as kind_of_principal
from orgward.engine.layer import Layer
from orgward.kernel.ids import is_id
from orgward.kernel.principal import Principal
from orgward.kernel.resource import ResourceRef
from orgward.store.view import SqlView

_OTHERS: Final = {"organization": "org.users.read", "project": "project.user_roles.read"}
_KEYS: Final = {"organization": "org.api_keys.read", "project": "project.api_keys.read"}
_ACCOUNTS: Final = {"organization": "org.service_accounts.read", "project": "project.service_accounts.read"}


class Looking(Protocol):
    """Somebody who looks, and what there is to see: a page, or a posted form."""

    @property
    def view(self) -> SqlView:
        """Return the rows."""
        ...

    @property
    def facts(self) -> Layer:
        """Return the facts of the engine."""
        ...

    @property
    def principal(self) -> Principal:
        """Return who looks."""
        ...

    @property
    def now(self) -> int:
        """Return the moment."""
        ...


def place_of(looking: Looking, text: str) -> ResourceRef | None:
    """Return the organization or project that `text` names as `kind:id`, None if there is none."""
    kind, _, name = text.partition(":")
    if not is_id(name):
        return None
    if kind == "organization" and looking.facts.attribute("organizations", name) is not None:
        return ResourceRef(kind, name, org=name)
    org = looking.facts.attribute("projects", name) if kind == "project" else None
    return None if org is None else ResourceRef(kind, name, org=org, project=name)


def sees(looking: Looking, place: ResourceRef) -> bool:
    """Say whether whoever looks sees that the place is there."""
    if place.project:
        return can_read(looking.facts, looking.principal, place.project, looking.now)
    return is_in(looking.facts, looking.principal, place.scope_id)


def sees_others(looking: Looking, place: ResourceRef) -> bool:
    """Say whether whoever looks may ask what others may do there."""
    return _holds(looking, place, _OTHERS[place.scope_kind])


def sees_keys(looking: Looking, place: ResourceRef) -> bool:
    """Say whether whoever looks may see the API keys there."""
    return _holds(looking, place, _KEYS[place.scope_kind])


def _holds(looking: Looking, place: ResourceRef, privilege: str) -> bool:
    held = looking.facts.check(looking.principal.id, privilege, place.scope_id, looking.now)
    return held and sees(looking, place) and not gates_of(looking.view, looking.principal, place).closed


def sees_accounts(looking: Looking, place: ResourceRef) -> bool:
    """Say whether whoever looks may see the service accounts there."""
    return _holds(looking, place, _ACCOUNTS[place.scope_kind])


def may_ask(looking: Looking, who: str, place: ResourceRef) -> bool:
    """Say whether whoever looks may ask what `who` may do there: themselves, or somebody of that organization."""
    if who == looking.principal.id:
        return sees(looking, place) or _has_ended(looking, place)
    return sees_others(looking, place) and is_there(looking, who, place.org or "")


def _has_ended(looking: Looking, place: ResourceRef) -> bool:
    """Say whether the own access has ended, or to the organization not begun; more would tell too much."""
    reading = f"{'project' if place.project else 'org'}.read"
    reason = deny(looking.facts, looking.principal.id, reading, place.scope_id, looking.now).reason
    return reason == "expired" or (reason == "pending" and place.project is None)


def is_there(looking: Looking, who: str, org: str) -> bool:
    """Say whether the user, key or team is in the organization; pending people are."""
    facts = looking.facts
    home = home_of(facts, who)
    if home is not None:
        return home == org
    return facts.state(org, who) == "pending" or is_in(facts, Principal("user", who), org)


def kind_of(facts: Layer, who: str) -> str:
    """Return what kind of holder that is, in the decision API's words."""
    return "team" if facts.attribute("teams", who) is not None else kind_of_principal(facts, who)

"""The one way to be allowed: `authorize` makes `Authorized`, and every command takes one.

The order of the refusals is the contract's: unknown and forbidden look the same from outside, then gates, then
what the edition lacks, then the missing privilege.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final, final

from orgward.catalog import EDITIONS, PRIVILEGES
from orgward.engine.decide import organization_of
from orgward.engine.facts import ACTIVE, machine_home
from orgward.engine.layer import Layer, Overlay
from orgward.engine.search import visible
from orgward.kernel.delta import Delta
from orgward.kernel.errors import DeniedError, GateError, NotFoundError
from orgward.kernel.principal import Principal
from orgward.kernel.resource import ResourceRef

_SEAL: Final = object()

NOT_LISTED: Final = "IP_ADDRESS_NOT_ON_ACCESS_LIST"
"""The code of the gate before addresses: those of a key's list, or of the list for people's sessions (82, 89)."""

NOT_FOUND_CODES: Final = {"project": "GROUP_NOT_FOUND", "organization": "ORG_NOT_FOUND"}


@dataclass(frozen=True, slots=True)
class Gates:
    """Facts about the request that can close the door whatever roles are held.

    A list that nobody requires and a factor that nobody requires are there, as far as the door is concerned, and
    whoever is no program is allowed.
    """

    has_required_list: bool = True
    address_allowed: bool = True
    has_required_factor: bool = True
    program_allowed: bool = True

    @property
    def closed(self) -> str:
        """Return the code of the first gate that is closed, empty if all are open."""
        if not self.has_required_list:
            return "ORG_REQUIRES_ACCESS_LIST"
        if not self.address_allowed:
            return NOT_LISTED
        if not self.has_required_factor:
            return "MFA_REQUIRED"
        return "" if self.program_allowed else "PROGRAM_NOT_ALLOWED"


@final
class Authorized:
    """Proof that `principal` may do what `privileges` name (any of them) on `resource` at `now`."""

    __slots__ = ("held", "now", "principal", "privileges", "resource")

    def __init__(
        self,
        seal: object,
        principal: Principal,
        resource: ResourceRef,
        *,
        privileges: Sequence[str],
        held: Sequence[str],
        now: int,
    ) -> None:
        """Refuse everybody but `authorize`."""
        if seal is not _SEAL:
            message = "only authorize makes a proof"
            raise TypeError(message)
        self.principal = principal
        self.resource = resource
        self.privileges = tuple(privileges)
        self.held = frozenset(held)
        self.now = now


@final
class Visible:
    """Proof of what `principal` may list: the organizations and projects on which it holds a privilege."""

    __slots__ = ("everything", "resources")

    def __init__(self, seal: object, resources: frozenset[str], *, everything: bool) -> None:
        """Refuse everybody but `visible_to`."""
        if seal is not _SEAL:
            message = "only visible_to makes a proof"
            raise TypeError(message)
        self.resources = resources
        self.everything = everything


def visible_to(facts: Layer, principal: Principal, privilege: str, now: int, *, gated: Collection[str] = ()) -> Visible:
    """Return the proof of the organizations and projects on which `principal` holds `privilege`.

    What lies in the `gated` organizations is left out: their gates are closed to this request.
    """
    if principal.is_operator:
        return Visible(_SEAL, frozenset(), everything=True)
    found = visible(facts, principal.id, privilege, now)
    if gated:
        found = {resource for resource in found if organization_of(facts, resource) not in gated}
    return Visible(_SEAL, frozenset(found), everything=False)


def authorize(
    facts: Layer,
    principal: Principal,
    privileges: Sequence[str],
    resource: ResourceRef,
    *,
    now: int,
    gates: Gates,
    find_inner: Callable[[], None] | None = None,
) -> Authorized:
    """Return the proof, or raise the first refusal that applies.

    `find_inner` raises if the thing inside the organization or project does not exist there: the contract wants
    that answer after the parent was seen and before any gate. Without `privileges` the operation is about the
    caller itself or public: only the gates are looked at.
    """
    if privileges and not principal.is_operator:
        require_seen(facts, principal, resource, now)
    if find_inner is not None:
        find_inner()
    if principal.is_operator:
        return Authorized(_SEAL, principal, resource, privileges=privileges, held=privileges, now=now)
    check_gates(facts, principal, resource, gates)
    held = [p for p in privileges if facts.check(principal.id, p, _holding_place(p, resource), now)]
    if privileges and not held:
        raise denied(facts, privileges, resource)
    return Authorized(_SEAL, principal, resource, privileges=privileges, held=held, now=now)


def _holding_place(privilege: str, resource: ResourceRef) -> str:
    """Return where `privilege` is held: one about organizations in that of the project, such as moving it away."""
    is_about_projects = PRIVILEGES[privilege].resource == "project"
    return resource.scope_id if is_about_projects else resource.org or ""


def require_seen(facts: Layer, principal: Principal, resource: ResourceRef, now: int) -> None:
    """Raise the answer for an unknown id unless `principal` is in the organization or can read the project."""
    seen = (
        can_read(facts, principal, resource.project, now)
        if resource.project
        else is_in(facts, principal, resource.org or "")
    )
    if not seen:
        raise NotFoundError(NOT_FOUND_CODES[resource.scope_kind], resource.scope_id)


def is_in(facts: Layer, principal: Principal, org: str) -> bool:
    """Say whether `principal` is in `org`: its machine, or a member, suspended ones included, pending ones not."""
    if principal.is_machine:
        return machine_home(facts, principal.id) == org and org != ""
    return org in facts.edges(principal.id) and facts.state(org, principal.id) in {ACTIVE, "suspended"}


def can_read(facts: Layer, principal: Principal, project: str, now: int) -> bool:
    """Say whether `principal` can read `project`; whoever is suspended there as if they were not."""
    org = facts.attribute("projects", project)
    if org is None:
        return False
    if facts.state(org, principal.id) == "suspended":
        lifted = Overlay(facts)
        lifted.fold([Delta("members", (org, principal.id), {"state": ACTIVE, "suspended": False})])
        facts = lifted
    return facts.check(principal.id, "project.read", project, now)


def check_gates(facts: Layer, principal: Principal, resource: ResourceRef, gates: Gates) -> None:
    """Raise if a gate is closed, by the request itself or because the member is suspended there."""
    closed = gates.closed
    if closed:
        tells_address = principal.is_machine or closed == NOT_LISTED
        raise GateError(closed, *([principal.address] if tells_address else []))
    if resource.org and facts.state(resource.org, principal.id) == "suspended":
        raise GateError("USER_SUSPENDED")


def denied(facts: Layer, privileges: Sequence[str], resource: ResourceRef) -> Exception:
    """Return the refusal for lack of all of `privileges`: what the edition lacks, or what the caller lacks."""
    org = organization_of(facts, resource.scope_id) or ""
    edition = EDITIONS[facts.attribute("organizations", org) or ""]
    there = [p for p in privileges if p in edition.all_privileges]
    if not there:
        return GateError("FEATURE_UNSUPPORTED")
    kinds = {resource.scope_kind, "organization"}
    roles = dict.fromkeys(r for p in there if PRIVILEGES[p].resource in kinds for r in edition.roles_granting(p))
    return DeniedError(there, list(roles))

"""Gates: what a request shows beyond roles, and what closes the door to it (rules 82, 86, 89; delegation settings)."""

from typing import Final

from orgward.app.machine_proof import TABLE_OF
from orgward.directory import delegation, second_factors, settings, ui_access_list
from orgward.directory.addresses import has_address
from orgward.directory.federated_identities import FEDERATION
from orgward.directory.ground import View
from orgward.engine.authorized import Gates
from orgward.kernel.errors import GateError
from orgward.kernel.principal import Principal
from orgward.kernel.resource import ResourceRef

RECENT_PROOF: Final = 15 * 60_000
"""For how long a proof of who somebody is serves for what is dangerous, in milliseconds."""


def gates_of(view: View, principal: Principal, resource: ResourceRef, *, writes: bool = False) -> Gates:
    """Return the facts about the request that can close the door; `writes` says that it would change something."""
    if principal.is_machine:
        return _gates_of_machine(view, principal)
    if principal.kind != "user" or not resource.org:
        return Gates()
    return _gates_of_session(view, principal, resource.org, writes=writes)


def _gates_of_session(view: View, principal: Principal, org: str, *, writes: bool) -> Gates:
    found = settings.of_organization(view, org)
    return Gates(
        address_allowed=ui_access_list.lets_in(found, principal.address),
        has_required_factor=not found[settings.MFA_REQUIRED] or _shows_second_factor(view, principal, org),
        program_allowed=delegation.allows(view, found, principal.credential, writes=writes),
    )


def _shows_second_factor(view: View, principal: Principal, org: str) -> bool:
    """Say whether the session has shown a second factor that counts in `org`: of a provider's, its own provider's."""
    if principal.factor != FEDERATION:
        return settings.shows_second_factor(principal)
    begun, connected = view.get("federated_sessions", principal.proof), view.get("connected_organizations", org)
    provider = begun and begun["identity_provider_id"]
    return connected is not None and provider == connected["identity_provider_id"]


def _gates_of_machine(view: View, principal: Principal) -> Gates:
    blocks = [entry["cidr"] for entry in view.find("api_key_access", key_id=principal.id)]
    if blocks:
        return Gates(address_allowed=has_address(blocks, principal.address))
    machine = view.get(TABLE_OF[principal.kind], principal.id)
    return Gates(has_required_list=machine is None or not settings.requires_access_list(view, machine["org_id"]))


def gated_organizations(view: View, principal: Principal) -> frozenset[str]:
    """Return the organizations of a person from which their session is kept as it is, and from where (86, 89)."""
    if principal.kind != "user":
        return frozenset()
    mine = [row["org_id"] for row in view.find("members", user_id=principal.id, state="active")]
    return frozenset(org for org in mine if _gates_of_session(view, principal, org, writes=False).closed)


def require_recent_proof(view: View, principal: Principal, now: int, *, about_oneself: bool = False) -> None:
    """Raise unless a person's session is good for what is dangerous: proven lately, and by a second factor if any.

    Otherwise whoever knows a password could take the second factor away (rule 87). What somebody's identity provider
    says of a factor is no proof of one of their own. A program that was approved once changes nothing of its person's
    account, and only the command line that is the person's own hand does what is dangerous elsewhere.
    """
    if principal.kind != "user":
        return
    client = delegation.client_of(view, principal.credential)
    if client and (about_oneself or client not in delegation.OWN_CLIENTS):
        raise GateError("DEVICE_SESSION_REFUSED")
    if principal.factor in {"", FEDERATION} and second_factors.has_active(view, principal.id):
        raise GateError("SECOND_FACTOR_REQUIRED")
    if principal.proven_at + RECENT_PROOF <= now:
        raise GateError("REAUTHENTICATION_REQUIRED")

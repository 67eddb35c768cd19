"""People whom an identity provider signs in: known by the provider and what it calls them, and by nothing else.

An address never makes two people one (attack row 28). A provider may vouch for an address in a domain that is proven
to be its federation's, and only so that an account is made, or one is entered that was made ahead for its people and
that nobody has ever signed in to. Every other account is linked by whoever has signed in to it, and has shown that
they are known to the provider, too.
"""

from dataclasses import dataclass
from typing import Final

from orgward.directory import accounts, domains, sessions
from orgward.directory.credentials import has_password
from orgward.directory.federated_people import for_people, waits_for
from orgward.directory.ground import Change, Ground, Row, View, drop, put
from orgward.directory.mapped_roles import Unapplied, apply_mappings, recomputed, rules_of, without_provider
from orgward.directory.outbox import IDENTITY_LINKED, IDENTITY_UNLINKED, notice
from orgward.directory.people import has_account, user_of, username_of, vouch
from orgward.directory.second_factors import PASSKEY, Once, used_up
from orgward.directory.second_factors import of as factors_of
from orgward.directory.sessions import Begun
from orgward.kernel.delta import Delta
from orgward.kernel.errors import GateError, NotFoundError, RefusedError

FEDERATION: Final = "federation"
"""The kind of second factor that an identity provider has asked for in our place."""

NOT_PROVEN: Final = "IDENTITY_NOT_PROVEN"
NOT_VOUCHED_FOR: Final = "IDENTITY_NOT_VOUCHED_FOR"
NOT_LINKED: Final = "IDENTITY_NOT_LINKED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertion:
    """What the provider with the id `provider`, as the issuer `issuer`, has proven just now.

    `subject_hash` stands for what it calls the person there; `external` are the names of their groups, None if it was
    silent on them.
    """

    provider: str
    issuer: str
    subject_hash: str
    address: str
    is_proven: bool
    first_name: str
    last_name: str
    external: tuple[str, ...] | None
    once: Once


@dataclass(frozen=True, slots=True)
class SignIn:
    """A session that begins, and what the role mappings could not do for it (rule 98)."""

    change: Change
    warnings: list[Unapplied]


# ---------------------------------------------------------------- by whom one may sign in


def for_address(view: View, address: str) -> Row | None:
    """Return the provider that vouches for addresses in the domain of `address`, whether or not anybody has it."""
    rows = view.find("federation_domains", domain=domains.domain_of(address))
    named = [row["identity_provider_id"] for row in rows if row["verified_at"] is not None]
    return next((found for provider in named if provider and (found := for_people(view, provider))), None)


def offered_to(view: View, user: str) -> list[Row]:
    """Return the providers that `user` may link: those of their organizations, of their address, and linked ones."""
    orgs = [row["org_id"] for row in view.find("members", user_id=user, state="active")]
    connected = [row for org in orgs if (row := view.get("connected_organizations", org))]
    named = [row["identity_provider_id"] for row in (*connected, *of(view, user))]
    found = [for_address(view, username_of(view, user)), *(for_people(view, name) for name in named if name)]
    return list({row["id"]: row for row in found if row is not None}.values())


def of(view: View, user: str) -> list[Row]:
    """Return by which identities `user` is known."""
    return list(view.find("federated_identities", user_id=user))


def knows(view: View, provider: str, user: str) -> bool:
    """Say whether `provider` signs `user` in now."""
    known = view.find("federated_identities", user_id=user, identity_provider_id=provider)
    return bool(known) and for_people(view, provider) is not None


def signs_in(view: View, user: str) -> Row | None:
    """Return a provider that signs `user` in now, None if none does."""
    found = (for_people(view, row["identity_provider_id"]) for row in of(view, user))
    return next((row for row in found if row is not None), None)


# ---------------------------------------------------------------- signing in


def sign_in(ground: Ground, found: Assertion, begun: Begun) -> SignIn:
    """Begin a session of whoever is known by this identity; somebody new gets an account if the provider may vouch."""
    mark = _accepted(ground, found)
    known = ground.view.get("federated_identities", found.provider, found.subject_hash)
    user, made = _newcomer(ground, found) if known is None else (str(known["user_id"]), [])
    applied = apply_mappings(ground, user, found.provider, found.external)
    change = sessions.begin(ground, user, begun, before=[*made, *applied.deltas])
    linked_at = ground.now if known is None else known["linked_at"]
    change.deltas += [mark, _identity(ground, user, found, linked_at)]
    change.body |= {"identityProvider": found.provider}
    if applied.warnings:
        change.body["notMapped"] = [{"code": each.code, "organization": each.org} for each in applied.warnings]
    return SignIn(change, applied.warnings)


def _accepted(ground: Ground, found: Assertion) -> Delta:
    """Return the delta that uses the proof up, if the provider is still the one that gave it."""
    row = for_people(ground.view, found.provider)
    if row is None or row["issuer"] != found.issuer:
        raise GateError(NOT_PROVEN)
    return used_up(ground, found.once)


def _identity(ground: Ground, user: str, found: Assertion, linked_at: int, *, signed_in: bool = True) -> Delta:
    return put(
        "federated_identities", found.provider, found.subject_hash,
        identity_provider_id=found.provider, subject_hash=found.subject_hash, user_id=user, address=found.address,
        linked_at=linked_at, signed_in_at=ground.now if signed_in else None, salt=ground.mint.salt(),
    )  # fmt: skip


def _newcomer(ground: Ground, found: Assertion) -> tuple[str, list[Delta]]:
    """Return the user with the address of somebody who was never here, and the deltas that make their account."""
    if not found.is_proven or domains.domain_of(found.address) not in domains.of_provider(ground.view, found.provider):
        raise GateError(NOT_VOUCHED_FOR)
    there = user_of(ground.view, found.address)
    is_taken = there is not None and has_account(ground.view, there)
    if is_taken and not waits_for(ground.view, there or "", found.provider):
        raise GateError(NOT_LINKED)
    user, deltas = vouch(ground, found.address)
    return user, [*deltas, accounts.named_at_first(ground, user, found.first_name, found.last_name, made=deltas)]


# ---------------------------------------------------------------- linking, and proving once more


def link(ground: Ground, found: Assertion) -> Change:
    """Let the caller be known by this identity from now on, which nobody else is, and by no other one there."""
    mark, user = _accepted(ground, found), ground.principal.id
    if found.provider not in {row["id"] for row in offered_to(ground.view, user)}:
        raise NotFoundError("IDENTITY_PROVIDER_DOES_NOT_EXIST", found.provider)
    known = ground.view.get("federated_identities", found.provider, found.subject_hash)
    if known is not None:
        raise RefusedError("IDENTITY_IN_USE")
    if ground.view.find("federated_identities", user_id=user, identity_provider_id=found.provider):
        raise RefusedError("IDENTITY_ALREADY_LINKED")
    told = notice(ground, user, IDENTITY_LINKED)
    deltas = [mark, _identity(ground, user, found, ground.now, signed_in=False), told]
    return Change(deltas, {"identityProvider": found.provider}, target=user)


def unlink(ground: Ground, provider: str) -> Change:
    """Forget that the caller is known to `provider`: roles by its groups, and sessions that it began, end at once."""
    view, user = ground.view, ground.principal.id
    rows = view.find("federated_identities", user_id=user, identity_provider_id=provider)
    if not rows:
        raise NotFoundError("IDENTITY_NOT_FOUND", provider)
    if not _signs_in_otherwise(view, user, provider):
        raise RefusedError("LAST_WAY_TO_SIGN_IN")
    deltas = [drop("federated_identities", provider, row["subject_hash"]) for row in rows]
    named = view.keys("identity_groups", identity_provider_id=provider, user_id=user)
    deltas += [drop("identity_groups", *key) for key in named]
    for connected in view.find("connected_organizations", identity_provider_id=provider):
        deltas += recomputed(ground, without_provider(rules_of(view, connected)), [user])
    deltas += sessions.ended_by_provider(view, provider, user_id=user)
    deltas.append(notice(ground, user, IDENTITY_UNLINKED))
    return Change(deltas, {"identityProvider": provider}, target=user)


def _signs_in_otherwise(view: View, user: str, provider: str) -> bool:
    passkey = any(row["kind"] == PASSKEY and row["is_active"] for row in factors_of(view, user))
    other = any(row["identity_provider_id"] != provider for row in of(view, user))
    return passkey or other or has_password(view, user)


def prove(ground: Ground, found: Assertion, factor: str) -> Change:
    """Note that the caller has just proven to the provider who they are, by a second factor if `factor` names one."""
    mark = _accepted(ground, found)
    known = ground.view.get("federated_identities", found.provider, found.subject_hash)
    if known is None or known["user_id"] != ground.principal.id:
        raise GateError(NOT_PROVEN)
    change = sessions.confirm(ground, factor or ground.principal.factor)
    change.deltas.append(mark)
    change.body |= {"identityProvider": found.provider}
    return change

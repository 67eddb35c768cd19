"""People of a federation: by which provider they sign in, and who joins without an invitation (rule 58; ADR 11)."""

from typing import Final

from orgward.directory import domains
from orgward.directory.ground import Ground, Row, View
from orgward.directory.people import has_account, user_of

_WAYS_IN: Final = (
    ("credentials", "owner_id"),
    ("federated_identities", "user_id"),
    ("second_factors", "user_id"),
    ("sessions", "user_id"),
)
"""The tables of what somebody signs in with, or has, each with the column that says whose it is."""


def for_people(view: View, provider: str) -> Row | None:
    """Return the row of a provider by which people sign in now, None if it is no such one."""
    row = view.get("identity_providers", provider)
    wanted = ("OIDC", "WORKFORCE", "ACTIVE")
    return row if row is not None and (row["protocol"], row["kind"], row["status"]) == wanted else None


def joins_at_once(ground: Ground, address: str) -> bool:
    """Say whether who has `address` becomes a member without an invitation: one of the federation's own (rule 58).

    The domain is proven, and given to the provider by which people of this organization sign in. An account that is
    there already has to be known to that provider, or to wait for it: every other one is somebody's who is asked.
    """
    view = ground.view
    provider = _joining_by(view, ground.org)
    if provider is None or domains.domain_of(address) not in domains.of_provider(view, provider):
        return False
    user = user_of(view, address)
    if user is None or not has_account(view, user):
        return True
    known = view.find("federated_identities", user_id=user, identity_provider_id=provider)
    return bool(known) or waits_for(view, user, provider)


def _joining_by(view: View, org: str) -> str | None:
    """Return the provider by which people of `org` sign in, None if nobody is to join by it."""
    row = view.get("connected_organizations", org)
    if row is None or row["instant_provisioning_disabled"] or row["identity_provider_id"] is None:
        return None
    return str(row["identity_provider_id"]) if for_people(view, row["identity_provider_id"]) else None


def waits_for(view: View, user: str, provider: str) -> bool:
    """Say whether the account of `user` was made ahead of their first sign-in, which `provider` decides on.

    Nobody has ever signed in to it, nor could, and it is in no organization but those that believe the provider: it
    gains nobody anything that the provider could not give them anyway.
    """
    account = view.get("users", user)
    if account is None or account["last_auth_at"] is not None:
        return False
    if any(view.find(table, **{column: user}) for table, column in _WAYS_IN):
        return False
    joined = [row for table in ("members", "project_members") for row in view.find(table, user_id=user, state="active")]
    return all(_believes(view, row["org_id"], provider) for row in joined)


def _believes(view: View, org: str, provider: str) -> bool:
    row = view.get("connected_organizations", org)
    return row is not None and row["identity_provider_id"] == provider

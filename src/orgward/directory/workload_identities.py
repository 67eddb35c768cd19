"""Workload identities: programs that another issuer knows, and that act as a service account here, without a secret.

Whoever the issuer calls by the name gets tokens of the account. So an identity is given like a secret: by nobody who
could not give the account its roles (attack row 24).
"""

from typing import Final

from orgward.directory import identity_providers
from orgward.directory.account_secrets import check_roles
from orgward.directory.ground import Change, Ground, Row, View, drop, put
from orgward.kernel.delta import Delta
from orgward.kernel.errors import FieldFault, MalformedError, NotFoundError, RefusedError

WORKLOAD: Final = "WORKLOAD"
_MOST: Final = 20
"""How many programs act as one service account at most."""


def of(view: View, account: str) -> list[Row]:
    """Return the workload identities of a service account."""
    return list(view.find("workload_identities", account_id=account))


def issuer_row(view: View, identity: Row) -> Row | None:
    """Return the provider of an identity, None if it is not one whose tokens count now."""
    row = view.get("identity_providers", identity["identity_provider_id"])
    return row if row is not None and (row["kind"], row["status"]) == (WORKLOAD, "ACTIVE") else None


def is_in_use(view: View, identity: str, account: str) -> bool:
    """Say whether the service account may still act by that identity."""
    row = view.get("workload_identities", identity)
    return row is not None and row["account_id"] == account and issuer_row(view, row) is not None


def create(ground: Ground, account: str, provider: str, name: str) -> Change:
    """Let the program that `provider`, one of the organization's federation, calls `name` act as `account`."""
    check_roles(ground, account)
    row = _provider(ground, provider)
    if ground.view.find("workload_identities", identity_provider_id=row["id"], match=name):
        raise RefusedError("WORKLOAD_IDENTITY_EXISTS")
    if len(of(ground.view, account)) >= _MOST:
        raise RefusedError("FEDERATION_LIMIT_EXCEEDED", str(_MOST), "workload identities of a service account")
    identity = ground.mint.id()
    made = put(
        "workload_identities", identity, id=identity, account_id=account, org_id=ground.org,
        identity_provider_id=row["id"], match=name, created_at=ground.now,
    )  # fmt: skip
    return Change([made], {"serviceAccount": account, "workloadIdentity": identity}, target=identity)


def _provider(ground: Ground, provider: str) -> Row:
    """Return the row of the provider that the body names, one of this organization's federation (attack row 5)."""
    connected = ground.view.get("connected_organizations", ground.org)
    if connected is None:
        raise NotFoundError("IDENTITY_PROVIDER_DOES_NOT_EXIST", provider)
    row = identity_providers.find(ground.view, connected["federation_id"], provider)
    if row["kind"] != WORKLOAD:
        fault = FieldFault("identityProviderId", "is for people")
        raise MalformedError("INVALID_ATTRIBUTE", "identityProviderId", fields=[fault])
    return row


def forgotten(view: View, account: str) -> list[Delta]:
    """Return the deltas after which nobody acts as a service account that is deleted."""
    return [drop("workload_identities", row["id"]) for row in of(view, account)]


def delete(ground: Ground, account: str, identity: str) -> Change:
    """End a workload identity: tokens that were given for it are refused by the next request."""
    body = {"serviceAccount": account, "workloadIdentity": identity}
    return Change([drop("workload_identities", identity)], body, target=identity)

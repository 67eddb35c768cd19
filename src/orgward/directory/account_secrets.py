"""Secrets of service accounts: what proves that a client is the account, for a while (rules 78, 80, 81).

Whoever has a secret acts with every role of its account. So nobody makes one for an account that holds more than they
could give it (attack row 24), whatever project of theirs it is on; nor do they take away there what it works by (25).
"""

from collections.abc import Sequence
from typing import Final

from orgward.directory import settings
from orgward.directory.ground import Change, Ground, MintedSecret, Row, drop, put
from orgward.directory.guards import may_give_key
from orgward.kernel.delta import Delta
from orgward.kernel.errors import FieldFault, MalformedError, RefusedError

SHORTEST: Final = 8
"""For how many hours a secret is good at least (rule 81)."""

LONGEST: Final = "maxServiceAccountSecretValidityInHours"
"""The setting of an organization that says for how many hours its secrets are good at most (rule 81)."""

_HOUR: Final = 3_600_000


def create(ground: Ground, account: str, hours: int) -> Change:
    """Make a further secret of `account`; the body of the change names it, and `secret` is the secret itself."""
    check_roles(ground, account)
    held = ground.view.find("service_account_secrets", account_id=account)
    most = ground.limits.secrets_per_service_account
    if sum(ground.now < row["expires_at"] for row in held) >= most:
        raise RefusedError("MAX_SERVICE_ACCOUNT_SECRETS_EXCEEDED", str(most))
    expired = [row for row in held if row["expires_at"] <= ground.now]
    id_, minted, deltas = made(ground, ground.org, account, hours)
    body = {"serviceAccount": account, "secret": id_}
    return Change([*dropped(ground, expired), *deltas], body, target=account, secret=minted.secret)


def check_roles(ground: Ground, account: str) -> None:
    """Raise unless the caller could give `account` each of its roles."""
    caller = ground.principal
    if caller.is_operator or caller.id == account:
        return
    for row in ground.view.find("assignments", holder_id=account):
        if ground.now < row["ends"] and not may_give_key(ground, caller.id, row["role"], row["scope_id"]):
            # Which role it is stays unsaid: it may be held where the caller sees nothing.
            raise RefusedError("SECRET_GIVES_UNGRANTABLE_ROLES")


def check_on_project(ground: Ground, account: str) -> None:
    """Raise unless the caller may take from `account` what it works by, where a project is what lets them (rule 78)."""
    if ground.project:
        check_roles(ground, account)


def made(ground: Ground, org: str, account: str, hours: int) -> tuple[str, MintedSecret, list[Delta]]:
    """Return the id of a new secret of `account`, which is of `org`, the secret, and the deltas that make it."""
    _check_hours(ground, org, hours)
    id_, minted = ground.mint.id(), ground.mint.service_account_secret()
    return id_, minted, [
        put(
            "service_account_secrets", id_, id=id_, account_id=account, org_id=org, masked=minted.masked,
            created_at=ground.now, expires_at=ground.now + hours * _HOUR, last_used_at=None,
        ),
        put(
            "client_secrets", minted.hash, hash=minted.hash, secret_id=id_, account_id=account,
            salt=ground.mint.salt(),
        ),
    ]  # fmt: skip


def _check_hours(ground: Ground, org: str, hours: int) -> None:
    longest = settings.of_organization(ground.view, org)[LONGEST]
    if not SHORTEST <= hours <= longest:
        fault = FieldFault("secretExpiresAfterHours", f"takes {SHORTEST} to {longest} hours")
        raise MalformedError("INVALID_SERVICE_ACCOUNT_SECRET_VALIDITY", str(SHORTEST), str(longest), fields=[fault])


def delete(ground: Ground, account: str, secret: str) -> Change:
    """Delete a secret of `account`, the last one included: then it can't sign in until it gets another (rule 78)."""
    check_on_project(ground, account)
    row = ground.view.get("service_account_secrets", secret)
    deltas = dropped(ground, [] if row is None else [row])
    return Change(deltas, {"serviceAccount": account, "secret": secret}, target=account)


def dropped(ground: Ground, secrets: Sequence[Row]) -> list[Delta]:
    """Return the deltas that drop `secrets`, and what they are recognized by."""
    ids = [row["id"] for row in secrets]
    known = [row for id_ in ids for row in ground.view.find("client_secrets", secret_id=id_)]
    return [
        *(drop("client_secrets", row["hash"]) for row in known),
        *(drop("service_account_secrets", id_) for id_ in ids),
    ]

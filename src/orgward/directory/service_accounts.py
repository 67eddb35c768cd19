"""Service accounts: made, given roles, put on projects, suspended, deleted (rules 73-80).

An account is a principal of its own: what its maker loses later it keeps, and what binds it binds it alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from orgward.catalog import Edition
from orgward.directory import account_secrets, machines, workload_identities
from orgward.directory.ground import Change, Ground, Row, drop, put
from orgward.directory.guards import guarded
from orgward.directory.names import plain_text
from orgward.directory.roles import assign, organization_roles
from orgward.kernel.client_ids import client_id_of
from orgward.kernel.delta import Delta
from orgward.kernel.errors import RefusedError

KIND: Final = "service_account"


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What a service account is made of; its first secret is good for so many `hours`."""

    name: str
    description: str
    roles: Sequence[str]
    hours: int


@dataclass(frozen=True, slots=True)
class AccountChanges:
    """What is to be changed of a service account; what is None stays as it is."""

    name: str | None = None
    description: str | None = None
    roles: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class FirstAccount:
    """The account that an organization is founded with, its secret, and the deltas that make both."""

    id: str
    secret: str
    deltas: list[Delta]


def create(ground: Ground, asked: NewAccount) -> Change:
    """Make an account with organization roles (rules 73, 77); `secret` of the change is its first secret."""
    account, secret, deltas = _make(ground, ground.org, asked)
    given = machines.given_in_organization(ground, KIND, account, ground.org, asked.roles)
    return _made(account, secret, guarded(ground, [*deltas, *given]), asked)


def create_in_project(ground: Ground, asked: NewAccount) -> Change:
    """Make an account with project roles; it becomes a member of the organization, too (rule 76)."""
    account, secret, deltas = _make(ground, ground.org, asked)
    joined = machines.joined(ground, KIND, account)
    given = machines.given_in_project(ground, KIND, account, asked.roles)
    return _made(account, secret, guarded(ground, [*deltas, joined, *given], implied={joined.key}), asked)


def first_account(ground: Ground, org: str, edition: Edition, asked: NewAccount) -> FirstAccount:
    """Make the account that an organization is founded with; its founder owns it, and so gives any role."""
    names = organization_roles(edition, asked.roles, org)
    account, secret, deltas = _make(ground, org, asked)
    given = [assign(ground, KIND, account, org, role, by_owner=False) for role in names]
    return FirstAccount(account, secret, [*deltas, *given])


def _make(ground: Ground, org: str, asked: NewAccount) -> tuple[str, str, list[Delta]]:
    """Return the id of a new account of `org`, its first secret, and the deltas that make them, without a role."""
    most, maker = ground.limits.service_accounts_per_organization, ground.principal
    if ground.view.count("service_accounts", org_id=org) >= most:
        raise RefusedError("MAX_SERVICE_ACCOUNTS_PER_ORG_EXCEEDED", str(most), org)
    texts = _texts(ground, asked.name, asked.description)
    account = ground.mint.id()
    _, minted, deltas = account_secrets.made(ground, org, account, asked.hours)
    row = put(
        "service_accounts", account, id=account, org_id=org, **texts, suspended=False, created_at=ground.now,
        maker_kind=maker.kind, maker_id=maker.id[:24],
    )  # fmt: skip
    return account, minted.secret, [row, *deltas]


def _texts(ground: Ground, name: str | None, description: str | None) -> dict[str, str]:
    """Return the texts that are named, as they are kept."""
    limits, found = ground.limits, dict[str, str]()
    if name is not None:
        found["name"] = plain_text("name", name, limits.name_length)
    if description is not None:
        found["description"] = plain_text("description", description, limits.service_account_description_length)
    return found


def _made(account: str, secret: str, deltas: list[Delta], asked: NewAccount) -> Change:
    body = {"serviceAccount": account, "name": asked.name, "roles": sorted(set(asked.roles))}
    return Change(deltas, body, target=account, secret=secret)


def update(ground: Ground, account: str, changes: AccountChanges) -> Change:
    """Change the texts or the organization roles of `account`."""
    deltas, body = _described(ground, account, changes)
    if changes.roles is not None:
        deltas += machines.replaced_in_organization(ground, KIND, account, changes.roles)
        body["roles"] = sorted(set(changes.roles))
    return Change(guarded(ground, deltas), body, target=account)


def update_in_project(ground: Ground, account: str, changes: AccountChanges) -> Change:
    """Change the roles of `account` in the project, or its texts, which are more than the project's."""
    if _differs(ground, account, changes):
        account_secrets.check_on_project(ground, account)
    deltas, body = _described(ground, account, changes)
    if changes.roles is not None:
        deltas += machines.replaced_in_project(ground, KIND, account, changes.roles)
        body["roles"] = sorted(set(changes.roles))
    return Change(guarded(ground, deltas), body, target=account)


def _described(ground: Ground, account: str, changes: AccountChanges) -> tuple[list[Delta], dict[str, Any]]:
    texts = _texts(ground, changes.name, changes.description)
    deltas = [put("service_accounts", account, **{**_row(ground, account), **texts})] if texts else []
    return deltas, {"serviceAccount": account, **texts}


def _differs(ground: Ground, account: str, changes: AccountChanges) -> bool:
    texts, row = _texts(ground, changes.name, changes.description), _row(ground, account)
    return any(row[name] != text for name, text in texts.items())


def _row(ground: Ground, account: str) -> Row:
    return ground.view.get("service_accounts", account) or {}


def add_to_project(ground: Ground, account: str, roles: Sequence[str]) -> Change:
    """Put an account of the organization on the project (rules 73, 78)."""
    already = RefusedError("SERVICE_ACCOUNT_ALREADY_IN_GROUP", client_id_of(account), ground.project)
    deltas = machines.put_on_project(ground, KIND, account, roles, already=already)
    return Change(guarded(ground, deltas), {"serviceAccount": account, "roles": sorted(set(roles))}, target=account)


def remove_from_project(ground: Ground, account: str) -> Change:
    """Take `account` off the project; the organization keeps it (rule 79)."""
    deltas = machines.taken_off_project(ground, account)
    return Change(guarded(ground, deltas), {"serviceAccount": account}, target=account)


def set_suspended(ground: Ground, account: str, *, suspended: bool) -> Change:
    """Suspend `account`, or end its suspension; its secrets and roles stay, and give nothing meanwhile."""
    deltas = [put("service_accounts", account, **{**_row(ground, account), "suspended": suspended})]
    return Change(deltas, {"serviceAccount": account, "suspended": suspended}, target=account)


def delete(ground: Ground, account: str) -> Change:
    """Delete `account`: off every project, and its secrets with it (rule 79)."""
    secrets = ground.view.find("service_account_secrets", account_id=account)
    deltas = [*machines.dropped(ground, account), *account_secrets.dropped(ground, secrets)]
    deltas += [*workload_identities.forgotten(ground.view, account), drop("service_accounts", account)]
    return Change(guarded(ground, deltas), {"serviceAccount": account}, target=account)

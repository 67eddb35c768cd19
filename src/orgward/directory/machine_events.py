"""What happened to API keys and service accounts: made, changed, put on projects, tied to addresses (rules 79-82)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from orgward.directory.row_changes import Event, GrantsChange, RowChange, RowChanges, differ, placed


@dataclass(frozen=True, slots=True, kw_only=True)
class _Names:
    """What is told of one kind of machine: its table, the columns that describe it, and its types of events."""

    table: str
    texts: tuple[str, ...]
    created: str
    deleted: str
    described: str
    roles_changed: str
    added: str
    removed: str
    listed: str
    unlisted: str


_NAMES: Final = {
    "api_key": _Names(
        table="api_keys",
        texts=("description",),
        created="API_KEY_CREATED",
        deleted="API_KEY_DELETED",
        described="API_KEY_DESCRIPTION_CHANGED",
        roles_changed="API_KEY_ROLES_CHANGED",
        added="API_KEY_ADDED_TO_GROUP",
        removed="API_KEY_REMOVED_FROM_GROUP",
        listed="API_KEY_ACCESS_LIST_ENTRY_ADDED",
        unlisted="API_KEY_ACCESS_LIST_ENTRY_DELETED",
    ),
    "service_account": _Names(
        table="service_accounts",
        texts=("name", "description"),
        created="SERVICE_ACCOUNT_CREATED",
        deleted="SERVICE_ACCOUNT_DELETED",
        described="SERVICE_ACCOUNT_DETAILS_CHANGED",
        roles_changed="SERVICE_ACCOUNT_ROLES_CHANGED",
        added="SERVICE_ACCOUNT_ADDED_TO_GROUP",
        removed="SERVICE_ACCOUNT_REMOVED_FROM_GROUP",
        listed="SERVICE_ACCOUNT_ACCESS_LIST_ENTRY_ADDED",
        unlisted="SERVICE_ACCOUNT_ACCESS_LIST_ENTRY_DELETED",
    ),
}


def machine_events(changes: RowChanges) -> Iterator[Event]:
    """Yield which machines were made, described anew, suspended and deleted."""
    for names in _NAMES.values():
        for changed in changes.of(names.table):
            about = {"orgId": changed.row["org_id"], **_named(changes, changed.key[0])}
            if changed.before is None or changed.after is None:
                yield {"type": names.deleted if changed.after is None else names.created, **about}
                continue
            if differ(changed, *names.texts):
                yield {"type": names.described, **about}
            if differ(changed, "suspended"):
                # The names of the Admin API know no suspension: it ends what all roles give.
                yield {"type": names.roles_changed, **about, "suspended": changed.after["suspended"]}


def _named(changes: RowChanges, machine: str) -> Event:
    """Return how a machine is named; the log keeps a key's public half, for a deleted key has no row any more."""
    row = changes.before("api_keys", machine) or changes.after("api_keys", machine)
    if row is None:
        return {"serviceAccountId": machine}
    return {"apiKeyId": machine, "publicKey": row["public_key"]}


def machine_role_events(changes: RowChanges) -> Iterator[Event]:
    """Yield which machines were put on projects and taken off, and whose roles are others than before."""
    for (machine, scope), found in changes.grants.items():
        names, org = _NAMES.get(found.row["holder_kind"]), found.row["org_id"]
        # Its maker owns a project by making it; a role in the organization begins and ends with the machine.
        if names is None or changes.begins("projects", scope) or (scope == org and not _stays(found)):
            continue
        step = names.roles_changed if _stays(found) else names.added if found.after else names.removed
        yield {"type": step, **placed(org, scope), **_named(changes, machine), "roles": sorted(found.after)}


def _stays(found: GrantsChange) -> bool:
    return bool(found.before and found.after)


def access_list_events(changes: RowChanges) -> Iterator[Event]:
    """Yield which addresses machines may be used from now, and which no longer."""
    for changed in changes.of("api_key_access"):
        machine, row = changed.key[0], changed.row
        named = _named(changes, machine)
        kind = "api_key" if "apiKeyId" in named else "service_account"
        # An entry that changes was only used; those of a deleted machine go with it.
        if _comes_or_goes(changed) and not changes.ends(_NAMES[kind].table, machine):
            told = _NAMES[kind].unlisted if changed.after is None else _NAMES[kind].listed
            yield {"type": told, "orgId": row["org_id"], **named, "entry": row["ip"] or row["cidr"]}


def _comes_or_goes(changed: RowChange) -> bool:
    return (changed.before is None) != (changed.after is None)


def secret_events(changes: RowChanges) -> Iterator[Event]:
    """Yield which service accounts got a further secret, and which lost one; the first and the last are no news."""
    for changed in changes.of("service_account_secrets"):
        account = changed.row["account_id"]
        is_news = not changes.begins("service_accounts", account) and not changes.ends("service_accounts", account)
        if _comes_or_goes(changed) and is_news:
            told = "SERVICE_ACCOUNT_SECRET_DELETED" if changed.after is None else "SERVICE_ACCOUNT_SECRET_ADDED"
            yield {"type": told, "orgId": changed.row["org_id"], **_named(changes, account)}

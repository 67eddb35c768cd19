"""What happened to federations, their providers, domains and mappings; each organization of one is told (95-101)."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from orgward.directory.identity_providers import KEYS_REVOKED_AT
from orgward.directory.row_changes import Event, RowChange, RowChanges, differ


def federation_events(changes: RowChanges) -> Iterator[Event]:
    """Yield what happened to federations and what belongs to them."""
    yield from _mappings(changes)
    for table, (name, told_of) in _TABLES.items():
        for changed in changes.of(table):
            federation = changed.row["id"] if table == "federations" else changed.row["federation_id"]
            about = {"federationSettingsId": federation, name: changed.row[_COLUMNS.get(name, "id")]}
            for told in told_of(changed):
                yield from ({"type": told, "orgId": org, **about} for org in _organizations(changes, federation))
    yield from _connected(changes)


def _organizations(changes: RowChanges, federation: str) -> list[str]:
    rows = changes.view.find("connected_organizations", federation_id=federation)
    joined = [c.key[0] for c in changes.of("connected_organizations") if c.row["federation_id"] == federation]
    return sorted({*joined, *(row["org_id"] for row in rows)})


def _connected(changes: RowChanges) -> Iterator[Event]:
    for changed in changes.of("connected_organizations"):
        about = {"orgId": changed.key[0], "federationSettingsId": changed.row["federation_id"]}
        names = ("ORG_SETTINGS_CONFIGURED", "ORG_SETTINGS_UPDATED", "ORG_SETTINGS_DELETED")
        yield {"type": _step(names, changed), **about}


def _mappings(changes: RowChanges) -> Iterator[Event]:
    names = ("ROLE_MAPPING_CREATED", "ROLE_MAPPING_UPDATED", "ROLE_MAPPING_DELETED")
    for changed in changes.of("role_mappings"):
        about = {"orgId": changed.row["org_id"], "federationSettingsId": changed.row["federation_id"]}
        yield {"type": _step(names, changed), **about, "roleMappingId": changed.key[0]}


def _step(names: tuple[str, str, str], changed: RowChange) -> str:
    made, altered, ended = names
    if changed.before is None:
        return made
    return ended if changed.after is None else altered


def _federation(changed: RowChange) -> Iterator[str]:
    yield "FEDERATION_SETTINGS_CREATED" if changed.before is None else "FEDERATION_SETTINGS_DELETED"


def _provider(changed: RowChange) -> Iterator[str]:
    if changed.before is None or changed.after is None:
        yield "IDENTITY_PROVIDER_CREATED" if changed.before is None else "IDENTITY_PROVIDER_DELETED"
        return
    if differ(changed, "status"):
        is_active = changed.after["status"] == "ACTIVE"
        yield "IDENTITY_PROVIDER_ACTIVATED" if is_active else "IDENTITY_PROVIDER_DEACTIVATED"
    revoked = [json.loads(row["document"]).get(KEYS_REVOKED_AT) for row in (changed.before, changed.after)]
    yield "IDENTITY_PROVIDER_UPDATED" if revoked[0] == revoked[1] else "IDENTITY_PROVIDER_JWKS_REVOKED"


def _domain(changed: RowChange) -> Iterator[str]:
    if changed.before is None:
        yield "DOMAIN_CREATED"
    if changed.after is None:
        yield "DOMAIN_DELETED"
        return
    if differ(changed, "verified_at"):
        yield "DOMAIN_VERIFIED"
    if differ(changed, "identity_provider_id"):
        yield "DOMAINS_ASSOCIATED"


_TABLES: Final[Mapping[str, tuple[str, Callable[[RowChange], Iterator[str]]]]] = {
    "federations": ("federationSettingsId", _federation),
    "identity_providers": ("identityProviderId", _provider),
    "federation_domains": ("domain", _domain),
}
"""Of each table what its rows are called in an event, and what happened to one."""

_COLUMNS: Final[Mapping[str, str]] = {"domain": "domain"}

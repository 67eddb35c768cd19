"""Federations: founded, joined and left by organizations, and what each of them has set (rules 45, 95-101).

An organization is in at most one federation, and a federation has at least one organization: whoever owns one of them
manages it (rule 95).
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from orgward.directory import identity_providers
from orgward.directory.domains import normal_domain
from orgward.directory.ground import Change, Ground, Row, View, drop, put
from orgward.directory.mapped_roles import holders_by_mapping, recomputed, rules_of, without_provider
from orgward.directory.role_mappings import require_grantable
from orgward.directory.roles import organization_roles
from orgward.engine.authorized import Authorized
from orgward.kernel.delta import Delta
from orgward.kernel.errors import FieldFault, MalformedError, NotFoundError, RefusedError

ALLOW_LIST: Final = "domainAllowList"
DATA_PROVIDERS: Final = "dataAccessIdentityProviderIds"
DEFAULT_ROLES: Final = "postAuthRoleGrants"

_NOTHING: Final[Mapping[str, list[str]]] = {ALLOW_LIST: [], DATA_PROVIDERS: [], DEFAULT_ROLES: []}
_MOST: Final = 500


def connected_row(view: View, org: str, federation: str) -> Row:
    """Return the row of `org` in `federation`; where it is in another one, or in none, the federation is unknown."""
    row = view.get("connected_organizations", org)
    if row is None or row["federation_id"] != federation:
        raise NotFoundError("FEDERATION_NOT_FOUND", federation)
    return row


def connected_to(view: View, federation: str) -> Sequence[Row]:
    """Return the rows of the organizations in `federation`."""
    return view.find("connected_organizations", federation_id=federation)


def found(ground: Ground) -> Change:
    """Found a federation of the organization alone."""
    federation = ground.mint.id()
    _require_free(ground.view, ground.org)
    deltas = [
        put("federations", federation, id=federation, created_at=ground.now),
        _connected(ground, federation, ground.org),
    ]
    return Change(deltas, {"federation": federation}, target=federation, org_id=ground.org)


def connect(ground: Ground, federation: str, joining: Authorized) -> Change:
    """Take the organization of `joining`, the proof that its owner wants it, into the federation."""
    org = joining.resource.org or ""
    _require_free(ground.view, org)
    deltas = founded_in(ground, federation, org)
    return Change(deltas, {"federation": federation, "organization": org}, target=federation, org_id=org)


def founded_in(ground: Ground, federation: str, org: str) -> list[Delta]:
    """Return the deltas that take `org`, which is in no federation, into one that has room for it."""
    most = ground.limits.organizations_per_federation
    if ground.view.count("connected_organizations", federation_id=federation) >= most:
        raise RefusedError("FEDERATION_LIMIT_EXCEEDED", str(most), "organizations")
    return [_connected(ground, federation, org)]


def _require_free(view: View, org: str) -> None:
    if view.get("connected_organizations", org) is not None:
        raise RefusedError("ORG_ALREADY_ASSOCIATED_WITH_FEDERATION")


def _connected(ground: Ground, federation: str, org: str) -> Delta:
    return put(
        "connected_organizations", org, org_id=org, federation_id=federation, identity_provider_id=None,
        domain_restriction_enabled=False, instant_provisioning_disabled=False, document=json.dumps(_NOTHING),
        connected_at=ground.now,
    )  # fmt: skip


def configure(ground: Ground, changed: Mapping[str, Any]) -> Change:
    """Change what `changed` names of how the organization uses its federation, under the names of the wire."""
    before = ground.view.get("connected_organizations", ground.org) or {}
    document = dict(json.loads(before["document"]))
    row = dict(before)
    if "domainRestrictionEnabled" in changed:
        row["domain_restriction_enabled"] = changed["domainRestrictionEnabled"]
    if "instantUserProvisioningDisabled" in changed:
        row["instant_provisioning_disabled"] = bool(changed["instantUserProvisioningDisabled"])
    if "identityProviderId" in changed:
        row["identity_provider_id"] = _own_provider(ground, before, changed["identityProviderId"])
    readers = {ALLOW_LIST: _domains, DATA_PROVIDERS: _access_providers, DEFAULT_ROLES: _default_roles}
    for name in readers.keys() & changed.keys():
        document[name] = readers[name](ground, before, changed[name] or [])
    row["document"] = json.dumps(document, sort_keys=True)
    deltas = [put("connected_organizations", ground.org, **row)]
    deltas += recomputed(ground, rules_of(ground.view, row), holders_by_mapping(ground.view, ground.org))
    return Change(deltas, {"federation": row["federation_id"]}, target=row["federation_id"], org_id=ground.org)


def _own_provider(ground: Ground, row: Row, provider: str | None) -> str | None:
    if provider is None:
        return None
    (found_row,) = _providers(ground, row, [provider])
    if found_row["kind"] != "WORKFORCE":
        raise _invalid("identityProviderId", "is not for people")
    return str(found_row["id"])


def _providers(ground: Ground, row: Row, ids: Sequence[str]) -> list[Row]:
    """Return the rows of providers that a body names, all of this federation (attack row 5)."""
    try:
        return [identity_providers.find(ground.view, row["federation_id"], provider) for provider in ids]
    except NotFoundError as error:
        raise RefusedError("CONNECTED_ORG_CONFIG_IDP_NOT_IN_FEDERATION", *error.parameters) from None


def _access_providers(ground: Ground, row: Row, ids: Sequence[str]) -> list[str]:
    if len(ids) > _MOST:
        raise _invalid(DATA_PROVIDERS, f"has at most {_MOST} identity providers")
    rows = _providers(ground, row, ids)
    if any(found_row["protocol"] != "OIDC" for found_row in rows):
        raise _invalid(DATA_PROVIDERS, "names a provider of another protocol than OIDC")
    return list(dict.fromkeys(found_row["id"] for found_row in rows))


def _domains(ground: Ground, row: Row, texts: Sequence[str]) -> list[str]:
    if len(texts) > _MOST:
        raise _invalid(ALLOW_LIST, f"has at most {_MOST} domains")
    return sorted({normal_domain(text, ALLOW_LIST) for text in texts})


def _default_roles(ground: Ground, row: Row, names: Sequence[str]) -> list[str]:
    """Return the roles for whoever has none here, each of which the caller may hand out (rule 99, attack row 18)."""
    edition = ground.edition_of(ground.org)
    if any(name in edition.roles and edition.roles[name].scope == "project" for name in names):
        raise RefusedError("POST_AUTH_ROLE_GRANTS_MUST_CONTAIN_ORG_ROLES")
    roles = organization_roles(edition, names, ground.org) if names else []
    require_grantable(ground, [(ground.org, role) for role in roles])
    return roles


def disconnect(ground: Ground, federation: str) -> Change:
    """Take the organization out of the federation, in which another one is left (rule 101)."""
    if len(connected_to(ground.view, federation)) == 1:
        raise RefusedError("CANNOT_DISCONNECT_LAST_ORG", ground.org)
    body = {"federation": federation, "organization": ground.org}
    return Change(_left(ground, ground.org), body, target=federation, org_id=ground.org)


def delete(ground: Ground, federation: str) -> Change:
    """Delete the federation, in which one organization alone is left, with everything in it (rule 101)."""
    if len(connected_to(ground.view, federation)) > 1:
        raise RefusedError("FEDERATION_HAS_OTHER_ORGS", federation)
    deltas = [*_left(ground, ground.org), *_dissolved(ground.view, federation)]
    return Change(deltas, {"federation": federation}, target=federation, org_id=ground.org)


def _left(ground: Ground, org: str) -> list[Delta]:
    rules = without_provider(rules_of(ground.view, ground.view.get("connected_organizations", org) or {}))
    return [*recomputed(ground, rules, holders_by_mapping(ground.view, org)), *_disconnected(ground.view, org)]


def _disconnected(view: View, org: str) -> list[Delta]:
    deltas = [drop("role_mappings", key) for (key,) in view.keys("role_mappings", org_id=org)]
    deltas += [drop("workload_identities", key) for (key,) in view.keys("workload_identities", org_id=org)]
    return [*deltas, drop("connected_organizations", org)]


def _dissolved(view: View, federation: str) -> list[Delta]:
    providers = [row["id"] for row in identity_providers.of_federation(view, federation)]
    deltas = [delta for provider in providers for delta in identity_providers.without(view, provider)]
    named = view.keys("federation_domains", federation_id=federation)
    return [*deltas, *(drop("federation_domains", *key) for key in named), drop("federations", federation)]


def forgotten(view: View, org: str) -> list[Delta]:
    """Return the deltas after which an organization that is deleted is in no federation; the last one takes it along.

    Its roles and memberships end by themselves.
    """
    row = view.get("connected_organizations", org)
    if row is None:
        return []
    others = [found_row for found_row in connected_to(view, row["federation_id"]) if found_row["org_id"] != org]
    return [*_disconnected(view, org), *([] if others else _dissolved(view, row["federation_id"]))]


def _invalid(name: str, problem: str) -> MalformedError:
    return MalformedError("INVALID_ATTRIBUTE", name, fields=[FieldFault(name, problem)])

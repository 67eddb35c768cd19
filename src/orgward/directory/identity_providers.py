"""Identity providers of a federation: made, changed, deleted (rules 95, 97; attack rows 5 and 28).

Somebody is known by the provider and what it calls them, never by an address. So where a provider becomes another one,
with another issuer or another claim that names people, everybody whom it had named is forgotten.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

import regex

from orgward.directory import domains
from orgward.directory.ground import Change, Ground, Row, View, drop, put
from orgward.directory.mapped_roles import (
    Rules,
    holders_by_mapping,
    recomputed,
    rules_of,
    without_mappings,
    without_provider,
)
from orgward.directory.sessions import ended_by_provider
from orgward.kernel.delta import Delta
from orgward.kernel.errors import FieldFault, MalformedError, NotFoundError, RefusedError

CLIENT_SECRET: Final = "client_secret"  # noqa: S105 - the kind of a credential
KEYS_REVOKED_AT: Final = "keysRevokedAt"
"""The member of a document that says since when keys fetched before are not to be used."""

_COLUMNS: Final[Mapping[str, str]] = {"issuerUri": "issuer", "displayName": "display_name", "status": "status"}
_FIXED: Final[Mapping[str, str]] = {"protocol": "protocol", "idpType": "kind"}
_IDENTIFYING: Final = ("issuerUri", "userClaim")
_OIDC: Final = frozenset({"audience", "authorizationType", "groupsClaim", "userClaim"})
_OIDC_WORKFORCE: Final = _OIDC | {"clientId", "requestedScopes"}
_SAML: Final = frozenset(
    {"pemFileInfo", "requestBinding", "responseSignatureAlgorithm", "slug", "ssoDebugEnabled", "ssoUrl"}
)
_LEGACY_LENGTH: Final = 20
_HOST: Final = regex.compile(r"(?:[a-zA-Z0-9._-]+|\[[0-9a-fA-F:.]+\])(?::[0-9]{1,5})?")

Document = Mapping[str, Any]
"""What is said of a provider, under the names of the wire; what is not named stays as it is."""


def find(view: View, federation: str, provider: str) -> Row:
    """Return the row of a provider of `federation`, by its id or its shorter one; any other one is not found."""
    row = view.get("identity_providers", provider)
    if row is None and len(provider) == _LEGACY_LENGTH:
        row = next(iter(view.find("identity_providers", legacy_id=provider)), None)
    if row is None or row["federation_id"] != federation:
        raise NotFoundError("IDENTITY_PROVIDER_DOES_NOT_EXIST", provider)
    return row


def of_federation(view: View, federation: str) -> Sequence[Row]:
    """Return the rows of the providers of `federation`."""
    return view.find("identity_providers", federation_id=federation)


def used_by(view: View, provider: str | None) -> list[str]:
    """Return the organizations whose people are signed in by `provider`, or whose programs act by it."""
    if provider is None:
        return []
    tables = ("connected_organizations", "workload_identities")
    return sorted({row["org_id"] for table in tables for row in view.find(table, identity_provider_id=provider)})


def secret_context(provider: str) -> str:
    """Return the context in which the client secret of `provider` is sealed."""
    return f"{CLIENT_SECRET} {provider}"


def authorization_type(document: Document) -> str:
    """Return whether the groups of people decide what they get, or who they are alone."""
    return str(document.get("authorizationType") or ("GROUP" if document.get("groupsClaim") else "USER"))


def create(ground: Ground, federation: str, described: Document) -> Change:
    """Make a provider; one of OIDC may be used at once, one of SAML once it is switched on."""
    most, view = ground.limits.identity_providers_per_federation, ground.view
    if view.count("identity_providers", federation_id=federation) >= most:
        raise RefusedError("FEDERATION_LIMIT_EXCEEDED", str(most), "identity providers")
    provider = ground.mint.id()
    protocol, kind = described.get("protocol") or "OIDC", described.get("idpType") or "WORKFORCE"
    empty = {
        "id": provider, "legacy_id": provider[-_LEGACY_LENGTH:], "federation_id": federation, "protocol": protocol,
        "kind": kind, "status": "ACTIVE" if protocol == "OIDC" else "INACTIVE", "issuer": "", "display_name": "",
        "document": "{}", "created_at": ground.now, "updated_at": None,
    }  # fmt: skip
    row = _described(ground, empty, described)
    deltas = [put("identity_providers", provider, **row), *_domains(ground, row, described)]
    return Change(deltas, {"identityProvider": provider}, target=provider, org_id=ground.org)


def update(ground: Ground, row: Row, described: Document) -> Change:
    """Change what `described` names of the provider `row`."""
    provider = row["id"]
    changed = {**_described(ground, row, described), "updated_at": ground.now}
    deltas = [put("identity_providers", provider, **changed), *_domains(ground, row, described)]
    deltas += _ended(ground, row, changed)
    return Change(deltas, {"identityProvider": provider}, target=provider, org_id=ground.org)


def _ended(ground: Ground, before: Row, after: Row) -> list[Delta]:
    """Return the deltas that end what a provider has said where it is another one now, off, or silent on groups."""
    view, provider = ground.view, before["id"]
    if _names_others(before, after):
        deltas = [*_forgotten(view, provider), *_without_secret(view, provider), *_without_workloads(view, provider)]
        return deltas + _taken_away(ground, provider)
    deltas = ended_by_provider(view, provider) if after["status"] != before["status"] else []
    if _names_groups(before) and not _names_groups(after):
        deltas += [*_groups_forgotten(view, provider), *_taken_away(ground, provider, without_mappings)]
    return deltas


def delete(ground: Ground, row: Row) -> Change:
    """Delete the provider: whoever held a role by it loses it, and nobody is known by it any more."""
    provider = row["id"]
    deltas = [*_taken_away(ground, provider), *without(ground.view, provider)]
    for connected in ground.view.find("connected_organizations", federation_id=row["federation_id"]):
        deltas += _released(connected, provider)
    body = {"identityProvider": provider}
    return Change(deltas, body, target=provider, org_id=ground.org)


def revoke_keys(ground: Ground, row: Row) -> Change:
    """Mark that keys of the provider which were fetched until now are not to be used any more."""
    document = {**json.loads(row["document"]), KEYS_REVOKED_AT: ground.now}
    deltas = [put("identity_providers", row["id"], **{**row, "document": json.dumps(document)})]
    return Change(deltas, {"identityProvider": row["id"]}, target=row["id"], org_id=ground.org)


def set_client_secret(ground: Ground, row: Row, sealed: str) -> Change:
    """Keep the secret, sealed, with which this service proves itself to the provider; nobody reads it back."""
    if row["protocol"] != "OIDC":
        raise RefusedError("IDENTITY_PROVIDER_HAS_NO_CLIENT", row["id"])
    kept = put(
        "credentials", row["id"], CLIENT_SECRET,
        owner_id=row["id"], kind=CLIENT_SECRET, secret=sealed, salt=ground.mint.salt(),
    )  # fmt: skip
    return Change([kept], {"identityProvider": row["id"]}, target=row["id"], org_id=ground.org)


def without(view: View, provider: str) -> list[Delta]:
    """Return the deltas after which the provider is gone, with whom it named, its secret and its domains."""
    deltas = [*_forgotten(view, provider), *_without_secret(view, provider)]
    deltas += [
        put("federation_domains", row["federation_id"], row["domain"], **{**row, "identity_provider_id": None})
        for row in view.find("federation_domains", identity_provider_id=provider)
    ]
    return [*deltas, *_without_workloads(view, provider), drop("identity_providers", provider)]


def _without_workloads(view: View, provider: str) -> list[Delta]:
    named = view.keys("workload_identities", identity_provider_id=provider)
    return [drop("workload_identities", key) for (key,) in named]


def forgotten_person(view: View, user: str) -> list[Delta]:
    """Return the deltas after which no provider is known to have named `user`."""
    rows = view.find("federated_identities", user_id=user)
    deltas = [drop("federated_identities", row["identity_provider_id"], row["subject_hash"]) for row in rows]
    return deltas + [drop("identity_groups", *key) for key in view.keys("identity_groups", user_id=user)]


def _forgotten(view: View, provider: str) -> list[Delta]:
    named = [
        drop("federated_identities", *key) for key in view.keys("federated_identities", identity_provider_id=provider)
    ]
    return [*named, *_groups_forgotten(view, provider), *ended_by_provider(view, provider)]


def _groups_forgotten(view: View, provider: str) -> list[Delta]:
    return [drop("identity_groups", *key) for key in view.keys("identity_groups", identity_provider_id=provider)]


def _without_secret(view: View, provider: str) -> list[Delta]:
    is_there = view.get("credentials", provider, CLIENT_SECRET) is not None
    return [drop("credentials", provider, CLIENT_SECRET)] if is_there else []


def _taken_away(ground: Ground, provider: str, left: Callable[[Rules], Rules] = without_provider) -> list[Delta]:
    """Return the deltas after which people hold what is `left` of the rules of organizations that use `provider`."""
    deltas: list[Delta] = []
    for connected in ground.view.find("connected_organizations", identity_provider_id=provider):
        rules = left(rules_of(ground.view, connected))
        deltas += recomputed(ground, rules, holders_by_mapping(ground.view, rules.org))
    return deltas


def _released(connected: Row, provider: str) -> list[Delta]:
    """Return the deltas after which the connected organization names `provider` nowhere."""
    document = json.loads(connected["document"])
    ids = document["dataAccessIdentityProviderIds"]
    if provider != connected["identity_provider_id"] and provider not in ids:
        return []
    document["dataAccessIdentityProviderIds"] = [id_ for id_ in ids if id_ != provider]
    own = connected["identity_provider_id"]
    row = {**connected, "document": json.dumps(document), "identity_provider_id": None if own == provider else own}
    return [put("connected_organizations", connected["org_id"], **row)]


def _names_others(before: Row, after: Row) -> bool:
    claims = [json.loads(row["document"]).get("userClaim") for row in (before, after)]
    return bool(before["issuer"] != after["issuer"] or claims[0] != claims[1])


def _names_groups(row: Row) -> bool:
    return authorization_type(json.loads(row["document"])) == "GROUP"


def _domains(ground: Ground, row: Row, described: Document) -> list[Delta]:
    if "associatedDomains" not in described:
        return []
    if row["kind"] == "WORKLOAD":
        raise _invalid("associatedDomains", "is not for workloads")
    return domains.associated(ground, row["federation_id"], row["id"], described["associatedDomains"] or ())


def _described(ground: Ground, row: Row, described: Document) -> Row:
    """Return `row` with what `described` names, if it is of the protocol and whole."""
    known = _SAML if row["protocol"] == "SAML" else _OIDC_WORKFORCE if row["kind"] == "WORKFORCE" else _OIDC
    document = dict(json.loads(row["document"]))
    changed = dict(row)
    for name, value in described.items():
        if name in _FIXED:
            if value != row[_FIXED[name]]:
                raise _invalid(name, "can't be changed")
        elif name in _COLUMNS:
            changed[_COLUMNS[name]] = value
        elif name in known or name == "description":
            document[name] = value
        elif name != "associatedDomains" and value is not None:
            raise _invalid(name, f"is not for {row['protocol']} {row['kind']}")
    found = {**changed, "document": json.dumps({n: v for n, v in sorted(document.items()) if v is not None})}
    _check_whole(found)
    _require_new(ground.view, found)
    return found


def _check_whole(row: Row) -> None:
    document = json.loads(row["document"])
    required = {"displayName": row["display_name"], "issuerUri": row["issuer"]}
    if row["protocol"] == "OIDC":
        name = "clientId" if row["kind"] == "WORKFORCE" else "audience"
        required[name] = document.get(name)
        if document.get("authorizationType") == "GROUP":
            required["groupsClaim"] = document.get("groupsClaim")
        _check_issuer(row["issuer"])
    elif row["kind"] != "WORKFORCE":
        raise _invalid("idpType", "is WORKFORCE for SAML")
    missing = [name for name, value in required.items() if not value]
    if missing:
        raise MalformedError("MISSING_ATTRIBUTE", missing[0], fields=[FieldFault(n, "is required") for n in missing])


def _check_issuer(issuer: str) -> None:
    """Raise unless it is an address with a host and nothing after its path (OpenID Connect Discovery, 3)."""
    if issuer and not _is_address(issuer):
        raise _invalid("issuerUri", "is no address of an issuer")


def _is_address(text: str) -> bool:
    if not (text.isascii() and text.isprintable()) or set(text) & set(" ?#\\"):
        return False
    try:
        parts = urlsplit(text)
        # Reading a port raises if there is none of that number.
        return parts.scheme in {"https", "http"} and bool(_HOST.fullmatch(parts.netloc)) and parts.port != 0
    except ValueError:
        return False


def _require_new(view: View, row: Row) -> None:
    """Raise if the federation has the same provider already, for the same audience."""

    def same(other: Row) -> tuple[str, ...]:
        document = json.loads(other["document"])
        return other["protocol"], other["kind"], other["issuer"], document.get("clientId"), document.get("audience")

    others = of_federation(view, row["federation_id"])
    if any(other["id"] != row["id"] and same(other) == same(row) for other in others):
        raise RefusedError("IDENTITY_PROVIDER_ALREADY_ASSOCIATED_WITH_FEDERATION")


def _invalid(name: str, problem: str) -> MalformedError:
    return MalformedError("INVALID_ATTRIBUTE", name, fields=[FieldFault(name, problem)])
